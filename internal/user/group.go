package user

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// maxGroups is how many groups a user can be in (Amazon Cognito developer
// guide, "Quotas").
const maxGroups = 100

// errGroups is UNCONFIRMED: the quota is documented, but AdminAddUserToGroup
// declares no error for it.
var errGroups = cognitoidp.InvalidParameterException("User cannot be in more than %d groups.", maxGroups)

// Memberships keeps who is in which group. Its methods join the transaction of
// their context.
type Memberships interface {
	// Join puts u into a group, which may have u already, and notes in u's row
	// that there are groups to look for. u's Version is the one that was read.
	Join(ctx context.Context, u *User, g *userpool.Group) error
	// Leave takes u out of a group.
	Leave(ctx context.Context, u *User, g *userpool.Group) error
	// GroupsOf returns up to limit of a user's groups whose names come after
	// the given one, in the order of their names.
	GroupsOf(ctx context.Context, pool, sub, after string, limit int) ([]*userpool.Group, error)
	// Members returns up to limit users of a group whose subs come after the
	// given one, in the order of their subs and without their credentials.
	Members(ctx context.Context, g *userpool.Group, after string, limit int) ([]*User, error)
}

// Join puts a user into a group. One who is there already stays.
func (s *Service) Join(ctx context.Context, p *userpool.Pool, username string, g *userpool.Group) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, username)
		if err != nil {
			return err
		}
		groups, err := s.memberships.GroupsOf(ctx, p.ID, u.Sub, "", maxGroups)
		if err != nil {
			return err
		}
		switch {
		case slices.ContainsFunc(groups, func(x *userpool.Group) bool { return x.ID == g.ID }):
			return nil
		case len(groups) >= maxGroups:
			return errGroups
		}
		return s.memberships.Join(ctx, u, g)
	})
}

// Leave takes a user out of a group. One who is not in it stays out.
func (s *Service) Leave(ctx context.Context, p *userpool.Pool, username string, g *userpool.Group) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, username)
		if err != nil {
			return err
		}
		return s.memberships.Leave(ctx, u, g)
	})
}

// GroupsOf returns up to limit of a user's groups whose names come after the
// given one.
func (s *Service) GroupsOf(ctx context.Context, p *userpool.Pool, username, after string, limit int) ([]*userpool.Group, error) {
	u, err := s.Find(ctx, p, username)
	if err != nil {
		return nil, err
	}
	return s.memberships.GroupsOf(ctx, p.ID, u.Sub, after, limit)
}

// Members returns up to limit users of a group whose subs come after the given
// one.
func (s *Service) Members(ctx context.Context, g *userpool.Group, after string, limit int) ([]*User, error) {
	return s.memberships.Members(ctx, g, after, limit)
}

// Standing is what a user's groups give them.
type Standing struct {
	Groups        []string // by precedence, those of one precedence by name
	Roles         []string // ARNs, in the same order, each once
	PreferredRole string   // empty if there is none or two tie
}

// Standing reads what tokens say of u's groups. Only users in groups cost a
// read.
func (s *Service) Standing(ctx context.Context, u *User) (Standing, error) {
	if !u.Grouped {
		return Standing{}, nil
	}
	groups, err := s.memberships.GroupsOf(ctx, u.Pool, u.Sub, "", maxGroups)
	return standing(groups), err
}

// standing orders groups by precedence: the lowest number comes first, none at
// all last.
//
// The preferred role is that of the first group that has a role. Where groups
// of its precedence have different roles, nobody can say which is meant, and
// there is none. That a group without a role does not count, whatever its
// precedence, is UNCONFIRMED.
func standing(groups []*userpool.Group) Standing {
	slices.SortStableFunc(groups, func(a, b *userpool.Group) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
	})
	var s Standing
	var best *userpool.Group
	for _, g := range groups {
		s.Groups = append(s.Groups, g.Name)
		role := awsapi.Value(g.RoleARN)
		if role == "" {
			continue
		}
		if !slices.Contains(s.Roles, role) {
			s.Roles = append(s.Roles, role)
		}
		switch {
		case best == nil:
			best, s.PreferredRole = g, role
		case rank(g) == rank(best) && role != *best.RoleARN:
			s.PreferredRole = ""
		}
	}
	return s
}

// rank is a group's precedence with none as the last.
func rank(g *userpool.Group) int64 {
	if g.Precedence == nil {
		return math.MaxInt64
	}
	return *g.Precedence
}
