package cognitoidentity

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

func (a *API) tagHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.TagResource.Bind(a.TagResource),
		cognitoidentity.UntagResource.Bind(a.UntagResource),
		cognitoidentity.ListTagsForResource.Bind(a.ListTagsForResource),
	}
}

// TagResource adds tags to a pool.
func (a *API) TagResource(ctx context.Context, in *cognitoidentity.TagResourceInput) (*cognitoidentity.TagResourceResponse, error) {
	return &cognitoidentity.TagResourceResponse{}, a.pools.Tag(ctx, owner(ctx), *in.ResourceArn, in.Tags)
}

// UntagResource removes tags from a pool.
func (a *API) UntagResource(ctx context.Context, in *cognitoidentity.UntagResourceInput) (*cognitoidentity.UntagResourceResponse, error) {
	return &cognitoidentity.UntagResourceResponse{}, a.pools.Untag(ctx, owner(ctx), *in.ResourceArn, in.TagKeys)
}

// ListTagsForResource returns a pool's tags.
func (a *API) ListTagsForResource(ctx context.Context, in *cognitoidentity.ListTagsForResourceInput) (*cognitoidentity.ListTagsForResourceResponse, error) {
	p, err := a.pools.FindByARN(ctx, owner(ctx), *in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags := p.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	return &cognitoidentity.ListTagsForResourceResponse{Tags: tags}, nil
}
