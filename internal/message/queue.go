package message

import (
	"context"
	"time"
)

// State is where a message stands.
type State string

// States. Failed messages have used up their attempts.
const (
	Pending State = "PENDING"
	Sent    State = "SENT"
	Failed  State = "FAILED"
)

// Queued is a message as the outbox keeps it.
type Queued struct {
	Message
	State     State
	Attempts  int
	NotBefore time.Time // of the next attempt
	Version   int64
}

// Queue is the outbox as senders see it.
type Queue interface {
	// Claim returns up to limit messages that are due, and hides them from
	// other senders for a while. A sender that dies in that time makes the
	// message due again, so it may be sent twice but is never lost.
	Claim(ctx context.Context, limit int, hide time.Duration) ([]Queued, error)
	// Complete records that a claimed message was sent.
	Complete(ctx context.Context, q Queued) error
	// Retry makes a claimed message due again later.
	Retry(ctx context.Context, q Queued, at time.Time) error
	// Fail gives a claimed message up.
	Fail(ctx context.Context, q Queued) error
}

// Archive is the outbox as developers see it.
type Archive interface {
	// Recent returns the newest messages first, of all pools where pool is
	// empty.
	Recent(ctx context.Context, pool string, limit int) ([]Queued, error)
}
