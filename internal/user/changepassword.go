package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// errNoPrevious is UNCONFIRMED.
var errNoPrevious = cognitoidp.InvalidParameterException("PreviousPassword is required.")

// NewPassword is a password that a person who is signed in chooses.
type NewPassword struct {
	Previous *string // nil for those who have had none so far
	Proposed string
}

// ChangePassword gives u, who has shown an access token, another password.
// What is signed in stays signed in.
func (s *Service) ChangePassword(ctx context.Context, p *userpool.Pool, u *User, in NewPassword) error {
	if err := s.Allow(ctx, p, u.Username, u, ActionChangePassword); err != nil {
		return err
	}
	switch {
	case !u.Enabled:
		return errDisabled
	case u.Status == ResetRequired:
		return errResetRequired
	case u.Status == Unconfirmed:
		return errNotConfirmed
	case u.Status == ForceChangePassword:
		return errNotResettable
	}
	if err := s.checkPrevious(ctx, p, u, in.Previous); err != nil {
		return err
	}
	credential, err := s.NewCredential(ctx, p, u, in.Proposed)
	if err != nil {
		return err
	}
	return s.change(ctx, p, u.Sub, func(_ context.Context, current *User) error {
		switch {
		case !sameCredential(u.Credential, current.Credential):
			return errIncorrect // the previous password is another one by now
		case current.Status != u.Status:
			return errNotResettable
		}
		current.Replace(p, credential)
		return nil
	})
}

// checkPrevious checks the password that is to be replaced, if there is one.
func (s *Service) checkPrevious(ctx context.Context, p *userpool.Pool, u *User, previous *string) error {
	switch {
	case u.Credential == nil && previous == nil:
		return nil
	case u.Credential == nil:
		return errIncorrect
	case previous == nil:
		return errNoPrevious
	}
	right, err := s.passwords.Check(ctx, u.Credential.Stored, Identity(p, u.Username), *previous)
	if err == nil && !right {
		return errIncorrect
	}
	return err
}

func sameCredential(a, b *Credential) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Stored.Equal(b.Stored)
}
