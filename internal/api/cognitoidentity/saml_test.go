package cognitoidentity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/saml/samltest"
)

const (
	corpARN    = "arn:aws:iam::" + alpha + ":saml-provider/Corp"
	samlRole   = "https://aws.amazon.com/SAML/Attributes/Role"
	samlClaims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
)

// corp is a company's provider, known to alpha as Corp, and a pool in the west
// that trusts it.
func (w *world) corp(change ...func(*ci.CreateIdentityPoolInput)) (idp *samltest.IDP, pool string) {
	w.t.Helper()
	idp = samltest.New(w.t, "https://idp.example.com", 0, w.now())
	if _, err := w.iam.CreateSAMLProvider(w.t.Context(), account.SAMLProvider{Account: alpha, Name: "Corp", Document: idp.Metadata()}); err != nil {
		w.t.Fatal(err)
	}
	pool = w.pool(alpha, west, append(change, func(in *ci.CreateIdentityPoolInput) { in.SamlProviderARNs = []string{corpARN} })...)
	w.roles(alpha, west, pool)
	return idp, pool
}

func asserted(response string) map[string]string { return map[string]string{corpARN: response} }

func TestSAMLLogin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		idp, pool := w.corp(trusting(westName, client))
		login := asserted(idp.Respond(samltest.ToAWS("ann", w.now())))
		ann := w.getID(pool, login)
		if arn := w.arn(w.credentials(ann, login)); !strings.Contains(arn, "assumed-role/auth-") {
			t.Errorf("credentials are for %s", arn)
		}
		w.pass(time.Minute)
		if again := w.getID(pool, asserted(idp.Respond(samltest.ToAWS("ann", w.now())))); again != ann {
			t.Errorf("ann is %s, want %s", again, ann)
		}
		if bob := w.getID(pool, asserted(idp.Respond(samltest.ToAWS("bob", w.now())))); bob == ann {
			t.Error("ann and bob are one identity")
		}
		if logins, _ := w.describe(pool, ann); cmp.Diff([]string{corpARN}, logins) != "" {
			t.Errorf("logins %v", logins)
		}
		if got, err := w.enter(ann, both(asserted(idp.Respond(samltest.ToAWS("ann", w.now()))), w.west("ann"))); err != nil || got != ann {
			t.Errorf("linked with a user pool: %s, %v", got, err)
		}
		_, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: login})
		want(t, "the classic flow", err, "InvalidParameterException", "Basic (classic) flow is not supported with SAML providers, please use enhanced flow.")
	})
}

func TestSAMLLoginIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		idp, pool := w.corp()
		other := w.pool(alpha, west, trusting(westName, client))
		abroad := w.pool(beta, west, func(in *ci.CreateIdentityPoolInput) {
			in.SamlProviderARNs = []string{strings.Replace(corpARN, alpha, beta, 1)}
		})
		stranger := samltest.New(t, "https://idp.example.com", 1, w.now())
		ann := samltest.ToAWS("ann", w.now())
		change := func(f func(*samltest.Statement)) string {
			s := ann
			f(&s)
			return idp.Respond(s)
		}
		for _, c := range []struct{ name, pool, key, response, message string }{
			{"another key", pool, corpARN, stranger.Respond(ann), "Invalid login token. Couldn't verify signed token."},
			{"not signed", pool, corpARN, idp.Encode(idp.Wrap(idp.Assertion(ann))), "Invalid login token. Couldn't verify signed token."},
			{"nothing", pool, corpARN, "AAAA", "Invalid login token. Not a valid SAML response."},
			{"a token", pool, corpARN, w.west("ann")[westName], "Invalid login token. Not a valid SAML response."},
			{"another issuer", pool, corpARN, change(func(s *samltest.Statement) { s.Issuer = "https://other" }), "Invalid login token. Issuer doesn't match providerName"},
			{"another audience", pool, corpARN, change(func(s *samltest.Statement) { s.Audience = "https://other" }), "Token is not from a supported provider of this identity pool."},
			{"another recipient", pool, corpARN, change(func(s *samltest.Statement) { s.Recipient = "https://other" }), "Token is not from a supported provider of this identity pool."},
			{"old", pool, corpARN, change(func(s *samltest.Statement) { s.Until = w.now() }), "Invalid login token. Token is expired."},
			{"early", pool, corpARN, change(func(s *samltest.Statement) { s.NotBefore = w.now().Add(time.Hour) }), "Invalid login token. Token is not yet valid."},
			{"a pool that does not list it", other, corpARN, idp.Respond(ann), "Token is not from a supported provider of this identity pool."},
			{"a pool of another account", abroad, corpARN, idp.Respond(ann), "Token is not from a supported provider of this identity pool."},
			{"a provider that is not there", abroad, strings.Replace(corpARN, alpha, beta, 1), idp.Respond(ann), "Token is not from a supported provider of this identity pool."},
		} {
			_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &c.pool, Logins: map[string]string{c.key: c.response}})
			want(t, c.name, err, "NotAuthorizedException", c.message)
		}
		good := w.getID(pool, asserted(idp.Respond(ann)))
		if err := w.iam.DeleteSAMLProvider(t.Context(), alpha, corpARN); err != nil {
			t.Fatal(err)
		}
		_, err := w.enter(good, asserted(idp.Respond(ann)))
		want(t, "a provider that is gone", err, "NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
	})
}

func TestSAMLRolesAndTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		idp, pool := w.corp()
		trusted := strings.Replace(trust(pool, corpARN), `"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, 1)
		one, two := w.iam.role(alpha, "one", trusted, allow("*")), w.iam.role(alpha, "two", trusted, allow("*"))
		fallback := w.iam.role(alpha, "fallback", trusted, allow("*"))
		mapped := func(m types.RoleMapping) {
			w.setRoles(alpha, west, pool, map[string]string{"authenticated": fallback}, map[string]types.RoleMapping{corpARN: m})
		}
		role := func(s samltest.Statement, custom string) (string, error) {
			logins := asserted(idp.Respond(s))
			in := &ci.GetCredentialsForIdentityInput{IdentityId: aws.String(w.getID(pool, logins)), Logins: logins}
			if custom != "" {
				in.CustomRoleArn = &custom
			}
			out, err := w.anyone().GetCredentialsForIdentity(t.Context(), in)
			if err != nil {
				return "", err
			}
			arn := w.arn(out.Credentials)
			return strings.Split(arn[strings.Index(arn, "assumed-role/"):], "/")[1], nil
		}
		ann := samltest.ToAWS("ann", w.now())
		both := ann.With(samlRole, one+","+corpARN, corpARN+","+two)
		mapped(types.RoleMapping{Type: types.RoleMappingTypeToken, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeDeny})
		for _, c := range []struct {
			name, custom, want, message string
			s                           samltest.Statement
		}{
			{name: "the one role of the response", s: ann.With(samlRole, one+","+corpARN), want: "one"},
			{name: "two roles", s: both, message: "The ambiguous role mapping rules for: " + corpARN + " denied this request."},
			{name: "chosen of two", s: both, custom: two, want: "two"},
			{name: "chosen, not offered", s: ann.With(samlRole, one+","+corpARN), custom: two, message: "Access to Role '" + two + "' is forbidden."},
			{name: "offered through another provider", s: ann.With(samlRole, one+","+corpARN+"2"), message: "The ambiguous role mapping rules for: " + corpARN + " denied this request."},
		} {
			got, err := role(c.s, c.custom)
			if c.message != "" {
				want(t, c.name, err, "NotAuthorizedException", c.message)
			} else if err != nil || got != c.want {
				t.Errorf("%s: %s, %v", c.name, got, err)
			}
		}
		mapped(types.RoleMapping{
			Type: types.RoleMappingTypeRules, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeAuthenticatedRole,
			RulesConfiguration: &types.RulesConfigurationType{Rules: []types.MappingRule{rule("groups", types.MappingRuleMatchTypeEquals, "staff", two)}},
		})
		for name, s := range map[string]samltest.Statement{"two": ann.With("groups", "all", "staff"), "fallback": ann.With("groups", "all")} {
			if got, err := role(s, ""); err != nil || got != name {
				t.Errorf("%s: %s, %v", name, got, err)
			}
		}

		// Attributes become session tags, which the role's trust policy sees.
		tagged := w.iam.role(alpha, "tagged", strings.Replace(trusted, `"StringEquals":{`, `"StringEquals":{"aws:RequestTag/team":"red","aws:RequestTag/username":"u1",`, 1), allow("*"))
		w.setRoles(alpha, west, pool, map[string]string{"authenticated": tagged}, nil)
		set := func(defaults bool, tags map[string]string) {
			if _, err := w.root(alpha, west).SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{
				IdentityPoolId: &pool, IdentityProviderName: aws.String(corpARN), UseDefaults: &defaults, PrincipalTags: tags,
			}); err != nil {
				t.Fatal(err)
			}
		}
		person := ann.With("department", "red").With(samlClaims+"nameidentifier", "u1")
		set(false, map[string]string{"team": "department", "username": samlClaims + "nameidentifier"})
		if _, err := role(person, ""); err != nil {
			t.Errorf("mapped tags: %v", err)
		}
		set(true, nil)
		_, err := role(person, "")
		want(t, "default tags without the team", err, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool.")
		w.setRoles(alpha, west, pool, map[string]string{"authenticated": w.iam.role(alpha, "named", strings.Replace(trusted, `"StringEquals":{`, `"StringEquals":{"aws:RequestTag/username":"u1",`, 1), allow("*"))}, nil)
		if got, err := role(person, ""); err != nil || got != "named" {
			t.Errorf("default tags: %s, %v", got, err)
		}
	})
}
