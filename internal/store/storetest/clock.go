package storetest

import (
	"sync"
	"time"
)

// Time is a clock that tests move. It starts at a fixed time.
type Time struct {
	mu sync.Mutex
	t  time.Time
}

// NewTime returns a clock that stands still.
func NewTime() *Time { return &Time{t: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

// Now reads the clock.
func (c *Time) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Advance moves the clock.
func (c *Time) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}
