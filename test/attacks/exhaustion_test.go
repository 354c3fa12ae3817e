package attacks

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/config"
)

// Anybody may ask whether a node is ready. No signature is made for them, and a
// node whose lanes are full of others' work is not taken out of service: here
// the lanes have stopped.
func TestReadinessCostsNothing(t *testing.T) {
	d, err := app.New(t.Context(), app.Config{
		Mode: config.Dev, Version: "test", CryptoWorkers: 1, Now: time.Now, Log: slog.New(slog.DiscardHandler), DevAccount: home,
		Settings: config.Server{Storage: config.Storage{Data: config.InMemory}, PublicURL: "http://localhost", Region: "us-east-1", IssuerMode: "path"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	if err := d.AwaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for range 100 {
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_cenote/health/ready", nil))
		if w.Code != http.StatusOK {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
	}
}

// A flood of new guests from one address stops; the other pools of the
// deployment, and guests who are there already, do not feel it.
func TestGuestFlood(t *testing.T) {
	w := serve(t, options{})
	w.freeze()
	pool := func() string {
		var out struct{ IdentityPoolId string }
		w.signed(w.roots[home], "cognito-identity", west, "CreateIdentityPool", input{"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true}).ok(t, &out)
		return out.IdentityPoolId
	}
	a, b := pool(), pool()
	flood := func(id string, n int) (made int) {
		for range n {
			r := w.unsigned("cognito-identity", "GetId", input{"IdentityPoolId": id})
			if r.status == http.StatusOK {
				made++
			} else if r.code != "TooManyRequestsException" {
				t.Fatalf("answered %d %s", r.status, r.body)
			}
		}
		return made
	}
	if n := flood(a, 400); n != 250 {
		t.Errorf("%d guests at once", n)
	}
	if n := flood(b, 10); n != 10 {
		t.Errorf("%d guests of another pool", n)
	}
	w.pass(time.Second)
	if n := flood(a, 100); n != 25 {
		t.Errorf("%d guests in the next second", n)
	}
}
