package srp

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/cenote-id/cenote/internal/srp/modp"
)

// trim drops leading zero bytes.
func trim(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// pad writes a non-negative big-endian integer in minimal signed
// two's-complement form: one leading zero byte if the top bit is set, and one
// zero byte for 0. The result has room to be appended to.
func pad(b []byte) []byte {
	b = trim(b)
	out := make([]byte, 0, 1+len(b)+32)
	if len(b) == 0 || b[0] >= 0x80 {
		out = append(out, 0)
	}
	return append(out, b...)
}

// integerHex writes a big-endian integer in lower case without leading zeros,
// the one form on which all clients agree.
func integerHex(b []byte) string {
	s := strings.TrimLeft(hex.EncodeToString(b), "0")
	if s == "" {
		return "0"
	}
	return s
}

// maxHex is the length of the longest hexadecimal integer that is read: one
// of N's size, with the zero byte that signed forms may carry in front.
const maxHex = 2 * (modp.Size + 1)

// ErrPublicKey means that SRP_A is not an integer that the exchange allows.
var ErrPublicKey = errors.New("srp: malformed or forbidden public key")

// PublicKey is a client's A.
type PublicKey struct {
	b [modp.Size]byte
	e modp.Element
}

// ParsePublicKey reads SRP_A: hexadecimal in either case. It refuses, before
// any arithmetic, what is longer than N, and then A mod N = 0, which would
// make the shared secret known to all.
func ParsePublicKey(s string) (*PublicKey, error) {
	if s == "" || len(s) > maxHex {
		return nil, ErrPublicKey
	}
	if len(s)%2 == 1 {
		s = "0" + s
	}
	raw, err := hex.DecodeString(s)
	if err != nil {
		return nil, ErrPublicKey
	}
	if raw = trim(raw); len(raw) > modp.Size {
		return nil, ErrPublicKey
	}
	var a PublicKey
	copy(a.b[modp.Size-len(raw):], raw)
	return newPublicKey(a.b)
}

func newPublicKey(b [modp.Size]byte) (*PublicKey, error) {
	e, _ := modp.FromBytes(b[:])
	if e.IsZero() {
		return nil, ErrPublicKey
	}
	return &PublicKey{b: b, e: *e}, nil
}
