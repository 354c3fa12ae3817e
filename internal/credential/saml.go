package credential

import (
	"context"
	"crypto/sha1" // the name qualifier is defined by it; it secures nothing
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/saml"
)

// Attributes of SAML assertions that STS reads (IAM user guide, "Configure
// SAML assertions for the authentication response").
const (
	samlAttributes     = "https://aws.amazon.com/SAML/Attributes/"
	samlRole           = samlAttributes + "Role"
	samlSessionName    = samlAttributes + "RoleSessionName"
	samlDuration       = samlAttributes + "SessionDuration"
	samlSourceIdentity = samlAttributes + "SourceIdentity"
	samlPrincipalTag   = samlAttributes + "PrincipalTag:"
	samlTransitiveTags = samlAttributes + "TransitiveTagKeys"
)

// samlLife is how long after it was issued an assertion may be shown.
const samlLife = 5 * time.Minute

// SAMLRequest asks for a role session for somebody whom a SAML provider
// vouches for. The name of the session is the provider's to choose.
type SAMLRequest struct {
	RoleRequest
	ProviderARN string
	Response    string // base64
}

// SAMLCredentials are credentials of a role session that a SAML response gave.
type SAMLCredentials struct {
	RoleCredentials
	Subject       string
	SubjectType   string // persistent, transient, or a URI
	Issuer        string
	Audience      string // where the response was sent to
	NameQualifier string
}

// AssumeRoleWithSAML verifies a response of a SAML provider of the role's
// account and gives the person a session of the role, if the response offers it
// and the trust policy permits it. A response serves once for each role.
func (s *Service) AssumeRoleWithSAML(ctx context.Context, in SAMLRequest) (*SAMLCredentials, error) {
	t, err := s.findRole(ctx, &in.RoleRequest)
	if err != nil {
		return nil, err
	}
	from, err := s.samlProvider(ctx, t.account(), in.ProviderARN)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	a, err := saml.Verify(in.Response, from.Metadata, saml.Expect{Us: s.isUs, Now: now})
	if err != nil {
		return nil, samlError(err)
	}
	until := a.IssuedAt.Add(samlLife)
	if !now.Before(until) {
		return nil, sts.ExpiredTokenException("%s", msgSAMLOld)
	}
	if a.Until.Before(until) && !a.Until.IsZero() {
		until = a.Until
	}
	who, err := samlPerson(a, from, now)
	if err != nil {
		return nil, err
	}
	if in.SessionName, err = samlName(a); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(a.Values(samlRole), func(pair string) bool { return isPair(pair, t.arn, from.ARN()) }) {
		return nil, awsapi.AccessDenied.New(msgFederationDenied, actionSAML)
	}
	c, err := s.federate(ctx, who, t, &in.RoleRequest)
	if err != nil {
		return nil, err
	}
	// Last, so that a refusal spends nothing.
	err = s.cfg.Assertions.SpendAssertion(ctx, account.AssertionUse{
		Account: from.Account, Provider: from.Name, Assertion: a.ID, Role: t.arn, At: now, Until: until,
	})
	if errors.Is(err, fs.ErrExist) {
		return nil, sts.InvalidIdentityTokenException("%s", msgSAMLUsed)
	}
	if err != nil {
		return nil, fmt.Errorf("spend assertion: %w", err)
	}
	return &SAMLCredentials{
		RoleCredentials: *c, Subject: a.Subject, SubjectType: subjectType(a.SubjectFormat), Issuer: a.Issuer,
		Audience: a.Recipient, NameQualifier: nameQualifier(a.Issuer, from),
	}, nil
}

// samlProvider finds a provider of an account.
func (s *Service) samlProvider(ctx context.Context, owner, arn string) (*account.SAMLIssuer, error) {
	absent := sts.InvalidIdentityTokenException("%s", msgSAMLProvider)
	of, name, ok := account.ParseSAMLProviderARN(arn)
	if !ok || of != owner {
		return nil, absent
	}
	p, err := s.cfg.Directory.SAMLProvider(ctx, owner, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, absent
	}
	if err != nil {
		return nil, fmt.Errorf("load SAML provider: %w", err)
	}
	return p, nil
}

// samlPerson reads what trust policies and the session get to know.
func samlPerson(a *saml.Assertion, from *account.SAMLIssuer, now time.Time) (*federated, error) {
	qualifier := nameQualifier(a.Issuer, from)
	who := &federated{
		action: actionSAML, provider: from.ARN(),
		lasting: map[string][]string{
			"saml:namequalifier": {qualifier}, "saml:sub": {a.Subject}, "saml:sub_type": {subjectType(a.SubjectFormat)},
		},
		keys: map[string][]string{
			"saml:namequalifier": {qualifier}, "saml:sub": {a.Subject}, "saml:sub_type": {subjectType(a.SubjectFormat)},
			"saml:aud": {a.Recipient}, "saml:iss": {a.Issuer}, "saml:doc": {from.Account + "/" + from.Name},
		},
		transitive: a.Values(samlTransitiveTags),
	}
	for name, attribute := range samlKeys {
		if values := a.Values(attribute); len(values) > 0 {
			who.keys["saml:"+name] = values
		}
	}
	if identity := a.Values(samlSourceIdentity); len(identity) > 0 {
		if len(identity) > 1 || !validSourceIdentity.MatchString(identity[0]) || strings.HasPrefix(identity[0], "aws:") {
			return nil, sts.InvalidIdentityTokenException("%s", msgSAMLSourceIdentity)
		}
		who.sourceIdentity = identity[0]
	}
	var err error
	if who.tags, err = samlTags(a); err != nil {
		return nil, err
	}
	who.most, err = samlMost(a, now)
	return who, err
}

// samlTags are the session tags of an assertion, in its order.
func samlTags(a *saml.Assertion) ([]Tag, error) {
	var tags []Tag
	for _, attribute := range a.Attributes {
		key, ok := strings.CutPrefix(attribute.Name, samlPrincipalTag)
		if !ok {
			continue
		}
		if len(attribute.Values) != 1 || !validTag(key, attribute.Values[0]) || len(tags) == maxTags {
			return nil, sts.InvalidIdentityTokenException("%s", msgSAMLTags)
		}
		tags = append(tags, Tag{key, attribute.Values[0]})
	}
	return tags, nil
}

// samlMost is how long the provider lets the session last; 0 if it does not
// say.
func samlMost(a *saml.Assertion, now time.Time) (most time.Duration, err error) {
	if values := a.Values(samlDuration); len(values) > 0 {
		seconds, err := strconv.Atoi(values[0])
		if err != nil || len(values) > 1 || seconds < 900 || seconds > 43200 {
			return 0, sts.InvalidIdentityTokenException("%s", msgSAMLDuration)
		}
		most = time.Duration(seconds) * time.Second
	}
	if !a.SessionEnd.IsZero() {
		left := a.SessionEnd.Sub(now)
		if left <= 0 {
			return 0, sts.ExpiredTokenException("%s", msgSAMLExpired)
		}
		if most == 0 || left < most {
			most = left
		}
	}
	return most, nil
}

var validSAMLName = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]{2,64}$`)

func samlName(a *saml.Assertion) (string, error) {
	names := a.Values(samlSessionName)
	if len(names) == 0 {
		return "", sts.InvalidIdentityTokenException("%s", msgSAMLSessionName)
	}
	if len(names) > 1 || !validSAMLName.MatchString(names[0]) {
		return "", sts.InvalidIdentityTokenException("%s", msgSAMLSessionForm)
	}
	return names[0], nil
}

// isPair reports whether a value of the Role attribute offers a role to those
// who come from a provider: both ARNs, in either order.
func isPair(value, role, provider string) bool {
	one, other, ok := strings.Cut(value, ",")
	one, other = strings.TrimSpace(one), strings.TrimSpace(other)
	return ok && (one == role && other == provider || one == provider && other == role)
}

// subjectType shortens the formats that STS documents.
func subjectType(format string) string {
	const prefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
	return strings.TrimPrefix(format, prefix)
}

// nameQualifier names the provider in a way that tells subjects of several
// apart (STS API reference, AssumeRoleWithSAML).
func nameQualifier(iss string, from *account.SAMLIssuer) string {
	sum := sha1.Sum([]byte(iss + from.Account + "/" + from.Name))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// samlKeys are the condition keys that come from attributes of directories:
// eduPerson, eduOrg and LDAP names (IAM user guide, "Available keys for
// SAML-based AWS STS federation").
var samlKeys = map[string]string{
	"edupersonaffiliation":         "urn:oid:1.3.6.1.4.1.5923.1.1.1.1",
	"edupersonnickname":            "urn:oid:1.3.6.1.4.1.5923.1.1.1.2",
	"edupersonorgdn":               "urn:oid:1.3.6.1.4.1.5923.1.1.1.3",
	"edupersonorgunitdn":           "urn:oid:1.3.6.1.4.1.5923.1.1.1.4",
	"edupersonprimaryaffiliation":  "urn:oid:1.3.6.1.4.1.5923.1.1.1.5",
	"edupersonprincipalname":       "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
	"edupersonentitlement":         "urn:oid:1.3.6.1.4.1.5923.1.1.1.7",
	"edupersonprimaryorgunitdn":    "urn:oid:1.3.6.1.4.1.5923.1.1.1.8",
	"edupersonscopedaffiliation":   "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
	"edupersontargetedid":          "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",
	"edupersonassurance":           "urn:oid:1.3.6.1.4.1.5923.1.1.1.11",
	"eduorghomepageuri":            "urn:oid:1.3.6.1.4.1.5923.1.2.1.2",
	"eduorgidentityauthnpolicyuri": "urn:oid:1.3.6.1.4.1.5923.1.2.1.3",
	"eduorglegalname":              "urn:oid:1.3.6.1.4.1.5923.1.2.1.4",
	"eduorgsuperioruri":            "urn:oid:1.3.6.1.4.1.5923.1.2.1.5",
	"eduorgwhitepagesuri":          "urn:oid:1.3.6.1.4.1.5923.1.2.1.6",
	"cn":                           "urn:oid:2.5.4.3",
	"surname":                      "urn:oid:2.5.4.4",
	"givenname":                    "urn:oid:2.5.4.42",
	"uniqueidentifier":             "urn:oid:2.5.4.45",
	"mail":                         "urn:oid:0.9.2342.19200300.100.1.3",
	"uid":                          "urn:oid:0.9.2342.19200300.100.1.1",
}

// samlError gives a refused response STS's code and text.
func samlError(err error) error {
	e, ok := errors.AsType[*saml.Error](err)
	if !ok {
		return fmt.Errorf("verify SAML response: %w", err)
	}
	var answer *awsapi.Error
	switch e.Reason {
	case saml.Expired:
		answer = sts.ExpiredTokenException("%s", msgSAMLExpired)
	case saml.Failed:
		answer = sts.IDPRejectedClaimException("%s", msgSAMLFailed)
	default:
		text, ok := map[saml.Reason]string{
			saml.Malformed: msgSAMLForm, saml.Encrypted: msgSAMLEncrypted, saml.WrongIssuer: msgSAMLIssuer,
			saml.NotYetValid: msgSAMLEarly, saml.WrongAudience: msgSAMLAudience, saml.WrongRecipient: msgSAMLRecipient,
		}[e.Reason]
		if !ok { // Unsigned, BadSignature, Stale
			text = msgSAMLSignature
		}
		answer = sts.InvalidIdentityTokenException("%s", text)
	}
	return answer.WithCause(err)
}
