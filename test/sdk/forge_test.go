package sdk

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
)

// jwt is a token taken apart.
type jwt struct {
	header, payload []byte // JSON
	signature       []byte
}

func parse(t *testing.T, token string) jwt {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	decode := func(s string) []byte { return must(base64.RawURLEncoding.DecodeString(s))(t) }
	return jwt{decode(parts[0]), decode(parts[1]), decode(parts[2])}
}

func (j jwt) String() string { return j.input() + "." + encode(j.signature) }

// input is what is signed.
func (j jwt) input() string { return encode(j.header) + "." + encode(j.payload) }

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// with returns the token with another header.
func (j jwt) with(header string) jwt {
	j.header = []byte(header)
	return j
}

// claim returns the token with one claim changed; nil leaves it out.
func (j jwt) claim(t *testing.T, name string, value any) jwt {
	t.Helper()
	claims := map[string]any{}
	if err := json.Unmarshal(j.payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims[name] = value; value == nil {
		delete(claims, name)
	}
	j.payload = must(json.Marshal(claims))(t)
	return j
}

// value returns a claim.
func (j jwt) value(t *testing.T, name string) any {
	t.Helper()
	claims := map[string]any{}
	if err := json.Unmarshal(j.payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims[name]
}

// kid is the id of the key that the token says it is signed with.
func (j jwt) kid(t *testing.T) string {
	t.Helper()
	var h struct{ Kid string }
	if err := json.Unmarshal(j.header, &h); err != nil {
		t.Fatal(err)
	}
	return h.Kid
}

// hmac256 signs with a shared key.
func (j jwt) hmac256(key []byte) jwt {
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, j.input())
	j.signature = mac.Sum(nil)
	return j
}

// rs256 signs with a key of our own.
func (j jwt) rs256(t *testing.T) jwt {
	t.Helper()
	digest := sha256.Sum256([]byte(j.input()))
	j.signature = must(rsa.SignPKCS1v15(nil, evilKey(), crypto.SHA256, digest[:]))(t)
	return j
}

// evilKey is a key that nobody trusts.
var evilKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// publicKey returns a pool's key as everybody can get it.
func (p *people) publicKey(kid string) *rsa.PublicKey {
	p.t.Helper()
	res := must(p.w.Client().Get(p.w.URL() + "/" + p.pool + "/.well-known/jwks.json"))(p.t)
	defer res.Body.Close()
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		p.t.Fatal(err)
	}
	for _, k := range set.Keys {
		if k.Kid == kid {
			number := func(s string) *big.Int {
				return new(big.Int).SetBytes(must(base64.RawURLEncoding.DecodeString(s))(p.t))
			}
			return &rsa.PublicKey{N: number(k.N), E: int(number(k.E).Int64())}
		}
	}
	p.t.Fatalf("key %s is not published", kid)
	return nil
}

// asSecrets are the forms in which a confused verifier might take a public key
// for a shared one.
func asSecrets(t *testing.T, k *rsa.PublicKey) map[string][]byte {
	t.Helper()
	pkix := must(x509.MarshalPKIXPublicKey(k))(t)
	pkcs1 := x509.MarshalPKCS1PublicKey(k)
	text := func(kind string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	return map[string][]byte{
		"PKIX": pkix, "PKIX PEM": text("PUBLIC KEY", pkix), "PKIX PEM without newline": []byte(strings.TrimSpace(string(text("PUBLIC KEY", pkix)))),
		"PKCS #1": pkcs1, "PKCS #1 PEM": text("RSA PUBLIC KEY", pkcs1),
		"modulus": k.N.Bytes(), "modulus in base64": []byte(encode(k.N.Bytes())), "nothing": {},
	}
}
