package cognitoidentity_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
)

// arn is what GetCallerIdentity answers to credentials.
func (w *world) arn(c *types.Credentials) string {
	w.t.Helper()
	out, err := w.sts(c).GetCallerIdentity(w.t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.Arn
}

// checked is the west's pool with a server-side check for the first client.
func checked(first, second string) []types.CognitoIdentityProvider {
	return []types.CognitoIdentityProvider{
		{ProviderName: aws.String(westName), ClientId: &first, ServerSideTokenCheck: aws.Bool(true)},
		{ProviderName: aws.String(westName), ClientId: &second},
	}
}

func unsigned(t *testing.T, c claims) string {
	t.Helper()
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"none","kid":"west"}`)) + "." + enc(payload) + "."
}

func publicBytes(t *testing.T, k *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

const badPool = "Invalid identity pool configuration. Check assigned IAM roles for this pool."

func TestCredentials(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, place := range []struct{ acct, region string }{{alpha, west}, {alpha, tokyo}, {beta, west}, {beta, tokyo}} {
			id := w.pool(place.acct, place.region, guests, trusting(westName, client))
			auth, guest := w.roles(place.acct, place.region, id)
			for what, tc := range map[string]struct {
				logins map[string]string
				role   string
			}{"somebody": {w.west("ann"), auth}, "guest": {nil, guest}} {
				identity := w.getID(id, tc.logins)
				out, err := w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identity, Logins: tc.logins})
				if err != nil {
					t.Fatalf("%s of %v: %v", what, place, err)
				}
				if *out.IdentityId != identity || !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") || len(*out.Credentials.SecretKey) != 40 {
					t.Errorf("%s: %+v", what, out)
				}
				if left := out.Credentials.Expiration.Sub(w.now()); left != time.Hour {
					t.Errorf("%s: good for %v", what, left)
				}
				name := tc.role[strings.LastIndexByte(tc.role, '/')+1:]
				if got := w.arn(out.Credentials); got != "arn:aws:sts::"+place.acct+":assumed-role/"+name+"/CognitoIdentityCredentials" {
					t.Errorf("%s: %s", what, got)
				}
			}
		}
	})
}

// TestIdentityInPolicies: what a role may do can depend on the identity.
func TestIdentityInPolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		annID := w.getID(id, w.west("ann"))
		role := w.iam.role(alpha, "only-ann", trust(id, "authenticated"), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-identity:ListIdentityPools","Resource":"*",
			"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:sub":"`+annID+`","cognito-identity.amazonaws.com:aud":"`+id+`"},
			"ForAnyValue:StringEquals":{"cognito-identity.amazonaws.com:amr":"`+westName+`:CognitoSignIn:ann"}}}]}`)
		w.setRoles(alpha, west, id, map[string]string{"authenticated": role}, nil)
		list := func(sub string) error {
			logins := w.west(sub)
			c := w.client(keysOf(w.credentials(w.getID(id, logins), logins)), west)
			_, err := c.ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(1)})
			return err
		}
		if err := list("ann"); err != nil {
			t.Error(err)
		}
		want(t, "bob", list("bob"), "AccessDeniedException", "User: arn:aws:sts::"+alpha+":assumed-role/only-ann/CognitoIdentityCredentials is not authorized to perform: "+
			"cognito-identity:ListIdentityPools on resource: * because no identity-based policy allows the cognito-identity:ListIdentityPools action")
	})
}

func TestTrustPolicyDecides(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, other := w.pool(alpha, west, guests, trusting(westName, client)), w.pool(alpha, west)
		logins := w.west("ann")
		ann, guest := w.getID(id, logins), w.getID(id, nil)
		ask := func(identity string, logins map[string]string) error {
			_, err := w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identity, Logins: logins})
			return err
		}
		want(t, "no roles", ask(ann, logins), "InvalidIdentityPoolConfigurationException", badPool)
		want(t, "no roles, guest", ask(guest, nil), "InvalidIdentityPoolConfigurationException", badPool)
		for what, document := range map[string]string{
			"another pool":         trust(other, "authenticated"),
			"only unauthenticated": trust(id, "unauthenticated"),
			"another user pool":    trust(id, tokyoName),
			"another person":       trust(id, westName+":CognitoSignIn:bob"),
			"another service":      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			"the account":          `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + alpha + `:root"},"Action":"sts:AssumeRole"}]}`,
			"an address": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity",
				"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + id + `"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]}`,
		} {
			role := w.iam.role(alpha, "role", document, allow("*"))
			w.setRoles(alpha, west, id, map[string]string{"authenticated": role, "unauthenticated": role}, nil)
			want(t, what, ask(ann, logins), "InvalidIdentityPoolConfigurationException", badPool)
			if what != "only unauthenticated" {
				want(t, what+", guest", ask(guest, nil), "InvalidIdentityPoolConfigurationException", badPool)
			} else if err := ask(guest, nil); err != nil {
				t.Error(err)
			}
		}
		for what, amr := range map[string]string{"user pool": westName, "person": westName + ":CognitoSignIn:ann", "any user pool": "cognito-idp.*"} {
			role := w.iam.role(alpha, "role", trust(id, amr), allow("*"))
			w.setRoles(alpha, west, id, map[string]string{"authenticated": role, "unauthenticated": role}, nil)
			if err := ask(ann, logins); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			want(t, what+", guest", ask(guest, nil), "InvalidIdentityPoolConfigurationException", badPool)
		}

		// A role that is gone gives nothing more, at once.
		w.iam.deleteRole(alpha, "role")
		want(t, "deleted role", ask(ann, logins), "InvalidIdentityPoolConfigurationException", badPool)
	})
}

func TestIdentitiesAreTheirOwners(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, guests, trusting(westName, client))
		w.roles(alpha, west, id)
		next := w.pool(beta, west, guests, trusting(westName, client))
		w.roles(beta, west, next)
		ann, guest := w.getID(id, w.west("ann")), w.getID(id, nil)
		bob := w.getID(id, w.west("bob"))
		ask := func(identity string, logins map[string]string) error {
			_, err := w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identity, Logins: logins})
			return err
		}
		const dontMatch = "Logins don't match. Please include at least one valid login for this identity or identity pool."
		want(t, "somebody's identity without a login", ask(ann, nil), "NotAuthorizedException", "Access to Identity '"+ann+"' is forbidden.")
		want(t, "somebody's identity with another's login", ask(ann, w.west("bob")), "NotAuthorizedException", dontMatch)
		want(t, "with a login that nobody has", ask(ann, w.west("new")), "NotAuthorizedException", dontMatch)
		elsewhere := w.getID(next, w.west("ann"))
		want(t, "an identity of another pool", ask(elsewhere, w.west("bob")), "NotAuthorizedException", dontMatch)
		if got := w.getID(id, w.west("bob")); got != bob {
			t.Errorf("bob is %s now, was %s", got, bob)
		}

		// Guests are guests as long as the pool lets them in.
		if err := ask(guest, nil); err != nil {
			t.Error(err)
		}
		want(t, "guest with a role of choice", func() error {
			_, err := w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &guest, CustomRoleArn: aws.String("arn:aws:iam::" + alpha + ":role/x")})
			return err
		}(), "NotAuthorizedException", "Access to Role 'arn:aws:iam::"+alpha+":role/x' is forbidden.")
		_, err := w.root(alpha, west).UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: &id, IdentityPoolName: aws.String("app"), CognitoIdentityProviders: []types.CognitoIdentityProvider{{ProviderName: aws.String(westName), ClientId: aws.String(client)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "guest after guests are off", ask(guest, nil), "NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
	})
}

func TestGuestsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, guests, trusting(westName, client))
		_, role := w.roles(alpha, west, id) // the guests' role allows everything
		name := role[strings.LastIndexByte(role, '/')+1:]
		guest := w.credentials(w.getID(id, nil), nil)
		if _, err := w.client(keysOf(guest), west).ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(1)}); err != nil {
			t.Errorf("a service that guests may use: %v", err)
		}
		_, err := w.sts(guest).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("climb")})
		want(t, "one that they may not", err, "AccessDenied", "User: arn:aws:sts::"+alpha+":assumed-role/"+name+"/CognitoIdentityCredentials is not authorized to perform: sts:AssumeRole on resource: "+role)
	})
}

func TestSessionTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		c := w.root(alpha, west)
		untagged := w.iam.role(alpha, "untagged", trust(id, "authenticated"), allow("*"))
		w.setRoles(alpha, west, id, map[string]string{"authenticated": untagged}, nil)
		_, err := c.GetPrincipalTagAttributeMap(t.Context(), &ci.GetPrincipalTagAttributeMapInput{IdentityPoolId: &id, IdentityProviderName: aws.String(westName)})
		want(t, "never set", err, "ResourceNotFoundException", "No principal tags are configured for provider "+westName+".")
		_, err = c.SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{IdentityPoolId: &id, IdentityProviderName: aws.String(tokyoName)})
		want(t, "provider not listed", err, "InvalidParameterException", tokyoName+" is not a provider of this identity pool.")
		set, err := c.SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{
			IdentityPoolId: &id, IdentityProviderName: aws.String(westName), PrincipalTags: map[string]string{"dept": "custom:dept", "groups": "cognito:groups"},
		})
		if err != nil || *set.UseDefaults || set.PrincipalTags["dept"] != "custom:dept" {
			t.Fatalf("%+v, %v", set, err)
		}
		got, err := c.GetPrincipalTagAttributeMap(t.Context(), &ci.GetPrincipalTagAttributeMapInput{IdentityPoolId: &id, IdentityProviderName: aws.String(westName)})
		if err != nil || got.PrincipalTags["groups"] != "cognito:groups" || *got.IdentityPoolId != id {
			t.Fatalf("%+v, %v", got, err)
		}
		logins := w.west("ann", func(c claims) { c["custom:dept"], c["cognito:groups"] = "blue", []string{"a", "b"} })
		ann := w.getID(id, logins)
		ask := func() (*ci.GetCredentialsForIdentityOutput, error) {
			return w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &ann, Logins: logins})
		}
		_, err = ask()
		want(t, "a role that may not be tagged", err, "InvalidIdentityPoolConfigurationException", badPool)

		document := strings.Replace(trust(id, "authenticated"), `"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, 1)
		tagged := w.iam.role(alpha, "tagged", document, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-identity:ListIdentityPools","Resource":"*",
			"Condition":{"StringEquals":{"aws:PrincipalTag/dept":"blue"},"Null":{"aws:PrincipalTag/groups":"true"}}}]}`)
		w.setRoles(alpha, west, id, map[string]string{"authenticated": tagged}, nil)
		out, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client(keysOf(out.Credentials), west).ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(1)}); err != nil {
			t.Error(err)
		}
	})
}
