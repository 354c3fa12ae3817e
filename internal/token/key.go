package token

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
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

	// Tokens in which an account's issuer vouches for its principals; the
	// caller of GetWebIdentityToken chooses the algorithm.
	UseOutboundRSA Use = "outbound-rs256"
	UseOutboundEC  Use = "outbound-es384"
)

// IdentityPools is the owner of the key of the deployment's identity pools.
const IdentityPools = "cognito-identity"

// outboundPrefix begins the owners that are accounts' issuers.
const outboundPrefix = "sts/"

// Outbound names the owner of the keys of an account's issuer. It is also the
// path under which they are published.
func Outbound(issuer string) string { return outboundPrefix + issuer }

// Bits is the size of all RSA keys: clients expect RS256, and a longer key makes
// each signature several times as slow.
const Bits = 2048

// Key is a signing key as it is kept.
type Key struct {
	Owner   string // pool id, IdentityPools, or what Outbound returns
	Region  string // of the pool; empty for other owners
	ID      string // kid: standard base64 of 32 random bytes
	Use     Use
	Private []byte // PKCS #1, SEC 1 for UseOutboundEC; secret, sealed by the store
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
	return SpareKey{ID: newKeyID(), Private: x509.MarshalPKCS1PrivateKey(private), Created: now}, nil
}

// generateEC makes a key on the curve P-384, which takes no time worth saving.
func generateEC(now time.Time) (SpareKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return SpareKey{}, fmt.Errorf("generate signing key: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return SpareKey{}, fmt.Errorf("encode signing key: %w", err)
	}
	return SpareKey{ID: newKeyID(), Private: der, Created: now}, nil
}

func newKeyID() string { return base64.StdEncoding.EncodeToString(secretbox.Bytes(32)) }

// signingKey is a key in memory, ready to sign and to verify. One of private
// and curve is set.
type signingKey struct {
	Key
	private *rsa.PrivateKey
	curve   *ecdsa.PrivateKey
	header  string // of a token, encoded, with the dot
	public  []byte // the key as a member of a key set
}

func parseKey(k *Key) (*signingKey, error) {
	s := &signingKey{Key: *k}
	var err error
	if k.Use == UseOutboundEC {
		s.curve, err = x509.ParseECPrivateKey(k.Private)
	} else {
		s.private, err = x509.ParsePKCS1PrivateKey(k.Private)
	}
	if err != nil {
		return nil, fmt.Errorf("read %v: %w", k, err)
	}
	typ := ""
	switch k.Use {
	case UseIdentity:
		typ = `"typ":"JWS",`
	case UseOutboundRSA, UseOutboundEC:
		typ = `"typ":"JWT",`
	}
	s.header = encode([]byte(`{"kid":"`+k.ID+`",`+typ+`"alg":"`+k.Use.algorithm()+`"}`)) + "."
	s.public, err = s.jwk()
	return s, err
}

func (u Use) algorithm() string {
	switch u {
	case UseIdentity:
		return "RS512"
	case UseOutboundEC:
		return "ES384"
	}
	return "RS256"
}

// curveSize is the size of a coordinate, and of half a signature, of P-384.
const curveSize = 48

// jwk writes the public key. Members are in the order of the real service's.
func (k *signingKey) jwk() ([]byte, error) {
	o := object{'{'}
	o.text("alg", k.Use.algorithm())
	if k.curve == nil {
		o.text("e", encode(big.NewInt(int64(k.private.E)).Bytes())) // "AQAB" for all keys that we make
		o.text("kid", k.ID)
		o.text("kty", "RSA")
		o.text("n", encode(k.private.N.Bytes()))
		o.text("use", "sig")
		return append(o, '}'), nil
	}
	point, err := k.curve.PublicKey.Bytes()
	if err != nil || len(point) != 1+2*curveSize {
		return nil, fmt.Errorf("encode public half of %v: %w", &k.Key, err)
	}
	o.text("crv", "P-384")
	o.text("kid", k.ID)
	o.text("kty", "EC")
	o.text("use", "sig")
	o.text("x", encode(point[1:1+curveSize]))
	o.text("y", encode(point[1+curveSize:]))
	return append(o, '}'), nil
}

// published reports whether verifiers should know the key.
func (k *signingKey) published(now time.Time) bool {
	return k.Expires.IsZero() || now.Before(k.Expires)
}

// encode is base64url without padding.
func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func appendEncoded(to, b []byte) []byte { return base64.RawURLEncoding.AppendEncode(to, b) }
