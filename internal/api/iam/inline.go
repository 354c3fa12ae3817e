package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) inlineHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.PutRolePolicy.Bind(a.PutRolePolicy),
		iam.GetRolePolicy.Bind(a.GetRolePolicy),
		iam.ListRolePolicies.Bind(a.ListRolePolicies),
		iam.DeleteRolePolicy.Bind(a.DeleteRolePolicy),
		iam.PutUserPolicy.Bind(a.PutUserPolicy),
		iam.GetUserPolicy.Bind(a.GetUserPolicy),
		iam.ListUserPolicies.Bind(a.ListUserPolicies),
		iam.DeleteUserPolicy.Bind(a.DeleteUserPolicy),
		iam.PutGroupPolicy.Bind(a.PutGroupPolicy),
		iam.GetGroupPolicy.Bind(a.GetGroupPolicy),
		iam.ListGroupPolicies.Bind(a.ListGroupPolicies),
		iam.DeleteGroupPolicy.Bind(a.DeleteGroupPolicy),
	}
}

// putInline adds an inline policy of a role, user or group, or replaces it.
func (a *API) putInline(ctx context.Context, kind account.Kind, name, policy, document *string) (*awsapi.None, error) {
	p := account.InlinePolicy{Name: awsapi.Value(policy), Document: awsapi.Value(document)}
	return &awsapi.None{}, a.accounts.PutInline(ctx, owner(ctx), kind, awsapi.Value(name), p)
}

func (a *API) inline(ctx context.Context, kind account.Kind, name, policy *string) (document *string, err error) {
	p, err := a.accounts.Inline(ctx, owner(ctx), kind, awsapi.Value(name), awsapi.Value(policy))
	if err != nil {
		return nil, err
	}
	return encodeDocument(p.Document), nil
}

// inlineNames returns a page of the names of inline policies.
func (a *API) inlineNames(ctx context.Context, kind account.Kind, name, marker *string, maxItems *int64) (names []string, truncated *bool, next *string, err error) {
	l, err := a.list(ctx, marker, maxItems, awsapi.Value(name))
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := a.accounts.Inlines(ctx, owner(ctx), kind, awsapi.Value(name))
	if err != nil {
		return nil, nil, nil, err
	}
	page := cut(l, all, func(p account.InlinePolicy) string { return p.Name })
	names = []string{}
	for _, p := range page.Items {
		names = append(names, p.Name)
	}
	truncated, next, err = l.end(page.Next)
	return names, truncated, next, err
}

func (a *API) deleteInline(ctx context.Context, kind account.Kind, name, policy *string) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteInline(ctx, owner(ctx), kind, awsapi.Value(name), awsapi.Value(policy))
}

// PutRolePolicy adds an inline policy to a role.
func (a *API) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyRequest) (*awsapi.None, error) {
	return a.putInline(ctx, account.RoleKind, in.RoleName, in.PolicyName, in.PolicyDocument)
}

// GetRolePolicy returns an inline policy of a role.
func (a *API) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyRequest) (*iam.GetRolePolicyResponse, error) {
	document, err := a.inline(ctx, account.RoleKind, in.RoleName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRolePolicyResponse{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

// ListRolePolicies lists the names of a role's inline policies.
func (a *API) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesRequest) (*iam.ListRolePoliciesResponse, error) {
	names, truncated, marker, err := a.inlineNames(ctx, account.RoleKind, in.RoleName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesResponse{PolicyNames: names, IsTruncated: truncated, Marker: marker}, nil
}

// DeleteRolePolicy deletes an inline policy of a role.
func (a *API) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyRequest) (*awsapi.None, error) {
	return a.deleteInline(ctx, account.RoleKind, in.RoleName, in.PolicyName)
}

// PutUserPolicy adds an inline policy to a user.
func (a *API) PutUserPolicy(ctx context.Context, in *iam.PutUserPolicyRequest) (*awsapi.None, error) {
	return a.putInline(ctx, account.UserKind, in.UserName, in.PolicyName, in.PolicyDocument)
}

// GetUserPolicy returns an inline policy of a user.
func (a *API) GetUserPolicy(ctx context.Context, in *iam.GetUserPolicyRequest) (*iam.GetUserPolicyResponse, error) {
	document, err := a.inline(ctx, account.UserKind, in.UserName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserPolicyResponse{UserName: in.UserName, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

// ListUserPolicies lists the names of a user's inline policies.
func (a *API) ListUserPolicies(ctx context.Context, in *iam.ListUserPoliciesRequest) (*iam.ListUserPoliciesResponse, error) {
	names, truncated, marker, err := a.inlineNames(ctx, account.UserKind, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListUserPoliciesResponse{PolicyNames: names, IsTruncated: truncated, Marker: marker}, nil
}

// DeleteUserPolicy deletes an inline policy of a user.
func (a *API) DeleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyRequest) (*awsapi.None, error) {
	return a.deleteInline(ctx, account.UserKind, in.UserName, in.PolicyName)
}

// PutGroupPolicy adds an inline policy to a group.
func (a *API) PutGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyRequest) (*awsapi.None, error) {
	return a.putInline(ctx, account.GroupKind, in.GroupName, in.PolicyName, in.PolicyDocument)
}

// GetGroupPolicy returns an inline policy of a group.
func (a *API) GetGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyRequest) (*iam.GetGroupPolicyResponse, error) {
	document, err := a.inline(ctx, account.GroupKind, in.GroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetGroupPolicyResponse{GroupName: in.GroupName, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

// ListGroupPolicies lists the names of a group's inline policies.
func (a *API) ListGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesRequest) (*iam.ListGroupPoliciesResponse, error) {
	names, truncated, marker, err := a.inlineNames(ctx, account.GroupKind, in.GroupName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupPoliciesResponse{PolicyNames: names, IsTruncated: truncated, Marker: marker}, nil
}

// DeleteGroupPolicy deletes an inline policy of a group.
func (a *API) DeleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyRequest) (*awsapi.None, error) {
	return a.deleteInline(ctx, account.GroupKind, in.GroupName, in.PolicyName)
}
