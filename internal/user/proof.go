package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// maxNewAddress bounds an e-mail address that a sign-in brings along, in
// bytes; no mail server takes a longer one (RFC 5321 §4.5.3.1.3).
const maxNewAddress = 254

// WithVerified returns u as it will be when an address of theirs is proven,
// and changes nothing. It is u itself where nothing changes: the address is
// proven already, or would become an alias that somebody else has. The latter
// must not keep a user out of their own account.
func (s *Service) WithVerified(ctx context.Context, p *userpool.Pool, u *User, attribute string) (*User, error) {
	if u.Attributes.True(VerifiedFlag(attribute)) {
		return u, nil
	}
	next := *u
	next.Attributes = u.Attributes.With(VerifiedFlag(attribute), "true")
	aliases := Aliases(p, next.Attributes)
	if len(aliases) == 0 {
		return &next, nil
	}
	keys := make([]string, len(aliases))
	for i, a := range aliases {
		keys[i] = a.Key
	}
	holders, err := s.users.Holders(ctx, p.ID, keys)
	if err != nil {
		return nil, err
	}
	for _, h := range holders {
		if h.Sub != u.Sub {
			return u, nil
		}
	}
	return &next, nil
}

// WithAddress returns u with an e-mail address that is theirs from now on, and
// changes nothing.
func (s *Service) WithAddress(p *userpool.Pool, u *User, attribute, address string) (*User, error) {
	if len(address) > maxNewAddress {
		return nil, errEmailFormat
	}
	changes, err := normalize([]Attribute{{Name: attribute, Value: address}, {Name: VerifiedFlag(attribute), Value: "true"}})
	if err != nil {
		return nil, err
	}
	if err := p.CheckValues(changes.values()); err != nil {
		return nil, err
	}
	next := *u
	next.Attributes, err = merge(p, u.Attributes, changes)
	return &next, err
}

// TurnOn turns a factor on that u has just proven, in the transaction that has
// read u.
func (s *Service) TurnOn(ctx context.Context, u *User, x Factor) error {
	u.Factors.set(x, true)
	return s.factors.SaveFactors(ctx, u)
}
