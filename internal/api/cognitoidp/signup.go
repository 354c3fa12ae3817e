package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) signUpHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminConfirmSignUp.Bind(a.AdminConfirmSignUp),
		cognitoidp.ConfirmSignUp.Bind(a.ConfirmSignUp),
		cognitoidp.ResendConfirmationCode.Bind(a.ResendConfirmationCode),
		cognitoidp.SignUp.Bind(a.SignUp),
	}
}

// proven returns the client of an unsigned request and its pool, once the
// client has proven its secret for the username in the request.
func (a *API) proven(ctx context.Context, clientID, username, hash *string) (*userpool.Client, *userpool.Pool, error) {
	c, p, err := a.client(ctx, awsapi.Value(clientID))
	if err != nil {
		return nil, nil, err
	}
	return c, p, c.CheckSecretHash(userpool.ForAccount, awsapi.Value(username), hash)
}

// SignUp makes a user on the user's own word.
func (a *API) SignUp(ctx context.Context, in *cognitoidp.SignUpRequest) (*cognitoidp.SignUpResponse, error) {
	c, p, err := a.proven(ctx, in.ClientId, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	u, sent, err := a.users.SignUp(ctx, p, c, user.NewSignUp{
		Username: *in.Username, Password: awsapi.Value(in.Password), Attributes: attributes(in.UserAttributes),
		Validation: validation(in.ValidationData), Metadata: in.ClientMetadata,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.SignUpResponse{
		UserConfirmed: new(u.Status == user.Confirmed), CodeDeliveryDetails: delivery(sent), UserSub: &u.Sub,
		Session: present(a.signIn.SignedUp(signin.App{Pool: p, Client: c}, u)),
	}, nil
}

// ConfirmSignUp confirms a user by code.
func (a *API) ConfirmSignUp(ctx context.Context, in *cognitoidp.ConfirmSignUpRequest) (*cognitoidp.ConfirmSignUpResponse, error) {
	c, p, err := a.proven(ctx, in.ClientId, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	session, err := a.signIn.ConfirmSignUp(ctx, signin.App{Pool: p, Client: c}, awsapi.Value(in.Session), user.Confirmation{
		Username: *in.Username, Code: *in.ConfirmationCode, ForceAlias: awsapi.Value(in.ForceAliasCreation),
		Metadata: in.ClientMetadata,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ConfirmSignUpResponse{Session: present(session)}, nil
}

// ResendConfirmationCode sends a new sign-up code.
func (a *API) ResendConfirmationCode(ctx context.Context, in *cognitoidp.ResendConfirmationCodeRequest) (*cognitoidp.ResendConfirmationCodeResponse, error) {
	c, p, err := a.proven(ctx, in.ClientId, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	sent, err := a.users.ResendConfirmationCode(ctx, p, c, *in.Username, in.ClientMetadata)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ResendConfirmationCodeResponse{CodeDeliveryDetails: delivery(sent)}, nil
}

// AdminConfirmSignUp confirms a user without a code.
func (a *API) AdminConfirmSignUp(ctx context.Context, in *cognitoidp.AdminConfirmSignUpRequest) (*cognitoidp.AdminConfirmSignUpResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.AdminConfirmSignUp(ctx, p, *in.Username, in.ClientMetadata); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminConfirmSignUpResponse{}, nil
}

// present is a text that is left out where it is empty.
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// validation reads ValidationData, nil for none.
func validation(list []cognitoidp.AttributeType) user.Metadata {
	if list == nil {
		return nil
	}
	m := make(user.Metadata, len(list))
	for _, x := range list {
		m[awsapi.Value(x.Name)] = awsapi.Value(x.Value)
	}
	return m
}

// delivery prints where a code went; nil for none.
func delivery(d *message.Delivery) *cognitoidp.CodeDeliveryDetailsType {
	if d == nil {
		return nil
	}
	return &cognitoidp.CodeDeliveryDetailsType{
		Destination: &d.Destination, DeliveryMedium: new(cognitoidp.DeliveryMediumType(d.Medium)), AttributeName: &d.Attribute,
	}
}
