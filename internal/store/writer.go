package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// writer runs the write transactions of an SQLite database, which can have
// only one at a time.
//
// A durable commit costs one flush to disk, some hundred times a statement. So
// the writer gathers the transactions that wait and commits them together: it
// opens one transaction, gives each closure its turn inside a savepoint of its
// own, and commits once. A closure that fails is rolled back to its savepoint
// and hurts nobody else; its caller, too, is told once all is on disk. There is no artificial delay: a batch is whatever has
// queued up while the last one was being written, so one writer alone pays one
// flush, and a hundred pay little more together.
//
// Closures run in their callers' goroutines, one at a time: a panic ends the
// caller and not the writer, and a test that stops in a closure stops.
type writer struct {
	pool   *sql.DB
	queue  chan *turn
	closed chan struct{} // no new turns
	done   chan struct{} // the loop has ended
	once   sync.Once
}

const (
	maxBatch = 64
	// maxQueue bounds what waits in the channel; who comes later waits to enter.
	maxQueue = 1024
)

// turn is one caller's place in the queue.
type turn struct {
	state  atomic.Int32 // waiting, taken or withdrawn
	begin  chan querier // the writer says: yours
	ended  chan error   // the closure's outcome
	result chan error   // what the caller is told
}

const (
	waiting int32 = iota
	taken
	withdrawn
)

var (
	errAbandoned = errors.New("transaction closure did not return")
	// errBatchLost tells closures that had succeeded that the transaction
	// around them is gone: a later statement failed in a way that rolls back
	// everything, such as a full disk.
	errBatchLost = errors.New("batch rolled back")
)

func startWriter(pool *sql.DB) *writer {
	w := &writer{
		pool:   pool,
		queue:  make(chan *turn, maxQueue),
		closed: make(chan struct{}),
		done:   make(chan struct{}),
	}
	go w.loop()
	return w
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.closed) })
	<-w.done
}

// run gives fn its turn and returns once what it did is on disk, or is not
// done at all.
func (w *writer) run(ctx context.Context, fn func(context.Context, querier) error) error {
	t := &turn{begin: make(chan querier), ended: make(chan error, 1), result: make(chan error, 1)}
	select {
	case <-w.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case w.queue <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closed:
		return ErrClosed
	}
	var q querier
	select {
	case q = <-t.begin:
	case err := <-t.result:
		return err
	case <-w.done: // entered the queue as it closed
		select {
		case err := <-t.result:
			return err
		default:
			return ErrClosed
		}
	case <-ctx.Done():
		if t.state.CompareAndSwap(waiting, withdrawn) {
			return ctx.Err()
		}
		select {
		case q = <-t.begin:
		case err := <-t.result:
			return err
		}
	}
	t.perform(ctx, q, fn)
	return <-t.result
}

// perform runs the closure and reports how it ended, whichever way it did.
// Statements run without the caller's cancellation: SQLite answers an
// interrupted write by rolling back the whole transaction, which is
// everybody's.
func (t *turn) perform(ctx context.Context, q querier, fn func(context.Context, querier) error) {
	err := errAbandoned
	defer func() { t.ended <- err }()
	err = fn(context.WithoutCancel(ctx), q)
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case <-w.closed:
			return
		case t := <-w.queue:
			w.batch(t)
		}
	}
}

// next returns a turn that waits, if there is one.
func (w *writer) next() *turn {
	select {
	case t := <-w.queue:
		return t
	default:
		return nil
	}
}

func (w *writer) batch(first *turn) {
	ctx := context.Background()
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		first.result <- err
		return
	}
	defer conn.Close()
	b := batch{conn: conn}
	for t := first; t != nil; t = w.next() {
		if !t.state.CompareAndSwap(waiting, taken) {
			continue
		}
		b.take(ctx, t)
		if len(b.members)+len(b.refused) == maxBatch {
			break
		}
	}
	b.commit(ctx)
}

// batch is the transaction that the writer has open.
type batch struct {
	conn    *sql.Conn
	open    bool
	members []*turn // closures that succeeded and wait for the commit
	refused []refusal
}

// refusal is a closure that failed behind others. It waits for the commit,
// too: what it failed for may be a row of theirs, which nobody else sees yet,
// and which will never have been there if the commit fails.
type refusal struct {
	*turn
	err error
}

func (b *batch) exec(ctx context.Context, statement string) error {
	_, err := b.conn.ExecContext(ctx, statement)
	return err
}

func (b *batch) take(ctx context.Context, t *turn) {
	if !b.open {
		if err := b.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
			t.result <- fmt.Errorf("begin: %w", err)
			return
		}
		b.open = true
	}
	// The first needs no savepoint: there is nobody else's work to protect.
	nested := len(b.members) > 0
	if nested {
		if err := b.exec(ctx, "SAVEPOINT turn"); err != nil {
			t.result <- fmt.Errorf("savepoint: %w", err)
			b.lose(ctx)
			return
		}
	}
	t.begin <- b.conn
	err := <-t.ended
	switch {
	case err == nil && nested:
		if err := b.exec(ctx, "RELEASE turn"); err != nil {
			t.result <- retryable(errBatchLost)
			b.lose(ctx)
			return
		}
		b.members = append(b.members, t)
	case err == nil:
		b.members = append(b.members, t)
	case nested:
		if b.exec(ctx, "ROLLBACK TO turn") != nil || b.exec(ctx, "RELEASE turn") != nil {
			t.result <- err
			b.lose(ctx)
			return
		}
		b.refused = append(b.refused, refusal{t, err})
	default:
		t.result <- err
		b.rollback(ctx)
	}
}

// lose gives the whole batch up. Its closures run again.
func (b *batch) lose(ctx context.Context) {
	b.rollback(ctx)
	b.tell(retryable(errBatchLost))
}

func (b *batch) rollback(ctx context.Context) {
	// It fails if SQLite has rolled back by itself, which is just as well.
	_ = b.exec(ctx, "ROLLBACK")
	b.open = false
}

func (b *batch) commit(ctx context.Context) {
	if !b.open {
		return
	}
	if err := b.exec(ctx, "COMMIT"); err != nil {
		b.rollback(ctx)
		b.tell(fmt.Errorf("commit: %w", err))
		return
	}
	b.tell(nil)
}

func (b *batch) tell(err error) {
	for _, t := range b.members {
		t.result <- err
	}
	for _, r := range b.refused {
		if err != nil {
			r.err = err
		}
		r.result <- r.err
	}
	b.members, b.refused = nil, nil
}
