package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Sealer encrypts and authenticates; a *secretbox.Ring is one.
type Sealer interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
}

// refreshPrefix heads every refresh token: the header of the encrypted tokens
// that Cognito issues, {"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}. Ours
// have the five parts of such a token too, and nothing else of it.
const refreshPrefix = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ."

// maxRefreshToken bounds what is decoded, in bytes.
const maxRefreshToken = 1024

// refreshSecret is the length of the secret of which a session keeps the hash.
const refreshSecret = 32

// refreshContents are what a refresh token says once it is opened.
type refreshContents struct {
	pool, session string
	secret        []byte
}

var refreshAD = []byte("refresh token")

// Lengths of the second, third and last part. Only the first three lengths of
// a sealed value are cut off, so that the parts look as they should.
const (
	refreshKeyPart = 24
	refreshIVPart  = 12
	refreshTagPart = 16
)

// sealRefresh writes a token.
func sealRefresh(s Sealer, c refreshContents) string {
	var b []byte
	for _, field := range [][]byte{[]byte(c.pool), []byte(c.session), c.secret} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	sealed := s.Seal(b, refreshAD)
	at := len(sealed) - refreshTagPart
	parts := [][]byte{
		sealed[:refreshKeyPart], sealed[refreshKeyPart : refreshKeyPart+refreshIVPart],
		sealed[refreshKeyPart+refreshIVPart : at], sealed[at:],
	}
	out := []byte(refreshPrefix)
	for i, p := range parts {
		if i > 0 {
			out = append(out, '.')
		}
		out = appendEncoded(out, p)
	}
	return string(out)
}

// looksLikeRefresh reports whether a token is of this kind at all.
func looksLikeRefresh(token string) bool { return strings.HasPrefix(token, refreshPrefix) }

// openRefresh reads a token. It fails for everything that sealRefresh did not
// write, without a look at the store.
func openRefresh(s Sealer, token string) (c refreshContents, ok bool) {
	rest, found := strings.CutPrefix(token, refreshPrefix)
	if !found || len(token) > maxRefreshToken {
		return c, false
	}
	var sealed []byte
	parts := strings.Split(rest, ".")
	if len(parts) != 4 {
		return c, false
	}
	for i, p := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(p)
		if err != nil || i == 0 && len(b) != refreshKeyPart || i == 1 && len(b) != refreshIVPart || i == 3 && len(b) != refreshTagPart {
			return c, false
		}
		sealed = append(sealed, b...)
	}
	b, err := s.Open(sealed, refreshAD)
	if err != nil {
		return c, false
	}
	var fields [3][]byte
	for i := range fields {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return c, false
		}
		fields[i], b = b[size:size+int(n)], b[size+int(n):]
	}
	return refreshContents{pool: string(fields[0]), session: string(fields[1]), secret: fields[2]}, len(b) == 0
}

func hashSecret(secret []byte) []byte {
	h := sha256.Sum256(secret)
	return h[:]
}

// nextSecret is what follows a secret at a rotation. It is a function of the
// old one, so that a client that repeats a request within the grace gets the
// same new token again, though only hashes are kept; and it is useless without
// the seal that makes a token of it.
func nextSecret(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("next refresh token"))
	return mac.Sum(nil)
}
