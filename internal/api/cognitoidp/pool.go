package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) poolHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AddCustomAttributes.Bind(a.AddCustomAttributes),
		cognitoidp.CreateUserPool.Bind(a.CreateUserPool),
		cognitoidp.DeleteUserPool.Bind(a.DeleteUserPool),
		cognitoidp.DescribeUserPool.Bind(a.DescribeUserPool),
		cognitoidp.ListUserPools.Bind(a.ListUserPools),
		cognitoidp.UpdateUserPool.Bind(a.UpdateUserPool),
	}
}

// CreateUserPool makes a pool.
func (a *API) CreateUserPool(ctx context.Context, in *cognitoidp.CreateUserPoolRequest) (*cognitoidp.CreateUserPoolResponse, error) {
	p, err := a.pools.Create(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.CreateUserPoolResponse{UserPool: p.Describe(0)}, nil
}

// DescribeUserPool prints a pool.
func (a *API) DescribeUserPool(ctx context.Context, in *cognitoidp.DescribeUserPoolRequest) (*cognitoidp.DescribeUserPoolResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	shape, err := a.pools.Describe(ctx, p)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.DescribeUserPoolResponse{UserPool: shape}, nil
}

// ListUserPools lists the caller's pools in the region.
func (a *API) ListUserPools(ctx context.Context, in *cognitoidp.ListUserPoolsRequest) (*cognitoidp.ListUserPoolsResponse, error) {
	o, size := owner(ctx), pageSize(in.MaxResults)
	list := a.list(cognitoidp.ListUserPools.Operation, o.Account+"/"+o.Region)
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	pools, err := a.pools.List(ctx, o, after, size+1)
	if err != nil {
		return nil, err
	}
	pools, next, err := cutPage(list, pools, size, func(p *userpool.Pool) string { return p.ID })
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListUserPoolsResponse{UserPools: []cognitoidp.UserPoolDescriptionType{}, NextToken: next}
	for _, p := range pools {
		out.UserPools = append(out.UserPools, p.Summary())
	}
	return out, nil
}

// UpdateUserPool replaces a pool's settings.
func (a *API) UpdateUserPool(ctx context.Context, in *cognitoidp.UpdateUserPoolRequest) (*cognitoidp.UpdateUserPoolResponse, error) {
	if err := a.pools.Update(ctx, owner(ctx), in); err != nil {
		return nil, err
	}
	return &cognitoidp.UpdateUserPoolResponse{}, nil
}

// DeleteUserPool removes a pool and all that is in it.
func (a *API) DeleteUserPool(ctx context.Context, in *cognitoidp.DeleteUserPoolRequest) (*awsapi.None, error) {
	return nil, a.pools.Delete(ctx, owner(ctx), *in.UserPoolId)
}

// AddCustomAttributes adds to a pool's schema.
func (a *API) AddCustomAttributes(ctx context.Context, in *cognitoidp.AddCustomAttributesRequest) (*cognitoidp.AddCustomAttributesResponse, error) {
	if err := a.pools.AddAttributes(ctx, owner(ctx), *in.UserPoolId, in.CustomAttributes); err != nil {
		return nil, err
	}
	return &cognitoidp.AddCustomAttributesResponse{}, nil
}
