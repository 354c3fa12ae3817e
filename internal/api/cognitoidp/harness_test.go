package cognitoidp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Two accounts and two regions: every suite has neighbours to stay away from.
const (
	alpha, beta = "111111111111", "222222222222"
	west, tokyo = "us-west-2", "ap-northeast-1"
)

const publicURL = "https://id.example.com"

// world is a running door on a database.
type world struct {
	t        *testing.T
	server   *httptest.Server
	db       *store.DB
	pools    *userpool.Service
	keys     *token.Keys
	triggers *trigger.Service
	policies map[string]string // user name → IAM policy

	mu    sync.Mutex
	clock time.Time
	raw   []byte   // body of the last reply
	asked []string // questions put to IAM by the last call

	codesWritten int // see codeWrites
}

// each runs f on every engine.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	w := &world{t: t, db: db, clock: time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, time.UTC), policies: map[string]string{}}
	stock(t, db)
	w.keys = token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: w.now})
	w.pools = userpool.New(userpool.Config{
		Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Providers: db.UserPoolProviders(),
		Keys: w.keys, Users: nobody{}, Now: w.now,
		Issuers: userpool.Issuers{PublicURL: publicURL},
	})
	kernel, err := api.New(api.Config{
		Doors:         []api.Door{cognitoidp.New(cognitoidp.Config{Pools: w.pools, Pages: db.Ring()})},
		Authenticator: sigv4.New(sigv4.Config{Keys: keySource{}, Now: time.Now}),
		Authorizer:    w,
		AccessTokens:  noTokens{},
		Log:           slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Now:           time.Now, NewID: secretbox.UUID, DefaultRegion: "us-east-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(kernel)
	t.Cleanup(w.server.Close)
	return w
}

// spare is a signing key: making one takes long, and no test here signs.
var spare = sync.OnceValues(func() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, token.Bits)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS1PrivateKey(key), nil
})

// stock fills the stock of spare keys, for twenty pools.
func stock(t *testing.T, db *store.DB) {
	t.Helper()
	private, err := spare()
	if err != nil {
		t.Fatal(err)
	}
	err = db.Tx(t.Context(), func(ctx context.Context) error {
		for range 40 {
			k := token.SpareKey{ID: secretbox.UUID(), Private: private}
			if err := db.SigningKeys().PutSpareKey(ctx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// now is never the same twice, so that what happens one after the other is in
// that order wherever times order it.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(time.Microsecond)
	return w.clock
}

// pass moves the domain's clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// root is a client with an account's root key.
func (w *world) root(account, region string) *idp.Client { return w.client(account, region) }

// user is a client of an IAM user of account alpha with that policy.
func (w *world) user(name, region, policy string) *idp.Client {
	w.policies[name] = policy
	return w.client(name, region)
}

func (w *world) client(key, region string) *idp.Client {
	return idp.New(idp.Options{
		Region: region, BaseEndpoint: &w.server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, secretOf(key), ""),
		HTTPClient:  sdktest.Client{Keep: w.keep},
	})
}

// keep remembers the body of a reply for golden comparisons.
func (w *world) keep(reply []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raw = reply
}

// secretOf is the secret access key of the test's access keys.
func secretOf(key string) string { return "secret of " + key }

// keySource knows roots by account id and users of alpha by name.
type keySource struct{}

func (keySource) Key(_ context.Context, id, _ string) (sigv4.Key, error) {
	if account.ValidID(id) {
		return sigv4.Key{Secret: secretOf(id), Caller: account.RootCaller(id, id)}, nil
	}
	arn := awsapi.IAMARN(alpha, "user/"+id)
	return sigv4.Key{Secret: secretOf(id), Caller: awsapi.Caller{
		Kind: awsapi.User, Account: alpha, ARN: arn, PrincipalARN: arn, Name: id, EntityID: "AIDA" + id, AccessKeyID: id,
	}}, nil
}

// Authorize answers from the one policy of the user, with the real evaluator.
func (w *world) Authorize(ctx context.Context, accesses []awsapi.Access) error {
	w.asked = nil
	caller := awsapi.RequestFrom(ctx).Caller
	policy, err := iampolicy.Parse(w.policies[caller.Name], iampolicy.Inline)
	if err != nil {
		return err
	}
	for _, a := range accesses {
		w.asked = append(w.asked, a.Action+" "+a.Resource)
		if !allows(policy, caller, a) {
			return awsapi.AccessDenied.New("%s may not %s on %s", caller.ARN, a.Action, a.Resource)
		}
	}
	return nil
}

type noTokens struct{}

func (noTokens) Authenticate(context.Context, string) (context.Context, error) {
	return nil, errors.New("no operation of this door takes an access token")
}

// nobody counts the users of pools that have none.
type nobody struct{}

func (nobody) CountUsers(context.Context, string) (int64, error) { return 0, nil }

// want fails the test unless err is that error of the API.
func want(t *testing.T, err error, code, message string) {
	t.Helper()
	var got smithy.APIError
	if !errors.As(err, &got) {
		t.Errorf("error is %v, want %s: %s", err, code, message)
		return
	}
	if got.ErrorCode() != code || got.ErrorMessage() != message {
		t.Errorf("error is %s: %s\nwant %s: %s", got.ErrorCode(), got.ErrorMessage(), code, message)
	}
}

// ok returns v, or ends the test.
func ok[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// pool makes a user pool and returns its id.
func (w *world) pool(c *idp.Client, change ...func(*idp.CreateUserPoolInput)) string {
	w.t.Helper()
	in := &idp.CreateUserPoolInput{PoolName: aws.String("people")}
	for _, f := range change {
		f(in)
	}
	out, err := c.CreateUserPool(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.UserPool.Id
}

var (
	poolID   = regexp.MustCompile(`[a-z]{2}-[a-z]+-\d_[0-9A-Za-z]{9}`)
	clientID = regexp.MustCompile(`"ClientId":"[0-9a-z]{26}"`)
	secret   = regexp.MustCompile(`"ClientSecret":"[0-9a-z]{52}"`)
)

// golden is the last reply with generated names replaced: members in their
// order, nothing added and nothing left out.
func (w *world) golden() string {
	s := poolID.ReplaceAllString(string(w.raw), "POOL")
	s = clientID.ReplaceAllString(s, `"ClientId":"CLIENT"`)
	return secret.ReplaceAllString(s, `"ClientSecret":"SECRET"`)
}

// compact is JSON text without the white space that makes it readable.
func compact(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wantReply compares the last reply with a readable form of it.
func (w *world) wantReply(t *testing.T, text string) {
	t.Helper()
	got, want := w.golden(), compact(t, text)
	if got != want {
		// Show where they part: the replies are long.
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		at := max(i-40, 0)
		t.Errorf("reply differs at byte %d\n got …%.200s\nwant …%.200s", i, got[at:], want[min(at, len(want)):])
	}
}
