package token_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/token"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// text is an error as a client sees it, or "" for none.
func text(err error) string {
	if e, ok := awsapi.AsError(err); ok {
		return e.Shape.Name + ": " + e.Message
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

const (
	invalid   = "NotAuthorizedException: Invalid Access Token"
	signature = "NotAuthorizedException: Could not verify signature for Access Token"
	expired   = "NotAuthorizedException: Access Token has expired"
	revoked   = "NotAuthorizedException: Access Token has been revoked"
	unscoped  = "NotAuthorizedException: Access Token does not have required scopes"
	gone      = "UserNotFoundException: User does not exist."
)

func TestVerifyProves(t *testing.T) {
	w := newWorld(t)
	s, _, tokens := w.signIn(t, func(n *token.NewSession, g *token.Grant) {
		n.DeviceKey, g.Groups = "us-west-2_device", []string{"a", "b"}
	})
	for _, remembered := range []bool{false, true} {
		ctx, err := w.verifier.Authenticate(t.Context(), tokens.Access)
		if err != nil {
			t.Fatal(err)
		}
		a := token.AccessFrom(ctx)
		if a.Pool != pool || a.Client != s.Client || a.Sub != s.Sub || a.Username != "alice" || a.OriginJTI != s.ID || a.EventID != s.EventID ||
			a.DeviceKey != "us-west-2_device" || strings.Join(a.Groups, " ") != "a b" || !a.HasScope(token.SelfService) || a.HasScope("openid") ||
			!a.AuthTime.Equal(w.clock()) || !a.ExpiresAt.Equal(w.clock().Add(time.Hour)) || !anyUUID.MatchString(a.JTI) {
			t.Errorf("remembered %v: %+v", remembered, a)
		}
	}
	if a := token.AccessFrom(t.Context()); a != nil {
		t.Errorf("a context without a token carries %+v", a)
	}
}

// Tokens with many groups are not worth the memory.
func TestLongTokensAreNotRemembered(t *testing.T) {
	w := newWorld(t)
	for i, groups := range [][]string{{"a"}, strings.Fields(strings.Repeat(strings.Repeat("g", 100)+" ", 50))} {
		_, _, tokens := w.signIn(t, func(_ *token.NewSession, g *token.Grant) { g.Groups = groups })
		for range 2 {
			if a, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService); err != nil || len(a.Groups) != len(groups) {
				t.Errorf("token %d: %+v, %v", i, a, err)
			}
		}
	}
	if n := w.verifier.Remembered(); n != 1 {
		t.Errorf("%d tokens are remembered", n)
	}
}

func TestVerifyRefuses(t *testing.T) {
	w := newWorld(t)
	_, _, tokens := w.signIn(t, nil)
	const other = "us-west-2_Other1234"
	if err := w.keys.CreateKeys(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := w.keys.EnsureIdentityKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _, others := w.signIn(t, func(n *token.NewSession, _ *token.Grant) { n.Pool = other })
	identity, err := w.keys.SignIdentityToken(t.Context(), []byte(part(t, tokens.Access, 1)))
	if err != nil {
		t.Fatal(err)
	}
	client, err := w.keys.MintClient(t.Context(), &token.ClientGrant{Pool: pool, Issuer: "i", Client: "c", Scope: "rs/a", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	_, _, domain := w.signIn(t, func(n *token.NewSession, g *token.Grant) { n.Scope, g.Domain = "openid email", true })

	parts := strings.Split(tokens.Access, ".")
	kid := keyOf(t, w, pool, tokens.Access)
	signed := parts[0] + "." + parts[1]
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(k *rsa.PrivateKey, text string) string {
		sum := sha256.Sum256([]byte(text))
		sig, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + base64.RawURLEncoding.EncodeToString(sig)
	}
	mac := func(text string) string {
		// The classic confusion: an HMAC under the public key.
		m := hmac.New(sha256.New, x509.MarshalPKCS1PublicKey(kid.Key))
		m.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	}
	header := func(alg, kid string) string { return b64(`{"kid":"` + kid + `","alg":"` + alg + `"}`) }

	for name, c := range map[string]struct{ token, want string }{
		"nothing":                    {"", invalid},
		"a word":                     {"garbage", invalid},
		"two dots":                   {"..", invalid},
		"four parts":                 {tokens.Access + ".x", invalid},
		"not base64":                 {"*" + tokens.Access[1:], invalid},
		"padded":                     {tokens.Access + "==", invalid},
		"not JSON":                   {b64("x") + "." + parts[1] + "." + parts[2], invalid},
		"claims of another type":     {parts[0] + "." + b64(`{"exp":"soon"}`) + "." + parts[2], invalid},
		"a megabyte":                 {tokens.Access + strings.Repeat("A", 1<<20), invalid},
		"no signature":               {signed + ".", signature},
		"alg none":                   {header("none", kid.ID) + "." + parts[1] + ".", signature},
		"alg None, signature kept":   {header("None", kid.ID) + "." + parts[1] + "." + parts[2], signature},
		"alg HS256 with public key":  {mac(header("HS256", kid.ID) + "." + parts[1]), signature},
		"alg RS512":                  {header("RS512", kid.ID) + "." + parts[1] + "." + parts[2], signature},
		"no alg":                     {b64(`{"kid":"`+kid.ID+`"}`) + "." + parts[1] + "." + parts[2], signature},
		"an unknown key":             {sign(foreign, header("RS256", "bm9ib2R5J3Mga2V5")+"."+parts[1]), signature},
		"another's key, our kid":     {sign(foreign, signed), signature},
		"claims of another token":    {parts[0] + "." + strings.Split(others.Access, ".")[1] + "." + parts[2], signature},
		"our claims, another pool":   {strings.Split(others.Access, ".")[0] + "." + parts[1] + "." + parts[2], signature},
		"an ID token":                {tokens.ID, invalid},
		"a token of identity pools":  {identity, signature},
		"a token of a client":        {client.Access, unscoped},
		"a token without this scope": {domain.Access, unscoped},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				if _, err := w.verifier.Verify(t.Context(), c.token, token.SelfService); text(err) != c.want {
					t.Errorf("%q, want %q", text(err), c.want)
				}
			}
		})
	}
	if _, err := w.verifier.Verify(t.Context(), domain.Access, "openid"); err != nil {
		t.Errorf("a token of the domain where openid is asked for: %v", err)
	}
	if a, err := w.verifier.Verify(t.Context(), others.Access, token.SelfService); err != nil || a.Pool != other {
		t.Errorf("a token of another pool proves %+v, error %v", a, err)
	}
}

func TestOneChangedByteIsRefused(t *testing.T) {
	w := newWorld(t)
	_, _, tokens := w.signIn(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(tokens.Access)
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[i] = rapid.Byte().Filter(func(c byte) bool { return c != b[i] }).Draw(t, "byte")
		_, err := w.verifier.Verify(t.Context(), string(b), token.SelfService)
		if got := text(err); got != invalid && got != signature {
			t.Fatalf("%q", got)
		}
	})
}

func TestAccessTokenLife(t *testing.T) {
	for _, remembered := range []bool{false, true} {
		for name, c := range map[string]struct {
			happens func(t *testing.T, w *world, s *token.Session, refresh string)
			want    string
		}{
			"nothing": {func(*testing.T, *world, *token.Session, string) {}, ""},
			"an hour less a second": {func(_ *testing.T, w *world, _ *token.Session, _ string) {
				w.pass(time.Hour - time.Second)
			}, ""},
			"an hour": {func(_ *testing.T, w *world, _ *token.Session, _ string) { w.pass(time.Hour) }, expired},
			"its session is revoked": {func(t *testing.T, w *world, s *token.Session, refresh string) {
				for range 2 {
					if err := w.sessions.Revoke(t.Context(), refresh, pool, s.Client); err != nil {
						t.Fatal(err)
					}
				}
			}, revoked},
			"its user is signed out": {func(t *testing.T, w *world, s *token.Session, _ string) {
				if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", s.Sub); err != nil {
					t.Fatal(err)
				}
			}, revoked},
			"another user is signed out": {func(t *testing.T, w *world, _ *token.Session, _ string) {
				if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", "somebody else"); err != nil {
					t.Fatal(err)
				}
			}, ""},
			"its user is deleted": {func(t *testing.T, w *world, s *token.Session, _ string) {
				if err := w.sessions.DeleteUser(t.Context(), pool, s.Sub); err != nil {
					t.Fatal(err)
				}
			}, gone},
			"its pool is deleted": {func(t *testing.T, w *world, _ *token.Session, _ string) {
				if err := errors.Join(w.keys.DeletePool(t.Context(), pool), w.sessions.DeletePool(t.Context(), pool)); err != nil {
					t.Fatal(err)
				}
			}, signature},
			"everything is forgotten": {func(_ *testing.T, w *world, _ *token.Session, _ string) {
				w.keys.Forget()
				w.verifier.Forget()
			}, ""},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				s, refresh, tokens := w.signIn(t, nil)
				if remembered {
					if _, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService); err != nil {
						t.Fatal(err)
					}
				}
				c.happens(t, w, s, refresh)
				if _, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService); text(err) != c.want {
					t.Errorf("%q, want %q", text(err), c.want)
				}
			})
		}
	}
}

// Signing out ends what was, not what comes: even at the very same moment.
func TestSignInAfterSignOut(t *testing.T) {
	w := newWorld(t)
	s, _, before := w.signIn(t, nil)
	if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", s.Sub); err != nil {
		t.Fatal(err)
	}
	_, _, after := w.signIn(t, nil)
	if _, err := w.verifier.Verify(t.Context(), before.Access, token.SelfService); text(err) != revoked {
		t.Errorf("before: %q", text(err))
	}
	if _, err := w.verifier.Verify(t.Context(), after.Access, token.SelfService); err != nil {
		t.Errorf("after: %v", err)
	}
}

// Tokens of clients without token revocation name no session, and can still
// be signed out of.
func TestSignOutWithoutSession(t *testing.T) {
	w := newWorld(t)
	off := func(_ *token.NewSession, g *token.Grant) { g.OriginJTI = "off" }
	s, refresh, before := w.signIn(t, off)
	if strings.Contains(part(t, before.Access, 1), "jti") {
		t.Fatalf("claims %s", part(t, before.Access, 1))
	}
	if err := w.sessions.Revoke(t.Context(), refresh, pool, s.Client); err != nil {
		t.Fatal(err)
	}
	if _, err := w.verifier.Verify(t.Context(), before.Access, token.SelfService); err != nil {
		t.Errorf("after its refresh token was revoked: %v", err)
	}
	w.pass(time.Second)
	if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", s.Sub); err != nil {
		t.Fatal(err)
	}
	if _, err := w.verifier.Verify(t.Context(), before.Access, token.SelfService); text(err) != revoked {
		t.Errorf("after the sign-out: %q", text(err))
	}
	w.pass(time.Second)
	_, _, after := w.signIn(t, off)
	if _, err := w.verifier.Verify(t.Context(), after.Access, token.SelfService); err != nil {
		t.Errorf("a new one: %v", err)
	}
}

func TestAlive(t *testing.T) {
	w := newWorld(t)
	s, refresh := w.begin(t, nil)
	alive := func(id string, issued time.Time) bool {
		ok, err := w.sessions.Alive(t.Context(), pool, id, s.Sub, issued)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !alive(s.ID, w.clock()) || !alive("", w.clock()) || alive("no such session", w.clock()) {
		t.Error("a session that began is not alive, or one that did not is")
	}
	if err := w.sessions.Revoke(t.Context(), refresh, pool, s.Client); err != nil {
		t.Fatal(err)
	}
	if alive(s.ID, w.clock()) {
		t.Error("a revoked session is alive")
	}
	if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", s.Sub); err != nil {
		t.Fatal(err)
	}
	if alive("", w.clock()) || !alive("", w.clock().Add(time.Second)) {
		t.Error("a sign-out does not tell before from after")
	}
}
