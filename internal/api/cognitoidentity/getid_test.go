package cognitoidentity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/go-jose/go-jose/v4"
)

func TestSamePersonSameIdentity(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// The user pool is alpha's in the west; identity pools are alpha's in
		// Tokyo and beta's in the west.
		for _, place := range []struct{ acct, region string }{{alpha, west}, {alpha, tokyo}, {beta, west}, {beta, tokyo}} {
			id := w.pool(place.acct, place.region, trusting(westName, client, client2))
			first := w.getID(id, w.west("ann"))
			if !strings.HasPrefix(first, place.region+":") {
				t.Errorf("identity %s of a pool in %s", first, place.region)
			}
			w.pass(10 * time.Minute)
			if again := w.getID(id, w.west("ann")); again != first {
				t.Errorf("refreshed token: %s, then %s", first, again)
			}
			if again := w.getID(id, w.west("ann", func(c claims) { c["aud"] = client2 })); again != first {
				t.Errorf("other client of the pool: %s, then %s", first, again)
			}
			if other := w.getID(id, w.west("bob")); other == first {
				t.Error("two people, one identity")
			}
			if elsewhere := w.getID(w.pool(place.acct, place.region, trusting(westName, client)), w.west("ann")); elsewhere == first {
				t.Error("one identity in two pools")
			}
		}
	})
}

func TestAliasesNameTheSamePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const alias = "id.example.com/" + westPool // what Amplify makes of the issuer
		for what, id := range map[string]string{
			"pool lists the AWS name": w.pool(alpha, west, trusting(westName, client)),
			"pool lists the alias":    w.pool(alpha, west, trusting(alias, client)),
		} {
			token := w.west("ann")[westName]
			a, b := w.getID(id, map[string]string{westName: token}), w.getID(id, map[string]string{alias: token})
			if a != b {
				t.Errorf("%s: %s and %s", what, a, b)
			}
			if c := w.getID(id, map[string]string{westName: token, alias: token}); c != a {
				t.Errorf("%s: both at once: %s", what, c)
			}
		}
	})
}

func TestGuests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open, closed := w.pool(alpha, tokyo, guests), w.pool(alpha, tokyo, trusting(westName, client))
		if a, b := w.getID(open, nil), w.getID(open, nil); a == b {
			t.Error("two guests, one identity")
		}
		_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &closed})
		want(t, "no guests", err, "NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
	})
}

// TestRefusedLogins has every sentence about tokens, at each of the three
// calls that take them.
func TestRefusedLogins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, tokyo, guests, trusting(westName, client), trusting("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Nobody000", client),
			func(in *ci.CreateIdentityPoolInput) {
				in.DeveloperProviderName = aws.String("login.example")
				in.SupportedLoginProviders = map[string]string{"graph.facebook.com": "1"}
				in.SamlProviderARNs = []string{"arn:aws:iam::" + alpha + ":saml-provider/corp"}
			})
		w.roles(alpha, tokyo, id)
		now := w.now().Unix()
		good := func() claims { return w.claims(westPool, client, "ann") }
		rs := func(c claims) map[string]string {
			return map[string]string{westName: c.sign(t, jose.RS256, "west", westKey())}
		}
		own := claims{"iss": ownIssuer, "aud": id, "sub": id, "iat": now, "exp": now + 60}.sign(t, jose.RS512, "own1", ownKey())
		altered := rs(good())[westName]
		at := strings.LastIndexByte(altered, '.') + 20
		flip := byte('A')
		if altered[at] == flip {
			flip = 'B'
		}
		altered = altered[:at] + string(flip) + altered[at+1:]
		const (
			unsupported = "Token is not from a supported provider of this identity pool."
			verify      = "Invalid login token. Couldn't verify signed token."
			form        = "Invalid login token. Not a valid OpenId Connect identity token."
			issuer      = "Invalid login token. Issuer doesn't match providerName"
			cognito     = "Invalid login token. Can't pass in a Cognito token."
		)
		identity := w.getID(id, w.west("ann"))
		for _, tc := range []struct {
			what, message string
			logins        map[string]string
		}{
			{"pool not listed", unsupported, w.tokyo("ann")},
			{"unknown provider", unsupported, map[string]string{"idp.example.com": "x"}},
			{"alias of nobody", unsupported, map[string]string{"evil.example.com/" + westPool: rs(good())[westName]}},
			{"key with scheme", unsupported, map[string]string{"https:/" + "/" + westName: rs(good())[westName]}},
			{"another client's token", unsupported, rs(good().with("aud", client2))},
			{"several clients, none ours", unsupported, rs(good().with("aud", []string{client2, "x"}))},
			{"token of another pool under this key", issuer, map[string]string{westName: w.tokyo("ann")[tokyoName]}},
			{"access token", "Invalid login token. Missing a required claim: aud", rs(good().with("aud", nil).with("client_id", client).with("token_use", "access"))},
			{"access token with an audience", form, rs(good().with("token_use", "access"))},
			{"expired", fmt.Sprintf("Invalid login token. Token expired: %d >= %d", now, now-1), rs(good().with("exp", now-1))},
			{"expires now", fmt.Sprintf("Invalid login token. Token expired: %d >= %d", now, now), rs(good().with("exp", now))},
			{"not yet", "Invalid login token. Token is not yet valid.", rs(good().with("nbf", now+5))},
			{"one changed byte", verify, map[string]string{westName: altered}},
			{"unknown key", verify, map[string]string{westName: good().sign(t, jose.RS256, "other", westKey())}},
			{"forged", verify, map[string]string{westName: good().sign(t, jose.RS256, "west", evilKey())}},
			{"alg none", verify, map[string]string{westName: unsigned(t, good())}},
			{"public key as secret", verify, map[string]string{westName: good().sign(t, jose.HS256, "west", publicBytes(t, westKey()))}},
			{"not a token", form, map[string]string{westName: "opaque"}},
			{"issuer with a slash", issuer, rs(good().with("iss", publicURL+"/"+westPool+"/"))},
			{"identity token under a provider", cognito, map[string]string{westName: own}},
			{"identity token under its own name", cognito, map[string]string{"cognito-identity.amazonaws.com": own}},
			{"identity token under the developer's name", cognito, map[string]string{"login.example": own}},
			{"user pool that is nowhere", verify, map[string]string{"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Nobody000": rs(good())[westName]}},
			{"provider without support", "Logins of graph.facebook.com are not supported by this deployment.", map[string]string{"graph.facebook.com": "x"}},
			{"one good, one bad", unsupported, both(rs(good()), w.tokyo("ann"))},
		} {
			_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: tc.logins})
			want(t, "GetId: "+tc.what, err, "NotAuthorizedException", tc.message)
			_, err = w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &identity, Logins: tc.logins})
			want(t, "GetOpenIdToken: "+tc.what, err, "NotAuthorizedException", tc.message)
			_, err = w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identity, Logins: tc.logins})
			want(t, "GetCredentialsForIdentity: "+tc.what, err, "NotAuthorizedException", tc.message)
		}
		_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: map[string]string{"login.example": "dev-user"}})
		want(t, "developer provider", err, "InvalidParameterException", "Please provide a valid public provider")

		// Nothing was made by any of that.
		out, err := w.root(alpha, tokyo).ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &id, MaxResults: aws.Int32(60)})
		if err != nil || len(out.Identities) != 1 {
			t.Errorf("identities afterwards: %+v, %v", out, err)
		}
	})
}

func TestGetIdOfPools(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bare, missing := w.pool(alpha, west), tokyo+":00000000-0000-4000-8000-000000000000"
		_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &missing})
		want(t, "missing pool", err, "ResourceNotFoundException", "IdentityPool '"+missing+"' not found.")
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &bare, Logins: w.west("ann")})
		want(t, "no providers", err, "NotAuthorizedException", "Identity pool - "+bare+" does not have identity providers configured.")
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: aws.String("us-east-2:mock")})
		want(t, "malformed", err, "ValidationException", "1 validation error detected: Value 'us-east-2:mock' at 'identityPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+")

		open := w.pool(beta, tokyo, guests)
		if _, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &open, AccountId: aws.String(beta)}); err != nil {
			t.Errorf("owner's account: %v", err)
		}
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &open, AccountId: aws.String(alpha)})
		want(t, "another account", err, "NotAuthorizedException", "Access to IdentityPool '"+open+"' is forbidden")

		ghost := tokyo + ":00000000-0000-4000-8000-000000000001"
		_, err = w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &ghost})
		want(t, "missing identity", err, "ResourceNotFoundException", "Identity '"+ghost+"' not found.")
		_, err = w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ghost})
		want(t, "missing identity", err, "ResourceNotFoundException", "Identity '"+ghost+"' not found.")

		guest := w.getID(open, nil)
		if _, err := w.root(beta, tokyo).DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &open}); err != nil {
			t.Fatal(err)
		}
		_, err = w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &guest})
		want(t, "identity of a deleted pool", err, "ResourceNotFoundException", "Identity '"+guest+"' not found.")
	})
}

func TestServerSideTokenCheck(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, tokyo, trusting(westName, client, client2))
		_, err := w.root(alpha, tokyo).UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: &id, IdentityPoolName: aws.String("app"), CognitoIdentityProviders: checked(client, client2),
		})
		if err != nil {
			t.Fatal(err)
		}
		first := w.getID(id, w.west("ann"))
		w.users.gone["session of ann"] = true
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: w.west("ann")})
		want(t, "signed out", err, "NotAuthorizedException", "Invalid login token. Token has been revoked or its user is disabled.")
		_, err = w.anyone().GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &first, Logins: w.west("ann")})
		want(t, "signed out", err, "NotAuthorizedException", "Invalid login token. Token has been revoked or its user is disabled.")
		if got := w.getID(id, w.west("ann", func(c claims) { c["aud"] = client2 })); got != first {
			t.Errorf("client without the check: %s", got)
		}
		seen := w.users.seen[0]
		if seen.PoolID != westPool || seen.Subject != "ann" || seen.Username != "user of ann" || seen.OriginJTI != "session of ann" || !seen.IssuedAt.Equal(w.now()) {
			t.Errorf("asked about %+v", seen)
		}
	})
}
