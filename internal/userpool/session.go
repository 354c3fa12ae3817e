package userpool

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Sessions is what a pool says of its users' sessions. The zero value keeps no
// count of them. That this is the default is UNCONFIRMED.
type Sessions struct {
	Tracked    bool
	MaxPerUser int // with each sign-in beyond it the least recently used one ends
}

// ClientSessions is what a client says of sessions of the managed login.
type ClientSessions struct {
	SSOMinutes *int64 // for how long one serves without a password; nil for the default
}

const (
	defaultMaxPerUser = 20
	maxPerUser        = 100
	defaultSSOMinutes = 60
	maxSSOMinutes     = 129_600 // 90 days
)

// Sentences that are UNCONFIRMED.
var (
	errMaxPerUser   = cognitoidp.InvalidParameterException("TokenSession.MaxPerUser must be between 1 and %d.", maxPerUser)
	errSSOMinutes   = cognitoidp.InvalidParameterException("SSOSession.MaxValidityMinutes must be between 0 and %d.", maxSSOMinutes)
	errSessionsTier = cognitoidp.FeatureUnavailableInTierException("User sessions are not available in the LITE pricing tier.")

	// ErrNotTracked is the answer about sessions where the pool keeps no count
	// of them.
	ErrNotTracked = cognitoidp.OperationNotEnabledException("User session tracking is not enabled for the user pool.")
)

// Limit is how many sessions a user may have.
func (s Sessions) Limit() int {
	if s.MaxPerUser == 0 {
		return defaultMaxPerUser
	}
	return s.MaxPerUser
}

// Tracking is Tracked as the API says it.
func (s Sessions) Tracking() *cognitoidp.UserSessionTrackingType {
	if s.Tracked {
		return new(cognitoidp.UserSessionTrackingTypeEnabled)
	}
	return new(cognitoidp.UserSessionTrackingTypeDisabled)
}

// Minutes is for how long a session of the managed login serves.
func (s ClientSessions) Minutes() int64 {
	if s.SSOMinutes == nil {
		return defaultSSOMinutes
	}
	return *s.SSOMinutes
}

// SetSessions replaces what a pool says of sessions.
func (s *Service) SetSessions(ctx context.Context, owner Owner, in *cognitoidp.SetUserPoolSessionConfigurationRequest) (*Pool, error) {
	limit := awsapi.Value(in.TokenSession.MaxPerUser)
	if limit < 1 || limit > maxPerUser {
		return nil, errMaxPerUser
	}
	now := s.now()
	var changed *Pool
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		old, err := s.Pool(ctx, owner, *in.UserPoolId)
		if err != nil {
			return err
		}
		if old.Tier() == cognitoidp.UserPoolTierTypeLite {
			return errSessionsTier
		}
		p := *old
		p.Sessions = Sessions{Tracked: *in.UserSessionTracking == cognitoidp.UserSessionTrackingTypeEnabled, MaxPerUser: int(limit)}
		p.ModifiedAt, changed = now, &p
		return s.store.UpdatePool(ctx, &p)
	})
	if err != nil {
		return nil, fmt.Errorf("set sessions of %s: %w", *in.UserPoolId, err)
	}
	return changed, nil
}

// SetClientSessions replaces what a client says of sessions.
func (s *Service) SetClientSessions(ctx context.Context, owner Owner, in *cognitoidp.SetUserPoolClientSessionConfigurationRequest) (*Client, error) {
	minutes := in.SSOSession.MaxValidityMinutes
	if n := awsapi.Value(minutes); n < 0 || n > maxSSOMinutes {
		return nil, errSSOMinutes
	}
	now := s.now()
	var changed *Client
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, *in.UserPoolId)
		if err != nil {
			return err
		}
		old, err := s.Client(ctx, p, *in.ClientId)
		switch {
		case err != nil:
			return err
		case p.Tier() == cognitoidp.UserPoolTierTypeLite:
			return errSessionsTier
		case !p.Sessions.Tracked:
			return ErrNotTracked
		}
		c := *old
		c.Sessions = ClientSessions{SSOMinutes: minutes}
		c.ModifiedAt, changed = now, &c
		return s.clients.UpdateClient(ctx, &c)
	})
	if err != nil {
		return nil, fmt.Errorf("set sessions of a client of %s: %w", *in.UserPoolId, err)
	}
	return changed, nil
}
