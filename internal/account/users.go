package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// NewUser is a user to be created.
type NewUser struct {
	Account  string
	Name     string
	Path     string // empty: "/"
	Boundary string // ARN; empty: none
	Tags     []Tag
}

// CreateUser creates a user.
func (s *Service) CreateUser(ctx context.Context, n NewUser) (*User, error) {
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	u := &User{Entity: s.newEntity(userPrefix, n.Account, n.Name, n.Path), Boundary: n.Boundary, Tags: n.Tags}
	err := s.change(ctx, n.Account, func(ctx context.Context) error {
		if err := insert(ctx, s.stores.Users, u, UserKind, "UsersPerAccount", maxUsers); err != nil {
			return err
		}
		return s.setBoundary(ctx, u.Account, u.ID, "", n.Boundary)
	})
	return u, err
}

// User returns a user by name.
func (s *Service) User(ctx context.Context, account, name string) (*User, error) {
	u, err := s.stores.Users.ByName(ctx, account, name)
	return u, absent(err, noSuch(UserKind, name))
}

// UserByID returns a user by unique id; absence is fs.ErrNotExist.
func (s *Service) UserByID(ctx context.Context, account, id string) (*User, error) {
	return s.stores.Users.ByID(ctx, account, id)
}

// ListUsers lists users by name.
func (s *Service) ListUsers(ctx context.Context, account string, p Page) (List[*User], error) {
	return s.stores.Users.List(ctx, account, p)
}

// Rename changes name and path of a user or group; empty ones stay.
type Rename struct {
	Account, Name    string
	NewName, NewPath string
}

func (r *Rename) apply(e *Entity) {
	if r.NewName != "" {
		e.Name = r.NewName
	}
	if r.NewPath != "" {
		e.Path = r.NewPath
	}
}

// UpdateUser renames a user. Trust policies follow: they know users by id.
func (s *Service) UpdateUser(ctx context.Context, r Rename) error {
	return s.change(ctx, r.Account, func(ctx context.Context) error {
		return rename(ctx, s.stores.Users, UserKind, r)
	})
}

// DeleteUser deletes a user who has nothing left.
func (s *Service) DeleteUser(ctx context.Context, account, name string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		u, err := s.User(ctx, account, name)
		if err != nil {
			return err
		}
		keys, err := s.stores.Keys.KeysOf(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("keys of user: %w", err)
		}
		if len(keys) > 0 {
			return conflict("delete access keys")
		}
		switch _, err := s.stores.Logins.Login(ctx, account, u.ID); {
		case err == nil:
			return conflict("delete login profile")
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		devices, err := s.stores.Devices.DevicesOf(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("MFA devices of user: %w", err)
		}
		if len(devices) > 0 {
			return conflict("delete MFA device")
		}
		more, err := s.stores.Credentials.HasCredentials(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("credentials of user: %w", err)
		}
		if more {
			return conflict("remove referenced objects")
		}
		groups, err := s.stores.Memberships.GroupsOf(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("groups of user: %w", err)
		}
		if len(groups) > 0 {
			return conflict("remove users from group")
		}
		if err := s.bare(ctx, account, u.ID); err != nil {
			return err
		}
		if err := s.setBoundary(ctx, account, u.ID, u.Boundary, ""); err != nil {
			return err
		}
		return s.stores.Users.Delete(ctx, account, u.ID)
	})
}

// bare makes sure that an entity has no policies left.
func (s *Service) bare(ctx context.Context, account, id string) error {
	attached, err := s.stores.Attachments.Attached(ctx, account, id, UseAttached)
	if err != nil {
		return fmt.Errorf("attached policies: %w", err)
	}
	if len(attached) > 0 {
		return conflict("detach all policies")
	}
	inline, err := s.stores.Inlines.Inlines(ctx, account, id)
	if err != nil {
		return fmt.Errorf("inline policies: %w", err)
	}
	if len(inline) > 0 {
		return conflict("delete policies")
	}
	return nil
}
