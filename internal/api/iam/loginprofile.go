package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) loginProfileHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreateLoginProfile.Bind(a.CreateLoginProfile),
		iam.GetLoginProfile.Bind(a.GetLoginProfile),
		iam.UpdateLoginProfile.Bind(a.UpdateLoginProfile),
		iam.DeleteLoginProfile.Bind(a.DeleteLoginProfile),
		iam.ChangePassword.Bind(a.ChangePassword),
	}
}

// textNeedsPassword is UNCONFIRMED: the model lets root sessions of AssumeRoot
// leave the password out, and nobody else.
const textNeedsPassword = "Must specify password"

// CreateLoginProfile gives a user a password.
func (a *API) CreateLoginProfile(ctx context.Context, in *iam.CreateLoginProfileRequest) (*iam.CreateLoginProfileResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	if in.Password == nil {
		return nil, awsapi.Validation.New(textNeedsPassword)
	}
	p, err := a.accounts.CreateLoginProfile(ctx, owner(ctx), name, *in.Password, awsapi.Value(in.PasswordResetRequired))
	if err != nil {
		return nil, err
	}
	return &iam.CreateLoginProfileResponse{LoginProfile: &iam.LoginProfile{
		UserName: &name, CreateDate: &p.CreatedAt, PasswordResetRequired: &p.ResetRequired,
	}}, nil
}

// GetLoginProfile tells that a user has a password.
func (a *API) GetLoginProfile(ctx context.Context, in *iam.GetLoginProfileRequest) (*iam.GetLoginProfileResponse, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := a.accounts.LoginProfile(ctx, owner(ctx), name)
	if err != nil {
		return nil, err
	}
	return &iam.GetLoginProfileResponse{LoginProfile: &iam.LoginProfile{
		UserName: &name, CreateDate: &p.CreatedAt, PasswordResetRequired: &p.ResetRequired,
	}}, nil
}

// UpdateLoginProfile changes a user's password. What is left out stays.
func (a *API) UpdateLoginProfile(ctx context.Context, in *iam.UpdateLoginProfileRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.UpdateLoginProfile(ctx, owner(ctx), awsapi.Value(in.UserName), in.Password, in.PasswordResetRequired)
}

// DeleteLoginProfile takes a user's password away.
func (a *API) DeleteLoginProfile(ctx context.Context, in *iam.DeleteLoginProfileRequest) (*awsapi.None, error) {
	name, err := a.namedUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &awsapi.None{}, a.accounts.DeleteLoginProfile(ctx, owner(ctx), name)
}

// ChangePassword replaces the caller's own password.
func (a *API) ChangePassword(ctx context.Context, in *iam.ChangePasswordRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.ChangePassword(ctx, awsapi.Value(in.OldPassword), awsapi.Value(in.NewPassword))
}
