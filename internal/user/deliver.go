package user

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// medium says how messages to an attribute travel.
func medium(attribute string) message.Medium {
	if attribute == attrPhone {
		return message.SMS
	}
	return message.Email
}

// toVerify returns the address that a new user has to prove, empty if the
// pool asks for no proof of any that they gave. Where both are asked for, the
// code goes to the phone.
func toVerify(p *userpool.Pool, attrs Attributes) string {
	for _, a := range []string{attrPhone, attrEmail} {
		if p.AutoVerifies(a) && attrs.Value(a) != "" {
			return a
		}
	}
	return ""
}

func delivery(attribute, address string) *message.Delivery {
	m := medium(attribute)
	return &message.Delivery{Destination: message.Mask(m, address), Medium: m, Attribute: attribute}
}

// checkDelivery refuses to send what could not arrive. An empty attribute means
// that nothing is sent.
func (s *Service) checkDelivery(ctx context.Context, p *userpool.Pool, attribute string) error {
	if attribute == "" {
		return nil
	}
	return s.messages.Check(ctx, p, medium(attribute))
}

// checkAny refuses what could arrive at none of some attributes. It tells
// nothing about a user, so everybody may hear it.
func (s *Service) checkAny(ctx context.Context, p *userpool.Pool, attributes []string) error {
	var refused error
	for _, a := range attributes {
		if refused = s.checkDelivery(ctx, p, a); refused == nil {
			return nil
		}
	}
	return refused
}

// codeMessage is a code and the message that carries it, drawn before the
// transaction that stores them.
type codeMessage struct {
	code *Code
	text message.Message
}

// prepareCode draws a code that goes to an attribute of a user, or the secret
// of a link in its place. It asks a function for the words, so it must not run
// in a transaction.
func (s *Service) prepareCode(ctx context.Context, o occasion, why trigger.Occasion, purpose Purpose, attribute string) (codeMessage, error) {
	l := o.letter(why)
	l.Life = lifeOf(purpose)
	m := medium(attribute)
	draft, err := s.messages.Draft(ctx, l, m)
	if err != nil {
		return codeMessage{}, err
	}
	secret, answer := "", ""
	if draft.ByLink(m) {
		secret, answer = newLinkSecret(o.client)
	} else {
		secret = secretbox.Digits(codeDigits)
		answer = secret
	}
	code := s.newCode(o.user, purpose, attribute, answer)
	return codeMessage{code, draft.Message(m, o.user.Attributes.Value(attribute), secret)}, nil
}

// sendCode stores a code and its message, and says where it goes.
func (s *Service) sendCode(ctx context.Context, m codeMessage) (*message.Delivery, error) {
	if err := s.codes.PutCode(ctx, m.code); err != nil {
		return nil, err
	}
	return delivery(m.code.Attribute, m.text.Destination), s.messages.Put(ctx, m.text)
}

// imagine returns what a reply would say if a code had gone out to a user who
// cannot get one, or to a name that means nobody (u is nil): their own
// address, or one that stays the same for a name.
func (s *Service) imagine(p *userpool.Pool, name string, u *User) *message.Delivery {
	if u != nil {
		if a := toVerify(p, u.Attributes); a != "" {
			return delivery(a, u.Attributes.Value(a))
		}
	}
	attribute := attrEmail
	if p.AutoVerifies(attrPhone) {
		attribute = attrPhone
	}
	return s.imagineAt(p, attribute, name)
}

// Imagine returns what a reply says of a code that a name would have got which
// means nobody. It stays the same for a name.
func (s *Service) Imagine(p *userpool.Pool, name, attribute string) *message.Delivery {
	return s.imagineAt(p, attribute, name)
}

// imagineAt makes up the address of a name that means nobody: the name itself,
// if it could be one.
func (s *Service) imagineAt(p *userpool.Pool, attribute, name string) *message.Delivery {
	if attribute == attrEmail && isEmail(name) || attribute == attrPhone && isPhone(name) {
		return delivery(attribute, name)
	}
	seed := s.unknown("addresses of unknown users", p, name)
	if attribute == attrPhone {
		return delivery(attribute, fmt.Sprintf("%04d", binary.BigEndian.Uint16(seed)%10000))
	}
	letter := func(b byte) string { return string(rune('a' + b%26)) }
	return delivery(attribute, letter(seed[0])+"@"+letter(seed[1]))
}
