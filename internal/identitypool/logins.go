package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/issuer"
)

// ownProvider is the Logins key under which an identity pool's own token is
// sent.
const ownProvider = "cognito-identity.amazonaws.com"

// awsOwnIssuer is the issuer of identity tokens on the service itself.
const awsOwnIssuer = "https://" + ownProvider

// openIDIssuers are public providers that speak plain OpenID Connect.
var openIDIssuers = map[string]string{
	"accounts.google.com": "https://accounts.google.com",
	"appleid.apple.com":   "https://appleid.apple.com",
}

// provider is an entry of a pool that a Logins key named.
type provider struct {
	key       string // as it was sent
	issuer    *issuer.Issuer
	audiences []string
	iamARN    string // of an IAM OpenID Connect provider
	entries   []cognitoidentity.CognitoIdentityProvider
}

// proof is a login whose token was good.
type proof struct {
	Login
	provider *provider
	claims   *issuer.Claims
}

// prove verifies every login, in the order of their keys: the order in which
// a client wrote them does not survive JSON maps.
func (s *Service) prove(ctx context.Context, p *Pool, logins map[string]string) ([]proof, error) {
	if !p.hasProviders() {
		return nil, notAuthorized(textNoProviders, p.ID)
	}
	var proofs []proof
	for _, key := range slices.Sorted(maps.Keys(logins)) {
		token := logins[key]
		if key == ownProvider || (key == p.DeveloperProvider && s.ownToken(token)) {
			return nil, notAuthorized(textTokenOwn)
		}
		if key == p.DeveloperProvider {
			return nil, invalid(textPublicProvider)
		}
		provider, err := s.provider(ctx, p, key)
		if err != nil {
			return nil, err
		}
		claims, err := s.Issuers.Verify(ctx, provider.issuer, token, provider.audiences)
		if err != nil {
			return nil, s.refusal(err, provider, token)
		}
		if err := s.checkSignedIn(ctx, provider, claims); err != nil {
			return nil, err
		}
		proofs = append(proofs, proof{Login: Login{Provider: provider.issuer.Name, Subject: claims.Subject}, provider: provider, claims: claims})
	}
	return distinct(proofs)
}

// distinct drops a login that came twice, under two names of one provider.
func distinct(proofs []proof) ([]proof, error) {
	var kept []proof
	for _, p := range proofs {
		i := slices.IndexFunc(kept, func(k proof) bool { return k.Provider == p.Provider })
		switch {
		case i < 0:
			kept = append(kept, p)
		case kept[i].Subject != p.Subject:
			return nil, conflict(textLoginTaken)
		}
	}
	return kept, nil
}

// provider finds the pool's provider behind a Logins key. It asks nobody
// outside: names that the pool does not list go no further.
func (s *Service) provider(ctx context.Context, p *Pool, key string) (*provider, error) {
	if found, err := s.userPool(ctx, p, key); found != nil || err != nil {
		return found, err
	}
	if ids, ok := p.SocialProviders[key]; ok {
		url, ok := openIDIssuers[key]
		if !ok {
			return nil, notAuthorized(textProviderUnready, key)
		}
		found, err := s.Issuers.OpenIDProvider(ctx, p.Account, url)
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", key, err)
		}
		return &provider{key: key, issuer: found, audiences: strings.Split(ids, ";")}, nil
	}
	for _, arn := range p.OpenIDProviders {
		if name, ok := providerOf(p, arn, "oidc-provider/"); ok && name == key {
			return s.openIDProvider(ctx, p, key, arn)
		}
	}
	if slices.Contains(p.SAMLProviders, key) {
		return nil, notAuthorized(textProviderUnready, key)
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
	match := &provider{key: key, issuer: found}
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
	found, err := s.Issuers.OpenIDProvider(ctx, p.Account, "https://"+known.URL)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", arn, err)
	}
	return &provider{key: key, issuer: found, audiences: known.ClientIDs, iamARN: arn}, nil
}

// checkSignedIn asks a local user pool whether the token's sign-in still
// holds, where the entry of its client says so.
func (s *Service) checkSignedIn(ctx context.Context, pr *provider, c *issuer.Claims) error {
	asked := slices.ContainsFunc(pr.entries, func(e cognitoidentity.CognitoIdentityProvider) bool {
		return awsapi.Value(e.ServerSideTokenCheck) && slices.Contains(c.Audience, *e.ClientId)
	})
	if !asked {
		return nil
	}
	if !pr.issuer.Local {
		return notAuthorized(textServerCheckRemote, pr.issuer.Name)
	}
	ok, err := s.Users.SignedIn(ctx, SignIn{
		PoolID: pr.issuer.PoolID, Subject: c.Subject, Username: first(c.Values("cognito:username")), OriginJTI: first(c.Values("origin_jti")),
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), AuthTime: time.Unix(c.AuthTime, 0).UTC(),
	})
	if err != nil {
		return fmt.Errorf("ask user pool %s: %w", pr.issuer.PoolID, err)
	}
	if !ok {
		return notAuthorized(textTokenSignedOut)
	}
	return nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// ownToken reports whether a token says that an identity pool made it.
func (s *Service) ownToken(token string) bool {
	iss, ok := issuer.Peek(token)
	return ok && (iss == awsOwnIssuer || iss == s.Issuer)
}

// refusal turns why a token was refused into the service's sentence.
func (s *Service) refusal(err error, pr *provider, token string) error {
	e, ok := errors.AsType[*issuer.Error](err)
	if !ok {
		return err
	}
	if (e.Reason == issuer.WrongIssuer || e.Reason == issuer.WrongAlgorithm) && s.ownToken(token) {
		return notAuthorized(textTokenOwn)
	}
	var answer *awsapi.Error
	switch e.Reason {
	case issuer.NotJWT:
		answer = notAuthorized(textTokenForm)
	case issuer.WrongIssuer:
		answer = notAuthorized(textTokenIssuer)
	case issuer.MissingClaim:
		answer = notAuthorized(textTokenNoClaim, e.Claim)
	case issuer.Expired:
		answer = notAuthorized(textTokenExpired, e.Now, e.At)
	case issuer.NotYetValid:
		answer = notAuthorized(textTokenEarly)
	case issuer.WrongAudience, issuer.ManyAudiences:
		answer = notAuthorized(textUnsupportedToken)
	case issuer.WrongUse:
		answer = notAuthorized(textTokenUse)
	case issuer.Unreachable:
		answer = cognitoidentity.ExternalServiceException(textKeysUnreachable, pr.key)
	default: // WrongAlgorithm, UnknownKey, BadSignature
		answer = notAuthorized(textTokenVerify)
	}
	return answer.WithCause(err)
}
