package iam

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) roleHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateRole.Bind(a.CreateRole),
		iam.GetRole.Bind(a.GetRole),
		iam.ListRoles.Bind(a.ListRoles),
		iam.UpdateRole.Bind(a.UpdateRole),
		iam.UpdateRoleDescription.Bind(a.UpdateRoleDescription),
		iam.UpdateAssumeRolePolicy.Bind(a.UpdateAssumeRolePolicy),
		iam.DeleteRole.Bind(a.DeleteRole),
	}
}

// wireRole has what every reply about a role has.
func (a *API) wireRole(ctx context.Context, r *account.Role) (iam.Role, error) {
	trust, err := a.accounts.ShownTrust(ctx, r)
	if err != nil {
		return iam.Role{}, err
	}
	return iam.Role{
		Path: &r.Path, RoleName: &r.Name, RoleId: &r.ID, Arn: new(r.ARN()), CreateDate: &r.CreatedAt,
		AssumeRolePolicyDocument: encodeDocument(trust), Description: optional(r.Description),
	}, nil
}

// CreateRole creates a role. Its reply has no MaxSessionDuration.
func (a *API) CreateRole(ctx context.Context, in *iam.CreateRoleRequest) (*iam.CreateRoleResponse, error) {
	r, err := a.accounts.CreateRole(ctx, account.NewRole{
		Account: owner(ctx), Name: awsapi.Value(in.RoleName), Path: awsapi.Value(in.Path),
		Description: awsapi.Value(in.Description), MaxSession: time.Duration(awsapi.Value(in.MaxSessionDuration)) * time.Second,
		Boundary: awsapi.Value(in.PermissionsBoundary), Tags: readTags(in.Tags), Trust: awsapi.Value(in.AssumeRolePolicyDocument),
	})
	if err != nil {
		return nil, err
	}
	out, err := a.wireRole(ctx, r)
	if err != nil {
		return nil, err
	}
	out.Tags, out.PermissionsBoundary = wireTags(r.Tags), wireBoundary(r.Boundary)
	return &iam.CreateRoleResponse{Role: &out}, nil
}

// GetRole returns a role with everything.
func (a *API) GetRole(ctx context.Context, in *iam.GetRoleRequest) (*iam.GetRoleResponse, error) {
	r, err := a.accounts.Role(ctx, owner(ctx), awsapi.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	out, err := a.wireRole(ctx, r)
	if err != nil {
		return nil, err
	}
	out.MaxSessionDuration = new(int64(r.MaxSession / time.Second))
	used, err := a.accounts.RoleUse(ctx, r)
	if err != nil {
		return nil, err
	}
	out.RoleLastUsed = &iam.RoleLastUsed{}
	if !used.At.IsZero() {
		out.RoleLastUsed = &iam.RoleLastUsed{LastUsedDate: &used.At, Region: &used.Region}
	}
	out.Tags, out.PermissionsBoundary = wireTags(r.Tags), wireBoundary(r.Boundary)
	return &iam.GetRoleResponse{Role: &out}, nil
}

// ListRoles lists roles, without tags, boundary and last use.
func (a *API) ListRoles(ctx context.Context, in *iam.ListRolesRequest) (*iam.ListRolesResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	l.page.Path = awsapi.Value(in.PathPrefix)
	roles, err := a.accounts.ListRoles(ctx, owner(ctx), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesResponse{Roles: []iam.Role{}}
	for _, r := range roles.Items {
		role, err := a.wireRole(ctx, r)
		if err != nil {
			return nil, err
		}
		role.MaxSessionDuration = new(int64(r.MaxSession / time.Second))
		out.Roles = append(out.Roles, role)
	}
	out.IsTruncated, out.Marker, err = l.end(roles.Next)
	return out, err
}

// UpdateRole changes description and longest session. An absent description
// stays. UNCONFIRMED.
func (a *API) UpdateRole(ctx context.Context, in *iam.UpdateRoleRequest) (*iam.UpdateRoleResponse, error) {
	u := account.RoleUpdate{Description: in.Description}
	if in.MaxSessionDuration != nil {
		u.MaxSession = new(time.Duration(*in.MaxSessionDuration) * time.Second)
	}
	if _, err := a.accounts.UpdateRole(ctx, owner(ctx), awsapi.Value(in.RoleName), u); err != nil {
		return nil, err
	}
	return &iam.UpdateRoleResponse{}, nil
}

// UpdateRoleDescription changes the description and returns the role.
func (a *API) UpdateRoleDescription(ctx context.Context, in *iam.UpdateRoleDescriptionRequest) (*iam.UpdateRoleDescriptionResponse, error) {
	r, err := a.accounts.UpdateRole(ctx, owner(ctx), awsapi.Value(in.RoleName), account.RoleUpdate{Description: in.Description})
	if err != nil {
		return nil, err
	}
	out, err := a.wireRole(ctx, r)
	if err != nil {
		return nil, err
	}
	out.MaxSessionDuration = new(int64(r.MaxSession / time.Second))
	out.Tags, out.PermissionsBoundary = wireTags(r.Tags), wireBoundary(r.Boundary)
	return &iam.UpdateRoleDescriptionResponse{Role: &out}, nil
}

// UpdateAssumeRolePolicy replaces a trust policy.
func (a *API) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.SetTrust(ctx, owner(ctx), awsapi.Value(in.RoleName), awsapi.Value(in.PolicyDocument))
}

// DeleteRole deletes a role.
func (a *API) DeleteRole(ctx context.Context, in *iam.DeleteRoleRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteRole(ctx, owner(ctx), awsapi.Value(in.RoleName))
}
