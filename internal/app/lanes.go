package app

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cenote-id/cenote/internal/lane"
)

// lanes are where slow cryptography runs. Passwords have a lane of their own,
// so that slow hashes of one pool do not hold up everybody's tokens.
type lanes struct {
	signing   *lane.Lane
	passwords *lane.Lane
}

// Bounds of what waits for a lane: about two seconds' worth of signatures on
// two cores. More would only wait to fail.
const (
	laneQueue = 1024
	laneWait  = 5 * time.Second
)

// newLanes makes lanes of so many workers each; without workers the callers
// do the work themselves.
func newLanes(workers int) (l lanes, err error) {
	if workers == 0 {
		return l, nil
	}
	l.signing, err = lane.New(lane.Config{Name: "signing", Workers: workers, Queue: laneQueue, Wait: laneWait})
	if err != nil {
		return l, err
	}
	l.passwords, err = lane.New(lane.Config{Name: "passwords", Workers: workers, Queue: laneQueue, Wait: laneWait})
	return l, err
}

// laneThreads is how many threads lanes of so many workers each have. They
// come on top of GOMAXPROCS, or nothing else would run while they compute.
func laneThreads(workers int) int { return 2 * workers }

// run runs the lanes as part of a group.
func (l lanes) run(ctx context.Context, group *errgroup.Group) {
	for _, each := range []*lane.Lane{l.signing, l.passwords} {
		if each != nil {
			group.Go(func() error { return each.Run(ctx) })
		}
	}
}
