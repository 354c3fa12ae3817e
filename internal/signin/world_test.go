package signin_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

const (
	good  = "Correct-Horse-1"
	other = "Battery-Staple-2"
)

// world is a pool with one user, alice, who can sign in with the good password.
type world struct {
	db    *store.DB
	users *user.Service
	flows *signin.Service
	app   signin.App
	clock time.Time

	// meanwhile runs once, just before the next transaction of a sign-in.
	meanwhile func()
	begun     []string // ids of the sessions that were ever written
}

func newWorld(t *testing.T) *world {
	w := &world{clock: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.clock }
	w.db = storetest.Memory(t, storetest.Clock(now))
	db := w.db
	key := func() []byte { return []byte("key of unknown users") }
	keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: stock{}, Now: now})
	sessions := token.NewSessions(token.SessionsConfig{Store: noting{db.RefreshSessions(), w}, List: db.RefreshSessions(), Sealer: db.Ring(), Now: now})
	passwords := password.New(password.Config{UnknownKey: key})
	desk := message.NewDesk(message.Config{Outbox: db.Outbox(), Now: now})
	w.users = user.New(user.Config{
		Now: now, Tx: db.Tx, Users: db.Users(), Directory: db.Users(), Codes: db.Users(), Attempts: db.Users(), Memberships: db.Users(),
		Factors: db.Users(), Links: db.Users(), Devices: db.Devices(),
		Keys: db.Ring(), UnknownKey: key, Passwords: passwords, Sessions: sessions, Messages: desk,
	})
	pools := userpool.New(userpool.Config{
		Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Providers: db.UserPoolProviders(), Keys: keys, Users: db.Users(), Now: now,
		Issuers: userpool.Issuers{PublicURL: "https://id.example.com"},
	})
	w.flows = signin.New(signin.Config{
		Now: now, Tx: w.tx, Users: w.users, Passwords: passwords, Challenges: db.Challenges(), Devices: db.Devices(),
		Sessions: sessions, Keys: keys, Issuer: pools.Issuer, Sealer: db.Ring(), Messages: desk,
	})
	owner := userpool.Owner{Account: "111111111111", Region: "us-west-2"}
	pool, err := pools.Create(t.Context(), owner, &cognitoidp.CreateUserPoolRequest{PoolName: new("people")})
	w.must(t, err)
	client, err := pools.CreateClient(t.Context(), owner, &cognitoidp.CreateUserPoolClientRequest{
		UserPoolId: &pool.ID, ClientName: new("app"),
		ExplicitAuthFlows: []cognitoidp.ExplicitAuthFlowsType{cognitoidp.ExplicitAuthFlowsTypeAllowUserPasswordAuth},
	})
	w.must(t, err)
	w.app = signin.App{Pool: pool, Client: client}
	_, err = w.users.Create(t.Context(), pool, user.NewByAdmin{Username: "alice", Suppress: true})
	w.must(t, err)
	w.must(t, w.users.SetPassword(t.Context(), pool, "alice", good, true))
	return w
}

// tx is the transactions of the flows, with something happening in between.
func (w *world) tx(ctx context.Context, f func(context.Context) error) error {
	if do := w.meanwhile; do != nil {
		w.meanwhile = nil
		do()
	}
	return w.db.Tx(ctx, f)
}

func (w *world) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fail gives wrong passwords.
func (w *world) fail(t *testing.T, times int) {
	t.Helper()
	u, err := w.users.Find(t.Context(), w.app.Pool, "alice")
	w.must(t, err)
	for range times {
		w.must(t, w.users.Fail(t.Context(), u))
	}
}

// sessions counts the sessions that are there.
func (w *world) sessions(t *testing.T) (n int) {
	t.Helper()
	for _, id := range w.begun {
		_, _, err := w.db.RefreshSessions().Session(t.Context(), w.app.Pool.ID, id)
		if err == nil {
			n++
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return n
}

// noting notes which sessions are written, for good or not.
type noting struct {
	*store.RefreshSessions
	w *world
}

func (s noting) InsertSession(ctx context.Context, x *token.Session) error {
	s.w.begun = append(s.w.begun, x.ID)
	return s.RefreshSessions.InsertSession(ctx, x)
}

// stock hands out one signing key again and again: what it signs is not
// looked at.
type stock struct{}

var spareKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, token.Bits)
	if err != nil {
		panic(err)
	}
	return x509.MarshalPKCS1PrivateKey(key)
})

func (stock) TakeSpareKeys(_ context.Context, n int) (keys []token.SpareKey, err error) {
	for range n {
		keys = append(keys, token.SpareKey{ID: secretbox.UUID(), Private: spareKey()})
	}
	return keys, nil
}
func (stock) CountSpareKeys(context.Context) (int, error)       { return token.StockSize, nil }
func (stock) PutSpareKey(context.Context, token.SpareKey) error { return nil }
