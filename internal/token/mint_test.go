package token_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/token"
)

var anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// grant is a sign-in with everything that a user can have.
func grant() *token.Grant {
	return &token.Grant{
		Pool: pool, Issuer: "https://cognito-idp.us-west-2.amazonaws.com/" + pool, Client: "1example23456789abcdefghij",
		Sub: "sub-of-alice", Username: "alice",
		Attributes: []token.Attribute{
			{"sub", "sub-of-alice"},
			{"email", "alice@example.com"},
			{"email_verified", "True"},
			{"phone_number", "+12065550100"},
			{"phone_number_verified", "false"},
			{"given_name", "Alice \"Al\" \\ \u2603"},
			{"custom:count", "42"},
			{"custom:admin", "true"},
			{"dev:custom:x", "1"},
			{"cognito:user_status", "CONFIRMED"},
			{"updated_at", "1700000000"},
			{"identities", `[{"userId":"1","providerName":"Google","providerType":"Google","issuer":null,"primary":true,"dateCreated":1700000000123},` +
				`{"userId":"2","providerName":"Corp","providerType":"SAML","issuer":"urn:corp","primary":"false","dateCreated":"1700000000124"}]`},
		},
		Groups: []string{"admins", "users"}, Roles: []string{"arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"},
		PreferredRole: "arn:aws:iam::123456789012:role/a",
		OriginJTI:     "the-session", EventID: "the-event", AuthTime: time.Date(2026, 11, 22, 9, 0, 0, 5e8, time.UTC),
		IDLife: time.Hour, AccessLife: 5 * time.Minute,
	}
}

func TestClaims(t *testing.T) {
	for _, c := range []struct {
		name       string
		bend       func(*token.Grant)
		id, access string
	}{
		{
			name: "everything, by the API",
			bend: func(*token.Grant) {},
			id: `{"sub":"sub-of-alice","cognito:groups":["admins","users"],"email_verified":true,` +
				`"iss":"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI","phone_number_verified":false,"cognito:username":"alice",` +
				`"cognito:roles":["arn:aws:iam::123456789012:role/a","arn:aws:iam::123456789012:role/b"],` +
				`"cognito:preferred_role":"arn:aws:iam::123456789012:role/a","origin_jti":"the-session","aud":"1example23456789abcdefghij",` +
				`"identities":[{"userId":"1","providerName":"Google","providerType":"Google","issuer":null,"primary":"true","dateCreated":"1700000000123"},` +
				`{"userId":"2","providerName":"Corp","providerType":"SAML","issuer":"urn:corp","primary":"false","dateCreated":"1700000000124"}],` +
				`"event_id":"the-event","token_use":"id","auth_time":1795338000,"exp":1795345200,"iat":1795341600,"jti":"UUID",` +
				`"phone_number":"+12065550100","given_name":"Alice \"Al\" \\ ` + "\u2603" + `","custom:count":"42","custom:admin":"true","dev:custom:x":"1",` +
				`"updated_at":"1700000000","email":"alice@example.com"}`,
			access: `{"sub":"sub-of-alice","cognito:groups":["admins","users"],` +
				`"iss":"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI","client_id":"1example23456789abcdefghij",` +
				`"origin_jti":"the-session","event_id":"the-event","token_use":"access","scope":"aws.cognito.signin.user.admin",` +
				`"auth_time":1795338000,"exp":1795341900,"iat":1795341600,"jti":"UUID","username":"alice"}`,
		},
		{
			name: "nothing but what must be",
			bend: func(g *token.Grant) {
				g.Attributes, g.Groups, g.Roles, g.PreferredRole, g.OriginJTI = nil, nil, nil, "", ""
			},
			id: `{"sub":"sub-of-alice","iss":"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI","cognito:username":"alice",` +
				`"aud":"1example23456789abcdefghij","event_id":"the-event","token_use":"id","auth_time":1795338000,"exp":1795345200,"iat":1795341600}`,
			access: `{"sub":"sub-of-alice","iss":"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI",` +
				`"client_id":"1example23456789abcdefghij","event_id":"the-event","token_use":"access","scope":"aws.cognito.signin.user.admin",` +
				`"auth_time":1795338000,"exp":1795341900,"iat":1795341600,"username":"alice"}`,
		},
		{
			name: "by the domain, on a device",
			bend: func(g *token.Grant) {
				*g = token.Grant{
					Pool: pool, Issuer: "https://id.example.com", Client: "c", Sub: "s", Username: "u", AuthTime: g.AuthTime,
					OriginJTI: "o", Scope: "rs/b openid rs/a", DeviceKey: "us-west-2_d", Domain: true, Nonce: "n", Audience: "https://rs.example.com",
					IDLife: time.Hour, AccessLife: time.Hour,
				}
			},
			id: `{"at_hash":"HASH","sub":"s","iss":"https://id.example.com","cognito:username":"u","nonce":"n","origin_jti":"o","aud":"c",` +
				`"token_use":"id","auth_time":1795338000,"exp":1795345200,"iat":1795341600,"jti":"UUID"}`,
			access: `{"sub":"s","device_key":"us-west-2_d","iss":"https://id.example.com","version":2,"client_id":"c","aud":"https://rs.example.com",` +
				`"origin_jti":"o","token_use":"access","scope":"rs/b openid rs/a","auth_time":1795338000,"exp":1795345200,"iat":1795341600,` +
				`"jti":"UUID","username":"u"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, g := newWorld(t), grant()
			c.bend(g)
			tokens, err := w.keys.Mint(t.Context(), g)
			if err != nil {
				t.Fatal(err)
			}
			id, access := part(t, tokens.ID, 1), part(t, tokens.Access, 1)
			if g.Domain {
				sum := sha256.Sum256([]byte(tokens.Access))
				id = strings.Replace(id, base64.RawURLEncoding.EncodeToString(sum[:16]), "HASH", 1)
			}
			if diff := cmp.Diff(c.id, anyUUID.ReplaceAllString(id, "UUID")); diff != "" {
				t.Errorf("ID token (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.access, anyUUID.ReplaceAllString(access, "UUID")); diff != "" {
				t.Errorf("access token (-want +got):\n%s", diff)
			}
			if a, b := anyUUID.FindString(id), anyUUID.FindString(access); a != "" && a == b {
				t.Error("both tokens have the same jti")
			}
			if want := int64(g.AccessLife.Seconds()); tokens.ExpiresIn != want {
				t.Errorf("ExpiresIn %d, want %d", tokens.ExpiresIn, want)
			}
		})
	}
}

func TestClientToken(t *testing.T) {
	w := newWorld(t)
	tokens, err := w.keys.MintClient(t.Context(), &token.ClientGrant{
		Pool: pool, Issuer: "https://id.example.com", Client: "c", Scope: "rs/a rs/b", Life: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"sub":"c","token_use":"access","scope":"rs/a rs/b","auth_time":1795341600,"iss":"https://id.example.com",` +
		`"exp":1795345200,"iat":1795341600,"version":2,"jti":"UUID","client_id":"c"}`
	if diff := cmp.Diff(want, anyUUID.ReplaceAllString(part(t, tokens.Access, 1), "UUID")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tokens.ID != "" || tokens.ExpiresIn != 3600 {
		t.Errorf("%+v", tokens)
	}
}

// keyOf finds the key that a token names.
func keyOf(t *testing.T, w *world, owner, tok string) token.PublicKey {
	t.Helper()
	var header struct{ Kid string }
	if err := json.Unmarshal([]byte(part(t, tok, 0)), &header); err != nil {
		t.Fatal(err)
	}
	keys, err := w.keys.PublicKeys(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.ID == header.Kid {
			return k
		}
	}
	t.Fatalf("key %s is not published", header.Kid)
	return token.PublicKey{}
}

func split(tok string) (signed string, signature []byte) {
	at := strings.LastIndexByte(tok, '.')
	signature, _ = base64.RawURLEncoding.DecodeString(tok[at+1:])
	return tok[:at], signature
}

func TestHeaderAndSignature(t *testing.T) {
	w := newWorld(t)
	_, _, tokens := w.signIn(t, nil)
	kids := map[string]bool{}
	for name, tok := range map[string]string{"id": tokens.ID, "access": tokens.Access} {
		key := keyOf(t, w, pool, tok)
		if want := `{"kid":"` + key.ID + `","alg":"RS256"}`; part(t, tok, 0) != want {
			t.Errorf("%s header %s, want %s", name, part(t, tok, 0), want)
		}
		if b, err := base64.StdEncoding.DecodeString(key.ID); err != nil || len(b) != 32 || !strings.HasSuffix(key.ID, "=") {
			t.Errorf("kid %q is not the base64 of 32 bytes", key.ID)
		}
		signed, signature := split(tok)
		sum := sha256.Sum256([]byte(signed))
		if err := rsa.VerifyPKCS1v15(key.Key, crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if string(key.Use) != name || key.Algorithm != "RS256" {
			t.Errorf("%s token signed by %+v", name, key)
		}
		kids[key.ID] = true
	}
	if len(kids) != 2 {
		t.Error("both tokens are signed by one key")
	}
}

func TestIdentityToken(t *testing.T) {
	w := newWorld(t)
	for range 2 { // twice makes no second key
		if err := w.keys.EnsureIdentityKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tok, err := w.keys.SignIdentityToken(t.Context(), []byte(`{"sub":"us-west-2:x"}`))
	if err != nil {
		t.Fatal(err)
	}
	key := keyOf(t, w, token.IdentityPools, tok)
	if want := `{"kid":"` + key.ID + `","typ":"JWS","alg":"RS512"}`; part(t, tok, 0) != want {
		t.Errorf("header %s, want %s", part(t, tok, 0), want)
	}
	if part(t, tok, 1) != `{"sub":"us-west-2:x"}` {
		t.Errorf("claims %s", part(t, tok, 1))
	}
	signed, signature := split(tok)
	sum := sha512.Sum512([]byte(signed))
	if err := rsa.VerifyPKCS1v15(key.Key, crypto.SHA512, sum[:], signature); err != nil {
		t.Error(err)
	}
	if keys, err := w.keys.PublicKeys(t.Context(), token.IdentityPools); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, error %v", len(keys), err)
	}
}

func TestUnknownPool(t *testing.T) {
	w, g := newWorld(t), grant()
	g.Pool = "us-west-2_unknown12"
	if _, err := w.keys.Mint(t.Context(), g); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Mint: %v", err)
	}
	if _, err := w.keys.JWKS(t.Context(), g.Pool); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("JWKS: %v", err)
	}
}
