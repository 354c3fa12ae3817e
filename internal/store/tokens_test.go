package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
)

var tokenTime = time.Date(2026, 11, 22, 10, 0, 0, 123456000, time.UTC)

func TestSigningKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, keys := t.Context(), db.SigningKeys()
		a := &token.Key{
			Owner: "us-west-2_A", Region: "us-west-2", ID: "kid+/a=", Use: token.UseID, Private: []byte("private a"),
			Created: tokenTime, Active: tokenTime,
		}
		b := &token.Key{
			Owner: "us-west-2_A", Region: "us-west-2", ID: "kid b", Use: token.UseAccess, Private: []byte("private b"),
			Created: tokenTime.Add(time.Second), Active: tokenTime.Add(time.Minute), Expires: tokenTime.Add(time.Hour),
		}
		other := &token.Key{Owner: "us-west-2_B", ID: "kid c", Use: token.UseID, Private: []byte("c"), Created: tokenTime, Active: tokenTime}
		for _, k := range []*token.Key{b, other, a} {
			if err := keys.PutKey(ctx, k); err != nil {
				t.Fatal(err)
			}
		}
		list := func(owner string, want ...*token.Key) {
			t.Helper()
			got, err := keys.Keys(ctx, owner)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("keys of %s (-want +got):\n%s", owner, diff)
			}
		}
		list("us-west-2_A", a, b)
		if owner, err := keys.KeyOwner(ctx, "kid c"); err != nil || owner != "us-west-2_B" {
			t.Errorf("owner %q, error %v", owner, err)
		}
		if _, err := keys.KeyOwner(ctx, "kid d"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("an unknown key: %v", err)
		}
		// No two pools have one key id: a token names nothing else.
		if err := keys.PutKey(ctx, &token.Key{Owner: "us-west-2_B", ID: a.ID, Use: token.UseID, Private: []byte("x"), Created: tokenTime}); err == nil {
			t.Error("a key id is taken twice")
		}

		a.Expires = tokenTime.Add(2 * time.Hour)
		if err := keys.PutKey(ctx, a); err != nil {
			t.Fatal(err)
		}
		list("us-west-2_A", a, b)
		if err := keys.DeleteExpiredKeys(ctx, b.Expires.Add(time.Microsecond)); err != nil {
			t.Fatal(err)
		}
		list("us-west-2_A", a)
		list("us-west-2_B", other) // has no end
		if err := keys.DeleteKeys(ctx, "us-west-2_A"); err != nil {
			t.Fatal(err)
		}
		list("us-west-2_A")
		list("us-west-2_B", other)
	})
}

func TestSpareKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, keys := t.Context(), db.SigningKeys()
		for i := range 3 {
			err := keys.PutSpareKey(ctx, token.SpareKey{ID: fmt.Sprint(i), Private: fmt.Append(nil, "private ", i), Created: tokenTime})
			if err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		for _, c := range []struct{ ask, want, left int }{{2, 2, 1}, {2, 1, 0}, {2, 0, 0}} {
			got, err := keys.TakeSpareKeys(ctx, c.ask)
			if err != nil || len(got) != c.want {
				t.Fatalf("%d keys, error %v; want %d", len(got), err, c.want)
			}
			for _, k := range got {
				if seen[k.ID] || string(k.Private) != "private "+k.ID || !k.Created.Equal(tokenTime) {
					t.Errorf("%v made %v, seen %v", k, k.Created, seen)
				}
				seen[k.ID] = true
			}
			if n, err := keys.CountSpareKeys(ctx); err != nil || n != c.left {
				t.Errorf("%d left, error %v; want %d", n, err, c.left)
			}
		}
	})
}

// Two that take at once never get the same key.
func TestSpareKeysAreTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, keys := t.Context(), db.SigningKeys()
		const takers = 6
		for i := range 2 * takers {
			if err := keys.PutSpareKey(ctx, token.SpareKey{ID: fmt.Sprintf("%02d", i), Private: []byte("x"), Created: tokenTime}); err != nil {
				t.Fatal(err)
			}
		}
		taken := make(chan []token.SpareKey, takers)
		for range takers {
			go func() {
				got, err := keys.TakeSpareKeys(ctx, 2)
				if err != nil {
					t.Error(err)
				}
				taken <- got
			}()
		}
		seen := map[string]bool{}
		for range takers {
			for _, k := range <-taken {
				if seen[k.ID] {
					t.Errorf("%s is taken twice", k.ID)
				}
				seen[k.ID] = true
			}
		}
		if len(seen) != 2*takers {
			t.Errorf("%d keys taken, want %d", len(seen), 2*takers)
		}
	})
}

func sampleSession(id, sub string) *token.Session {
	return &token.Session{
		Pool: "us-west-2_A", Region: "us-west-2", ID: id, Client: "client", Sub: sub, Username: "alice",
		AuthTime: tokenTime.Truncate(time.Second), Scope: "openid", EventID: "event", DeviceKey: "device",
		Created: tokenTime, Expires: tokenTime.Add(time.Hour), Hash: bytes.Repeat([]byte{7}, 32), Version: 1,
	}
}

var ignoreSecret = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".secret" }, cmp.Ignore())

func TestRefreshSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, sessions := t.Context(), db.RefreshSessions()
		s := sampleSession("one", "alice's sub")
		if err := sessions.InsertSession(ctx, s); err != nil {
			t.Fatal(err)
		}
		if err := sessions.InsertSession(ctx, s); !errors.Is(err, fs.ErrExist) {
			t.Errorf("inserted again: %v", err)
		}
		read := func(want *token.Session, wantEpoch int64) {
			t.Helper()
			got, epoch, err := sessions.Session(ctx, want.Pool, want.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, ignoreSecret); diff != "" || epoch != wantEpoch {
				t.Errorf("epoch %d, want %d (-want +got):\n%s", epoch, wantEpoch, diff)
			}
		}
		read(s, 0)
		for _, c := range []struct{ pool, id string }{{"us-west-2_A", "two"}, {"us-west-2_B", "one"}} {
			if _, _, err := sessions.Session(ctx, c.pool, c.id); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v: %v", c, err)
			}
		}

		stale := *s
		s.Revoked, s.Generation, s.DeviceKey = true, 3, "another"
		s.Hash, s.Previous, s.PreviousUntil = []byte("new"), []byte("old"), tokenTime.Add(time.Minute)
		if changed, err := sessions.UpdateSession(ctx, s); !changed || err != nil || s.Version != 2 {
			t.Errorf("changed %v, version %d, error %v", changed, s.Version, err)
		}
		if changed, err := sessions.UpdateSession(ctx, &stale); changed || err != nil {
			t.Errorf("a stale change: %v, %v", changed, err)
		}
		read(s, 0)
	})
}

func TestEpochs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, sessions := t.Context(), db.RefreshSessions()
		standing := func(id, sub string, want token.Standing) {
			t.Helper()
			got, err := sessions.Standing(ctx, "us-west-2_A", id, sub)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q of %q (-want +got):\n%s", id, sub, diff)
			}
		}
		insert := func(id, sub string) {
			t.Helper()
			if err := sessions.InsertSession(ctx, sampleSession(id, sub)); err != nil {
				t.Fatal(err)
			}
		}
		standing("old", "a", token.Standing{})
		insert("old", "a")
		insert("other", "b")
		standing("old", "a", token.Standing{Exists: true})
		for i := range 2 {
			if err := sessions.RaiseEpoch(ctx, "us-west-2_A", "us-west-2", "a", tokenTime.Add(time.Duration(i)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		insert("new", "a")
		raised := tokenTime.Add(time.Second)
		standing("old", "a", token.Standing{Exists: true, UserEpoch: 2, SignedOut: raised})
		standing("new", "a", token.Standing{Exists: true, Epoch: 2, UserEpoch: 2, SignedOut: raised})
		standing("", "a", token.Standing{UserEpoch: 2, SignedOut: raised})
		standing("other", "b", token.Standing{Exists: true})
		if got, epoch, err := sessions.Session(ctx, "us-west-2_A", "new"); err != nil || got.Epoch != 2 || epoch != 2 {
			t.Errorf("epochs %d and %d, error %v", got.Epoch, epoch, err)
		}

		if err := sessions.DeleteUserSessions(ctx, "us-west-2_A", "a"); err != nil {
			t.Fatal(err)
		}
		standing("new", "a", token.Standing{})
		standing("other", "b", token.Standing{Exists: true})
	})
}

func TestSessionSweep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, sessions := t.Context(), db.RefreshSessions()
		for i := range 5 {
			s := sampleSession(fmt.Sprint("expired ", i), "a")
			s.Expires = tokenTime
			kept := sampleSession(fmt.Sprint("kept ", i), "a")
			gone := sampleSession(fmt.Sprint("gone ", i), "a")
			gone.Pool = "us-west-2_Gone"
			for _, s := range []*token.Session{s, kept, gone} {
				if err := sessions.InsertSession(ctx, s); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := sessions.RaiseEpoch(ctx, "us-west-2_Gone", "us-west-2", "a", tokenTime); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := sessions.DeletePoolSessions(ctx, "us-west-2_Gone"); err != nil {
				t.Fatal(err)
			}
		}
		// Five that expired, five of the pool that is gone, and one epoch.
		for i, want := range []int{4, 4, 3, 0} {
			n, err := sessions.DeleteExpiredSessions(ctx, tokenTime.Add(time.Microsecond), 4)
			if err != nil || n != want {
				t.Errorf("sweep %d: %d rows, error %v; want %d", i, n, err, want)
			}
		}
		for i := range 5 {
			if _, _, err := sessions.Session(ctx, "us-west-2_A", fmt.Sprint("kept ", i)); err != nil {
				t.Errorf("kept %d: %v", i, err)
			}
		}
	})
}

// What the database holds of a key opens no door.
func TestKeysAreSealedAtRest(t *testing.T) {
	url := storetest.File(t)
	ctx := context.Background()
	secret := []byte("-- the private key that nobody may read --")
	db := storetest.Open(t, url)
	if err := db.SigningKeys().PutKey(ctx, &token.Key{Owner: "p", ID: "a kid to look for", Use: token.UseID, Private: secret, Created: tokenTime}); err != nil {
		t.Fatal(err)
	}
	if err := db.SigningKeys().PutSpareKey(ctx, token.SpareKey{ID: "s", Private: secret, Created: tokenTime}); err != nil {
		t.Fatal(err)
	}
	found := false
	path := strings.TrimPrefix(url, "sqlite://")
	for _, name := range []string{path, path + "-wal"} {
		file, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(file, secret[3:20]) {
			t.Errorf("a private key lies in %s in the clear", filepath.Base(name))
		}
		found = found || bytes.Contains(file, []byte("a kid to look for"))
	}
	if !found {
		t.Error("the key is in neither file: the test looks in the wrong place")
	}
}
