package srp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/srp/modp"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

func TestUserIdentity(t *testing.T) {
	for poolID, want := range map[string]string{"us-east-1_AbCdEfGhI": "AbCdEfGhI", "local_a_b": "a_b", "odd": "odd"} {
		if got := srp.UserIdentity(poolID, "u"); got != (srp.Identity{Pool: want, Name: "u"}) {
			t.Errorf("%s: %+v", poolID, got)
		}
	}
}

// What a client library computes for a device is what we would have computed.
func TestImportVerifier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := srp.Identity{Pool: "-group", Name: "eu-west-1_device"}
		raw := rapid.SliceOfN(rapid.Byte(), srp.SaltSize, srp.SaltSize).Draw(t, "salt")
		if raw[0] == 0 && bytes.Equal(raw, make([]byte, srp.SaltSize)) {
			t.Skip("no client sends a salt of zero")
		}
		made := srpclient.NewVerifier(id.Pool, id.Name, "secret", raw)
		saltBytes, _ := base64.StdEncoding.DecodeString(made.Salt)
		verifier, _ := base64.StdEncoding.DecodeString(made.PasswordVerifier)
		v, err := srp.ImportVerifier(saltBytes, verifier)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Matches(id, "secret") || v.Matches(id, "Secret") {
			t.Fatal("the imported verifier is not that of the password")
		}
		if want := strings.TrimLeft(hex.EncodeToString(raw), "0"); v.Salt() != want {
			t.Fatalf("salt %q, want %q", v.Salt(), want)
		}
	})
}

func TestImportVerifierRefuses(t *testing.T) {
	n := modp.Prime()
	ok := []byte{7}
	for _, c := range []struct {
		name           string
		salt, verifier []byte
	}{
		{"no salt", nil, ok},
		{"a salt of zero", []byte{0, 0}, ok},
		{"a salt without bounds", bytes.Repeat([]byte{1}, 1000), ok},
		{"no verifier", ok, nil},
		{"a verifier of zero", ok, []byte{0}},
		{"N as the verifier", ok, n[:]},
		{"a verifier longer than N", ok, bytes.Repeat([]byte{1}, modp.Size+1)},
	} {
		if _, err := srp.ImportVerifier(c.salt, c.verifier); err == nil {
			t.Errorf("%s is taken", c.name)
		}
	}
}

func TestFake(t *testing.T) {
	key, other := []byte("0123456789abcdef0123456789abcdef"), []byte("another key of the deployment ...")
	alice, bob := srp.Identity{Pool: "P", Name: "alice"}, srp.Identity{Pool: "P", Name: "bob"}
	v := srp.Fake(key, alice)
	if got := srp.Fake(key, alice).Salt(); got != v.Salt() {
		t.Error("the salt of an unknown user changes from one try to the next")
	}
	for name, x := range map[string]*srp.Verifier{
		"another user": srp.Fake(key, bob), "another pool": srp.Fake(key, srp.Identity{Pool: "Q", Name: "alice"}), "another key": srp.Fake(other, alice),
	} {
		if x.Salt() == v.Salt() {
			t.Errorf("%s has the same salt", name)
		}
	}
	if v.Matches(alice, "") || v.Matches(alice, "password") {
		t.Error("a password matches nobody's verifier")
	}
	a, err := srp.ParsePublicKey("5")
	if err != nil {
		t.Fatal(err)
	}
	if srp.Begin(v, a, [32]byte{1}).B() == srp.Begin(v, a, [32]byte{2}).B() {
		t.Error("SRP_B of an unknown user does not change")
	}
	id := srp.FakeUserID(key, alice)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("user id %q is not a UUID", id)
	}
	if id != srp.FakeUserID(key, alice) || id == srp.FakeUserID(key, bob) {
		t.Error("user ids are not one a name")
	}
}
