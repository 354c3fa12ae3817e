package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) samlProviderHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateSAMLProvider.Bind(a.CreateSAMLProvider),
		iam.GetSAMLProvider.Bind(a.GetSAMLProvider),
		iam.ListSAMLProviders.Bind(a.ListSAMLProviders),
		iam.UpdateSAMLProvider.Bind(a.UpdateSAMLProvider),
		iam.DeleteSAMLProvider.Bind(a.DeleteSAMLProvider),
		iam.TagSAMLProvider.Bind(a.TagSAMLProvider),
		iam.UntagSAMLProvider.Bind(a.UntagSAMLProvider),
		iam.ListSAMLProviderTags.Bind(a.ListSAMLProviderTags),
	}
}

// textSAMLEncryption refuses keys to decrypt assertions with: to accept them
// would be to promise what is not done.
const textSAMLEncryption = "Encrypted SAML assertions are not supported"

func checkEncryption(mode *iam.AssertionEncryptionModeType, keys ...*string) error {
	if mode != nil && *mode == iam.AssertionEncryptionModeTypeRequired {
		return iam.InvalidInputException(textSAMLEncryption)
	}
	for _, k := range keys {
		if k != nil {
			return iam.InvalidInputException(textSAMLEncryption)
		}
	}
	return nil
}

// CreateSAMLProvider creates a provider.
func (a *API) CreateSAMLProvider(ctx context.Context, in *iam.CreateSAMLProviderRequest) (*iam.CreateSAMLProviderResponse, error) {
	if err := checkEncryption(in.AssertionEncryptionMode, in.AddPrivateKey); err != nil {
		return nil, err
	}
	p, err := a.accounts.CreateSAMLProvider(ctx, account.SAMLProvider{
		Account: owner(ctx), Name: awsapi.Value(in.Name), Document: awsapi.Value(in.SAMLMetadataDocument), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &iam.CreateSAMLProviderResponse{SAMLProviderArn: new(p.ARN()), Tags: wireTags(p.Tags)}, nil
}

// GetSAMLProvider returns a provider with its metadata.
func (a *API) GetSAMLProvider(ctx context.Context, in *iam.GetSAMLProviderRequest) (*iam.GetSAMLProviderResponse, error) {
	p, err := a.accounts.SAMLProvider(ctx, owner(ctx), awsapi.Value(in.SAMLProviderArn))
	if err != nil {
		return nil, err
	}
	return &iam.GetSAMLProviderResponse{
		SAMLProviderUUID: &p.UUID, SAMLMetadataDocument: &p.Document, CreateDate: &p.CreatedAt, ValidUntil: &p.Expires, Tags: wireTags(p.Tags),
	}, nil
}

// ListSAMLProviders lists all providers.
func (a *API) ListSAMLProviders(ctx context.Context, _ *iam.ListSAMLProvidersRequest) (*iam.ListSAMLProvidersResponse, error) {
	all, err := a.accounts.ListSAMLProviders(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	out := &iam.ListSAMLProvidersResponse{SAMLProviderList: []iam.SAMLProviderListEntry{}}
	for _, p := range all {
		out.SAMLProviderList = append(out.SAMLProviderList, iam.SAMLProviderListEntry{Arn: new(p.ARN()), ValidUntil: &p.Expires, CreateDate: &p.CreatedAt})
	}
	return out, nil
}

// UpdateSAMLProvider replaces the metadata of a provider.
func (a *API) UpdateSAMLProvider(ctx context.Context, in *iam.UpdateSAMLProviderRequest) (*iam.UpdateSAMLProviderResponse, error) {
	if err := checkEncryption(in.AssertionEncryptionMode, in.AddPrivateKey, in.RemovePrivateKey); err != nil {
		return nil, err
	}
	arn := awsapi.Value(in.SAMLProviderArn)
	var err error
	if in.SAMLMetadataDocument != nil {
		err = a.accounts.SetSAMLMetadata(ctx, owner(ctx), arn, *in.SAMLMetadataDocument)
	} else {
		_, err = a.accounts.SAMLProvider(ctx, owner(ctx), arn)
	}
	if err != nil {
		return nil, err
	}
	return &iam.UpdateSAMLProviderResponse{SAMLProviderArn: &arn}, nil
}

// DeleteSAMLProvider deletes a provider.
func (a *API) DeleteSAMLProvider(ctx context.Context, in *iam.DeleteSAMLProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeleteSAMLProvider(ctx, owner(ctx), awsapi.Value(in.SAMLProviderArn))
}

// TagSAMLProvider adds tags to a provider.
func (a *API) TagSAMLProvider(ctx context.Context, in *iam.TagSAMLProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.TagSAMLProvider(ctx, owner(ctx), awsapi.Value(in.SAMLProviderArn), readTags(in.Tags))
}

// UntagSAMLProvider removes tags from a provider.
func (a *API) UntagSAMLProvider(ctx context.Context, in *iam.UntagSAMLProviderRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UntagSAMLProvider(ctx, owner(ctx), awsapi.Value(in.SAMLProviderArn), in.TagKeys)
}

// ListSAMLProviderTags lists the tags of a provider.
func (a *API) ListSAMLProviderTags(ctx context.Context, in *iam.ListSAMLProviderTagsRequest) (*iam.ListSAMLProviderTagsResponse, error) {
	p, err := a.accounts.SAMLProvider(ctx, owner(ctx), awsapi.Value(in.SAMLProviderArn))
	if err != nil {
		return nil, err
	}
	tags, truncated, marker, err := a.tagPage(ctx, p.UUID, p.Tags, in.Marker, in.MaxItems)
	return &iam.ListSAMLProviderTagsResponse{Tags: tags, IsTruncated: truncated, Marker: marker}, err
}

// samlTarget is the provider that an operation acts on.
func (a *API) samlTarget(ctx context.Context, arn string) (target, error) {
	t := target{arn: arn}
	p, err := a.accounts.SAMLProvider(ctx, owner(ctx), arn)
	if ok, err := known(err); !ok {
		return t, err
	}
	t.tags = p.Tags
	return t, nil
}
