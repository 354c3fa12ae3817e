package user

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/password"
)

// Credential is a user's password as it is kept: what it is checked against
// now, and what earlier passwords were, for pools that remember them.
type Credential struct {
	password.Stored
	SetAt time.Time
	Past  []password.Stored // newest first
}

// credentialFormat heads the encoding, so that a later one can tell.
const credentialFormat = 1

// Encode writes the credential for sealing. It must never be stored in the
// clear: a verifier can be guessed against as fast as a plain hash.
func (c *Credential) Encode() []byte {
	b := []byte{credentialFormat}
	b = binary.AppendVarint(b, c.SetAt.UnixMicro())
	b = binary.AppendUvarint(b, uint64(len(c.Past)+1))
	b = appendStored(b, c.Stored)
	for _, s := range c.Past {
		b = appendStored(b, s)
	}
	return b
}

func appendStored(b []byte, s password.Stored) []byte {
	for _, field := range [][]byte{s.Salt, s.Verifier, []byte(s.Hash)} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	return b
}

var errCredential = errors.New("credential cannot be read")

// DecodeCredential reads what Encode wrote.
func DecodeCredential(b []byte) (*Credential, error) {
	if len(b) == 0 || b[0] != credentialFormat {
		return nil, errCredential
	}
	r := reader{b: b[1:]}
	c := &Credential{SetAt: time.UnixMicro(r.varint()).UTC()}
	n := r.uvarint()
	for i := range n {
		if r.failed {
			break
		}
		s := password.Stored{Salt: r.bytes(), Verifier: r.bytes(), Hash: string(r.bytes())}
		if i == 0 {
			c.Stored = s
		} else {
			c.Past = append(c.Past, s)
		}
	}
	if r.failed || n == 0 || len(r.b) > 0 {
		return nil, errCredential
	}
	return c, nil
}

// reader takes fields off the front of b until one is missing.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.advance(n)
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.advance(n)
	return v
}

func (r *reader) advance(n int) {
	if n <= 0 {
		r.failed, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	field := r.b[:n:n]
	r.b = r.b[n:]
	if n == 0 {
		return nil
	}
	return field
}
