package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/store/pgcluster"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const west, tokyo = "us-west-2", "ap-northeast-1"

// usesPostgres is set once a test has asked for PostgreSQL.
var usesPostgres atomic.Pointer[pgcluster.Cluster]

func TestMain(m *testing.M) {
	code := m.Run()
	if c := usesPostgres.Load(); c != nil {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

var databases atomic.Int32

// postgres keeps a server's data in a PostgreSQL database of its own. It skips
// the test where there is no PostgreSQL.
func postgres(t *testing.T) cenotetest.Option {
	t.Helper()
	c := storetest.Cluster(t)
	usesPostgres.Store(c)
	name := fmt.Sprintf("sdk%d", databases.Add(1))
	if err := c.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return cenotetest.Database(c.URL(name))
}

// world is one deployment.
type world struct {
	*cenotetest.Server
	t    *testing.T
	wire *wire // of all clients
	// Root users of two accounts: whatever one does, the other is there to
	// stay away from.
	alpha, beta owner
}

// owner is the root user of an account.
type owner struct {
	account string
	keys    aws.Credentials
}

// each runs f in both modes, and so on both engines: in development on SQLite,
// where any key is root of the account that it names, and in production on
// PostgreSQL, where keys are issued.
func each(t *testing.T, f func(t *testing.T, w *world), opts ...cenotetest.Option) {
	t.Run("development", func(t *testing.T) { f(t, development(t, opts...)) })
	t.Run("production", func(t *testing.T) { f(t, production(t, append(opts, postgres(t))...)) })
}

func development(t *testing.T, opts ...cenotetest.Option) *world {
	t.Helper()
	root := func(id string) owner {
		return owner{id, aws.Credentials{AccessKeyID: id, SecretAccessKey: "test"}}
	}
	w := newWorld(t, opts)
	w.alpha, w.beta = root("111111111111"), root("222222222222")
	return w
}

func production(t *testing.T, opts ...cenotetest.Option) *world {
	t.Helper()
	w := newWorld(t, append(opts, cenotetest.Production()))
	root := func(name string) owner {
		c := w.CreateAccount(name)
		return owner{c.AccountID, aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey}}
	}
	w.alpha, w.beta = root("alpha"), root("beta")
	return w
}

func newWorld(t *testing.T, opts []cenotetest.Option) *world {
	t.Helper()
	srv := cenotetest.New(t, opts...)
	return &world{Server: srv, t: t, wire: &wire{client: srv.Client()}}
}

// nobody signs nothing.
var nobody = aws.Credentials{}

func provider(c aws.Credentials) aws.CredentialsProvider {
	if !c.HasKeys() {
		return aws.AnonymousCredentials{}
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

func (w *world) idp(c aws.Credentials, region string) *idp.Client {
	return idp.New(idp.Options{
		BaseEndpoint: aws.String(w.URL()), Region: region, Credentials: provider(c),
		HTTPClient: w.wire, HTTPSignerV4: w.signer(), Retryer: aws.NopRetryer{},
	})
}

func (w *world) identity(c aws.Credentials, region string) *ci.Client {
	return ci.New(ci.Options{
		BaseEndpoint: aws.String(w.URL()), Region: region, Credentials: provider(c),
		HTTPClient: w.wire, HTTPSignerV4: w.signer(), Retryer: aws.NopRetryer{},
	})
}

func (w *world) sts(c aws.Credentials) *sts.Client {
	return sts.New(sts.Options{
		BaseEndpoint: aws.String(w.URL()), Region: "us-east-1", Credentials: provider(c),
		HTTPClient: w.wire, HTTPSignerV4: w.signer(), Retryer: aws.NopRetryer{},
	})
}

func (w *world) iam(c aws.Credentials) *iam.Client {
	return iam.New(iam.Options{
		BaseEndpoint: aws.String(w.URL()), Region: "us-east-1", Credentials: provider(c),
		HTTPClient: w.wire, HTTPSignerV4: w.signer(), Retryer: aws.NopRetryer{},
	})
}

// signer signs by the server's clock, so that moving it makes nothing fail but
// what has expired.
func (w *world) signer() clockSigner { return clockSigner{v4.NewSigner(), w.Clock()} }

type clockSigner struct {
	*v4.Signer
	clock *cenotetest.Clock
}

func (s clockSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, s.clock.Now(), opts...)
}

// wire is the HTTP client of all SDK clients of a world. It keeps the last
// request and reply as they were sent.
type wire struct {
	client         *http.Client
	request, reply []byte
	mute           bool // keeps nothing: for clients that run side by side
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	if w.mute {
		res, err := w.client.Do(r)
		if err == nil {
			_, err = drain(&res.Body) // see internal/awsapi/sdktest
		}
		return res, err
	}
	var err error
	if w.request, err = drain(&r.Body); err != nil {
		return nil, err
	}
	res, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	w.reply, err = drain(&res.Body)
	return res, err
}

// refused fails the test unless err is that exception of the API with that
// message.
func refused[E smithy.APIError](t *testing.T, what string, err error, message string) {
	t.Helper()
	e, ok := errors.AsType[E](err)
	switch {
	case !ok:
		t.Errorf("%s:\n got %v\nwant %T: %s", what, err, e, message)
	case e.ErrorMessage() != message:
		t.Errorf("%s:\n got %T: %s\nwant %s", what, e, e.ErrorMessage(), message)
	}
}

// refusedCode is refused for errors that every service has and the SDK has no
// type for.
func refusedCode(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		t.Errorf("%s: got %v, want %s: %s", what, err, code, message)
	case e.ErrorCode() != code || e.ErrorMessage() != message:
		t.Errorf("%s:\n got %s: %s\nwant %s: %s", what, e.ErrorCode(), e.ErrorMessage(), code, message)
	}
}

// must returns v unless there was an error, which ends the test.
func must[V any](v V, err error) func(*testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(*body)
	if err != nil {
		return nil, err
	}
	if err := (*body).Close(); err != nil {
		return nil, err
	}
	*body = io.NopCloser(bytes.NewReader(text))
	return text, nil
}
