package ratelimit_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/ratelimit"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestBurstThenEvenPace(t *testing.T) {
	c := &clock{time.Unix(1_700_000_000, 0)}
	l := ratelimit.New[string](ratelimit.Config{Rate: 2, Burst: 3, Now: c.now})
	for i := range 3 {
		if !l.Allow("a") {
			t.Fatalf("call %d of the burst refused", i+1)
		}
	}
	if l.Allow("a") {
		t.Error("a fourth call at once is allowed")
	}
	if !l.Allow("b") {
		t.Error("another caller pays for the first")
	}
	c.at = c.at.Add(500 * time.Millisecond)
	if !l.Allow("a") {
		t.Error("the call due after half a second is refused")
	}
	if l.Allow("a") {
		t.Error("two calls are allowed in half a second at two a second")
	}
}

func TestNoRateNoLimit(t *testing.T) {
	for _, rate := range []float64{0, -1} {
		l := ratelimit.New[string](ratelimit.Config{Rate: rate, Now: time.Now})
		for range 1000 {
			if !l.Allow("a") {
				t.Fatalf("rate %v refused a call", rate)
			}
		}
	}
}

// However calls are spread, no window of d seconds lets more than
// burst + rate·d of them through.
func TestNeverMoreThanRatePlusBurst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 50).Draw(t, "rate")
		burst := rapid.IntRange(1, 20).Draw(t, "burst")
		c := &clock{time.Unix(1_700_000_000, 0)}
		l := ratelimit.New[int](ratelimit.Config{Rate: float64(rate), Burst: burst, Now: c.now})
		start := c.at
		passed := 0
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, 200), 1, 200).Draw(t, "gaps") {
			c.at = c.at.Add(time.Duration(ms) * time.Millisecond)
			if l.Allow(7) {
				passed++
			}
		}
		if most := float64(burst) + float64(rate)*c.at.Sub(start).Seconds() + 1e-3; float64(passed) > most {
			t.Fatalf("%d calls passed, at most %.1f may", passed, most)
		}
	})
}

func TestAFloodOfCallersIsBoundedAndHarmsNobody(t *testing.T) {
	c := &clock{time.Unix(1_700_000_000, 0)}
	l := ratelimit.New[string](ratelimit.Config{Rate: 1, Burst: 1, Keys: 64, Now: c.now})
	for i := range 10_000 {
		if !l.Allow(strconv.Itoa(i)) {
			t.Fatalf("caller %d refused at its first call", i)
		}
	}
	if n := l.Len(); n > 64 {
		t.Errorf("%d callers remembered, at most 64 may be", n)
	}
}
