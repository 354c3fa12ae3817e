package iam

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) attachHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.AttachRolePolicy.Bind(a.AttachRolePolicy),
		iam.DetachRolePolicy.Bind(a.DetachRolePolicy),
		iam.ListAttachedRolePolicies.Bind(a.ListAttachedRolePolicies),
		iam.AttachUserPolicy.Bind(a.AttachUserPolicy),
		iam.DetachUserPolicy.Bind(a.DetachUserPolicy),
		iam.ListAttachedUserPolicies.Bind(a.ListAttachedUserPolicies),
		iam.AttachGroupPolicy.Bind(a.AttachGroupPolicy),
		iam.DetachGroupPolicy.Bind(a.DetachGroupPolicy),
		iam.ListAttachedGroupPolicies.Bind(a.ListAttachedGroupPolicies),
	}
}

func (a *API) attach(ctx context.Context, kind account.Kind, name, arn *string) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.Attach(ctx, owner(ctx), kind, awsapi.Value(name), awsapi.Value(arn))
}

func (a *API) detach(ctx context.Context, kind account.Kind, name, arn *string) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.Detach(ctx, owner(ctx), kind, awsapi.Value(name), awsapi.Value(arn))
}

// attached returns a page of the managed policies of a role, user or group.
func (a *API) attached(ctx context.Context, kind account.Kind, name, prefix, marker *string, maxItems *int64) (policies []iam.AttachedPolicy, truncated *bool, next *string, err error) {
	l, err := a.list(ctx, marker, maxItems, awsapi.Value(name), awsapi.Value(prefix))
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := a.accounts.Attached(ctx, owner(ctx), kind, awsapi.Value(name))
	if err != nil {
		return nil, nil, nil, err
	}
	var under []account.AttachedPolicy
	for _, p := range all {
		if strings.HasPrefix(p.Path, awsapi.Value(prefix)) {
			under = append(under, p)
		}
	}
	page := cut(l, under, attachedKey)
	policies = []iam.AttachedPolicy{}
	for _, p := range page.Items {
		policies = append(policies, iam.AttachedPolicy{PolicyName: &p.Name, PolicyArn: &p.ARN})
	}
	truncated, next, err = l.end(page.Next)
	return policies, truncated, next, err
}

// attachedKey orders by name. An ARN would be too long for a marker, and a
// name alone may be both the account's and AWS's.
func attachedKey(p account.AttachedPolicy) string {
	sum := sha256.Sum256([]byte(p.ARN))
	return account.NameKey(p.Name) + " " + hex.EncodeToString(sum[:8])
}

// AttachRolePolicy attaches a managed policy to a role.
func (a *API) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyRequest) (*awsapi.None, error) {
	return a.attach(ctx, account.RoleKind, in.RoleName, in.PolicyArn)
}

// DetachRolePolicy detaches a managed policy from a role.
func (a *API) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyRequest) (*awsapi.None, error) {
	return a.detach(ctx, account.RoleKind, in.RoleName, in.PolicyArn)
}

// ListAttachedRolePolicies lists the managed policies of a role.
func (a *API) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesRequest) (*iam.ListAttachedRolePoliciesResponse, error) {
	policies, truncated, marker, err := a.attached(ctx, account.RoleKind, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedRolePoliciesResponse{AttachedPolicies: policies, IsTruncated: truncated, Marker: marker}, nil
}

// AttachUserPolicy attaches a managed policy to a user.
func (a *API) AttachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyRequest) (*awsapi.None, error) {
	return a.attach(ctx, account.UserKind, in.UserName, in.PolicyArn)
}

// DetachUserPolicy detaches a managed policy from a user.
func (a *API) DetachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyRequest) (*awsapi.None, error) {
	return a.detach(ctx, account.UserKind, in.UserName, in.PolicyArn)
}

// ListAttachedUserPolicies lists the managed policies of a user.
func (a *API) ListAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesRequest) (*iam.ListAttachedUserPoliciesResponse, error) {
	policies, truncated, marker, err := a.attached(ctx, account.UserKind, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedUserPoliciesResponse{AttachedPolicies: policies, IsTruncated: truncated, Marker: marker}, nil
}

// AttachGroupPolicy attaches a managed policy to a group.
func (a *API) AttachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyRequest) (*awsapi.None, error) {
	return a.attach(ctx, account.GroupKind, in.GroupName, in.PolicyArn)
}

// DetachGroupPolicy detaches a managed policy from a group.
func (a *API) DetachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyRequest) (*awsapi.None, error) {
	return a.detach(ctx, account.GroupKind, in.GroupName, in.PolicyArn)
}

// ListAttachedGroupPolicies lists the managed policies of a group.
func (a *API) ListAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesRequest) (*iam.ListAttachedGroupPoliciesResponse, error) {
	policies, truncated, marker, err := a.attached(ctx, account.GroupKind, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedGroupPoliciesResponse{AttachedPolicies: policies, IsTruncated: truncated, Marker: marker}, nil
}
