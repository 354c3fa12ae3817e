package cognitoidentity

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/identitypool"
)

func (a *API) developerHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.GetOpenIdTokenForDeveloperIdentity.Bind(a.GetOpenIdTokenForDeveloperIdentity),
		cognitoidentity.LookupDeveloperIdentity.Bind(a.LookupDeveloperIdentity),
		cognitoidentity.MergeDeveloperIdentities.Bind(a.MergeDeveloperIdentities),
		cognitoidentity.UnlinkDeveloperIdentity.Bind(a.UnlinkDeveloperIdentity),
	}
}

// GetOpenIdTokenForDeveloperIdentity returns a token for somebody whom the
// developer's own server has signed in.
func (a *API) GetOpenIdTokenForDeveloperIdentity(ctx context.Context, in *cognitoidentity.GetOpenIdTokenForDeveloperIdentityInput) (*cognitoidentity.GetOpenIdTokenForDeveloperIdentityResponse, error) {
	id, token, err := a.pools.GetDeveloperToken(ctx, owner(ctx), identitypool.DeveloperTokenRequest{
		PoolID: *in.IdentityPoolId, IdentityID: awsapi.Value(in.IdentityId), Logins: in.Logins, Tags: in.PrincipalTags,
		Duration: time.Duration(awsapi.Value(in.TokenDuration)) * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.GetOpenIdTokenForDeveloperIdentityResponse{IdentityId: &id, Token: &token}, nil
}

// defaultLookup is the page of a LookupDeveloperIdentity that does not say.
const defaultLookup = 60

// LookupDeveloperIdentity finds the identity of a developer's user, or the
// users of an identity.
func (a *API) LookupDeveloperIdentity(ctx context.Context, in *cognitoidentity.LookupDeveloperIdentityInput) (*cognitoidentity.LookupDeveloperIdentityResponse, error) {
	limit := defaultLookup
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	id, users, next, err := a.pools.LookupDeveloper(ctx, owner(ctx), identitypool.LookupRequest{
		PoolID: *in.IdentityPoolId, IdentityID: awsapi.Value(in.IdentityId), User: awsapi.Value(in.DeveloperUserIdentifier),
		Limit: limit, Token: awsapi.Value(in.NextToken),
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.LookupDeveloperIdentityResponse{
		IdentityId: &id, DeveloperUserIdentifierList: append([]string{}, users...), NextToken: token(next),
	}, nil
}

// MergeDeveloperIdentities makes one identity of two.
func (a *API) MergeDeveloperIdentities(ctx context.Context, in *cognitoidentity.MergeDeveloperIdentitiesInput) (*cognitoidentity.MergeDeveloperIdentitiesResponse, error) {
	id, err := a.pools.MergeDeveloper(ctx, owner(ctx), identitypool.MergeRequest{
		PoolID: *in.IdentityPoolId, Provider: *in.DeveloperProviderName,
		Source: *in.SourceUserIdentifier, Destination: *in.DestinationUserIdentifier,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.MergeDeveloperIdentitiesResponse{IdentityId: &id}, nil
}

// UnlinkDeveloperIdentity takes a developer's user off an identity.
func (a *API) UnlinkDeveloperIdentity(ctx context.Context, in *cognitoidentity.UnlinkDeveloperIdentityInput) (*awsapi.None, error) {
	return &awsapi.None{}, a.pools.UnlinkDeveloper(ctx, owner(ctx), identitypool.DeveloperUnlinkRequest{
		PoolID: *in.IdentityPoolId, IdentityID: *in.IdentityId, Provider: *in.DeveloperProviderName, User: *in.DeveloperUserIdentifier,
	})
}
