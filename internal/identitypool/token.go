package identitypool

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// openIDTokenLife is how long a token of GetOpenIdToken is good (API
// reference).
const openIDTokenLife = 10 * time.Minute

// TokenRequest is a call of GetOpenIdToken.
type TokenRequest struct {
	Region     string // where the call arrived
	IdentityID string
	Logins     map[string]string
}

// GetOpenIDToken returns a token that proves an identity to STS, or to
// anybody who trusts this deployment's identity issuer.
func (s *Service) GetOpenIDToken(ctx context.Context, r TokenRequest) (identityID, token string, err error) {
	named, p, err := s.identity(ctx, r.Region, r.IdentityID)
	if err != nil {
		return "", "", err
	}
	if p.AllowClassicFlow != nil && !*p.AllowClassicFlow {
		return "", "", invalid(textClassicDisabled)
	}
	if len(p.RoleMappings) > 0 {
		return "", "", invalid(textClassicMappings)
	}
	for key := range r.Logins {
		if slices.Contains(p.SAMLProviders, key) {
			return "", "", invalid(textClassicSAML)
		}
	}
	e, err := s.enter(ctx, p, named, r.Logins)
	if err != nil {
		return "", "", err
	}
	token, err = s.sign(ctx, e, e.bounded(s.Now(), openIDTokenLife))
	return e.identity.ID, token, err
}

// tokenClaims is an identity token's payload, in the service's order.
type tokenClaims struct {
	Subject  string     `json:"sub"`
	Audience string     `json:"aud"`
	AMR      []string   `json:"amr"`
	Issuer   string     `json:"iss"`
	PoolARN  string     `json:"https://cognito-identity.amazonaws.com/identity-pool-arn"`
	Tags     *tokenTags `json:"https://aws.amazon.com/tags,omitempty"` // claimTags
	Expiry   int64      `json:"exp"`
	IssuedAt int64      `json:"iat"`
}

// bounded is how long a token for whoever came in may be good: no longer than
// the word that let them in, or tokens could renew each other for ever.
func (e *entry) bounded(now time.Time, life time.Duration) time.Duration {
	for _, pr := range e.proofs {
		if pr.until != 0 {
			life = min(life, time.Duration(pr.until-now.Unix())*time.Second)
		}
	}
	return life
}

// claimTags is the claim that carries session tags.
const claimTags = "https://aws.amazon.com/tags"

type tokenTags struct {
	Principal map[string][]string `json:"principal_tags"`
}

func (s *Service) sign(ctx context.Context, e *entry, life time.Duration) (string, error) {
	now := s.Now()
	c := tokenClaims{
		Subject: e.identity.ID, Audience: e.pool.ID, AMR: e.amr(), Issuer: s.Issuer, PoolARN: e.pool.ARN(),
		Expiry: now.Add(life).Unix(), IssuedAt: now.Unix(),
	}
	if tags := e.tags(); len(tags) > 0 {
		c.Tags = &tokenTags{Principal: map[string][]string{}}
		for k, v := range tags {
			c.Tags.Principal[k] = []string{v}
		}
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode identity token: %w", err)
	}
	return s.Signer.SignIdentityToken(ctx, payload)
}
