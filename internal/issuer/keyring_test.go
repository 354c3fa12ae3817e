package issuer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/issuer"
)

const (
	remoteID   = "eu-central-1_RealPool1"
	remoteName = "cognito-idp.eu-central-1.amazonaws.com/" + remoteID
	remoteIss  = "https://" + remoteName
	remoteKeys = remoteIss + "/.well-known/jwks.json"
)

// awsPool is a resolver that trusts one pool on real AWS, signed by keyB.
func awsPool(t *testing.T, now *clock, site *web) (*issuer.Resolver, *issuer.Issuer) {
	t.Helper()
	if _, served := site.pages[remoteKeys]; !served {
		site.serve(remoteKeys, page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1})
	}
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now, TrustAWS: true})
	return r, userPool(t, r, remoteName)
}

func (c *clock) remoteToken(t testing.TB, kid string) string {
	t.Helper()
	return sign(t, jose.RS256, kid, keyB(), with(c.claims(remoteIss), "exp", c.Now().Unix()+1000*3600, "jti", kid))
}

func TestKeysAreFetchedOnceAndKept(t *testing.T) {
	for age, kept := range map[time.Duration]time.Duration{
		-1:              time.Hour,      // nothing said
		0:               time.Minute,    // no-store
		time.Second:     time.Minute,    // too short
		2 * time.Hour:   2 * time.Hour,  // as said
		900 * time.Hour: 24 * time.Hour, // too long
	} {
		t.Run(age.String(), func(t *testing.T) {
			now, site := newClock(), newWeb()
			site.serve(remoteKeys, page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: age})
			r, pool := awsPool(t, now, site)
			token := now.remoteToken(t, "b")
			verify := func() {
				t.Helper()
				if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
					t.Fatal(err)
				}
			}
			verify()
			now.advance(kept - time.Second)
			verify()
			if n := site.fetches(remoteKeys); n != 1 {
				t.Fatalf("%d fetches within the age", n)
			}
			now.advance(time.Second + 11*time.Minute) // past the window of quiet renewal
			verify()
			if n := site.fetches(remoteKeys); n != 2 {
				t.Errorf("%d fetches after it", n)
			}
		})
	}
}

func TestOldKeysServeWhileTheyAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now, site := newClock(), newWeb()
		r, pool := awsPool(t, now, site)
		token := now.remoteToken(t, "b")
		if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
			t.Fatal(err)
		}
		gate := make(chan struct{})
		site.serve(remoteKeys, page{body: jwks(t, jwk("c", "RS256", &keyA().PublicKey)), age: -1, gate: gate})
		now.advance(time.Hour + time.Minute)
		for range 3 {
			if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
				t.Errorf("while renewing: %v", err)
			}
		}
		synctest.Wait()
		if n := site.fetches(remoteKeys); n != 2 {
			t.Errorf("%d fetches, want the first and one renewal", n)
		}
		close(gate)
		synctest.Wait()
		if _, err := r.Verify(t.Context(), pool, token, []string{client}); reason(t, err) != issuer.UnknownKey {
			t.Errorf("withdrawn key after renewal: %v", err)
		}
	})
}

func TestUnknownKeyIDsFetchAtMostOnceAMinute(t *testing.T) {
	now, site := newClock(), newWeb()
	r, pool := awsPool(t, now, site)
	known := now.remoteToken(t, "b")
	if _, err := r.Verify(t.Context(), pool, known, []string{client}); err != nil {
		t.Fatal(err)
	}
	flood := func() {
		t.Helper()
		for i := range 20 {
			_, err := r.Verify(t.Context(), pool, now.remoteToken(t, fmt.Sprint("made-up-", i)), []string{client})
			if reason(t, err) != issuer.UnknownKey {
				t.Fatal(err)
			}
		}
	}
	flood()
	if n := site.fetches(remoteKeys); n != 1 {
		t.Fatalf("%d fetches in the first minute", n)
	}
	for minute := 2; minute <= 4; minute++ {
		now.advance(time.Minute)
		flood()
		if n := site.fetches(remoteKeys); n != minute {
			t.Fatalf("%d fetches in minute %d", n, minute)
		}
	}

	// The publisher rotates: the new key is found by the first token that
	// names it, once the minute is over.
	site.serve(remoteKeys, page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey), jwk("new", "RS256", &keyB().PublicKey)), age: -1})
	rotated := now.remoteToken(t, "new")
	if _, err := r.Verify(t.Context(), pool, rotated, []string{client}); reason(t, err) != issuer.UnknownKey {
		t.Error(err)
	}
	now.advance(time.Minute)
	if _, err := r.Verify(t.Context(), pool, rotated, []string{client}); err != nil {
		t.Error(err)
	}
}

func TestRefusedTokensFetchNothing(t *testing.T) {
	now, site := newClock(), newWeb()
	r, pool := awsPool(t, now, site)
	for _, token := range []string{
		"garbage",
		raw(t, `{"alg":"none"}`, `{}`),
		sign(t, jose.RS256, "b", keyB(), now.claims("https://other.example")),
		sign(t, jose.RS256, "b", keyB(), with(now.claims(remoteIss), "aud", nil)),
	} {
		if _, err := r.Verify(t.Context(), pool, token, []string{client}); err == nil {
			t.Fatal("accepted")
		}
	}
	if _, err := r.UserPool(t.Context(), account, "evil.example/eu-central-1_RealPool1"); !errors.Is(err, issuer.ErrUntrusted) {
		t.Fatal(err)
	}
	if n := site.total(); n != 0 {
		t.Errorf("%d fetches", n)
	}
}

func TestPublisherAway(t *testing.T) {
	now, site := newClock(), newWeb()
	r, pool := awsPool(t, now, site)
	token := now.remoteToken(t, "b")
	away := page{err: errors.New("connection refused")}
	site.serve(remoteKeys, away)
	verify := func() error {
		_, err := r.Verify(t.Context(), pool, token, []string{client})
		return err
	}
	for range 5 {
		if err := verify(); reason(t, err) != issuer.Unreachable || !strings.Contains(err.Error(), "connection refused") {
			t.Fatal(err)
		}
	}
	if n := site.fetches(remoteKeys); n != 1 {
		t.Errorf("%d fetches while resting after a failure", n)
	}
	site.serve(remoteKeys, page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1})
	now.advance(10 * time.Second)
	if err := verify(); err != nil {
		t.Fatalf("publisher back: %v", err)
	}
	site.serve(remoteKeys, away)
	now.advance(24 * time.Hour)
	if err := verify(); err != nil {
		t.Errorf("away for less than a day past the age: %v", err)
	}
	now.advance(2 * time.Hour)
	if err := verify(); reason(t, err) != issuer.Unreachable {
		t.Errorf("away for longer: %v", err)
	}
}

func TestManyCallersOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now, site := newClock(), newWeb()
		gate := make(chan struct{})
		site.serve(remoteKeys, page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: -1, gate: gate})
		r, pool := awsPool(t, now, site)
		token := now.remoteToken(t, "b")
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(gate)
		wg.Wait()
		if n := site.fetches(remoteKeys); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// TestManyIssuers: the memory of key sets is bounded, and what is forgotten is
// what was not used for longest.
func TestManyIssuers(t *testing.T) {
	now, site := newClock(), newWeb()
	keys := page{body: jwks(t, jwk("b", "RS256", &keyB().PublicKey)), age: 24 * time.Hour}
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now, TrustAWS: true})
	n := now.Now().Unix()
	visit := func(i int) string {
		name := issuer.UserPoolName(fmt.Sprintf("eu-central-1_Pool%d", i))
		url := "https://" + name + "/.well-known/jwks.json"
		site.serve(url, keys)
		claims := fmt.Sprintf(`{"iss":"https://%s","aud":"a","sub":"s","token_use":"id","iat":%d,"exp":%d}`, name, n, n+90000)
		_, err := r.Verify(t.Context(), userPool(t, r, name), raw(t, `{"alg":"RS256","kid":"b"}`, claims), []string{client})
		if reason(t, err) != issuer.BadSignature {
			t.Fatal(err)
		}
		return url
	}
	first, second := visit(1), visit(2)
	now.advance(time.Second)
	for i := 3; i <= 4096; i++ {
		visit(i)
	}
	now.advance(time.Second)
	visit(1)
	visit(4097) // one too many: the second has not been used for longest
	visit(1)
	if got := site.fetches(first); got != 1 {
		t.Errorf("an issuer in use was fetched %d times", got)
	}
	visit(2)
	if got := site.fetches(second); got != 2 {
		t.Errorf("a forgotten issuer was fetched %d times", got)
	}
}

func TestKeySets(t *testing.T) {
	strong := jwk("s", "RS256", &keyA().PublicKey)
	set := func(keys ...jose.JSONWebKey) string { return jwks(t, keys...) }
	enc := strong
	enc.Use = "enc"
	for name, tc := range map[string]struct {
		document string
		keys     int
	}{
		"one":          {set(strong), 1},
		"no use":       {set(jose.JSONWebKey{Key: &keyA().PublicKey, KeyID: "x"}), 1},
		"encryption":   {set(enc), 0},
		"weak RSA":     {set(jwk("w", "RS256", &small().PublicKey)), 0},
		"private":      {set(jose.JSONWebKey{Key: keyA(), KeyID: "p", Use: "sig"}), 0},
		"symmetric":    {set(jose.JSONWebKey{Key: []byte("secret"), KeyID: "h", Algorithm: "HS256", Use: "sig"}), 0},
		"unknown kind": {`{"keys":[{"kty":"XYZ","kid":"n"},` + strings.TrimPrefix(set(strong), `{"keys":[`), 1},
		"even exponent": {`{"keys":[{"kty":"RSA","kid":"e","use":"sig","e":"BA","n":"` +
			strings.Repeat("A", 341) + `w"}]}`, 0},
		"too many":   {`{"keys":[` + strings.Repeat(`{},`, 200) + `{}]}`, 0},
		"not JSON":   {`<html>`, 0},
		"no keys":    {`{}`, 0},
		"other JSON": {`[]`, 0},
	} {
		keys, err := issuer.ParseKeySet([]byte(tc.document))
		if len(keys) != tc.keys || (err == nil) != (tc.keys > 0) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
}

func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(jwks(f, jwk("b", "RS256", &keyB().PublicKey))))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		keys, err := issuer.ParseKeySet(document)
		if err == nil && len(keys) == 0 {
			t.Error("no keys and no error")
		}
	})
}
