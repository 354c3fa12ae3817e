package iam_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/iam"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// Two accounts: every suite has neighbours to stay away from.
const alpha, beta = "111111111111", "222222222222"

// world is a running IAM door on a database.
type world struct {
	t        *testing.T
	url      string
	accounts *account.Service
	decides  *account.Authorizer
	advisor  *account.Advisor
	db       *store.DB
	root     map[string]account.Key // of each account

	mu    sync.Mutex
	clock time.Time
	as    map[string]sigv4.Key // callers that STS would have made
	raw   string               // body of the last reply
}

// each runs f on every engine.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newWorld(t, db)) })
}

// inMemory runs f on one engine: for what does not depend on rows.
func inMemory(t *testing.T, f func(t *testing.T, w *world)) {
	f(t, newWorld(t, storetest.Memory(t)))
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{
		t: t, db: db, clock: time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, time.UTC),
		root: map[string]account.Key{}, as: map[string]sigv4.Key{},
	}
	w.accounts = account.New(account.Config{Stores: db.IAM().Stores(), Now: w.now})
	w.advisor = account.NewAdvisor(db.IAM(), slog.New(slog.DiscardHandler))
	w.decides = account.NewAuthorizer(account.AuthorizerConfig{Directory: db.IAM(), Advisor: w.advisor})
	for _, id := range []string{alpha, beta} {
		_, key, err := w.accounts.CreateAccount(t.Context(), "account "+id, id)
		if err != nil {
			t.Fatal(err)
		}
		w.root[id] = key
	}
	kernel, err := api.New(api.Config{
		Doors:         []api.Door{iam.New(iam.Config{Accounts: w.accounts, Pages: db.Ring()})},
		Authenticator: sigv4.New(sigv4.Config{Keys: w, Now: time.Now}), Authorizer: w.decides, AccessTokens: noTokens{},
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Now: time.Now, NewID: secretbox.UUID, DefaultRegion: "eu-west-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(kernel)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

type noTokens struct{}

func (noTokens) Authenticate(context.Context, string) (context.Context, error) {
	return nil, errors.New("IAM has no access tokens")
}

// Key implements sigv4.KeySource on the directory.
func (w *world) Key(ctx context.Context, id, _ string) (sigv4.Key, error) {
	w.mu.Lock()
	made, ok := w.as[id]
	w.mu.Unlock()
	if ok {
		return made, nil
	}
	k, err := w.db.IAM().Key(ctx, id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sigv4.Key{}, sigv4.ErrUnknownKey
	case err == nil && !k.Active:
		return sigv4.Key{}, sigv4.ErrInactiveKey
	}
	return sigv4.Key{Secret: k.Secret, Caller: k.Caller()}, err
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// asRoot is a client with an account's root key.
func (w *world) asRoot(id string) *awsiam.Client {
	return w.client(w.root[id].ID, w.root[id].Secret)
}

// asUser creates a user of account alpha with that inline policy, if any, and
// returns a client with the user's key.
func (w *world) asUser(name, policy string) *awsiam.Client {
	w.t.Helper()
	if _, err := w.accounts.CreateUser(w.t.Context(), account.NewUser{Account: alpha, Name: name}); err != nil {
		w.t.Fatal(err)
	}
	if policy != "" {
		err := w.accounts.PutInline(w.t.Context(), alpha, account.UserKind, name, account.InlinePolicy{Name: "p", Document: policy})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	key, err := w.accounts.CreateKey(w.t.Context(), alpha, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.client(key.ID, key.Secret)
}

// asCaller is a client that signs as somebody whom STS would have made.
func (w *world) asCaller(c awsapi.Caller) *awsiam.Client {
	id := account.NewTemporaryKeyID(c.Account)
	w.mu.Lock()
	w.as[id] = sigv4.Key{Secret: "secret", Caller: c}
	w.mu.Unlock()
	return w.client(id, "secret")
}

func (w *world) client(id, secret string) *awsiam.Client {
	return awsiam.New(awsiam.Options{
		Region: "us-east-1", BaseEndpoint: &w.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		HTTPClient:  sdktest.Client{Keep: w.keep},
	})
}

// keep remembers the body of a reply.
func (w *world) keep(reply []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raw = string(reply)
}

func (w *world) lastReply() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.raw
}

// code and text of an API error.
func apiError(err error) (code, text string) {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode(), e.ErrorMessage()
	}
	if err != nil {
		return "no API error", err.Error()
	}
	return "", ""
}

func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	if gotCode, gotText := apiError(err); gotCode != code || gotText != text {
		t.Errorf("got  %s: %s\nwant %s: %s", gotCode, gotText, code, text)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func decoded(t *testing.T, document *string) string {
	t.Helper()
	text, err := url.QueryUnescape(strings.ReplaceAll(aws.ToString(document), "+", "%2B"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	trustAlpha = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}`
	readAll    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}`
	allowAll   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
)

func ptr[T any](v T) *T { return &v }
