package token_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/token"
)

// TestOutboundTokens verifies tokens of both algorithms as anybody would: with
// the key of the published set that they name.
func TestOutboundTokens(t *testing.T) {
	w := newWorld(t)
	const issuer, other = "5c8b1d52-0000-4000-8000-000000000001", "5c8b1d52-0000-4000-8000-000000000002"
	for _, id := range []string{issuer, other} {
		if err := w.keys.CreateOutboundKeys(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	set := func(id string) *jose.JSONWebKeySet {
		t.Helper()
		var s jose.JSONWebKeySet
		text, err := w.keys.JWKS(t.Context(), token.Outbound(id))
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		return &s
	}
	payload := `{"sub":"arn:aws:iam::123456789012:role/r"}`
	for _, alg := range token.OutboundAlgorithms() {
		text, err := w.keys.SignOutbound(t.Context(), issuer, alg, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		kid := jws.Signatures[0].Header.KeyID
		keys := set(issuer).Key(kid)
		if len(keys) != 1 || keys[0].Algorithm != alg || !keys[0].IsPublic() {
			t.Fatalf("%s: keys of that id: %+v", alg, keys)
		}
		if got, err := jws.Verify(keys[0]); err != nil || string(got) != payload {
			t.Errorf("%s: %s, %v", alg, got, err)
		}
		if found := set(other).Key(kid); len(found) != 0 {
			t.Errorf("%s: another account publishes the key", alg)
		}
		if _, err := w.verifier.Verify(t.Context(), text, token.SelfService); !errors.Is(err, token.ErrAccessSignature) {
			t.Errorf("%s as an access token of a user: %v", alg, err)
		}
	}
	if _, err := w.keys.SignOutbound(t.Context(), "nobody", token.OutboundAlgorithms()[0], []byte(payload)); err == nil {
		t.Error("an issuer without keys signs")
	}
}

// TestRetiredKeys: what they have signed counts no more, at once.
func TestRetiredKeys(t *testing.T) {
	w := newWorld(t)
	const issuer = "5c8b1d52-0000-4000-8000-000000000001"
	if err := w.keys.CreateOutboundKeys(t.Context(), issuer); err != nil {
		t.Fatal(err)
	}
	ids := func() map[string]bool {
		t.Helper()
		text, err := w.keys.JWKS(t.Context(), token.Outbound(issuer))
		var s jose.JSONWebKeySet
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, k := range s.Keys {
			all[k.KeyID] = true
		}
		return all
	}
	first := ids()
	if err := w.keys.Rotate(t.Context(), token.Outbound(issuer)); err != nil {
		t.Fatal(err)
	}
	both := ids()
	if len(first) != 2 || len(both) != 4 {
		t.Fatalf("%d keys, %d after a rotation", len(first), len(both))
	}
	if err := w.keys.Retire(t.Context(), token.Outbound(issuer)); err != nil {
		t.Fatal(err)
	}
	after := ids()
	for id := range after {
		if both[id] {
			t.Errorf("key %s is still published", id)
		}
	}
	if len(after) != 2 {
		t.Errorf("%d keys after they were retired", len(after))
	}
	for _, alg := range token.OutboundAlgorithms() {
		text, err := w.keys.SignOutbound(t.Context(), issuer, alg, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if jws, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)}); err != nil || !after[jws.Signatures[0].Header.KeyID] {
			t.Errorf("%s: signed by a key that is not published, %v", alg, err)
		}
	}
}
