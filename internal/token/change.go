package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// Changes is what a PreTokenGeneration function wants different in one token.
// nil changes nothing.
type Changes struct {
	// Set has the JSON values of claims to add, or to put in the place of what
	// the token would say. Suppress names claims to leave out; a claim that is
	// in both is left out. Neither touches a claim that is Fixed.
	Set      map[string]json.RawMessage
	Suppress []string
	// Scopes of access tokens, likewise.
	AddScopes, SuppressScopes []string
}

// fixedClaims are those that no function changes in either token (Amazon
// Cognito developer guide, "Pre token generation"). Everything under cognito:
// and dev: is fixed, too, but that the groups may be left out.
var fixedClaims = []string{
	"acr", "amr", "at_hash", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities", "iss", "jti",
	"nbf", "nonce", "origin_jti", "sub", "token_use", "username", "version",
}

// Fixed reports whether a function may not add or replace a claim of a token
// of that use. The audience of an access token is the client or nothing; who
// lets a function set it must have compared.
func Fixed(u Use, claim string) bool {
	return slices.Contains(fixedClaims, claim) || strings.HasPrefix(claim, "cognito:") || strings.HasPrefix(claim, "dev:") ||
		claim == "aud" && u == UseID || claim == "scope" && u == UseAccess
}

const (
	claimGroups    = "cognito:groups"
	claimRoles     = "cognito:roles"
	claimPreferred = "cognito:preferred_role"
)

// Suppressible reports whether a function may have a claim left out.
func Suppressible(u Use, claim string) bool { return claim == claimGroups || !Fixed(u, claim) }

// leavesOut reports whether a claim is suppressed. Roles go with the groups.
func (c *Changes) leavesOut(u Use, claim string) bool {
	if claim == claimRoles || claim == claimPreferred {
		claim = claimGroups
	}
	return slices.Contains(c.Suppress, claim) && Suppressible(u, claim)
}

var errPayload = errors.New("token: claims are not a JSON object")

// apply rewrites the claims of a token: what is replaced stays in its place,
// what is new comes last, by name.
func (c *Changes) apply(u Use, payload []byte) ([]byte, error) {
	if c == nil {
		return payload, nil
	}
	added := maps.Clone(c.Set)
	maps.DeleteFunc(added, func(name string, _ json.RawMessage) bool { return Fixed(u, name) || c.leavesOut(u, name) })
	o := object(append(make([]byte, 0, 2*len(payload)), '{'))
	dec := json.NewDecoder(bytes.NewReader(payload))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errPayload
	}
	for dec.More() {
		t, err := dec.Token()
		name, isName := t.(string)
		var value json.RawMessage
		if err != nil || !isName || dec.Decode(&value) != nil {
			return nil, errPayload
		}
		if v, replaced := added[name]; replaced {
			value = v
			delete(added, name)
		}
		if !c.leavesOut(u, name) {
			if err := o.raw(name, value); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		if err := o.raw(name, added[name]); err != nil {
			return nil, err
		}
	}
	return append(o, '}'), nil
}

// raw writes a member whose value is JSON text.
func (o *object) raw(name string, value json.RawMessage) error {
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return errPayload
	}
	o.name(name)
	*o = append(*o, bytes.ToValidUTF8(compact.Bytes(), []byte("\ufffd"))...)
	return nil
}

// scopes changes scopes that are separated by spaces.
func (c *Changes) scopes(scope string) string {
	if c == nil || len(c.AddScopes) == 0 && len(c.SuppressScopes) == 0 {
		return scope
	}
	var out []string
	for _, s := range slices.Concat(strings.Fields(scope), c.AddScopes) {
		if !slices.Contains(c.SuppressScopes, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
