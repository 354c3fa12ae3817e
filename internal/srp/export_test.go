package srp

import (
	"crypto/sha256"
	"slices"

	"github.com/cenote-id/cenote/internal/srp/modp"
)

// Steps are the intermediate values of an exchange whose secret b is longer
// than the ones that Begin takes, as in the published vectors.
type Steps struct{ X, V, A, B, U, S, K []byte }

// Pad exposes the encoding of integers that enter a hash.
var Pad = pad

// Trace runs an exchange and shows every step.
func Trace(id Identity, password string, salt [SaltSize]byte, a *PublicKey, b []byte) Steps {
	v := NewVerifier(id, password, salt)
	x := v.exponent(id, password)
	two := modp.One()
	two.Add(two, two)
	pub := public(v, two.Exp(two, b))
	u := sha256.Sum256(slices.Concat(pad(a.b[:]), pad(pub[:])))
	s := premaster(a, v, u[:], b)
	vb := v.v.Bytes()
	return Steps{X: x[:], V: vb[:], A: a.b[:], B: pub[:], U: u[:], S: s[:], K: sessionKey(s, u[:])}
}

// Multiplier returns k.
func Multiplier() []byte { k := multiplier.Bytes(); return trim(k[:]) }
