package store

import (
	"context"
	"errors"
	"hash/maphash"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
)

// CacheConfig says what a Cache keeps.
type CacheConfig[K comparable, V any] struct {
	// Size is about how many values are kept; some other one makes room.
	Size int
	// Load reads a value and the version of its row.
	Load func(ctx context.Context, key K) (V, int64, error)
	// Version reads the version alone. Versions must not repeat for a key: a
	// row that can be deleted and made again starts from the time, not from 1.
	// Nil loads the whole value instead.
	Version func(ctx context.Context, key K) (int64, error)
}

// Cache keeps configuration rows in memory: pools, clients, roles, policies.
//
// A value is dropped when a transaction of this node that changed it commits
// (see [Cache.Drop]), and on a shared database its version is read again once
// it is a second old, so that another node's change shows within that second.
// Errors are not kept, absence neither: many callers that miss the same key at
// once share one read. Inside a Tx the cache steps aside, because what the Tx
// sees may never be committed.
//
// Values are shared by all callers, who must not change them.
type Cache[K comparable, V any] struct {
	db     *DB
	config CacheConfig[K, V]
	seed   maphash.Seed
	shards [cacheShards]cacheShard[K, V]
}

const (
	cacheShards = 16
	maxCacheAge = time.Second
	// loadTimeout bounds a read that several callers wait for and that
	// therefore does not end with the context of any of them.
	loadTimeout = 5 * time.Second
)

type cacheShard[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]*cacheEntry[V]
	loading map[K]*cacheLoad[V]
	_       [64]byte // keeps two shards' locks off one cache line
}

type cacheEntry[V any] struct {
	value   V
	version int64
	checked atomic.Int64 // when the version was last known to be the newest, µs
}

// cacheLoad is a read in progress.
type cacheLoad[V any] struct {
	done  chan struct{} // closed at the end; value and err are set before
	value V
	err   error
}

// NewCache returns an empty cache of rows of db.
func NewCache[K comparable, V any](db *DB, config CacheConfig[K, V]) *Cache[K, V] {
	c := &Cache[K, V]{db: db, config: config, seed: maphash.MakeSeed()}
	c.clear()
	db.mu.Lock()
	defer db.mu.Unlock()
	db.caches = append(db.caches, c)
	return c
}

func (c *Cache[K, V]) shard(key K) *cacheShard[K, V] {
	return &c.shards[maphash.Comparable(c.seed, key)%cacheShards]
}

// Get returns the value of a key, from memory if it is fresh.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (V, error) {
	if c.db.txFrom(ctx) != nil {
		v, _, err := c.config.Load(ctx, key)
		return v, err
	}
	s := c.shard(key)
	s.mu.RLock()
	e := s.entries[key]
	s.mu.RUnlock()
	if e != nil && c.fresh(e) {
		return e.value, nil
	}
	return c.fill(ctx, s, key)
}

func (c *Cache[K, V]) fresh(e *cacheEntry[V]) bool {
	return !c.db.Shared() || micros(c.db.now())-e.checked.Load() < maxCacheAge.Microseconds()
}

// Drop forgets a key once the transaction of ctx has committed; at once
// outside of one.
func (c *Cache[K, V]) Drop(ctx context.Context, key K) {
	AfterCommit(ctx, func() {
		s := c.shard(key)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.entries, key)
		// A read that began before may have seen the old row: its callers came
		// before too and may have it, but nobody after them.
		delete(s.loading, key)
	})
}

func (c *Cache[K, V]) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.entries = make(map[K]*cacheEntry[V])
		s.loading = make(map[K]*cacheLoad[V])
		s.mu.Unlock()
	}
}

// fill loads or re-validates a key, or waits for whoever does so already.
func (c *Cache[K, V]) fill(ctx context.Context, s *cacheShard[K, V], key K) (V, error) {
	s.mu.Lock()
	old := s.entries[key]
	if old != nil && c.fresh(old) {
		s.mu.Unlock()
		return old.value, nil
	}
	load := s.loading[key]
	if load != nil {
		s.mu.Unlock()
		select {
		case <-load.done:
			return load.value, load.err
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
	load = &cacheLoad[V]{done: make(chan struct{}), err: errLoadPanicked}
	s.loading[key] = load
	s.mu.Unlock()

	var e *cacheEntry[V]
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.loading[key] == load { // not dropped meanwhile
			delete(s.loading, key)
			if e != nil {
				c.keep(s, key, e)
			} else {
				delete(s.entries, key)
			}
		}
		close(load.done)
	}()
	loadCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
	defer cancel()
	e, load.err = c.read(loadCtx, key, old)
	if load.err == nil {
		load.value = e.value
	}
	return load.value, load.err
}

var errLoadPanicked = errors.New("cache load did not return")

// read returns the old entry if the row still has its version, else a new one.
func (c *Cache[K, V]) read(ctx context.Context, key K, old *cacheEntry[V]) (*cacheEntry[V], error) {
	asked := micros(c.db.now()) // before the read: the row may change right after
	if old != nil && c.config.Version != nil {
		version, err := c.config.Version(ctx, key)
		if err == nil && version == old.version {
			old.checked.Store(asked)
			return old, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	value, version, err := c.config.Load(ctx, key)
	if err != nil {
		return nil, err
	}
	e := &cacheEntry[V]{value: value, version: version}
	e.checked.Store(asked)
	return e, nil
}

// keep stores an entry, with the shard locked.
func (c *Cache[K, V]) keep(s *cacheShard[K, V], key K, e *cacheEntry[V]) {
	if s.entries[key] == nil && len(s.entries) >= max(1, c.config.Size/cacheShards) {
		for other := range s.entries { // any one: map order is arbitrary
			delete(s.entries, other)
			break
		}
	}
	s.entries[key] = e
}
