package cognitoidp

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) sessionHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.GetClientToken.Bind(a.GetClientToken),
		cognitoidp.GetTokensFromRefreshToken.Bind(a.GetTokensFromRefreshToken),
		cognitoidp.GetUser.Bind(a.GetUser),
		cognitoidp.GlobalSignOut.Bind(a.GlobalSignOut),
		cognitoidp.RevokeToken.Bind(a.RevokeToken),
	}
}

// GetUser prints the user of an access token, as far as its client may read.
func (a *API) GetUser(ctx context.Context, _ *cognitoidp.GetUserRequest) (*cognitoidp.GetUserResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	var shown user.Attributes
	for _, x := range me.user.Profile() {
		if me.client.MayRead(x.Name) {
			shown = append(shown, x)
		}
	}
	list, preferred := mfaSettings(me.user)
	return &cognitoidp.GetUserResponse{
		Username: &me.user.Username, UserAttributes: attributeList(shown),
		MFAOptions: mfaOptions(me.user), PreferredMfaSetting: preferred, UserMFASettingList: list,
	}, nil
}

// GlobalSignOut ends all sessions of the user of an access token.
func (a *API) GlobalSignOut(ctx context.Context, _ *cognitoidp.GlobalSignOutRequest) (*cognitoidp.GlobalSignOutResponse, error) {
	t := token.AccessFrom(ctx)
	p, err := a.pools.Find(ctx, t.Pool)
	if err != nil {
		return nil, err
	}
	about(ctx, p)
	if err := a.users.SignOut(ctx, p, t.Sub); err != nil {
		return nil, err
	}
	return &cognitoidp.GlobalSignOutResponse{}, nil
}

// GetTokensFromRefreshToken makes new tokens of a session.
func (a *API) GetTokensFromRefreshToken(ctx context.Context, in *cognitoidp.GetTokensFromRefreshTokenRequest) (*cognitoidp.GetTokensFromRefreshTokenResponse, error) {
	app, err := a.app(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	app.Metadata = in.ClientMetadata
	t, err := a.signIn.Refresh(ctx, signin.Refresh{
		App: app, Token: *in.RefreshToken, Secret: in.ClientSecret, DeviceKey: awsapi.Value(in.DeviceKey),
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetTokensFromRefreshTokenResponse{AuthenticationResult: tokens(t)}, nil
}

// GetClientToken makes an access token that speaks for a client.
func (a *API) GetClientToken(ctx context.Context, in *cognitoidp.GetClientTokenRequest) (*cognitoidp.GetClientTokenResponse, error) {
	app, err := a.app(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	app.Metadata = in.ClientMetadata
	t, err := a.signIn.ClientToken(ctx, signin.ClientToken{App: app, Secret: *in.Secret, Scopes: in.Scopes})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetClientTokenResponse{ClientAuthenticationResult: &cognitoidp.ClientAuthenticationResultType{
		AccessToken: &t.Access, ExpiresIn: &t.ExpiresIn, TokenType: new("Bearer"),
	}}, nil
}

// RevokeToken ends the session of a refresh token. No session is linked to
// others, so RevokeAssociatedSessions changes nothing. The operation has no error
// for a client that does not exist but the one for a client that has not
// proven itself.
func (a *API) RevokeToken(ctx context.Context, in *cognitoidp.RevokeTokenRequest) (*cognitoidp.RevokeTokenResponse, error) {
	app, err := a.app(ctx, in.ClientId)
	if errors.Is(err, cognitoidp.ResourceNotFoundException("")) {
		return nil, cognitoidp.UnauthorizedException("User pool client %s does not exist.", *in.ClientId)
	}
	if err != nil {
		return nil, err
	}
	if err := a.signIn.Revoke(ctx, signin.Refresh{App: app, Token: *in.Token, Secret: in.ClientSecret}); err != nil {
		return nil, err
	}
	return &cognitoidp.RevokeTokenResponse{}, nil
}
