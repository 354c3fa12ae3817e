package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/saml"
)

// samlProvider finds a SAML provider that a pool lists. Logins are kept under
// its ARN.
func (s *Service) samlProvider(ctx context.Context, p *Pool, arn string) (*provider, error) {
	of, name, ok := account.ParseSAMLProviderARN(arn)
	if !ok || of != p.Account {
		return nil, notAuthorized(textUnsupportedToken)
	}
	found, err := s.Directory.SAMLProvider(ctx, p.Account, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notAuthorized(textUnsupportedToken)
	}
	if err != nil {
		return nil, fmt.Errorf("find provider %s: %w", arn, err)
	}
	return &provider{key: arn, name: arn, saml: found}, nil
}

// proveSAML verifies a SAML response. It is good for as long as it says,
// however often it is shown: GetId and GetCredentialsForIdentity both need it.
func (s *Service) proveSAML(pr *provider, response string) (proof, error) {
	now := s.Now()
	a, err := saml.Verify(response, pr.saml.Metadata, saml.Expect{Us: s.isUs, Now: now})
	if err != nil {
		return proof{}, samlRefusal(err)
	}
	return proof{
		Login: Login{Provider: pr.name, Subject: a.Subject}, provider: pr, claims: samlClaims{a, pr.name},
		methods: []string{pr.name, pr.name + ":SAML:" + a.Subject}, // UNCONFIRMED: like those of OpenID Connect
	}, nil
}

func samlRefusal(err error) error {
	e, ok := errors.AsType[*saml.Error](err)
	if !ok {
		return err
	}
	var answer *awsapi.Error
	switch e.Reason {
	case saml.Malformed, saml.Failed:
		answer = notAuthorized(textTokenSAML)
	case saml.Encrypted:
		answer = notAuthorized(textTokenEncrypted)
	case saml.WrongIssuer:
		answer = notAuthorized(textTokenIssuer)
	case saml.NotYetValid:
		answer = notAuthorized(textTokenEarly)
	case saml.Expired:
		answer = notAuthorized(textTokenOld)
	case saml.WrongAudience, saml.WrongRecipient:
		answer = notAuthorized(textUnsupportedToken)
	default: // Unsigned, BadSignature, Stale
		answer = notAuthorized(textTokenVerify)
	}
	return answer.WithCause(err)
}

// samlClaims are the attributes of an assertion as role mappings and tag maps
// read them.
type samlClaims struct {
	*saml.Assertion
	provider string // ARN
}

// samlRoleAttribute lists the roles of a person, each with the provider that
// it is offered through.
const samlRoleAttribute = "https://aws.amazon.com/SAML/Attributes/Role"

// Values returns an attribute. Roles, which have claims of their own in the
// tokens of user pools, come from the attribute that AWS reads them from; one
// that is alone is the preferred one.
func (c samlClaims) Values(name string) []string {
	switch roles := c.roles(); {
	case name == claimRoles:
		return roles
	case name == claimPreferredRole && len(roles) == 1:
		return roles
	case name == claimPreferredRole:
		return nil
	}
	return c.Assertion.Values(name)
}

func (c samlClaims) roles() []string {
	var roles []string
	for _, pair := range c.Assertion.Values(samlRoleAttribute) {
		one, other, _ := strings.Cut(pair, ",")
		one, other = strings.TrimSpace(one), strings.TrimSpace(other)
		switch c.provider {
		case one:
			roles = append(roles, other)
		case other:
			roles = append(roles, one)
		}
	}
	return roles
}
