package sdk

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
)

// TestStory is the founding story: a user pool in one account and region, and
// identity pools in the same and in another one that let its users in.
func TestStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		seen := map[string]string{} // identity ids are nobody else's
		for _, place := range []struct {
			name   string
			owner  owner
			region string
		}{
			{"same region", w.alpha, west},
			{"another region", w.alpha, tokyo},
			{"another account", w.beta, west},
			{"another account and region", w.beta, tokyo},
		} {
			t.Run(place.name, func(t *testing.T) {
				at := *w
				at.t = t
				id := played(t, &at, p, place.owner, place.region)
				if before, ok := seen[id]; ok {
					t.Errorf("%s is alice's identity in %s too", id, before)
				}
				seen[id] = place.name
			})
		}
	})
}

// played tells the story for one identity pool and returns alice's identity.
func played(t *testing.T, w *world, p *people, o owner, region string) string {
	t.Helper()
	i := w.identities(t, o, region, p)
	defer func() {
		for _, name := range []string{authRole, guestRole} { // the next pool of the account has the same names
			i.deleteRole(name)
		}
	}()
	tokens := p.signIn("alice")

	alice := i.id(p.login(tokens.IdToken))
	if !strings.HasPrefix(alice, region+":") || len(alice) != len(region)+1+36 {
		t.Errorf("identity %s", alice)
	}
	keys := i.keys(alice, p.login(tokens.IdToken))
	if left := keys.Expires.Sub(w.Clock().Now()); left < 59*time.Minute || left > time.Hour {
		t.Errorf("keys are good for %v", left)
	}
	who := w.caller(t, keys)
	if *who.Arn != "arn:aws:sts::"+o.account+":assumed-role/"+authRole+"/CognitoIdentityCredentials" || *who.Account != o.account ||
		!strings.HasPrefix(*who.UserId, "AROA") || !strings.HasSuffix(*who.UserId, ":CognitoIdentityCredentials") {
		t.Errorf("alice is %s, %s, %s", *who.Arn, *who.Account, *who.UserId)
	}
	// The role's policy says what they are good for.
	described := must(w.identity(keys, region).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool}))(t)
	if *described.IdentityPoolId != i.pool {
		t.Errorf("described %s", *described.IdentityPoolId)
	}

	// The same person is the same identity: signed in again, by SRP, with a
	// refreshed token, under the name that Amplify makes from the issuer; as
	// herself and nobody else.
	issuer, _, _ := strings.Cut(strings.TrimPrefix(p.w.URL(), "http://"), "/")
	for name, logins := range map[string]map[string]string{
		"again":                 p.login(p.signIn("alice").IdToken),
		"by SRP":                p.login(p.signInBySRP("alice").IdToken),
		"refreshed":             p.login(p.refresh(tokens.RefreshToken).IdToken),
		"by the issuer's name":  {issuer + "/" + p.pool: *tokens.IdToken},
		"with the token of old": p.login(tokens.IdToken),
	} {
		if id := i.id(logins); id != alice {
			t.Errorf("%s: identity %s, want %s", name, id, alice)
		}
		if who := w.caller(t, i.keys(alice, logins)); who.Arn == nil || !strings.Contains(*who.Arn, authRole) {
			t.Errorf("%s: %s", name, aws.ToString(who.Arn))
		}
	}
	bob := "bob-" + i.pool[len(i.pool)-12:]
	p.add(bob)
	if id := i.id(p.login(p.signIn(bob).IdToken)); id == alice {
		t.Error("bob is alice")
	}

	// The account's own administrator sees who came.
	identity := must(i.admin.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &alice}))(t)
	if !slices.Equal(identity.Logins, []string{p.provider}) {
		t.Errorf("logins %v", identity.Logins)
	}

	// A guest is somebody new each time, and gets the other role.
	guest := i.id(nil)
	if guest == i.id(nil) || guest == alice {
		t.Errorf("guest %s", guest)
	}
	if who := w.caller(t, i.keys(guest, nil)); *who.Arn != "arn:aws:sts::"+o.account+":assumed-role/"+guestRole+"/CognitoIdentityCredentials" {
		t.Errorf("guest is %s", *who.Arn)
	}
	return alice
}

// A rule of the pool gives some people another role; a token without roles
// leaves them the pool's own.
func TestRoleMappings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		p.add("bob")
		i := w.identities(t, w.alpha, tokyo, p)
		i.role("staff", trust(i.pool, "authenticated"), allow("iam:GetRole", "*"))
		staff := i.roleARN("staff")
		for _, c := range []struct {
			name, alice, bob string
			mapping          citypes.RoleMapping
		}{
			{"token", authRole, authRole, citypes.RoleMapping{
				Type: citypes.RoleMappingTypeToken, AmbiguousRoleResolution: citypes.AmbiguousRoleResolutionTypeAuthenticatedRole,
			}},
			{"rules", "staff", authRole, citypes.RoleMapping{
				Type: citypes.RoleMappingTypeRules, AmbiguousRoleResolution: citypes.AmbiguousRoleResolutionTypeAuthenticatedRole,
				RulesConfiguration: &citypes.RulesConfigurationType{Rules: []citypes.MappingRule{{
					Claim: aws.String("cognito:username"), MatchType: citypes.MappingRuleMatchTypeEquals, Value: aws.String("alice"), RoleARN: &staff,
				}}},
			}},
		} {
			must(i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
				IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": i.roleARN(authRole)},
				RoleMappings: map[string]citypes.RoleMapping{p.provider + ":" + p.client: c.mapping},
			}))(t)
			for name, role := range map[string]string{"alice": c.alice, "bob": c.bob} {
				login := p.login(p.signIn(name).IdToken)
				if who := w.caller(t, i.keys(i.id(login), login)); !strings.Contains(*who.Arn, "/"+role+"/") {
					t.Errorf("%s: %s is %s, want %s", c.name, name, *who.Arn, role)
				}
			}
		}
	})
}

// Two user pools can share an identity: their tokens arrive together once.
func TestTwoLogins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.people(t, w.alpha, west), w.people(t, w.beta, tokyo)
		i := w.identities(t, w.alpha, tokyo, one)
		i.trust(two.provider, two.client)
		first, second := one.login(one.signIn("alice").IdToken), two.login(two.signIn("alice").IdToken)
		id := i.id(first)
		both := maps.Clone(first)
		maps.Copy(both, second)
		if got := i.id(both); got != id {
			t.Errorf("both: %s, want %s", got, id)
		}
		if got := i.id(second); got != id {
			t.Errorf("the second alone: %s, want %s", got, id)
		}
		i.keys(id, second)
	})
}
