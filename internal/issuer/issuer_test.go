package issuer_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/issuer"
)

const (
	poolID  = "us-west-2_AbCdEf123"
	poolIss = "https://id.example.com/" + poolID
	awsName = "cognito-idp.us-west-2.amazonaws.com/" + poolID
	account = "111111111111"
	client  = "client1"
)

// keys are slow to make; tests share these.
var (
	keyA  = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	keyB  = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	small = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(1024) })
)

func newRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// claims are a good ID token's at the clock's time.
func (c *clock) claims(iss string) map[string]any {
	now := c.Now().Unix()
	return map[string]any{
		"iss": iss, "sub": "9301f852-88c2-4613-b70a-7b67ccb1fe92", "aud": client, "token_use": "id",
		"iat": now, "auth_time": now, "exp": now + 3600, "cognito:groups": []string{"staff", "ops"}, "custom:level": "7",
	}
}

func with(claims map[string]any, more ...any) map[string]any {
	for i := 0; i < len(more); i += 2 {
		if more[i+1] == nil {
			delete(claims, more[i].(string))
		} else {
			claims[more[i].(string)] = more[i+1]
		}
	}
	return claims
}

// sign makes a compact token.
func sign(t testing.TB, alg jose.SignatureAlgorithm, kid string, key any, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
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

// localPools are the user pools of an imaginary deployment.
type localPools struct {
	pools []issuer.LocalPool
	keys  map[string][]issuer.Key
}

func (l *localPools) IssuerByPool(_ context.Context, id string) (issuer.LocalPool, error) {
	for _, p := range l.pools {
		if p.ID == id {
			return p, nil
		}
	}
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (l *localPools) IssuerByName(_ context.Context, account, name string) (issuer.LocalPool, error) {
	for _, p := range l.pools {
		if p.Account == account && issuer.WithoutScheme(p.Issuer) == name {
			return p, nil
		}
	}
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (l *localPools) VerificationKeys(_ context.Context, id string) ([]issuer.Key, error) {
	return l.keys[id], nil
}

// onePool is a deployment with one user pool whose token key is keyA.
func onePool() *localPools {
	return &localPools{
		pools: []issuer.LocalPool{{ID: poolID, Account: account, Issuer: poolIss}},
		keys:  map[string][]issuer.Key{poolID: {{ID: "a", Algorithm: "RS256", Public: &keyA().PublicKey}}},
	}
}

// web answers for URLs and counts.
type web struct {
	mu    sync.Mutex
	pages map[string]page
	count map[string]int
}

type page struct {
	body string
	age  time.Duration
	err  error
	gate chan struct{} // closed to let answers through; nil for at once
}

func newWeb() *web { return &web{pages: map[string]page{}, count: map[string]int{}} }

func (w *web) Fetch(ctx context.Context, url string) ([]byte, time.Duration, error) {
	w.mu.Lock()
	p, ok := w.pages[url]
	w.count[url]++
	w.mu.Unlock()
	if p.gate != nil {
		select {
		case <-p.gate:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
	if !ok {
		return nil, 0, fmt.Errorf("GET %s: 404 Not Found", url)
	}
	return []byte(p.body), p.age, p.err
}

func (w *web) serve(url string, p page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[url] = p
}

func (w *web) fetches(url string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count[url]
}

func (w *web) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.count {
		n += c
	}
	return n
}

func jwks(t testing.TB, keys ...jose.JSONWebKey) string {
	t.Helper()
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func jwk(kid, alg string, public crypto.PublicKey) jose.JSONWebKey {
	return jose.JSONWebKey{Key: public, KeyID: kid, Algorithm: alg, Use: "sig"}
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newResolver(t testing.TB, c issuer.Config) *issuer.Resolver {
	t.Helper()
	if c.Pools == nil {
		c.Pools = &localPools{}
	}
	if c.Fetcher == nil {
		c.Fetcher = newWeb()
	}
	r, err := issuer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func userPool(t testing.TB, r *issuer.Resolver, name string) *issuer.Issuer {
	t.Helper()
	i, err := r.UserPool(t.Context(), account, name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
