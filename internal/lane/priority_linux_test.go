package lane_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cenote-id/cenote/internal/lane"
)

// Workers give way; the threads that serve requests do not.
func TestWorkersAreNice(t *testing.T) {
	l, stop := start(t, lane.Config{Workers: 1, Queue: 1, Wait: time.Minute})
	defer stop()
	nice := func() int {
		// The system call returns 20 − nice, to keep clear of negative results.
		p, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
		if err != nil {
			t.Error(err)
		}
		return 20 - p
	}
	outside := nice()
	var inside int
	if err := l.Do(t.Context(), func() { inside = nice() }); err != nil {
		t.Fatal(err)
	}
	if inside < lane.Niceness || inside <= outside && outside < lane.Niceness {
		t.Errorf("nice value %d in the lane and %d outside", inside, outside)
	}
}
