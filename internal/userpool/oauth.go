package userpool

import (
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// systemScopes are the scopes that need no resource server.
var systemScopes = []string{"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"}

// nativeProvider stands in SupportedIdentityProviders for the pool's own
// users.
const nativeProvider = "COGNITO"

func (c *Client) checkOAuth() error {
	d := &c.Description
	for _, scope := range d.AllowedOAuthScopes {
		if !slices.Contains(systemScopes, scope) {
			return cognitoidp.ScopeDoesNotExistException("Invalid scope requested: %s", scope)
		}
	}
	for _, u := range slices.Concat(d.CallbackURLs, d.LogoutURLs) {
		if err := checkRedirect(u); err != nil {
			return err
		}
	}
	if r := d.DefaultRedirectURI; r != nil && !slices.Contains(d.CallbackURLs, *r) {
		return cognitoidp.InvalidParameterException("The default redirect URI %s is not in the callback URIs list.", *r)
	}
	return c.checkGrants()
}

func (c *Client) checkGrants() error {
	d := &c.Description
	has := func(f cognitoidp.OAuthFlowType) bool { return slices.Contains(d.AllowedOAuthFlows, f) }
	users := has(cognitoidp.OAuthFlowTypeCode) || has(cognitoidp.OAuthFlowTypeImplicit)
	if has(cognitoidp.OAuthFlowTypeClientCredentials) {
		switch {
		case users:
			return cognitoidp.InvalidOAuthFlowException("client_credentials flow can not be selected along with code flow or implicit flow.")
		case !c.HasSecret():
			return cognitoidp.InvalidOAuthFlowException("client_credentials flow can not be selected if client does not have a client secret.")
		}
	}
	if !awsapi.Value(d.AllowedOAuthFlowsUserPoolClient) {
		return nil
	}
	switch {
	case len(d.AllowedOAuthFlows) == 0 || len(d.AllowedOAuthScopes) == 0:
		return cognitoidp.InvalidParameterException("AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.")
	case users && len(d.CallbackURLs) == 0:
		return cognitoidp.InvalidOAuthFlowException("CallbackUrls can not be empty when code flow or implicit flow is selected")
	}
	return nil
}

// loopback are the hosts to which a browser may be sent without TLS.
var loopback = []string{"localhost", "127.0.0.1", "::1"}

// scripted are schemes that run what follows them in the page that is left.
var scripted = []string{"javascript", "data", "vbscript", "file", "blob", "about"}

// textRedirect is UNCONFIRMED.
const textRedirect = "%s is not a valid redirect URI"

// checkRedirect checks an address to which a browser is sent back: https, or
// http on this very machine, or an application's own scheme; no fragment.
func checkRedirect(s string) error {
	if strings.Contains(s, "#") {
		return cognitoidp.InvalidParameterException("%s cannot use fragment", s)
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || slices.Contains(scripted, u.Scheme):
		return cognitoidp.InvalidParameterException(textRedirect, s)
	case u.Scheme == "http" && !slices.Contains(loopback, u.Hostname()):
		return cognitoidp.InvalidParameterException("%s cannot use the HTTP protocol.", s)
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return cognitoidp.InvalidParameterException(textRedirect, s)
	}
	return nil
}
