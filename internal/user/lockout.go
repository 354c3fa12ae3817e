package user

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// ErrLocked refuses an attempt unheard.
var ErrLocked = cognitoidp.NotAuthorizedException("Password attempts exceeded")

// Fail counts a wrong password or code given for u. It answers ErrLocked if
// others have locked the account since u was read: then this attempt was one
// too many, and its result must not be told.
func (s *Service) Fail(ctx context.Context, u *User) error {
	now, locked := s.now(), false
	err := s.tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		current, err := s.users.UserBySub(ctx, u.Pool, u.Sub)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if locked = current.Lock.Locked(now); locked {
			return nil
		}
		current.Lock = current.Lock.Fail(now)
		return s.users.SaveLock(ctx, current)
	})
	if err == nil && locked {
		return ErrLocked
	}
	return err
}

// Admit reads u again in the transaction that acts on a right answer, and
// returns it as it now is. It answers ErrLocked if the account has been locked
// since u was read: of many guesses made at once only those count that come
// before the lock, the right one included. It answers ErrNotFound for a user
// that has gone.
func (s *Service) Admit(ctx context.Context, u *User) (*User, error) {
	current, err := s.users.UserBySub(ctx, u.Pool, u.Sub)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	case current.Lock.Locked(s.now()):
		return nil, ErrLocked
	}
	return current, nil
}

// Unlock forgets the wrong answers of a user who has signed in, in the
// transaction that has read u.
func (s *Service) Unlock(ctx context.Context, u *User) error {
	if u.Lock.Failures == 0 {
		return nil
	}
	u.Lock = Lock{}
	return s.users.SaveLock(ctx, u)
}

// UnknownLock returns the lock of a name that means nobody. Such a name locks
// as a real one does, or the lock would tell who is real.
func (s *Service) UnknownLock(ctx context.Context, p *userpool.Pool, name string) (Lock, error) {
	n, err := s.attempts.LoadAttempts(ctx, p.ID, s.subject(p, name, nil), actionSignIn)
	return Lock{Failures: n.Count, LastAt: n.At}, err
}

// FailUnknown is Fail for a name that means nobody.
func (s *Service) FailUnknown(ctx context.Context, p *userpool.Pool, name string) error {
	subject, now, locked := s.subject(p, name, nil), s.now(), false
	err := s.tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		n, err := s.attempts.LoadAttempts(ctx, p.ID, subject, actionSignIn)
		if err != nil {
			return err
		}
		lock := Lock{Failures: n.Count, LastAt: n.At}
		if locked = lock.Locked(now); locked {
			return nil
		}
		lock = lock.Fail(now)
		return s.attempts.SaveAttempts(ctx, p.ID, p.Region, subject, actionSignIn,
			Attempts{Count: lock.Failures, At: lock.LastAt}, now.Add(lockLongest))
	})
	if err == nil && locked {
		return ErrLocked
	}
	return err
}
