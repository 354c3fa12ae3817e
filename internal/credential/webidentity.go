package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/issuer"
)

// WebIdentityRequest asks for a role session for the bearer of a token.
type WebIdentityRequest struct {
	RoleRequest
	Token string
	// ProviderID names the providers of opaque access tokens: Facebook and
	// Amazon. Empty for everybody else.
	ProviderID string
}

// WebIdentityCredentials are credentials of a role session that a token gave.
type WebIdentityCredentials struct {
	RoleCredentials
	Subject  string
	Audience string
	Provider string // a built-in provider by name, or the ARN of an OpenID Connect provider
}

// AssumeRoleWithWebIdentity verifies a token for a provider of the role's
// account and gives its bearer a session of the role, if the trust policy
// permits it.
func (s *Service) AssumeRoleWithWebIdentity(ctx context.Context, in WebIdentityRequest) (*WebIdentityCredentials, error) {
	t, err := s.findRole(ctx, &in.RoleRequest)
	if err != nil {
		return nil, err
	}
	who, err := s.verify(ctx, t.account(), in.ProviderID, in.Token)
	if err != nil {
		return nil, err
	}
	c, err := s.assumeFor(ctx, *who, t, &in.RoleRequest)
	if err != nil {
		return nil, err
	}
	return &WebIdentityCredentials{RoleCredentials: *c, Subject: who.Subject, Audience: who.Audience, Provider: who.Provider}, nil
}

// verify turns a token into an assertion. Only the deployment's own identity
// pools and the providers of the account are trusted; the token's "iss" serves
// to choose among them and is compared again when the token is verified.
func (s *Service) verify(ctx context.Context, account, providerID, token string) (*Assertion, error) {
	switch providerID {
	case "":
	case issuer.Facebook, issuer.Amazon:
		return s.verifyLogin(ctx, providerID, token)
	default:
		return nil, sts.InvalidIdentityTokenException("%s", msgNotValidated)
	}
	iss, ok := issuer.Peek(token)
	if !ok {
		return nil, sts.InvalidIdentityTokenException("%s", msgNotJWT)
	}
	if own, err := s.cfg.Issuers.IdentityPools(); err == nil && own.Name == issuer.WithoutScheme(iss) {
		claims, err := s.cfg.Issuers.Verify(ctx, own, token, nil)
		if err != nil {
			return nil, tokenError(err)
		}
		return assertion(claims, iampolicy.CognitoProvider, iampolicy.CognitoProvider)
	} else if err != nil && !errors.Is(err, issuer.ErrUntrusted) {
		return nil, fmt.Errorf("issuer of identity pools: %w", err)
	}

	name := issuer.WithoutScheme(iss)
	provider, err := s.cfg.Directory.Provider(ctx, account, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == issuer.Google:
		return s.verifyLogin(ctx, issuer.Google, token)
	case errors.Is(err, fs.ErrNotExist):
		return nil, noProvider(iss)
	case err != nil:
		return nil, fmt.Errorf("load provider: %w", err)
	}
	from, err := s.cfg.Issuers.OpenIDProvider(ctx, account, "https://"+provider.URL, provider.Thumbprints...)
	if errors.Is(err, issuer.ErrUntrusted) {
		return nil, noProvider(iss)
	} else if err != nil {
		return nil, fmt.Errorf("resolve provider %s: %w", provider.URL, err)
	}
	claims, err := s.cfg.Issuers.Verify(ctx, from, token, provider.ClientIDs)
	if err != nil {
		return nil, tokenError(err)
	}
	return assertion(claims, provider.ARN(), provider.URL)
}

// verifyLogin is verify for the built-in login providers, which every account
// has. No account lists applications for them, so it is for the trust policy to
// look at the audience.
func (s *Service) verifyLogin(ctx context.Context, name, token string) (*Assertion, error) {
	from, err := s.cfg.Issuers.LoginOfAnyApp(name, token)
	if errors.Is(err, issuer.ErrUntrusted) {
		return nil, sts.InvalidIdentityTokenException("%s", msgNotValidated).WithCause(err)
	}
	if err != nil {
		return nil, fmt.Errorf("login provider %s: %w", name, err)
	}
	claims, err := s.cfg.Issuers.Verify(ctx, from, token, nil)
	if err != nil {
		return nil, tokenError(err)
	}
	return assertion(claims, name, name)
}

func noProvider(iss string) error {
	const most = 255 // characters of a provider's URL
	if r := []rune(iss); len(r) > most {
		iss = string(r[:most])
	}
	return sts.InvalidIdentityTokenException(msgNoProvider, iss)
}

// tokenError gives a refused token STS's code and text.
func tokenError(err error) error {
	e, ok := errors.AsType[*issuer.Error](err)
	if !ok {
		return fmt.Errorf("verify web identity token: %w", err)
	}
	var answer *awsapi.Error
	switch e.Reason {
	case issuer.Expired:
		answer = sts.ExpiredTokenException(msgTokenExpired, e.Now, e.At)
	case issuer.Unreachable:
		answer = sts.IDPCommunicationErrorException("%s", msgProviderAway)
	case issuer.MissingClaim:
		answer = sts.InvalidIdentityTokenException(msgMissingClaim, e.Claim)
	default:
		text, ok := map[issuer.Reason]string{
			issuer.NotJWT:        msgNotJWT,
			issuer.UnknownKey:    msgNoKey,
			issuer.WrongAudience: msgWrongAudience,
			issuer.ManyAudiences: msgManyAudiences,
		}[e.Reason]
		if !ok {
			text = msgNotValidated
		}
		answer = sts.InvalidIdentityTokenException("%s", text)
	}
	return answer.WithCause(err)
}

// assertion reads what STS honours from verified claims.
func assertion(c *issuer.Claims, provider, prefix string) (*Assertion, error) {
	a := &Assertion{
		Provider: provider, Prefix: prefix, Subject: c.Subject, Audience: c.Party(), AMR: c.Values("amr"),
		Claims: map[string]string{},
	}
	if a.Audience == "" && len(c.Audience) > 0 {
		return nil, sts.InvalidIdentityTokenException("%s", msgManyAudiences)
	}
	for _, name := range keyNames(c.Names()) {
		if values := c.Values(name); len(values) == 1 {
			a.Claims[name] = values[0]
		}
	}
	if len(c.Audience) == 1 {
		a.Claims["oaud"] = c.Audience[0]
	}
	var err error
	if a.Tags, a.TransitiveTagKeys, err = tagClaims(c); err != nil {
		return nil, err
	}
	if c.Raw(claimSourceIdentity) != nil {
		identity := c.Values(claimSourceIdentity)
		if len(identity) != 1 || !validSourceIdentity.MatchString(identity[0]) {
			return nil, sts.InvalidIdentityTokenException("%s", msgInvalidIdentityClaim)
		}
		a.SourceIdentity = identity[0]
	}
	if c.Raw(claimRoles) != nil {
		a.Roles = append([]string{}, c.Values(claimRoles)...)
	}
	return a, nil
}

// ownKeys are the condition keys of a provider that do not come from a claim
// of their name as it is.
var ownKeys = []string{"aud", "oaud", "sub", "amr"}

// keyNames returns the claims that may become condition keys. A colon would
// make "<provider>:<claim>" ambiguous; the claims that STS reads itself all
// have one. Keys compare without regard to case, so a claim must not stand in
// for another by being spelt SUB, and of two that differ in case none counts.
func keyNames(claims []string) []string {
	folded := make(map[string]int, len(claims))
	for _, name := range claims {
		folded[strings.ToLower(name)]++
	}
	return slices.DeleteFunc(claims, func(name string) bool {
		key := strings.ToLower(name)
		return name == "" || len(name) > 128 || strings.Contains(name, ":") || folded[key] > 1 || slices.Contains(ownKeys, key)
	})
}
