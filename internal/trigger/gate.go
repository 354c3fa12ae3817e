package trigger

import (
	"context"
	"errors"
	"sync"
)

// Bounds of what is under way at once. A slow function fills its own share;
// the functions of other pools still have theirs.
const (
	maxCalls            = 512
	maxCallsPerFunction = 64
)

// errBusy means that so many calls are under way that none of them ended in
// the time of one.
var errBusy = &Refused{Code: codeBusy, Cause: errors.New("too many calls under way")}

// gate bounds concurrent calls. The zero value is open.
type gate struct {
	mu       sync.Mutex
	total    chan struct{}    // a place for each call; nil until the first one
	function map[string]*room // by ARN; only those with callers
}

type room struct {
	places  chan struct{}
	callers int // inside or waiting
}

// enter waits for a place. leave must be called once.
func (g *gate) enter(ctx context.Context, arn string) (leave func(), err error) {
	r := g.join(arn)
	if err := take(ctx, r.places); err != nil {
		g.quit(arn, r)
		return nil, err
	}
	if err := take(ctx, g.total); err != nil {
		<-r.places
		g.quit(arn, r)
		return nil, err
	}
	return func() {
		<-g.total
		<-r.places
		g.quit(arn, r)
	}, nil
}

func (g *gate) join(arn string) *room {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total == nil {
		g.total, g.function = make(chan struct{}, maxCalls), map[string]*room{}
	}
	r := g.function[arn]
	if r == nil {
		r = &room{places: make(chan struct{}, maxCallsPerFunction)}
		g.function[arn] = r
	}
	r.callers++
	return r
}

func (g *gate) quit(arn string, r *room) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.callers--; r.callers == 0 {
		delete(g.function, arn)
	}
}

func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}
