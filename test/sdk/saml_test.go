package sdk

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/cenote-id/cenote/internal/saml/samltest"
)

const samlAttribute = "https://aws.amazon.com/SAML/Attributes/"

// The story of a company with a SAML provider: its people take on roles of one
// account through STS and get keys from an identity pool, and another account
// that has a provider of the same name trusts none of them.
func TestSAMLStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		idp := samltest.New(t, "https://idp.example.com", 0, w.Clock().Now())
		stranger := samltest.New(t, "https://idp.example.com", 1, w.Clock().Now())
		setUp := func(o owner, idp *samltest.IDP) (provider, role string) {
			admin := w.iam(o.keys)
			doc := idp.Metadata()
			provider = *must(admin.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{Name: aws.String("Corp"), SAMLMetadataDocument: &doc}))(t).SAMLProviderArn
			if want := "arn:aws:iam::" + o.account + ":saml-provider/Corp"; provider != want {
				t.Errorf("%s, want %s", provider, want)
			}
			trusted := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],` +
				`"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
			role = *must(admin.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("corp"), AssumeRolePolicyDocument: &trusted}))(t).Role.Arn
			must(admin.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
				RoleName: aws.String("corp"), PolicyName: aws.String("own"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","saml:sub":"ann"}}}]}`),
			}))(t)
			return provider, role
		}
		provider, role := setUp(w.alpha, idp)
		theirs, theirRole := setUp(w.beta, stranger)
		assume := func(provider, role, response string) (*sts.AssumeRoleWithSAMLOutput, error) {
			return w.sts(nobody).AssumeRoleWithSAML(t.Context(), &sts.AssumeRoleWithSAMLInput{PrincipalArn: &provider, RoleArn: &role, SAMLAssertion: &response})
		}
		offer := func(subject, role, provider string) samltest.Statement {
			return samltest.ToAWS(subject, w.Clock().Now()).With(samlAttribute+"Role", role+","+provider).
				With(samlAttribute+"RoleSessionName", subject).With(samlAttribute+"PrincipalTag:team", "red")
		}
		response := idp.Respond(offer("ann", role, provider))
		out := must(assume(provider, role, response))(t)
		keys := aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
		if got := *w.caller(t, keys).Arn; got != "arn:aws:sts::"+w.alpha.account+":assumed-role/corp/ann" {
			t.Errorf("keys of %s", got)
		}
		must(w.iam(keys).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("corp")}))(t)
		_, err := assume(provider, role, response)
		refused[*ststypes.InvalidIdentityTokenException](t, "a second use", err, "SAML assertion has already been used for this role")
		_, err = assume(theirs, theirRole, idp.Respond(offer("ann", theirRole, theirs)))
		refused[*ststypes.InvalidIdentityTokenException](t, "another account's provider", err, "Response signature invalid")
		_, err = assume(provider, role, stranger.Respond(offer("ann", role, provider)))
		refused[*ststypes.InvalidIdentityTokenException](t, "another provider's key", err, "Response signature invalid")
		_, err = assume(provider, theirRole, idp.Respond(offer("ann", theirRole, provider)))
		refused[*ststypes.InvalidIdentityTokenException](t, "another account's role", err, "Specified provider doesn't exist.")
		late := idp.Respond(offer("ann", role, provider))
		w.Clock().Advance(5 * time.Minute)
		_, err = assume(provider, role, late)
		refused[*ststypes.ExpiredTokenException](t, "an old one", err, "SAML assertion has expired")

		// The same provider lets people into an identity pool, in another region.
		i := &identities{w: w, t: t, owner: w.alpha, admin: w.identity(w.alpha.keys, tokyo), public: w.identity(nobody, tokyo), iam: w.iam(w.alpha.keys), region: tokyo}
		i.pool = *must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("corp"), SamlProviderARNs: []string{provider}}))(t).IdentityPoolId
		i.role(authRole, trust(i.pool, provider), allow("*", "*"))
		i.role(guestRole, trust(i.pool, "unauthenticated"), allow("*", "*"))
		i.setRoles(authRole, guestRole)
		login := map[string]string{provider: idp.Respond(samltest.ToAWS("ann", w.Clock().Now()))}
		ann := i.id(login)
		if got := *w.caller(t, i.keys(ann, login)).Arn; !strings.Contains(got, ":assumed-role/"+authRole+"/") {
			t.Errorf("keys of %s", got)
		}
		_, err = i.tryID(map[string]string{provider: stranger.Respond(samltest.ToAWS("ann", w.Clock().Now()))})
		refused[*citypes.NotAuthorizedException](t, "another provider's key at the pool", err, "Invalid login token. Couldn't verify signed token.")
		_, err = i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("corp"), SamlProviderARNs: []string{theirs}})
		refused[*citypes.InvalidParameterException](t, "a provider of another account", err, theirs+" is not a SAML provider of this account.")
	})
}
