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

func (a *API) userSessionHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminListUserSessions.Bind(a.AdminListUserSessions),
		cognitoidp.AdminRevokeUserSession.Bind(a.AdminRevokeUserSession),
		cognitoidp.GetUserPoolClientSessionConfiguration.Bind(a.GetUserPoolClientSessionConfiguration),
		cognitoidp.GetUserPoolSessionConfiguration.Bind(a.GetUserPoolSessionConfiguration),
		cognitoidp.ListUserSessions.Bind(a.ListUserSessions),
		cognitoidp.RevokeUserSession.Bind(a.RevokeUserSession),
		cognitoidp.SetUserPoolClientSessionConfiguration.Bind(a.SetUserPoolClientSessionConfiguration),
		cognitoidp.SetUserPoolSessionConfiguration.Bind(a.SetUserPoolSessionConfiguration),
	}
}

// Sentences that are UNCONFIRMED.
var (
	errNoSession      = cognitoidp.ResourceNotFoundException("Session does not exist.")
	errCurrentSession = cognitoidp.InvalidParameterException("The session of the access token cannot be revoked.")
)

// unknownDevice is what the API says where it cannot tell.
const unknownDevice = "unknown"

// sessionsOf prints the sessions of a user, which fit on one page. current is
// the origin_jti of the caller's own; empty for none.
func (a *API) sessionsOf(ctx context.Context, p *userpool.Pool, u *user.User, current string, next *string) ([]cognitoidp.SessionDescriptionType, error) {
	if next != nil {
		return nil, cognitoidp.InvalidParameterException(textPageToken)
	}
	sessions, err := a.signIn.Sessions(ctx, p, u)
	if err != nil {
		return nil, err
	}
	out := make([]cognitoidp.SessionDescriptionType, len(sessions))
	for i, s := range sessions {
		out[i] = cognitoidp.SessionDescriptionType{
			SessionId: new(s.PublicID()), SessionType: new(cognitoidp.SessionTypeTypeToken), ClientId: &s.Client,
			CreateDate: &s.Created, LastActiveDate: &s.Seen.At, DeviceType: new(unknownDevice), IsCurrentSession: new(s.ID == current),
		}
		if s.Seen.Device != "" {
			out[i].DeviceType = &s.Seen.Device
		}
		if s.Seen.Address != "" {
			out[i].LastIPAddress = &s.Seen.Address
		}
	}
	return out, nil
}

// ListUserSessions lists where the user of an access token is signed in.
func (a *API) ListUserSessions(ctx context.Context, in *cognitoidp.ListUserSessionsRequest) (*cognitoidp.ListUserSessionsResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.sessionsOf(ctx, me.pool, me.user, me.token.OriginJTI, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.ListUserSessionsResponse{Sessions: list}, nil
}

// AdminListUserSessions lists where a user is signed in.
func (a *API) AdminListUserSessions(ctx context.Context, in *cognitoidp.AdminListUserSessionsRequest) (*cognitoidp.AdminListUserSessionsResponse, error) {
	p, u, err := a.person(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	list, err := a.sessionsOf(ctx, p, u, "", in.NextToken)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.AdminListUserSessionsResponse{Sessions: list}, nil
}

// person returns the user that a signed request names, and the pool.
func (a *API) person(ctx context.Context, poolID, name *string) (*userpool.Pool, *user.User, error) {
	p, err := a.pool(ctx, poolID)
	if err != nil {
		return nil, nil, err
	}
	u, err := a.users.Find(ctx, p, awsapi.Value(name))
	return p, u, err
}

// RevokeUserSession ends another session of the user of an access token. No
// session is linked to others: they all come from a sign-in of their own.
func (a *API) RevokeUserSession(ctx context.Context, in *cognitoidp.RevokeUserSessionRequest) (*cognitoidp.RevokeUserSessionResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	own := token.Session{ID: me.token.OriginJTI}
	if me.token.OriginJTI != "" && own.PublicID() == *in.SessionId {
		return nil, errCurrentSession
	}
	if err := noSession(a.signIn.EndSession(ctx, me.pool, me.user, *in.SessionId)); err != nil {
		return nil, err
	}
	return &cognitoidp.RevokeUserSessionResponse{}, nil
}

// AdminRevokeUserSession ends a session of a user.
func (a *API) AdminRevokeUserSession(ctx context.Context, in *cognitoidp.AdminRevokeUserSessionRequest) (*cognitoidp.AdminRevokeUserSessionResponse, error) {
	p, u, err := a.person(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	if err := noSession(a.signIn.EndSession(ctx, p, u, *in.SessionId)); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminRevokeUserSessionResponse{}, nil
}

func noSession(err error) error {
	if errors.Is(err, token.ErrNoSession) {
		return errNoSession
	}
	return err
}

// GetUserPoolSessionConfiguration prints what a pool says of sessions.
func (a *API) GetUserPoolSessionConfiguration(ctx context.Context, in *cognitoidp.GetUserPoolSessionConfigurationRequest) (*cognitoidp.GetUserPoolSessionConfigurationResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetUserPoolSessionConfigurationResponse{
		UserPoolId: &p.ID, UserSessionTracking: p.Sessions.Tracking(),
		TokenSession: &cognitoidp.UserPoolTokenSessionConfigType{MaxPerUser: new(int64(p.Sessions.Limit()))},
	}, nil
}

// SetUserPoolSessionConfiguration replaces what a pool says of sessions.
func (a *API) SetUserPoolSessionConfiguration(ctx context.Context, in *cognitoidp.SetUserPoolSessionConfigurationRequest) (*cognitoidp.SetUserPoolSessionConfigurationResponse, error) {
	p, err := a.pools.SetSessions(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.SetUserPoolSessionConfigurationResponse{
		UserPoolId: &p.ID, UserSessionTracking: p.Sessions.Tracking(),
		TokenSession: &cognitoidp.UserPoolTokenSessionConfigType{MaxPerUser: new(int64(p.Sessions.Limit()))},
	}, nil
}

// GetUserPoolClientSessionConfiguration prints what an app client says of
// sessions of the managed login.
func (a *API) GetUserPoolClientSessionConfiguration(ctx context.Context, in *cognitoidp.GetUserPoolClientSessionConfigurationRequest) (*cognitoidp.GetUserPoolClientSessionConfigurationResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	c, err := a.pools.Client(ctx, p, *in.ClientId)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.GetUserPoolClientSessionConfigurationResponse{
		UserPoolId: &p.ID, ClientId: &c.ID, SSOSession: &cognitoidp.ClientSSOSessionConfigType{MaxValidityMinutes: new(c.Sessions.Minutes())},
	}, nil
}

// SetUserPoolClientSessionConfiguration replaces what an app client says of
// sessions of the managed login.
func (a *API) SetUserPoolClientSessionConfiguration(ctx context.Context, in *cognitoidp.SetUserPoolClientSessionConfigurationRequest) (*cognitoidp.SetUserPoolClientSessionConfigurationResponse, error) {
	c, err := a.pools.SetClientSessions(ctx, owner(ctx), in)
	if err != nil {
		return nil, err
	}
	return &cognitoidp.SetUserPoolClientSessionConfigurationResponse{
		UserPoolId: &c.PoolID, ClientId: &c.ID, SSOSession: &cognitoidp.ClientSSOSessionConfigType{MaxValidityMinutes: new(c.Sessions.Minutes())},
	}, nil
}
