package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) linkedRoleHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateServiceLinkedRole.Bind(a.CreateServiceLinkedRole),
		iam.DeleteServiceLinkedRole.Bind(a.DeleteServiceLinkedRole),
		iam.GetServiceLinkedRoleDeletionStatus.Bind(a.GetServiceLinkedRoleDeletionStatus),
	}
}

// CreateServiceLinkedRole creates the role of a service.
func (a *API) CreateServiceLinkedRole(ctx context.Context, in *iam.CreateServiceLinkedRoleRequest) (*iam.CreateServiceLinkedRoleResponse, error) {
	r, err := a.accounts.CreateLinkedRole(ctx, owner(ctx), awsapi.Value(in.AWSServiceName), awsapi.Value(in.CustomSuffix), awsapi.Value(in.Description))
	if err != nil {
		return nil, err
	}
	out, err := a.wireRole(ctx, r)
	return &iam.CreateServiceLinkedRoleResponse{Role: &out}, err
}

// DeleteServiceLinkedRole deletes the role of a service.
func (a *API) DeleteServiceLinkedRole(ctx context.Context, in *iam.DeleteServiceLinkedRoleRequest) (*iam.DeleteServiceLinkedRoleResponse, error) {
	task, err := a.accounts.DeleteLinkedRole(ctx, owner(ctx), awsapi.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	return &iam.DeleteServiceLinkedRoleResponse{DeletionTaskId: &task}, nil
}

// GetServiceLinkedRoleDeletionStatus tells that a deletion is done.
func (a *API) GetServiceLinkedRoleDeletionStatus(ctx context.Context, in *iam.GetServiceLinkedRoleDeletionStatusRequest) (*iam.GetServiceLinkedRoleDeletionStatusResponse, error) {
	if err := a.accounts.LinkedRoleDeleted(ctx, owner(ctx), awsapi.Value(in.DeletionTaskId)); err != nil {
		return nil, err
	}
	return &iam.GetServiceLinkedRoleDeletionStatusResponse{Status: new(iam.DeletionTaskStatusTypeSucceeded)}, nil
}
