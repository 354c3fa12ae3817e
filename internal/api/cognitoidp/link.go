package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) linkHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminLinkProviderForUser.Bind(a.AdminLinkProviderForUser),
		cognitoidp.AdminDisableProviderForUser.Bind(a.AdminDisableProviderForUser),
	}
}

func identity(in *cognitoidp.ProviderUserIdentifierType) user.External {
	return user.External{
		Provider: awsapi.Value(in.ProviderName), Attribute: awsapi.Value(in.ProviderAttributeName), Value: awsapi.Value(in.ProviderAttributeValue),
	}
}

// AdminLinkProviderForUser makes an identity of a provider a user of the pool.
func (a *API) AdminLinkProviderForUser(ctx context.Context, in *cognitoidp.AdminLinkProviderForUserRequest) (*cognitoidp.AdminLinkProviderForUserResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	err = a.users.Link(ctx, p, identity(in.DestinationUser), identity(in.SourceUser), a.pools.LinkBy)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AdminLinkProviderForUserResponse{}, nil
}

// AdminDisableProviderForUser takes a linked identity away from its user, or
// the password from one of the pool's own.
func (a *API) AdminDisableProviderForUser(ctx context.Context, in *cognitoidp.AdminDisableProviderForUserRequest) (*cognitoidp.AdminDisableProviderForUserResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	i := identity(in.User)
	if i.Provider == user.Native {
		err = a.users.ShutNative(ctx, p, i.Value)
	} else if _, err = a.pools.Provider(ctx, p, i.Provider); err == nil {
		err = a.users.Unlink(ctx, p, i)
	}
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AdminDisableProviderForUserResponse{}, nil
}
