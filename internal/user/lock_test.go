package user_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestLockDoubles(t *testing.T) {
	var l user.Lock
	now := noon
	for n, want := range []time.Duration{
		1: 0, 2: 0, 3: 0, 4: 0, 5: 1 * time.Second, 6: 2 * time.Second, 7: 4 * time.Second, 8: 8 * time.Second, 9: 16 * time.Second,
		10: 32 * time.Second, 11: 64 * time.Second, 12: 128 * time.Second, 13: 256 * time.Second, 14: 512 * time.Second, 15: 15 * time.Minute,
	} {
		if n == 0 {
			continue
		}
		l = l.Fail(now)
		if got := max(0, l.Until().Sub(now)); l.Failures != n || got != want {
			t.Errorf("failure %d: count %d, locked for %v, want %v", n, l.Failures, got, want)
		}
		if want > 0 {
			now = l.Until().Add(-1)
			if !l.Locked(now) || l.Fail(now) != l {
				t.Errorf("failure %d: an attempt while locked counts", n)
			}
			now = now.Add(1)
			if l.Locked(now) {
				t.Errorf("failure %d: still locked after %v", n, want)
			}
		}
	}
	// The longest lock lasts as long as it takes to forget.
	if l = l.Fail(now); l.Failures != 1 {
		t.Errorf("count %d after the longest lock, want 1", l.Failures)
	}
}

func TestLockForgets(t *testing.T) {
	l := user.Lock{}
	for range 4 {
		l = l.Fail(noon)
	}
	if got := l.Fail(noon.Add(15*time.Minute - 1)).Failures; got != 5 {
		t.Errorf("count %d just before it is forgotten, want 5", got)
	}
	if got := l.Fail(noon.Add(15 * time.Minute)).Failures; got != 1 {
		t.Errorf("count %d after a quarter of an hour, want 1", got)
	}
}

// However attempts are timed, no lock is longer than a quarter of an hour, and
// a day of guessing gets a bounded number of tries.
func TestLockBoundsGuessing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pauses := rapid.SliceOfN(rapid.Int64Range(0, int64(30*time.Minute)), 1, 50).Draw(t, "pauses")
		var l user.Lock
		now, heard := noon, 0
		for i := 0; now.Before(noon.Add(24*time.Hour)) && i < 10_000; i++ {
			if !l.Locked(now) {
				heard++
			}
			l = l.Fail(now)
			if wait := l.Until().Sub(now); wait > 15*time.Minute {
				t.Fatalf("locked for %v", wait)
			}
			if l.Locked(now) && i%2 == 0 {
				now = l.Until() // the best a guesser can do
			} else {
				now = now.Add(time.Duration(pauses[i%len(pauses)]))
			}
		}
		// The best is to guess until the twelfth failure, some two minutes, and
		// then to let the lock forget: twelve guesses in 1,027 seconds.
		if heard > 1100 {
			t.Fatalf("%d guesses were heard in a day", heard)
		}
	})
}
