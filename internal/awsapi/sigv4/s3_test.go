package sigv4_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// TestS3Signing signs as clients of S3 do, whatever the path: as it is, and
// escaped once.
func TestS3Signing(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	files := &awsapi.Service{Name: "files", Protocol: awsapi.JSON, MaxSkew: time.Minute, S3Signing: true}
	keys := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}
	v := sigv4.New(sigv4.Config{Keys: oneKey{keys.SecretAccessKey}, Now: func() time.Time { return at }})
	segment := rapid.SampledFrom([]string{"a", "a b", ".", "..", "", "%e3%81%82", "+", "=&:@", "~x", "あ", "%"})
	rapid.Check(t, func(t *rapid.T) {
		r := httptest.NewRequest(http.MethodGet, "http://files.example/", nil)
		r.URL.Path = "/" + strings.Join(rapid.SliceOfN(segment, 1, 4).Draw(t, "path"), "/")
		r.URL.RawPath = strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(r.URL.Path)) // as SDKs send keys
		hash := "UNSIGNED-PAYLOAD"
		if rapid.Bool().Draw(t, "hashed") {
			sum := sha256.Sum256(nil)
			hash = hex.EncodeToString(sum[:])
		}
		r.Header.Set("X-Amz-Content-Sha256", hash)
		err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hash, "files", "us-east-1", at, func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		if err != nil {
			t.Fatal(err)
		}
		// Paths that leave the root are refused before anything is computed.
		if _, err := v.Verify(t.Context(), r, nil, files, ""); err != nil && !strings.Contains(err.Error(), "InvalidURI") {
			t.Errorf("%s: %v", r.URL, err)
		}
		if _, err := v.Verify(t.Context(), r, []byte("x"), files, ""); err == nil {
			t.Errorf("%s: a body that nobody signed", r.URL)
		}
	})
}
