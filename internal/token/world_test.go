package token_test

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
)

const pool = "us-west-2_AbCdEfGhI"

// world is a deployment with one pool.
type world struct {
	db       *store.DB
	keys     *token.Keys
	sessions *token.Sessions
	verifier *token.Verifier

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// spares are keys for all worlds: making one takes longer than most tests.
var spares = sync.OnceValue(func() []token.SpareKey {
	db, err := store.Open(context.Background(), store.Config{URL: "sqlite::memory:", Master: storetest.Master(), Now: time.Now})
	if err != nil {
		panic(err)
	}
	defer db.Close()
	keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: time.Now})
	var all []token.SpareKey
	for range 2 {
		if err := keys.Warm(context.Background()); err != nil {
			panic(err)
		}
		taken, err := db.SigningKeys().TakeSpareKeys(context.Background(), 2)
		if err != nil {
			panic(err)
		}
		all = append(all, taken...)
	}
	return all
})

func stock(t testing.TB, db *store.DB) {
	t.Helper()
	for _, k := range spares() {
		if err := db.SigningKeys().PutSpareKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{db: storetest.Memory(t), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	stock(t, w.db)
	w.restart()
	if err := w.keys.CreateKeys(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return w
}

// restart begins with nothing in memory, as another node would.
func (w *world) restart() {
	w.keys = token.NewKeys(token.KeysConfig{Store: w.db.SigningKeys(), Stock: w.db.SigningKeys(), Now: w.clock})
	w.sessions = token.NewSessions(token.SessionsConfig{Store: w.db.RefreshSessions(), List: w.db.RefreshSessions(), Sealer: w.db.Ring(), Now: w.clock})
	w.verifier = token.NewVerifier(token.VerifierConfig{Keys: w.keys, Sessions: w.db.RefreshSessions(), Now: w.clock})
}

// begin begins a session.
func (w *world) begin(t testing.TB, bend func(*token.NewSession)) (*token.Session, string) {
	t.Helper()
	n := token.NewSession{
		Pool: pool, Region: "us-west-2", Client: client,
		Sub: "34c84488-e0e1-70ae-d2ee-000000000001", Username: "alice",
		AuthTime: w.clock(), EventID: "7b7a2a5e-0000-4000-8000-000000000002", Life: 30 * 24 * time.Hour,
	}
	if bend != nil {
		bend(&n)
	}
	s, refresh := w.sessions.New(n)
	if err := w.sessions.Save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s, refresh
}

// signIn begins a session and mints its first tokens. Parsing keys and signing
// is most of what it costs.
func (w *world) signIn(t testing.TB, bend func(*token.NewSession, *token.Grant)) (*token.Session, string, *token.Tokens) {
	t.Helper()
	g := &token.Grant{IDLife: time.Hour, AccessLife: time.Hour}
	s, refresh := w.begin(t, func(n *token.NewSession) {
		if bend != nil {
			bend(n, g)
		}
	})
	g.Pool, g.Issuer, g.Client = s.Pool, "http://localhost:2366/"+s.Pool, s.Client
	g.Sub, g.Username, g.Scope, g.EventID, g.AuthTime, g.DeviceKey = s.Sub, s.Username, s.Scope, s.EventID, s.AuthTime, s.DeviceKey
	if g.OriginJTI == "" {
		g.OriginJTI = s.ID
	}
	if g.OriginJTI == "off" { // a client without token revocation
		g.OriginJTI = ""
	}
	tokens, err := w.keys.Mint(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	return s, refresh, tokens
}

// part decodes a part of a token: 0 for the header, 1 for the claims.
func part(t testing.TB, tok string, i int) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(tok, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
