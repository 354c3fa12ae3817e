package identitypool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// claims are what a provider says about a person.
type claims interface {
	// Values returns a claim as texts: none if it is absent.
	Values(name string) []string
}

// maxSubject is the length of the longest name that a person may have at a
// provider, in bytes. OpenID Connect allows 255.
const maxSubject = 1024

// proof is a login that was good.
type proof struct {
	Login
	provider *provider
	claims   claims
	clients  []string // of the provider, that the token was made for
	methods  []string // how the person came in: the part of "amr" that this login gives

	// Of logins that the developer's own server speaks for:
	vouched bool              // it signed this very request
	tags    map[string]string // session tags that it gave
	until   int64             // when its word ends, in epoch seconds; 0 for never
}

// prove verifies every login, in the order of their keys: the order in which
// a client wrote them does not survive JSON maps.
func (s *Service) prove(ctx context.Context, p *Pool, logins map[string]string) ([]proof, error) {
	if !p.hasProviders() {
		return nil, notAuthorized(textNoProviders, p.ID)
	}
	var proofs []proof
	for _, key := range slices.Sorted(maps.Keys(logins)) {
		pr, err := s.proveOne(ctx, p, key, logins[key])
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, pr)
	}
	return distinct(proofs)
}

func (s *Service) proveOne(ctx context.Context, p *Pool, key, token string) (proof, error) {
	switch {
	case key == ownProvider:
		return s.proveDeveloper(ctx, p, token)
	case key == p.DeveloperProvider && s.ownToken(token):
		return proof{}, notAuthorized(textTokenOwn)
	case key == p.DeveloperProvider:
		return proof{}, invalid(textPublicProvider)
	}
	provider, err := s.provider(ctx, p, key, token)
	if err != nil {
		return proof{}, err
	}
	if provider.saml != nil {
		return s.proveSAML(provider, token)
	}
	found, err := s.Issuers.Verify(ctx, provider.issuer, token, provider.audiences)
	if err != nil {
		return proof{}, s.refusal(err, provider, token)
	}
	if err := s.checkSignedIn(ctx, provider, found); err != nil {
		return proof{}, err
	}
	if len(found.Subject) > maxSubject {
		return proof{}, notAuthorized(textTokenForm)
	}
	login := Login{Provider: provider.name, Subject: found.Subject}
	return proof{
		Login: login, provider: provider, claims: found, clients: found.Audience, methods: methods(provider, login, found.Party()),
	}, nil
}

// methods names the provider, then provider and subject in one string.
func methods(pr *provider, l Login, party string) []string {
	switch {
	case pr.iamARN != "":
		return []string{pr.key, pr.iamARN + ":OIDC:" + l.Subject}
	case len(pr.entries) > 0:
		return []string{l.Provider, l.Provider + ":CognitoSignIn:" + l.Subject}
	}
	return []string{l.Provider, l.Provider + ":" + party + ":" + l.Subject}
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
