package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// each runs f on every engine with a table to play with.
func eachThings(t *testing.T, f func(t *testing.T, db *store.DB), options ...storetest.Option) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		mustExec(t, db, `CREATE TABLE things (owner TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, id))`)
		mustExec(t, db, `CREATE TABLE parts (owner TEXT NOT NULL, id TEXT NOT NULL, thing TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (owner, id), UNIQUE (owner, label), FOREIGN KEY (owner, thing) REFERENCES things (owner, id))`)
		f(t, db)
	}, options...)
}

func mustExec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func insertThing(ctx context.Context, db *store.DB, id string, n int) error {
	_, err := db.Exec(ctx, `INSERT INTO things (owner, id, n, version) VALUES ($1, $2, $3, 1)`, "o", id, n)
	return err
}

func wantThings(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	got, err := db.Texts(t.Context(), `SELECT id FROM things ORDER BY owner, id`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestTxCommitsOrNot(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		refusal := errors.New("refused")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := insertThing(ctx, db, "a", 1); err != nil {
				return err
			}
			if n, err := db.Int(ctx, `SELECT n FROM things WHERE id = $1`, "a"); err != nil || n != 1 {
				t.Errorf("a Tx does not see its own write: %d, %v", n, err)
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Errorf("Tx returned %v", err)
		}
		wantThings(t, db)
		if err := db.Tx(t.Context(), func(ctx context.Context) error { return insertThing(ctx, db, "b", 1) }); err != nil {
			t.Error(err)
		}
		wantThings(t, db, "b")
	})
}

func TestTxPanicRollsBack(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if r := recover(); r != "boom" {
					t.Errorf("recovered %v", r)
				}
			}()
			_ = db.Tx(t.Context(), func(ctx context.Context) error {
				if err := insertThing(ctx, db, "a", 1); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		if err := insertThing(t.Context(), db, "b", 1); err != nil {
			t.Errorf("after a panic: %v", err)
		}
		wantThings(t, db, "b")
	})
}

// While one closure holds the writer, others queue up and then share its
// commit: those that fail must leave no trace in those that succeed.
func TestBatchKeepsTransactionsApart(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		if err := insertThing(t.Context(), db, "taken", 0); err != nil {
			t.Fatal(err)
		}
		refusal := errors.New("refused")
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
		const n = 40
		for i := range n {
			wg.Go(func() {
				defer func() {
					if r := recover(); (r != nil) != (i%4 == 3) {
						t.Errorf("%d: recovered %v", i, r)
					}
				}()
				err := db.Tx(t.Context(), func(ctx context.Context) error {
					if err := insertThing(ctx, db, fmt.Sprintf("row%02d", i), i); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return refusal
					case 2:
						return insertThing(ctx, db, "taken", i)
					case 3:
						panic("boom")
					}
					return nil
				})
				want := []error{nil, refusal, fs.ErrExist}[i%4]
				if !errors.Is(err, want) {
					t.Errorf("%d: %v, want %v", i, err, want)
				}
			})
		}
		close(release)
		wg.Wait()
		want := []string{"first"}
		for i := 0; i < n; i += 4 {
			want = append(want, fmt.Sprintf("row%02d", i))
		}
		wantThings(t, db, append(want, "taken")...)
	})
}

// Every increment counts, although all read and write the same row.
func TestConcurrentIncrements(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		if err := insertThing(t.Context(), db, "counter", 0); err != nil {
			t.Fatal(err)
		}
		const workers, rounds = 8, 10
		var lost atomic.Int64
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range rounds {
					err := db.Tx(t.Context(), func(ctx context.Context) error {
						n, err := db.Int(ctx, `SELECT n FROM things WHERE owner = $1 AND id = $2`, "o", "counter")
						if err != nil {
							return err
						}
						_, err = db.Exec(ctx, `UPDATE things SET n = $3 WHERE owner = $1 AND id = $2`, "o", "counter", n+1)
						return err
					})
					if err != nil {
						lost.Add(1)
						t.Log(err)
					}
				}
			})
		}
		wg.Wait()
		n, err := db.Int(t.Context(), `SELECT n FROM things WHERE id = $1`, "counter")
		if err != nil || n != workers*rounds-lost.Load() {
			t.Errorf("counted %d of %d, %d refused, %v", n, workers*rounds, lost.Load(), err)
		}
		if lost.Load() > 0 {
			t.Errorf("%d transactions gave up", lost.Load())
		}
	})
}

func TestNestedTxJoins(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		refusal := errors.New("refused")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := db.Tx(ctx, func(ctx context.Context) error { return insertThing(ctx, db, "inner", 1) }); err != nil {
				return err
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Error(err)
		}
		wantThings(t, db)

		// An inner failure cannot be waved through.
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			_ = db.Tx(ctx, func(ctx context.Context) error {
				if err := insertThing(ctx, db, "inner", 1); err != nil {
					return err
				}
				return refusal
			})
			return nil
		})
		if !errors.Is(err, refusal) {
			t.Errorf("outer Tx returned %v", err)
		}
		wantThings(t, db)
	})
}

func TestFailedStatementDoomsTheTx(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		if err := insertThing(t.Context(), db, "a", 1); err != nil {
			t.Fatal(err)
		}
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := insertThing(ctx, db, "a", 2); !errors.Is(err, fs.ErrExist) {
				t.Errorf("duplicate: %v", err)
			}
			if err := insertThing(ctx, db, "b", 2); !errors.Is(err, fs.ErrExist) {
				t.Errorf("statement after a failed one: %v", err)
			}
			if _, err := db.Texts(ctx, `SELECT id FROM things`); !errors.Is(err, fs.ErrExist) {
				t.Errorf("read after a failed statement: %v", err)
			}
			return nil
		})
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("Tx returned %v", err)
		}
		wantThings(t, db, "a")

		// Finding nothing is not a failure.
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			if _, err := db.Text(ctx, `SELECT id FROM things WHERE id = $1`, "b"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("absent row: %v", err)
			}
			return insertThing(ctx, db, "b", 1)
		})
		if err != nil {
			t.Error(err)
		}
		wantThings(t, db, "a", "b")
	})
}

func TestAfterCommit(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		var ran []string
		attempts := 0
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			attempts++
			store.AfterCommit(ctx, func() {
				n, err := db.Int(t.Context(), `SELECT n FROM things WHERE id = $1`, "a")
				ran = append(ran, fmt.Sprint("one sees ", n, " ", err))
			})
			if err := insertThing(ctx, db, "a", 5); err != nil {
				return err
			}
			if attempts < 3 { // nothing matches: the closure runs again
				return db.ExecOne(ctx, `UPDATE things SET n = 1 WHERE id = $1 AND version = 9`, "a")
			}
			return db.Tx(ctx, func(ctx context.Context) error {
				store.AfterCommit(ctx, func() { ran = append(ran, "two") })
				return nil
			})
		})
		if err != nil || attempts != 3 {
			t.Errorf("%d attempts: %v", attempts, err)
		}
		if diff := cmp.Diff([]string{"one sees 5 <nil>", "two"}, ran); diff != "" {
			t.Error(diff)
		}

		ran = nil
		_ = db.Tx(t.Context(), func(ctx context.Context) error {
			store.AfterCommit(ctx, func() { ran = append(ran, "rolled back") })
			return errors.New("refused")
		})
		store.AfterCommit(t.Context(), func() { ran = append(ran, "outside") })
		if diff := cmp.Diff([]string{"outside"}, ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStaleRowGivesUp(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		const update = `UPDATE things SET n = n + 1, version = version + 1 WHERE id = $1 AND version = $2`
		if err := insertThing(t.Context(), db, "a", 1); err != nil {
			t.Fatal(err)
		}
		if err := db.ExecOne(t.Context(), update, "a", 1); err != nil {
			t.Error(err)
		}
		if err := db.ExecOne(t.Context(), update, "a", 1); !errors.Is(err, store.ErrStale) {
			t.Errorf("old version: %v", err)
		}
		attempts := 0
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			attempts++
			return db.ExecOne(ctx, update, "a", 1)
		})
		if !errors.Is(err, store.ErrStale) || attempts != 10 {
			t.Errorf("after %d attempts: %v", attempts, err)
		}
	})
}

// Pairs are written together, so nobody outside ever counts an odd number.
// TestLoserRunsAlone: a transaction that has lost several races meets no rival
// on its own node any more.
func TestLoserRunsAlone(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		var alone atomic.Bool
		over := make(chan struct{})
		var rivals sync.WaitGroup
		for range 4 {
			rivals.Go(func() {
				for {
					select {
					case <-over:
						return
					default:
					}
					err := db.Tx(t.Context(), func(ctx context.Context) error {
						before := alone.Load()
						_, err := db.Texts(ctx, `SELECT id FROM things WHERE owner = $1`, "o")
						if before || alone.Load() {
							t.Error("a rival runs beside the loser")
						}
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		attempts := 0
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if attempts++; attempts <= store.Sociable {
				return store.ErrRetry
			}
			alone.Store(true)
			defer alone.Store(false)
			for n := range 20 {
				if err := insertThing(ctx, db, fmt.Sprint(n), n); err != nil {
					return err
				}
			}
			return nil
		})
		close(over)
		rivals.Wait()
		if err != nil || attempts != store.Sociable+1 {
			t.Errorf("%d attempts: %v", attempts, err)
		}
	})
}

func TestReadersSeeCommittedRowsOnly(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM things`)
					if err != nil || n%2 != 0 {
						t.Errorf("counted %d, %v", n, err)
						return
					}
				}
			})
		}
		for i := range 50 {
			err := db.Tx(t.Context(), func(ctx context.Context) error {
				if err := insertThing(ctx, db, fmt.Sprint("left", i), 0); err != nil {
					return err
				}
				return insertThing(ctx, db, fmt.Sprint("right", i), 0)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		close(stop)
		wg.Wait()
	})
}

func TestContextThatEnds(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Tx(ended, func(ctx context.Context) error { return insertThing(ctx, db, "a", 1) }); !errors.Is(err, context.Canceled) {
			t.Errorf("Tx: %v", err)
		}
		if err := insertThing(ended, db, "b", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("write: %v", err)
		}
		if _, err := db.Texts(ended, `SELECT id FROM things`); !errors.Is(err, context.Canceled) {
			t.Errorf("read: %v", err)
		}

		// One that ends in the middle leaves a whole outcome: what Tx says is
		// what is there, and the next one runs.
		midway, cancel := context.WithCancel(t.Context())
		err := db.Tx(midway, func(ctx context.Context) error {
			if err := insertThing(ctx, db, "c", 1); err != nil {
				return err
			}
			cancel()
			return insertThing(ctx, db, "d", 1)
		})
		if err == nil {
			wantThings(t, db, "c", "d")
		} else {
			wantThings(t, db)
		}
		if err := insertThing(t.Context(), db, "e", 1); err != nil {
			t.Error(err)
		}
	})
}

func TestConflictsAreNamedAlike(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		if err := insertThing(t.Context(), db, "a", 1); err != nil {
			t.Fatal(err)
		}
		part := func(id, thing, label string) error {
			_, err := db.Exec(t.Context(), `INSERT INTO parts (owner, id, thing, label) VALUES ('o', $1, $2, $3)`, id, thing, label)
			return err
		}
		if err := part("1", "a", "red, (blue)=x"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			err error
			key string
			is  error
		}{
			{insertThing(t.Context(), db, "a", 2), "things.owner,id", fs.ErrExist},
			{part("1", "a", "green"), "parts.owner,id", fs.ErrExist},
			{part("2", "a", "red, (blue)=x"), "parts.owner,label", fs.ErrExist},
			{part("3", "none", "black"), "", store.ErrReference},
		} {
			if !errors.Is(c.err, c.is) || store.ConflictOn(c.err) != c.key {
				t.Errorf("%v: key %q, want %q", c.err, store.ConflictOn(c.err), c.key)
			}
		}
		_, err := db.Exec(t.Context(), `DELETE FROM things WHERE id = 'a'`)
		if !errors.Is(err, store.ErrReference) {
			t.Errorf("delete a row with children: %v", err)
		}
	})
}

func TestClosed(t *testing.T) {
	db := storetest.Memory(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Tx(t.Context(), func(context.Context) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Tx: %v", err)
	}
}

// Text compares byte by byte on every engine: pages and key ranges rely on it.
func TestTextOrder(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		for _, id := range []string{"b", "a", "B", "_", "é", "z", "-", "aa"} {
			if err := insertThing(t.Context(), db, id, 1); err != nil {
				t.Fatal(err)
			}
		}
		wantThings(t, db, "-", "B", "_", "a", "aa", "b", "z", "é")
	})
}
