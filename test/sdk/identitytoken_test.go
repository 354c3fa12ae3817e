package sdk

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/json"
	"math/big"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/google/go-cmp/cmp"
)

// Anybody can verify an identity token with what the deployment publishes: the
// metadata of its issuer, the key that the token names, RS512.
func TestIdentityTokensVerify(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.beta, west)
		i := w.identities(t, w.alpha, tokyo, p)
		const name = "login.example.com"
		must(i.admin.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: &i.pool, IdentityPoolName: aws.String("demo"), AllowUnauthenticatedIdentities: true,
			CognitoIdentityProviders: i.trusted, DeveloperProviderName: aws.String(name),
		}))(t)
		login := p.login(p.signIn("alice").IdToken)
		sub := parse(t, login[p.provider]).value(t, "sub").(string)
		alice, guest := i.id(login), i.id(nil)
		classic := func(id string, logins map[string]string) string {
			return *must(i.public.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &id, Logins: logins}))(t).Token
		}
		developer := must(i.admin.GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{
			IdentityPoolId: &i.pool, Logins: map[string]string{name: "ann"},
		}))(t)
		for _, c := range []struct {
			who, identity, token string
			life                 float64
			amr                  []any
		}{
			{"guest", guest, classic(guest, nil), 600, []any{"unauthenticated"}},
			{"alice", alice, classic(alice, login), 600, []any{"authenticated", p.provider, p.provider + ":CognitoSignIn:" + sub}},
			{"ann", *developer.IdentityId, *developer.Token, 900, []any{"authenticated", name, name + ":" + i.pool + ":ann"}},
		} {
			token := parse(t, c.token)
			issuer := token.value(t, "iss").(string)
			if issuer != w.URL()+"/cognito-identity" {
				t.Errorf("%s: issuer %s", c.who, issuer)
			}
			var metadata struct {
				Issuer string
				Keys   string `json:"jwks_uri"`
			}
			w.fetch(t, issuer+"/.well-known/openid-configuration", &metadata)
			var set struct {
				Keys []struct{ Kid, Alg, N, E string }
			}
			w.fetch(t, metadata.Keys, &set)
			verified := false
			for _, k := range set.Keys {
				if k.Kid != token.kid(t) || k.Alg != "RS512" {
					continue
				}
				number := func(text string) *big.Int {
					return new(big.Int).SetBytes(parse(t, "."+text+".").payload)
				}
				digest := sha512.Sum512([]byte(token.input()))
				key := &rsa.PublicKey{N: number(k.N), E: int(number(k.E).Int64())}
				verified = rsa.VerifyPKCS1v15(key, crypto.SHA512, digest[:], token.signature) == nil
			}
			if !verified || metadata.Issuer != issuer {
				t.Errorf("%s: the token does not verify with the keys of %s", c.who, metadata.Issuer)
			}
			if token.value(t, "sub") != c.identity || token.value(t, "aud") != i.pool {
				t.Errorf("%s: token of %v for %v", c.who, token.value(t, "sub"), token.value(t, "aud"))
			}
			if diff := cmp.Diff(any(c.amr), token.value(t, "amr")); diff != "" {
				t.Errorf("%s: %s", c.who, diff)
			}
			if life := token.value(t, "exp").(float64) - token.value(t, "iat").(float64); life != c.life {
				t.Errorf("%s: good for %v seconds", c.who, life)
			}
		}
	})
}

// fetch reads a public document.
func (w *world) fetch(t *testing.T, url string, to any) {
	t.Helper()
	res := must(w.Client().Get(url))(t)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(to); err != nil {
		t.Fatal(err)
	}
}
