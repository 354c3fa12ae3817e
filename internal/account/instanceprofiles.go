package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// InstanceProfileKind is the kind of instance profiles.
const InstanceProfileKind Kind = "instance-profile"

// InstanceProfile hands a role to virtual machines. Nothing here has any; it
// is kept for the tools that manage it together with its role.
type InstanceProfile struct {
	Entity
	Tags []Tag
}

// ARN names the instance profile.
func (p *InstanceProfile) ARN() string { return InstanceProfileARN(p.Account, p.Path, p.Name) }

// InstanceProfileARN names an instance profile of an account.
func InstanceProfileARN(account, path, name string) string {
	return entityARN(account, InstanceProfileKind, path, name)
}

// NewInstanceProfile is an instance profile to be created.
type NewInstanceProfile struct {
	Account, Name string
	Path          string // empty: "/"
	Tags          []Tag
}

// CreateInstanceProfile creates an instance profile without a role.
func (s *Service) CreateInstanceProfile(ctx context.Context, n NewInstanceProfile) (*InstanceProfile, error) {
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	p := &InstanceProfile{Entity: s.newEntity(instanceProfilePrefix, n.Account, n.Name, n.Path), Tags: n.Tags}
	err := s.change(ctx, n.Account, func(ctx context.Context) error {
		return insert(ctx, s.stores.InstanceProfiles, p, InstanceProfileKind, "InstanceProfilesPerAccount", maxInstanceProfiles)
	})
	return p, err
}

// InstanceProfile returns an instance profile by name.
func (s *Service) InstanceProfile(ctx context.Context, account, name string) (*InstanceProfile, error) {
	p, err := s.stores.InstanceProfiles.ByName(ctx, account, name)
	return p, absent(err, noSuch(InstanceProfileKind, name))
}

// ListInstanceProfiles lists instance profiles by name.
func (s *Service) ListInstanceProfiles(ctx context.Context, account string, p Page) (List[*InstanceProfile], error) {
	return s.stores.InstanceProfiles.List(ctx, account, p)
}

// RolesOf returns the roles of an instance profile: none or one.
func (s *Service) RolesOf(ctx context.Context, p *InstanceProfile) ([]*Role, error) {
	ids, err := s.stores.ProfileRoles.RolesOfProfile(ctx, p.Account, p.ID)
	if err != nil {
		return nil, fmt.Errorf("roles of instance profile: %w", err)
	}
	return byIDs(ctx, s.stores.Roles, p.Account, ids)
}

// InstanceProfilesOf returns all instance profiles that a role is in.
func (s *Service) InstanceProfilesOf(ctx context.Context, account, role string) ([]*InstanceProfile, error) {
	r, err := s.Role(ctx, account, role)
	if err != nil {
		return nil, err
	}
	ids, err := s.stores.ProfileRoles.ProfilesOfRole(ctx, account, r.ID)
	if err != nil {
		return nil, fmt.Errorf("instance profiles of role: %w", err)
	}
	return byIDs(ctx, s.stores.InstanceProfiles, account, ids)
}

// byIDs reads entities one by one, leaving out those that were deleted since
// their ids were read.
func byIDs[T any](ctx context.Context, store Entities[T], account string, ids []string) ([]*T, error) {
	var out []*T
	for _, id := range ids {
		v, err := store.ByID(ctx, account, id)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			out = append(out, v)
		}
	}
	return out, nil
}

// AddRole puts a role into an instance profile, which has room for one.
func (s *Service) AddRole(ctx context.Context, account, profile, role string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, r, err := s.profileAndRole(ctx, account, profile, role)
		if err != nil {
			return err
		}
		if err := modifiable(&r.Entity); err != nil {
			return err
		}
		have, err := s.stores.ProfileRoles.RolesOfProfile(ctx, account, p.ID)
		if err != nil {
			return fmt.Errorf("roles of instance profile: %w", err)
		}
		if len(have) >= maxRolesPerProfile {
			return quota("InstanceSessionsPerInstanceProfile", maxRolesPerProfile)
		}
		return s.stores.ProfileRoles.AddProfileRole(ctx, account, p.ID, r.ID)
	})
}

// RemoveRole takes a role out of an instance profile.
func (s *Service) RemoveRole(ctx context.Context, account, profile, role string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, r, err := s.profileAndRole(ctx, account, profile, role)
		if err != nil {
			return err
		}
		return absent(s.stores.ProfileRoles.RemoveProfileRole(ctx, account, p.ID, r.ID), noSuchProfileRole(r.Name, p.Name))
	})
}

// noSuchProfileRole is UNCONFIRMED.
func noSuchProfileRole(role, profile string) error {
	return iam.NoSuchEntityException("The role with name %s cannot be found in instance profile %s.", role, profile)
}

func (s *Service) profileAndRole(ctx context.Context, account, profile, role string) (*InstanceProfile, *Role, error) {
	p, err := s.InstanceProfile(ctx, account, profile)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.Role(ctx, account, role)
	return p, r, err
}

// DeleteInstanceProfile deletes an instance profile that has no role.
func (s *Service) DeleteInstanceProfile(ctx context.Context, account, name string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, err := s.InstanceProfile(ctx, account, name)
		if err != nil {
			return err
		}
		roles, err := s.stores.ProfileRoles.RolesOfProfile(ctx, account, p.ID)
		if err != nil {
			return fmt.Errorf("roles of instance profile: %w", err)
		}
		if len(roles) > 0 {
			return conflict("remove roles from instance profile")
		}
		return s.stores.InstanceProfiles.Delete(ctx, account, p.ID)
	})
}
