package cognitoidp

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) tagHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.ListTagsForResource.Bind(a.ListTagsForResource),
		cognitoidp.TagResource.Bind(a.TagResource),
		cognitoidp.UntagResource.Bind(a.UntagResource),
	}
}

// textResourceARN is UNCONFIRMED.
const textResourceARN = "The resource ARN %s is not the ARN of a user pool."

// poolOfARN returns the id of the pool that an ARN names.
func poolOfARN(s string) (id string, ok bool) {
	arn, ok := awsapi.ParseARN(s)
	if !ok || arn.Service != "cognito-idp" {
		return "", false
	}
	return strings.CutPrefix(arn.Resource, "userpool/")
}

// tagged returns the caller's pool that an ARN names. Account and region of
// the ARN are part of its name: with others it names a pool that does not
// exist.
func (a *API) tagged(ctx context.Context, arn string) (*userpool.Pool, error) {
	id, ok := poolOfARN(arn)
	if !ok {
		return nil, cognitoidp.InvalidParameterException(textResourceARN, arn)
	}
	p, err := a.pool(ctx, &id)
	if err == nil && p.ARN() != arn {
		return nil, cognitoidp.ResourceNotFoundException("User pool %s does not exist.", id)
	}
	return p, err
}

// TagResource sets tags on a pool.
func (a *API) TagResource(ctx context.Context, in *cognitoidp.TagResourceRequest) (*cognitoidp.TagResourceResponse, error) {
	p, err := a.tagged(ctx, *in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := a.pools.Tag(ctx, owner(ctx), p.ID, in.Tags); err != nil {
		return nil, err
	}
	return &cognitoidp.TagResourceResponse{}, nil
}

// UntagResource removes tags from a pool.
func (a *API) UntagResource(ctx context.Context, in *cognitoidp.UntagResourceRequest) (*cognitoidp.UntagResourceResponse, error) {
	p, err := a.tagged(ctx, *in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := a.pools.Untag(ctx, owner(ctx), p.ID, in.TagKeys); err != nil {
		return nil, err
	}
	return &cognitoidp.UntagResourceResponse{}, nil
}

// ListTagsForResource prints a pool's tags: an empty object if it has none.
func (a *API) ListTagsForResource(ctx context.Context, in *cognitoidp.ListTagsForResourceRequest) (*cognitoidp.ListTagsForResourceResponse, error) {
	p, err := a.tagged(ctx, *in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags := p.Tags()
	if tags == nil {
		tags = map[string]string{}
	}
	return &cognitoidp.ListTagsForResourceResponse{Tags: tags}, nil
}
