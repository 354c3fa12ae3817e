package lane

import "golang.org/x/sys/unix"

// lowerPriority makes the calling thread give way to others. Linux keeps a
// nice value for each thread, and raising one's own needs no privilege. Where
// it is refused all the same, the bounds of the lane remain.
func lowerPriority() {
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), Niceness)
}
