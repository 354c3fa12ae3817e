package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

func (a *API) mfaHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.GetUserPoolMfaConfig.Bind(a.GetUserPoolMfaConfig),
		cognitoidp.SetUserPoolMfaConfig.Bind(a.SetUserPoolMfaConfig),
	}
}

// GetUserPoolMfaConfig prints a pool's second factors.
func (a *API) GetUserPoolMfaConfig(ctx context.Context, in *cognitoidp.GetUserPoolMfaConfigRequest) (*cognitoidp.GetUserPoolMfaConfigResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return p.MFAConfig(), nil
}

// SetUserPoolMfaConfig changes a pool's second factors.
func (a *API) SetUserPoolMfaConfig(ctx context.Context, in *cognitoidp.SetUserPoolMfaConfigRequest) (*cognitoidp.SetUserPoolMfaConfigResponse, error) {
	p, err := a.pools.SetMFA(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	out := cognitoidp.SetUserPoolMfaConfigResponse(*p.MFAConfig())
	return &out, nil
}
