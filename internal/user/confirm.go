package user

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Confirmation is a person's proof that an address is theirs.
type Confirmation struct {
	Username   string
	Code       string
	ForceAlias bool // take the address from whoever has it as an alias
	Metadata   Metadata
}

// ConfirmSignUp confirms a user by the code that was sent to them, and marks
// the address that it went to as verified.
//
// For a client that hides users, whoever does not know the code gets the same
// answer for every name: that of a wrong code.
func (s *Service) ConfirmSignUp(ctx context.Context, p *userpool.Pool, c *userpool.Client, in Confirmation) error {
	found, err := s.lookUp(ctx, p, in.Username, ActionConfirmSignUp)
	switch {
	case errors.Is(err, ErrNotFound) && c.HidesUsers():
		if err := s.failNobody(ctx, p, in); err != nil {
			return err
		}
		return ErrCodeMismatch
	case errors.Is(err, ErrNotFound):
		return ErrUnknownAtAll
	case err != nil:
		return err
	}
	decoy := s.decoy(p, in.Username, ForSignUp)
	var refused error // told to the caller, although what was counted must stay
	var confirmed *User
	err = s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, found.Sub)
		if err != nil {
			return err
		}
		before := u.Attributes
		t, err := s.tryCode(ctx, u, ForSignUp, answerOf(c, in.Code))
		if err != nil {
			return err
		}
		switch {
		case !t.right && c.HidesUsers():
			refused = ErrCodeMismatch
		case u.Status != Unconfirmed:
			refused = errNotConfirmable(u.Status)
		case !t.living:
			refused = ErrCodeExpired
		case !t.right:
			refused = ErrCodeMismatch
		default:
			refused = nil
		}
		if refused != nil {
			audit.Skip(ctx)
			if c.HidesUsers() && (t.right || !t.living) {
				return s.codes.PutCode(ctx, decoy) // nothing has been counted: it costs as much
			}
			return nil
		}
		confirmed = u
		u.Status = Confirmed
		u.Attributes = u.Attributes.With(VerifiedFlag(t.code.Attribute), "true")
		err = s.claim(ctx, p, u, Aliases(p, u.Attributes), in.ForceAlias, func(a string) error { return errAliasTaken(a) })
		if err != nil {
			return err
		}
		if err := s.spend(ctx, t.code); err != nil {
			return err
		}
		return s.write(ctx, p, u, before)
	})
	switch {
	case err != nil:
		return err
	case refused != nil:
		return refused
	}
	return s.confirmed(ctx, occasion{p, confirmed, c.ID, in.Metadata}, trigger.PostConfirmationConfirmSignUp)
}

// failNobody does for a name that means nobody what a wrong code costs that was
// given for somebody.
func (s *Service) failNobody(ctx context.Context, p *userpool.Pool, in Confirmation) error {
	decoy := s.decoy(p, in.Username, ForSignUp)
	return s.tx(ctx, func(ctx context.Context) error {
		audit.Skip(ctx)
		if _, err := s.Find(ctx, p, in.Username); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		t, err := s.tryCode(ctx, s.nobody(p, in.Username), ForSignUp, in.Code)
		if err != nil || t.living {
			return err
		}
		return s.codes.PutCode(ctx, decoy)
	})
}

// decoy is a code that was sent to nobody, and that nobody can guess in six
// digits.
func (s *Service) decoy(p *userpool.Pool, name string, purpose Purpose) *Code {
	return s.newCode(s.nobody(p, name), purpose, attrEmail, secretbox.UUID())
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
func (s *Service) AdminConfirmSignUp(ctx context.Context, p *userpool.Pool, username string, m Metadata) error {
	var confirmed *User
	err := s.change(ctx, p, username, func(ctx context.Context, u *User) error {
		if u.Status != Unconfirmed {
			return errNotConfirmable(u.Status)
		}
		confirmed = u
		u.Status = Confirmed
		return s.codes.DeleteCode(ctx, u.Pool, u.Sub, ForSignUp)
	})
	if err != nil {
		return err
	}
	return s.confirmed(ctx, occasion{pool: p, user: confirmed, metadata: m}, trigger.PostConfirmationConfirmSignUp)
}

// ResendConfirmationCode sends a new sign-up code in place of the old one. For
// a client that hides users, every name gets an answer that looks as if a code
// was sent.
func (s *Service) ResendConfirmationCode(ctx context.Context, p *userpool.Pool, c *userpool.Client, username string, m Metadata) (*message.Delivery, error) {
	if !p.AutoVerifies(attrEmail) && !p.AutoVerifies(attrPhone) {
		return nil, errNoAutoVerify
	}
	verified := slices.DeleteFunc([]string{attrPhone, attrEmail}, func(a string) bool { return !p.AutoVerifies(a) })
	if err := s.checkAny(ctx, p, verified); err != nil {
		return nil, err
	}
	u, err := s.lookUp(ctx, p, username, ActionResendCode)
	switch {
	case errors.Is(err, ErrNotFound):
		err = ErrUnknownAtAll
	case err != nil:
		return nil, err
	case u.Status != Unconfirmed:
		err = errConfirmed
	case !u.Enabled:
		err = errDisabled
	case toVerify(p, u.Attributes) == "":
		err = errNoAutoVerify
	default:
		err = s.checkDelivery(ctx, p, toVerify(p, u.Attributes))
	}
	if err != nil {
		if c.HidesUsers() {
			return s.imagine(p, username, u), s.codes.PutCode(ctx, s.decoy(p, username, ForSignUp))
		}
		return nil, err
	}
	code, err := s.prepareCode(ctx, occasion{p, u, c.ID, m}, trigger.ForResendCode, ForSignUp, toVerify(p, u.Attributes))
	if err != nil {
		return nil, err
	}
	var sent *message.Delivery
	err = s.tx(ctx, func(ctx context.Context) error {
		var err error
		sent, err = s.sendCode(ctx, code)
		return err
	})
	return sent, err
}
