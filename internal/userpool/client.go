package userpool

import (
	"math"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Client is an app client as last read.
type Client struct {
	PoolID     string
	ID         string // 26 lower-case letters and digits; unique in the deployment
	CreatedAt  time.Time
	ModifiedAt time.Time
	Version    int64 // of the row; an update must find the one it read

	// Secrets are in the order in which they were made; none for a public
	// client. The store keeps them sealed.
	Secrets []ClientSecret

	// Sessions says for how long sessions of the managed login serve.
	Sessions ClientSessions

	// Description is what DescribeUserPoolClient answers, but for the ids, the
	// secret and the dates.
	Description cognitoidp.UserPoolClientType
}

// Name is what the owner calls the client.
func (c *Client) Name() string { return awsapi.Value(c.Description.ClientName) }

// Allows reports whether users may sign in through the client by that flow.
// REFRESH_TOKEN and REFRESH_TOKEN_AUTH are one flow, as are ADMIN_NO_SRP_AUTH
// and ADMIN_USER_PASSWORD_AUTH.
//
// A client that lists no flows allows SRP, custom and refresh. One that lists
// names of the older kind allows SRP and refresh beside them, unless the list
// is CUSTOM_AUTH_FLOW_ONLY.
func (c *Client) Allows(flow cognitoidp.AuthFlowType) bool {
	listed := c.Description.ExplicitAuthFlows
	has := func(f cognitoidp.ExplicitAuthFlowsType) bool { return slices.Contains(listed, f) }
	switch {
	case allowedBy[flow] == cognitoidp.ExplicitAuthFlowsTypeAllowRefreshTokenAuth && c.RotatesRefreshTokens():
		return false // a refresh that answers no refresh token would end the session
	case len(listed) == 0:
		return slices.Contains(unlisted, flow)
	case legacy(listed[0]):
		switch flow {
		case cognitoidp.AuthFlowTypeUserPasswordAuth:
			return has(cognitoidp.ExplicitAuthFlowsTypeUserPasswordAuth)
		case cognitoidp.AuthFlowTypeAdminNoSrpAuth, cognitoidp.AuthFlowTypeAdminUserPasswordAuth:
			return has(cognitoidp.ExplicitAuthFlowsTypeAdminNoSrpAuth)
		case cognitoidp.AuthFlowTypeCustomAuth:
			return has(cognitoidp.ExplicitAuthFlowsTypeCustomAuthFlowOnly)
		case cognitoidp.AuthFlowTypeUserSrpAuth:
			return !has(cognitoidp.ExplicitAuthFlowsTypeCustomAuthFlowOnly)
		case cognitoidp.AuthFlowTypeRefreshToken, cognitoidp.AuthFlowTypeRefreshTokenAuth:
			return true
		}
		return false
	}
	return has(allowedBy[flow])
}

// unlisted are the flows of a client that lists none.
var unlisted = []cognitoidp.AuthFlowType{
	cognitoidp.AuthFlowTypeUserSrpAuth, cognitoidp.AuthFlowTypeCustomAuth,
	cognitoidp.AuthFlowTypeRefreshToken, cognitoidp.AuthFlowTypeRefreshTokenAuth,
}

// allowedBy names the entry of ExplicitAuthFlows that a flow needs.
var allowedBy = map[cognitoidp.AuthFlowType]cognitoidp.ExplicitAuthFlowsType{
	cognitoidp.AuthFlowTypeUserSrpAuth:           cognitoidp.ExplicitAuthFlowsTypeAllowUserSrpAuth,
	cognitoidp.AuthFlowTypeUserPasswordAuth:      cognitoidp.ExplicitAuthFlowsTypeAllowUserPasswordAuth,
	cognitoidp.AuthFlowTypeAdminNoSrpAuth:        cognitoidp.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth,
	cognitoidp.AuthFlowTypeAdminUserPasswordAuth: cognitoidp.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth,
	cognitoidp.AuthFlowTypeCustomAuth:            cognitoidp.ExplicitAuthFlowsTypeAllowCustomAuth,
	cognitoidp.AuthFlowTypeUserAuth:              cognitoidp.ExplicitAuthFlowsTypeAllowUserAuth,
	cognitoidp.AuthFlowTypeRefreshToken:          cognitoidp.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
	cognitoidp.AuthFlowTypeRefreshTokenAuth:      cognitoidp.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
}

// AllowsClientToken reports whether the client may have access tokens that
// speak for itself (GetClientToken). It has no users then.
func (c *Client) AllowsClientToken() bool {
	return slices.Contains(c.Description.ExplicitAuthFlows, cognitoidp.ExplicitAuthFlowsTypeAllowClientTokenAuth)
}

// OwnScopes are the scopes that the client can have in tokens that speak for
// itself: those of resource servers. The others are about users.
func (c *Client) OwnScopes() []string {
	return slices.DeleteFunc(slices.Clone(c.Description.AllowedOAuthScopes), func(s string) bool { return slices.Contains(systemScopes, s) })
}

// HidesUsers reports whether answers must not tell whether a user exists.
func (c *Client) HidesUsers() bool {
	return awsapi.Value(c.Description.PreventUserExistenceErrors) == cognitoidp.PreventUserExistenceErrorTypesEnabled
}

// Revokes reports whether tokens of the client can be revoked: they then
// carry jti and origin_jti.
func (c *Client) Revokes() bool { return awsapi.Value(c.Description.EnableTokenRevocation) }

// RotatesRefreshTokens reports whether a refresh token is replaced when it is
// used.
func (c *Client) RotatesRefreshTokens() bool {
	r := c.Description.RefreshTokenRotation
	return r != nil && awsapi.Value(r.Feature) == cognitoidp.FeatureTypeEnabled
}

// RotationGrace is how long a replaced refresh token still works.
func (c *Client) RotationGrace() time.Duration {
	if !c.RotatesRefreshTokens() {
		return 0
	}
	return time.Duration(awsapi.Value(c.Description.RefreshTokenRotation.RetryGracePeriodSeconds)) * time.Second
}

// SessionLife is how long the client's user has to answer a challenge.
func (c *Client) SessionLife() time.Duration {
	return time.Duration(awsapi.Value(c.Description.AuthSessionValidity)) * time.Minute
}

// AccessTokenLife is how long an access token is valid.
func (c *Client) AccessTokenLife() time.Duration {
	return life(c.Description.AccessTokenValidity, c.units().AccessToken, cognitoidp.TimeUnitsTypeHours, defaultTokenLife)
}

// IDTokenLife is how long an ID token is valid.
func (c *Client) IDTokenLife() time.Duration {
	return life(c.Description.IdTokenValidity, c.units().IdToken, cognitoidp.TimeUnitsTypeHours, defaultTokenLife)
}

// RefreshTokenLife is how long a refresh token is valid after sign-in.
func (c *Client) RefreshTokenLife() time.Duration {
	return life(c.Description.RefreshTokenValidity, c.units().RefreshToken, cognitoidp.TimeUnitsTypeDays, defaultRefreshLife)
}

const (
	defaultTokenLife   = time.Hour
	defaultRefreshLife = 30 * day
	day                = 24 * time.Hour
)

func (c *Client) units() cognitoidp.TokenValidityUnitsType {
	return awsapi.Value(c.Description.TokenValidityUnits)
}

var unit = map[cognitoidp.TimeUnitsType]time.Duration{
	cognitoidp.TimeUnitsTypeSeconds: time.Second,
	cognitoidp.TimeUnitsTypeMinutes: time.Minute,
	cognitoidp.TimeUnitsTypeHours:   time.Hour,
	cognitoidp.TimeUnitsTypeDays:    day,
}

// life returns n units as a duration; the default for an absent or zero n.
func life(n *int64, u *cognitoidp.TimeUnitsType, usual cognitoidp.TimeUnitsType, otherwise time.Duration) time.Duration {
	if n == nil || *n == 0 {
		return otherwise
	}
	if u != nil {
		usual = *u
	}
	one := unit[usual]
	if *n > int64(math.MaxInt64/one) {
		return math.MaxInt64 // three hundred million days do not fit; nor are they allowed
	}
	return time.Duration(*n) * one
}

// Describe returns the client as DescribeUserPoolClient prints it, with its
// secret. Which of two is printed is UNCONFIRMED: the older one, which clients
// know already.
func (c *Client) Describe() *cognitoidp.UserPoolClientType {
	d := c.Description
	d.UserPoolId, d.ClientId = &c.PoolID, &c.ID
	if c.HasSecret() {
		d.ClientSecret = new(string(c.Secrets[0].Value))
	}
	d.CreationDate, d.LastModifiedDate = &c.CreatedAt, &c.ModifiedAt
	return &d
}

// Summary returns the client as ListUserPoolClients prints it.
func (c *Client) Summary() cognitoidp.UserPoolClientDescription {
	return cognitoidp.UserPoolClientDescription{ClientId: &c.ID, UserPoolId: &c.PoolID, ClientName: c.Description.ClientName}
}

// legacy reports whether a flow name is of the kind that ALLOW_ names
// replaced.
func legacy(f cognitoidp.ExplicitAuthFlowsType) bool {
	switch f {
	case cognitoidp.ExplicitAuthFlowsTypeAdminNoSrpAuth,
		cognitoidp.ExplicitAuthFlowsTypeCustomAuthFlowOnly,
		cognitoidp.ExplicitAuthFlowsTypeUserPasswordAuth:
		return true
	}
	return false
}
