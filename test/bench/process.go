package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Readings of /proc. Where there is none they fail, and the run with them: a
// figure that is not measured must not be printed.

// clockTick is the unit of process times: USER_HZ, which is 100 on every
// Linux that Go runs on.
const clockTick = time.Second / 100

// cpuTime returns how much processor time a process has had, all its threads
// together.
func cpuTime(pid int) (time.Duration, error) {
	f, err := statFields(pid)
	if err != nil {
		return 0, err
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64) // utime, field 14 of proc(5)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("process %d: unreadable times", pid)
	}
	return time.Duration(user+system) * clockTick, nil
}

// statFields returns the fields of /proc/PID/stat after the name, which may
// itself hold spaces: the first is the state, field 3.
func statFields(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	f := strings.Fields(string(text)[strings.LastIndexByte(string(text), ')')+1:])
	if len(f) < 20 {
		return nil, fmt.Errorf("process %d: unreadable status", pid)
	}
	return f, nil
}

// familyTime is cpuTime of a process and those of its children that still
// live; the times of children that ended are counted in, once it has waited
// for them.
func familyTime(parent int) (time.Duration, error) {
	f, err := statFields(parent)
	if err != nil {
		return 0, err
	}
	total, err := cpuTime(parent)
	if err != nil {
		return 0, err
	}
	for _, ended := range f[13:15] { // cutime, cstime
		n, err := strconv.ParseInt(ended, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * clockTick
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		f, err := statFields(pid)
		if err != nil || f[1] != strconv.Itoa(parent) {
			continue // ended meanwhile, or somebody else's
		}
		if t, err := cpuTime(pid); err == nil {
			total += t
		}
	}
	return total, nil
}

// memory returns a process's resident set in bytes: now, and at its peak since
// resetPeak.
func memory(pid int) (now, peak int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmHWM" {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("process %d: %s: %w", pid, name, err)
		}
		if name == "VmRSS" {
			now = kib << 10
		} else {
			peak = kib << 10
		}
	}
	return now, peak, nil
}

// resetPeak makes the peak of a process start from what it has now (proc(5),
// /proc/PID/clear_refs).
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// systemTime returns how busy the whole machine was, and for how long it has
// been up, in processor time.
func systemTime() (busy, total time.Duration, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line)[1:] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		if i >= 8 {
			break // guests are counted in user already
		}
		t := time.Duration(n) * clockTick
		total += t
		if i != 3 && i != 4 { // idle, iowait
			busy += t
		}
	}
	return busy, total, nil
}
