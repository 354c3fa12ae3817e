package cenotetest

import (
	"sync"
	"time"
)

// Clock is a server's time. Its methods may be called from any goroutine.
type Clock struct {
	mu    sync.Mutex
	still bool
	at    time.Time     // where a clock stands that stands still
	ahead time.Duration // of real time, where it goes with it
}

// Now reads the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.still {
		return c.at
	}
	// Without the monotonic reading: times that come back from the database
	// have none, and neither should those that they are compared with.
	return time.Now().UTC().Add(c.ahead).Round(0)
}

// Advance moves the clock, backwards if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.ahead += d
}
