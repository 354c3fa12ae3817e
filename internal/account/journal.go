package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/ratelimit"
)

// Denials keeps decisions that refused a request.
type Denials interface {
	// KeepDenials adds decisions, and removes the oldest of accounts that have
	// more than most.
	KeepDenials(ctx context.Context, list []Decision, most int) error
	// DenialsOf returns the decisions about a request, in the order in which
	// they were made.
	DenialsOf(ctx context.Context, requestID string) ([]Decision, error)
}

// What is kept of denials. A client that asks in vain again and again, and a
// stranger who tries tokens, fill neither the database nor the account's
// share of it faster than this.
const (
	// DenialsKept is how many denials of an account are kept.
	DenialsKept = 1000

	journalQueue  = 256 // denials that wait to be written
	journalBatch  = 64
	signedRate    = 10 // denials a second of an account
	signedBurst   = 100
	unsignedRate  = 0.2 // the same where nobody signed
	unsignedBurst = 20
	lastWrites    = 5 * time.Second // what may be written after the end
)

// Journal writes denials down, behind the requests that they are of: nobody
// waits for it. Those beyond its limits are dropped.
type Journal struct {
	store            Denials
	signed, unsigned *ratelimit.Limiter[string]
	queue            chan Decision
	log              *slog.Logger
}

// NewJournal returns a journal. Nothing is written unless Run runs.
func NewJournal(store Denials, now func() time.Time, log *slog.Logger) *Journal {
	return &Journal{
		store:    store,
		signed:   ratelimit.New[string](ratelimit.Config{Rate: signedRate, Burst: signedBurst, Now: now}),
		unsigned: ratelimit.New[string](ratelimit.Config{Rate: unsignedRate, Burst: unsignedBurst, Now: now}),
		queue:    make(chan Decision, journalQueue), log: log,
	}
}

// admits reports whether a denial is within the limits, and counts it.
func (j *Journal) admits(rec *record) bool {
	if account := rec.request.Caller.Account; account != "" {
		return j.signed.Allow(account)
	}
	return j.unsigned.Allow(rec.question.Account)
}

func (j *Journal) add(d Decision) {
	select {
	case j.queue <- d.shorten():
	default:
	}
}

// Run writes what is added until ctx ends, and then what is left.
func (j *Journal) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
			defer cancel()
			for len(j.queue) > 0 {
				j.write(last, <-j.queue)
			}
			return nil
		case d := <-j.queue:
			j.write(ctx, d)
		}
	}
}

// write writes a denial together with those that wait behind it.
func (j *Journal) write(ctx context.Context, first Decision) {
	batch := append(make([]Decision, 0, journalBatch), first)
	for len(j.queue) > 0 && len(batch) < journalBatch {
		batch = append(batch, <-j.queue)
	}
	if err := j.store.KeepDenials(ctx, batch, DenialsKept); err != nil && !errors.Is(err, context.Canceled) {
		j.log.WarnContext(ctx, "denials were not written down", "count", len(batch), "err", err)
	}
}
