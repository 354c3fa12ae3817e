package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/signin"
)

func (a *API) signInHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminInitiateAuth.Bind(a.AdminInitiateAuth),
		cognitoidp.AdminRespondToAuthChallenge.Bind(a.AdminRespondToAuthChallenge),
		cognitoidp.InitiateAuth.Bind(a.InitiateAuth),
		cognitoidp.RespondToAuthChallenge.Bind(a.RespondToAuthChallenge),
	}
}

// app returns where an unsigned request signs in: all that it names is the
// client.
func (a *API) app(ctx context.Context, clientID *string) (signin.App, error) {
	c, p, err := a.client(ctx, awsapi.Value(clientID))
	return signin.App{Pool: p, Client: c}, err
}

// adminApp returns where a signed request signs somebody in.
func (a *API) adminApp(ctx context.Context, poolID, clientID *string) (signin.App, error) {
	p, err := a.pool(ctx, poolID)
	if err != nil {
		return signin.App{}, err
	}
	c, err := a.pools.Client(ctx, p, awsapi.Value(clientID))
	return signin.App{Pool: p, Client: c}, err
}

// InitiateAuth begins to sign somebody in.
func (a *API) InitiateAuth(ctx context.Context, in *cognitoidp.InitiateAuthRequest) (*cognitoidp.InitiateAuthResponse, error) {
	app, err := a.app(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	r, err := a.signIn.Start(ctx, signin.Start{
		App: app, Flow: *in.AuthFlow, Parameters: in.AuthParameters, Validation: in.ClientMetadata, Session: awsapi.Value(in.Session),
	})
	if err != nil {
		return nil, err
	}
	name, session, parameters := challenge(r)
	return &cognitoidp.InitiateAuthResponse{
		ChallengeName: name, Session: session, ChallengeParameters: parameters, AuthenticationResult: tokens(r.Tokens),
		AvailableChallenges: challenges(r),
	}, nil
}

// AdminInitiateAuth is InitiateAuth for a server that signs its requests.
func (a *API) AdminInitiateAuth(ctx context.Context, in *cognitoidp.AdminInitiateAuthRequest) (*cognitoidp.AdminInitiateAuthResponse, error) {
	app, err := a.adminApp(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	r, err := a.signIn.Start(ctx, signin.Start{
		App: app, Admin: true, Flow: *in.AuthFlow, Parameters: in.AuthParameters, Validation: in.ClientMetadata,
		Session: awsapi.Value(in.Session),
	})
	if err != nil {
		return nil, err
	}
	name, session, parameters := challenge(r)
	return &cognitoidp.AdminInitiateAuthResponse{
		ChallengeName: name, Session: session, ChallengeParameters: parameters, AuthenticationResult: tokens(r.Tokens),
		AvailableChallenges: challenges(r),
	}, nil
}

// RespondToAuthChallenge takes the next step of a sign-in.
func (a *API) RespondToAuthChallenge(ctx context.Context, in *cognitoidp.RespondToAuthChallengeRequest) (*cognitoidp.RespondToAuthChallengeResponse, error) {
	app, err := a.app(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	app.Metadata = in.ClientMetadata
	r, err := a.signIn.Answer(ctx, signin.Answer{
		App: app, Challenge: *in.ChallengeName, Session: awsapi.Value(in.Session), Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	name, session, parameters := challenge(r)
	return &cognitoidp.RespondToAuthChallengeResponse{
		ChallengeName: name, Session: session, ChallengeParameters: parameters, AuthenticationResult: tokens(r.Tokens),
	}, nil
}

// AdminRespondToAuthChallenge is RespondToAuthChallenge for a server that
// signs its requests.
func (a *API) AdminRespondToAuthChallenge(ctx context.Context, in *cognitoidp.AdminRespondToAuthChallengeRequest) (*cognitoidp.AdminRespondToAuthChallengeResponse, error) {
	app, err := a.adminApp(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	app.Metadata = in.ClientMetadata
	r, err := a.signIn.Answer(ctx, signin.Answer{
		App: app, Challenge: *in.ChallengeName, Session: awsapi.Value(in.Session), Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	name, session, parameters := challenge(r)
	return &cognitoidp.AdminRespondToAuthChallengeResponse{
		ChallengeName: name, Session: session, ChallengeParameters: parameters, AuthenticationResult: tokens(r.Tokens),
	}, nil
}

// challenge prints what has to be answered next. Where nothing has to, only
// the parameters are there, and empty.
func challenge(r *signin.Result) (name *cognitoidp.ChallengeNameType, session *string, parameters map[string]string) {
	c := r.Challenge
	if c == nil {
		return nil, nil, map[string]string{}
	}
	if c.Session != "" {
		session = &c.Session
	}
	return &c.Name, session, c.Parameters
}

// challenges prints what there is to choose from; nil where nothing is.
func challenges(r *signin.Result) []cognitoidp.ChallengeNameType {
	if r.Challenge == nil {
		return nil
	}
	return r.Challenge.Available
}

// tokens prints the end of a sign-in; nil where it has not come to it.
func tokens(t *signin.Tokens) *cognitoidp.AuthenticationResultType {
	if t == nil {
		return nil
	}
	out := &cognitoidp.AuthenticationResultType{
		AccessToken: &t.Access, ExpiresIn: &t.ExpiresIn, TokenType: new("Bearer"), IdToken: &t.ID,
	}
	if t.Refresh != "" {
		out.RefreshToken = &t.Refresh
	}
	if t.Device != nil {
		out.NewDeviceMetadata = &cognitoidp.NewDeviceMetadataType{DeviceKey: &t.Device.Key, DeviceGroupKey: &t.Device.Group}
	}
	return out
}
