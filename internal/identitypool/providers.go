package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/issuer"
)

// provider is an entry of a pool that a Logins key named.
type provider struct {
	key       string // as it was sent
	name      string // canonical: logins are kept under it
	issuer    *issuer.Issuer
	audiences []string
	iamARN    string              // of an IAM OpenID Connect provider
	saml      *account.SAMLIssuer // in place of an issuer
	entries   []cognitoidentity.CognitoIdentityProvider
}

// provider finds the pool's provider behind a Logins key. It asks nobody
// outside: names that the pool does not list go no further. The token may tell
// which issuer of a provider made it.
func (s *Service) provider(ctx context.Context, p *Pool, key, token string) (*provider, error) {
	if found, err := s.userPool(ctx, p, key); found != nil || err != nil {
		return found, err
	}
	if ids, ok := p.SocialProviders[key]; ok {
		found, err := s.Issuers.Login(key, token)
		if errors.Is(err, issuer.ErrUntrusted) {
			return nil, notAuthorized(textProviderUnready, key)
		}
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", key, err)
		}
		return &provider{key: key, name: found.Name, issuer: found, audiences: strings.Split(ids, ";")}, nil
	}
	for _, arn := range p.OpenIDProviders {
		if name, ok := providerOf(p, arn, "oidc-provider/"); ok && name == key {
			return s.openIDProvider(ctx, p, key, arn)
		}
	}
	if slices.Contains(p.SAMLProviders, key) {
		return s.samlProvider(ctx, p, key)
	}
	return nil, notAuthorized(textUnsupportedToken)
}

// userPool finds the user pool behind a key: nil if the pool lists none by
// that name or by an alias of it. Its audiences are the clients of the entries
// that name the very same user pool.
func (s *Service) userPool(ctx context.Context, p *Pool, key string) (*provider, error) {
	if len(p.UserPools) == 0 {
		return nil, nil
	}
	found, err := s.Issuers.UserPool(ctx, p.Account, key)
	if errors.Is(err, issuer.ErrUntrusted) {
		if slices.ContainsFunc(p.UserPools, func(e cognitoidentity.CognitoIdentityProvider) bool { return *e.ProviderName == key }) {
			// The pool trusts a user pool that nobody vouches for, so there
			// is no key to check the token with.
			return nil, notAuthorized(textTokenVerify).WithCause(err)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	match := &provider{key: key, name: found.Name, issuer: found}
	for _, e := range p.UserPools {
		same := *e.ProviderName == key || *e.ProviderName == found.Name
		if _, _, aws := issuer.ParseUserPool(*e.ProviderName); !same && !aws {
			alias, err := s.Issuers.UserPool(ctx, p.Account, *e.ProviderName)
			same = err == nil && alias.Name == found.Name
		}
		if same {
			match.audiences = append(match.audiences, *e.ClientId)
			match.entries = append(match.entries, e)
		}
	}
	if len(match.entries) == 0 {
		return nil, nil
	}
	return match, nil
}

func (s *Service) openIDProvider(ctx context.Context, p *Pool, key, arn string) (*provider, error) {
	known, err := s.Directory.Provider(ctx, p.Account, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notAuthorized(textUnsupportedToken)
	}
	if err != nil {
		return nil, fmt.Errorf("find provider %s: %w", arn, err)
	}
	found, err := s.Issuers.OpenIDProvider(ctx, p.Account, "https://"+known.URL, known.Thumbprints...)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", arn, err)
	}
	return &provider{key: key, name: found.Name, issuer: found, audiences: known.ClientIDs, iamARN: arn}, nil
}
