package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) passwordPolicyHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.UpdateAccountPasswordPolicy.Bind(a.UpdateAccountPasswordPolicy),
		iam.GetAccountPasswordPolicy.Bind(a.GetAccountPasswordPolicy),
		iam.DeleteAccountPasswordPolicy.Bind(a.DeleteAccountPasswordPolicy),
	}
}

// UpdateAccountPasswordPolicy replaces the policy; what is left out goes back
// to its default.
func (a *API) UpdateAccountPasswordPolicy(ctx context.Context, in *iam.UpdateAccountPasswordPolicyRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.SetPasswordPolicy(ctx, owner(ctx), account.PasswordPolicy{
		MinimumLength: int(awsapi.Value(in.MinimumPasswordLength)), Lowercase: awsapi.Value(in.RequireLowercaseCharacters),
		Uppercase: awsapi.Value(in.RequireUppercaseCharacters), Numbers: awsapi.Value(in.RequireNumbers), Symbols: awsapi.Value(in.RequireSymbols),
		UsersMayChange: awsapi.Value(in.AllowUsersToChangePassword), MaxAge: int(awsapi.Value(in.MaxPasswordAge)),
		Remembered: int(awsapi.Value(in.PasswordReusePrevention)), HardExpiry: in.HardExpiry,
	})
}

// GetAccountPasswordPolicy returns the policy that the account has set.
func (a *API) GetAccountPasswordPolicy(ctx context.Context, _ *awsapi.None) (*iam.GetAccountPasswordPolicyResponse, error) {
	p, err := a.accounts.PasswordPolicy(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	return &iam.GetAccountPasswordPolicyResponse{PasswordPolicy: &iam.PasswordPolicy{
		MinimumPasswordLength: new(int64(p.MinimumLength)), RequireSymbols: &p.Symbols, RequireNumbers: &p.Numbers,
		RequireUppercaseCharacters: &p.Uppercase, RequireLowercaseCharacters: &p.Lowercase, AllowUsersToChangePassword: &p.UsersMayChange,
		ExpirePasswords: new(p.MaxAge > 0), MaxPasswordAge: positive(p.MaxAge), PasswordReusePrevention: positive(p.Remembered), HardExpiry: p.HardExpiry,
	}}, nil
}

// positive returns nil for zero.
func positive(n int) *int64 {
	if n == 0 {
		return nil
	}
	return new(int64(n))
}

// DeleteAccountPasswordPolicy brings the default policy back.
func (a *API) DeleteAccountPasswordPolicy(ctx context.Context, _ *awsapi.None) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeletePasswordPolicy(ctx, owner(ctx))
}
