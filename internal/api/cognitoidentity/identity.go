package cognitoidentity

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

func (a *API) identityHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.DescribeIdentity.Bind(a.DescribeIdentity),
		cognitoidentity.ListIdentities.Bind(a.ListIdentities),
		cognitoidentity.DeleteIdentities.Bind(a.DeleteIdentities),
	}
}

// DescribeIdentity returns an identity.
func (a *API) DescribeIdentity(ctx context.Context, in *cognitoidentity.DescribeIdentityInput) (*cognitoidentity.IdentityDescription, error) {
	i, _, err := a.pools.Identity(ctx, owner(ctx), *in.IdentityId)
	if err != nil {
		return nil, err
	}
	return i.Describe(), nil
}

// ListIdentities lists the identities of a pool.
func (a *API) ListIdentities(ctx context.Context, in *cognitoidentity.ListIdentitiesInput) (*cognitoidentity.ListIdentitiesResponse, error) {
	list, next, err := a.pools.ListIdentities(ctx, owner(ctx), *in.IdentityPoolId, int(*in.MaxResults), awsapi.Value(in.NextToken), awsapi.Value(in.HideDisabled))
	if err != nil {
		return nil, err
	}
	out := &cognitoidentity.ListIdentitiesResponse{
		IdentityPoolId: in.IdentityPoolId, Identities: []cognitoidentity.IdentityDescription{}, NextToken: token(next),
	}
	for _, i := range list {
		out.Identities = append(out.Identities, *i.Describe())
	}
	return out, nil
}

// DeleteIdentities removes identities and reports those that it could not.
func (a *API) DeleteIdentities(ctx context.Context, in *cognitoidentity.DeleteIdentitiesInput) (*cognitoidentity.DeleteIdentitiesResponse, error) {
	unprocessed := a.pools.DeleteIdentities(ctx, owner(ctx), in.IdentityIdsToDelete)
	if unprocessed == nil {
		unprocessed = []cognitoidentity.UnprocessedIdentityId{}
	}
	return &cognitoidentity.DeleteIdentitiesResponse{UnprocessedIdentityIds: unprocessed}, nil
}
