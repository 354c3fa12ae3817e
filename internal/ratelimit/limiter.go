// Package ratelimit bounds how often a caller may ask. It keeps one time per
// caller, when its next call would be due if it called evenly (the generic
// cell rate algorithm of ITU-T I.371), and never more than a fixed number of
// callers: a flood of new ones evicts those who are nearest to being free.
package ratelimit

import (
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// Config says how much is allowed.
type Config struct {
	Rate  float64 // calls a second that go on for ever; 0 or less allows all
	Burst int     // calls that may come at once; at least 1
	Keys  int     // callers remembered; 0 for 65,536
	Now   func() time.Time
}

const (
	defaultKeys = 1 << 16
	shards      = 16
	// sample is how many callers an eviction looks at.
	sample = 8
)

// Limiter limits callers that are told apart by K. It is safe for concurrent
// use. A nil Limiter allows everything.
type Limiter[K comparable] struct {
	now    func() time.Time
	step   time.Duration // between two calls
	slack  time.Duration // how far ahead of an even pace a caller may run
	most   int           // callers in a shard
	seed   maphash.Seed
	shards [shards]shard[K]
}

type shard[K comparable] struct {
	mu  sync.Mutex
	due map[K]time.Time
}

// New returns a limiter, or nil when the rate allows everything.
func New[K comparable](cfg Config) *Limiter[K] {
	if cfg.Rate <= 0 || math.IsNaN(cfg.Rate) {
		return nil
	}
	keys := cfg.Keys
	if keys <= 0 {
		keys = defaultKeys
	}
	step := max(time.Duration(float64(time.Second)/cfg.Rate), 1)
	l := &Limiter[K]{
		now:   cfg.Now,
		step:  step,
		slack: time.Duration(max(cfg.Burst, 1)-1) * step,
		most:  max(keys/shards, 1),
		seed:  maphash.MakeSeed(),
	}
	for i := range l.shards {
		l.shards[i].due = make(map[K]time.Time)
	}
	return l
}

// Allow counts a call of key and reports whether it may go on. A call that may
// not is not counted.
func (l *Limiter[K]) Allow(key K) bool {
	if l == nil {
		return true
	}
	now := l.now()
	s := &l.shards[maphash.Comparable(l.seed, key)%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	due, known := s.due[key]
	if due.Before(now) {
		due = now
	}
	if due.Sub(now) > l.slack {
		return false
	}
	if !known && len(s.due) >= l.most {
		s.evict()
	}
	s.due[key] = due.Add(l.step)
	return true
}

// evict forgets the caller with the least to remember among a few; Go visits
// a map from a random place.
func (s *shard[K]) evict() {
	var victim K
	var earliest time.Time
	seen := 0
	for k, due := range s.due {
		if seen == 0 || due.Before(earliest) {
			victim, earliest = k, due
		}
		if seen++; seen == sample {
			break
		}
	}
	delete(s.due, victim)
}
