package trigger

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/cenote-id/cenote/internal/token"
)

// readClaims reads the response of version one: texts in the ID token.
func readClaims(f *fields) (c TokenChanges) {
	d := f.object("claimsOverrideDetails")
	if d == nil {
		return c
	}
	c.ID = readChanges(d, token.UseID)
	for _, value := range c.ID.Set {
		if value[0] != '"' {
			d.fail("claimsToAddOrOverride", "is not a map of strings")
		}
	}
	c.Groups = readGroups(d)
	c.bound(d)
	d.leftovers()
	return c
}

// readClaimsAndScopes reads the response of versions two and three.
func readClaimsAndScopes(f *fields, client string) (c TokenChanges) {
	d := f.object("claimsAndScopeOverrideDetails")
	if d == nil {
		return c
	}
	if t := d.object("idTokenGeneration"); t != nil {
		c.ID = readChanges(t, token.UseID)
		t.leftovers()
	}
	if t := d.object("accessTokenGeneration"); t != nil {
		c.Access = readChanges(t, token.UseAccess)
		// A function may name the audience, if it names the client.
		if aud, there := c.Access.Set["aud"]; there {
			var text string
			if json.Unmarshal(aud, &text) != nil || text != client {
				t.fail("claimsToAddOrOverride", "names an audience that is not the client")
			}
		}
		c.Access.AddScopes, c.Access.SuppressScopes = t.texts("scopesToAdd"), t.texts("scopesToSuppress")
		if slices.ContainsFunc(c.Access.AddScopes, ungrantable) {
			t.fail("scopesToAdd", "holds a scope that cannot be added")
		}
		t.leftovers()
	}
	c.Groups = readGroups(d)
	c.bound(d)
	d.leftovers()
	return c
}

// readChanges reads the changes of one token, without those of claims that are
// not to be changed: the service drops them, too.
func readChanges(t *fields, u token.Use) *token.Changes {
	c := &token.Changes{Set: t.values("claimsToAddOrOverride"), Suppress: t.texts("claimsToSuppress")}
	for _, name := range plainClaims {
		if v, there := c.Set[name]; there && !plain(v) {
			t.fail("claimsToAddOrOverride", "has an object or a list where a plain value belongs")
		}
	}
	maps.DeleteFunc(c.Set, func(name string, _ json.RawMessage) bool { return token.Fixed(u, name) })
	c.Suppress = slices.DeleteFunc(c.Suppress, func(name string) bool { return !token.Suppressible(u, name) })
	return c
}

// plainClaims cannot be objects or lists.
var plainClaims = []string{"email_verified", "phone_number_verified", "updated_at", "address"}

// readGroups reads the groups. They are replaced where the member is there,
// null included (Amazon Cognito developer guide, "Pre token generation"): a
// function that says so takes all groups away.
func readGroups(d *fields) *Groups {
	const name = "groupOverrideDetails"
	if !d.has(name) {
		return nil
	}
	g := d.object(name)
	if g == nil {
		return &Groups{}
	}
	out := &Groups{Names: g.texts("groupsToOverride"), Roles: g.texts("iamRolesToOverride"), Preferred: g.word("preferredRole")}
	g.leftovers()
	return out
}

// maxChanges bounds claims and scopes of one reply (Amazon Cognito developer
// guide, "Quotas").
const maxChanges = 5000

func (c *TokenChanges) bound(d *fields) {
	n := 0
	for _, t := range []*token.Changes{c.ID, c.Access} {
		if t != nil {
			n += len(t.Set) + len(t.Suppress) + len(t.AddScopes) + len(t.SuppressScopes)
		}
	}
	if n > maxChanges {
		d.fail("claimsToAddOrOverride", "and its siblings have too many entries")
	}
}

const (
	ownScopes = "aws.cognito."
	maxScope  = 256 // bytes
)

// ungrantable reports whether a function may not add a scope. Scopes are words
// of RFC 6749, section 3.3; of the service's own it may add the one of
// self-service.
func ungrantable(s string) bool {
	return s == "" || len(s) > maxScope || strings.HasPrefix(s, ownScopes) && s != token.SelfService ||
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '\\' })
}
