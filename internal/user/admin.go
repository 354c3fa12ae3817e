package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// SetEnabled lets a user act, or stops them. What was signed in when a user is
// stopped stays signed out for good.
func (s *Service) SetEnabled(ctx context.Context, p *userpool.Pool, username string, enabled bool) error {
	return s.change(ctx, p, username, func(ctx context.Context, u *User) error {
		u.Enabled = enabled
		if enabled {
			return nil
		}
		return s.sessions.SignOut(ctx, u.Pool, u.Region, u.Sub)
	})
}

// Delete removes a user and everything that is theirs.
func (s *Service) Delete(ctx context.Context, p *userpool.Pool, username string) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, username)
		if err != nil {
			return err
		}
		if err := s.sessions.DeleteUser(ctx, u.Pool, u.Sub); err != nil {
			return err
		}
		for _, purpose := range purposes {
			if err := s.codes.DeleteCode(ctx, u.Pool, u.Sub, purpose); err != nil {
				return err
			}
		}
		return s.users.DeleteUser(ctx, u, without(Aliases(p, u.Attributes), nil))
	})
}

// SignOut ends every session of a user.
func (s *Service) SignOut(ctx context.Context, p *userpool.Pool, username string) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, username)
		if err != nil {
			return err
		}
		return s.sessions.SignOut(ctx, u.Pool, u.Region, u.Sub)
	})
}
