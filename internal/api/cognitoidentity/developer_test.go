package cognitoidentity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

const devName = "login.example.com"

// developed gives a pool a developer provider.
func developed(in *ci.CreateIdentityPoolInput) { in.DeveloperProviderName = aws.String(devName) }

// dev is the developer's server: root of alpha, in the west.
type dev struct {
	w    *world
	pool string
	api  *ci.Client
}

func newDev(w *world) *dev {
	pool := w.pool(alpha, west, guests, developed, trusting(westName, client), trusting(tokyoName, client))
	w.roles(alpha, west, pool)
	return &dev{w, pool, w.root(alpha, west)}
}

func (d *dev) try(user string, change ...func(*ci.GetOpenIdTokenForDeveloperIdentityInput)) (id, token string, err error) {
	in := &ci.GetOpenIdTokenForDeveloperIdentityInput{IdentityPoolId: &d.pool, Logins: map[string]string{devName: user}}
	for _, f := range change {
		f(in)
	}
	out, err := d.api.GetOpenIdTokenForDeveloperIdentity(d.w.t.Context(), in)
	if err != nil {
		return "", "", err
	}
	return *out.IdentityId, *out.Token, nil
}

func (d *dev) token(user string, change ...func(*ci.GetOpenIdTokenForDeveloperIdentityInput)) (id, token string) {
	d.w.t.Helper()
	id, token, err := d.try(user, change...)
	if err != nil {
		d.w.t.Fatal(err)
	}
	return id, token
}

func naming(id string) func(*ci.GetOpenIdTokenForDeveloperIdentityInput) {
	return func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) { in.IdentityId = &id }
}

func with(logins map[string]string) func(*ci.GetOpenIdTokenForDeveloperIdentityInput) {
	return func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) { in.Logins = both(in.Logins, logins) }
}

// own is a login with a token of the pool.
func own(token string) map[string]string {
	return map[string]string{"cognito-identity.amazonaws.com": token}
}

func (d *dev) lookup(in ci.LookupDeveloperIdentityInput) (*ci.LookupDeveloperIdentityOutput, error) {
	in.IdentityPoolId = &d.pool
	return d.api.LookupDeveloperIdentity(d.w.t.Context(), &in)
}

func (d *dev) merge(source, destination string) (string, error) {
	out, err := d.api.MergeDeveloperIdentities(d.w.t.Context(), &ci.MergeDeveloperIdentitiesInput{
		IdentityPoolId: &d.pool, DeveloperProviderName: aws.String(devName), SourceUserIdentifier: &source, DestinationUserIdentifier: &destination,
	})
	if err != nil {
		return "", err
	}
	return *out.IdentityId, nil
}

func (d *dev) unlink(id, user string) error {
	_, err := d.api.UnlinkDeveloperIdentity(d.w.t.Context(), &ci.UnlinkDeveloperIdentityInput{
		IdentityPoolId: &d.pool, DeveloperProviderName: aws.String(devName), IdentityId: &id, DeveloperUserIdentifier: &user,
	})
	return err
}

// textOther is what somebody hears who shows a login of another identity.
const textOther = "Logins don't match. Please include at least one valid login for this identity or identity pool."

func TestDeveloperToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		ann, token := d.token("ann")
		if again, _ := d.token("ann"); again != ann {
			t.Errorf("ann is %s, then %s", ann, again)
		}
		if bob, _ := d.token("bob"); bob == ann {
			t.Error("ann and bob are one identity")
		}
		now := w.now().Unix()
		claims := part(t, token, 1)
		wantClaims := map[string]any{
			"sub": ann, "aud": d.pool, "amr": []any{"authenticated", devName, devName + ":" + d.pool + ":ann"}, "iss": ownIssuer,
			"https://cognito-identity.amazonaws.com/identity-pool-arn": "arn:aws:cognito-identity:us-west-2:" + alpha + ":identitypool/" + d.pool,
			"exp": float64(now + 900), "iat": float64(now),
		}
		if diff := cmp.Diff(wantClaims, claims); diff != "" {
			t.Error(diff)
		}
		if got := w.getID(d.pool, own(token)); got != ann {
			t.Errorf("GetId: %s, want %s", got, ann)
		}
		if arn := w.arn(w.credentials(ann, own(token))); !strings.Contains(arn, "assumed-role/auth-") {
			t.Errorf("credentials are for %s", arn)
		}
		if logins, _ := w.describe(d.pool, ann); cmp.Diff([]string{devName}, logins) != "" {
			t.Errorf("logins %v", logins)
		}

		w.pass(15 * time.Minute)
		_, err := w.enter(ann, own(token))
		want(t, "an old token", err, "NotAuthorizedException", "Invalid login token. Token is expired.")
		for _, seconds := range []int64{1, 86400} {
			_, token = d.token("ann", func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) { in.TokenDuration = &seconds })
			if exp := int64(part(t, token, 1)["exp"].(float64)); exp != w.now().Unix()+seconds {
				t.Errorf("%d seconds: token ends %d seconds from now", seconds, exp-w.now().Unix())
			}
		}
	})
}

func TestDeveloperTokenInTheClassicFlow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		role := w.iam.role(alpha, "classic", strings.Replace(trust(d.pool, devName), `"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, 1), allow("*"))
		assume := func(token string) error {
			_, err := w.sts(nil).AssumeRoleWithWebIdentity(t.Context(), &awssts.AssumeRoleWithWebIdentityInput{
				RoleArn: &role, RoleSessionName: aws.String("app"), WebIdentityToken: &token,
			})
			return err
		}
		ann, token := d.token("ann", func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) {
			in.PrincipalTags = map[string]string{"team": "red"}
			in.TokenDuration = aws.Int64(300)
		})
		wantTags := map[string]any{"principal_tags": map[string]any{"team": []any{"red"}}}
		if diff := cmp.Diff(wantTags, part(t, token, 1)["https://aws.amazon.com/tags"]); diff != "" {
			t.Error(diff)
		}
		if err := assume(token); err != nil {
			t.Errorf("the developer's token at STS: %v", err)
		}
		exchange := func(token string) string {
			out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: own(token)})
			if err != nil {
				t.Fatal(err)
			}
			return *out.Token
		}
		w.pass(2 * time.Minute)
		second := exchange(token)
		if err := assume(second); err != nil {
			t.Errorf("the token of GetOpenIdToken at STS: %v", err)
		}
		first, got := part(t, token, 1), part(t, second, 1)
		for _, claim := range []string{"sub", "aud", "amr", "exp", "https://aws.amazon.com/tags"} {
			if diff := cmp.Diff(first[claim], got[claim]); diff != "" {
				t.Errorf("%s: a token gave one that is not like it: %s", claim, diff)
			}
		}
		w.pass(4 * time.Minute)
		_, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &ann, Logins: own(second)})
		want(t, "a token that renewed itself", err, "NotAuthorizedException", "Invalid login token. Token is expired.")
	})
}

func TestDeveloperTagsBecomeSessionTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		trusted := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},
			"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + d.pool + `","aws:RequestTag/team":"red"}}}]}`
		role := w.iam.role(alpha, "tagged", trusted, allow("*"))
		w.setRoles(alpha, west, d.pool, map[string]string{"authenticated": role}, nil)
		tag := func(value string) func(*ci.GetOpenIdTokenForDeveloperIdentityInput) {
			return func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) {
				in.PrincipalTags = map[string]string{"team": value}
			}
		}
		ann, token := d.token("ann", tag("red"))
		if _, err := w.enter(ann, own(token)); err != nil {
			t.Errorf("red: %v", err)
		}
		_, token = d.token("ann", tag("blue"))
		_, err := w.enter(ann, own(token))
		want(t, "blue", err, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool.")
		_, _, err = d.try("ann", func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) {
			in.PrincipalTags = map[string]string{"aws:x": "y"}
		})
		want(t, "a reserved key", err, "InvalidParameterException", "Tag keys that begin with aws: are reserved.")
	})
}

func TestDeveloperLinks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		guest := w.getID(d.pool, nil)
		if got, _ := d.token("guest", naming(guest)); got != guest {
			t.Errorf("a guest who signed in is %s, want %s", got, guest)
		}
		ann := w.getID(d.pool, w.west("ann"))
		_, _, err := d.try("ann", naming(ann))
		want(t, "without a login of the identity", err, "NotAuthorizedException", textOther)
		_, _, err = d.try("ann", naming(ann), with(w.west("bob")))
		want(t, "with a login of another", err, "NotAuthorizedException", textOther)
		if got, token := d.token("ann", naming(ann), with(w.west("ann"))); got != ann {
			t.Errorf("ann is %s, want %s", got, ann)
		} else {
			wantAMR := []any{"authenticated", westName, westName + ":CognitoSignIn:ann", devName, devName + ":" + d.pool + ":ann"}
			if diff := cmp.Diff(wantAMR, part(t, token, 1)["amr"]); diff != "" {
				t.Error(diff)
			}
		}
		if got, _ := d.token("ann2", naming(ann), with(w.west("ann"))); got != ann {
			t.Errorf("a second user of ann's identity is %s", got)
		}
		_, _, err = d.try("guest", naming(ann), with(w.west("ann")))
		want(t, "a user of another identity", err, "DeveloperUserAlreadyRegisteredException", "Developer user is already registered with a different identity.")
		other := w.getID(d.pool, nil)
		_, _, err = d.try("ann", naming(other))
		want(t, "a user of another identity, as a guest", err, "DeveloperUserAlreadyRegisteredException", "Developer user is already registered with a different identity.")

		// A token opens the identity to a public login too.
		bob, token := d.token("bob")
		if got, err := w.enter(bob, both(own(token), w.tokyo("bob"))); err != nil || got != bob {
			t.Errorf("%s, %v", got, err)
		}
		if got := w.getID(d.pool, w.tokyo("bob")); got != bob {
			t.Errorf("bob of Tokyo is %s, want %s", got, bob)
		}
	})
}

func TestDeveloperLookup(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		ann, _ := d.token("ann0")
		w.enterWith(t, ann, d)
		users := []string{"ann0"}
		for n := 1; n < 5; n++ {
			user := fmt.Sprintf("ann%d", n)
			users = append(users, user)
			d.token(user, naming(ann), with(w.west("ann")))
		}
		out, err := d.lookup(ci.LookupDeveloperIdentityInput{DeveloperUserIdentifier: aws.String("ann3")})
		if err != nil || *out.IdentityId != ann || cmp.Diff(users, out.DeveloperUserIdentifierList) != "" {
			t.Errorf("by user: %+v, %v", out, err)
		}
		var got []string
		in := ci.LookupDeveloperIdentityInput{IdentityId: &ann, MaxResults: aws.Int32(2)}
		for pages := 1; ; pages++ {
			out, err := d.lookup(in)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, out.DeveloperUserIdentifierList...)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				if pages != 3 {
					t.Errorf("%d pages", pages)
				}
				break
			}
		}
		if diff := cmp.Diff(users, got); diff != "" {
			t.Error(diff)
		}
		out, err = d.lookup(ci.LookupDeveloperIdentityInput{IdentityId: &ann, DeveloperUserIdentifier: aws.String("ann2")})
		if err != nil || cmp.Diff([]string{"ann2"}, out.DeveloperUserIdentifierList) != "" {
			t.Errorf("both: %+v, %v", out, err)
		}
		bob, _ := d.token("bob")
		_, err = d.lookup(ci.LookupDeveloperIdentityInput{IdentityId: &bob, DeveloperUserIdentifier: aws.String("ann2")})
		want(t, "both, of two people", err, "ResourceConflictException", "Developer user identifier does not belong to the identity.")
		_, err = d.lookup(ci.LookupDeveloperIdentityInput{})
		want(t, "neither", err, "InvalidParameterException", "Either IdentityId or DeveloperUserIdentifier is required.")
		_, err = d.lookup(ci.LookupDeveloperIdentityInput{DeveloperUserIdentifier: aws.String("nobody")})
		want(t, "nobody", err, "ResourceNotFoundException", "Developer user identifier not found.")
		elsewhere := newDev(w)
		_, err = elsewhere.lookup(ci.LookupDeveloperIdentityInput{IdentityId: &ann})
		want(t, "an identity of another pool", err, "ResourceNotFoundException", "Identity '"+ann+"' not found.")
	})
}

// enterWith links ann of the west to an identity of the developer's user ann0.
func (w *world) enterWith(t *testing.T, id string, d *dev) {
	t.Helper()
	_, token := d.token("ann0")
	if _, err := w.enter(id, both(own(token), w.west("ann"))); err != nil {
		t.Fatal(err)
	}
}

func TestDeveloperMergeAndUnlink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		ann, annToken := d.token("ann")
		bob, bobToken := d.token("bob")
		w.enterWith(t, func() string { id, _ := d.token("ann0"); return id }(), d)

		if got, err := d.merge("ann", "bob"); err != nil || got != bob {
			t.Fatalf("%s, %v; want %s", got, err, bob)
		}
		if got, err := d.merge("ann", "bob"); err != nil || got != bob {
			t.Errorf("again: %s, %v; want %s", got, err, bob)
		}
		if _, hidden := w.describe(d.pool, ann); !hidden {
			t.Error("the identity that was left behind is not disabled")
		}
		// The old token, and the old id, lead to the identity that remains.
		for id, token := range map[string]string{ann: annToken, bob: bobToken} {
			if got, err := w.enter(id, own(token)); err != nil || got != bob {
				t.Errorf("%s, %v; want %s", got, err, bob)
			}
		}
		if got, _ := d.token("ann", naming(ann)); got != bob {
			t.Errorf("ann under her old id is %s, want %s", got, bob)
		}
		_, err := w.enter(ann, nil)
		want(t, "the old identity as a guest", err, "NotAuthorizedException", "Access to Identity '"+ann+"' is forbidden.")

		_, err = d.merge("nobody", "bob")
		want(t, "merging nobody", err, "ResourceNotFoundException", "Developer user identifier not found.")
		_, err = d.api.MergeDeveloperIdentities(t.Context(), &ci.MergeDeveloperIdentitiesInput{
			IdentityPoolId: &d.pool, DeveloperProviderName: aws.String("other"), SourceUserIdentifier: aws.String("ann"), DestinationUserIdentifier: aws.String("bob"),
		})
		want(t, "another provider", err, "InvalidParameterException", "This identity pool does not support the specified developer provider")

		// Both have a login at the same public provider: nothing moves.
		if _, err := w.enter(bob, both(own(bobToken), w.west("bob"))); err != nil {
			t.Fatal(err)
		}
		_, err = d.merge("ann0", "bob")
		want(t, "two logins of one provider", err, "ResourceConflictException", "Logins are already linked to another account.")

		if err := d.unlink(bob, "ann"); err != nil {
			t.Fatal(err)
		}
		_, err = w.enter(bob, own(annToken))
		want(t, "a token of somebody who was unlinked", err, "NotAuthorizedException", textOther)
		want(t, "unlinking twice", d.unlink(bob, "ann"), "ResourceNotFoundException", "Developer user identifier not found.")
		if again, _ := d.token("ann"); again == bob || again == ann {
			t.Error("a user who was unlinked is not somebody new")
		}
		want(t, "another's user", d.unlink(bob, "ann"), "ResourceConflictException", "Developer user identifier does not belong to the identity.")
		_, err = w.anyone().UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &bob, Logins: own(bobToken), LoginsToRemove: []string{devName}})
		want(t, "unlinking without signing", err, "InvalidParameterException", "Please provide a valid public provider")
		_, err = w.anyone().UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &bob, Logins: own(bobToken), LoginsToRemove: []string{westName}})
		if err != nil {
			t.Errorf("unlinking a public login with the developer's token: %v", err)
		}
		if err := d.unlink(bob, "bob"); err != nil {
			t.Fatal(err)
		}
		_, err = w.enter(bob, own(bobToken))
		want(t, "the last one gone", err, "NotAuthorizedException", textOther)
		if _, hidden := w.describe(d.pool, bob); !hidden {
			t.Error("an identity without logins is not disabled")
		}
	})
}

func TestDeveloperQuota(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		ann := w.getID(d.pool, w.west("ann"))
		for n := range 19 {
			d.token(fmt.Sprintf("user %d", n), naming(ann), with(w.west("ann")))
		}
		_, _, err := d.try("one more", naming(ann), with(w.west("ann")))
		want(t, "the 21st login", err, "ResourceConflictException", "An identity has at most 20 logins.")
		d.token("other")
		_, err = d.merge("other", "user 3")
		want(t, "a merge beyond the quota", err, "ResourceConflictException", "An identity has at most 20 logins.")
	})
}

func TestDeveloperIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := newDev(w)
		ann, token := d.token("ann")
		logins := func(l map[string]string) func(*ci.GetOpenIdTokenForDeveloperIdentityInput) {
			return func(in *ci.GetOpenIdTokenForDeveloperIdentityInput) { in.Logins = l }
		}
		const unsupported = "This identity pool does not support the specified developer provider"
		_, _, err := d.try("", logins(map[string]string{"other": "ann"}))
		want(t, "another provider", err, "InvalidParameterException", unsupported)
		plain := w.pool(alpha, west, trusting(westName, client))
		_, _, err = (&dev{w, plain, d.api}).try("ann")
		want(t, "a pool without a developer", err, "InvalidParameterException", unsupported)
		_, _, err = d.try(strings.Repeat("x", 1025))
		want(t, "a long name", err, "InvalidParameterException", "A developer user identifier has 1 to 1024 bytes.")
		_, _, err = d.try("eve", with(map[string]string{westName: "no token"}))
		want(t, "a bad public login", err, "NotAuthorizedException", "Invalid login token. Not a valid OpenId Connect identity token.")
		_, err = d.lookup(ci.LookupDeveloperIdentityInput{DeveloperUserIdentifier: aws.String("eve")})
		want(t, "who came with a bad login", err, "ResourceNotFoundException", "Developer user identifier not found.")

		// Tokens where they do not belong.
		other := newDev(w)
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &other.pool, Logins: own(token)})
		want(t, "a token of another pool", err, "NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &d.pool, Logins: map[string]string{devName: token}})
		want(t, "a token under the developer's name", err, "NotAuthorizedException", "Invalid login token. Can't pass in a Cognito token.")
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &d.pool, Logins: map[string]string{devName: "ann"}})
		want(t, "the bare user", err, "InvalidParameterException", "Please provide a valid public provider")

		// A token that is not the developer's word lets nobody in: it could renew itself.
		cara := w.getID(d.pool, w.west("cara"))
		guest := w.getID(d.pool, nil)
		for id, by := range map[string]map[string]string{cara: w.west("cara"), guest: nil} {
			out, err := w.anyone().GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &id, Logins: by})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.enter(id, own(*out.Token))
			want(t, "a token of GetOpenIdToken", err, "NotAuthorizedException", "Invalid login token. Can't pass in a Cognito token.")
		}
		now := w.now().Unix()
		forged := claims{
			"iss": ownIssuer, "aud": d.pool, "sub": ann, "amr": []string{"authenticated", devName, devName + ":" + d.pool + ":ann"}, "iat": now, "exp": now + 600,
		}.sign(t, jose.RS512, "own1", evilKey())
		_, err = w.enter(ann, own(forged))
		want(t, "a forged token", err, "NotAuthorizedException", "Invalid login token. Couldn't verify signed token.")

		// Strangers and users without the permission.
		stranger := &dev{w, d.pool, w.root(beta, west)}
		_, _, err = stranger.try("ann")
		want(t, "another account", err, "NotAuthorizedException", "Access to IdentityPool '"+d.pool+"' is forbidden")
		want(t, "another account unlinks", stranger.unlink(ann, "ann"), "NotAuthorizedException", "Access to IdentityPool '"+d.pool+"' is forbidden")
		far := &dev{w, d.pool, w.root(alpha, tokyo)}
		_, _, err = far.try("ann")
		want(t, "another region", err, "ResourceNotFoundException", "IdentityPool '"+d.pool+"' not found.")
		clerk := &dev{w, d.pool, w.user("clerk", west, strings.Replace(
			allow("cognito-identity:GetOpenIdTokenForDeveloperIdentity cognito-identity:LookupDeveloperIdentity"), `"Resource":"*"`,
			`"Resource":"arn:aws:cognito-identity:us-west-2:`+alpha+`:identitypool/`+d.pool+`"`, 1))}
		if _, _, err := clerk.try("ann"); err != nil {
			t.Errorf("a clerk with the permission: %v", err)
		}
		clerk.pool = other.pool
		if _, _, err := clerk.try("ann"); code(err) != "AccessDeniedException" {
			t.Errorf("a clerk at another pool: %v", err)
		}
		clerk.pool = d.pool
		if _, err := clerk.merge("ann", "ann"); code(err) != "AccessDeniedException" {
			t.Errorf("a clerk merges: %v", err)
		}
		if err := clerk.unlink(ann, "ann"); code(err) != "AccessDeniedException" {
			t.Errorf("a clerk unlinks: %v", err)
		}
	})
}

func TestDeveloperNameIsNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, in := range []*ci.CreateIdentityPoolInput{
			{DeveloperProviderName: aws.String("accounts.google.com"), SupportedLoginProviders: map[string]string{"accounts.google.com": "app"}},
			{DeveloperProviderName: aws.String("cognito-identity.amazonaws.com")},
			{DeveloperProviderName: aws.String("id.example.org"), OpenIdConnectProviderARNs: []string{"arn:aws:iam::" + alpha + ":oidc-provider/id.example.org"}},
		} {
			in.IdentityPoolName = aws.String("app")
			_, err := w.root(alpha, west).CreateIdentityPool(t.Context(), in)
			want(t, *in.DeveloperProviderName, err, "InvalidParameterException", "Developer provider name "+*in.DeveloperProviderName+" is that of a public provider.")
		}
	})
}
