package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// lineUp is lineUpCalls with a transaction for each closure.
func lineUp(t *testing.T, db *store.DB, closures ...func(context.Context) error) []error {
	t.Helper()
	calls := make([]func() error, len(closures))
	for i, f := range closures {
		calls[i] = func() error { return db.Tx(t.Context(), f) }
	}
	return lineUpCalls(t, db, calls...)
}

// lineUpCalls holds the writer with a first transaction, queues those of the
// calls in their order behind it, lets them go as one batch, and returns the
// calls' errors.
func lineUpCalls(t *testing.T, db *store.DB, calls ...func() error) []error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			once.Do(func() { close(held) })
			<-release
			return insertThing(ctx, db, "first", 0)
		})
		if err != nil {
			t.Errorf("first: %v", err)
		}
	})
	<-held
	errs := make([]error, len(calls))
	for i, call := range calls {
		wg.Go(func() { errs[i] = call() })
		for db.Queued() != i+1 {
			runtime.Gosched()
		}
	}
	close(release)
	wg.Wait()
	return errs
}

func sqliteThings(t *testing.T) *store.DB {
	t.Helper()
	db := storetest.Open(t, storetest.File(t))
	mustExec(t, db, `CREATE TABLE things (owner TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, id))`)
	return db
}

// SQLite rolls a whole transaction back for some errors, such as a full disk.
// Closures of the batch that had succeeded by then must run again.
func TestLostBatchRunsAgain(t *testing.T) {
	for name, outcome := range map[string]error{"culprit fails": errors.New("disk full"), "culprit shrugs": nil} {
		t.Run(name, func(t *testing.T) {
			db := sqliteThings(t)
			runs := map[string]int{}
			add := func(id string) func(context.Context) error {
				return func(ctx context.Context) error {
					runs[id]++
					return insertThing(ctx, db, id, 0)
				}
			}
			culprit := func(ctx context.Context) error {
				if runs["culprit"]++; runs["culprit"] > 1 {
					return nil
				}
				if _, err := db.Exec(ctx, `ROLLBACK`); err != nil {
					t.Error(err)
				}
				return outcome
			}
			errs := lineUp(t, db, add("a"), culprit, add("b"))
			if errs[0] != nil || !errors.Is(errs[1], outcome) || errs[2] != nil {
				t.Errorf("outcomes %v", errs)
			}
			if runs["a"] != 2 {
				t.Errorf("a ran %d times", runs["a"])
			}
			wantThings(t, db, "a", "b", "first")
		})
	}
}

// Whoever is refused because of somebody else's row finds that row afterwards,
// even if the batch has more to do.
func TestRefusalsAreToldWithTheirReason(t *testing.T) {
	db := sqliteThings(t)
	add := func(ctx context.Context) error { return insertThing(ctx, db, "a", 0) }
	lineUpCalls(t, db,
		func() error { return db.Tx(t.Context(), add) },
		func() error {
			if err := db.Tx(t.Context(), add); !errors.Is(err, fs.ErrExist) {
				t.Errorf("the second of one name: %v", err)
			}
			wantThings(t, db, "a", "first")
			return nil
		},
		func() error {
			return db.Tx(t.Context(), func(context.Context) error {
				time.Sleep(20 * time.Millisecond) // for whoever does not wait to read too early
				return nil
			})
		},
	)
}

func TestWithdrawnFromTheQueue(t *testing.T) {
	db := sqliteThings(t)
	ctx, cancel := context.WithCancel(t.Context())
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Tx(t.Context(), func(ctx context.Context) error {
			once.Do(func() { close(held) })
			<-release
			return insertThing(ctx, db, "first", 0)
		}); err != nil {
			t.Error(err)
		}
	})
	<-held
	waiting := make(chan error)
	go func() {
		waiting <- db.Tx(ctx, func(context.Context) error {
			t.Error("ran after it was withdrawn")
			return nil
		})
	}()
	for db.Queued() != 1 {
		runtime.Gosched()
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) { // while the first still holds the writer
		t.Errorf("withdrawn: %v", err)
	}
	close(release)
	wg.Wait()
	wantThings(t, db, "first")
}

func TestBatchesLargerThanOneCommit(t *testing.T) {
	db := sqliteThings(t)
	var closures []func(context.Context) error
	for i := range 200 {
		closures = append(closures, func(ctx context.Context) error { return insertThing(ctx, db, fmt.Sprintf("%03d", i), 0) })
	}
	for i, err := range lineUp(t, db, closures...) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM things`); err != nil || n != 201 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// A closure may dress up the error of a statement that lost a race; the Tx
// runs again all the same.
func TestDressedUpConflictRunsAgain(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		attempts := 0
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if attempts++; attempts == 3 {
				return nil
			}
			if err := db.ExecOne(ctx, `UPDATE things SET n = 1 WHERE id = 'none' AND version = 1`); err == nil {
				t.Error("changed a row that is not there")
			}
			return errors.New("InternalErrorException")
		})
		if err != nil || attempts != 3 {
			t.Errorf("after %d attempts: %v", attempts, err)
		}
	})
}

// Statements are kept prepared; that must not show.
func TestStatementsOutliveTheSchema(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		const count = `SELECT COUNT(*) FROM things`
		for round := range 3 {
			if err := insertThing(t.Context(), db, fmt.Sprint(round), 0); err != nil {
				t.Fatal(err)
			}
			if n, err := db.Int(t.Context(), count); err != nil || n != int64(round+1) {
				t.Errorf("%d rows, %v", n, err)
			}
			mustExec(t, db, fmt.Sprintf(`ALTER TABLE things ADD COLUMN extra%d TEXT NOT NULL DEFAULT ''`, round))
		}
		for n := range 600 { // more texts than are kept
			if _, err := db.Int(t.Context(), fmt.Sprintf(`SELECT COUNT(*) + %d FROM things`, n)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
