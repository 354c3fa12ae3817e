package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) clientHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.CreateUserPoolClient.Bind(a.CreateUserPoolClient),
		cognitoidp.DeleteUserPoolClient.Bind(a.DeleteUserPoolClient),
		cognitoidp.DescribeUserPoolClient.Bind(a.DescribeUserPoolClient),
		cognitoidp.ListUserPoolClients.Bind(a.ListUserPoolClients),
		cognitoidp.UpdateUserPoolClient.Bind(a.UpdateUserPoolClient),
	}
}

// CreateUserPoolClient adds an app client.
func (a *API) CreateUserPoolClient(ctx context.Context, in *cognitoidp.CreateUserPoolClientRequest) (*cognitoidp.CreateUserPoolClientResponse, error) {
	c, err := a.pools.CreateClient(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.CreateUserPoolClientResponse{UserPoolClient: c.Describe()}, nil
}

// DescribeUserPoolClient prints an app client, with its secret.
func (a *API) DescribeUserPoolClient(ctx context.Context, in *cognitoidp.DescribeUserPoolClientRequest) (*cognitoidp.DescribeUserPoolClientResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	c, err := a.pools.Client(ctx, p, *in.ClientId)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.DescribeUserPoolClientResponse{UserPoolClient: c.Describe()}, nil
}

// ListUserPoolClients lists a pool's app clients. No client registered
// itself, so asking for those finds none.
func (a *API) ListUserPoolClients(ctx context.Context, in *cognitoidp.ListUserPoolClientsRequest) (*cognitoidp.ListUserPoolClientsResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	list, size := a.list(cognitoidp.ListUserPoolClients.Operation, p.ID), pageSize(in.MaxResults)
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListUserPoolClientsResponse{UserPoolClients: []cognitoidp.UserPoolClientDescription{}}
	if awsapi.Value(in.ClientType) == cognitoidp.ClientTypeTypeDcr {
		return out, nil
	}
	clients, err := a.pools.ListClients(ctx, p, after, size+1)
	if err != nil {
		return nil, err
	}
	clients, out.NextToken, err = cutPage(list, clients, size, func(c *userpool.Client) string { return c.ID })
	if err != nil {
		return nil, err
	}
	for _, c := range clients {
		out.UserPoolClients = append(out.UserPoolClients, c.Summary())
	}
	return out, nil
}

// UpdateUserPoolClient replaces an app client's settings.
func (a *API) UpdateUserPoolClient(ctx context.Context, in *cognitoidp.UpdateUserPoolClientRequest) (*cognitoidp.UpdateUserPoolClientResponse, error) {
	c, err := a.pools.UpdateClient(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.UpdateUserPoolClientResponse{UserPoolClient: c.Describe()}, nil
}

// DeleteUserPoolClient removes an app client.
func (a *API) DeleteUserPoolClient(ctx context.Context, in *cognitoidp.DeleteUserPoolClientRequest) (*awsapi.None, error) {
	return nil, a.pools.DeleteClient(ctx, owner(ctx), *in.UserPoolId, *in.ClientId)
}
