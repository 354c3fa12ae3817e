package password

import (
	"bytes"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
)

// Form is what a pool keeps of a password.
type Form string

// The forms that new passwords are kept in.
const (
	SRP      Form = "srp"      // serves every sign-in flow
	Argon2id Form = "argon2id" // for pools that do without SRP
)

// Stored is what is kept of one password, in the clear: either a salt and a
// verifier, or a hash. The zero value belongs to no password.
type Stored struct {
	Salt     []byte // of the verifier
	Verifier []byte // g^x mod N, big-endian
	Hash     string // in one of the forms that ParseHash reads
}

// HasVerifier reports whether SRP can run against it.
func (s Stored) HasVerifier() bool { return len(s.Verifier) > 0 }

// Equal reports whether both are the very same record, not whether they are
// of the same password.
func (s Stored) Equal(o Stored) bool {
	return s.Hash == o.Hash && bytes.Equal(s.Salt, o.Salt) && bytes.Equal(s.Verifier, o.Verifier)
}

// SRPVerifier returns the verifier that SRP runs against, or srp.ErrVerifier
// where there is none: an imported hash cannot serve SRP until its owner has
// signed in with the plain password once.
func (s Stored) SRPVerifier() (*srp.Verifier, error) {
	return srp.ImportVerifier(s.Salt, s.Verifier)
}

// Outdated reports whether a password that has just been checked should be
// kept anew, because it is not in the pool's own form.
func (s Stored) Outdated(f Form) bool {
	switch f {
	case SRP:
		return !s.HasVerifier()
	default:
		h, err := ParseHash(s.Hash)
		return err != nil || !h.ours()
	}
}

func newVerifier(id srp.Identity, password string) Stored {
	salt := [srp.SaltSize]byte(secretbox.Bytes(srp.SaltSize))
	salt[0] |= 1 // never zero, which no client could tell from absent; srp.Fake does the same
	s, v := srp.NewVerifier(id, password, salt).Parts()
	return Stored{Salt: s, Verifier: v}
}
