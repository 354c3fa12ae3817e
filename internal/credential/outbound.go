package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Outbound is the issuer under which an account vouches for its principals.
type Outbound interface {
	// Issuer returns URL and id of an account's issuer, and IAM's
	// FeatureDisabledException where it has none.
	Issuer(ctx context.Context, account string) (url, id string, err error)
	// SignOutbound makes a token of that issuer.
	SignOutbound(ctx context.Context, issuer, algorithm string, payload []byte) (string, error)
}

// Web identity tokens; the algorithms and the limits are the API's.
const (
	AlgorithmRSA = "RS256"
	AlgorithmEC  = "ES384"

	// DefaultWebToken is how long a token lasts for which nothing was asked.
	DefaultWebToken = 5 * time.Minute

	// maxPayload bounds the claims of a token in bytes. UNCONFIRMED.
	maxPayload = 8 << 10
)

// WebTokenRequest asks for a token that tells outside parties who the caller is.
type WebTokenRequest struct {
	Audience  []string
	Algorithm string
	Duration  time.Duration // 0: DefaultWebToken
	Tags      []Tag
}

// WebToken is such a token.
type WebToken struct {
	Token      string
	Expiration time.Time
}

// webClaims are the claims of a token, in the order of the guide's example.
type webClaims struct {
	Issuer   string      `json:"iss"`
	Audience oneOrSome   `json:"aud"`
	Subject  string      `json:"sub"`
	IssuedAt int64       `json:"iat"`
	Expires  int64       `json:"exp"`
	ID       string      `json:"jti"`
	Own      ownWebClaim `json:"https://sts.amazonaws.com/"` // what is AWS's own (IAM user guide, "Understanding token claims")
}

type ownWebClaim struct {
	Account       string            `json:"aws_account"`
	Region        string            `json:"source_region"`
	PrincipalID   string            `json:"principal_id"`
	PrincipalTags map[string]string `json:"principal_tags,omitempty"`
	Provider      string            `json:"federated_provider,omitempty"`
	SessionEnds   string            `json:"original_session_exp,omitempty"`
	RequestTags   map[string]string `json:"request_tags,omitempty"`
}

// oneOrSome is written as a text where there is one.
type oneOrSome []string

// MarshalJSON implements json.Marshaler.
func (o oneOrSome) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]string(o))
}

// GetWebIdentityToken makes a token in which the caller's account vouches for
// the caller. The caller's permission has been checked. A token never outlives
// the session that asks for it.
func (s *Service) GetWebIdentityToken(ctx context.Context, in WebTokenRequest) (WebToken, error) {
	r := awsapi.RequestFrom(ctx)
	if in.Algorithm != AlgorithmRSA && in.Algorithm != AlgorithmEC {
		return WebToken{}, invalid(msgBadAlgorithm, in.Algorithm)
	}
	if _, err := newSessionTags(in.Tags, nil, nil); err != nil {
		return WebToken{}, err
	}
	if s.cfg.Outbound == nil {
		return WebToken{}, sts.OutboundWebIdentityFederationDisabledException("%s", msgNoOutbound)
	}
	url, id, err := s.cfg.Outbound.Issuer(ctx, r.Caller.Account)
	if errors.Is(err, iam.FeatureDisabledException("")) {
		return WebToken{}, sts.OutboundWebIdentityFederationDisabledException("%s", msgNoOutbound)
	} else if err != nil {
		return WebToken{}, fmt.Errorf("outbound issuer: %w", err)
	}
	if in.Duration == 0 {
		in.Duration = DefaultWebToken
	}
	now := s.now()
	expires := now.Add(in.Duration)
	if session := r.Caller.Session; session != nil && expires.After(session.ExpiresAt) {
		return WebToken{}, sts.SessionDurationEscalationException("%s", msgOutlives)
	}
	own, err := s.ownWebClaims(ctx, r, in.Tags)
	if err != nil {
		return WebToken{}, err
	}
	payload, err := json.Marshal(webClaims{
		Issuer: url, Audience: slices.Clone(in.Audience), Subject: r.Caller.PrincipalARN,
		IssuedAt: now.Unix(), Expires: expires.Unix(), ID: secretbox.UUID(), Own: own,
	})
	if err != nil {
		return WebToken{}, fmt.Errorf("encode claims: %w", err)
	}
	if len(payload) > maxPayload {
		return WebToken{}, sts.JWTPayloadSizeExceededException(msgPayloadLength, len(payload), maxPayload)
	}
	token, err := s.cfg.Outbound.SignOutbound(ctx, id, in.Algorithm, payload)
	if err != nil {
		return WebToken{}, fmt.Errorf("sign web identity token: %w", err)
	}
	return WebToken{token, expires}, nil
}

func (s *Service) ownWebClaims(ctx context.Context, r *awsapi.Request, tags []Tag) (ownWebClaim, error) {
	own := ownWebClaim{Account: r.Caller.Account, Region: r.Region, PrincipalID: r.Caller.PrincipalARN}
	own.PrincipalTags = map[string]string{}
	if r.Caller.EntityID != "" {
		p, err := s.cfg.Directory.Principal(ctx, r.Caller.Account, r.Caller.EntityID)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return own, fmt.Errorf("load principal: %w", err)
		}
		if err == nil {
			for _, t := range p.Tags {
				own.PrincipalTags[t.Key] = t.Value
			}
		}
	}
	if session := r.Caller.Session; session != nil {
		for key, value := range session.Tags {
			for old := range own.PrincipalTags {
				if strings.EqualFold(old, key) {
					delete(own.PrincipalTags, old) // session tags stand in front, whatever their case
				}
			}
			own.PrincipalTags[key] = value
		}
		own.Provider = session.FederatedProvider
		own.SessionEnds = session.ExpiresAt.UTC().Format(time.RFC3339)
	}
	if len(tags) > 0 {
		own.RequestTags = make(map[string]string, len(tags))
		for _, t := range tags {
			own.RequestTags[t.Key] = t.Value
		}
	}
	return own, nil
}
