package attacks

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// bearers are the operations that an access token opens.
func bearers() (list []*awsapi.Operation) {
	for _, op := range cognitoidp.Service.Operations {
		if f, ok := op.Input.FieldByName("AccessToken"); ok && op.Auth == awsapi.Unsigned && f.Type.String() == "*string" {
			list = append(list, op)
		}
	}
	return list
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// part decodes a part of a token.
func part(t *testing.T, token string, i int) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// forgeries of a token of alice's: what a careless verifier lets through.
func (p *pool) forgeries(t *testing.T, good tokens, foreign string) map[string]string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	header, payload := part(t, good.AccessToken, 0), part(t, good.AccessToken, 1)
	parts := strings.Split(good.AccessToken, ".")
	resign := func(header, payload []byte) string {
		input := b64(header) + "." + b64(payload)
		sum := sha256.Sum256([]byte(input))
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return input + "." + b64(signature)
	}
	none := bytes.Replace(header, []byte("RS256"), []byte("none"), 1)
	symmetric := bytes.Replace(header, []byte("RS256"), []byte("HS256"), 1)
	bob := bytes.ReplaceAll(payload, []byte(`"username":"alice"`), []byte(`"username":"bob"`))
	var kid struct{ Kid string }
	if err := json.Unmarshal(header, &kid); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, p.modulus(t, kid.Kid))
	mac.Write([]byte(b64(symmetric) + "." + parts[1]))
	return map[string]string{
		"no signature":                      parts[0] + "." + parts[1] + ".",
		"no algorithm":                      b64(none) + "." + parts[1] + ".",
		"no algorithm, signed all the same": b64(none) + "." + parts[1] + "." + parts[2],
		"a key of one's own":                resign(header, payload),
		"another user":                      parts[0] + "." + b64(bob) + "." + parts[2],
		"another user, signed":              resign(header, bob),
		"the public key as a secret":        b64(symmetric) + "." + parts[1] + "." + b64(mac.Sum(nil)),
		"the ID token":                      good.IdToken,
		"the refresh token":                 good.RefreshToken,
		"another pool's, for this one":      foreign,
		"garbage":                           "a.b.c",
		"one word":                          "token",
		"two tokens":                        good.AccessToken + "." + good.AccessToken,
	}
}

// modulus is the public key of that id, as one might take it for a secret.
func (p *pool) modulus(t *testing.T, kid string) []byte {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, p.url+"/"+p.id+"/.well-known/jwks.json", nil)
	r.RequestURI = ""
	var set struct{ Keys []struct{ Kid, N string } }
	p.send(r).ok(t, &set)
	for _, k := range set.Keys {
		if k.Kid == kid {
			n, err := base64.RawURLEncoding.DecodeString(k.N)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no key %s", kid)
	return nil
}

// Every operation that takes an access token, with tokens that are none.
func TestForgedTokensOpenNothing(t *testing.T) {
	w := serve(t, options{})
	e := w.estate(t)
	e.person("bob")
	for name, v := range (input{
		"AttributeName": "email", "Code": "123456", "UserCode": "123456", "PreviousPassword": goodPassword, "ProposedPassword": newPassword,
		"Credential": input{}, "CredentialId": "none",
	}) {
		e.values[name] = v
	}
	delete(e.values, "Session") // stands in for a token
	stranger := w.pool(w.roots[abroad], west, nil, nil)
	stranger.person("alice")
	// A token of the stranger's pool whose claims say that it is of this one.
	theirs := stranger.tokensOf("alice").AccessToken
	parts := strings.Split(theirs, ".")
	claims := strings.ReplaceAll(string(part(t, theirs, 1)), stranger.id, e.id)
	foreign := parts[0] + "." + b64([]byte(strings.ReplaceAll(claims, stranger.client, e.client))) + "." + parts[2]

	good := e.tokensOf("alice")
	before := e.picture()
	asked := 0
	for _, op := range bearers() {
		for what, token := range e.forgeries(t, good, foreign) {
			in := e.in(op)
			in["AccessToken"] = token
			asked++
			r := w.unsigned("cognito-idp", op.Name, in)
			if r.status != 400 || r.code != "NotAuthorizedException" && !(r.code == "InvalidParameterException" && strings.Contains(r.message, "accessToken")) {
				t.Errorf("%s with %s: answered %d %s", op.Name, what, r.status, r.body)
			}
		}
	}
	if asked < 25*10 {
		t.Errorf("only %d questions", asked)
	}
	if after := e.picture(); after != before {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
	// A token serves the pool that issued it, whatever it is shown to.
	var me struct {
		UserAttributes []struct{ Name, Value string }
	}
	w.userOf(theirs).ok(t, &me)
	if e.userOf(good.AccessToken).status != 200 {
		t.Error("alice's own token does not serve any more")
	}
	for what, token := range map[string]string{
		"garbage": "a.b.c.d.e", "an access token": good.AccessToken, "another pool's": stranger.tokensOf("alice").RefreshToken,
		"cut short": good.RefreshToken[:len(good.RefreshToken)-2], "longer": good.RefreshToken + "AA", "its middle changed": good.RefreshToken[:150] + flip(good.RefreshToken[150:151]) + good.RefreshToken[151:],
	} {
		e.refresh(token).refused(t, "refresh with "+what, "NotAuthorizedException", "Invalid Refresh Token")
		e.public("GetTokensFromRefreshToken", input{"RefreshToken": token}).refused(t, "new tokens with "+what, "NotAuthorizedException", "Invalid Refresh Token.")
	}
}

// flip returns another letter.
func flip(s string) string {
	if s == "A" {
		return "B"
	}
	return "A"
}
