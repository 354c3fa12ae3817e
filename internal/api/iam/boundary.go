package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) boundaryHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.PutRolePermissionsBoundary.Bind(a.PutRolePermissionsBoundary),
		iam.DeleteRolePermissionsBoundary.Bind(a.DeleteRolePermissionsBoundary),
		iam.PutUserPermissionsBoundary.Bind(a.PutUserPermissionsBoundary),
		iam.DeleteUserPermissionsBoundary.Bind(a.DeleteUserPermissionsBoundary),
	}
}

// PutRolePermissionsBoundary sets the boundary of a role.
func (a *API) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryRequest) (*awsapi.None, error) {
	return a.putBoundary(ctx, account.RoleKind, in.RoleName, awsapi.Value(in.PermissionsBoundary))
}

// DeleteRolePermissionsBoundary removes the boundary of a role.
func (a *API) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryRequest) (*awsapi.None, error) {
	return a.putBoundary(ctx, account.RoleKind, in.RoleName, "")
}

// PutUserPermissionsBoundary sets the boundary of a user.
func (a *API) PutUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryRequest) (*awsapi.None, error) {
	return a.putBoundary(ctx, account.UserKind, in.UserName, awsapi.Value(in.PermissionsBoundary))
}

// DeleteUserPermissionsBoundary removes the boundary of a user.
func (a *API) DeleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryRequest) (*awsapi.None, error) {
	return a.putBoundary(ctx, account.UserKind, in.UserName, "")
}

func (a *API) putBoundary(ctx context.Context, kind account.Kind, name *string, arn string) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.PutBoundary(ctx, owner(ctx), kind, awsapi.Value(name), arn)
}
