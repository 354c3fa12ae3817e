package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) groupHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateGroup.Bind(a.CreateGroup),
		iam.GetGroup.Bind(a.GetGroup),
		iam.ListGroups.Bind(a.ListGroups),
		iam.UpdateGroup.Bind(a.UpdateGroup),
		iam.DeleteGroup.Bind(a.DeleteGroup),
		iam.AddUserToGroup.Bind(a.AddUserToGroup),
		iam.RemoveUserFromGroup.Bind(a.RemoveUserFromGroup),
		iam.ListGroupsForUser.Bind(a.ListGroupsForUser),
	}
}

func wireGroup(g *account.Group) iam.Group {
	return iam.Group{Path: &g.Path, GroupName: &g.Name, GroupId: &g.ID, Arn: new(g.ARN()), CreateDate: &g.CreatedAt}
}

// CreateGroup creates a group.
func (a *API) CreateGroup(ctx context.Context, in *iam.CreateGroupRequest) (*iam.CreateGroupResponse, error) {
	g, err := a.accounts.CreateGroup(ctx, owner(ctx), awsapi.Value(in.GroupName), awsapi.Value(in.Path))
	if err != nil {
		return nil, err
	}
	return &iam.CreateGroupResponse{Group: new(wireGroup(g))}, nil
}

// GetGroup returns a group and a page of its users.
func (a *API) GetGroup(ctx context.Context, in *iam.GetGroupRequest) (*iam.GetGroupResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.GroupName))
	if err != nil {
		return nil, err
	}
	g, users, err := a.accounts.GroupMembers(ctx, owner(ctx), awsapi.Value(in.GroupName), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.GetGroupResponse{Group: new(wireGroup(g)), Users: []iam.User{}}
	for _, u := range users.Items {
		out.Users = append(out.Users, wireUser(u))
	}
	out.IsTruncated, out.Marker, err = l.end(users.Next)
	return out, err
}

// ListGroups lists groups.
func (a *API) ListGroups(ctx context.Context, in *iam.ListGroupsRequest) (*iam.ListGroupsResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.PathPrefix))
	if err != nil {
		return nil, err
	}
	l.page.Path = awsapi.Value(in.PathPrefix)
	groups, err := a.accounts.ListGroups(ctx, owner(ctx), l.page)
	if err != nil {
		return nil, err
	}
	out := &iam.ListGroupsResponse{Groups: []iam.Group{}}
	for _, g := range groups.Items {
		out.Groups = append(out.Groups, wireGroup(g))
	}
	out.IsTruncated, out.Marker, err = l.end(groups.Next)
	return out, err
}

// UpdateGroup renames a group or moves it to another path.
func (a *API) UpdateGroup(ctx context.Context, in *iam.UpdateGroupRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UpdateGroup(ctx, account.Rename{
		Account: owner(ctx), Name: awsapi.Value(in.GroupName), NewName: awsapi.Value(in.NewGroupName), NewPath: awsapi.Value(in.NewPath),
	})
}

// DeleteGroup deletes a group.
func (a *API) DeleteGroup(ctx context.Context, in *iam.DeleteGroupRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteGroup(ctx, owner(ctx), awsapi.Value(in.GroupName))
}

// AddUserToGroup puts a user into a group.
func (a *API) AddUserToGroup(ctx context.Context, in *iam.AddUserToGroupRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.AddToGroup(ctx, owner(ctx), awsapi.Value(in.GroupName), awsapi.Value(in.UserName))
}

// RemoveUserFromGroup takes a user out of a group.
func (a *API) RemoveUserFromGroup(ctx context.Context, in *iam.RemoveUserFromGroupRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.RemoveFromGroup(ctx, owner(ctx), awsapi.Value(in.GroupName), awsapi.Value(in.UserName))
}

// ListGroupsForUser lists the groups of a user.
func (a *API) ListGroupsForUser(ctx context.Context, in *iam.ListGroupsForUserRequest) (*iam.ListGroupsForUserResponse, error) {
	l, err := a.list(ctx, in.Marker, in.MaxItems, awsapi.Value(in.UserName))
	if err != nil {
		return nil, err
	}
	all, err := a.accounts.GroupsForUser(ctx, owner(ctx), awsapi.Value(in.UserName))
	if err != nil {
		return nil, err
	}
	groups := cut(l, all, func(g *account.Group) string { return account.NameKey(g.Name) })
	out := &iam.ListGroupsForUserResponse{Groups: []iam.Group{}}
	for _, g := range groups.Items {
		out.Groups = append(out.Groups, wireGroup(g))
	}
	out.IsTruncated, out.Marker, err = l.end(groups.Next)
	return out, err
}
