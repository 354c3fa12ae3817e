package token_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/token"
)

func raw(pairs ...string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return m
}

// plainGrant is a small grant, so that all of its claims fit on a few lines.
func plainGrant() *token.Grant {
	return &token.Grant{
		Pool: pool, Issuer: "i", Client: "c", Sub: "s", Username: "alice",
		Attributes: []token.Attribute{{"email", "a@example.com"}, {"name", "Alice"}},
		Groups:     []string{"g"}, Roles: []string{"r"}, PreferredRole: "r",
		AuthTime: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), IDLife: time.Hour, AccessLife: time.Hour,
	}
}

const (
	times = `"auth_time":1795338000,"exp":1795345200,"iat":1795341600`
	idAll = `{"sub":"s","cognito:groups":["g"],"iss":"i","cognito:username":"alice","cognito:roles":["r"],"cognito:preferred_role":"r",` +
		`"aud":"c","token_use":"id",` + times + `,"name":"Alice","email":"a@example.com"}`
	accessAll = `{"sub":"s","cognito:groups":["g"],"iss":"i","client_id":"c","token_use":"access","scope":"aws.cognito.signin.user.admin",` +
		times + `,"username":"alice"}`
)

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name       string
		id, access *token.Changes
		wantID     string
		wantAccess string
	}{
		{name: "none", wantID: idAll, wantAccess: accessAll},
		{name: "empty", id: &token.Changes{}, access: &token.Changes{}, wantID: idAll, wantAccess: accessAll},
		{
			name:       "added by name, replaced in place",
			id:         &token.Changes{Set: raw("z", `1`, "email", `"b@example.com"`, "a", `{ "n" : [ true, null ] }`)},
			access:     &token.Changes{Set: raw("name", `"Al"`, "aud", `"c"`)},
			wantID:     strings.Replace(idAll, `"a@example.com"}`, `"b@example.com","a":{"n":[true,null]},"z":1}`, 1),
			wantAccess: strings.Replace(accessAll, `"alice"}`, `"alice","aud":"c","name":"Al"}`, 1),
		},
		{
			name:       "left out",
			id:         &token.Changes{Suppress: []string{"email", "nothing"}},
			access:     &token.Changes{Suppress: []string{"username", "cognito:groups"}},
			wantID:     strings.Replace(idAll, `,"email":"a@example.com"`, "", 1),
			wantAccess: strings.Replace(accessAll, `"cognito:groups":["g"],`, "", 1),
		},
		{
			name:       "left out wins",
			id:         &token.Changes{Set: raw("email", `"b"`, "x", `1`), Suppress: []string{"email", "x"}},
			wantID:     strings.Replace(idAll, `,"email":"a@example.com"`, "", 1),
			wantAccess: accessAll,
		},
		{
			name:       "roles go with the groups",
			id:         &token.Changes{Suppress: []string{"cognito:groups"}},
			wantID:     strings.NewReplacer(`"cognito:groups":["g"],`, "", `"cognito:roles":["r"],"cognito:preferred_role":"r",`, "").Replace(idAll),
			wantAccess: accessAll,
		},
		{
			name: "what nobody changes",
			id: &token.Changes{
				Set:      raw("sub", `"x"`, "iss", `"x"`, "aud", `"x"`, "exp", `9`, "token_use", `"access"`, "cognito:groups", `["x"]`, "cognito:x", `1`, "dev:x", `1`),
				Suppress: []string{"sub", "aud", "exp", "cognito:username", "token_use"},
			},
			access: &token.Changes{
				Set:      raw("sub", `"x"`, "scope", `"x"`, "client_id", `"x"`, "username", `"x"`, "exp", `9`, "jti", `"x"`, "origin_jti", `"x"`),
				Suppress: []string{"sub", "scope", "exp", "client_id"},
			},
			wantID: idAll, wantAccess: accessAll,
		},
		{
			name:   "scopes",
			access: &token.Changes{AddScopes: []string{"api/read", "api/read", "openid", token.SelfService}, SuppressScopes: []string{"openid"}},
			wantID: idAll, wantAccess: strings.Replace(accessAll, token.SelfService, token.SelfService+" api/read", 1),
		},
		{
			name:   "no scope left",
			access: &token.Changes{SuppressScopes: []string{token.SelfService}},
			wantID: idAll, wantAccess: strings.Replace(accessAll, token.SelfService, "", 1),
		},
		{
			name:   "bytes that are not text",
			id:     &token.Changes{Set: raw("x", "\"\xff\"")},
			wantID: strings.Replace(idAll, `.com"}`, ".com\",\"x\":\"\ufffd\"}", 1), wantAccess: accessAll,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, g := newWorld(t), plainGrant()
			g.IDChanges, g.AccessChanges = c.id, c.access
			tokens, err := w.keys.Mint(t.Context(), g)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.wantID, part(t, tokens.ID, 1)); diff != "" {
				t.Errorf("ID token (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.wantAccess, part(t, tokens.Access, 1)); diff != "" {
				t.Errorf("access token (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangesThatAreNotJSON(t *testing.T) {
	w, g := newWorld(t), plainGrant()
	g.IDChanges = &token.Changes{Set: raw("x", `1}`)}
	if tokens, err := w.keys.Mint(t.Context(), g); err == nil {
		t.Errorf("minted %s", part(t, tokens.ID, 1))
	}
}

func TestChangesOfClientTokens(t *testing.T) {
	w := newWorld(t)
	tokens, err := w.keys.MintClient(t.Context(), &token.ClientGrant{
		Pool: pool, Issuer: "i", Client: "c", Scope: "rs/a rs/b", Life: time.Hour,
		Changes: &token.Changes{Set: raw("tenant", `"t"`, "client_id", `"x"`), AddScopes: []string{"rs/c"}, SuppressScopes: []string{"rs/a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"sub":"c","token_use":"access","scope":"rs/b rs/c","auth_time":1795341600,"iss":"i",` +
		`"exp":1795345200,"iat":1795341600,"version":2,"jti":"UUID","client_id":"c","tenant":"t"}`
	if diff := cmp.Diff(want, anyUUID.ReplaceAllString(part(t, tokens.Access, 1), "UUID")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAddedClaimsAreNotRead adds claims that differ from those of the service
// in their case alone: the verifier must not take them for them.
func TestAddedClaimsAreNotRead(t *testing.T) {
	w := newWorld(t)
	s, _, tokens := w.signIn(t, func(_ *token.NewSession, g *token.Grant) {
		g.AccessChanges = &token.Changes{
			Set: raw("Sub", `"somebody else"`, "USERNAME", `"root"`, "Scope", `"openid"`, "Exp", `99999999999`, "Cognito:Groups", `["admins"]`, "Iat", `"text"`),
		}
	})
	a, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService)
	if err != nil {
		t.Fatal(err)
	}
	if a.Sub != s.Sub || a.Username != "alice" || a.HasScope("openid") || len(a.Groups) > 0 || !a.ExpiresAt.Equal(w.clock().Add(time.Hour)) {
		t.Errorf("%+v", a)
	}
}

func TestSuppressedScopeIsMissed(t *testing.T) {
	w := newWorld(t)
	_, _, tokens := w.signIn(t, func(_ *token.NewSession, g *token.Grant) {
		g.AccessChanges = &token.Changes{SuppressScopes: []string{token.SelfService}}
	})
	if _, err := w.verifier.Authenticate(t.Context(), tokens.Access); text(err) != unscoped {
		t.Errorf("error is %v", err)
	}
}
