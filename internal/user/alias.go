package user

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/userpool"
)

// claim makes sure that u may have the names in want: its username, its sub
// and its aliases share one namespace with everybody else's. With force, an
// e-mail address or phone number that is somebody else's alias is taken from
// them, and no longer counts as verified there. taken makes the error for an
// alias that stays with its holder.
func (s *Service) claim(ctx context.Context, p *userpool.Pool, u *User, want []Alias, force bool, taken func(attribute string) error) error {
	if len(want) == 0 {
		return nil
	}
	names := make([]string, len(want))
	for i, a := range want {
		names[i] = a.Key
	}
	holders, err := s.users.Holders(ctx, p.ID, names)
	if err != nil {
		return err
	}
	for _, a := range want {
		h, held := holders[a.Key]
		switch {
		case !held || h.Sub == u.Sub:
		case force && h.Alias && p.AliasIs(a.Attribute) && VerifiedFlag(a.Attribute) != "":
			if err := s.disown(ctx, p, h.Sub, a, taken); err != nil {
				return err
			}
		default:
			return taken(a.Attribute)
		}
	}
	return nil
}

// disown takes an alias from its holder, unless the name is there by way of
// another attribute.
func (s *Service) disown(ctx context.Context, p *userpool.Pool, sub string, a Alias, taken func(string) error) error {
	other, err := s.users.UserBySub(ctx, p.ID, sub)
	if err != nil {
		return err
	}
	if Key(p, other.Attributes.Value(a.Attribute)) != a.Key {
		return taken(a.Attribute)
	}
	other.Attributes = other.Attributes.With(VerifiedFlag(a.Attribute), "false")
	other.ModifiedAt = s.now()
	if err := s.users.UpdateUser(ctx, other); err != nil {
		return err
	}
	return s.users.MoveAliases(ctx, other, []Alias{a}, nil)
}

// without returns the aliases of a whose keys b does not have, each key once.
func without(a, b []Alias) []Alias {
	var out []Alias
	for _, x := range a {
		same := func(y Alias) bool { return x.Key == y.Key }
		if !slices.ContainsFunc(b, same) && !slices.ContainsFunc(out, same) {
			out = append(out, x)
		}
	}
	return out
}
