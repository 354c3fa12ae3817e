package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// step makes one call, or the calls that make one operation, and checks the
// reply.
type step func(*conn) error

// crowd is a number of connections that do the same thing over and over, each
// as soon as it has its answer.
type crowd struct {
	name        string
	connections int
	step        func(connection int) (step, error)
}

// sample is what a crowd measured.
type sample struct {
	name        string
	connections int
	calls       int
	failures    int
	firstErrors []error
	elapsed     time.Duration
	took        []time.Duration // sorted
}

func (s *sample) rate() float64 { return float64(s.calls) / s.elapsed.Seconds() }

// percentile returns the time that p of all calls stay below.
func (s *sample) percentile(p float64) time.Duration {
	if len(s.took) == 0 {
		return 0
	}
	return s.took[min(int(p*float64(len(s.took))), len(s.took)-1)]
}

// usage is what a measurement took of the machine.
type usage struct {
	server    time.Duration // processor time of the server
	database  time.Duration // of a database beside it
	generator time.Duration // of this process
	foreign   float64       // share of the machine that others took, 0 to 1
	allocated int64         // bytes that the server allocated, for the collector to find again
	memory    int64         // resident set of the server at the end, bytes
	peak      int64         // and at its highest
}

// bounds of one measurement. Whatever comes first ends it.
const (
	warmUp      = 400 * time.Millisecond
	maxCalls    = 2_000_000 // a connection
	maxFailures = 100       // a crowd
	keptErrors  = 3
)

// errFailures says that calls were answered wrongly.
var errFailures = errors.New("there were wrong answers")

// measure lets crowds loose on a server at the same time, and measures from
// the moment when they are warm. Calls count that begin and end in that time.
func measure(ctx context.Context, srv *server, length time.Duration, crowds ...crowd) ([]sample, usage, error) {
	ctx, cancel := context.WithTimeout(ctx, warmUp+length+2*replyTimeout)
	defer cancel()
	var warm, over atomic.Bool
	var all sync.WaitGroup
	samples := make([]sample, len(crowds))
	parts := make([][]worker, len(crowds))
	for i, c := range crowds {
		samples[i] = sample{name: c.name, connections: c.connections}
		parts[i] = make([]worker, c.connections)
		for n := range parts[i] {
			w := &parts[i][n]
			if err := w.open(ctx, srv, c, n); err != nil {
				return nil, usage{}, errors.Join(err, closeWorkers(parts))
			}
		}
	}
	for _, part := range parts {
		for n := range part {
			all.Go(func() { part[n].run(ctx, &warm, &over) })
		}
	}
	pause(ctx, warmUp)
	before, err := srv.snapshot()
	warm.Store(true)
	began := time.Now()
	pause(ctx, length)
	over.Store(true)
	elapsed := time.Since(began)
	after, err2 := srv.snapshot()
	all.Wait()
	if err := errors.Join(err, err2, closeWorkers(parts), ctx.Err()); err != nil {
		return nil, usage{}, err
	}
	for i := range samples {
		samples[i].elapsed = elapsed
		for _, w := range parts[i] {
			samples[i].add(&w)
		}
		slices.Sort(samples[i].took)
		if s := &samples[i]; s.failures > 0 || s.calls == 0 {
			err = errors.Join(err, fmt.Errorf("%s: %w: %d beside %d good ones: %w", s.name, errFailures, s.failures, s.calls, errors.Join(s.firstErrors...)))
		}
	}
	return samples, after.since(before), err
}

func (s *sample) add(w *worker) {
	s.calls += len(w.took)
	s.failures += len(w.failed)
	s.took = append(s.took, w.took...)
	for _, err := range w.failed {
		if len(s.firstErrors) < keptErrors {
			s.firstErrors = append(s.firstErrors, err)
		}
	}
}

// worker is one connection of a crowd.
type worker struct {
	conn   *conn
	step   step
	took   []time.Duration
	failed []error
}

func (w *worker) open(ctx context.Context, srv *server, c crowd, n int) (err error) {
	if w.step, err = c.step(n); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if w.conn, err = dial(ctx, srv.address); err != nil {
		return err
	}
	deadline, _ := ctx.Deadline()
	return w.conn.SetDeadline(deadline)
}

func (w *worker) run(ctx context.Context, warm, over *atomic.Bool) {
	for n := 0; n < maxCalls && !over.Load() && ctx.Err() == nil; n++ {
		counts := warm.Load()
		began := time.Now()
		err := w.step(w.conn)
		took := time.Since(began)
		switch {
		case err != nil:
			w.failed = append(w.failed, err)
			if _, answered := errors.AsType[*callError](err); !answered || len(w.failed) == maxFailures {
				return // the connection is of no use any more
			}
		case counts && !over.Load():
			w.took = append(w.took, took)
		}
	}
}

func closeWorkers(parts [][]worker) error {
	var errs []error
	for _, part := range parts {
		for _, w := range part {
			if w.conn != nil {
				errs = append(errs, w.conn.Close())
			}
		}
	}
	return errors.Join(errs...)
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// snapshot is the state of the counters at one moment.
type snapshot struct {
	server, database, generator, busy, total time.Duration
	memory, peak, allocated                  int64
}

// snapshot reads the counters and lets the peak of memory begin anew.
func (s *server) snapshot() (x snapshot, err error) {
	var errs [6]error
	x.server, errs[0] = cpuTime(s.pid())
	x.generator, errs[1] = cpuTime(os.Getpid())
	x.busy, x.total, errs[2] = systemTime()
	x.memory, x.peak, errs[3] = memory(s.pid())
	errs[4] = resetPeak(s.pid())
	x.allocated, errs[5] = s.allocated()
	if s.database.pid != 0 {
		x.database, err = familyTime(s.database.pid)
	}
	return x, errors.Join(append(errs[:], err)...)
}

func (x snapshot) since(old snapshot) usage {
	u := usage{
		server: x.server - old.server, database: x.database - old.database, generator: x.generator - old.generator,
		memory: x.memory, peak: x.peak, allocated: x.allocated - old.allocated,
	}
	if total := x.total - old.total; total > 0 {
		ours := u.server + u.database + u.generator
		u.foreign = max(0, float64(x.busy-old.busy-ours)/float64(total))
	}
	return u
}
