package userpool

import (
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// clientSettingsOf takes out of a creation request what an update could set
// too.
func clientSettingsOf(in *cognitoidp.CreateUserPoolClientRequest) *cognitoidp.UpdateUserPoolClientRequest {
	return &cognitoidp.UpdateUserPoolClientRequest{
		ClientName:                               in.ClientName,
		RefreshTokenValidity:                     in.RefreshTokenValidity,
		AccessTokenValidity:                      in.AccessTokenValidity,
		IdTokenValidity:                          in.IdTokenValidity,
		TokenValidityUnits:                       in.TokenValidityUnits,
		ReadAttributes:                           in.ReadAttributes,
		WriteAttributes:                          in.WriteAttributes,
		ExplicitAuthFlows:                        in.ExplicitAuthFlows,
		SupportedIdentityProviders:               in.SupportedIdentityProviders,
		CallbackURLs:                             in.CallbackURLs,
		LogoutURLs:                               in.LogoutURLs,
		DefaultRedirectURI:                       in.DefaultRedirectURI,
		AllowedOAuthFlows:                        in.AllowedOAuthFlows,
		AllowedOAuthScopes:                       in.AllowedOAuthScopes,
		AllowedOAuthFlowsUserPoolClient:          in.AllowedOAuthFlowsUserPoolClient,
		AnalyticsConfiguration:                   in.AnalyticsConfiguration,
		PreventUserExistenceErrors:               in.PreventUserExistenceErrors,
		EnableTokenRevocation:                    in.EnableTokenRevocation,
		EnablePropagateAdditionalUserContextData: in.EnablePropagateAdditionalUserContextData,
		AuthSessionValidity:                      in.AuthSessionValidity,
		RefreshTokenRotation:                     in.RefreshTokenRotation,
	}
}

// defaultSessionMinutes is how long a challenge may be answered.
const defaultSessionMinutes = 3

// applyClient returns the description that follows from an update of old. All
// that the update leaves out returns to its default, but for the name.
func applyClient(old cognitoidp.UserPoolClientType, in *cognitoidp.UpdateUserPoolClientRequest) cognitoidp.UserPoolClientType {
	units := or(in.TokenValidityUnits, new(cognitoidp.TokenValidityUnitsType))
	return cognitoidp.UserPoolClientType{
		ClientName:                               or(in.ClientName, old.ClientName),
		RefreshTokenValidity:                     refreshValidity(in.RefreshTokenValidity, units.RefreshToken),
		AccessTokenValidity:                      in.AccessTokenValidity,
		IdTokenValidity:                          in.IdTokenValidity,
		TokenValidityUnits:                       units,
		ReadAttributes:                           in.ReadAttributes,
		WriteAttributes:                          in.WriteAttributes,
		ExplicitAuthFlows:                        canonical(in.ExplicitAuthFlows),
		SupportedIdentityProviders:               in.SupportedIdentityProviders,
		CallbackURLs:                             in.CallbackURLs,
		LogoutURLs:                               in.LogoutURLs,
		DefaultRedirectURI:                       in.DefaultRedirectURI,
		AllowedOAuthFlows:                        in.AllowedOAuthFlows,
		AllowedOAuthScopes:                       in.AllowedOAuthScopes,
		AllowedOAuthFlowsUserPoolClient:          or(in.AllowedOAuthFlowsUserPoolClient, new(false)),
		AnalyticsConfiguration:                   in.AnalyticsConfiguration,
		PreventUserExistenceErrors:               in.PreventUserExistenceErrors,
		EnableTokenRevocation:                    or(in.EnableTokenRevocation, new(true)),
		EnablePropagateAdditionalUserContextData: or(in.EnablePropagateAdditionalUserContextData, new(false)),
		AuthSessionValidity:                      or(in.AuthSessionValidity, new(int64(defaultSessionMinutes))),
		RefreshTokenRotation:                     in.RefreshTokenRotation,
	}
}

// refreshValidity completes the life of refresh tokens: zero counts as not
// given and stands for thirty days, in the unit that the client uses.
func refreshValidity(n *int64, u *cognitoidp.TimeUnitsType) *int64 {
	if n != nil && *n != 0 {
		return n
	}
	return new(int64(defaultRefreshLife / unit[*or(u, new(cognitoidp.TimeUnitsTypeDays))]))
}

// flowOrder is the order in which flows are returned, whatever the order in
// which they were sent. That there is one has been seen on the service; that
// it is the model's is UNCONFIRMED.
var flowOrder = []cognitoidp.ExplicitAuthFlowsType{
	cognitoidp.ExplicitAuthFlowsTypeAdminNoSrpAuth,
	cognitoidp.ExplicitAuthFlowsTypeCustomAuthFlowOnly,
	cognitoidp.ExplicitAuthFlowsTypeUserPasswordAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowCustomAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowUserPasswordAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowUserSrpAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowUserAuth,
	cognitoidp.ExplicitAuthFlowsTypeAllowClientTokenAuth,
}

// canonical orders flows and drops repeated ones. A list that was not given
// stays absent.
func canonical(flows []cognitoidp.ExplicitAuthFlowsType) []cognitoidp.ExplicitAuthFlowsType {
	if flows == nil {
		return nil
	}
	ordered := []cognitoidp.ExplicitAuthFlowsType{}
	for _, f := range flowOrder {
		if slices.Contains(flows, f) {
			ordered = append(ordered, f)
		}
	}
	return ordered
}

// Bounds of token lives.
const (
	minTokenLife   = 5 * time.Minute
	maxTokenLife   = day
	minRefreshLife = time.Hour
	maxRefreshLife = 3650 * day
)

// check refuses a client that contradicts itself or its pool. verb says in
// the service's words what is being done: "creating" or "updating".
func (c *Client) check(p *Pool, verb string) error {
	if err := c.checkFlows(p); err != nil {
		return err
	}
	if err := c.checkLives(); err != nil {
		return err
	}
	if err := c.checkAttributes(p, verb); err != nil {
		return err
	}
	if awsapi.Value(c.Description.EnablePropagateAdditionalUserContextData) && !c.HasSecret() {
		return cognitoidp.InvalidParameterException("Client Secret is required to set EnablePropagateAdditionalUserContextData as true")
	}
	if a := c.Description.AnalyticsConfiguration; a != nil {
		byARN, byID := a.ApplicationArn != nil, a.ApplicationId != nil && a.RoleArn != nil && a.ExternalId != nil
		mixed := byARN && (a.ApplicationId != nil || a.RoleArn != nil || a.ExternalId != nil)
		if mixed || !byARN && !byID {
			return cognitoidp.InvalidParameterException("Invalid analytics configuration given, either <application arn> or <application id, role arn, external id> are valid")
		}
	}
	return c.checkOAuth()
}

// textRotationExclusive is UNCONFIRMED: the rule is documented, its sentence
// is not.
const textRotationExclusive = "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled in ExplicitAuthFlows when refresh token rotation is enabled."

// Sentences about clients that sign in for themselves. UNCONFIRMED: the rules
// are documented, the sentences are not.
const (
	textClientTokenExclusive = "ALLOW_CLIENT_TOKEN_AUTH cannot be enabled along with other auth flows."
	textClientTokenSecret    = "ALLOW_CLIENT_TOKEN_AUTH can not be selected if client does not have a client secret."
)

// featureChoice is UNCONFIRMED.
const featureChoice = "Choice-Based Sign-In"

func (c *Client) checkFlows(p *Pool) error {
	flows := c.Description.ExplicitAuthFlows
	if slices.ContainsFunc(flows, legacy) && !legacy(flows[len(flows)-1]) {
		return cognitoidp.InvalidParameterException("Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.")
	}
	if c.RotatesRefreshTokens() && slices.Contains(flows, cognitoidp.ExplicitAuthFlowsTypeAllowRefreshTokenAuth) {
		return cognitoidp.InvalidParameterException(textRotationExclusive)
	}
	switch {
	case !c.AllowsClientToken():
	case len(flows) > 1:
		return cognitoidp.InvalidParameterException(textClientTokenExclusive)
	case !c.HasSecret():
		return cognitoidp.InvalidParameterException(textClientTokenSecret)
	}
	if p.Tier() == cognitoidp.UserPoolTierTypeLite && slices.Contains(flows, cognitoidp.ExplicitAuthFlowsTypeAllowUserAuth) {
		return cognitoidp.FeatureUnavailableInTierException("The following features need to be disabled for the %s pricing tier configured: %s", p.Tier(), featureChoice)
	}
	return nil
}

func (c *Client) checkLives() error {
	access, id, refresh := c.AccessTokenLife(), c.IDTokenLife(), c.RefreshTokenLife()
	for _, l := range []time.Duration{access, id} {
		if l < minTokenLife || l > maxTokenLife {
			return errTokenLife()
		}
	}
	if refresh < minRefreshLife || refresh > maxRefreshLife {
		return errTokenLife()
	}
	if access > refresh || id > refresh {
		return cognitoidp.InvalidParameterException("Access and Id Token expiration times must be less than or equal to refresh token expiration times.")
	}
	return nil
}

func errTokenLife() error {
	return cognitoidp.InvalidParameterException("Invalid range for token validity.")
}

// checkAttributes checks the lists of attributes that the client may read and
// write: they must be in the schema, and not be the owner's alone; what is
// written must not be the service's to set, and must hold all that the schema
// requires.
func (c *Client) checkAttributes(p *Pool, verb string) error {
	readable := func(name string) bool { return p.Attribute(name) != nil && !strings.HasPrefix(name, developerPrefix) }
	for _, name := range c.Description.ReadAttributes {
		if !readable(name) {
			return cognitoidp.InvalidParameterException("Invalid read attributes specified while %s a client", verb)
		}
	}
	errWrite := cognitoidp.InvalidParameterException("Invalid write attributes specified while %s a client", verb)
	for _, name := range c.Description.WriteAttributes {
		if !readable(name) || slices.Contains(neverWritable, name) {
			return errWrite
		}
	}
	if c.Description.WriteAttributes != nil {
		for _, name := range p.RequiredAttributes() {
			if !slices.Contains(c.Description.WriteAttributes, name) {
				return errWrite
			}
		}
	}
	return nil
}
