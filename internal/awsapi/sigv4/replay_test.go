package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// door counts the calls that reach it.
type door struct{ listed, deleted, identified int }

func (d *door) Handlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidentity.ListIdentityPools.Bind(func(context.Context, *cognitoidentity.ListIdentityPoolsInput) (*cognitoidentity.ListIdentityPoolsResponse, error) {
			d.listed++
			return &cognitoidentity.ListIdentityPoolsResponse{}, nil
		}),
		cognitoidentity.DeleteIdentityPool.Bind(func(context.Context, *cognitoidentity.DeleteIdentityPoolInput) (*awsapi.None, error) {
			d.deleted++
			return nil, nil
		}),
		sts.GetCallerIdentity.Bind(func(context.Context, *sts.GetCallerIdentityRequest) (*sts.GetCallerIdentityResponse, error) {
			d.identified++
			return &sts.GetCallerIdentityResponse{}, nil
		}),
	}
}

func (d *door) Access(context.Context, *awsapi.Operation, any) ([]awsapi.Access, error) {
	return []awsapi.Access{}, nil
}

type noTokens struct{}

func (noTokens) Authenticate(context.Context, string) (context.Context, error) {
	return nil, errors.New("no user pools here")
}

type nobody struct{}

func (nobody) Authorize(context.Context, []awsapi.Access) error {
	return awsapi.AccessDenied.New("nobody may")
}

// tap keeps a client's request, as somebody on the way would.
type tap struct {
	method, url string
	header      http.Header
	body        []byte
}

func (c *tap) Do(r *http.Request) (*http.Response, error) {
	c.method, c.url, c.header = r.Method, r.URL.String(), r.Header.Clone()
	if r.Body != nil {
		c.body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	return http.DefaultClient.Do(r)
}

// replay sends a kept request again with changes, and returns the reply.
func (c *tap) replay(t *testing.T, change func(r *http.Request, body *string)) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, c.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = c.header.Clone()
	body := string(c.body)
	change(r, &body)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, _ := io.ReadAll(resp.Body)
	return string(reply)
}

// TestReplays takes requests that a real client signed and sends them again
// with changes, through the kernel. None may reach a handler.
func TestReplays(t *testing.T) {
	clock := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	d := &door{}
	kernel, err := api.New(api.Config{
		Doors: []api.Door{d}, Authenticator: newVerifier(func(c *sigv4.Config) { c.Now = func() time.Time { return clock } }),
		Authorizer: nobody{}, AccessTokens: noTokens{}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return clock }, NewID: func() string { return "id" }, DefaultRegion: "us-east-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(kernel)
	defer server.Close()

	sent := &tap{}
	client := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: sent, Retryer: aws.NopRetryer{},
		HTTPSignerV4: fixedSigner{v4.NewSigner(), clock},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: goodID, SecretAccessKey: goodSecret}, nil
		}),
	})
	if _, err := client.ListIdentityPools(t.Context(), &sdk.ListIdentityPoolsInput{MaxResults: aws.Int32(1)}); err != nil || d.listed != 1 {
		t.Fatalf("the honest request: %v", err)
	}
	*d = door{}

	const deletePool = "AWSCognitoIdentityService.DeleteIdentityPool"
	resign := func(r *http.Request, body string) {
		sum := sha256.Sum256([]byte(body))
		r.ContentLength = int64(len(body))
		creds := aws.Credentials{AccessKeyID: goodID, SecretAccessKey: goodSecret}
		if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(sum[:]), "cognito-identity", "us-east-1", clock); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(r *http.Request, body *string){
		"another operation": func(r *http.Request, _ *string) { r.Header.Set("X-Amz-Target", deletePool) },
		"a second target":   func(r *http.Request, _ *string) { r.Header.Add("X-Amz-Target", deletePool) },
		"target never signed": func(r *http.Request, body *string) {
			target := r.Header.Get("X-Amz-Target")
			r.Header.Del("X-Amz-Target")
			r.Header.Del("Authorization")
			resign(r, *body)
			r.Header.Set("X-Amz-Target", target)
		},
		"target called unsigned": func(r *http.Request, _ *string) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";x-amz-target", "", 1))
		},
		"another body": func(_ *http.Request, body *string) { *body = `{"MaxResults":2}` },
		"body declared unsigned": func(r *http.Request, body *string) {
			*body = `{"MaxResults":2}`
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		},
		"as another service": func(r *http.Request, body *string) {
			r.Header.Del("X-Amz-Target")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			*body = "Action=GetCallerIdentity&Version=2011-06-15"
		},
		"with a query":    func(r *http.Request, _ *string) { r.URL.RawQuery = "Action=GetCallerIdentity&Version=2011-06-15" },
		"on another path": func(r *http.Request, _ *string) { r.URL.Path = "/other" },
		"at another host": func(r *http.Request, _ *string) { r.Host = "cognito-identity.us-east-1.example.test" },
		"in another form": func(r *http.Request, _ *string) {
			a := r.Header.Get("Authorization")
			part := func(name string) string {
				_, rest, _ := strings.Cut(a, name+"=")
				value, _, _ := strings.Cut(rest, ",")
				return value
			}
			r.URL.RawQuery = url.Values{
				"X-Amz-Algorithm": {"AWS4-HMAC-SHA256"}, "X-Amz-Credential": {part("Credential")}, "X-Amz-Signature": {part("Signature")},
				"X-Amz-SignedHeaders": {part("SignedHeaders")}, "X-Amz-Date": {r.Header.Get("X-Amz-Date")},
			}.Encode()
			r.Header.Del("Authorization")
		},
		"without its signature": func(r *http.Request, _ *string) { r.Header.Del("Authorization") },
	} {
		t.Run(name, func(t *testing.T) {
			reply := sent.replay(t, change)
			if *d != (door{}) {
				t.Errorf("reached a handler: %+v, %s", *d, reply)
				*d = door{}
			}
			if strings.Contains(reply, "InternalFailure") || strings.Contains(reply, "InternalError") {
				t.Errorf("answered %s", reply)
			}
		})
	}
	clock = clock.Add(5*time.Minute + time.Second)
	if reply := sent.replay(t, func(*http.Request, *string) {}); !strings.Contains(reply, "Signature expired: ") || d.listed != 0 {
		t.Errorf("after five minutes: %s", reply)
	}
}

type fixedSigner struct {
	*v4.Signer
	at time.Time
}

func (s fixedSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, s.at, opts...)
}
