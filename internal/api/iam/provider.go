package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) providerHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateOpenIDConnectProvider.Bind(a.CreateOpenIDConnectProvider),
		iam.GetOpenIDConnectProvider.Bind(a.GetOpenIDConnectProvider),
		iam.ListOpenIDConnectProviders.Bind(a.ListOpenIDConnectProviders),
		iam.DeleteOpenIDConnectProvider.Bind(a.DeleteOpenIDConnectProvider),
		iam.AddClientIDToOpenIDConnectProvider.Bind(a.AddClientIDToOpenIDConnectProvider),
		iam.RemoveClientIDFromOpenIDConnectProvider.Bind(a.RemoveClientIDFromOpenIDConnectProvider),
		iam.UpdateOpenIDConnectProviderThumbprint.Bind(a.UpdateOpenIDConnectProviderThumbprint),
		iam.TagOpenIDConnectProvider.Bind(a.TagOpenIDConnectProvider),
		iam.UntagOpenIDConnectProvider.Bind(a.UntagOpenIDConnectProvider),
		iam.ListOpenIDConnectProviderTags.Bind(a.ListOpenIDConnectProviderTags),
	}
}

// CreateOpenIDConnectProvider creates a provider.
func (a *API) CreateOpenIDConnectProvider(ctx context.Context, in *iam.CreateOpenIDConnectProviderRequest) (*iam.CreateOpenIDConnectProviderResponse, error) {
	p, err := a.accounts.CreateProvider(ctx, account.NewProvider{
		Account: owner(ctx), URL: awsapi.Value(in.Url), ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList, Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &iam.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: new(p.ARN()), Tags: wireTags(p.Tags)}, nil
}

// GetOpenIDConnectProvider returns a provider; its URL has no scheme.
func (a *API) GetOpenIDConnectProvider(ctx context.Context, in *iam.GetOpenIDConnectProviderRequest) (*iam.GetOpenIDConnectProviderResponse, error) {
	p, err := a.accounts.Provider(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn))
	if err != nil {
		return nil, err
	}
	return &iam.GetOpenIDConnectProviderResponse{
		Url: &p.URL, ClientIDList: append([]string{}, p.ClientIDs...), ThumbprintList: append([]string{}, p.Thumbprints...),
		CreateDate: &p.CreatedAt, Tags: wireTags(p.Tags),
	}, nil
}

// ListOpenIDConnectProviders lists the ARNs of all providers.
func (a *API) ListOpenIDConnectProviders(ctx context.Context, _ *iam.ListOpenIDConnectProvidersRequest) (*iam.ListOpenIDConnectProvidersResponse, error) {
	all, err := a.accounts.ListProviders(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	out := &iam.ListOpenIDConnectProvidersResponse{OpenIDConnectProviderList: []iam.OpenIDConnectProviderListEntry{}}
	for _, p := range all {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, iam.OpenIDConnectProviderListEntry{Arn: new(p.ARN())})
	}
	return out, nil
}

// DeleteOpenIDConnectProvider deletes a provider.
func (a *API) DeleteOpenIDConnectProvider(ctx context.Context, in *iam.DeleteOpenIDConnectProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteProvider(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn))
}

// AddClientIDToOpenIDConnectProvider adds an audience.
func (a *API) AddClientIDToOpenIDConnectProvider(ctx context.Context, in *iam.AddClientIDToOpenIDConnectProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.AddClientID(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn), awsapi.Value(in.ClientID))
}

// RemoveClientIDFromOpenIDConnectProvider removes an audience.
func (a *API) RemoveClientIDFromOpenIDConnectProvider(ctx context.Context, in *iam.RemoveClientIDFromOpenIDConnectProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.RemoveClientID(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn), awsapi.Value(in.ClientID))
}

// UpdateOpenIDConnectProviderThumbprint replaces the thumbprints.
func (a *API) UpdateOpenIDConnectProviderThumbprint(ctx context.Context, in *iam.UpdateOpenIDConnectProviderThumbprintRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.SetThumbprints(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn), in.ThumbprintList)
}

// TagOpenIDConnectProvider adds tags to a provider.
func (a *API) TagOpenIDConnectProvider(ctx context.Context, in *iam.TagOpenIDConnectProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.TagProvider(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn), readTags(in.Tags))
}

// UntagOpenIDConnectProvider removes tags from a provider.
func (a *API) UntagOpenIDConnectProvider(ctx context.Context, in *iam.UntagOpenIDConnectProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UntagProvider(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn), in.TagKeys)
}

// ListOpenIDConnectProviderTags lists the tags of a provider.
func (a *API) ListOpenIDConnectProviderTags(ctx context.Context, in *iam.ListOpenIDConnectProviderTagsRequest) (*iam.ListOpenIDConnectProviderTagsResponse, error) {
	p, err := a.accounts.Provider(ctx, owner(ctx), awsapi.Value(in.OpenIDConnectProviderArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, p.URL, p.Tags, in.Marker, in.MaxItems)
	return &iam.ListOpenIDConnectProviderTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}
