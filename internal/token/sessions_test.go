package token_test

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
)

const (
	refreshInvalid = "NotAuthorizedException: Invalid Refresh Token"
	refreshRevoked = "NotAuthorizedException: Refresh Token has been revoked"
	refreshExpired = "NotAuthorizedException: Refresh Token has expired"
	refreshReused  = "RefreshTokenReuseException: Refresh token has been reused"
)

const client = "1example23456789abcdefghij"

func (w *world) open(t testing.TB, refresh string) (*token.Session, error) {
	return w.sessions.Open(t.Context(), token.Refresh{Token: refresh, Pool: pool, Client: client})
}

// Clients check the form: five parts, the first one as Cognito has it.
func TestRefreshTokenForm(t *testing.T) {
	w := newWorld(t)
	_, a := w.begin(t, nil)
	_, b := w.begin(t, nil)
	const prefix = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ."
	for _, refresh := range []string{a, b} {
		if !strings.HasPrefix(refresh, prefix) || strings.Count(refresh, ".") != 4 || !regexp.MustCompile(`^[A-Za-z0-9-_=.]+$`).MatchString(refresh) {
			t.Errorf("%s", refresh)
		}
		if part(t, refresh, 0) != `{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}` {
			t.Errorf("header %s", part(t, refresh, 0))
		}
		if strings.Contains(refresh, "alice") || strings.Contains(refresh, pool) {
			t.Error("the token tells what it is about")
		}
	}
	if a == b {
		t.Error("two sign-ins have one token")
	}
}

func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		device  string // of the session
		request func(*token.Refresh)
		happens func(*testing.T, *world, *token.Session)
		want    string
	}{
		"good":             {},
		"another client":   {request: func(r *token.Refresh) { r.Client = "another" }, want: refreshInvalid},
		"another pool":     {request: func(r *token.Refresh) { r.Pool = "us-west-2_Other1234" }, want: refreshInvalid},
		"no token":         {request: func(r *token.Refresh) { r.Token = "" }, want: refreshInvalid},
		"a word":           {request: func(r *token.Refresh) { r.Token = "garbage" }, want: refreshInvalid},
		"the prefix alone": {request: func(r *token.Refresh) { r.Token = r.Token[:64] }, want: refreshInvalid},
		"cut short":        {request: func(r *token.Refresh) { r.Token = r.Token[:len(r.Token)-2] }, want: refreshInvalid},
		"longer":           {request: func(r *token.Refresh) { r.Token += "AA" }, want: refreshInvalid},
		"a megabyte":       {request: func(r *token.Refresh) { r.Token += strings.Repeat("A", 1<<20) }, want: refreshInvalid},
		"other words for invalid": {
			request: func(r *token.Refresh) { r.Token, r.Invalid = "garbage", token.ErrRefreshInvalidToken },
			want:    "NotAuthorizedException: Invalid Refresh Token.",
		},
		"its device":     {device: "us-west-2_d", request: func(r *token.Refresh) { r.DeviceKey = "us-west-2_d" }},
		"no device":      {device: "us-west-2_d", want: refreshInvalid},
		"another device": {device: "us-west-2_d", request: func(r *token.Refresh) { r.DeviceKey = "us-west-2_x" }, want: refreshInvalid},
		"a device too many": {request: func(r *token.Refresh) {
			r.DeviceKey = "us-west-2_x"
		}},
		"a second before the end": {happens: func(_ *testing.T, w *world, _ *token.Session) { w.pass(30*24*time.Hour - time.Second) }},
		"at the end": {
			happens: func(_ *testing.T, w *world, _ *token.Session) { w.pass(30 * 24 * time.Hour) },
			want:    refreshExpired,
		},
		"after the sweep": {
			happens: func(t *testing.T, w *world, _ *token.Session) {
				w.pass(32 * 24 * time.Hour)
				if n, err := w.db.RefreshSessions().DeleteExpiredSessions(t.Context(), w.clock(), 10); n != 1 || err != nil {
					t.Fatal(n, err)
				}
			},
			want: refreshInvalid,
		},
		"signed out": {
			happens: func(t *testing.T, w *world, s *token.Session) {
				if err := w.sessions.SignOut(t.Context(), pool, "us-west-2", s.Sub); err != nil {
					t.Fatal(err)
				}
			},
			want: refreshRevoked,
		},
		"user deleted": {
			happens: func(t *testing.T, w *world, s *token.Session) {
				if err := w.sessions.DeleteUser(t.Context(), pool, s.Sub); err != nil {
					t.Fatal(err)
				}
			},
			want: refreshInvalid,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			made, refresh := w.begin(t, func(n *token.NewSession) { n.DeviceKey = c.device })
			if c.happens != nil {
				c.happens(t, w, made)
			}
			r := token.Refresh{Token: refresh, Pool: pool, Client: client}
			if c.request != nil {
				c.request(&r)
			}
			s, err := w.sessions.Open(t.Context(), r)
			if text(err) != c.want {
				t.Fatalf("%q, want %q", text(err), c.want)
			}
			if err == nil && (s.ID != made.ID || s.Sub != made.Sub || !s.AuthTime.Equal(made.AuthTime) || s.Scope != token.SelfService || s.EventID != made.EventID) {
				t.Errorf("opened %+v, made %+v", s, made)
			}
		})
	}
}

// Whatever a stranger sends is refused before the store is asked: here the
// store is closed, and would answer with its own error.
func TestForgeriesDoNotReachTheStore(t *testing.T) {
	w := newWorld(t)
	_, refresh := w.begin(t, nil)
	closed := storetest.Memory(t)
	sessions := token.NewSessions(token.SessionsConfig{Store: closed.RefreshSessions(), List: closed.RefreshSessions(), Sealer: w.db.Ring(), Now: w.clock})
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sessions.Open(t.Context(), token.Refresh{Token: refresh, Pool: pool, Client: client}); err == nil || text(err) == refreshInvalid {
		t.Fatalf("the true token: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(refresh)
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[i] = rapid.Byte().Filter(func(c byte) bool { return c != b[i] }).Draw(t, "byte")
		if _, err := sessions.Open(t.Context(), token.Refresh{Token: string(b), Pool: pool, Client: client}); text(err) != refreshInvalid {
			t.Fatalf("%q", text(err))
		}
	})
}

func FuzzOpen(f *testing.F) {
	w := newWorld(f)
	_, refresh := w.begin(f, nil)
	f.Add(refresh[:64])
	f.Add(refresh[:64] + "AAAA.AAAA.AAAA.AAAA")
	f.Add("....")
	f.Fuzz(func(t *testing.T, s string) {
		if s == refresh {
			return
		}
		if _, err := w.open(t, s); text(err) != refreshInvalid {
			t.Fatalf("%q: %q", s, text(err))
		}
	})
}

func TestRefreshTokenRotation(t *testing.T) {
	const grace = 30 * time.Second
	w := newWorld(t)
	made, first := w.begin(t, nil)
	rotate := func(refresh string) string {
		t.Helper()
		s, err := w.open(t, refresh)
		if err != nil {
			t.Fatal(err)
		}
		next, err := w.sessions.Rotate(t.Context(), s, grace)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	same := func(a, b string) {
		t.Helper()
		// Seals differ each time: what counts is that both open the session now.
		for _, r := range []string{a, b} {
			if s, err := w.open(t, r); err != nil || s.ID != made.ID {
				t.Errorf("session %+v, error %v", s, err)
			}
		}
	}
	second := rotate(first)
	if second == first {
		t.Fatal("rotation returns the same token")
	}
	w.pass(grace - time.Second)
	same(second, rotate(first)) // a repeated request, within the grace
	third := rotate(second)
	if _, err := w.open(t, first); text(err) != refreshReused {
		t.Errorf("two rotations ago: %q", text(err))
	}
	w.pass(grace)
	if _, err := w.open(t, second); text(err) != refreshReused {
		t.Errorf("after the grace: %q", text(err))
	}
	if _, err := w.open(t, third); err != nil {
		t.Errorf("the current one: %v", err)
	}
	// The end does not move, and a revoked session stays revoked.
	w.pass(made.Expires.Sub(w.clock()) - time.Second)
	fourth := rotate(third)
	if err := w.sessions.Revoke(t.Context(), third, pool, client); err != nil {
		t.Fatal(err)
	}
	if _, err := w.open(t, fourth); text(err) != refreshRevoked {
		t.Errorf("revoked by an older token: %q", text(err))
	}
	w.pass(time.Second)
	if s, err := w.db.RefreshSessions().DeleteExpiredSessions(t.Context(), w.clock().Add(time.Second), 10); s != 1 || err != nil {
		t.Errorf("%d sessions swept, error %v", s, err)
	}
}

func TestRotationWithoutGrace(t *testing.T) {
	w := newWorld(t)
	_, first := w.begin(t, nil)
	s, err := w.open(t, first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sessions.Rotate(t.Context(), s, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.open(t, first); text(err) != refreshReused {
		t.Errorf("%q", text(err))
	}
}

// Requests that race for one rotation all end with a token that works, or, if
// there is no grace, all but one with the reuse error.
func TestRotationRace(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Minute} {
		w := newWorld(t)
		_, first := w.begin(t, nil)
		var racers sync.WaitGroup
		var mu sync.Mutex
		var won []string
		var opened []*token.Session
		for range 8 {
			s, err := w.open(t, first)
			if err != nil {
				t.Fatal(err)
			}
			opened = append(opened, s)
		}
		for _, s := range opened {
			racers.Go(func() {
				next, err := w.sessions.Rotate(t.Context(), s, grace)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won = append(won, next)
				case grace > 0 || text(err) != refreshReused:
					t.Errorf("grace %v: %v", grace, err)
				}
			})
		}
		racers.Wait()
		if want := map[bool]int{true: 8, false: 1}[grace > 0]; len(won) != want {
			t.Errorf("grace %v: %d of 8 have a token, want %d", grace, len(won), want)
		}
		for _, r := range won {
			if _, err := w.open(t, r); err != nil {
				t.Errorf("grace %v: %v", grace, err)
			}
		}
	}
}

// A session that ends while it is being rotated hands out nothing.
func TestRotationLosesToRevocation(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(w *world, s *token.Session, refresh string) error
		want string
	}{
		"revoked": {func(w *world, _ *token.Session, refresh string) error {
			return w.sessions.Revoke(t.Context(), refresh, pool, client)
		}, refreshRevoked},
		"deleted": {func(w *world, s *token.Session, _ string) error {
			return w.sessions.DeleteUser(t.Context(), pool, s.Sub)
		}, refreshInvalid},
	} {
		w := newWorld(t)
		_, refresh := w.begin(t, nil)
		s, err := w.open(t, refresh)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.end(w, s, refresh); err != nil {
			t.Fatal(err)
		}
		if _, err := w.sessions.Rotate(t.Context(), s, time.Minute); text(err) != c.want {
			t.Errorf("%s: %q, want %q", name, text(err), c.want)
		}
	}
}

func TestRevokeRefuses(t *testing.T) {
	w := newWorld(t)
	_, refresh, tokens := w.signIn(t, nil)
	for name, c := range map[string]struct{ token, pool, client, want string }{
		"an access token": {tokens.Access, pool, client, "UnsupportedTokenTypeException: Only refresh tokens can be revoked"},
		"an ID token":     {tokens.ID, pool, client, "UnsupportedTokenTypeException: Only refresh tokens can be revoked"},
		"a forgery":       {refresh[:len(refresh)-1], pool, client, refreshInvalid},
		"another client":  {refresh, pool, "another", refreshInvalid},
		"another pool":    {refresh, "us-west-2_Other1234", client, refreshInvalid},
	} {
		if err := w.sessions.Revoke(t.Context(), c.token, c.pool, c.client); text(err) != c.want {
			t.Errorf("%s: %q, want %q", name, text(err), c.want)
		}
	}
	if _, err := w.open(t, refresh); err != nil {
		t.Errorf("revoked all the same: %v", err)
	}
}

func TestNewKeepsNothing(t *testing.T) {
	w := newWorld(t)
	_, refresh := w.sessions.New(token.NewSession{Pool: pool, Client: client, Sub: "s", Username: "u", Life: time.Hour})
	if _, err := w.open(t, refresh); text(err) != refreshInvalid {
		t.Errorf("a session that was not saved opens: %q", text(err))
	}
	s, _ := w.sessions.New(token.NewSession{Pool: pool, Client: client, Sub: "s", Username: "u", Life: time.Hour})
	if err := errors.Join(w.sessions.Save(t.Context(), s)); err != nil {
		t.Error(err)
	}
	if err := w.sessions.Save(t.Context(), s); err == nil {
		t.Error("a session is saved twice")
	}
}
