package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

func (a *API) clientSecretHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AddUserPoolClientSecret.Bind(a.AddUserPoolClientSecret),
		cognitoidp.DeleteUserPoolClientSecret.Bind(a.DeleteUserPoolClientSecret),
		cognitoidp.ListUserPoolClientSecrets.Bind(a.ListUserPoolClientSecrets),
	}
}

// AddUserPoolClientSecret gives an app client a second secret. Only one that
// was drawn here is shown, and only now.
func (a *API) AddUserPoolClientSecret(ctx context.Context, in *cognitoidp.AddUserPoolClientSecretRequest) (*cognitoidp.AddUserPoolClientSecretResponse, error) {
	s, err := a.pools.AddSecret(ctx, owner(ctx), *in.UserPoolId, *in.ClientId, awsapi.Value(in.ClientSecret))
	if err != nil {
		return nil, err
	}
	shape := s.Shape()
	if in.ClientSecret == nil {
		shape.ClientSecretValue = new(string(s.Value))
	}
	return &cognitoidp.AddUserPoolClientSecretResponse{ClientSecretDescriptor: shape}, nil
}

// ListUserPoolClientSecrets lists the secrets of an app client, without their
// values. They fit on one page.
func (a *API) ListUserPoolClientSecrets(ctx context.Context, in *cognitoidp.ListUserPoolClientSecretsRequest) (*cognitoidp.ListUserPoolClientSecretsResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	c, err := a.pools.Client(ctx, p, *in.ClientId)
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		return nil, cognitoidp.InvalidParameterException(textPageToken)
	}
	out := &cognitoidp.ListUserPoolClientSecretsResponse{ClientSecrets: make([]cognitoidp.ClientSecretDescriptorType, len(c.Secrets))}
	for i, s := range c.Secrets {
		out.ClientSecrets[i] = *s.Shape()
	}
	return out, nil
}

// DeleteUserPoolClientSecret takes a secret of an app client away.
func (a *API) DeleteUserPoolClientSecret(ctx context.Context, in *cognitoidp.DeleteUserPoolClientSecretRequest) (*cognitoidp.DeleteUserPoolClientSecretResponse, error) {
	if err := a.pools.DeleteSecret(ctx, owner(ctx), *in.UserPoolId, *in.ClientId, *in.ClientSecretId); err != nil {
		return nil, err
	}
	return &cognitoidp.DeleteUserPoolClientSecretResponse{}, nil
}
