package cognitoidentity_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

func part(t *testing.T, token string, n int) map[string]any {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOpenIDToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, tokyo, guests, trusting(westName, client), trusting(tokyoName, client))
		now := float64(w.now().Unix())
		for what, tc := range map[string]struct {
			logins map[string]string
			amr    []any
		}{
			"guest":     {nil, []any{"unauthenticated"}},
			"user pool": {w.west("ann"), []any{"authenticated", westName, westName + ":CognitoSignIn:ann"}},
			"two": {both(w.west("bob"), w.tokyo("bob-t")), []any{
				"authenticated", tokyoName, tokyoName + ":CognitoSignIn:bob-t", westName, westName + ":CognitoSignIn:bob",
			}},
		} {
			identity := w.getID(id, tc.logins)
			out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &identity, Logins: tc.logins})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if *out.IdentityId != identity {
				t.Errorf("%s: identity %s", what, *out.IdentityId)
			}
			wantClaims := map[string]any{
				"sub": identity, "aud": id, "amr": tc.amr, "iss": ownIssuer, "iat": now, "exp": now + 600,
				"https://cognito-identity.amazonaws.com/identity-pool-arn": "arn:aws:cognito-identity:" + tokyo + ":" + alpha + ":identitypool/" + id,
			}
			if diff := cmp.Diff(wantClaims, part(t, *out.Token, 1)); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
			header := part(t, *out.Token, 0)
			if header["alg"] != "RS512" || header["typ"] != "JWS" || header["kid"] == "" {
				t.Errorf("%s: header %v", what, header)
			}
		}
	})
}

// TestClassicFlow: the token opens roles that trust the pool, in the pool's
// account and in another one.
func TestClassicFlow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, tokyo, guests, trusting(westName, client))
		logins := w.west("ann")
		ann := w.getID(id, logins)
		out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: logins})
		if err != nil {
			t.Fatal(err)
		}
		assume := func(role, token string) (*awssts.AssumeRoleWithWebIdentityOutput, error) {
			return w.sts(nil).AssumeRoleWithWebIdentity(t.Context(), &awssts.AssumeRoleWithWebIdentityInput{
				RoleArn: &role, RoleSessionName: aws.String("app"), WebIdentityToken: &token,
			})
		}
		for _, acct := range []string{alpha, beta} {
			role := w.iam.role(acct, "classic", trust(id, "authenticated"), allow("*"))
			got, err := assume(role, *out.Token)
			if err != nil {
				t.Fatalf("%s: %v", acct, err)
			}
			if *got.SubjectFromWebIdentityToken != ann || *got.Provider != "cognito-identity.amazonaws.com" || *got.Audience != id {
				t.Errorf("%+v", got)
			}
			_, err = assume(w.iam.role(acct, "guests", trust(id, "unauthenticated"), allow("*")), *out.Token)
			want(t, "role for guests", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
		}
		_, err = assume(w.iam.role(alpha, "other", trust(w.pool(alpha, tokyo), "authenticated"), allow("*")), *out.Token)
		want(t, "role of another pool", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")

		now := w.now().Unix()
		forged := claims{"iss": ownIssuer, "aud": id, "sub": ann, "amr": []string{"authenticated"}, "iat": now, "exp": now + 600}.sign(t, "RS512", "own1", evilKey())
		_, err = assume(w.iam.role(alpha, "classic", trust(id, "authenticated"), allow("*")), forged)
		want(t, "hand-made token", err, "InvalidIdentityToken", "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.")

		w.pass(10*time.Minute + time.Second)
		if _, err = assume(w.iam.role(alpha, "classic", trust(id, "authenticated"), allow("*")), *out.Token); err == nil {
			t.Error("an expired token opened a role")
		}
	})
}

func TestClassicFlowGates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		unset := w.pool(alpha, west, guests, trusting(westName, client))
		on := w.pool(alpha, west, guests, func(in *ci.CreateIdentityPoolInput) { in.AllowClassicFlow = aws.Bool(true) })
		off := w.pool(alpha, west, guests, func(in *ci.CreateIdentityPoolInput) { in.AllowClassicFlow = aws.Bool(false) })
		mapped := w.pool(alpha, west, guests, trusting(westName, client))
		w.setRoles(alpha, west, mapped, map[string]string{}, byToken(types.AmbiguousRoleResolutionTypeDeny))
		for pool, message := range map[string]string{
			unset: "", on: "", off: "Basic (classic) flow is not enabled, please use enhanced flow.",
			mapped: "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.",
		} {
			identity := w.getID(pool, nil)
			_, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &identity})
			if message == "" {
				if err != nil {
					t.Error(err)
				}
				continue
			}
			want(t, pool, err, "InvalidParameterException", message)
		}
		ann := w.getID(unset, w.west("ann"))
		_, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann})
		want(t, "somebody's identity", err, "NotAuthorizedException", "Access to Identity '"+ann+"' is forbidden.")
		_, err = w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: w.west("bob")})
		want(t, "another's login", err, "NotAuthorizedException", "Logins don't match. Please include at least one valid login for this identity or identity pool.")
	})
}

func TestTokenCarriesTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west, trusting(westName, client))
		_, err := w.root(alpha, west).SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{
			IdentityPoolId: &id, IdentityProviderName: aws.String(westName), UseDefaults: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		ann := w.getID(id, w.west("ann"))
		out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: w.west("ann")})
		if err != nil {
			t.Fatal(err)
		}
		wantTags := map[string]any{"principal_tags": map[string]any{"client": []any{client}, "username": []any{"ann"}}}
		if diff := cmp.Diff(wantTags, part(t, *out.Token, 1)["https://aws.amazon.com/tags"]); diff != "" {
			t.Error(diff)
		}
	})
}
