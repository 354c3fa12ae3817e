package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// TestSignAgreesWithTheSDK compares signatures with those of AWS's own signer,
// over paths whose characters services escape twice.
func TestSignAgreesWithTheSDK(t *testing.T) {
	body := []byte(`{"version":"1"}`)
	sum := sha256.Sum256(body)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, target := range []string{
		"https://lambda.us-west-2.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A111111111111%3Afunction%3Af/invocations",
		"http://localhost:9000/2015-03-31/functions/function/invocations",
		"http://127.0.0.1:4566/a%20b/c~d/?Qualifier=live",
	} {
		for _, token := range []string{"", "session+token/="} {
			request := func() *http.Request {
				r, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
				r.ContentLength = -1 // the SDK signs the length where it is known; this package does not
				return r
			}
			ours, theirs := request(), request()
			sigv4.Sign(ours, body, sigv4.Credentials{AccessKeyID: "AKIDEXAMPLE", Secret: "secret", SessionToken: token}, "us-west-2", "lambda", at)
			err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: token},
				theirs, hex.EncodeToString(sum[:]), "lambda", "us-west-2", at)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := ours.Header.Get("Authorization"), theirs.Header.Get("Authorization"); a != b {
				t.Errorf("%s, token %q:\n got %s\nwant %s", target, token, a, b)
			}
		}
	}
}

// oneKey is a KeySource of one key.
type oneKey struct{ secret string }

func (k oneKey) Key(context.Context, string, string) (sigv4.Key, error) {
	return sigv4.Key{Secret: k.secret}, nil
}

func TestSignIsVerified(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	v := sigv4.New(sigv4.Config{Keys: oneKey{"secret"}, Now: func() time.Time { return at }})
	service := &awsapi.Service{Name: "lambda", Protocol: awsapi.JSON, MaxSkew: time.Minute}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/2015-03-31/functions/f/invocations", nil)
	sigv4.Sign(r, []byte("body"), sigv4.Credentials{AccessKeyID: "AKIDEXAMPLE", Secret: "secret"}, "us-west-2", "lambda", at)
	if _, err := v.Verify(t.Context(), r, []byte("body"), service, ""); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(t.Context(), r, []byte("another body"), service, ""); err == nil {
		t.Error("the signature is good for another body")
	}
}
