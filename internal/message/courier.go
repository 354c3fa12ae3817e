package message

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Carrier takes messages of one route to where people read them.
type Carrier interface {
	// Carry returns once the message has been taken, or fails with a *Failure.
	// It gives up when ctx ends.
	Carry(ctx context.Context, m Message) error
}

// Outcome is what became of an attempt.
type Outcome string

// Outcomes.
const (
	WasSent    Outcome = "sent"
	WasDelayed Outcome = "delayed" // will be tried again
	WasFailed  Outcome = "failed"  // given up
	WasLate    Outcome = "expired" // what it carried was not good any more
)

// Figures of sending.
const (
	// MaxAttempts is how often a message is tried. With the pauses between,
	// that is a few hours.
	MaxAttempts = 16
	firstPause  = 2 * time.Second // doubles with each attempt
	longest     = 30 * time.Minute

	// sendTimeout is how long one attempt may take, and hide how long other
	// nodes leave a message alone that one has taken: what a node that dies had
	// in hand is sent again after that.
	sendTimeout = time.Minute
	hide        = 90 * time.Second

	places    = 16 // attempts under way on one route of a node
	share     = 6  // of one pool
	pollEvery = 2 * time.Second
	drainTime = 10 * time.Second
)

// CourierConfig is what a Courier works with. Queue, Carrier, Now and Log are
// required.
type CourierConfig struct {
	Route   Route
	Carrier Carrier
	Queue   Queue
	Now     func() time.Time
	Log     *slog.Logger
	Observe func(Route, Outcome)
	Poll    time.Duration // how often to look for what other nodes left behind
}

// Courier sends the messages of one route. Several couriers, on one node or on
// many, may share a queue: a message is with one of them at a time.
type Courier struct {
	CourierConfig
	bell chan struct{}

	mu      sync.Mutex
	busy    map[string]int // attempts under way by pool
	running int
	idle    *sync.Cond // running has become smaller
}

// NewCourier returns a Courier. Run starts it.
func NewCourier(c CourierConfig) *Courier {
	if c.Poll == 0 {
		c.Poll = pollEvery
	}
	if c.Observe == nil {
		c.Observe = func(Route, Outcome) {}
	}
	x := &Courier{CourierConfig: c, bell: make(chan struct{}, 1), busy: map[string]int{}}
	x.idle = sync.NewCond(&x.mu)
	return x
}

// Wake says that there is something to send.
func (c *Courier) Wake() {
	select {
	case c.bell <- struct{}{}:
	default: // it will look anyway
	}
}

// Run sends until ctx ends. Then it finishes what is under way and sends what
// is due, for a few seconds; the rest stays for another node, or the next start.
func (c *Courier) Run(ctx context.Context) error {
	// Attempts outlive ctx: what has begun should end.
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	tick := time.NewTicker(c.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.fill(work)
		select {
		case <-ctx.Done():
		case <-c.bell:
		case <-tick.C:
		}
	}
	deadline := time.AfterFunc(drainTime, abort)
	defer deadline.Stop()
	c.Drain(work)
	return nil
}

// Drain sends all that is due, and returns when nothing is left or ctx ends.
func (c *Courier) Drain(ctx context.Context) {
	for {
		c.mu.Lock()
		for c.running > 0 {
			c.idle.Wait()
		}
		c.mu.Unlock()
		if ctx.Err() != nil || c.fill(ctx) == 0 {
			return
		}
	}
}

// fill takes messages for the places that are free and begins to send them. It
// returns how many.
func (c *Courier) fill(ctx context.Context) int {
	claim := Claim{Route: c.Route, Hide: hide}
	c.mu.Lock()
	claim.Limit = min(places-c.running, share)
	for pool, n := range c.busy {
		if n >= share {
			claim.Except = append(claim.Except, pool)
		}
	}
	c.mu.Unlock()
	if claim.Limit <= 0 {
		return 0 // who ends rings the bell
	}
	claimed, err := c.Queue.Claim(ctx, claim)
	if err != nil {
		if ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "take messages from the outbox", "route", string(c.Route), "err", err)
		}
		return 0
	}
	for _, q := range claimed {
		c.began(q.Pool)
		go func() {
			defer c.ended(q.Pool)
			c.deliver(ctx, q)
		}()
	}
	if len(claimed) == claim.Limit {
		c.Wake()
	}
	return len(claimed)
}

func (c *Courier) began(pool string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running++
	c.busy[pool]++
}

func (c *Courier) ended(pool string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	if c.busy[pool]--; c.busy[pool] == 0 {
		delete(c.busy, pool)
	}
	c.idle.Broadcast()
	c.Wake()
}

// Why messages fail before they are tried.
const (
	problemLate     = "expired before it could be sent"
	problemAttempts = "tried too often"
	problemStopped  = "the server stopped meanwhile"
)

// deliver makes one attempt and writes down what came of it.
func (c *Courier) deliver(ctx context.Context, q Queued) {
	switch {
	case c.late(q, c.Now()):
		c.settle(ctx, q, WasLate, problemLate, func(ctx context.Context) error { return c.Queue.Fail(ctx, q, c.last(q, problemLate)) })
		return
	case q.Attempts > MaxAttempts: // whoever tried has died of it
		c.settle(ctx, q, WasFailed, problemAttempts, func(ctx context.Context) error { return c.Queue.Fail(ctx, q, c.last(q, problemAttempts)) })
		return
	}
	attempt, cancel := context.WithTimeout(ctx, sendTimeout)
	err := c.Carrier.Carry(attempt, q.Message)
	cancel()
	if err == nil {
		c.settle(ctx, q, WasSent, "", func(ctx context.Context) error { return c.Queue.Complete(ctx, q) })
		return
	}
	if ctx.Err() != nil {
		c.settle(ctx, q, WasDelayed, problemStopped, func(ctx context.Context) error { return c.Queue.Retry(ctx, q, c.Now(), problemStopped) })
		return
	}
	f := failureOf(err)
	next := c.Now().Add(pause(q.Attempts))
	switch {
	case f.Final, q.Attempts >= MaxAttempts:
		c.settle(ctx, q, WasFailed, f.Reason, func(ctx context.Context) error { return c.Queue.Fail(ctx, q, f.Error()) })
	case c.late(q, next):
		c.settle(ctx, q, WasLate, f.Reason, func(ctx context.Context) error { return c.Queue.Fail(ctx, q, f.Error()) })
	default:
		c.settle(ctx, q, WasDelayed, f.Reason, func(ctx context.Context) error { return c.Queue.Retry(ctx, q, next, f.Error()) })
	}
}

// late reports whether what a message carries is not good any more at a time.
func (c *Courier) late(q Queued, at time.Time) bool {
	return !q.ExpiresAt.IsZero() && !at.Before(q.ExpiresAt)
}

// last adds why to what the attempts before have come to.
func (c *Courier) last(q Queued, why string) string {
	if q.Problem == "" {
		return why
	}
	return why + "; " + q.Problem
}

// settleTimeout is how long the outcome of an attempt may take to be written.
const settleTimeout = 5 * time.Second

// settle writes an outcome down, also of an attempt that was aborted. Where
// that fails the message becomes due again and may be sent twice.
func (c *Courier) settle(ctx context.Context, q Queued, o Outcome, reason string, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	c.Observe(c.Route, o)
	level := slog.LevelWarn
	if o == WasSent {
		level = slog.LevelDebug
	}
	c.Log.Log(ctx, level, "message", "outcome", string(o), "route", string(c.Route), "id", q.ID, "pool", q.Pool, "attempt", q.Attempts, "reason", reason)
	if err := write(ctx); err != nil && !errors.Is(err, context.Canceled) {
		c.Log.ErrorContext(ctx, "write down what became of a message", "id", q.ID, "err", err)
	}
}

// pause is how long to wait after an attempt: twice as long as before, and
// somewhere in the upper half of that, so that messages which failed together
// do not come back together.
func pause(attempts int) time.Duration {
	p := longest
	if n := attempts - 1; n < 20 {
		p = min(longest, firstPause<<n)
	}
	return p/2 + time.Duration(secretbox.Int(int64(p/2)+1))
}
