package srp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/srp/modp"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

var now = time.Date(2026, 11, 5, 6, 7, 8, 0, time.UTC)

// exchange is a whole sign-in with everything that a test may want to bend.
type exchange struct {
	id       srp.Identity
	verifier *srp.Verifier
	session  *srp.Session
	claim    srp.Claim
}

func fill32(seed string) (b [32]byte) { return sha256.Sum256([]byte(seed)) }

func run(t rapid.TB, id srp.Identity, stored, typed, seed string) exchange {
	t.Helper()
	s := fill32("salt" + seed)
	v := srp.NewVerifier(id, stored, [srp.SaltSize]byte(s[:]))
	a := fill32("a" + seed)
	client := srpclient.FromSecret(a[:])
	public, err := srp.ParsePublicKey(client.A())
	if err != nil {
		t.Fatal(err)
	}
	session := srp.Begin(v, public, fill32("b"+seed))
	block := []byte("block of " + seed)
	answer, err := client.Answer(srpclient.Challenge{
		Pool: id.Pool, User: id.Name, Salt: v.Salt(), B: session.B(),
		SecretBlock: base64.StdEncoding.EncodeToString(block),
	}, typed, now)
	if err != nil {
		t.Fatal(err)
	}
	return exchange{id, v, session, srp.Claim{
		Identity: id, SecretBlock: block, Timestamp: answer.Timestamp, Signature: answer.Signature,
	}}
}

func (x exchange) ok() bool { return x.session.Verify(x.verifier, x.claim, now) }

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := srp.Identity{Pool: rapid.String().Draw(t, "pool"), Name: rapid.String().Draw(t, "name")}
		password, other := rapid.String().Draw(t, "password"), rapid.String().Draw(t, "other")
		seed := rapid.String().Draw(t, "seed")
		x := run(t, id, password, password, seed)
		if !x.ok() {
			t.Fatal("the right password is refused")
		}
		if !x.verifier.Matches(id, password) {
			t.Fatal("the right password does not match its verifier")
		}
		if other != password {
			if run(t, id, password, other, seed).ok() {
				t.Fatal("a wrong password is taken")
			}
			if x.verifier.Matches(id, other) {
				t.Fatal("a wrong password matches")
			}
		}
	})
}

func TestStoredFormsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := run(t, srp.Identity{Pool: "Pool", Name: "name"}, "p", "p", rapid.String().Draw(t, "seed"))
		salt, vb := x.verifier.Parts()
		sb, _ := x.session.AppendBinary(nil)
		v, err := srp.ImportVerifier(salt, vb)
		if err != nil {
			t.Fatal(err)
		}
		s, err := srp.ParseSession(sb)
		if err != nil {
			t.Fatal(err)
		}
		if v.Salt() != x.verifier.Salt() || s.B() != x.session.B() || !s.Verify(v, x.claim, now) {
			t.Fatal("the exchange does not survive being stored")
		}
		cut := rapid.IntRange(0, len(sb)-1).Draw(t, "cut")
		if _, err := srp.ParseSession(sb[:cut]); err == nil {
			t.Fatal("half a session is taken")
		}
	})
}

func TestVerifyRefuses(t *testing.T) {
	id := srp.Identity{Pool: "AbCdEfGhI", Name: "alice"}
	good := run(t, id, "P@ssw0rd!", "P@ssw0rd!", "x")
	if !good.ok() {
		t.Fatal("the untouched claim is refused")
	}
	again := run(t, id, "P@ssw0rd!", "P@ssw0rd!", "another session")
	for name, bend := range map[string]func(*exchange){
		"no signature":             func(x *exchange) { x.claim.Signature = "" },
		"signature of zeros":       func(x *exchange) { x.claim.Signature = base64.StdEncoding.EncodeToString(make([]byte, 32)) },
		"signature cut short":      func(x *exchange) { x.claim.Signature = x.claim.Signature[:24] },
		"signature not base64":     func(x *exchange) { x.claim.Signature = "*" + x.claim.Signature[1:] },
		"another session's claim":  func(x *exchange) { x.claim = again.claim },
		"another secret block":     func(x *exchange) { x.claim.SecretBlock = []byte("x") },
		"another user":             func(x *exchange) { x.claim.Identity.Name = "bob" },
		"another pool":             func(x *exchange) { x.claim.Identity.Pool = "x" },
		"another second":           func(x *exchange) { x.claim.Timestamp = srp.Timestamp(now.Add(time.Second)) },
		"timestamp of another age": func(x *exchange) { x.claim.Timestamp = srp.Timestamp(now.Add(-srp.MaxSkew - time.Second)) },
		"timestamp without a zone": func(x *exchange) { x.claim.Timestamp = "Thu Nov 5 06:07:08 2026" },
		"timestamp in ISO form":    func(x *exchange) { x.claim.Timestamp = now.Format(time.RFC3339) },
		"timestamp too long":       func(x *exchange) { x.claim.Timestamp += strings.Repeat(" ", 1<<20) },
		"password changed meanwhile": func(x *exchange) {
			x.verifier = srp.NewVerifier(id, "N3w-password", [srp.SaltSize]byte{1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := good
			bend(&x)
			if x.ok() {
				t.Error("taken")
			}
		})
	}
}

// A client's clock may be off within the documented bounds, either way.
func TestVerifyAllowsSkew(t *testing.T) {
	x := run(t, srp.Identity{Pool: "P", Name: "n"}, "p", "p", "x")
	for d, want := range map[time.Duration]bool{
		srp.MaxSkew: true, -srp.MaxSkew: true, srp.MaxSkew + time.Second: false, -srp.MaxSkew - time.Second: false,
	} {
		if got := x.session.Verify(x.verifier, x.claim, now.Add(d)); got != want {
			t.Errorf("with a clock %v off: %v, want %v", d, got, want)
		}
	}
}

func TestParsePublicKey(t *testing.T) {
	prime := modp.Prime()
	n := new(big.Int).SetBytes(prime[:])
	text := func(i *big.Int) string { return i.Text(16) }
	add := func(d int64) *big.Int { return new(big.Int).Add(n, big.NewInt(d)) }
	for _, c := range []struct {
		name, in string
		ok       bool
	}{
		{"one", "1", true},
		{"upper case", "ABCDEF", true},
		{"N − 1", text(add(-1)), true},
		{"N + 1 fits in N's bytes", text(add(1)), true},
		{"signed form with a zero byte", "00" + text(add(-1)), true},
		{"empty", "", false},
		{"zero", "0", false},
		{"many zeros", strings.Repeat("0", 700), false},
		{"N", text(n), false},
		{"2N", text(new(big.Int).Lsh(n, 1)), false},
		{"longer than N", "1" + strings.Repeat("0", 768), false},
		{"a megabyte", strings.Repeat("f", 1<<20), false},
		{"not hexadecimal", "xyz", false},
		{"negative", "-5", false},
		{"prefixed", "0x5", false},
		{"a space", " 5", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := srp.ParsePublicKey(c.in); (err == nil) != c.ok {
				t.Errorf("error %v, want ok = %v", err, c.ok)
			}
		})
	}
}

func FuzzParsePublicKey(f *testing.F) {
	prime := modp.Prime()
	n := new(big.Int).SetBytes(prime[:])
	for _, s := range []string{"", "0", "00", "1", "abc", "ABC", "g", n.Text(16), "00" + n.Text(16), strings.Repeat("f", 768), strings.Repeat("f", 771)} {
		f.Add(s)
	}
	v := srp.NewVerifier(srp.Identity{Pool: "P", Name: "n"}, "p", [srp.SaltSize]byte{1})
	f.Fuzz(func(t *testing.T, s string) {
		a, err := srp.ParsePublicKey(s)
		i, valid := new(big.Int).SetString(s, 16)
		valid = valid && !strings.ContainsAny(s, "+-_") && i.BitLen() <= 3072 && len(s) <= 770 && new(big.Int).Mod(i, n).Sign() != 0
		if (err == nil) != valid {
			t.Fatalf("%q: error %v, want valid = %v", s, err, valid)
		}
		if err == nil {
			if b := srp.Begin(v, a, [srp.SecretSize]byte{1}).B(); b != strings.TrimLeft(b, "0") || b == "" {
				t.Fatalf("SRP_B %q is not canonical", b)
			}
		}
	})
}
