package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) memberHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminAddUserToGroup.Bind(a.AdminAddUserToGroup),
		cognitoidp.AdminListGroupsForUser.Bind(a.AdminListGroupsForUser),
		cognitoidp.AdminRemoveUserFromGroup.Bind(a.AdminRemoveUserFromGroup),
		cognitoidp.ListUsersInGroup.Bind(a.ListUsersInGroup),
	}
}

// group returns the group that a signed request names, and its pool.
func (a *API) group(ctx context.Context, poolID, name *string) (*userpool.Pool, *userpool.Group, error) {
	p, err := a.pool(ctx, poolID)
	if err != nil {
		return nil, nil, err
	}
	g, err := a.pools.Group(ctx, p, awsapi.Value(name))
	return p, g, err
}

// AdminAddUserToGroup puts a user into a group.
func (a *API) AdminAddUserToGroup(ctx context.Context, in *cognitoidp.AdminAddUserToGroupRequest) (*awsapi.None, error) {
	p, g, err := a.group(ctx, in.UserPoolId, in.GroupName)
	if err != nil {
		return nil, err
	}
	return nil, a.users.Join(ctx, p, *in.Username, g)
}

// AdminRemoveUserFromGroup takes a user out of a group.
func (a *API) AdminRemoveUserFromGroup(ctx context.Context, in *cognitoidp.AdminRemoveUserFromGroupRequest) (*awsapi.None, error) {
	p, g, err := a.group(ctx, in.UserPoolId, in.GroupName)
	if err != nil {
		return nil, err
	}
	return nil, a.users.Leave(ctx, p, *in.Username, g)
}

// AdminListGroupsForUser lists the groups that a user is in.
func (a *API) AdminListGroupsForUser(ctx context.Context, in *cognitoidp.AdminListGroupsForUserRequest) (*cognitoidp.AdminListGroupsForUserResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	list, size := a.list(cognitoidp.AdminListGroupsForUser.Operation, p.ID), pageSize(in.Limit)
	list.Filter = *in.Username
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	groups, err := a.users.GroupsOf(ctx, p, *in.Username, after, size+1)
	if err != nil {
		return nil, err
	}
	groups, next, err := cutPage(list, groups, size, func(g *userpool.Group) string { return g.Name })
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.AdminListGroupsForUserResponse{Groups: make([]cognitoidp.GroupType, len(groups)), NextToken: next}
	for i, g := range groups {
		out.Groups[i] = *g.Shape()
	}
	return out, nil
}

// ListUsersInGroup lists the users of a group.
func (a *API) ListUsersInGroup(ctx context.Context, in *cognitoidp.ListUsersInGroupRequest) (*cognitoidp.ListUsersInGroupResponse, error) {
	p, g, err := a.group(ctx, in.UserPoolId, in.GroupName)
	if err != nil {
		return nil, err
	}
	list, size := a.list(cognitoidp.ListUsersInGroup.Operation, p.ID), pageSize(in.Limit)
	list.Filter = g.ID
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	users, err := a.users.Members(ctx, g, after, size+1)
	if err != nil {
		return nil, err
	}
	users, next, err := cutPage(list, users, size, func(u *user.User) string { return u.Sub })
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListUsersInGroupResponse{Users: make([]cognitoidp.UserType, len(users)), NextToken: next}
	for i, u := range users {
		out.Users[i] = *userType(u, u.Profile())
	}
	return out, nil
}
