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

// proves names the codes that prove an address.
var proves = map[string]Purpose{attrEmail: ForEmail, attrPhone: ForPhone}

// errTooManyCodes bounds the mail that one user can have sent to strangers.
// UpdateUserAttributes declares no other error for it.
var errTooManyCodes = cognitoidp.TooManyRequestsException("Rate exceeded")

// Update is a change of a profile. An empty value takes an attribute away.
type Update struct {
	Attributes []Attribute
	Metadata   Metadata
}

// UpdateOwn changes the profile of a user, who has shown an access token, as
// far as the client may write it. It returns where codes went that prove a
// changed address.
func (s *Service) UpdateOwn(ctx context.Context, p *userpool.Pool, c *userpool.Client, u *User, in Update) ([]*message.Delivery, error) {
	changes, err := normalize(in.Attributes)
	if err != nil {
		return nil, err
	}
	if err := c.CheckWrite(changes.names()); err != nil {
		return nil, err
	}
	if err := p.CheckValues(changes.values()); err != nil {
		return nil, err
	}
	for attribute := range proves {
		v := changes.Value(attribute)
		if v == "" || v == u.Attributes.Value(attribute) || !p.AutoVerifies(attribute) {
			continue
		}
		switch err := s.Allow(ctx, p, u.Username, u, actionUpdateAddress); {
		case errors.Is(err, ErrLimit):
			return nil, errTooManyCodes
		case err != nil:
			return nil, err
		}
	}
	return s.update(ctx, occasion{p, u, c.ID, in.Metadata}, changes)
}

// UpdateAttributes changes a profile on an administrator's word.
func (s *Service) UpdateAttributes(ctx context.Context, p *userpool.Pool, username string, in Update) error {
	changes, err := adminProfile(p, in.Attributes)
	if err != nil {
		return err
	}
	u, err := s.Find(ctx, p, username)
	if err != nil {
		return err
	}
	_, err = s.update(ctx, occasion{pool: p, user: u, metadata: in.Metadata}, changes)
	return err
}

// update writes changes into u's profile, and sends codes to new addresses
// that the pool verifies, unless the changes say that they are proven. Where
// the pool wants the proof first, the old address stays in force until then.
func (s *Service) update(ctx context.Context, o occasion, changes Attributes) ([]*message.Delivery, error) {
	p, u := o.pool, o.user
	codes := map[string]codeMessage{}
	for attribute, purpose := range proves {
		v := changes.Value(attribute)
		if v == "" || v == u.Attributes.Value(attribute) || !p.AutoVerifies(attribute) || changes.True(VerifiedFlag(attribute)) {
			continue
		}
		if err := s.checkDelivery(ctx, p, attribute); err != nil {
			return nil, err
		}
		o.user = u.at(attribute, v)
		code, err := s.prepareCode(ctx, o, trigger.ForUpdateUserAttribute, purpose, attribute)
		if err != nil {
			return nil, err
		}
		codes[attribute] = code
	}
	var sent []*message.Delivery
	err := s.change(ctx, p, u.Sub, func(ctx context.Context, u *User) error {
		now := changes
		sent = nil
		for _, attribute := range []string{attrEmail, attrPhone} {
			if !changes.Has(attribute) {
				continue
			}
			if err := s.dropPending(ctx, u, attribute); err != nil {
				return err
			}
			v := changes.Value(attribute)
			code, proves := codes[attribute]
			if !proves || v == u.Attributes.Value(attribute) {
				continue
			}
			if p.VerifiesBeforeUpdate(attribute) {
				if err := p.CheckMutable([]string{attribute}); err != nil {
					return err
				}
				code.code.Pending = v
				now = now.Without(attribute)
			}
			d, err := s.sendCode(ctx, code)
			if err != nil {
				return err
			}
			sent = append(sent, d)
		}
		var err error
		if u.Attributes, err = merge(p, u.Attributes, now); err != nil {
			return err
		}
		return s.claim(ctx, p, u, Aliases(p, u.Attributes), false, func(a string) error { return errAliasTaken(a) })
	})
	return sent, err
}

// at returns u with another value of an attribute.
func (u *User) at(attribute, value string) *User {
	v := *u
	v.Attributes = u.Attributes.With(attribute, value)
	return &v
}

// dropPending forgets an address that was to replace the one in force: a later
// change overtakes it.
func (s *Service) dropPending(ctx context.Context, u *User, attribute string) error {
	c, err := s.codes.Code(ctx, u.Pool, u.Sub, proves[attribute])
	if errors.Is(err, fs.ErrNotExist) || err == nil && c.Pending == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return s.codes.DeleteCode(ctx, u.Pool, u.Sub, proves[attribute])
}

// DeleteOwnAttributes takes attributes of a user away, who has shown an access
// token, as far as the client may write them.
func (s *Service) DeleteOwnAttributes(ctx context.Context, p *userpool.Pool, c *userpool.Client, u *User, names []string) error {
	if err := c.CheckWrite(names); err != nil {
		return err
	}
	return s.DeleteAttributes(ctx, p, u.Sub, names)
}

// DeleteAttributes takes attributes of a user away, and with an address its
// proof. Those that the user does not have are no error.
func (s *Service) DeleteAttributes(ctx context.Context, p *userpool.Pool, username string, names []string) error {
	if err := p.CheckDeletable(names); err != nil {
		return err
	}
	return s.change(ctx, p, username, func(ctx context.Context, u *User) error {
		for _, name := range names {
			u.Attributes = u.Attributes.Without(name)
			if flag := VerifiedFlag(name); flag != "" {
				u.Attributes = u.Attributes.Without(flag)
				if err := s.dropPending(ctx, u, name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
