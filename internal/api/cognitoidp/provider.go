package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) providerHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.CreateIdentityProvider.Bind(a.CreateIdentityProvider),
		cognitoidp.DeleteIdentityProvider.Bind(a.DeleteIdentityProvider),
		cognitoidp.DescribeIdentityProvider.Bind(a.DescribeIdentityProvider),
		cognitoidp.GetIdentityProviderByIdentifier.Bind(a.GetIdentityProviderByIdentifier),
		cognitoidp.ListIdentityProviders.Bind(a.ListIdentityProviders),
		cognitoidp.UpdateIdentityProvider.Bind(a.UpdateIdentityProvider),
	}
}

// CreateIdentityProvider adds an identity provider.
func (a *API) CreateIdentityProvider(ctx context.Context, in *cognitoidp.CreateIdentityProviderRequest) (*cognitoidp.CreateIdentityProviderResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	x, err := a.pools.CreateProvider(ctx, p, in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.CreateIdentityProviderResponse{IdentityProvider: x.Shape()}, nil
}

// DescribeIdentityProvider prints an identity provider.
func (a *API) DescribeIdentityProvider(ctx context.Context, in *cognitoidp.DescribeIdentityProviderRequest) (*cognitoidp.DescribeIdentityProviderResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	x, err := a.pools.Provider(ctx, p, *in.ProviderName)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.DescribeIdentityProviderResponse{IdentityProvider: x.Shape()}, nil
}

// GetIdentityProviderByIdentifier prints the identity provider that has an
// identifier.
func (a *API) GetIdentityProviderByIdentifier(ctx context.Context, in *cognitoidp.GetIdentityProviderByIdentifierRequest) (*cognitoidp.GetIdentityProviderByIdentifierResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	x, err := a.pools.ProviderByIdentifier(ctx, p, *in.IdpIdentifier)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetIdentityProviderByIdentifierResponse{IdentityProvider: x.Shape()}, nil
}

// ListIdentityProviders lists a pool's identity providers.
func (a *API) ListIdentityProviders(ctx context.Context, in *cognitoidp.ListIdentityProvidersRequest) (*cognitoidp.ListIdentityProvidersResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	list, size := a.list(cognitoidp.ListIdentityProviders.Operation, p.ID), pageSize(in.MaxResults)
	after, err := openPage(list, in.NextToken)
	if err != nil {
		return nil, err
	}
	providers, err := a.pools.ListProviders(ctx, p, after, size+1)
	if err != nil {
		return nil, err
	}
	providers, next, err := cutPage(list, providers, size, func(x *userpool.Provider) string { return x.Name })
	if err != nil {
		return nil, err
	}
	out := &cognitoidp.ListIdentityProvidersResponse{Providers: []cognitoidp.ProviderDescription{}, NextToken: next}
	for _, x := range providers {
		out.Providers = append(out.Providers, x.Summary())
	}
	return out, nil
}

// UpdateIdentityProvider changes an identity provider.
func (a *API) UpdateIdentityProvider(ctx context.Context, in *cognitoidp.UpdateIdentityProviderRequest) (*cognitoidp.UpdateIdentityProviderResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	x, err := a.pools.UpdateProvider(ctx, p, in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.UpdateIdentityProviderResponse{IdentityProvider: x.Shape()}, nil
}

// DeleteIdentityProvider removes an identity provider.
func (a *API) DeleteIdentityProvider(ctx context.Context, in *cognitoidp.DeleteIdentityProviderRequest) (*awsapi.None, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, a.pools.DeleteProvider(ctx, p, *in.ProviderName)
}
