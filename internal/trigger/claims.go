package trigger

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// readClaims reads the response of version one: texts in the ID token.
func readClaims(f *fields) (c TokenChanges) {
	d := f.object("claimsOverrideDetails")
	if d == nil {
		return c
	}
	c.ID = readChanges(d)
	for _, value := range c.ID.Set {
		if value[0] != '"' {
			d.fail("claimsToAddOrOverride", "is not a map of strings")
		}
	}
	c.Groups = readGroups(d)
	c.ID.settle(idClaims)
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
		c.ID = readChanges(t)
		t.leftovers()
	}
	if t := d.object("accessTokenGeneration"); t != nil {
		c.Access = readChanges(t)
		// A function may name the audience, if it names the client.
		if aud, there := c.Access.Set["aud"]; there {
			var text string
			if json.Unmarshal(aud, &text) != nil || text != client {
				t.fail("claimsToAddOrOverride", "names an audience that is not the client")
			}
		}
		c.AddScopes, c.SuppressScopes = t.texts("scopesToAdd"), t.texts("scopesToSuppress")
		if !slices.Equal(c.AddScopes, grantable(c.AddScopes)) {
			t.fail("scopesToAdd", "holds a scope that cannot be added")
		}
		t.leftovers()
	}
	c.Groups = readGroups(d)
	c.ID.settle(idClaims)
	c.Access.settle(accessClaims)
	c.bound(d)
	d.leftovers()
	return c
}

func readChanges(t *fields) ClaimChanges {
	c := ClaimChanges{Set: t.values("claimsToAddOrOverride"), Suppress: t.texts("claimsToSuppress")}
	for _, name := range plainClaims {
		if v, there := c.Set[name]; there && !plain(v) {
			t.fail("claimsToAddOrOverride", "has an object or a list where a plain value belongs")
		}
	}
	return c
}

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

// idClaims and accessClaims are claims that no function changes (Amazon Cognito
// developer guide, "Pre token generation"). What a function says of them is
// dropped, as the service does. So is all of cognito:, but that the groups may
// be suppressed.
var (
	idClaims = []string{
		"acr", "amr", "at_hash", "auth_time", "aud", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities",
		"iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use", "username", "version",
	}
	accessClaims = []string{
		"acr", "amr", "at_hash", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities",
		"iss", "jti", "nbf", "nonce", "origin_jti", "scope", "sub", "token_use", "username", "version",
	}
	plainClaims = []string{"email_verified", "phone_number_verified", "updated_at", "address"}
)

const groupsClaim = "cognito:groups"

// settle drops changes of claims that are not to be changed.
func (c *ClaimChanges) settle(fixed []string) {
	untouchable := func(name string) bool {
		return slices.Contains(fixed, name) || strings.HasPrefix(name, "cognito:") || strings.HasPrefix(name, "dev:")
	}
	maps.DeleteFunc(c.Set, func(name string, _ json.RawMessage) bool { return untouchable(name) })
	c.Suppress = slices.DeleteFunc(c.Suppress, func(name string) bool { return name != groupsClaim && untouchable(name) })
}

// maxChanges bounds claims and scopes of one reply (Amazon Cognito developer
// guide, "Quotas").
const maxChanges = 5000

func (c *TokenChanges) bound(d *fields) {
	n := len(c.ID.Set) + len(c.ID.Suppress) + len(c.Access.Set) + len(c.Access.Suppress) + len(c.AddScopes) + len(c.SuppressScopes)
	if n > maxChanges {
		d.fail("claimsToAddOrOverride", "and its siblings have too many entries")
	}
}

const (
	ownScopes   = "aws.cognito."
	selfService = "aws.cognito.signin.user.admin"
)

// grantable returns the scopes that a function may add: words of RFC 6749,
// section 3.3, and of the service's own the one of self-service.
func grantable(scopes []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
		return s == "" || len(s) > 256 || strings.HasPrefix(s, ownScopes) && s != selfService ||
			strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '\\' })
	})
}
