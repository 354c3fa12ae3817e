package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/useragent"
	"github.com/cenote-id/cenote/internal/userpool"
)

// seen says from where and with what the request of ctx came, for people who
// look at where they are signed in.
func seen(ctx context.Context) (address, device string) {
	r := awsapi.RequestFrom(ctx)
	if r.SourceIP.IsValid() {
		address = r.SourceIP.String()
	}
	return address, useragent.Describe(r.UserAgent)
}

// keep keeps a new session, in ctx's transaction. In a pool that keeps count
// of sessions, those that are one too many by it end.
func (s *Service) keep(ctx context.Context, a App, session *token.Session) error {
	if err := s.sessions.Save(ctx, session); err != nil || !a.Pool.Sessions.Tracked {
		return err
	}
	return s.sessions.Trim(ctx, session.Pool, session.Sub, a.Pool.Sessions.Limit())
}

// used notes that a session is being used, where the pool keeps count.
func (s *Service) used(ctx context.Context, a App, session *token.Session) error {
	if !a.Pool.Sessions.Tracked {
		return nil
	}
	address, device := seen(ctx)
	return s.sessions.Touch(ctx, session, address, device)
}

// Sessions lists where a user is signed in, the most recently used session
// first.
func (s *Service) Sessions(ctx context.Context, p *userpool.Pool, u *user.User) ([]*token.Session, error) {
	if !p.Sessions.Tracked {
		return nil, userpool.ErrNotTracked
	}
	return s.sessions.List(ctx, p.ID, u.Sub)
}

// EndSession ends one session of a user, by its public id; token.ErrNoSession
// if the user has no such session.
func (s *Service) EndSession(ctx context.Context, p *userpool.Pool, u *user.User, publicID string) error {
	if !p.Sessions.Tracked {
		return userpool.ErrNotTracked
	}
	return s.sessions.EndOne(ctx, p.ID, u.Sub, publicID)
}
