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
	c, err := a.credentials.GetSessionToken(ctx, credential.SessionTokenRequest{
		Duration:     seconds(in.DurationSeconds),
		SerialNumber: awsapi.Value(in.SerialNumber), TokenCode: awsapi.Value(in.TokenCode),
		TokenSize: awsapi.Value(in.MinimumSessionTokenSize),
	})
	if err != nil {
		return nil, err
	}
	return &sts.GetSessionTokenResponse{
		Credentials:      wireCredentials(&c),
		SessionTokenSize: tokenSize(&c), SessionTokenUtilization: new(c.Utilization()),
	}, nil
}
