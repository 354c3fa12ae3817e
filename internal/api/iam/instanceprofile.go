package iam

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) instanceProfileHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateInstanceProfile.Bind(a.CreateInstanceProfile),
		iam.GetInstanceProfile.Bind(a.GetInstanceProfile),
		iam.ListInstanceProfiles.Bind(a.ListInstanceProfiles),
		iam.ListInstanceProfilesForRole.Bind(a.ListInstanceProfilesForRole),
		iam.DeleteInstanceProfile.Bind(a.DeleteInstanceProfile),
		iam.AddRoleToInstanceProfile.Bind(a.AddRoleToInstanceProfile),
		iam.RemoveRoleFromInstanceProfile.Bind(a.RemoveRoleFromInstanceProfile),
		iam.TagInstanceProfile.Bind(a.TagInstanceProfile),
		iam.UntagInstanceProfile.Bind(a.UntagInstanceProfile),
		iam.ListInstanceProfileTags.Bind(a.ListInstanceProfileTags),
	}
}

// wireInstanceProfile has what every reply about an instance profile has: its
// role with the longest session, and no tags.
func (a *API) wireInstanceProfile(ctx context.Context, p *account.InstanceProfile) (iam.InstanceProfile, error) {
	out := iam.InstanceProfile{
		Path: &p.Path, InstanceProfileName: &p.Name, InstanceProfileId: &p.ID, Arn: new(p.ARN()), CreateDate: &p.CreatedAt, Roles: []iam.Role{},
	}
	roles, err := a.accounts.RolesOf(ctx, p)
	if err != nil {
		return out, err
	}
	for _, r := range roles {
		role, err := a.wireRole(ctx, r)
		if err != nil {
			return out, err
		}
		role.MaxSessionDuration = new(int64(r.MaxSession / time.Second))
		out.Roles = append(out.Roles, role)
	}
	return out, nil
}

// CreateInstanceProfile creates an instance profile.
func (a *API) CreateInstanceProfile(ctx context.Context, in *iam.CreateInstanceProfileRequest) (*iam.CreateInstanceProfileResponse, error) {
	p, err := a.accounts.CreateInstanceProfile(ctx, account.NewInstanceProfile{
		Account: owner(ctx), Name: awsapi.Value(in.InstanceProfileName), Path: awsapi.Value(in.Path), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	out, err := a.wireInstanceProfile(ctx, p)
	out.Tags = wireTags(p.Tags)
	return &iam.CreateInstanceProfileResponse{InstanceProfile: &out}, err
}

// GetInstanceProfile returns an instance profile with its role.
func (a *API) GetInstanceProfile(ctx context.Context, in *iam.GetInstanceProfileRequest) (*iam.GetInstanceProfileResponse, error) {
	p, err := a.accounts.InstanceProfile(ctx, owner(ctx), awsapi.Value(in.InstanceProfileName))
	if err != nil {
		return nil, err
	}
	out, err := a.wireInstanceProfile(ctx, p)
	out.Tags = wireTags(p.Tags)
	return &iam.GetInstanceProfileResponse{InstanceProfile: &out}, err
}

// ListInstanceProfiles lists instance profiles, without tags.
func (a *API) ListInstanceProfiles(ctx context.Context, in *iam.ListInstanceProfilesRequest) (*iam.ListInstanceProfilesResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	l.page.Path = awsapi.Value(in.PathPrefix)
	profiles, err := a.accounts.ListInstanceProfiles(ctx, owner(ctx), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesResponse{}
	if out.InstanceProfiles, err = a.wireInstanceProfiles(ctx, profiles.Items); err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker, err = l.end(profiles.Next)
	return out, err
}

func (a *API) wireInstanceProfiles(ctx context.Context, profiles []*account.InstanceProfile) ([]iam.InstanceProfile, error) {
	out := []iam.InstanceProfile{}
	for _, p := range profiles {
		profile, err := a.wireInstanceProfile(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, profile)
	}
	return out, nil
}

// ListInstanceProfilesForRole lists the instance profiles that a role is in;
// Terraform asks before it deletes one.
func (a *API) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleRequest) (*iam.ListInstanceProfilesForRoleResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	all, err := a.accounts.InstanceProfilesOf(ctx, owner(ctx), awsapi.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	profiles := cut(l, all, func(p *account.InstanceProfile) string { return account.NameKey(p.Name) })
	out := &iam.ListInstanceProfilesForRoleResponse{}
	if out.InstanceProfiles, err = a.wireInstanceProfiles(ctx, profiles.Items); err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker, err = l.end(profiles.Next)
	return out, err
}

// DeleteInstanceProfile deletes an instance profile.
func (a *API) DeleteInstanceProfile(ctx context.Context, in *iam.DeleteInstanceProfileRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteInstanceProfile(ctx, owner(ctx), awsapi.Value(in.InstanceProfileName))
}

// AddRoleToInstanceProfile puts a role into an instance profile.
func (a *API) AddRoleToInstanceProfile(ctx context.Context, in *iam.AddRoleToInstanceProfileRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.AddRole(ctx, owner(ctx), awsapi.Value(in.InstanceProfileName), awsapi.Value(in.RoleName))
}

// RemoveRoleFromInstanceProfile takes a role out of an instance profile.
func (a *API) RemoveRoleFromInstanceProfile(ctx context.Context, in *iam.RemoveRoleFromInstanceProfileRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.RemoveRole(ctx, owner(ctx), awsapi.Value(in.InstanceProfileName), awsapi.Value(in.RoleName))
}

// TagInstanceProfile adds tags to an instance profile.
func (a *API) TagInstanceProfile(ctx context.Context, in *iam.TagInstanceProfileRequest) (*awsapi.None, error) {
	return a.tag(ctx, account.InstanceProfileKind, in.InstanceProfileName, in.Tags)
}

// UntagInstanceProfile removes tags from an instance profile.
func (a *API) UntagInstanceProfile(ctx context.Context, in *iam.UntagInstanceProfileRequest) (*awsapi.None, error) {
	return a.untag(ctx, account.InstanceProfileKind, in.InstanceProfileName, in.TagKeys)
}

// ListInstanceProfileTags lists the tags of an instance profile.
func (a *API) ListInstanceProfileTags(ctx context.Context, in *iam.ListInstanceProfileTagsRequest) (*iam.ListInstanceProfileTagsResponse, error) {
	p, err := a.accounts.InstanceProfile(ctx, owner(ctx), awsapi.Value(in.InstanceProfileName))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, p.ID, p.Tags, in.Marker, in.MaxItems)
	return &iam.ListInstanceProfileTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}
