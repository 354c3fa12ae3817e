package srp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/srp/modp"
)

// SecretSize is the length in bytes of the server's ephemeral secret b.
const SecretSize = modp.ScalarSize

// sessionSize is the length of A, B and b.
const sessionSize = 2*modp.Size + SecretSize

// Session is an exchange between the challenge and the claim. It holds the
// ephemeral secret: it must be sealed wherever it is kept, and used once.
type Session struct {
	a      *PublicKey
	b      [modp.Size]byte
	secret [SecretSize]byte
}

// multiplier is k = H(pad(N) | pad(g)), a constant of the group
// (user-pools.md §2.4; a test computes it).
var multiplier = func() *modp.Element {
	b, err := hex.DecodeString("538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6")
	if err != nil {
		panic(err)
	}
	k, _ := modp.FromBytes(b)
	return k
}()

// Begin answers a client's A. The secret must be fresh and random.
func Begin(v *Verifier, a *PublicKey, secret [SecretSize]byte) *Session {
	gb := new(modp.Element).ExpBase(&secret)
	return &Session{a: a, b: public(v, gb), secret: secret}
}

// public computes B of g^b.
func public(v *Verifier, gb *modp.Element) [modp.Size]byte {
	kv := new(modp.Element).Mul(multiplier, &v.v)
	return kv.Add(kv, gb).Bytes()
}

// B returns SRP_B: hexadecimal, lower-case, without leading zeros.
func (s *Session) B() string { return integerHex(s.b[:]) }

// AppendBinary appends the session in the form that ParseSession reads. The
// bytes are secret.
func (s *Session) AppendBinary(b []byte) ([]byte, error) {
	return slices.Concat(b, s.a.b[:], s.b[:], s.secret[:]), nil
}

// ErrSession means that bytes are not a session.
var ErrSession = errors.New("srp: malformed session")

// ParseSession reads what AppendBinary wrote.
func ParseSession(b []byte) (*Session, error) {
	if len(b) != sessionSize {
		return nil, ErrSession
	}
	a, err := newPublicKey([modp.Size]byte(b))
	if err != nil {
		return nil, ErrSession
	}
	b = b[modp.Size:]
	return &Session{a: a, b: [modp.Size]byte(b), secret: [SecretSize]byte(b[modp.Size:])}, nil
}

// Claim is a client's answer to a challenge.
type Claim struct {
	Identity    Identity
	SecretBlock []byte // the decoded bytes of the block that went out
	Timestamp   string // as sent; part of what is signed
	Signature   string // PASSWORD_CLAIM_SIGNATURE, standard base64
}

// Verify reports whether the claim was signed by somebody who knows the
// password of v, and is of this moment. It takes two exponentiations, whatever
// the answer, unless the claim is malformed or out of time.
func (s *Session) Verify(v *Verifier, c Claim, now time.Time) bool {
	signature, err := base64.StdEncoding.DecodeString(c.Signature)
	if err != nil || len(signature) != sha256.Size || !timely(c.Timestamp, now) {
		return false
	}
	hash := sha256.Sum256(slices.Concat(pad(s.a.b[:]), pad(s.b[:])))
	secret := premaster(s.a, v, hash[:], s.secret[:])
	mac := hmac.New(sha256.New, sessionKey(secret, hash[:]))
	mac.Write([]byte(c.Identity.Pool + c.Identity.Name))
	mac.Write(c.SecretBlock)
	mac.Write([]byte(c.Timestamp))
	return hmac.Equal(mac.Sum(nil), signature)
}

// premaster computes S = (A·v^u)^b.
func premaster(a *PublicKey, v *Verifier, u, b []byte) [modp.Size]byte {
	s := new(modp.Element).Exp(&v.v, u)
	return s.Exp(s.Mul(s, &a.e), b).Bytes()
}

// sessionKey computes K: HKDF-SHA-256 of S with u as the salt.
func sessionKey(s [modp.Size]byte, u []byte) []byte {
	mac := hmac.New(sha256.New, pad(u))
	mac.Write(pad(s[:]))
	mac = hmac.New(sha256.New, mac.Sum(nil))
	mac.Write([]byte("Caldera Derived Key\x01"))
	return mac.Sum(nil)[:16]
}
