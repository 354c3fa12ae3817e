package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// thingCache caches the number of a thing and counts what it reads.
type thingCache struct {
	*store.Cache[string, int64]
	db              *store.DB
	loads, versions atomic.Int64
}

func newThingCache(db *store.DB, size int) *thingCache {
	c := &thingCache{db: db}
	c.Cache = store.NewCache(db, store.CacheConfig[string, int64]{
		Size: size,
		Load: func(ctx context.Context, id string) (int64, int64, error) {
			c.loads.Add(1)
			n, err := db.Int(ctx, `SELECT n FROM things WHERE owner = 'o' AND id = $1`, id)
			if err != nil {
				return 0, 0, err
			}
			version, err := db.Int(ctx, `SELECT version FROM things WHERE owner = 'o' AND id = $1`, id)
			return n, version, err
		},
		Version: func(ctx context.Context, id string) (int64, error) {
			c.versions.Add(1)
			return db.Int(ctx, `SELECT version FROM things WHERE owner = 'o' AND id = $1`, id)
		},
	})
	return c
}

func (c *thingCache) set(ctx context.Context, id string, n int64) error {
	err := c.db.Tx(ctx, func(ctx context.Context) error {
		_, err := c.db.Exec(ctx, `UPDATE things SET n = $2, version = version + 1 WHERE owner = 'o' AND id = $1`, id, n)
		c.Drop(ctx, id)
		return err
	})
	return err
}

func (c *thingCache) want(t *testing.T, id string, want int64) {
	t.Helper()
	if n, err := c.Get(t.Context(), id); err != nil || n != want {
		t.Errorf("cached %s is %d, %v; want %d", id, n, err, want)
	}
}

func TestCacheOfOneNode(t *testing.T) {
	eachThings(t, func(t *testing.T, db *store.DB) {
		c := newThingCache(db, 100)
		if _, err := c.Get(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("absent: %v", err)
		}
		if err := insertThing(t.Context(), db, "a", 1); err != nil {
			t.Fatal(err)
		}
		c.want(t, "a", 1) // absence was not kept
		loads := c.loads.Load()
		c.want(t, "a", 1)
		if c.loads.Load() != loads {
			t.Error("read twice")
		}
		if err := c.set(t.Context(), "a", 2); err != nil {
			t.Fatal(err)
		}
		c.want(t, "a", 2)

		// A Tx sees its own change, and nobody else does.
		refusal := errors.New("refused")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := c.set(ctx, "a", 3); err != nil {
				return err
			}
			if n, err := c.Get(ctx, "a"); err != nil || n != 3 {
				t.Errorf("inside the Tx: %d, %v", n, err)
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Error(err)
		}
		c.want(t, "a", 2)

		if err := db.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, `DELETE FROM things`)
		if n, err := c.Get(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after a reset: %d, %v", n, err)
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	db := storetest.Memory(t)
	loads := 0
	c := store.NewCache(db, store.CacheConfig[int, int]{
		Size: 64,
		Load: func(_ context.Context, k int) (int, int64, error) { loads++; return k, 1, nil },
	})
	for range 2 {
		for k := range 10_000 {
			if v, err := c.Get(t.Context(), k); v != k || err != nil {
				t.Fatal(v, err)
			}
		}
	}
	if loads < 20_000-64 {
		t.Errorf("%d of 20,000 reads came from a cache of 64", 20_000-loads)
	}
}

func TestCacheMissIsShared(t *testing.T) {
	db := storetest.Memory(t)
	var loads atomic.Int64
	release := make(chan struct{})
	c := store.NewCache(db, store.CacheConfig[string, int64]{
		Size: 64,
		Load: func(context.Context, string) (int64, int64, error) {
			<-release
			return loads.Add(1), 1, nil
		},
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if v, err := c.Get(t.Context(), "k"); v != 1 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		})
	}
	close(release)
	wg.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d reads for 20 callers", n)
	}
}

func TestCacheDropBeatsALoadInProgress(t *testing.T) {
	db := storetest.Memory(t)
	started, release := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	c := store.NewCache(db, store.CacheConfig[string, string]{
		Size: 64,
		Load: func(context.Context, string) (string, int64, error) {
			if calls.Add(1) == 1 {
				close(started)
				<-release
				return "old", 1, nil
			}
			return "new", 2, nil
		},
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		if v, err := c.Get(t.Context(), "k"); v != "old" || err != nil {
			t.Errorf("first: %q, %v", v, err)
		}
	})
	<-started
	c.Drop(t.Context(), "k")
	if v, err := c.Get(t.Context(), "k"); v != "new" || err != nil {
		t.Errorf("after the drop: %q, %v", v, err)
	}
	close(release)
	wg.Wait()
	if v, err := c.Get(t.Context(), "k"); v != "new" || err != nil {
		t.Errorf("the load that lost came back: %q, %v", v, err)
	}
}

func TestCacheSurvivesAPanic(t *testing.T) {
	db := storetest.Memory(t)
	first := true
	c := store.NewCache(db, store.CacheConfig[string, string]{Size: 64, Load: func(context.Context, string) (string, int64, error) {
		if first {
			first = false
			panic("boom")
		}
		return "v", 1, nil
	}})
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Get(t.Context(), "k")
	}()
	if v, err := c.Get(t.Context(), "k"); v != "v" || err != nil {
		t.Errorf("after a panic: %q, %v", v, err)
	}
}

func TestCacheOfTwoNodes(t *testing.T) {
	clock := storetest.NewTime()
	url := storetest.Postgres(t)
	a := storetest.Open(t, url, storetest.Clock(clock.Now))
	b := storetest.Open(t, url, storetest.Clock(clock.Now))
	mustExec(t, a, `CREATE TABLE things (owner TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, id))`)
	for i := range 3 {
		if err := insertThing(t.Context(), a, fmt.Sprint("t", i), 1); err != nil {
			t.Fatal(err)
		}
	}
	onA, onB := newThingCache(a, 100), newThingCache(b, 100)
	onB.want(t, "t0", 1)
	onB.want(t, "t1", 1)
	if err := onA.set(t.Context(), "t0", 2); err != nil {
		t.Fatal(err)
	}
	mustExec(t, a, `DELETE FROM things WHERE id = 't1'`)
	onA.want(t, "t0", 2)

	clock.Advance(time.Second)
	onB.want(t, "t0", 2)
	if n, err := onB.Get(t.Context(), "t1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted on the other node: %d, %v", n, err)
	}
	// Nothing changed: the version is all that is read.
	loads, versions := onB.loads.Load(), onB.versions.Load()
	clock.Advance(time.Second)
	for range 3 {
		onB.want(t, "t0", 2)
	}
	if onB.loads.Load() != loads || onB.versions.Load() != versions+1 {
		t.Errorf("%d loads and %d version reads for a row that did not change", onB.loads.Load()-loads, onB.versions.Load()-versions)
	}
}
