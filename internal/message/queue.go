package message

import (
	"context"
	"time"
)

// State is where a message stands.
type State string

// States.
const (
	Pending State = "PENDING"
	Sent    State = "SENT"
	Failed  State = "FAILED" // will not be tried again
	Kept    State = "KEPT"   // nobody sends it
)

// Queued is a message as the outbox keeps it. What Sent and Failed messages
// said is erased.
type Queued struct {
	Message
	State     State
	Attempts  int
	NotBefore time.Time // of the next attempt
	Problem   string    // why the last attempt failed
	Version   int64
}

// Claim asks for messages to send.
type Claim struct {
	Route  Route
	Limit  int
	Hide   time.Duration // from other senders
	Except []string      // pools that have their share under way
}

// Queue is the outbox as senders see it.
type Queue interface {
	// Claim returns messages that are due, and hides them from other senders
	// for a while. A sender that dies in that time makes the message due again,
	// so it may be sent twice but is never lost.
	Claim(ctx context.Context, c Claim) ([]Queued, error)
	// Complete records that a claimed message was sent, and erases what it said.
	Complete(ctx context.Context, q Queued) error
	// Retry makes a claimed message due again later. problem, which may be
	// empty, says why.
	Retry(ctx context.Context, q Queued, at time.Time, problem string) error
	// Fail gives a claimed message up, and erases what it said.
	Fail(ctx context.Context, q Queued, problem string) error
	// Backlog tells what waits on a route.
	Backlog(ctx context.Context, r Route) (Backlog, error)
}

// Backlog is what waits on a route.
type Backlog struct {
	Waiting int64
	Oldest  time.Time // when it was written; zero if nothing waits
}

// Archive is the outbox as people look at it.
type Archive interface {
	// Recent returns the newest messages first, of all pools where pool is
	// empty.
	Recent(ctx context.Context, pool string, limit int) ([]Queued, error)
	// Failures is Recent of the messages that were given up.
	Failures(ctx context.Context, pool string, limit int) ([]Queued, error)
}
