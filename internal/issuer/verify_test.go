package issuer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/issuer"
)

func reason(t testing.TB, err error) issuer.Reason {
	t.Helper()
	refusal, ok := errors.AsType[*issuer.Error](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refusal.Reason
}

func TestUserPoolToken(t *testing.T) {
	now := newClock()
	r := newResolver(t, issuer.Config{Pools: onePool(), Now: now.Now})
	pool := userPool(t, r, awsName)
	if pool.Name != awsName || !pool.Local || pool.PoolID != poolID {
		t.Fatalf("got %+v", pool)
	}
	token := sign(t, jose.RS256, "a", keyA(), now.claims(poolIss))
	for range 2 { // read, then remembered
		c, err := r.Verify(t.Context(), pool, token, []string{"other", client})
		if err != nil {
			t.Fatal(err)
		}
		if c.Subject != "9301f852-88c2-4613-b70a-7b67ccb1fe92" || c.Party() != client || c.Expiry != now.Now().Unix()+3600 {
			t.Errorf("claims %+v", c)
		}
		if diff := cmp.Diff([]string{"staff", "ops"}, c.Values("cognito:groups")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"7"}, c.Values("custom:level")); diff != "" {
			t.Error(diff)
		}
	}

	now.advance(3599 * time.Second)
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
		t.Errorf("one second before the end: %v", err)
	}
	now.advance(time.Second)
	_, err := r.Verify(t.Context(), pool, token, []string{client})
	refusal, _ := errors.AsType[*issuer.Error](err)
	if refusal == nil || refusal.Reason != issuer.Expired || refusal.Now != now.Now().Unix() || refusal.At != refusal.Now {
		t.Errorf("at the end: %v", err)
	}
}

func TestUserPoolTokenRefused(t *testing.T) {
	now := newClock()
	r := newResolver(t, issuer.Config{Pools: onePool(), Now: now.Now})
	pool := userPool(t, r, awsName)
	good := func() map[string]any { return now.claims(poolIss) }
	rs := func(claims map[string]any) string { return sign(t, jose.RS256, "a", keyA(), claims) }
	der, err := x509.MarshalPKIXPublicKey(&keyA().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})

	for name, tc := range map[string]struct {
		token string
		want  issuer.Reason
	}{
		"empty":                {"", issuer.NotJWT},
		"words":                {"not a token", issuer.NotJWT},
		"two parts":            {"e30.e30", issuer.NotJWT},
		"four parts":           {rs(good()) + ".e30", issuer.NotJWT},
		"JSON form":            {`{"payload":"e30","protected":"e30","signature":"e30"}`, issuer.NotJWT},
		"line break inside":    {strings.Replace(rs(good()), ".", ".\n", 1), issuer.NotJWT},
		"too long":             {rs(with(good(), "pad", strings.Repeat("x", 50000))), issuer.NotJWT},
		"payload not JSON":     {raw(t, `{"alg":"RS256","kid":"a"}`, `hello`), issuer.NotJWT},
		"payload not object":   {raw(t, `{"alg":"RS256","kid":"a"}`, `[1]`), issuer.NotJWT},
		"exp as text":          {rs(with(good(), "exp", "4000000000")), issuer.NotJWT},
		"alg none":             {raw(t, `{"alg":"none"}`, text(t, good())), issuer.WrongAlgorithm},
		"alg None":             {raw(t, `{"alg":"None"}`, text(t, good())), issuer.WrongAlgorithm},
		"alg missing":          {raw(t, `{"kid":"a"}`, text(t, good())), issuer.WrongAlgorithm},
		"public key as secret": {sign(t, jose.HS256, "a", publicPEM, good()), issuer.WrongAlgorithm},
		"RS512":                {sign(t, jose.RS512, "a", keyA(), good()), issuer.WrongAlgorithm},
		"PS256":                {sign(t, jose.PS256, "a", keyA(), good()), issuer.WrongAlgorithm},
		"other issuer":         {rs(now.claims("https://id.example.com/us-west-2_Other0000")), issuer.WrongIssuer},
		"issuer with slash":    {rs(now.claims(poolIss + "/")), issuer.WrongIssuer},
		"issuer as http":       {rs(now.claims("http" + strings.TrimPrefix(poolIss, "https"))), issuer.WrongIssuer},
		"AWS issuer":           {rs(now.claims("https://" + awsName)), issuer.WrongIssuer},
		"no issuer":            {rs(with(good(), "iss", nil)), issuer.WrongIssuer},
		"access token":         {rs(with(good(), "aud", nil, "client_id", client, "token_use", "access")), issuer.MissingClaim},
		"access token for":     {rs(with(good(), "token_use", "access")), issuer.WrongUse},
		"no sub":               {rs(with(good(), "sub", nil)), issuer.MissingClaim},
		"empty sub":            {rs(with(good(), "sub", "")), issuer.MissingClaim},
		"no exp":               {rs(with(good(), "exp", nil)), issuer.MissingClaim},
		"null aud":             {rs(with(good(), "aud", json.RawMessage("null"))), issuer.MissingClaim},
		"unknown kid":          {sign(t, jose.RS256, "z", keyA(), good()), issuer.UnknownKey},
		"other key, same kid":  {sign(t, jose.RS256, "a", keyB(), good()), issuer.BadSignature},
		"own key in header":    {embedded(t, good()), issuer.BadSignature},
		"critical extension":   {critical(t, good()), issuer.BadSignature},
		"not yet":              {rs(with(good(), "nbf", now.Now().Unix()+60)), issuer.NotYetValid},
		"expired":              {rs(with(good(), "exp", now.Now().Unix())), issuer.Expired},
		"other client":         {rs(with(good(), "aud", "client2")), issuer.WrongAudience},
		"azp alone":            {rs(with(good(), "aud", "client2", "azp", client)), issuer.WrongAudience},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				claims, err := r.Verify(t.Context(), pool, tc.token, []string{client})
				if got := reason(t, err); got != tc.want || claims != nil {
					t.Errorf("got %q, want %q", got, tc.want)
				}
			}
		})
	}
	_, err = r.Verify(t.Context(), pool, rs(with(good(), "aud", nil)), []string{client})
	if refusal, _ := errors.AsType[*issuer.Error](err); refusal.Claim != "aud" {
		t.Errorf("missing claim %q", refusal.Claim)
	}
}

// raw glues a token together without a signature.
func raw(t *testing.T, header, payload string) string {
	t.Helper()
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(header)) + "." + enc([]byte(payload)) + "." + enc([]byte("signature"))
}

func text(t *testing.T, claims map[string]any) string {
	t.Helper()
	b, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// embedded signs with a key that the header brings along, under the kid of a
// good one.
func embedded(t *testing.T, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: keyB(), KeyID: "a"}},
		(&jose.SignerOptions{EmbedJWK: true}).WithHeader("jku", "https://evil.example.com/jwks").WithHeader("kid", "a"))
	if err != nil {
		t.Fatal(err)
	}
	return finish(t, s, claims)
}

func critical(t *testing.T, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: keyA()},
		(&jose.SignerOptions{}).WithHeader("kid", "a").WithHeader("exp", 1).WithCritical("exp"))
	if err != nil {
		t.Fatal(err)
	}
	return finish(t, s, claims)
}

func finish(t *testing.T, s jose.Signer, claims map[string]any) string {
	t.Helper()
	jws, err := s.Sign([]byte(text(t, claims)))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestOneChangedCharacterIsRefused(t *testing.T) {
	now := newClock()
	r := newResolver(t, issuer.Config{Pools: onePool(), Now: now.Now})
	pool := userPool(t, r, awsName)
	token := sign(t, jose.RS256, "a", keyA(), now.claims(poolIss))
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
		t.Fatal(err)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n"
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(rt, "at")
		if rapid.Bool().Draw(rt, "last") {
			at = len(token) - 1 // where loose base64 leaves bits unread
		}
		c := rapid.SampledFrom([]byte(alphabet)).Draw(rt, "c")
		changed := token[:at] + string(c) + token[at+1:]
		if changed == token {
			return
		}
		if _, err := r.Verify(context.Background(), pool, changed, []string{client}); err == nil {
			rt.Fatalf("accepted with %q at %d", c, at)
		}
	})
}

func TestRotationEndsRememberedTokens(t *testing.T) {
	now, pools := newClock(), onePool()
	r := newResolver(t, issuer.Config{Pools: pools, Now: now.Now})
	pool := userPool(t, r, awsName)
	token := sign(t, jose.RS256, "a", keyA(), now.claims(poolIss))
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Verify(t.Context(), pool, token, []string{"client2"}); reason(t, err) != issuer.WrongAudience {
		t.Errorf("remembered token for another client: %v", err)
	}
	pools.keys[poolID] = []issuer.Key{{ID: "a", Algorithm: "RS256", Public: &keyB().PublicKey}}
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); reason(t, err) != issuer.BadSignature {
		t.Errorf("key replaced under its id: %v", err)
	}
	pools.keys[poolID] = nil
	if _, err := r.Verify(t.Context(), pool, token, []string{client}); reason(t, err) != issuer.UnknownKey {
		t.Errorf("key withdrawn: %v", err)
	}
}

func TestTokenOfAnotherPool(t *testing.T) {
	now, pools := newClock(), onePool()
	const second = "ap-northeast-1_Second222"
	pools.pools = append(pools.pools, issuer.LocalPool{ID: second, Account: "222222222222", Issuer: "https://id.example.com/" + second})
	pools.keys[second] = []issuer.Key{{ID: "b", Algorithm: "RS256", Public: &keyB().PublicKey}}
	r := newResolver(t, issuer.Config{Pools: pools, Now: now.Now})
	first, other := userPool(t, r, awsName), userPool(t, r, issuer.UserPoolName(second))
	token := sign(t, jose.RS256, "b", keyB(), now.claims("https://id.example.com/"+second))
	if _, err := r.Verify(t.Context(), other, token, []string{client}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Verify(t.Context(), first, token, []string{client}); reason(t, err) != issuer.WrongIssuer {
		t.Error(err)
	}
	forged := sign(t, jose.RS256, "b", keyB(), now.claims(poolIss))
	if _, err := r.Verify(t.Context(), first, forged, []string{client}); reason(t, err) != issuer.UnknownKey {
		t.Error(err)
	}
}

func TestOpenIDToken(t *testing.T) {
	const iss = "https://login.example.org/tenant"
	now, site := newClock(), newWeb()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	site.serve(iss+"/.well-known/openid-configuration", page{body: `{"issuer":"` + iss + `","jwks_uri":"https://keys.example.org/k"}`, age: -1})
	site.serve("https://keys.example.org/k", page{body: jwks(t, jwk("r", "", &keyA().PublicKey), jwk("e", "ES256", &ec.PublicKey)), age: -1})
	r := newResolver(t, issuer.Config{Fetcher: site, Now: now.Now})
	provider, err := r.OpenIDProvider(t.Context(), account, iss)
	if err != nil {
		t.Fatal(err)
	}
	base := func() map[string]any {
		n := now.Now().Unix()
		return map[string]any{"iss": iss, "sub": "u1", "aud": client, "iat": n, "exp": n + 60}
	}
	soon := now.Now().Unix()
	for name, tc := range map[string]struct {
		token string
		want  issuer.Reason
	}{
		"RS256":                    {sign(t, jose.RS256, "r", keyA(), base()), ""},
		"RS512":                    {sign(t, jose.RS512, "r", keyA(), base()), ""},
		"ES256":                    {sign(t, jose.ES256, "e", ec, base()), ""},
		"azp of ours":              {sign(t, jose.RS256, "r", keyA(), with(base(), "aud", []string{"x", "y"}, "azp", client)), ""},
		"azp wins over aud":        {sign(t, jose.RS256, "r", keyA(), with(base(), "azp", "other")), issuer.WrongAudience},
		"two audiences":            {sign(t, jose.RS256, "r", keyA(), with(base(), "aud", []string{client, "other"})), issuer.ManyAudiences},
		"within tolerance":         {sign(t, jose.RS256, "r", keyA(), with(base(), "exp", soon-299)), ""},
		"past tolerance":           {sign(t, jose.RS256, "r", keyA(), with(base(), "exp", soon-300)), issuer.Expired},
		"early within":             {sign(t, jose.RS256, "r", keyA(), with(base(), "nbf", soon+300)), ""},
		"early":                    {sign(t, jose.RS256, "r", keyA(), with(base(), "nbf", soon+301)), issuer.NotYetValid},
		"EC key id with RSA":       {sign(t, jose.RS256, "e", keyA(), base()), issuer.UnknownKey},
		"keyed hash":               {sign(t, jose.HS256, "r", []byte("0123456789abcdef0123456789abcdef"), base()), issuer.WrongAlgorithm},
		"no key id, one choice":    {sign(t, jose.ES256, "", ec, base()), ""},
		"issuer without its path":  {sign(t, jose.RS256, "r", keyA(), with(base(), "iss", "https://login.example.org")), issuer.WrongIssuer},
		"issuer in another letter": {sign(t, jose.RS256, "r", keyA(), with(base(), "iss", "https://Login.example.org/tenant")), issuer.WrongIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Verify(t.Context(), provider, tc.token, []string{client})
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if got := reason(t, err); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRefusalsHoldNothingOfTheToken(t *testing.T) {
	now := newClock()
	r := newResolver(t, issuer.Config{Pools: onePool(), Now: now.Now})
	pool := userPool(t, r, awsName)
	token := sign(t, jose.RS256, "a", keyB(), with(now.claims(poolIss), "sub", "very-secret-subject"))
	_, err := r.Verify(t.Context(), pool, token, []string{client})
	for _, part := range append(strings.Split(token, "."), "very-secret-subject") {
		if strings.Contains(err.Error(), part) {
			t.Errorf("%v", err)
		}
	}
}
