package user

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

var errNotVerifiable = cognitoidp.InvalidParameterException("Invalid attribute name. Only phone_number and email can be verified.")

// textNoAddress is UNCONFIRMED.
const textNoAddress = "User does not have a value for %s to be verified."

// AttributeCode asks for a code that proves an address.
type AttributeCode struct {
	Attribute string // email or phone_number
	Metadata  Metadata
}

// SendAttributeCode sends u, who has shown an access token, a code that proves
// an address: the one that is to replace the one in force, if there is such.
func (s *Service) SendAttributeCode(ctx context.Context, p *userpool.Pool, c *userpool.Client, u *User, in AttributeCode) (*message.Delivery, error) {
	attribute := in.Attribute
	purpose, ok := proves[attribute]
	if !ok {
		return nil, errNotVerifiable
	}
	if err := s.checkDelivery(ctx, p, attribute); err != nil {
		return nil, err
	}
	if err := s.Allow(ctx, p, u.Username, u, ActionSendAttributeCode); err != nil {
		return nil, err
	}
	before, err := s.codes.Code(ctx, u.Pool, u.Sub, purpose)
	if errors.Is(err, fs.ErrNotExist) {
		before, err = new(Code), nil
	}
	if err != nil {
		return nil, err
	}
	to := u
	if before.Pending != "" {
		to = u.at(attribute, before.Pending)
	}
	if to.Attributes.Value(attribute) == "" {
		return nil, cognitoidp.InvalidParameterException(textNoAddress, attribute)
	}
	code, err := s.prepareCode(ctx, occasion{p, to, c.ID, in.Metadata}, trigger.ForVerifyUserAttribute, purpose, attribute)
	if err != nil {
		return nil, err
	}
	code.code.Pending = before.Pending
	var sent *message.Delivery
	err = s.tx(ctx, func(ctx context.Context) error {
		var err error
		sent, err = s.sendCode(ctx, code)
		return err
	})
	return sent, err
}

// VerifyAttribute proves an address of u, who has shown an access token, by
// the code that was sent to it. An address that waited for its proof takes the
// place of the old one, as an alias, too.
func (s *Service) VerifyAttribute(ctx context.Context, p *userpool.Pool, u *User, attribute, digits string) error {
	purpose, ok := proves[attribute]
	if !ok {
		return errNotVerifiable
	}
	if err := s.Allow(ctx, p, u.Username, u, ActionVerifyAttribute); err != nil {
		return err
	}
	if _, err := s.answer(ctx, u, purpose, digits); err != nil {
		return err
	}
	return s.change(ctx, p, u.Sub, func(ctx context.Context, u *User) error {
		t, err := s.tryCode(ctx, u, purpose, digits)
		switch {
		case err != nil:
			return err
		case !t.right || !t.living:
			return ErrCodeExpired
		}
		if t.code.Pending != "" {
			u.Attributes = u.Attributes.With(attribute, t.code.Pending)
		}
		u.Attributes = u.Attributes.With(VerifiedFlag(attribute), "true")
		err = s.claim(ctx, p, u, Aliases(p, u.Attributes), false, func(a string) error { return errAliasTaken(a) })
		if err != nil {
			return err
		}
		return s.forget(ctx, t.code)
	})
}

// forget spends a code, and the address in it with it.
func (s *Service) forget(ctx context.Context, c *Code) error {
	c.Attempts, c.Pending = codeAttempts, ""
	return s.codes.PutCode(ctx, c)
}
