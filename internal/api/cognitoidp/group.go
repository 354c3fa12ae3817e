package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) groupHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.CreateGroup.Bind(a.CreateGroup),
		cognitoidp.DeleteGroup.Bind(a.DeleteGroup),
		cognitoidp.GetGroup.Bind(a.GetGroup),
		cognitoidp.ListGroups.Bind(a.ListGroups),
		cognitoidp.UpdateGroup.Bind(a.UpdateGroup),
	}
}

// CreateGroup adds a group.
func (a *API) CreateGroup(ctx context.Context, in *cognitoidp.CreateGroupRequest) (*cognitoidp.CreateGroupResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := a.pools.CreateGroup(ctx, p, in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.CreateGroupResponse{Group: g.Shape()}, nil
}

// GetGroup prints a group.
func (a *API) GetGroup(ctx context.Context, in *cognitoidp.GetGroupRequest) (*cognitoidp.GetGroupResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := a.pools.Group(ctx, p, *in.GroupName)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetGroupResponse{Group: g.Shape()}, nil
}

// ListGroups lists a pool's groups.
func (a *API) ListGroups(ctx context.Context, in *cognitoidp.ListGroupsRequest) (*cognitoidp.ListGroupsResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	list, size := a.list(cognitoidp.ListGroups.Operation, p.ID), pageSize(in.Limit)
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	groups, err := a.pools.ListGroups(ctx, p, after, size+1)
	if err != nil {
		return nil, err
	}
	groups, next, err := cutPage(list, groups, size, func(g *userpool.Group) string { return g.Name })
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListGroupsResponse{Groups: []cognitoidp.GroupType{}, NextToken: next}
	for _, g := range groups {
		out.Groups = append(out.Groups, *g.Shape())
	}
	return out, nil
}

// UpdateGroup changes a group.
func (a *API) UpdateGroup(ctx context.Context, in *cognitoidp.UpdateGroupRequest) (*cognitoidp.UpdateGroupResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := a.pools.UpdateGroup(ctx, p, in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.UpdateGroupResponse{Group: g.Shape()}, nil
}

// DeleteGroup removes a group.
func (a *API) DeleteGroup(ctx context.Context, in *cognitoidp.DeleteGroupRequest) (*awsapi.None, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, a.pools.DeleteGroup(ctx, p, *in.GroupName)
}
