// Package lane runs expensive computations a few at a time, on threads that
// give way to everything else.
//
// A storm of sign-ins is a storm of signatures and password hashes. Run where
// the requests run, they take every core for seconds, and a request that needs
// a twentieth of a millisecond waits behind them. So they go through a Lane: a
// fixed number of workers, each on an operating-system thread of its own at a
// low priority (on Linux; elsewhere the bound alone remains), behind a queue
// that is bounded in length and in time. With nobody else asking, a lane has
// all the cores it has workers for; beside readers, the readers win. Work that
// finds the queue full, or waits in it too long, fails with ErrBusy, which
// doors answer as a request to slow down.
//
// The threads of all lanes must be added to GOMAXPROCS, or the runtime will
// not schedule anything else while they compute.
package lane

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBusy means that the work was not started: the queue was full, or the
// wait too long, or the lane is stopping.
var ErrBusy = errors.New("lane: busy")

// Niceness is the priority of a worker's thread: enough for the scheduler to
// give a core to a request at once, not enough to starve the lane.
const Niceness = 10

// Config describes a lane. All fields are required.
type Config struct {
	Name    string        // in errors
	Workers int           // computations at once; the number of cores is right
	Queue   int           // computations that may wait
	Wait    time.Duration // for how long one may wait
}

// Lane runs computations. A nil Lane runs them at once in the caller's own
// goroutine, without bounds: tools and tests need no workers.
type Lane struct {
	config  Config
	queue   chan *job
	stopped chan struct{} // closed when no more work is taken
	running atomic.Int64
}

type job struct {
	run   func()
	state atomic.Int32
	done  chan struct{}
	panic any // what run panicked with; set before done is closed
}

// States of a job. A job leaves waiting once: a worker takes it, or its
// caller gives it up.
const (
	waiting = iota
	taken
	abandoned
)

// New makes a lane; Run starts it.
func New(c Config) (*Lane, error) {
	if c.Workers < 1 || c.Queue < 1 || c.Wait <= 0 {
		return nil, fmt.Errorf("lane %s: %d workers, a queue of %d and a wait of %v; all must be positive", c.Name, c.Workers, c.Queue, c.Wait)
	}
	return &Lane{config: c, queue: make(chan *job, c.Queue), stopped: make(chan struct{})}, nil
}

// Run starts the workers and blocks until ctx ends and all work that was
// taken in is done. It must be called once.
func (l *Lane) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for range l.config.Workers {
		workers.Go(func() {
			// The thread keeps its priority, so it must not be used for anything
			// else: a locked thread ends with its goroutine.
			runtime.LockOSThread()
			lowerPriority()
			l.work()
		})
	}
	<-ctx.Done()
	close(l.stopped)
	workers.Wait()
	return nil
}

func (l *Lane) work() {
	for {
		select {
		case j := <-l.queue:
			l.do(j)
		case <-l.stopped:
			select {
			case j := <-l.queue:
				l.do(j)
			default:
				return
			}
		}
	}
}

func (l *Lane) do(j *job) {
	if !j.state.CompareAndSwap(waiting, taken) {
		return
	}
	l.running.Add(1)
	defer func() {
		l.running.Add(-1)
		j.panic = recover()
		close(j.done)
	}()
	j.run()
}

// Do runs f on a worker and returns when it is done. It fails with ErrBusy, or
// with ctx's error, only if f was not started. A panic in f is raised in the
// caller.
func (l *Lane) Do(ctx context.Context, f func()) error {
	if l == nil {
		f()
		return nil
	}
	select {
	case <-l.stopped:
		return l.busy("stopping")
	default:
	}
	j := &job{run: f, done: make(chan struct{})}
	select {
	case l.queue <- j:
	default:
		return l.busy("queue full")
	}
	if err := l.wait(ctx, j); err != nil && j.state.CompareAndSwap(waiting, abandoned) {
		return err
	}
	<-j.done // f may use the caller's memory: once started it is waited for
	if j.panic != nil {
		panic(j.panic)
	}
	return nil
}

// wait returns nil when j is done, or why its caller would rather not wait.
func (l *Lane) wait(ctx context.Context, j *job) error {
	limit := time.NewTimer(l.config.Wait)
	defer limit.Stop()
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-limit.C:
		return l.busy("waited too long")
	case <-l.stopped:
		// The workers drain the queue before they end, but a job that came in
		// behind the last of them would never be done.
		select {
		case <-j.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-limit.C:
			return l.busy("stopping")
		}
	}
}

func (l *Lane) busy(why string) error { return fmt.Errorf("%w: %s: %s", ErrBusy, l.config.Name, why) }

// Load returns how many computations run and how many wait, for metrics.
func (l *Lane) Load() (running, queued int) {
	if l == nil {
		return 0, 0
	}
	return int(l.running.Load()), len(l.queue)
}

// Idle returns how many more computations would begin at once. A nil Lane has
// no workers to be idle.
func (l *Lane) Idle() int {
	if l == nil {
		return 0
	}
	running, queued := l.Load()
	return max(0, l.config.Workers-running-queued)
}
