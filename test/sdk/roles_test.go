package sdk

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const (
	textRoles       = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
	textNotAssumed  = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	textNoCondition = "A condition block must be present for the Cognito provider"
	elsewhere       = "us-west-2:00000000-0000-4000-8000-000000000000"
)

// trusting is a trust policy with any principal and condition.
func trusting(principal, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition + `}]}`
}

// A role is given only to those whom its own trust policy names.
func TestTrustPolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		other := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("other")}))(t)
		login := p.login(p.signIn("alice").IdToken)
		alice, guest := i.id(login), i.id(nil)
		cognito := `{"Federated":"cognito-identity.amazonaws.com"}`
		policy := allow("*", "*")

		for what, document := range map[string]string{
			"another identity pool":            trust(*other.IdentityPoolId, "authenticated"),
			"a pool that is not there":         trust(elsewhere, "authenticated"),
			"a pool by a wrong prefix":         trust(i.pool[:len(i.pool)-1], "authenticated"),
			"guests only":                      trust(i.pool, "unauthenticated"),
			"people of another user pool":      trust(i.pool, "cognito-idp.us-west-2.amazonaws.com/us-west-2_Abcdefghi"),
			"another identity":                 trusting(cognito, `{"StringEquals":{"cognito-identity.amazonaws.com:aud":"`+i.pool+`","cognito-identity.amazonaws.com:sub":"`+guest+`"}}`),
			"another web identity":             trusting(`{"Federated":"accounts.google.com"}`, `{"StringEquals":{"accounts.google.com:aud":"`+i.pool+`"}}`),
			"the account, not the web":         `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + i.owner.account + `"},"Action":"sts:AssumeRole"}]}`,
			"a service":                        `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			"everybody, and it denies the web": strings.TrimSuffix(trust(i.pool, "authenticated"), "]}") + `,{"Effect":"Deny","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:sub":"` + alice + `"}}}]}`,
		} {
			i.role(authRole, document, policy)
			_, err := i.tryKeys(alice, login)
			refused[*citypes.InvalidIdentityPoolConfigurationException](t, what, err, textRoles)
			// And not by the door of STS either.
			_, err = i.assume(alice, login, authRole)
			refusedCode(t, what+", through STS", err, "AccessDenied", textNotAssumed)
		}
		for what, document := range map[string]string{
			"the authenticated only": trust(i.pool, "authenticated"),
			"another identity pool":  trust(*other.IdentityPoolId, "unauthenticated"),
		} {
			i.role(guestRole, document, policy)
			_, err := i.tryKeys(guest, nil)
			refused[*citypes.InvalidIdentityPoolConfigurationException](t, "guest: "+what, err, textRoles)
			_, err = i.assume(guest, nil, guestRole)
			refusedCode(t, "guest: "+what+", through STS", err, "AccessDenied", textNotAssumed)
		}

		// The same with the right policies.
		i.role(authRole, trust(i.pool, "authenticated"), policy)
		i.keys(alice, login)
		if who := w.caller(t, must(i.assume(alice, login, authRole))(t)); *who.Arn != "arn:aws:sts::"+i.owner.account+":assumed-role/"+authRole+"/app" {
			t.Errorf("through STS: %s", *who.Arn)
		}
	})
}

// assume takes the classic way: a token from the identity pool, keys from STS.
func (i *identities) assume(identity string, logins map[string]string, role string) (aws.Credentials, error) {
	out := must(i.public.GetOpenIdToken(i.t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &identity, Logins: logins}))(i.t)
	return i.w.assumeWith(i.t, *out.Token, i.roleARN(role))
}

func (w *world) assumeWith(t *testing.T, token, role string) (aws.Credentials, error) {
	out, err := w.sts(nobody).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: aws.String("app"), WebIdentityToken: &token,
	})
	if err != nil {
		return aws.Credentials{}, err
	}
	return aws.Credentials{
		AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken,
	}, nil
}

// A trust policy that would let in the people of any identity pool of the
// world cannot be stored.
func TestTrustPolicyGuardRails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := w.iam(w.alpha.keys)
		for what, condition := range map[string]string{
			"no condition":           `{}`,
			"amr only":               `{"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}`,
			"any pool":               `{"StringLike":{"cognito-identity.amazonaws.com:aud":"*"}}`,
			"every pool but one":     `{"StringNotEquals":{"cognito-identity.amazonaws.com:aud":"` + elsewhere + `"}}`,
			"a pool if there is one": `{"StringEqualsIfExists":{"cognito-identity.amazonaws.com:aud":"` + elsewhere + `"}}`,
		} {
			_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
				RoleName: aws.String("open"), AssumeRolePolicyDocument: aws.String(trusting(`{"Federated":"cognito-identity.amazonaws.com"}`, condition)),
			})
			refused[*iamtypes.MalformedPolicyDocumentException](t, what, err, textNoCondition)
		}
	})
}

// The pool's roles must be there, and the account's own.
func TestPoolRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		foreign := w.identities(t, w.beta, tokyo, p)
		login := p.login(p.signIn("alice").IdToken)
		alice, guest := i.id(login), i.id(nil)

		// A role of another account is not taken, whatever its trust policy says.
		foreign.role(authRole, trust(i.pool, "authenticated"), allow("*", "*"))
		_, err := i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
			IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": foreign.roleARN(authRole)},
		})
		refused[*citypes.NotAuthorizedException](t, "a role of another account", err, "Access to Role '"+foreign.roleARN(authRole)+"' is forbidden.")
		_, err = i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
			IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": i.roleARN("nowhere")},
		})
		refused[*citypes.NotAuthorizedException](t, "a role that is not there", err, "Access to Role '"+i.roleARN("nowhere")+"' is forbidden.")

		// Roles of one's own choice.
		i.role("admin", trust(i.pool, "authenticated"), allow("*", "*"))
		for what, arn := range map[string]string{
			"a role of no rule":         i.roleARN("admin"),
			"the guests' role":          i.roleARN(guestRole),
			"a role of another account": foreign.roleARN(authRole),
			"a role that is not there":  i.roleARN("nowhere"),
		} {
			_, err := i.public.GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &alice, Logins: login, CustomRoleArn: &arn})
			refused[*citypes.NotAuthorizedException](t, "custom role: "+what, err, "Access to Role '"+arn+"' is forbidden.")
		}

		must(i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &i.pool, Roles: map[string]string{}}))(t)
		for what, try := range map[string]func() error{
			"alice": func() error { _, err := i.tryKeys(alice, login); return err },
			"guest": func() error { _, err := i.tryKeys(guest, nil); return err },
		} {
			refused[*citypes.InvalidIdentityPoolConfigurationException](t, what+" without roles", try(), textRoles)
		}
	})
}

// STS takes tokens of issuers that the role's account knows, and nothing else.
func TestWebIdentityTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		tokens := p.signIn("alice")
		login := p.login(tokens.IdToken)
		alice := i.id(login)
		out := must(i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &alice, Logins: login}))(t)
		must(w.assumeWith(t, *out.Token, i.roleARN(authRole)))(t)

		issuer := parse(t, *tokens.IdToken).value(t, "iss").(string)
		_, err := w.assumeWith(t, *tokens.IdToken, i.roleARN(authRole))
		refused[*ststypes.InvalidIdentityTokenException](t, "a user pool's token", err, "No OpenIDConnect provider found in your account for "+issuer)
		good := parse(t, *out.Token)
		forged := good.claim(t, "amr", []string{"authenticated"}).rs256(t)
		_, err = w.assumeWith(t, forged.String(), i.roleARN(authRole))
		if _, ok := errors.AsType[*ststypes.InvalidIdentityTokenException](err); !ok {
			t.Errorf("a token with our own signature: %v", err)
		}
		_, err = w.assumeWith(t, good.with(`{"alg":"none"}`).String(), i.roleARN(authRole))
		if _, ok := errors.AsType[*ststypes.InvalidIdentityTokenException](err); !ok {
			t.Errorf("alg none: %v", err)
		}
		_, err = w.assumeWith(t, "nonsense", i.roleARN(authRole))
		refused[*ststypes.InvalidIdentityTokenException](t, "nonsense", err, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
		_, err = w.assumeWith(t, *out.Token, "arn:aws:iam::"+w.beta.account+":role/"+authRole)
		refusedCode(t, "a role of another account", err, "AccessDenied", textNotAssumed)
	})
}
