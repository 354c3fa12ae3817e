package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Use says what a key signs.
type Use string

// Uses of keys.
const (
	UseID       Use = "id"       // ID tokens of a pool
	UseAccess   Use = "access"   // access tokens of a pool
	UseIdentity Use = "identity" // tokens of the deployment's identity pools
)

// IdentityPools is the owner of the key of the deployment's identity pools.
const IdentityPools = "cognito-identity"

// Bits is the size of all keys: clients expect RS256, and a longer key makes
// each signature several times as slow.
const Bits = 2048

// Key is a signing key as it is kept.
type Key struct {
	Owner   string // pool id, or IdentityPools
	Region  string // of the pool; empty for IdentityPools
	ID      string // kid: standard base64 of 32 random bytes
	Use     Use
	Private []byte // PKCS #1; secret, sealed by the store
	// The key is published from the moment it is made, signs from Active until
	// a younger key does, and goes at Expires; zero for not yet.
	Created, Active, Expires time.Time
}

// String names the key without its secret.
func (k *Key) String() string { return fmt.Sprintf("%s key %s of %s", k.Use, k.ID, k.Owner) }

// GoString is String, so that no verb prints the secret.
func (k *Key) GoString() string { return k.String() }

// SpareKey is a key that belongs to nobody yet.
type SpareKey struct {
	ID      string
	Private []byte // as in Key
	Created time.Time
}

// String names the key without its secret.
func (k SpareKey) String() string { return "spare key " + k.ID }

// GoString is String, so that no verb prints the secret.
func (k SpareKey) GoString() string { return k.String() }

// KeyStore keeps keys. All methods join the transaction of their context.
type KeyStore interface {
	// Tx runs fn in a replayable transaction.
	Tx(ctx context.Context, fn func(context.Context) error) error
	// AfterCommit runs f once ctx's transaction has committed.
	AfterCommit(ctx context.Context, f func())
	// Keys returns all keys of an owner, expired ones too.
	Keys(ctx context.Context, owner string) ([]*Key, error)
	// KeyOwner returns whose key has that id, or fs.ErrNotExist.
	KeyOwner(ctx context.Context, id string) (string, error)
	// PutKey adds a key, or changes Expires of one that is there.
	PutKey(ctx context.Context, k *Key) error
	// DeleteKeys removes all keys of an owner.
	DeleteKeys(ctx context.Context, owner string) error
	// DeleteExpiredKeys removes keys that expired before a time.
	DeleteExpiredKeys(ctx context.Context, before time.Time) error
}

// Stock keeps spare keys.
type Stock interface {
	// CountSpareKeys returns how many keys there are. Keys.Run adds to fewer
	// than StockSize.
	CountSpareKeys(ctx context.Context) (int, error)
	PutSpareKey(ctx context.Context, k SpareKey) error
	// TakeSpareKeys removes and returns up to n keys.
	TakeSpareKeys(ctx context.Context, n int) ([]SpareKey, error)
}

// generate makes a key. It takes some 70 ms, and now and then several times
// that.
func generate(now time.Time) (SpareKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, Bits)
	if err != nil {
		return SpareKey{}, fmt.Errorf("generate signing key: %w", err)
	}
	id := base64.StdEncoding.EncodeToString(secretbox.Bytes(32))
	return SpareKey{ID: id, Private: x509.MarshalPKCS1PrivateKey(private), Created: now}, nil
}

// signingKey is a key in memory, ready to sign and to verify.
type signingKey struct {
	Key
	private *rsa.PrivateKey
	header  string // of a token, encoded, with the dot
	modulus string // n of a JWK
}

func parseKey(k *Key) (*signingKey, error) {
	private, err := x509.ParsePKCS1PrivateKey(k.Private)
	if err != nil {
		return nil, fmt.Errorf("read %v: %w", k, err)
	}
	header := `{"kid":"` + k.ID + `","alg":"` + k.Use.algorithm() + `"}`
	if k.Use == UseIdentity {
		header = `{"kid":"` + k.ID + `","typ":"JWS","alg":"` + k.Use.algorithm() + `"}`
	}
	return &signingKey{
		Key: *k, private: private, header: encode([]byte(header)) + ".", modulus: encode(private.N.Bytes()),
	}, nil
}

func (u Use) algorithm() string {
	if u == UseIdentity {
		return "RS512"
	}
	return "RS256"
}

// exponent is e of a JWK, "AQAB" for all keys that we make.
func (k *signingKey) exponent() string { return encode(big.NewInt(int64(k.private.E)).Bytes()) }

// published reports whether verifiers should know the key.
func (k *signingKey) published(now time.Time) bool {
	return k.Expires.IsZero() || now.Before(k.Expires)
}

// encode is base64url without padding.
func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func appendEncoded(to, b []byte) []byte { return base64.RawURLEncoding.AppendEncode(to, b) }
