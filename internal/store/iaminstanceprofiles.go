package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
)

type iamInstanceProfileDetails struct{ Tags []account.Tag }

// InstanceProfiles is the view of instance profiles.
func (s *IAM) InstanceProfiles() *IAMEntities[account.InstanceProfile] {
	pack, unpack := packed(
		func(p *account.InstanceProfile) iamInstanceProfileDetails { return iamInstanceProfileDetails{p.Tags} },
		func(p *account.InstanceProfile, d iamInstanceProfileDetails) { p.Tags = d.Tags })
	return &IAMEntities[account.InstanceProfile]{s.db, "iam_instance_profiles", (*account.InstanceProfile).Head, pack, unpack}
}

// AddProfileRole puts a role into an instance profile.
func (s *IAM) AddProfileRole(ctx context.Context, acct, profile, role string) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_instance_profile_roles (account, profile, role) VALUES ($1, $2, $3)`, acct, profile, role)
	return err
}

// RemoveProfileRole takes a role out of an instance profile.
func (s *IAM) RemoveProfileRole(ctx context.Context, acct, profile, role string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_instance_profile_roles WHERE account = $1 AND profile = $2 AND role = $3`, acct, profile, role))
}

// RolesOfProfile returns the unique ids of an instance profile's roles.
func (s *IAM) RolesOfProfile(ctx context.Context, acct, profile string) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT role FROM iam_instance_profile_roles
		WHERE account = $1 AND profile = $2 ORDER BY role`, acct, profile)
}

// ProfilesOfRole returns the unique ids of the instance profiles of a role.
func (s *IAM) ProfilesOfRole(ctx context.Context, acct, role string) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT profile FROM iam_instance_profile_roles
		WHERE account = $1 AND role = $2 ORDER BY profile`, acct, role)
}
