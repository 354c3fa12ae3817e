package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// byPassword is the flow of a plain password.
func (s *Service) byPassword(ctx context.Context, r Start) (*Result, error) {
	values, err := need(r.Parameters, parUsername, parPassword)
	if err != nil {
		return nil, err
	}
	name, plain := values[0], values[1]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Parameters, parSecretHash)); err != nil {
		return nil, err
	}
	who, err := s.findOrMigrate(ctx, r.App, user.Migration{Username: name, Password: &plain, Validation: r.Validation})
	if err != nil {
		return nil, err
	}
	if err := s.admissible(ctx, r.App, who); err != nil {
		return nil, err
	}
	if err := s.preAuthentication(ctx, r, who); err != nil {
		return nil, err
	}
	right, err := s.check(ctx, r.App, who, plain)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, s.fail(ctx, r.App, who, nil)
	}
	return s.proven(ctx, r.App, who.user, nil)
}

// check compares a password, with the same work for nobody and for users who
// have none.
func (s *Service) check(ctx context.Context, a App, who account, plain string) (bool, error) {
	id := s.identity(a, who)
	if who.user == nil || who.user.Credential == nil {
		return false, s.passwords.CheckNobody(ctx, user.Form, id, plain)
	}
	return s.passwords.Check(ctx, who.user.Credential.Stored, id, plain)
}
