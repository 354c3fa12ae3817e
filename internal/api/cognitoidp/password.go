package cognitoidp

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

func (a *API) passwordHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminResetUserPassword.Bind(a.AdminResetUserPassword),
		cognitoidp.AdminSetUserPassword.Bind(a.AdminSetUserPassword),
		cognitoidp.ChangePassword.Bind(a.ChangePassword),
		cognitoidp.ConfirmForgotPassword.Bind(a.ConfirmForgotPassword),
		cognitoidp.ForgotPassword.Bind(a.ForgotPassword),
	}
}

// self is who an access token speaks for.
type self struct {
	pool   *userpool.Pool
	client *userpool.Client
	user   *user.User
	token  *token.Access
}

// self returns whom the access token of a request speaks for, as they are now.
func (a *API) self(ctx context.Context) (self, error) {
	t := token.AccessFrom(ctx)
	c, p, err := a.client(ctx, t.Client)
	if errors.Is(err, cognitoidp.ResourceNotFoundException("")) || err == nil && p.ID != t.Pool {
		return self{}, token.ErrAccessRevoked // the client was deleted
	}
	if err != nil {
		return self{}, err
	}
	u, err := a.users.Get(ctx, p, t.Sub)
	return self{pool: p, client: c, user: u, token: t}, err
}

// ForgotPassword sends a code that sets a new password.
func (a *API) ForgotPassword(ctx context.Context, in *cognitoidp.ForgotPasswordRequest) (*cognitoidp.ForgotPasswordResponse, error) {
	c, p, err := a.proven(ctx, in.ClientId, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	sent, err := a.users.ForgotPassword(ctx, p, c, *in.Username, in.ClientMetadata)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ForgotPasswordResponse{CodeDeliveryDetails: delivery(sent)}, nil
}

// ConfirmForgotPassword sets a new password by code.
func (a *API) ConfirmForgotPassword(ctx context.Context, in *cognitoidp.ConfirmForgotPasswordRequest) (*cognitoidp.ConfirmForgotPasswordResponse, error) {
	c, p, err := a.proven(ctx, in.ClientId, in.Username, in.SecretHash)
	if err != nil {
		return nil, err
	}
	err = a.users.ConfirmForgotPassword(ctx, p, c, user.Reset{
		Username: *in.Username, Code: *in.ConfirmationCode, Password: *in.Password, Metadata: in.ClientMetadata,
	})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ConfirmForgotPasswordResponse{}, nil
}

// ChangePassword replaces the password of the user of an access token.
func (a *API) ChangePassword(ctx context.Context, in *cognitoidp.ChangePasswordRequest) (*cognitoidp.ChangePasswordResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	err = a.users.ChangePassword(ctx, me.pool, me.user, user.NewPassword{Previous: in.PreviousPassword, Proposed: *in.ProposedPassword})
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ChangePasswordResponse{}, nil
}

// AdminResetUserPassword makes a user set a new password.
func (a *API) AdminResetUserPassword(ctx context.Context, in *cognitoidp.AdminResetUserPasswordRequest) (*cognitoidp.AdminResetUserPasswordResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.ResetPassword(ctx, p, *in.Username, in.ClientMetadata); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminResetUserPasswordResponse{}, nil
}

// AdminSetUserPassword gives a user a password.
func (a *API) AdminSetUserPassword(ctx context.Context, in *cognitoidp.AdminSetUserPasswordRequest) (*cognitoidp.AdminSetUserPasswordResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.SetPassword(ctx, p, *in.Username, *in.Password, awsapi.Value(in.Permanent)); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminSetUserPasswordResponse{}, nil
}
