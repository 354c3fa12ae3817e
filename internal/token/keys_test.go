package token_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/token"
)

// published returns the key ids of a pool's key set document.
func published(t *testing.T, w *world) (kids []string) {
	t.Helper()
	doc, err := w.keys.JWKS(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(doc, &set); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	for _, k := range set.Keys {
		if !k.Valid() || k.Use != "sig" || k.Algorithm != "RS256" || !k.IsPublic() {
			t.Errorf("key %+v", k)
		}
		kids = append(kids, k.KeyID)
	}
	return kids
}

func TestJWKS(t *testing.T) {
	w := newWorld(t)
	kids := published(t, w)
	doc, err := w.keys.JWKS(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"keys":[`
	for i, kid := range kids {
		n := strings.Split(strings.Split(string(doc), `"n":"`)[i+1], `"`)[0]
		if i > 0 {
			want += ","
		}
		want += fmt.Sprintf(`{"alg":"RS256","e":"AQAB","kid":"%s","kty":"RSA","n":"%s","use":"sig"}`, kid, n)
	}
	if want += `]}`; string(doc) != want || len(kids) != 2 {
		t.Errorf("%s\nwant %s", doc, want)
	}
}

func TestCreateWithoutStock(t *testing.T) {
	w := newWorld(t)
	if _, err := w.db.SigningKeys().TakeSpareKeys(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if err := w.keys.CreateKeys(t.Context(), "eu-west-1_Other1234"); err != nil {
		t.Fatal(err)
	}
	if keys, err := w.keys.PublicKeys(t.Context(), "eu-west-1_Other1234"); err != nil || len(keys) != 2 {
		t.Errorf("%d keys, error %v", len(keys), err)
	}
}

// A pool whose creation is rolled back takes no keys off the stock and leaves
// none behind.
func TestCreateIsPartOfTheTransaction(t *testing.T) {
	w := newWorld(t)
	before, err := w.db.SigningKeys().CountSpareKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	err = w.db.Tx(t.Context(), func(ctx context.Context) error {
		if err := w.keys.CreateKeys(ctx, "us-west-2_Other1234"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if after, err := w.db.SigningKeys().CountSpareKeys(t.Context()); err != nil || after != before {
		t.Errorf("%d spare keys after %d, error %v", after, before, err)
	}
	if _, err := w.keys.JWKS(t.Context(), "us-west-2_Other1234"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("JWKS: %v", err)
	}
}

func TestRunFillsTheStock(t *testing.T) {
	w := newWorld(t)
	if _, err := w.db.SigningKeys().TakeSpareKeys(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.keys.Run(ctx) }()
	for {
		n, err := w.db.SigningKeys().CountSpareKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRotation(t *testing.T) {
	w := newWorld(t)
	_, _, first := w.signIn(t, func(_ *token.NewSession, g *token.Grant) { g.AccessLife = 24 * time.Hour })
	oldKey := keyOf(t, w, pool, first.Access).ID
	if err := w.keys.Rotate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	signs := func() string {
		_, _, tokens := w.signIn(t, nil)
		return keyOf(t, w, pool, tokens.Access).ID
	}
	if got := len(published(t, w)); got != 4 {
		t.Errorf("%d keys are published at once, want 4", got)
	}
	if signs() != oldKey {
		t.Error("the new key signs before verifiers can know it")
	}
	w.pass(time.Minute)
	if signs() == oldKey {
		t.Error("the old key signs after a minute")
	}
	w.pass(23 * time.Hour)
	if _, err := w.verifier.Verify(t.Context(), first.Access, token.SelfService); err != nil {
		t.Errorf("a token of the old key: %v", err)
	}
	w.restart() // the store tells the same as memory
	if signs() == oldKey || len(published(t, w)) != 4 {
		t.Errorf("another node: %d keys published", len(published(t, w)))
	}
	w.pass(2 * time.Hour)
	if kids := published(t, w); len(kids) != 2 {
		t.Errorf("%d keys are published after the overlap, want 2", len(kids))
	}
	if err := w.db.SigningKeys().DeleteExpiredKeys(t.Context(), w.clock()); err != nil {
		t.Fatal(err)
	}
	if keys, err := w.db.SigningKeys().Keys(t.Context(), pool); err != nil || len(keys) != 2 {
		t.Errorf("%d keys are kept, error %v", len(keys), err)
	}
	if signs() == "" {
		t.Error("nothing signs")
	}
	if err := w.keys.Rotate(t.Context(), "us-west-2_unknown12"); !errors.Is(err, token.ErrNoKey) {
		t.Errorf("rotating what there is not: %v", err)
	}
}

// What another node did is known within half a minute, and a token that it
// signed with a new key at once.
func TestNewsFromOtherNodes(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.signIn(t, nil) // this node has the keys in memory
	nodeKeys, nodeVerifier := w.keys, w.verifier
	w.restart()
	if err := w.keys.Rotate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	w.pass(29 * time.Second)
	if keys, err := nodeKeys.PublicKeys(t.Context(), pool); err != nil || len(keys) != 2 {
		t.Errorf("%d keys in memory, error %v", len(keys), err)
	}
	w.pass(2 * time.Second)
	if keys, err := nodeKeys.PublicKeys(t.Context(), pool); err != nil || len(keys) != 4 {
		t.Errorf("%d keys after half a minute, error %v", len(keys), err)
	}
	w.pass(time.Minute)
	_, _, tokens := w.signIn(t, nil) // by the other node, with the new key
	if _, err := nodeVerifier.Verify(t.Context(), tokens.Access, token.SelfService); err != nil {
		t.Error(err)
	}
}

func TestDeletePool(t *testing.T) {
	w := newWorld(t)
	_, _, tokens := w.signIn(t, nil)
	if _, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService); err != nil {
		t.Fatal(err)
	}
	if err := w.keys.DeletePool(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if _, err := w.keys.JWKS(t.Context(), pool); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("JWKS: %v", err)
	}
	// The token was verified before, and is remembered.
	if _, err := w.verifier.Verify(t.Context(), tokens.Access, token.SelfService); err != token.ErrAccessSignature {
		t.Errorf("Verify: %v", err)
	}
}

// No verb prints a private key.
func TestKeysDoNotPrint(t *testing.T) {
	k := token.Key{Owner: pool, ID: "kid", Use: token.UseID, Private: []byte("SECRET")}
	s := token.SpareKey{ID: "kid", Private: []byte("SECRET")}
	secret := fmt.Sprintf("%x %v", "SECRET", []byte("SECRET"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{&k, s, &s, []token.SpareKey{s}} {
			got := fmt.Sprintf(verb, v)
			for _, leak := range append(strings.SplitN(secret, " ", 2), "SECRET") {
				if strings.Contains(got, leak) {
					t.Errorf("%s of %T: %s", verb, v, got)
				}
			}
		}
	}
}
