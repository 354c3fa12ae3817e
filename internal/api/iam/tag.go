package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) tagHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.TagRole.Bind(a.TagRole),
		iam.UntagRole.Bind(a.UntagRole),
		iam.ListRoleTags.Bind(a.ListRoleTags),
		iam.TagUser.Bind(a.TagUser),
		iam.UntagUser.Bind(a.UntagUser),
		iam.ListUserTags.Bind(a.ListUserTags),
		iam.TagPolicy.Bind(a.TagPolicy),
		iam.UntagPolicy.Bind(a.UntagPolicy),
		iam.ListPolicyTags.Bind(a.ListPolicyTags),
	}
}

func (a *API) tag(ctx context.Context, kind account.Kind, name *string, tags []iam.Tag) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.Tag(ctx, owner(ctx), kind, awsapi.Value(name), readTags(tags))
}

func (a *API) untag(ctx context.Context, kind account.Kind, name *string, keys []string) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.Untag(ctx, owner(ctx), kind, awsapi.Value(name), keys)
}

// tagPage returns a page of tags.
func (a *API) tagPage(ctx context.Context, name string, tags []account.Tag, marker *string, maxItems *int64) (page []iam.Tag, truncated *bool, next *string, err error) {
	l, err := a.list(ctx, marker, maxItems, name)
	if err != nil {
		return nil, nil, nil, err
	}
	cutTags := cut(l, tags, func(t account.Tag) string { return t.Key })
	page = wireTags(cutTags.Items)
	if page == nil {
		page = []iam.Tag{}
	}
	truncated, next, err = l.end(cutTags.Next)
	return page, truncated, next, err
}

// TagRole adds tags to a role.
func (a *API) TagRole(ctx context.Context, in *iam.TagRoleRequest) (*awsapi.None, error) {
	return a.tag(ctx, account.RoleKind, in.RoleName, in.Tags)
}

// UntagRole removes tags from a role.
func (a *API) UntagRole(ctx context.Context, in *iam.UntagRoleRequest) (*awsapi.None, error) {
	return a.untag(ctx, account.RoleKind, in.RoleName, in.TagKeys)
}

// ListRoleTags lists the tags of a role.
func (a *API) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsRequest) (*iam.ListRoleTagsResponse, error) {
	r, err := a.accounts.Role(ctx, owner(ctx), awsapi.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, r.ID, r.Tags, in.Marker, in.MaxItems)
	return &iam.ListRoleTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}

// TagUser adds tags to a user.
func (a *API) TagUser(ctx context.Context, in *iam.TagUserRequest) (*awsapi.None, error) {
	return a.tag(ctx, account.UserKind, in.UserName, in.Tags)
}

// UntagUser removes tags from a user.
func (a *API) UntagUser(ctx context.Context, in *iam.UntagUserRequest) (*awsapi.None, error) {
	return a.untag(ctx, account.UserKind, in.UserName, in.TagKeys)
}

// ListUserTags lists the tags of a user.
func (a *API) ListUserTags(ctx context.Context, in *iam.ListUserTagsRequest) (*iam.ListUserTagsResponse, error) {
	u, err := a.accounts.User(ctx, owner(ctx), awsapi.Value(in.UserName))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, u.ID, u.Tags, in.Marker, in.MaxItems)
	return &iam.ListUserTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}

// TagPolicy adds tags to a managed policy.
func (a *API) TagPolicy(ctx context.Context, in *iam.TagPolicyRequest) (*awsapi.None, error) {
	return a.tag(ctx, account.PolicyKind, in.PolicyArn, in.Tags)
}

// UntagPolicy removes tags from a managed policy.
func (a *API) UntagPolicy(ctx context.Context, in *iam.UntagPolicyRequest) (*awsapi.None, error) {
	return a.untag(ctx, account.PolicyKind, in.PolicyArn, in.TagKeys)
}

// ListPolicyTags lists the tags of a managed policy.
func (a *API) ListPolicyTags(ctx context.Context, in *iam.ListPolicyTagsRequest) (*iam.ListPolicyTagsResponse, error) {
	p, err := a.accounts.Policy(ctx, owner(ctx), awsapi.Value(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, p.ID, p.Tags, in.Marker, in.MaxItems)
	return &iam.ListPolicyTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}
