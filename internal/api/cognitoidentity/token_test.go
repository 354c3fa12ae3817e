package cognitoidentity_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io/fs"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/issuer"
)

// Keys are slow to make; all tests share these.
var (
	westKey  = sync.OnceValue(newKey)
	tokyoKey = sync.OnceValue(newKey)
	ownKey   = sync.OnceValue(newKey)
	evilKey  = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// claims of a token; with changes single ones, nil removes.
type claims map[string]any

// claims are those of an ID token of a user pool's client.
func (w *world) claims(poolID, aud, sub string) claims {
	now := w.now().Unix()
	return claims{
		"iss": publicURL + "/" + poolID, "sub": sub, "aud": aud, "token_use": "id", "cognito:username": "user of " + sub,
		"origin_jti": "session of " + sub, "auth_time": now, "iat": now, "exp": now + 3600,
	}
}

func (c claims) with(name string, value any) claims {
	if value == nil {
		delete(c, name)
	} else {
		c[name] = value
	}
	return c
}

func (c claims) sign(t testing.TB, alg jose.SignatureAlgorithm, kid string, key any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// west is a login at alpha's user pool, with changed claims.
func (w *world) west(sub string, change ...func(claims)) map[string]string {
	w.t.Helper()
	c := w.claims(westPool, client, sub)
	for _, f := range change {
		f(c)
	}
	return map[string]string{westName: c.sign(w.t, jose.RS256, "west", westKey())}
}

// tokyo is a login at beta's user pool.
func (w *world) tokyo(sub string) map[string]string {
	w.t.Helper()
	return map[string]string{tokyoName: w.claims(tokyoPool, client, sub).sign(w.t, jose.RS256, "tokyo", tokyoKey())}
}

// both are logins in one request.
func both(a, b map[string]string) map[string]string {
	m := map[string]string{}
	for _, logins := range []map[string]string{a, b} {
		for k, v := range logins {
			m[k] = v
		}
	}
	return m
}

// localPools are the user pools of the deployment.
type localPools struct{}

func (localPools) IssuerByPool(_ context.Context, id string) (issuer.LocalPool, error) {
	switch id {
	case westPool:
		return issuer.LocalPool{ID: id, Account: alpha, Issuer: publicURL + "/" + id}, nil
	case tokyoPool:
		return issuer.LocalPool{ID: id, Account: beta, Issuer: publicURL + "/" + id}, nil
	}
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (localPools) IssuerByName(context.Context, string, string) (issuer.LocalPool, error) {
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (localPools) VerificationKeys(_ context.Context, id string) ([]issuer.Key, error) {
	if id == westPool {
		return []issuer.Key{{ID: "west", Algorithm: "RS256", Public: &westKey().PublicKey}}, nil
	}
	return []issuer.Key{{ID: "tokyo", Algorithm: "RS256", Public: &tokyoKey().PublicKey}}, nil
}

// signer signs identity tokens and publishes its key.
type signer struct{}

func (*signer) SignIdentityToken(_ context.Context, payload []byte) (string, error) {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS512, Key: ownKey()}, (&jose.SignerOptions{}).WithType("JWS").WithHeader("kid", "own1"))
	if err != nil {
		return "", err
	}
	jws, err := s.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

func (*signer) IdentityIssuer() string { return ownIssuer }

func (*signer) IdentityKeys(context.Context) ([]issuer.Key, error) {
	return []issuer.Key{{ID: "own1", Algorithm: "RS512", Public: &ownKey().PublicKey}}, nil
}
