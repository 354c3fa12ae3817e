package user

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Confirmation is a person's proof that an address is theirs.
type Confirmation struct {
	Username   string
	Code       string
	ForceAlias bool // take the address from whoever has it as an alias
}

// ConfirmSignUp confirms a user by the code that was sent to them, and marks
// the address that it went to as verified. For a client that hides users, a
// name that means nobody is answered as a user whose code has expired.
func (s *Service) ConfirmSignUp(ctx context.Context, p *userpool.Pool, c *userpool.Client, in Confirmation) error {
	if err := p.CheckTriggers(userpool.PostConfirmation); err != nil {
		return err
	}
	found, err := s.lookUp(ctx, p, in.Username, ActionConfirmSignUp)
	switch {
	case errors.Is(err, ErrNotFound) && c.HidesUsers():
		return ErrCodeExpired
	case errors.Is(err, ErrNotFound):
		return ErrUnknownAtAll
	case err != nil:
		return err
	}
	var wrong error
	err = s.change(ctx, p, found.Sub, func(ctx context.Context, u *User) error {
		wrong = nil
		if u.Status != Unconfirmed {
			return errNotConfirmable(u.Status)
		}
		code, err := s.redeem(ctx, u, ForSignUp, in.Code)
		if errors.Is(err, ErrCodeMismatch) {
			wrong = err // counted: the transaction must commit
			return nil
		}
		if err != nil {
			return err
		}
		u.Status = Confirmed
		u.Attributes = u.Attributes.With(VerifiedFlag(code.Attribute), "true")
		return s.claim(ctx, p, u, Aliases(p, u.Attributes), in.ForceAlias, func(a string) error { return errAliasTaken(a) })
	})
	return errors.Join(err, wrong)
}

// lookUp finds a user for a person who has not signed in, and counts the
// action for everybody alike.
func (s *Service) lookUp(ctx context.Context, p *userpool.Pool, name string, a Action) (*User, error) {
	u, err := s.Find(ctx, p, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if limit := s.Allow(ctx, p, name, u, a); limit != nil {
		return nil, limit
	}
	return u, err
}

// AdminConfirmSignUp confirms a user without a code. Nothing becomes verified
// by it.
func (s *Service) AdminConfirmSignUp(ctx context.Context, p *userpool.Pool, username string) error {
	if err := p.CheckTriggers(userpool.PostConfirmation); err != nil {
		return err
	}
	return s.change(ctx, p, username, func(ctx context.Context, u *User) error {
		if u.Status != Unconfirmed {
			return errNotConfirmable(u.Status)
		}
		u.Status = Confirmed
		return s.codes.DeleteCode(ctx, u.Pool, u.Sub, ForSignUp)
	})
}

// ResendConfirmationCode sends a new sign-up code in place of the old one. For
// a client that hides users, every name gets an answer that looks as if a code
// was sent.
func (s *Service) ResendConfirmationCode(ctx context.Context, p *userpool.Pool, c *userpool.Client, username string) (*message.Delivery, error) {
	if err := p.CheckTriggers(userpool.CustomMessage, userpool.CustomEmailSender, userpool.CustomSMSSender); err != nil {
		return nil, err
	}
	u, err := s.lookUp(ctx, p, username, ActionResendCode)
	if errors.Is(err, ErrNotFound) {
		if c.HidesUsers() {
			return s.imagine(p, username), nil
		}
		return nil, ErrUnknownAtAll
	}
	if err != nil {
		return nil, err
	}
	attribute := toVerify(p, u.Attributes)
	switch {
	case u.Status != Unconfirmed:
		err = errConfirmed
	case !u.Enabled:
		err = errDisabled
	case attribute == "":
		err = errNoAutoVerify
	}
	if err != nil {
		return nil, err
	}
	code := s.prepareCode(p, u, ForSignUp, attribute)
	var sent *message.Delivery
	err = s.tx(ctx, func(ctx context.Context) error {
		var err error
		sent, err = s.sendCode(ctx, p, u, code)
		return err
	})
	return sent, err
}
