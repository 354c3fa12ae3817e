package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// findOrMigrate is find for somebody who has given their password as it is. A
// name that means nobody may be somebody's elsewhere: then the pool's function
// takes the password, and they are a user from now on.
//
// That the function fails, or finds somebody whom the pool cannot take, is told
// to nobody but the operator (Amazon Cognito developer guide, "Migrate user
// Lambda trigger"). What it refuses counts as a wrong password does: the other
// directory must not be guessed at through this one.
func (s *Service) findOrMigrate(ctx context.Context, a App, in user.Migration) (account, error) {
	who, err := s.find(ctx, a, in.Username)
	if err == nil && who.user != nil || err != nil && !errors.Is(err, user.ErrNotFound) || !trigger.Names(a.Pool, userpool.UserMigration) {
		return who, err
	}
	name := clip(in.Username)
	lock, lockErr := s.users.UnknownLock(ctx, a.Pool, name)
	switch {
	case lockErr != nil:
		return account{}, lockErr
	case lock.Locked(s.now()):
		return account{}, user.ErrLocked
	}
	u, failure := s.users.Migrate(ctx, a.Pool, a.Client, in)
	if failure == nil {
		// Whose password the function took may be told how they stand.
		return account{user: u, name: name}, standing(u)
	}
	if _, told := awsapi.AsError(failure); !told || failure == user.ErrLocked { // by identity: all sentences of one exception are alike
		return account{}, failure
	}
	if err != nil { // otherwise the wrong password is counted where it is checked
		if locked := s.users.FailUnknown(ctx, a.Pool, name); locked != nil {
			return account{}, locked
		}
	}
	return who, err
}
