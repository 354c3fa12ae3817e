package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// byRefreshToken is the flow of a refresh token: new ID and access tokens of
// the same session. The refresh token stays.
func (s *Service) byRefreshToken(ctx context.Context, r Start) (*Result, error) {
	values, err := need(r.Parameters, parRefresh)
	if err != nil {
		return nil, err
	}
	hash := optional(r.Parameters, parSecretHash)
	if r.Client.HasSecret() != (hash != nil) {
		return nil, r.Client.CheckSecretHash(userpool.ForSignIn, "", hash)
	}
	session, u, err := s.openSession(ctx, r.App, token.Refresh{
		Token: values[0], DeviceKey: r.Parameters[parDeviceKey], Invalid: token.ErrRefreshInvalid,
	})
	if err != nil {
		return nil, err
	}
	// The hash is over the real username or the sub, never over an alias.
	if hash != nil && !r.Client.VerifySecretHash(session.Username, *hash) && !r.Client.VerifySecretHash(session.Sub, *hash) {
		return nil, cognitoidp.NotAuthorizedException("SecretHash does not match for the client: %s", r.Client.ID)
	}
	grant, err := s.grant(ctx, r.App, u, session, trigger.TokensRefresh)
	if err != nil {
		return nil, err
	}
	tokens, err := s.keys.Mint(ctx, grant)
	if err != nil {
		return nil, err
	}
	if err := s.used(ctx, r.App, session); err != nil {
		return nil, err
	}
	return &Result{Tokens: &Tokens{Tokens: *tokens}}, nil
}

// openSession finds the session of a refresh token and its user as it is now.
func (s *Service) openSession(ctx context.Context, a App, r token.Refresh) (*token.Session, *user.User, error) {
	r.Pool, r.Client, r.AnyDevice = a.Pool.ID, a.Client.ID, !a.Pool.TracksDevices()
	session, err := s.sessions.Open(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.users.Get(ctx, a.Pool, session.Sub)
	switch {
	case err != nil:
		return nil, nil, err
	case !u.Enabled:
		return nil, nil, errDisabled
	}
	return session, u, nil
}

// Refresh is a request for new tokens by refresh token and client secret.
type Refresh struct {
	App
	Token     string
	Secret    *string // ClientSecret
	DeviceKey string
}

// Refresh makes new tokens of a session, and where the client rotates refresh
// tokens a new one of these, too (GetTokensFromRefreshToken).
func (s *Service) Refresh(ctx context.Context, r Refresh) (*Tokens, error) {
	rotates := r.Client.RotatesRefreshTokens()
	if !rotates && !r.Client.Allows(cognitoidp.AuthFlowTypeRefreshTokenAuth) {
		return nil, errRefreshFlow
	}
	if err := checkSecret(r.Client, r.Secret); err != nil {
		return nil, err
	}
	session, u, err := s.openSession(ctx, r.App, token.Refresh{
		Token: r.Token, DeviceKey: r.DeviceKey, Invalid: token.ErrRefreshInvalidToken,
	})
	if err != nil {
		return nil, err
	}
	grant, err := s.grant(ctx, r.App, u, session, trigger.TokensRefresh)
	if err != nil {
		return nil, err
	}
	tokens, err := s.keys.Mint(ctx, grant)
	if err != nil {
		return nil, err
	}
	out := &Tokens{Tokens: *tokens}
	if err := s.used(ctx, r.App, session); err != nil {
		return nil, err
	}
	if rotates {
		// Last, because it cannot be taken back.
		if out.Refresh, err = s.sessions.Rotate(ctx, session, r.Client.RotationGrace()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// checkSecret checks a client secret that came as it is.
func checkSecret(c *userpool.Client, secret *string) error {
	switch {
	case !c.HasSecret() && secret == nil:
		return nil
	case !c.HasSecret() || secret == nil:
		return c.CheckSecretHash(userpool.ForAccount, "", secret)
	case !c.VerifySecret(*secret):
		return cognitoidp.NotAuthorizedException("Unable to verify secret hash for client %s", c.ID)
	}
	return nil
}

// Revoke ends the session of a refresh token (RevokeToken). A token that is
// revoked already is no error.
func (s *Service) Revoke(ctx context.Context, r Refresh) error {
	switch {
	case r.Client.HasSecret() != (r.Secret != nil), r.Secret != nil && !r.Client.VerifySecret(*r.Secret):
		return errBadSecret
	case !r.Client.Revokes():
		return errRevokeOff
	}
	err := s.sessions.Revoke(ctx, r.Token, r.Pool.ID, r.Client.ID)
	if errors.Is(err, token.ErrRefreshInvalid) {
		return errNotTheirs // RevokeToken has no NotAuthorizedException
	}
	return err
}
