package credential

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
)

const (
	ownSessionDuration  = 12 * time.Hour
	rootSessionDuration = time.Hour
)

// SessionTokenRequest asks for temporary credentials of the caller's own.
type SessionTokenRequest struct {
	Duration     time.Duration // 0: twelve hours
	SerialNumber string        // of an MFA device
	TokenCode    string
	TokenSize    int64 // least length of the session token in characters; 0 for whatever it takes
}

// GetSessionToken gives a user temporary credentials of the user's own. Only
// long-term keys may ask.
func (s *Service) GetSessionToken(ctx context.Context, in SessionTokenRequest) (Credentials, error) {
	if err := checkTokenSize(in.TokenSize); err != nil {
		return Credentials{}, err
	}
	caller := &awsapi.RequestFrom(ctx).Caller
	if caller.Session != nil {
		return Credentials{}, awsapi.AccessDenied.New("%s", msgSessionCallsSessionToken)
	}
	mfa, err := s.checkMFA(ctx, caller, in.SerialNumber, in.TokenCode)
	if err != nil {
		return Credentials{}, err
	}
	r := record{kind: caller.Kind, account: caller.Account, name: caller.Name, entityID: caller.EntityID}
	if caller.Kind != awsapi.Root {
		user, err := s.cfg.Directory.Principal(ctx, caller.Account, caller.EntityID)
		if err != nil {
			return Credentials{}, err
		}
		r.path = user.Path
	}
	r.session.IssuedAt = s.now()
	r.session.ExpiresAt = r.session.IssuedAt.Add(ownDuration(caller, in.Duration))
	if mfa {
		r.session.MFAAuthenticated, r.session.MFAAt = true, r.session.IssuedAt
	}
	c, _, err := mint(s.cfg.Ring, &r, in.TokenSize)
	return c, err
}

// ownDuration is how long a session lasts that a user asks for in the user's
// own name. A root user gets no more than an hour, however much is asked.
func ownDuration(caller *awsapi.Caller, asked time.Duration) time.Duration {
	if asked == 0 {
		asked = ownSessionDuration
	}
	if caller.Kind == awsapi.Root {
		asked = min(asked, rootSessionDuration)
	}
	return asked
}

// AccountOf returns the account that an access key id belongs to, which its
// letters tell; the key need not exist.
func AccountOf(accessKeyID string) (string, error) {
	id, ok := account.OfAccessKey(accessKeyID)
	if !ok {
		return "", invalid(msgNotAKey, accessKeyID)
	}
	return id, nil
}
