// Package attacks tries to break into whole deployments, put together as the
// binary does it and asked over HTTP: as a stranger, as another tenant, as a
// user with a stolen token, through an operator's mistake. Attacks on one
// package alone are tests of that package.
package attacks

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const (
	home   = "111111111111"
	abroad = "222222222222"
	west   = "us-west-2"
	tokyo  = "ap-northeast-1"

	goodPassword, newPassword = "Correct-Horse-1", "Battery-Staple-2"
)

// world is one deployment: a database, a clock, and any number of nodes.
type world struct {
	t       *testing.T
	storage config.Storage
	roots   map[string]aws.Credentials // of accounts
	ahead   *atomic.Int64              // of the machine's clock, ns
	frozen  *atomic.Int64              // where the machine's clock stands, ns since 1970; 0: it runs
	*node
}

// node is one process on the deployment's database.
type node struct {
	url  string
	dep  *app.Deployment
	log  *logged
	stop func()
}

// options change how a node runs.
type options struct {
	mode     config.Mode // serve if empty
	settings func(*config.Server)
}

// serve starts a deployment in production mode on an SQLite file, with two
// accounts.
func serve(t *testing.T, o options) *world {
	dir := t.TempDir()
	key := filepath.Join(dir, "master.key")
	if err := app.GenerateMasterKey(key); err != nil {
		t.Fatal(err)
	}
	return open(t, config.Storage{Data: filepath.Join(dir, "data"), MasterKeyFile: key}, o)
}

// develop starts a deployment in development mode, in memory.
func develop(t *testing.T, o options) *world {
	o.mode = config.Dev
	w := &world{t: t, storage: config.Storage{Data: config.InMemory}, ahead: new(atomic.Int64), frozen: new(atomic.Int64)}
	w.node = w.start(o)
	return w
}

// pair starts two nodes on one PostgreSQL database.
func pair(t *testing.T) (a, b *world) {
	o := options{settings: func(s *config.Server) { s.PublicURL = "https://id.test" }}
	// The template that test databases are copies of has keys under this one.
	key := hex.EncodeToString(bytes.Repeat([]byte("test"), 8))
	a = open(t, config.Storage{Database: storetest.Postgres(t), MasterKey: key}, o)
	other := *a
	other.node = a.start(o)
	return a, &other
}

// on is the pool as another node sees it.
func (p *pool) on(w *world) *pool {
	other := *p
	other.world = w
	return &other
}

func open(t *testing.T, s config.Storage, o options) *world {
	t.Helper()
	w := &world{t: t, storage: s, roots: map[string]aws.Credentials{}, ahead: new(atomic.Int64), frozen: new(atomic.Int64)}
	for _, id := range []string{home, abroad} {
		a, err := app.CreateAccount(t.Context(), s, "account "+id, id)
		if err != nil {
			t.Fatal(err)
		}
		w.roots[id] = aws.Credentials{AccessKeyID: a.AccessKeyID, SecretAccessKey: a.SecretAccessKey}
	}
	w.node = w.start(o)
	return w
}

func (w *world) now() time.Time {
	now := time.Now()
	if at := w.frozen.Load(); at != 0 {
		now = time.Unix(0, at)
	}
	return now.Add(time.Duration(w.ahead.Load()))
}

// freeze makes time stand still but for pass.
func (w *world) freeze() { w.frozen.Store(time.Now().UnixNano()) }

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.ahead.Add(int64(d)) }

// start runs one more node. A database in a file has one at a time.
func (w *world) start(o options) *node {
	w.t.Helper()
	if o.mode == "" {
		o.mode = config.Serve
	}
	n := &node{log: &logged{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { n.dep.Handler().ServeHTTP(rw, r) }))
	settings := config.Server{
		Storage: w.storage, Listen: "127.0.0.1:0", PublicURL: "http://" + server.Listener.Addr().String(),
		Region: "us-east-1", IssuerMode: "path", LogLevel: "debug", OutboxOnly: true,
	}
	if o.settings != nil {
		o.settings(&settings)
	}
	if err := settings.Check(o.mode); err != nil {
		w.t.Fatal(err)
	}
	var err error
	n.dep, err = app.New(w.t.Context(), app.Config{
		Mode: o.mode, Settings: settings, DevAccount: home, Version: "test", CryptoWorkers: 2, Now: w.now, Strict: true,
		Log: slog.New(slog.NewTextHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.dep.Run(ctx) }()
	if err := n.dep.AwaitReady(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	server.Start()
	n.url = server.URL
	n.stop = sync.OnceFunc(func() {
		server.Close()
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		if err := n.dep.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(n.stop)
	return n
}

// restart ends the node and starts another on the same data.
func (w *world) restart(o options) {
	w.t.Helper()
	w.stop()
	w.node = w.start(o)
}

// logged is everything that a node wrote to its log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// reply is an answer: an error's code and message, or a body.
type reply struct {
	status        int
	header        http.Header
	body          []byte
	code, message string // of an error
}

// ok reads a good answer into out.
func (r reply) ok(t *testing.T, out any) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("answered %d %s", r.status, r.body)
	}
	if out != nil {
		if err := json.Unmarshal(r.body, out); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
	}
}

// refused fails unless the answer is an error of that code whose message
// begins so.
func (r reply) refused(t *testing.T, what, code, message string) {
	t.Helper()
	if r.status == http.StatusOK || r.code != code || !strings.HasPrefix(r.message, message) {
		t.Errorf("%s: answered %d %s, want %s: %s", what, r.status, r.body, code, message)
	}
}

var targets = map[string]string{
	"cognito-idp": "AWSCognitoIdentityProviderService.", "cognito-identity": "AWSCognitoIdentityService.",
}

// input is the body of a JSON request.
type input map[string]any

// jsonRequest makes an AWS JSON request that nobody has signed.
func (n *node) jsonRequest(service, op string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, n.url+"/", bytes.NewReader(body))
	r.RequestURI = ""
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", targets[service]+op)
	return r
}

// formRequest makes an AWS Query request that nobody has signed.
func (n *node) formRequest(form string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, n.url+"/", strings.NewReader(form))
	r.RequestURI = ""
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("Accept", "application/json")
	return r
}

// sign signs a request for its body as it is now.
func (w *world) sign(r *http.Request, c aws.Credentials, service, region string) *http.Request {
	w.t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(w.t.Context(), c, r, hex.EncodeToString(sum[:]), service, region, w.now()); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	out := reply{status: res.StatusCode, header: res.Header}
	if out.body, err = io.ReadAll(res.Body); err != nil {
		w.t.Fatal(err)
	}
	var e struct {
		Type    string `json:"__type"`
		Message string // matches "message" as well
		Error   struct{ Code, Message string }
	}
	if res.StatusCode != http.StatusOK && json.Unmarshal(out.body, &e) == nil {
		out.code, out.message = e.Type+e.Error.Code, e.Message+e.Error.Message
	}
	return out
}

// open calls an operation that nobody signs.
func (w *world) unsigned(service, op string, in input) reply {
	w.t.Helper()
	return w.send(w.jsonRequest(service, op, w.encode(in)))
}

// signed calls an operation of a JSON service.
func (w *world) signed(c aws.Credentials, service, region, op string, in input) reply {
	w.t.Helper()
	return w.send(w.sign(w.jsonRequest(service, op, w.encode(in)), c, service, region))
}

// query calls an operation of a Query service by a form such as
// "Action=GetUser&UserName=ann".
func (w *world) query(c aws.Credentials, service, form string) reply {
	w.t.Helper()
	version := map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]
	return w.send(w.sign(w.formRequest(form+"&Version="+version), c, service, "us-east-1"))
}

func (w *world) encode(in input) []byte {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}
