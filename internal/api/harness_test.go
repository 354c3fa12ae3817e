package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

const (
	accessKey = "AKIAKERNELTEST000001"
	rootKey   = "AKIAKERNELTEST00ROOT"
	secretKey = "kernel-test-secret"
	account   = "123456789012"
)

// door is a door whose handlers a test writes on the spot.
type door struct {
	handlers []awsapi.Handler
	access   func(op *awsapi.Operation, in any) ([]awsapi.Access, error)
}

func (d *door) Handlers() []awsapi.Handler { return d.handlers }

func (d *door) Access(_ context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	if d.access == nil {
		return nil, nil
	}
	return d.access(op, in)
}

// keys knows an IAM user and a root.
type keys struct{}

func (keys) Key(_ context.Context, id, token string) (sigv4.Key, error) {
	caller := awsapi.Caller{Account: account, AccessKeyID: id}
	switch {
	case id == accessKey && token == "":
		caller.Kind, caller.ARN = awsapi.User, awsapi.IAMARN(account, "user/jane")
	case id == rootKey && token == "":
		caller.Kind, caller.ARN = awsapi.Root, awsapi.IAMARN(account, "root")
	default:
		return sigv4.Key{}, sigv4.ErrUnknownKey
	}
	caller.PrincipalARN = caller.ARN
	return sigv4.Key{Secret: secretKey, Caller: caller}, nil
}

// policies allows what it lists and keeps what it was asked.
type policies struct {
	allowed map[string]bool // "action resource"; nil for all
	mu      sync.Mutex
	asked   []string
}

func (p *policies) Authorize(ctx context.Context, accesses []awsapi.Access) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range accesses {
		question := a.Action + " " + a.Resource
		p.asked = append(p.asked, question)
		if p.allowed != nil && !p.allowed[question] {
			return awsapi.AccessDenied.New("User: %s is not authorized to perform: %s", awsapi.RequestFrom(ctx).Caller.ARN, a.Action)
		}
	}
	return nil
}

type userKey struct{}

// tokens knows one access token.
type tokens struct{}

func (tokens) Authenticate(ctx context.Context, token string) (context.Context, error) {
	if token != "good-token" {
		return nil, cognitoidp.NotAuthorizedException("Invalid Access Token")
	}
	return context.WithValue(ctx, userKey{}, "jane"), nil
}

// rig is a kernel behind a server, with what it logs.
type rig struct {
	t        testing.TB
	url      string
	log      *lines
	policies *policies
	kernel   *api.Kernel
}

// lines is a log that tests read.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func start(t testing.TB, d *door, change ...func(*api.Config)) *rig {
	t.Helper()
	r := &rig{t: t, log: new(lines), policies: new(policies)}
	ids := 0
	var mu sync.Mutex
	cfg := api.Config{
		Doors:         []api.Door{d},
		Authenticator: sigv4.New(sigv4.Config{Keys: keys{}, Now: time.Now}),
		Authorizer:    r.policies,
		AccessTokens:  tokens{},
		Log:           slog.New(slog.NewJSONHandler(r.log, nil)),
		Now:           time.Now,
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("req-%d", ids)
		},
		DefaultRegion: "us-east-1",
		Strict:        true,
	}
	for _, c := range change {
		c(&cfg)
	}
	k, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.kernel = k
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// aws is the configuration of an SDK client that calls the rig.
func (r *rig) aws(key string) aws.Config {
	return aws.Config{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(r.url),
		Credentials:  credentials.NewStaticCredentialsProvider(key, secretKey, ""),
		HTTPClient:   sdktest.Client{},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// answer is a reply with its body.
type answer struct {
	status int
	header http.Header
	body   string
}

// target calls an unsigned AWS JSON operation, or one without a signature.
func (r *rig) target(target, body string, change ...func(*http.Request)) answer {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	for _, c := range change {
		c(req)
	}
	return r.do(req)
}

// form calls an AWS Query operation without a signature.
func (r *rig) form(body string, change ...func(*http.Request)) answer {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	for _, c := range change {
		c(req)
	}
	return r.do(req)
}

func (r *rig) do(req *http.Request) answer {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

const (
	idp      = "AWSCognitoIdentityProviderService."
	identity = "AWSCognitoIdentityService."
)

// silent is a log that goes nowhere, but is written.
var silent = slog.New(slog.NewJSONHandler(io.Discard, nil))

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

// discard is a response writer that keeps nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header       { return d.h }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
