package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp"
)

// LoginProfile is a user's password.
type LoginProfile struct {
	Account, UserID string
	Hashes          []string // argon2id, the password's own first, then former ones
	ResetRequired   bool     // the next sign-in asks for another one
	CreatedAt       time.Time
	ChangedAt       time.Time
	Failures        int // old passwords named since the last change
	FailedAt        time.Time
	Version         int64 // of the row
}

// LoginProfiles keeps passwords of users with their hashes sealed. Absence is
// fs.ErrNotExist.
type LoginProfiles interface {
	InsertLogin(ctx context.Context, p LoginProfile) error
	Login(ctx context.Context, account, user string) (LoginProfile, error)
	// UpdateLogin replaces the row whose Version p has.
	UpdateLogin(ctx context.Context, p LoginProfile) error
	DeleteLogin(ctx context.Context, account, user string) error
}

// Passwords hashes and compares passwords, slowly; password.Checker does.
type Passwords interface {
	Make(ctx context.Context, f password.Form, id srp.Identity, password string) (password.Stored, error)
	Check(ctx context.Context, s password.Stored, id srp.Identity, password string) (bool, error)
}

// A user who names the old password wrongly this often is not heard again for
// a while: the caller may hold a stolen access key, and the password opens
// more than that.
const (
	maxPasswordGuesses = 10
	passwordPause      = 15 * time.Minute
)

// Sentences about passwords. The one about a password that changes elsewhere
// at the same time is UNCONFIRMED.
const (
	textPasswordPolicy = "Password does not conform to the account password policy."
	textPasswordReused = "Policy constraint violation with password reuse prevention during password change."
	textOldPassword    = "The old password was incorrect."
	textNotAUser       = "Only IAM Users can change their own password."
	textPasswordBusy   = "The password of user %s cannot be changed at this time. Try again later."
)

func noSuchLogin(user string) error {
	return iam.NoSuchEntityException("Login Profile for User %s cannot be found.", user)
}

// login finds a user with a password.
func (s *Service) login(ctx context.Context, account, user string) (*User, LoginProfile, error) {
	u, err := s.User(ctx, account, user)
	if err != nil {
		return nil, LoginProfile{}, err
	}
	p, err := s.stores.Logins.Login(ctx, account, u.ID)
	return u, p, absent(err, noSuchLogin(u.Name))
}

// LoginProfile returns a user's password as far as it may be shown.
func (s *Service) LoginProfile(ctx context.Context, account, user string) (LoginProfile, error) {
	_, p, err := s.login(ctx, account, user)
	p.Hashes = nil
	return p, err
}

// CreateLoginProfile gives a user a password.
func (s *Service) CreateLoginProfile(ctx context.Context, account, user, text string, reset bool) (LoginProfile, error) {
	u, err := s.User(ctx, account, user)
	if err != nil {
		return LoginProfile{}, err
	}
	told := iam.EntityAlreadyExistsException("Login Profile for user %s already exists.", u.Name)
	if _, err := s.stores.Logins.Login(ctx, account, u.ID); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = told
		}
		return LoginProfile{}, err
	}
	now := s.now()
	p := LoginProfile{Account: account, UserID: u.ID, ResetRequired: reset, CreatedAt: now, Version: 1}
	if err := s.setPassword(ctx, &p, text); err != nil {
		return LoginProfile{}, err
	}
	return p, s.change(ctx, account, func(ctx context.Context) error {
		if _, err := s.stores.Users.ByID(ctx, account, u.ID); err != nil {
			return absent(err, noSuch(UserKind, user))
		}
		return taken(s.stores.Logins.InsertLogin(ctx, p), told)
	})
}

// setPassword checks a new password and puts its hash first.
func (s *Service) setPassword(ctx context.Context, p *LoginProfile, text string) error {
	a, err := s.stores.Accounts.AccountByID(ctx, p.Account)
	if err != nil {
		return fmt.Errorf("account of user: %w", err)
	}
	settings, err := s.stores.Settings.Settings(ctx, p.Account)
	if err != nil {
		return err
	}
	if !settings.PasswordPolicy.fits(text, a) {
		return iam.PasswordPolicyViolationException(textPasswordPolicy)
	}
	if policy := settings.PasswordPolicy; policy != nil {
		for _, hash := range p.Hashes[:min(policy.Remembered, len(p.Hashes))] {
			same, err := s.passwords.Check(ctx, password.Stored{Hash: hash}, srp.Identity{}, text)
			if err != nil {
				return err
			}
			if same {
				return iam.PasswordPolicyViolationException(textPasswordReused)
			}
		}
	}
	made, err := s.passwords.Make(ctx, password.Argon2id, srp.Identity{}, text)
	if err != nil {
		return err
	}
	p.Hashes = append([]string{made.Hash}, p.Hashes[:min(maxRemembered-1, len(p.Hashes))]...)
	p.ChangedAt, p.Failures, p.FailedAt = s.now(), 0, time.Time{}
	return nil
}

// putLogin stores what was made of a password outside of the transaction,
// unless somebody else was faster.
func (s *Service) putLogin(ctx context.Context, user string, p LoginProfile) error {
	return s.change(ctx, p.Account, func(ctx context.Context) error {
		have, err := s.stores.Logins.Login(ctx, p.Account, p.UserID)
		if err != nil {
			return absent(err, noSuchLogin(user))
		}
		if have.Version != p.Version {
			return iam.EntityTemporarilyUnmodifiableException(textPasswordBusy, user)
		}
		return s.stores.Logins.UpdateLogin(ctx, p)
	})
}

// UpdateLoginProfile changes a user's password, and whether the next sign-in
// asks for another one. What is nil stays.
func (s *Service) UpdateLoginProfile(ctx context.Context, account, user string, text *string, reset *bool) error {
	u, p, err := s.login(ctx, account, user)
	if err != nil {
		return err
	}
	if text != nil {
		if err := s.setPassword(ctx, &p, *text); err != nil {
			return err
		}
	}
	if reset != nil {
		p.ResetRequired = *reset
	}
	return s.putLogin(ctx, u.Name, p)
}

// DeleteLoginProfile takes a user's password away.
func (s *Service) DeleteLoginProfile(ctx context.Context, account, user string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		u, err := s.User(ctx, account, user)
		if err != nil {
			return err
		}
		return absent(s.stores.Logins.DeleteLogin(ctx, account, u.ID), noSuchLogin(u.Name))
	})
}

// ChangePassword replaces the password of the caller, an IAM user.
func (s *Service) ChangePassword(ctx context.Context, before, after string) error {
	c := &awsapi.RequestFrom(ctx).Caller
	if c.Kind != awsapi.User {
		return iam.InvalidUserTypeException(textNotAUser)
	}
	u, err := s.stores.Users.ByID(ctx, c.Account, c.EntityID)
	if err != nil {
		return absent(err, noSuch(UserKind, c.Name))
	}
	p, err := s.takeAttempt(ctx, u)
	if err != nil {
		return err
	}
	same, err := s.passwords.Check(ctx, password.Stored{Hash: p.Hashes[0]}, srp.Identity{}, before)
	if err != nil {
		return err
	}
	if !same {
		return awsapi.AccessDenied.New(textOldPassword)
	}
	if err := s.setPassword(ctx, &p, after); err != nil {
		return err
	}
	p.ResetRequired = false
	return s.putLogin(ctx, u.Name, p)
}

// takeAttempt counts an answer as wrong before it is compared, so that many at
// once are no more than so many one by one; a new password forgets the count.
func (s *Service) takeAttempt(ctx context.Context, u *User) (p LoginProfile, err error) {
	now := s.now()
	err = s.stores.Tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		p, err = s.stores.Logins.Login(ctx, u.Account, u.ID)
		if err != nil {
			return absent(err, noSuchLogin(u.Name))
		}
		if now.Sub(p.FailedAt) >= passwordPause {
			p.Failures = 0
		}
		if p.Failures >= maxPasswordGuesses {
			return iam.EntityTemporarilyUnmodifiableException(textPasswordBusy, u.Name)
		}
		p.Failures++
		p.FailedAt = now
		return s.stores.Logins.UpdateLogin(ctx, p)
	})
	p.Version++
	return p, err
}
