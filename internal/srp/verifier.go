package srp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/cenote-id/cenote/internal/srp/modp"
)

// SaltSize is the length in bytes of the salts that we draw.
const SaltSize = 16

// maxImportedSalt bounds the salt that a client brings with a device
// verifier. The clients send 16 bytes, padded to 17.
const maxImportedSalt = 64

// Identity is what enters the password hash beside the password. For a user,
// Pool is the part of the pool id after the underscore and Name the value
// that clients get as USER_ID_FOR_SRP; for a device they are its group key
// and its key.
type Identity struct{ Pool, Name string }

// UserIdentity returns the identity of a user of a pool.
func UserIdentity(poolID, username string) Identity {
	_, name, found := strings.Cut(poolID, "_")
	if !found {
		name = poolID
	}
	return Identity{Pool: name, Name: username}
}

// Verifier is what the server keeps of a password: v = g^x and the salt that
// went into x.
type Verifier struct {
	salt []byte // of an integer, without leading zero bytes
	v    modp.Element
}

// NewVerifier computes the verifier of a password under a fresh salt.
func NewVerifier(id Identity, password string, salt [SaltSize]byte) *Verifier {
	v := &Verifier{salt: trim(salt[:])}
	x := v.exponent(id, password)
	v.v.ExpBase(&x)
	return v
}

// ErrVerifier means that bytes are not a salt and a verifier.
var ErrVerifier = errors.New("srp: malformed verifier")

// ImportVerifier reads a salt and a verifier that a client computed, as
// ConfirmDevice brings them: big-endian integers, padded or not.
func ImportVerifier(salt, verifier []byte) (*Verifier, error) {
	salt, verifier = trim(salt), trim(verifier)
	e, ok := modp.FromBytes(verifier)
	if !ok || e.IsZero() || len(salt) == 0 || len(salt) > maxImportedSalt {
		return nil, ErrVerifier
	}
	return &Verifier{salt: bytes.Clone(salt), v: *e}, nil
}

// Parts returns the salt and the verifier as ImportVerifier reads them. The
// verifier is secret.
func (v *Verifier) Parts() (salt, verifier []byte) {
	e := v.v.Bytes()
	return bytes.Clone(v.salt), e[:]
}

// Salt returns the salt as clients want it: hexadecimal, lower-case, without
// leading zeros.
func (v *Verifier) Salt() string { return integerHex(v.salt) }

// Matches reports whether the verifier is that of the password. It takes one
// exponentiation of the base, whatever the answer.
func (v *Verifier) Matches(id Identity, password string) bool {
	x := v.exponent(id, password)
	return new(modp.Element).ExpBase(&x).Equal(&v.v)
}

func (v *Verifier) exponent(id Identity, password string) (x [modp.ScalarSize]byte) {
	inner := sha256.Sum256([]byte(id.Pool + id.Name + ":" + password))
	return sha256.Sum256(append(pad(v.salt), inner[:]...))
}

// Fake returns the verifier of a user who does not exist: a salt that stays
// the same for as long as the key does, as RFC 5054 §2.5.1.3 asks, and a v
// that belongs to no password. It costs about as much as unsealing a real one.
// The key must be a secret of this purpose alone.
func Fake(key []byte, id Identity) *Verifier {
	stream := derive(key, "verifier", id, SaltSize+modp.Size)
	stream[0] |= 1 // as the salts of users have it, or this bit would tell who is one
	e, _ := modp.FromBytes(stream[SaltSize:])
	return &Verifier{salt: trim(stream[:SaltSize]), v: *e}
}

// FakeUserID returns the UUID that stands for USER_ID_FOR_SRP of a user who
// does not exist, in pools whose usernames are UUIDs.
func FakeUserID(key []byte, id Identity) string {
	b := derive(key, "user id", id, 16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // RFC 9562: version 4
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// derive stretches a key to n bytes that belong to a purpose and an identity.
func derive(key []byte, purpose string, id Identity, n int) []byte {
	var out []byte
	for counter := byte(0); len(out) < n; counter++ {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte{counter})
		mac.Write([]byte(purpose + "\x00" + id.Pool + "\x00" + id.Name))
		out = mac.Sum(out)
	}
	return out[:n]
}
