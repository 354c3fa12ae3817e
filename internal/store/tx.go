package store

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// tx is one attempt of a transaction. Only the goroutine that runs the closure
// touches it.
type tx struct {
	db     *DB
	q      querier
	failed error    // the first error of a statement or of a nested Tx
	wrote  bool     // a row was added, changed or removed
	after  []func() // run once this attempt has committed
}

type txKey struct{}

// txFrom returns the transaction of db that ctx belongs to, or nil.
func (db *DB) txFrom(ctx context.Context) *tx {
	if t, ok := ctx.Value(txKey{}).(*tx); ok && t.db == db {
		return t
	}
	return nil
}

// fail notes an error that the transaction cannot survive.
func (t *tx) fail(err error) error {
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// Tx runs fn as one serializable transaction; see the package comment for the
// rules. It returns fn's error as it is, or the reason why the transaction
// could not be committed.
func (db *DB) Tx(ctx context.Context, fn func(context.Context) error) error {
	if outer := db.txFrom(ctx); outer != nil {
		if outer.failed != nil {
			return outer.failed
		}
		if err := fn(ctx); err != nil {
			return outer.fail(err)
		}
		return nil
	}
	var done *tx
	record, audited := audit.Of(ctx, db.now())
	err := db.retry(ctx, func() error {
		return db.engine.update(ctx, func(ctx context.Context, q querier) error {
			t := &tx{db: db, q: q}
			ctx = context.WithValue(ctx, txKey{}, t)
			var pending audit.Pending
			err := fn(pending.Begin(ctx))
			if err == nil && audited && t.wrote && !pending.Skipped() {
				err = db.Audit().record(ctx, record)
			}
			if err == nil || errors.Is(t.failed, errRetry) {
				// The second keeps a lost race from reaching the client as
				// whatever the closure makes of a failed statement.
				err = t.failed
			}
			done = t
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, f := range done.after {
		f()
	}
	return nil
}

// InTx reports whether ctx belongs to a transaction.
func InTx(ctx context.Context) bool { return ctx.Value(txKey{}) != nil }

// AfterCommit runs f once the transaction of ctx has committed, before its Tx
// returns and in the order of the calls; never if it does not commit. Without
// a transaction f runs at once.
func AfterCommit(ctx context.Context, f func()) {
	if t, ok := ctx.Value(txKey{}).(*tx); ok {
		t.after = append(t.after, f)
		return
	}
	f()
}

const (
	maxAttempts  = 10
	firstBackoff = time.Millisecond
	maxBackoff   = 100 * time.Millisecond
	// sociable is how many attempts run beside others.
	sociable = 3
)

// retry runs attempt again for as long as it loses against other writers. Who
// has lost several times runs alone on this node: PostgreSQL finds conflicts by
// the page, and while a table is one page, everybody who writes to it loses
// against everybody else, again and again.
func (db *DB) retry(ctx context.Context, attempt func() error) error {
	backoff := firstBackoff
	for n := 1; ; n++ {
		err := db.engine.normalize(db.attempt(n > sociable, attempt))
		if err == nil || n == maxAttempts || !errors.Is(err, errRetry) {
			return err
		}
		// Full jitter: losers of the same conflict should not meet again.
		wait := time.NewTimer(time.Duration(secretbox.Int(int64(backoff))))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// attempt runs f beside the attempts of others, or alone.
func (db *DB) attempt(alone bool, f func() error) error {
	if alone {
		db.writing.Lock()
		defer db.writing.Unlock()
	} else {
		db.writing.RLock()
		defer db.writing.RUnlock()
	}
	return f()
}
