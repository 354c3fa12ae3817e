package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// tokenOperations are all operations that an access token alone opens.
func tokenOperations() []*awsapi.Operation {
	var list []*awsapi.Operation
	for _, op := range cognitoidp.Service.Operations {
		if f, ok := op.Input.FieldByName("AccessToken"); ok && op.Auth == awsapi.Unsigned && f.Type.Kind() == reflect.Pointer {
			list = append(list, op)
		}
	}
	return list
}

// least returns an input with nothing but what is required, in a form that the
// input check lets through.
func least(t *testing.T, of reflect.Type) map[string]any {
	t.Helper()
	in := map[string]any{}
	for i := range of.NumField() {
		f := of.Field(i)
		shape, rest, _ := strings.Cut(f.Tag.Get("api"), ",")
		if strings.Contains(rest, "required") {
			in[f.Name] = some(t, f.Type, shape)
		}
	}
	return in
}

func some(t *testing.T, of reflect.Type, shape string) any {
	t.Helper()
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case of == reflect.TypeFor[json.RawMessage]():
		return struct{}{}
	case of.Kind() == reflect.String:
		return text(t, shape)
	case of.Kind() == reflect.Struct:
		return least(t, of)
	case of.Kind() == reflect.Int64:
		return 5
	case of.Kind() == reflect.Bool:
		return true
	case of.Kind() == reflect.Map:
		return map[string]any{}
	case of.Kind() == reflect.Slice:
		i := slices.IndexFunc(cognitoidp.Service.Shapes, func(s awsapi.Shape) bool { return s.Name == shape })
		if i < 0 {
			return []any{some(t, of.Elem(), "")}
		}
		return []any{some(t, of.Elem(), cognitoidp.Service.Shapes[i].Member)}
	}
	t.Fatalf("no example of %s", of)
	return nil
}

// text finds a word that fits a shape.
func text(t *testing.T, shape string) string {
	t.Helper()
	i := slices.IndexFunc(cognitoidp.Service.Shapes, func(s awsapi.Shape) bool { return s.Name == shape })
	if i < 0 {
		return "word"
	}
	s := cognitoidp.Service.Shapes[i]
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if s.Pattern == "" {
		return "word"
	}
	for _, word := range []string{"word", "123456", password, "us-west-2_00000000-0000-4000-8000-000000000000", strings.Repeat("word", 10), "us-west-2_word", "arn:aws:iam::111111111111:role/word", "import-word", "https://word.example.com", "terms-of-use", "00000000-0000-4000-8000-000000000000"} {
		if regexp.MustCompile("^(?:" + s.Pattern + ")$").MatchString(word) {
			return word
		}
	}
	t.Fatalf("no example of %s: %s", shape, s.Pattern)
	return ""
}

// post makes a call as the wire has it.
func (w *world) post(t *testing.T, target string, in any) (status int, code, message string) {
	t.Helper()
	body := must(json.Marshal(in))(t)
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL(), bytes.NewReader(body)))(t)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	res := must(w.Client().Do(req))(t)
	defer res.Body.Close()
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	raw := must(io.ReadAll(res.Body))(t)
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatalf("%s: %v: %s", target, err, raw)
	}
	return res.StatusCode, e.Type, e.Message
}

// TestForgedAccessTokens tries every operation that an access token opens,
// with every token that is not one: each must be refused, and alice must be
// who she was.
func TestForgedAccessTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, stranger := w.people(t, w.alpha, west), w.people(t, w.beta, west)
		tokens := p.signIn("alice")
		good := parse(t, *tokens.AccessToken)
		kid := good.kid(t)
		unsigned := good
		unsigned.signature = nil
		const badSignature, invalid = "Could not verify signature for Access Token", "Invalid Access Token"
		type forgery struct{ token, message string }
		forgeries := map[string]forgery{
			"nonsense":                        {"nonsense", invalid},
			"an ID token":                     {*tokens.IdToken, invalid},
			"a refresh token":                 {*tokens.RefreshToken, invalid},
			"no signature":                    {unsigned.String(), badSignature},
			"alg none":                        {unsigned.with(fmt.Sprintf(`{"alg":"none","kid":%q}`, kid)).String(), badSignature},
			"our own signature":               {good.rs256(t).String(), badSignature},
			"our own key inside":              {good.with(`{"alg":"RS256","kid":"evil","jwk":` + string(must(json.Marshal(evilJWK()))(t)) + `}`).rs256(t).String(), badSignature},
			"another user":                    {good.claim(t, "username", "bob").claim(t, "sub", "00000000-0000-4000-8000-000000000000").String(), badSignature},
			"a longer life":                   {good.claim(t, "exp", 4102444800).String(), badSignature},
			"a stranger's signature":          {parse(t, *stranger.signIn("alice").AccessToken).claim(t, "iss", good.value(t, "iss")).String(), badSignature},
			"the ID token as an access token": {parse(t, *tokens.IdToken).claim(t, "token_use", "access").String(), badSignature},
		}
		for name, secret := range asSecrets(t, p.publicKey(kid)) {
			forgeries["HS256 with the public key as "+name] = forgery{good.with(fmt.Sprintf(`{"alg":"HS256","kid":%q}`, kid)).hmac256(secret).String(), badSignature}
		}

		profile := func() []byte {
			must(p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("alice")}))(t)
			return w.wire.reply
		}
		before := profile()
		tried := 0
		for _, op := range tokenOperations() {
			in := least(t, op.Input)
			target := op.Service.TargetPrefix + "." + op.Name
			for name, f := range forgeries {
				in["AccessToken"] = f.token
				status, code, message := w.post(t, target, in)
				if code == "UnknownOperationException" {
					break // nobody gets in where there is no door yet
				}
				tried++
				if status != http.StatusBadRequest || code != "NotAuthorizedException" || message != f.message {
					t.Errorf("%s with %s:\n got %d %s: %s\nwant NotAuthorizedException: %s", op.Name, name, status, code, message, f.message)
				}
			}
		}
		if tried < 10*len(forgeries) {
			t.Errorf("only %d refusals", tried)
		}
		if diff := cmp.Diff(string(before), string(profile())); diff != "" {
			t.Errorf("alice has changed: %s", diff)
		}

		// The good one is good until it expires, and then nowhere.
		if _, err := p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Errorf("the good token: %v", err)
		}
		w.Clock().Advance(time.Hour)
		for _, op := range tokenOperations() {
			in := least(t, op.Input)
			in["AccessToken"] = *tokens.AccessToken
			if status, code, message := w.post(t, op.Service.TargetPrefix+"."+op.Name, in); code != "UnknownOperationException" &&
				(status != http.StatusBadRequest || code != "NotAuthorizedException" || message != "Access Token has expired") {
				t.Errorf("%s with an expired token: %d %s: %s", op.Name, status, code, message)
			}
		}
		p.signIn("alice")
	})
}
