package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// CreateGroup creates a group. An empty path is "/".
func (s *Service) CreateGroup(ctx context.Context, account, name, path string) (*Group, error) {
	g := &Group{Entity: s.newEntity(groupPrefix, account, name, path)}
	err := s.change(ctx, account, func(ctx context.Context) error {
		return insert(ctx, s.stores.Groups, g, GroupKind, "GroupsPerAccount", maxGroups)
	})
	return g, err
}

// Group returns a group by name.
func (s *Service) Group(ctx context.Context, account, name string) (*Group, error) {
	g, err := s.stores.Groups.ByName(ctx, account, name)
	return g, absent(err, noSuch(GroupKind, name))
}

// ListGroups lists groups by name.
func (s *Service) ListGroups(ctx context.Context, account string, p Page) (List[*Group], error) {
	return s.stores.Groups.List(ctx, account, p)
}

// UpdateGroup renames a group.
func (s *Service) UpdateGroup(ctx context.Context, r Rename) error {
	return s.change(ctx, r.Account, func(ctx context.Context) error {
		return rename(ctx, s.stores.Groups, GroupKind, r)
	})
}

// DeleteGroup deletes a group that has neither users nor policies.
func (s *Service) DeleteGroup(ctx context.Context, account, name string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		g, err := s.Group(ctx, account, name)
		if err != nil {
			return err
		}
		members, err := s.stores.Memberships.Members(ctx, account, g.ID, Page{Limit: 1})
		if err != nil {
			return fmt.Errorf("members of group: %w", err)
		}
		if len(members.Items) > 0 {
			return conflict("remove users from group")
		}
		if err := s.bare(ctx, account, g.ID); err != nil {
			return err
		}
		return s.stores.Groups.Delete(ctx, account, g.ID)
	})
}

// AddToGroup puts a user into a group.
func (s *Service) AddToGroup(ctx context.Context, account, group, user string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		g, u, err := s.groupAndUser(ctx, account, group, user)
		if err != nil {
			return err
		}
		groups, err := s.stores.Memberships.GroupsOf(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("groups of user: %w", err)
		}
		for _, id := range groups {
			if id == g.ID {
				return nil
			}
		}
		if len(groups) >= maxGroupsPerUser {
			return quota("GroupsPerUser", maxGroupsPerUser)
		}
		return s.stores.Memberships.AddMember(ctx, account, g.ID, u.ID)
	})
}

// RemoveFromGroup takes a user out of a group. A user who is not in it is
// left alone, as AWS does it. UNCONFIRMED.
func (s *Service) RemoveFromGroup(ctx context.Context, account, group, user string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		g, u, err := s.groupAndUser(ctx, account, group, user)
		if err != nil {
			return err
		}
		return absent(s.stores.Memberships.RemoveMember(ctx, account, g.ID, u.ID), nil)
	})
}

func (s *Service) groupAndUser(ctx context.Context, account, group, user string) (*Group, *User, error) {
	g, err := s.Group(ctx, account, group)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.User(ctx, account, user)
	return g, u, err
}

// GroupMembers lists the users of a group.
func (s *Service) GroupMembers(ctx context.Context, account, group string, p Page) (*Group, List[*User], error) {
	g, err := s.Group(ctx, account, group)
	if err != nil {
		return nil, List[*User]{}, err
	}
	ids, err := s.stores.Memberships.Members(ctx, account, g.ID, p)
	if err != nil {
		return nil, List[*User]{}, fmt.Errorf("members of group: %w", err)
	}
	users := List[*User]{Next: ids.Next}
	for _, id := range ids.Items {
		u, err := s.stores.Users.ByID(ctx, account, id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted between the two reads
		case err != nil:
			return nil, List[*User]{}, err
		default:
			users.Items = append(users.Items, u)
		}
	}
	return g, users, nil
}

// GroupsForUser lists all groups of a user; quotas keep them few.
func (s *Service) GroupsForUser(ctx context.Context, account, user string) ([]*Group, error) {
	u, err := s.User(ctx, account, user)
	if err != nil {
		return nil, err
	}
	ids, err := s.stores.Memberships.GroupsOf(ctx, account, u.ID)
	if err != nil {
		return nil, fmt.Errorf("groups of user: %w", err)
	}
	var groups []*Group
	for _, id := range ids {
		g, err := s.stores.Groups.ByID(ctx, account, id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted between the two reads
		case err != nil:
			return nil, err
		default:
			groups = append(groups, g)
		}
	}
	return groups, nil
}
