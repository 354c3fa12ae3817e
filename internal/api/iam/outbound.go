package iam

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) outboundHandlers() []awsapi.Handler {
	if a.outbound == nil {
		return nil
	}
	return []awsapi.Handler{
		iam.EnableOutboundWebIdentityFederation.Bind(a.EnableOutboundWebIdentityFederation),
		iam.DisableOutboundWebIdentityFederation.Bind(a.DisableOutboundWebIdentityFederation),
		iam.GetOutboundWebIdentityFederationInfo.Bind(a.GetOutboundWebIdentityFederationInfo),
	}
}

// EnableOutboundWebIdentityFederation gives the account an issuer.
func (a *API) EnableOutboundWebIdentityFederation(ctx context.Context, _ *awsapi.None) (*iam.EnableOutboundWebIdentityFederationResponse, error) {
	url, err := a.outbound.Enable(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	return &iam.EnableOutboundWebIdentityFederationResponse{IssuerIdentifier: &url}, nil
}

// DisableOutboundWebIdentityFederation lets the account's issuer make no
// further tokens.
func (a *API) DisableOutboundWebIdentityFederation(ctx context.Context, _ *awsapi.None) (*awsapi.None, error) {
	return &awsapi.None{}, a.outbound.Disable(ctx, owner(ctx))
}

// GetOutboundWebIdentityFederationInfo returns the account's issuer.
func (a *API) GetOutboundWebIdentityFederationInfo(ctx context.Context, _ *awsapi.None) (*iam.GetOutboundWebIdentityFederationInfoResponse, error) {
	url, _, err := a.outbound.Issuer(ctx, owner(ctx))
	if err != nil {
		return nil, err
	}
	return &iam.GetOutboundWebIdentityFederationInfoResponse{IssuerIdentifier: &url, JwtVendingEnabled: new(true)}, nil
}
