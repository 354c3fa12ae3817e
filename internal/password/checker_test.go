package password_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp"
)

var (
	checker = password.New(password.Config{UnknownKey: func() []byte { return []byte("a secret of the deployment") }})
	alice   = srp.Identity{Pool: "AbCdEfGhI", Name: "alice"}
)

func TestMakeAndCheck(t *testing.T) {
	for _, form := range []password.Form{password.SRP, password.Argon2id} {
		t.Run(string(form), func(t *testing.T) {
			s, err := checker.Make(t.Context(), form, alice, "P@ssw0rd!")
			if err != nil {
				t.Fatal(err)
			}
			for typed, want := range map[string]bool{"P@ssw0rd!": true, "p@ssw0rd!": false, "": false} {
				got, err := checker.Check(t.Context(), s, alice, typed)
				if err != nil || got != want {
					t.Errorf("%q: %v, %v; want %v", typed, got, err, want)
				}
			}
			if s.HasVerifier() != (form == password.SRP) || s.Outdated(form) {
				t.Errorf("verifier %v, outdated %v", s.HasVerifier(), s.Outdated(form))
			}
			again, err := checker.Make(t.Context(), form, alice, "P@ssw0rd!")
			if err != nil || again.Equal(s) {
				t.Errorf("the same password is kept the same way twice (error %v)", err)
			}
		})
	}
}

// A verifier that is copied to another user's row opens no door.
func TestVerifierBelongsToItsUser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.String().Draw(t, "password")
		s, err := checker.Make(t.Context(), password.SRP, alice, typed)
		if err != nil {
			t.Fatal(err)
		}
		other := srp.Identity{Pool: "AbCdEfGhI", Name: "bob"}
		if ok, err := checker.Check(t.Context(), s, other, typed); ok || err != nil {
			t.Fatalf("bob: %v, %v", ok, err)
		}
	})
}

func TestImportedHashIsOutdated(t *testing.T) {
	for _, c := range hashes {
		s := password.Stored{Hash: c.hash}
		if ok, err := checker.Check(t.Context(), s, alice, c.password); !ok || err != nil {
			t.Errorf("%s: %v, %v", c.name, ok, err)
		}
		if !s.Outdated(password.SRP) || !s.Outdated(password.Argon2id) {
			t.Errorf("%s need not be replaced", c.name)
		}
		if _, err := s.SRPVerifier(); err == nil {
			t.Errorf("%s serves SRP", c.name)
		}
	}
}

func TestNoPasswordMatchesNothing(t *testing.T) {
	for _, typed := range []string{"", "P@ssw0rd!"} {
		if ok, err := checker.Check(t.Context(), password.Stored{}, alice, typed); ok || err != nil {
			t.Errorf("%q: %v, %v", typed, ok, err)
		}
	}
}

func TestNobody(t *testing.T) {
	for _, form := range []password.Form{password.SRP, password.Argon2id} {
		if err := checker.CheckNobody(t.Context(), form, alice, "P@ssw0rd!"); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
	// No bit of a salt tells who exists: of both kinds of salts each is set in
	// some, or in all.
	salts := func(of func(id srp.Identity) string) (some, all [srp.SaltSize]byte) {
		all = [srp.SaltSize]byte(bytes.Repeat([]byte{0xff}, srp.SaltSize))
		for i := range 64 {
			text := of(srp.Identity{Pool: "pool", Name: fmt.Sprint("user", i)})
			salt, err := hex.DecodeString(strings.Repeat("0", 2*srp.SaltSize-len(text)) + text)
			if err != nil || len(salt) != srp.SaltSize {
				t.Fatalf("salt %s: %v", text, err)
			}
			for i, b := range salt {
				some[i] |= b
				all[i] &= b
			}
		}
		return some, all
	}
	fakeSome, fakeAll := salts(func(id srp.Identity) string { return checker.Unknown(id).Salt() })
	realSome, realAll := salts(func(id srp.Identity) string {
		s, err := checker.Make(t.Context(), password.SRP, id, "P@ssw0rd!")
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.SRPVerifier()
		if err != nil {
			t.Fatal(err)
		}
		return v.Salt()
	})
	if fakeSome != realSome || fakeAll != realAll {
		t.Errorf("bits of salts: nobody's %x %x, users' %x %x", fakeSome, fakeAll, realSome, realAll)
	}
	first := checker.Unknown(alice).Salt()
	if again := checker.Unknown(alice).Salt(); first != again {
		t.Error("the salt of an unknown user changes")
	}
}

func TestVerifyClaim(t *testing.T) {
	a, err := srp.ParsePublicKey("5")
	if err != nil {
		t.Fatal(err)
	}
	v := checker.Unknown(alice)
	session := srp.Begin(v, a, [srp.SecretSize]byte{1})
	now := time.Date(2026, 11, 5, 6, 7, 8, 0, time.UTC)
	claim := srp.Claim{Identity: alice, Timestamp: srp.Timestamp(now), Signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	if ok, err := checker.VerifyClaim(t.Context(), session, v, claim, now); ok || err != nil {
		t.Errorf("an unknown user's claim: %v, %v", ok, err)
	}
}

// The vector of user-pools.md §C.3.
func TestSecretHash(t *testing.T) {
	const (
		secret = "1example23456789secretvalue0123456789abcdefghijklmn"
		client = "1example23456789abcdefghij"
		want   = "IVCN6jGGZhvb6Vr+XfIOUGc50HeYv6EuPDMzQgW+4no="
	)
	if got := password.SecretHash(secret, "alice", client); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, c := range []struct {
		name    string
		secrets []string
		user    string
		hash    string
		want    bool
	}{
		{"the secret", []string{secret}, "alice", want, true},
		{"the second of two", []string{"other", secret}, "alice", want, true},
		{"another secret", []string{"other"}, "alice", want, false},
		{"no secret", nil, "alice", want, false},
		{"another user", []string{secret}, "bob", want, false},
		{"no hash", []string{secret}, "alice", "", false},
		{"not base64", []string{secret}, "alice", "****", false},
	} {
		if got := password.VerifySecretHash(c.secrets, c.user, client, c.hash); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func BenchmarkCheckVerifier(b *testing.B) {
	s, err := checker.Make(b.Context(), password.SRP, alice, "P@ssw0rd!")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, _ := checker.Check(b.Context(), s, alice, "P@ssw0rd!"); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkCheckArgon2id(b *testing.B) {
	s, err := checker.Make(b.Context(), password.Argon2id, alice, "P@ssw0rd!")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, _ := checker.Check(b.Context(), s, alice, "P@ssw0rd!"); !ok {
			b.Fatal("refused")
		}
	}
}
