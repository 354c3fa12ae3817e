package secretbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/secretbox"
)

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func key(id secretbox.KeyID, active time.Time) secretbox.Key {
	return secretbox.Key{ID: id, Secret: bytes.Repeat([]byte{byte(id)}, 32), Active: active}
}

func newRing(t *testing.T, c *clock, keys ...secretbox.Key) *secretbox.Ring {
	t.Helper()
	r, err := secretbox.NewRing(c.now, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealAndOpen(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		ad := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "ad")
		sealed := ring.Seal(text, ad)
		if len(sealed) != len(text)+secretbox.Overhead {
			t.Fatalf("sealed %d bytes into %d", len(text), len(sealed))
		}
		opened, err := ring.Open(sealed, ad)
		if err != nil || !bytes.Equal(opened, text) {
			t.Fatalf("opened %x, %v", opened, err)
		}
		if _, err := ring.Open(sealed, append(ad, 'x')); !errors.Is(err, secretbox.ErrSealed) {
			t.Fatalf("other associated data: %v", err)
		}
	})
}

func TestAnyChangedByteIsRefused(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start), key(2, start.Add(-time.Hour)))
	ad := []byte("users pool alice")
	sealed := ring.Seal([]byte("verifier"), ad)
	for i := range sealed {
		for _, flip := range []byte{1, 3, 0x80} {
			bad := bytes.Clone(sealed)
			bad[i] ^= flip
			if _, err := ring.Open(bad, ad); !errors.Is(err, secretbox.ErrSealed) {
				t.Errorf("byte %d changed by %#x: %v", i, flip, err)
			}
		}
	}
	for n := range sealed {
		if _, err := ring.Open(sealed[:n], ad); !errors.Is(err, secretbox.ErrSealed) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestSealingIsNotRepeated(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start))
	a, b := ring.Seal([]byte("same"), []byte("ad")), ring.Seal([]byte("same"), []byte("ad"))
	if bytes.Equal(a, b) {
		t.Error("the same text sealed twice looks the same")
	}
}

func TestAssociatedDataIsRequired(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start))
	defer func() {
		if recover() == nil {
			t.Error("sealed without associated data")
		}
	}()
	ring.Seal([]byte("x"), nil)
}

func TestRotation(t *testing.T) {
	c := &clock{start}
	ring := newRing(t, c, key(1, start))
	ad := []byte("ad")
	old := ring.Seal([]byte("old"), ad)
	id, mac := ring.Derive("mac")
	if err := ring.Replace(key(1, start), key(2, start.Add(time.Minute))); err != nil {
		t.Fatal(err)
	}

	// The new key seals only once the other nodes have had time to learn it.
	if got, _ := secretbox.SealedUnder(ring.Seal([]byte("x"), ad)); got != 1 {
		t.Errorf("before its time, sealed under key %d", got)
	}
	c.t = start.Add(time.Minute)
	if got, ok := secretbox.SealedUnder(ring.Seal([]byte("x"), ad)); got != 2 || !ok {
		t.Errorf("sealed under key %d", got)
	}
	if text, err := ring.Open(old, ad); err != nil || string(text) != "old" {
		t.Errorf("older value: %q, %v", text, err)
	}
	newID, newMAC := ring.Derive("mac")
	again, err := ring.DeriveFrom(id, "mac")
	if err != nil || !bytes.Equal(again, mac) || newID == id || bytes.Equal(newMAC, mac) {
		t.Errorf("sub-keys: %d %x, %d %x, again %x %v", id, mac, newID, newMAC, again, err)
	}

	// A key that is gone opens nothing.
	if err := ring.Replace(key(2, start)); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Open(old, ad); !errors.Is(err, secretbox.ErrSealed) {
		t.Errorf("value of a removed key: %v", err)
	}
	if _, err := ring.DeriveFrom(id, "mac"); !errors.Is(err, secretbox.ErrSealed) {
		t.Errorf("sub-key of a removed key: %v", err)
	}
}

func TestDeriveSeparatesPurposes(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start))
	seen := map[string]string{}
	for _, purpose := range []string{"", "a", "b", "ab", "a\x01"} {
		_, k := ring.Derive(purpose)
		if len(k) != 32 {
			t.Errorf("%q: %d bytes", purpose, len(k))
		}
		if other, ok := seen[string(k)]; ok {
			t.Errorf("%q and %q have the same sub-key", purpose, other)
		}
		seen[string(k)] = purpose
	}
}

func TestRingRefusesBadKeys(t *testing.T) {
	for name, keys := range map[string][]secretbox.Key{
		"none":      nil,
		"id 0":      {key(0, start)},
		"twice":     {key(1, start), key(1, start)},
		"too short": {{ID: 1, Secret: make([]byte, 16)}},
	} {
		if _, err := secretbox.NewRing((&clock{start}).now, keys...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestUnknownKeyReloads(t *testing.T) {
	c := &clock{start}
	other := newRing(t, c, key(1, start), key(2, start))
	sealed := other.Seal([]byte("from another node"), []byte("ad"))
	ring := newRing(t, c, key(1, start))
	reloads := 0
	ring.OnUnknownKey(func() {
		if reloads++; reloads == 2 {
			if err := ring.Replace(key(1, start), key(2, start)); err != nil {
				t.Error(err)
			}
		}
	})
	open := func() error { _, err := ring.Open(sealed, []byte("ad")); return err }

	for range 3 { // strangers choose key ids, so it asks rarely
		if err := open(); !errors.Is(err, secretbox.ErrSealed) {
			t.Errorf("unknown key: %v", err)
		}
	}
	if reloads != 1 {
		t.Errorf("reloaded %d times at once", reloads)
	}
	c.t = c.t.Add(10 * time.Second)
	if err := open(); err != nil || reloads != 2 {
		t.Errorf("after %d reloads: %v", reloads, err)
	}
}

func TestRingWhileItIsReplaced(t *testing.T) {
	ring := newRing(t, &clock{start}, key(1, start))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				sealed := ring.Seal([]byte("x"), []byte("ad"))
				if _, err := ring.Open(sealed, []byte("ad")); err != nil {
					t.Error(err)
				}
				ring.Derive("p")
			}
		})
	}
	for id := secretbox.KeyID(2); id < 50; id++ {
		keys := []secretbox.Key{}
		for k := secretbox.KeyID(1); k <= id; k++ {
			keys = append(keys, key(k, start))
		}
		if err := ring.Replace(keys...); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if diff := cmp.Diff(secretbox.KeyID(49), ring.Keys()[0]); diff != "" {
		t.Error(diff)
	}
}

func TestKeysDoNotPrintThemselves(t *testing.T) {
	k := secretbox.Key{ID: 7, Secret: []byte(strings.Repeat("secret", 6)[:32])}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, k); got != "data key 7" {
			t.Errorf("%s prints %s", format, got)
		}
	}
}
