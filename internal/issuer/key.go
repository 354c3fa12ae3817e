package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Bounds on what a publisher may have us keep and compute with.
const (
	maxKeys    = 100 // of each kind, as IAM has it
	minRSABits = 2048
	maxRSABits = 4096
)

// Key is a public key that verifies signatures.
type Key struct {
	ID        string // kid
	Algorithm string // such as RS256; empty for any that fits the key
	Public    crypto.PublicKey
}

// ErrNoKeys means that a key set holds no key that can verify a token.
var ErrNoKeys = errors.New("no usable key in the set")

// ParseKeySet reads a JWK set. It keeps RSA keys of 2048 to 4096 bits and EC
// keys on P-256, P-384 and P-521 that are for signatures, and skips every
// other one, so that a publisher may try out new kinds. Symmetric keys are
// never taken.
func ParseKeySet(document []byte) ([]Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	if len(set.Keys) > 2*maxKeys {
		return nil, fmt.Errorf("read key set: %d keys", len(set.Keys))
	}
	var keys []Key
	for _, raw := range set.Keys {
		if key, ok := parseKey(raw); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("read key set: %w", ErrNoKeys)
	}
	return keys, nil
}

func parseKey(raw json.RawMessage) (Key, bool) {
	var jwk jose.JSONWebKey
	if jwk.UnmarshalJSON(raw) != nil || !jwk.Valid() || (jwk.Use != "" && jwk.Use != "sig") {
		return Key{}, false
	}
	switch public := jwk.Key.(type) {
	case *rsa.PublicKey:
		bits := public.N.BitLen()
		if bits < minRSABits || bits > maxRSABits || public.E < 3 || public.E&1 == 0 || public.E > 1<<31-1 {
			return Key{}, false
		}
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() && public.Curve != elliptic.P384() && public.Curve != elliptic.P521() {
			return Key{}, false
		}
	default:
		return Key{}, false
	}
	return Key{ID: jwk.KeyID, Algorithm: jwk.Algorithm, Public: jwk.Key}, true
}

// fits reports whether the key may verify signatures of an algorithm.
func (k Key) fits(algorithm string) bool {
	if k.Algorithm != "" && k.Algorithm != algorithm {
		return false
	}
	switch public := k.Public.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS")
	case *ecdsa.PublicKey:
		switch algorithm {
		case "ES256":
			return public.Curve == elliptic.P256()
		case "ES384":
			return public.Curve == elliptic.P384()
		case "ES512":
			return public.Curve == elliptic.P521()
		}
	}
	return false
}

// same reports whether two keys are one.
func (k Key) same(other Key) bool {
	public, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.ID == other.ID && public.Equal(other.Public)
}

// find returns the key for a token's header. A token without key id is
// accepted only where the set leaves no choice.
func find(keys []Key, id, algorithm string) (Key, bool) {
	var found []Key
	for _, k := range keys {
		if k.fits(algorithm) && (k.ID == id || id == "") {
			found = append(found, k)
		}
	}
	if len(found) == 1 || (id != "" && len(found) > 0) {
		return found[0], true
	}
	return Key{}, false
}
