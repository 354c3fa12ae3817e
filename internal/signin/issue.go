package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// proven goes on once the first factor is proven. to is the state that the
// answer was to, nil if there was none.
func (s *Service) proven(ctx context.Context, a App, u *user.User, to *state) (*Result, error) {
	refused := standing(u)
	switch {
	case refused != nil:
	case u.Status == user.Unconfirmed:
		refused = errNotConfirmed
	case u.Status == user.ForceChangePassword && s.users.TemporaryPasswordExpired(a.Pool, u):
		refused = errTemporaryExpired
	case u.Status == user.ForceChangePassword:
		return s.askNewPassword(ctx, a, u, to)
	default:
		return s.issue(ctx, a, u, u, to)
	}
	if err := s.admitOnly(ctx, a, u, to); err != nil {
		return nil, err
	}
	return nil, refused
}

// admitOnly is admit where no tokens follow yet.
func (s *Service) admitOnly(ctx context.Context, a App, u *user.User, to *state) error {
	return s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, a, u, to)
		return err
	})
}

// admit lets u's right answer count, in ctx's transaction: the state is spent,
// the account read again. It refuses if the account has changed in a way that
// makes the answer a wrong one.
func (s *Service) admit(ctx context.Context, a App, u *user.User, to *state) (*user.User, error) {
	if to != nil {
		if err := s.spend(ctx, a, *to); err != nil {
			return nil, err
		}
	}
	current, err := s.users.Admit(ctx, u)
	switch {
	case errors.Is(err, user.ErrNotFound):
		return nil, errIncorrect
	case err != nil:
		return nil, err
	case current.Status != u.Status, current.Credential == nil, !current.Credential.Stored.Equal(u.Credential.Stored):
		return nil, errIncorrect
	case u.Enabled && !current.Enabled:
		return nil, errDisabled
	}
	return current, nil
}

// issue makes the tokens of u and begins their session. next is u as it will
// be from now on, which is stored with the session; it is u itself where
// nothing changes.
func (s *Service) issue(ctx context.Context, a App, u, next *user.User, to *state) (*Result, error) {
	session, refresh := s.sessions.New(token.NewSession{
		Pool: a.Pool.ID, Region: a.Pool.Region, Client: a.Client.ID, Sub: u.Sub, Username: u.Username,
		AuthTime: s.now(), EventID: secretbox.UUID(), Life: a.Client.RefreshTokenLife(),
	})
	grant, err := s.grant(ctx, a, next, session)
	if err != nil {
		return nil, err
	}
	tokens, err := s.keys.Mint(ctx, grant)
	if err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(ctx context.Context) error {
		current, err := s.admit(ctx, a, u, to)
		if err != nil {
			return err
		}
		if next != u {
			if !current.ModifiedAt.Equal(u.ModifiedAt) {
				return errSession // next was made of what is not there any more
			}
			if err := s.users.Store(ctx, a.Pool, current, next); err != nil {
				return err
			}
		}
		return s.sessions.Save(ctx, session)
	})
	if err != nil {
		return nil, err
	}
	return &Result{Tokens: &Tokens{Tokens: *tokens, Refresh: refresh}}, nil
}

// grant says what the tokens of a session tell about u as it is now.
func (s *Service) grant(ctx context.Context, a App, u *user.User, session *token.Session) (*token.Grant, error) {
	groups, err := s.users.Standing(ctx, u)
	if err != nil {
		return nil, err
	}
	g := &token.Grant{
		Pool: a.Pool.ID, Issuer: s.issuer(a.Pool), Client: a.Client.ID, Sub: u.Sub, Username: u.Username,
		EventID: session.EventID, AuthTime: session.AuthTime, Scope: session.Scope, DeviceKey: session.DeviceKey,
		Groups: groups.Groups, Roles: groups.Roles, PreferredRole: groups.PreferredRole,
		IDLife: a.Client.IDTokenLife(), AccessLife: a.Client.AccessTokenLife(),
	}
	if a.Client.Revokes() {
		g.OriginJTI = session.ID
	}
	for _, x := range u.Attributes {
		if a.Client.MayRead(x.Name) {
			g.Attributes = append(g.Attributes, token.Attribute{Name: x.Name, Value: x.Value})
		}
	}
	return g, nil
}
