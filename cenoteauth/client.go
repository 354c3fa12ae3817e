package cenoteauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
)

// Credentials are what a service signs its questions with.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // of temporary ones
}

// Static returns the same long-term credentials every time.
func Static(accessKeyID, secretAccessKey string) func(context.Context) (Credentials, error) {
	return func(context.Context) (Credentials, error) {
		return Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey}, nil
	}
}

// Config says who asks, and whom. Endpoint, Service and Credentials are
// required.
type Config struct {
	// Endpoint is the URL of the deployment, such as
	// https://cenote.example.com.
	Endpoint string

	// Service is the name that clients sign for: lower-case letters, digits
	// and hyphens. No two services that do not trust each other may have the
	// same one, because each could send on to the other what it receives.
	Service string

	// Credentials returns the service's own credentials. It is called for
	// every question and keeps what it returns until that expires.
	Credentials func(context.Context) (Credentials, error)

	// Hosts are the host names, with port unless it is the scheme's own, that
	// clients sign for. Empty admits all, which is right only where whatever
	// stands before the service has checked the name.
	Hosts []string

	// Region is the region of the deployment; us-east-1 if it is empty.
	Region string

	// S3Signing is for services whose clients sign as those of S3 do.
	S3Signing bool

	// MaxBody is the longest body of a request in bytes; 1 MiB if it is 0.
	MaxBody int64

	// MaxPresign is how long a presigned URL is honoured, whatever it asks
	// for; 15 minutes if it is 0, a week at most.
	MaxPresign time.Duration

	// Source tells the address of a client and whether it came over TLS. If it
	// is nil, both are those of the connection: right unless there is a proxy.
	Source func(*http.Request) (addr netip.Addr, secure bool)

	// Refuse answers a request that must not go on; nil for the form in which
	// AWS answers.
	Refuse func(http.ResponseWriter, *http.Request, *Refusal)

	// HTTPClient sends the questions; nil for one that gives up after five
	// seconds and follows no redirect.
	HTTPClient *http.Client

	// Now is the time; nil for the system's.
	Now func() time.Time
}

// Authorizer asks a deployment about requests. It is safe for concurrent use.
type Authorizer struct {
	cfg Config
	url string
}

// Defaults of a Config.
const (
	defaultRegion     = "us-east-1"
	defaultMaxBody    = 1 << 20
	defaultMaxPresign = 15 * time.Minute
	longestPresign    = 7 * 24 * time.Hour
	askTimeout        = 5 * time.Second
)

// New checks a configuration. It sends nothing.
func New(cfg Config) (*Authorizer, error) {
	endpoint, err := url.Parse(cfg.Endpoint)
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http":
		return nil, fmt.Errorf("cenoteauth: endpoint %q is not a URL", cfg.Endpoint)
	case !ValidService(cfg.Service):
		return nil, fmt.Errorf("cenoteauth: %q is no name of a service", cfg.Service)
	case cfg.Credentials == nil:
		return nil, errors.New("cenoteauth: config has no credentials")
	case cfg.MaxPresign < 0 || cfg.MaxPresign > longestPresign:
		return nil, fmt.Errorf("cenoteauth: presigned requests cannot be good for %s", cfg.MaxPresign)
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = defaultMaxBody
	}
	if cfg.MaxPresign == 0 {
		cfg.MaxPresign = defaultMaxPresign
	}
	if cfg.Source == nil {
		cfg.Source = connection
	}
	if cfg.Refuse == nil {
		cfg.Refuse = refuse
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{
			Timeout:       askTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	cfg.Hosts = slices.Clone(cfg.Hosts)
	return &Authorizer{cfg: cfg, url: strings.TrimSuffix(cfg.Endpoint, "/") + Path}, nil
}

// ownServices are the names that belong to Cenote.
var ownServices = []string{"cognito-idp", "cognito-identity", "sts", "iam", SigningName}

// ValidService reports whether a service of somebody's own may have that name.
func ValidService(name string) bool {
	if name == "" || len(name) > 63 || slices.Contains(ownServices, name) {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 256 << 10

// Ask sends a question and returns the answer. A request that nobody signed,
// or that is not allowed, is no error; that the question was not answered is.
func (a *Authorizer) Ask(ctx context.Context, q *Question) (*Answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("cenoteauth: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("cenoteauth: %w", err)
	}
	own, err := a.cfg.Credentials(ctx)
	if err != nil {
		return nil, fmt.Errorf("cenoteauth: credentials: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	sigv4.Sign(r, body, sigv4.Credentials{
		AccessKeyID: own.AccessKeyID, Secret: own.SecretAccessKey, SessionToken: own.SessionToken,
	}, a.cfg.Region, SigningName, a.cfg.Now())
	reply, err := a.cfg.HTTPClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("cenoteauth: ask: %w", err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(reply.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("cenoteauth: ask: %w", err)
	}
	var answer Answer
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("cenoteauth: the answer to a question has status %d and is no JSON", reply.StatusCode)
	}
	switch {
	case reply.StatusCode != http.StatusOK && answer.Error != nil:
		return nil, fmt.Errorf("cenoteauth: question refused: %w", answer.Error)
	case reply.StatusCode != http.StatusOK || (answer.Caller == nil) == (answer.Error == nil):
		return nil, fmt.Errorf("cenoteauth: status %d is no answer", reply.StatusCode)
	}
	return &answer, nil
}
