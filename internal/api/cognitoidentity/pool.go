package cognitoidentity

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

func (a *API) poolHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.CreateIdentityPool.Bind(a.CreateIdentityPool),
		cognitoidentity.DescribeIdentityPool.Bind(a.DescribeIdentityPool),
		cognitoidentity.UpdateIdentityPool.Bind(a.UpdateIdentityPool),
		cognitoidentity.DeleteIdentityPool.Bind(a.DeleteIdentityPool),
		cognitoidentity.ListIdentityPools.Bind(a.ListIdentityPools),
	}
}

// CreateIdentityPool makes a pool.
func (a *API) CreateIdentityPool(ctx context.Context, in *cognitoidentity.CreateIdentityPoolInput) (*cognitoidentity.IdentityPool, error) {
	p, err := a.pools.Create(ctx, owner(ctx), &cognitoidentity.IdentityPool{
		IdentityPoolName:               in.IdentityPoolName,
		AllowUnauthenticatedIdentities: in.AllowUnauthenticatedIdentities,
		AllowClassicFlow:               in.AllowClassicFlow,
		SupportedLoginProviders:        in.SupportedLoginProviders,
		DeveloperProviderName:          in.DeveloperProviderName,
		OpenIdConnectProviderARNs:      in.OpenIdConnectProviderARNs,
		CognitoIdentityProviders:       in.CognitoIdentityProviders,
		SamlProviderARNs:               in.SamlProviderARNs,
		IdentityPoolTags:               in.IdentityPoolTags,
	})
	if err != nil {
		return nil, err
	}
	return p.Describe(), nil
}

// DescribeIdentityPool returns a pool.
func (a *API) DescribeIdentityPool(ctx context.Context, in *cognitoidentity.DescribeIdentityPoolInput) (*cognitoidentity.IdentityPool, error) {
	p, err := a.pools.Describe(ctx, owner(ctx), *in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	return p.Describe(), nil
}

// UpdateIdentityPool replaces a pool's settings.
func (a *API) UpdateIdentityPool(ctx context.Context, in *cognitoidentity.IdentityPool) (*cognitoidentity.IdentityPool, error) {
	p, err := a.pools.Update(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return p.Describe(), nil
}

// DeleteIdentityPool removes a pool with its identities.
func (a *API) DeleteIdentityPool(ctx context.Context, in *cognitoidentity.DeleteIdentityPoolInput) (*awsapi.None, error) {
	return &awsapi.None{}, a.pools.Delete(ctx, owner(ctx), *in.IdentityPoolId)
}

// ListIdentityPools lists the pools of an account in a region.
func (a *API) ListIdentityPools(ctx context.Context, in *cognitoidentity.ListIdentityPoolsInput) (*cognitoidentity.ListIdentityPoolsResponse, error) {
	pools, next, err := a.pools.List(ctx, owner(ctx), int(*in.MaxResults), awsapi.Value(in.NextToken))
	if err != nil {
		return nil, err
	}
	out := &cognitoidentity.ListIdentityPoolsResponse{IdentityPools: []cognitoidentity.IdentityPoolShortDescription{}, NextToken: token(next)}
	for _, p := range pools {
		out.IdentityPools = append(out.IdentityPools, cognitoidentity.IdentityPoolShortDescription{IdentityPoolId: &p.ID, IdentityPoolName: &p.Name})
	}
	return out, nil
}
