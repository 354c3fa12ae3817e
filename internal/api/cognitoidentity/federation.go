package cognitoidentity

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/identitypool"
)

func (a *API) federationHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.GetId.Bind(a.GetId),
		cognitoidentity.GetOpenIdToken.Bind(a.GetOpenIdToken),
		cognitoidentity.GetCredentialsForIdentity.Bind(a.GetCredentialsForIdentity),
		cognitoidentity.UnlinkIdentity.Bind(a.UnlinkIdentity),
	}
}

// GetId returns the identity of somebody's logins, or a new guest.
func (a *API) GetId(ctx context.Context, in *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
	id, err := a.pools.GetID(ctx, identitypool.IDRequest{
		Region: awsapi.RequestFrom(ctx).Region, PoolID: *in.IdentityPoolId, AccountID: awsapi.Value(in.AccountId), Logins: in.Logins,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.GetIdResponse{IdentityId: &id}, nil
}

// GetOpenIdToken returns a token that proves an identity.
func (a *API) GetOpenIdToken(ctx context.Context, in *cognitoidentity.GetOpenIdTokenInput) (*cognitoidentity.GetOpenIdTokenResponse, error) {
	id, token, err := a.pools.GetOpenIDToken(ctx, identitypool.TokenRequest{
		Region: awsapi.RequestFrom(ctx).Region, IdentityID: *in.IdentityId, Logins: in.Logins,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.GetOpenIdTokenResponse{IdentityId: &id, Token: &token}, nil
}

// GetCredentialsForIdentity returns temporary keys for an identity.
func (a *API) GetCredentialsForIdentity(ctx context.Context, in *cognitoidentity.GetCredentialsForIdentityInput) (*cognitoidentity.GetCredentialsForIdentityResponse, error) {
	id, c, err := a.pools.GetCredentials(ctx, identitypool.CredentialsRequest{
		Region: awsapi.RequestFrom(ctx).Region, IdentityID: *in.IdentityId, Logins: in.Logins, CustomRole: awsapi.Value(in.CustomRoleArn),
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidentity.GetCredentialsForIdentityResponse{
		IdentityId: &id,
		Credentials: &cognitoidentity.Credentials{
			AccessKeyId: &c.AccessKeyID, SecretKey: &c.SecretAccessKey, SessionToken: &c.SessionToken, Expiration: &c.Expiration,
		},
	}, nil
}

// UnlinkIdentity takes logins off an identity.
func (a *API) UnlinkIdentity(ctx context.Context, in *cognitoidentity.UnlinkIdentityInput) (*awsapi.None, error) {
	return &awsapi.None{}, a.pools.Unlink(ctx, identitypool.UnlinkRequest{
		Region: awsapi.RequestFrom(ctx).Region, IdentityID: *in.IdentityId, Logins: in.Logins, Remove: in.LoginsToRemove,
	})
}
