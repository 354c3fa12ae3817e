package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

func deviceOf(u *user.User, key string) *user.Device {
	at := time.Date(2026, 11, 22, 10, 0, 0, 123_456_000, time.UTC)
	return &user.Device{
		Pool: u.Pool, Region: u.Region, Sub: u.Sub, Key: key, Name: "phone", Remembered: true, Address: "192.0.2.1",
		Secret:    password.Stored{Salt: []byte("salt of the device"), Verifier: bytes.Repeat([]byte("verifier"), 48)},
		CreatedAt: at, ModifiedAt: at, AuthenticatedAt: at.Truncate(time.Second),
	}
}

func TestDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, devices := t.Context(), db.Devices()
		alice, bob := insert(t, db.Users(), person("alice")), insert(t, db.Users(), person("bob"))
		d := deviceOf(alice, "us-west-2_b")
		if err := devices.InsertDevice(ctx, d); err != nil || d.Version != 1 {
			t.Fatalf("version %d: %v", d.Version, err)
		}
		if err := devices.InsertDevice(ctx, deviceOf(alice, d.Key)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("twice: %v", err)
		}
		got, err := devices.Device(ctx, alice.Pool, alice.Sub, d.Key)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, got); diff != "" {
			t.Error(diff)
		}
		for name, of := range map[string][3]string{
			"another user": {bob.Pool, bob.Sub, d.Key}, "another pool": {"us-west-2_Other1234", alice.Sub, d.Key},
			"another key": {alice.Pool, alice.Sub, "us-west-2_c"},
		} {
			if _, err := devices.Device(ctx, of[0], of[1], of[2]); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", name, err)
			}
			if err := devices.DeleteDevice(ctx, of[0], of[1], of[2]); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("delete of %s: %v", name, err)
			}
		}

		stale := *got
		got.Remembered, got.Address, got.ModifiedAt = false, "2001:db8::1", got.ModifiedAt.Add(time.Minute)
		if err := devices.UpdateDevice(ctx, got); err != nil || got.Version != 2 {
			t.Fatalf("version %d: %v", got.Version, err)
		}
		if err := devices.UpdateDevice(ctx, &stale); !errors.Is(err, store.ErrStale) {
			t.Errorf("of a version that is no more: %v", err)
		}
		for _, key := range []string{"us-west-2_d", "us-west-2_a", "us-west-2_c"} {
			if err := devices.InsertDevice(ctx, deviceOf(alice, key)); err != nil {
				t.Fatal(err)
			}
		}
		if err := devices.InsertDevice(ctx, deviceOf(bob, "us-west-2_b")); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			after      string
			remembered bool
			limit      int
			want       string
		}{
			{"", false, 9, "a b c d"}, {"", true, 9, "a c d"}, {"us-west-2_a", false, 2, "b c"}, {"us-west-2_d", false, 9, ""},
		} {
			list, err := devices.Devices(ctx, alice.Pool, alice.Sub, c.after, c.remembered, c.limit)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, d := range list {
				keys = append(keys, strings.TrimPrefix(d.Key, "us-west-2_"))
			}
			if got := strings.Join(keys, " "); got != c.want {
				t.Errorf("after %q, remembered %t: %s, want %s", c.after, c.remembered, got, c.want)
			}
		}

		if err := devices.DeleteDevice(ctx, alice.Pool, alice.Sub, "us-west-2_a"); err != nil {
			t.Fatal(err)
		}
		pending := signin.PendingDevice{Pool: alice.Pool, Sub: alice.Sub, Client: "app", Device: d.Key, Expires: time.Now().Add(time.Hour)}
		if err := devices.PutPending(ctx, pending); err != nil {
			t.Fatal(err)
		}
		if err := db.Users().DeleteUser(ctx, alice, nil); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int64{`SELECT COUNT(*) FROM user_devices`: 1, `SELECT COUNT(*) FROM device_challenges`: 0} {
			if n, err := db.Int(ctx, query); err != nil || n != want {
				t.Errorf("%d for %s: %v", n, query, err)
			}
		}
		pending.Sub = bob.Sub
		if err := errors.Join(devices.PutPending(ctx, pending), db.Users().DeletePool(ctx, bob.Pool)); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"user_devices", "device_challenges"} {
			if n, err := db.Int(ctx, `SELECT COUNT(*) FROM `+table); err != nil || n != 0 {
				t.Errorf("%d in %s of a deleted pool: %v", n, table, err)
			}
		}
	})
}

// What a device's password could be guessed from is sealed, for this device of
// this user.
func TestDeviceSecretsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, devices := t.Context(), db.Devices()
		alice, bob := insert(t, db.Users(), person("alice")), insert(t, db.Users(), person("bob"))
		for _, d := range []*user.Device{deviceOf(alice, "us-west-2_a"), deviceOf(alice, "us-west-2_b"), deviceOf(bob, "us-west-2_a")} {
			if err := devices.InsertDevice(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		pending := signin.PendingDevice{
			Pool: alice.Pool, Region: alice.Region, Sub: alice.Sub, Client: "app", Device: "us-west-2_a", Address: "192.0.2.1",
			Session: "session of the challenge", Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond),
		}
		if err := devices.PutPending(ctx, pending); err != nil {
			t.Fatal(err)
		}
		for table, column := range map[string]string{"user_devices": "secret", "device_challenges": "session"} {
			for _, clear := range []string{"verifier", "salt", "session"} {
				n, err := db.Int(ctx, `SELECT COUNT(*) FROM `+table+` WHERE CAST(`+column+` AS TEXT) LIKE $1`, "%"+clear+"%")
				if err != nil || n > 0 {
					t.Errorf("%q is in %d rows: %v", clear, n, err)
				}
			}
		}
		const steal = `UPDATE user_devices SET secret = (SELECT secret FROM user_devices WHERE sub = $1 AND device_key = $2) WHERE sub = $3 AND device_key = $4`
		for _, to := range [][2]string{{bob.Sub, "us-west-2_a"}, {alice.Sub, "us-west-2_b"}} {
			if _, err := db.Exec(ctx, steal, alice.Sub, "us-west-2_a", to[0], to[1]); err != nil {
				t.Fatal(err)
			}
			if d, err := devices.Device(ctx, alice.Pool, to[0], to[1]); err == nil {
				t.Errorf("%s has %+v", to, d)
			}
		}
	})
}

func TestPendingDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, devices, now := t.Context(), db.Devices(), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		p := signin.PendingDevice{
			Pool: "us-west-2_AbCdEf123", Region: "us-west-2", Sub: "9301f852-88c2-4613-b70a-7b67ccb1fe92", Client: "app", Device: "us-west-2_a",
			Address: "192.0.2.1", Session: "first", Expires: now.Add(time.Minute),
		}
		for _, session := range []string{"first", "second"} {
			p.Session = session
			if err := devices.PutPending(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		name := signin.PendingDevice{Pool: p.Pool, Sub: p.Sub, Client: p.Client, Device: p.Device}
		got, err := devices.Pending(ctx, name, now)
		if diff := cmp.Diff(p, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		for i, change := range []func(*signin.PendingDevice){
			func(p *signin.PendingDevice) { p.Pool = "us-west-2_Other1234" }, func(p *signin.PendingDevice) { p.Sub = "another" },
			func(p *signin.PendingDevice) { p.Client = "another" }, func(p *signin.PendingDevice) { p.Device = "us-west-2_b" },
		} {
			other := name
			change(&other)
			if _, err := devices.Pending(ctx, other, now); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if _, err := devices.Pending(ctx, name, p.Expires); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("expired: %v", err)
		}
		if err := db.Users().Sweep(ctx, p.Expires); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Int(ctx, `SELECT COUNT(*) FROM device_challenges`); err != nil || n != 0 {
			t.Errorf("%d are left: %v", n, err)
		}
	})
}

// Forgetting a device ends the sessions on it, of this user alone, and stops a
// rotation that is under way.
func TestSessionsOnDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, sessions, now := t.Context(), db.RefreshSessions(), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		const pool, key = "us-west-2_AbCdEf123", "us-west-2_a"
		var all []*token.Session
		for i, of := range [][2]string{{"alice", key}, {"alice", "us-west-2_b"}, {"bob", key}, {"alice", key}} {
			s := &token.Session{
				Pool: pool, Region: "us-west-2", ID: fmt.Sprintf("session-%d", i), Client: "app", Sub: of[0], Username: of[0], DeviceKey: of[1],
				Created: now, Expires: now.Add(time.Hour), Hash: []byte("hash"), Version: 1,
			}
			if err := sessions.InsertSession(ctx, s); err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		count := func(sub string) int64 {
			n, err := sessions.CountDevice(ctx, pool, sub, key, now)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count("alice"); n != 2 {
			t.Errorf("%d sessions", n)
		}
		if err := sessions.ExpireDevice(ctx, pool, "alice", key, now); err != nil {
			t.Fatal(err)
		}
		if a, b := count("alice"), count("bob"); a != 0 || b != 1 {
			t.Errorf("%d sessions of alice, %d of bob", a, b)
		}
		var live []string
		for _, s := range all {
			now, _, err := sessions.Session(ctx, pool, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			if now.Expires.Equal(s.Expires) {
				live = append(live, s.ID)
			}
		}
		if !slices.Equal(live, []string{"session-1", "session-2"}) {
			t.Errorf("live are %v", live)
		}
		all[0].Generation++
		if changed, err := sessions.UpdateSession(ctx, all[0]); changed || err != nil {
			t.Errorf("a rotation under way: %t, %v", changed, err)
		}
		if err := sessions.RaiseEpoch(ctx, pool, "us-west-2", "bob", now); err != nil {
			t.Fatal(err)
		}
		if n := count("bob"); n != 0 {
			t.Errorf("%d sessions of bob, who is signed out", n)
		}
	})
}
