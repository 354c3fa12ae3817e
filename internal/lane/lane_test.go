package lane_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenote-id/cenote/internal/lane"
)

// start runs a lane until the test stops it.
func start(t *testing.T, c lane.Config) (l *lane.Lane, stop func()) {
	t.Helper()
	c.Name = "test"
	l, err := lane.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	return l, sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []lane.Config{
		{Workers: 0, Queue: 1, Wait: 1}, {Workers: 1, Queue: 0, Wait: 1}, {Workers: 1, Queue: 1, Wait: 0},
	} {
		if _, err := lane.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestNilLaneRunsInline(t *testing.T) {
	var l *lane.Lane
	ran := false
	if err := l.Do(t.Context(), func() { ran = true }); err != nil || !ran {
		t.Errorf("error %v, ran %v", err, ran)
	}
	if l.Idle() != 0 {
		t.Error("a lane without workers has idle ones")
	}
}

func TestNeverMoreThanWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 3, Queue: 100, Wait: time.Hour})
		if l.Idle() != 3 {
			t.Errorf("%d of 3 workers are idle before any work", l.Idle())
		}
		var now, most, done atomic.Int64
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				err := l.Do(t.Context(), func() {
					n := now.Add(1)
					for {
						m := most.Load()
						if n <= m || most.CompareAndSwap(m, n) {
							break
						}
					}
					time.Sleep(time.Second)
					now.Add(-1)
					done.Add(1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if running, queued := l.Load(); running != 3 || queued != 47 {
			t.Errorf("%d run and %d wait, want 3 and 47", running, queued)
		}
		if l.Idle() != 0 {
			t.Errorf("%d workers are idle in a storm", l.Idle())
		}
		callers.Wait()
		if most.Load() != 3 || done.Load() != 50 {
			t.Errorf("at most %d at once and %d done, want 3 and 50", most.Load(), done.Load())
		}
		stop()
	})
}

// block occupies a lane's only worker until the returned function is called.
func block(t *testing.T, l *lane.Lane) (release func()) {
	t.Helper()
	free := make(chan struct{})
	go l.Do(t.Context(), func() { <-free })
	synctest.Wait()
	return func() { close(free); synctest.Wait() }
}

func TestFullQueueIsBusyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 1, Queue: 2, Wait: time.Hour})
		release := block(t, l)
		var ran atomic.Int64
		for range 2 {
			go l.Do(t.Context(), func() { ran.Add(1) })
		}
		synctest.Wait()
		before := time.Now()
		if err := l.Do(t.Context(), func() { t.Error("ran") }); !errors.Is(err, lane.ErrBusy) {
			t.Errorf("error %v, want ErrBusy", err)
		}
		if waited := time.Since(before); waited != 0 {
			t.Errorf("refused after %v", waited)
		}
		release()
		if ran.Load() != 2 {
			t.Errorf("%d of the two that waited ran", ran.Load())
		}
		stop()
	})
}

func TestWaitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 1, Queue: 5, Wait: 2 * time.Second})
		release := block(t, l)
		before := time.Now()
		if err := l.Do(t.Context(), func() { t.Error("ran") }); !errors.Is(err, lane.ErrBusy) {
			t.Errorf("error %v, want ErrBusy", err)
		}
		if waited := time.Since(before); waited != 2*time.Second {
			t.Errorf("refused after %v", waited)
		}
		release()
		stop()
	})
}

func TestCallerMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 1, Queue: 5, Wait: time.Hour})
		release := block(t, l)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Do(ctx, func() { t.Error("ran") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		release()
		stop()
	})
}

// Work that has begun is finished: it may be writing to its caller's memory.
func TestStartedWorkIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 1, Queue: 1, Wait: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done := false
		if err := l.Do(ctx, func() { time.Sleep(time.Minute); done = true }); err != nil || !done {
			t.Errorf("error %v, done %v", err, done)
		}
		stop()
	})
}

func TestStopDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 2, Queue: 20, Wait: time.Hour})
		var done atomic.Int64
		for range 20 {
			go func() {
				if err := l.Do(t.Context(), func() { time.Sleep(time.Second); done.Add(1) }); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		stop()
		if done.Load() != 20 {
			t.Errorf("%d of 20 done when the lane had stopped", done.Load())
		}
		if err := l.Do(t.Context(), func() { t.Error("ran") }); !errors.Is(err, lane.ErrBusy) {
			t.Errorf("error %v, want ErrBusy", err)
		}
	})
}

func TestPanicReachesTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := start(t, lane.Config{Workers: 1, Queue: 1, Wait: time.Second})
		defer stop()
		func() {
			defer func() {
				if r := recover(); r != "boom" {
					t.Errorf("recovered %v", r)
				}
			}()
			l.Do(t.Context(), func() { panic("boom") })
			t.Error("Do returned")
		}()
		if err := l.Do(t.Context(), func() {}); err != nil {
			t.Errorf("the worker did not survive: %v", err)
		}
	})
}

func BenchmarkDo(b *testing.B) {
	l, err := lane.New(lane.Config{Name: "bench", Workers: 2, Queue: 10, Wait: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	for b.Loop() {
		if err := l.Do(ctx, func() {}); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	<-ended
}
