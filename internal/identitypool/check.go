package identitypool

import (
	"context"
	"errors"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/issuer"
)

// maxUserPools is the quota of user pools in one identity pool.
const maxUserPools = 50

// configure puts settings into p, once they are checked. It leaves developer
// provider and tags to the caller.
func (s *Service) configure(ctx context.Context, p *Pool, settings *cognitoidentity.IdentityPool) error {
	if err := checkTags(p.Tags); err != nil {
		return err
	}
	if len(settings.CognitoIdentityProviders) > maxUserPools {
		return cognitoidentity.LimitExceededException(textTooManyUserPools, maxUserPools)
	}
	for _, provider := range settings.CognitoIdentityProviders {
		if err := s.checkUserPool(ctx, p, provider); err != nil {
			return err
		}
	}
	for _, arn := range settings.OpenIdConnectProviderARNs {
		name, ok := providerOf(p, arn, "oidc-provider/")
		switch {
		case !ok:
			return invalid(textOpenIDProvider, arn)
		case name == p.DeveloperProvider:
			return invalid(textDeveloperNamePublic, name)
		}
	}
	for _, arn := range settings.SamlProviderARNs {
		if _, ok := providerOf(p, arn, "saml-provider/"); !ok {
			return invalid(textSAMLProvider, arn)
		}
	}
	if _, public := settings.SupportedLoginProviders[p.DeveloperProvider]; public || p.DeveloperProvider == ownProvider {
		return invalid(textDeveloperNamePublic, p.DeveloperProvider)
	}
	p.Name = *settings.IdentityPoolName
	p.AllowUnauthenticated = *settings.AllowUnauthenticatedIdentities
	p.AllowClassicFlow = settings.AllowClassicFlow
	p.UserPools = settings.CognitoIdentityProviders
	p.OpenIDProviders = settings.OpenIdConnectProviderARNs
	p.SAMLProviders = settings.SamlProviderARNs
	p.SocialProviders = settings.SupportedLoginProviders
	return nil
}

// checkUserPool accepts every name of the AWS form, whether or not there is
// such a pool yet, and other names only if somebody vouches for them.
func (s *Service) checkUserPool(ctx context.Context, p *Pool, provider cognitoidentity.CognitoIdentityProvider) error {
	name := awsapi.Value(provider.ProviderName)
	if name == "" || awsapi.Value(provider.ClientId) == "" {
		return invalid(textInvalidUserPool)
	}
	found, err := s.Issuers.UserPool(ctx, p.Account, name)
	if err != nil && !errors.Is(err, issuer.ErrUntrusted) {
		return err
	}
	_, _, aws := issuer.ParseUserPool(name)
	switch {
	case found == nil && !aws:
		return invalid(textInvalidUserPool)
	case found != nil && !found.Local && awsapi.Value(provider.ServerSideTokenCheck):
		// Only the user pool knows who has signed out, and a pool elsewhere
		// cannot be asked. To accept the setting would be to ignore it.
		return invalid(textServerCheckRemote, name)
	}
	return nil
}

// providerOf returns the name of an IAM provider of the pool's account.
func providerOf(p *Pool, arn, kind string) (name string, ok bool) {
	a, ok := awsapi.ParseARN(arn)
	if !ok || a.Service != "iam" || a.Region != "" || a.Account != p.Account {
		return "", false
	}
	return strings.CutPrefix(a.Resource, kind)
}

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalid(textTooManyTags, maxTags)
	}
	for k := range tags {
		if strings.HasPrefix(strings.ToLower(k), "aws:") {
			return invalid(textTagReserved)
		}
	}
	return nil
}
