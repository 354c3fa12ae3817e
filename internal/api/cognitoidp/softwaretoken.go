package cognitoidp

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/otp"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) softwareTokenHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminDeleteSoftwareToken.Bind(a.AdminDeleteSoftwareToken),
		cognitoidp.AssociateSoftwareToken.Bind(a.AssociateSoftwareToken),
		cognitoidp.VerifySoftwareToken.Bind(a.VerifySoftwareToken),
	}
}

// errWhoseToken is UNCONFIRMED.
var errWhoseToken = cognitoidp.InvalidParameterException("Exactly one of AccessToken and Session is required.")

// setup returns where the sign-in goes on whose session a request brings: the
// session is all that it names.
func (a *API) setup(ctx context.Context, session string) (signin.Setup, error) {
	id, err := signin.ClientOf(session)
	if err != nil {
		return signin.Setup{}, err
	}
	app, err := a.app(ctx, &id)
	if errors.Is(err, cognitoidp.ResourceNotFoundException("")) {
		err = signin.ErrSession // made up, or of a client that was deleted
	}
	return signin.Setup{App: app, Session: session}, err
}

// AssociateSoftwareToken hands out the secret of a new software token.
func (a *API) AssociateSoftwareToken(ctx context.Context, in *cognitoidp.AssociateSoftwareTokenRequest) (*cognitoidp.AssociateSoftwareTokenResponse, error) {
	if (token.AccessFrom(ctx) == nil) == (in.Session == nil) {
		return nil, errWhoseToken
	}
	if in.Session != nil {
		setup, err := a.setup(ctx, *in.Session)
		if err != nil {
			return nil, err
		}
		secret, session, err := a.signIn.AssociateSoftwareToken(ctx, setup)
		if err != nil {
			return nil, err
		}
		return &cognitoidp.AssociateSoftwareTokenResponse{SecretCode: new(otp.Encode(secret)), Session: &session}, nil
	}
	me, err := a.present(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := a.users.AssociateSoftwareToken(ctx, me.pool, me.user.Sub)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AssociateSoftwareTokenResponse{SecretCode: new(otp.Encode(secret))}, nil
}

// VerifySoftwareToken takes the proof that a person's app knows the secret.
func (a *API) VerifySoftwareToken(ctx context.Context, in *cognitoidp.VerifySoftwareTokenRequest) (*cognitoidp.VerifySoftwareTokenResponse, error) {
	if (token.AccessFrom(ctx) == nil) == (in.Session == nil) {
		return nil, errWhoseToken
	}
	proof := user.TokenProof{Code: *in.UserCode, Name: awsapi.Value(in.FriendlyDeviceName)}
	if in.Session != nil {
		setup, err := a.setup(ctx, *in.Session)
		if err != nil {
			return nil, err
		}
		session, err := a.signIn.VerifySoftwareToken(ctx, setup, proof)
		if err != nil {
			return nil, err
		}
		return &cognitoidp.VerifySoftwareTokenResponse{
			Status: new(cognitoidp.VerifySoftwareTokenResponseTypeSuccess), Session: &session,
		}, nil
	}
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.VerifySoftwareToken(ctx, me.pool, me.user.Sub, proof); err != nil {
		return nil, err
	}
	return &cognitoidp.VerifySoftwareTokenResponse{Status: new(cognitoidp.VerifySoftwareTokenResponseTypeSuccess)}, nil
}

// AdminDeleteSoftwareToken takes a user's software token away.
func (a *API) AdminDeleteSoftwareToken(ctx context.Context, in *cognitoidp.AdminDeleteSoftwareTokenRequest) (*cognitoidp.AdminDeleteSoftwareTokenResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.DeleteSoftwareToken(ctx, p, *in.Username); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminDeleteSoftwareTokenResponse{}, nil
}
