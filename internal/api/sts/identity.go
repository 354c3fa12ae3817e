package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// GetCallerIdentity says who signed the request.
func (a *API) GetCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityRequest) (*sts.GetCallerIdentityResponse, error) {
	c := &awsapi.RequestFrom(ctx).Caller
	return &sts.GetCallerIdentityResponse{UserId: &c.UserID, Account: &c.Account, Arn: &c.ARN}, nil
}

// GetAccessKeyInfo says which account an access key id belongs to.
func (a *API) GetAccessKeyInfo(_ context.Context, in *sts.GetAccessKeyInfoRequest) (*sts.GetAccessKeyInfoResponse, error) {
	account, err := credential.AccountOf(awsapi.Value(in.AccessKeyId))
	if err != nil {
		return nil, err
	}
	return &sts.GetAccessKeyInfoResponse{Account: &account}, nil
}

// GetSessionToken gives a user temporary credentials of the user's own.
func (a *API) GetSessionToken(ctx context.Context, in *sts.GetSessionTokenRequest) (*sts.GetSessionTokenResponse, error) {
	c, err := a.credentials.GetSessionToken(ctx, seconds(in.DurationSeconds), awsapi.Value(in.SerialNumber), awsapi.Value(in.TokenCode))
	if err != nil {
		return nil, err
	}
	return &sts.GetSessionTokenResponse{Credentials: wireCredentials(&c)}, nil
}
