package signin

import (
	"context"
	"errors"
	"strings"

	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/user"
)

// account is whom a name means: a user, or nobody, for clients that must not
// find out.
type account struct {
	user *user.User // nil for nobody
	name string     // as the request has it
	aim  aim        // of a sign-in that has to reach a level
}

// find looks a name up. For clients that may know who exists, a name that
// means nobody is an error.
func (s *Service) find(ctx context.Context, a App, name string) (account, error) {
	u, err := s.users.Find(ctx, a.Pool, name)
	name = clip(name)
	if errors.Is(err, user.ErrNotFound) && a.Client.HidesUsers() {
		return account{name: name}, nil
	}
	return account{user: u, name: name}, err
}

// admissible checks what comes before the password: the lock, and the standing
// of the user. For clients that hide users the standing waits until the
// password has been given: it is nobody else's business.
func (s *Service) admissible(ctx context.Context, a App, who account) error {
	var lock user.Lock
	if a.Client.HidesUsers() {
		// Read for everybody alike: a read less would tell who exists.
		var err error
		if lock, err = s.users.UnknownLock(ctx, a.Pool, who.name); err != nil {
			return err
		}
	}
	if who.user != nil {
		lock = who.user.Lock
	}
	if lock.Locked(s.now()) {
		return user.ErrLocked
	}
	if who.user == nil || a.Client.HidesUsers() {
		return nil
	}
	return standing(who.user)
}

// standing says what keeps a user out, whatever the password.
func standing(u *user.User) error {
	switch {
	case !u.Enabled:
		return errDisabled
	case u.Status == user.ResetRequired:
		return errResetRequired
	}
	return nil
}

// fail counts a wrong answer and says what the person is told. A state that
// the answer was to is spent with it.
func (s *Service) fail(ctx context.Context, a App, who account, to *state) error {
	var result error
	err := s.tx(ctx, func(ctx context.Context) error {
		if to != nil {
			// Spent before or not: a replay is one more wrong answer.
			if _, err := s.challenges.Spend(ctx, a.Pool.ID, a.Pool.Region, to.id, to.expires); err != nil {
				return err
			}
		}
		if who.user != nil {
			result = s.users.Fail(ctx, who.user)
		} else {
			result = s.users.FailUnknown(ctx, a.Pool, who.name)
		}
		if errors.Is(result, user.ErrLocked) {
			return nil
		}
		return result
	})
	switch {
	case err != nil:
		return err
	case result != nil:
		return result
	}
	return errIncorrect
}

// identity is what enters the password hash of an account, and what clients
// get as USER_ID_FOR_SRP.
func (s *Service) identity(a App, who account) srp.Identity {
	if who.user != nil {
		return user.Identity(a.Pool, who.user.Username)
	}
	return s.users.UnknownIdentity(a.Pool, who.name)
}

// maxName bounds what is remembered of a name that means nobody, in bytes: as
// much as the longest username may have.
const maxName = 4 * 128

func clip(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "")
}
