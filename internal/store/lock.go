package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fileLock keeps other processes out of an SQLite database. SQLite would let
// them in, but the writer's caches and the group commit take it for granted
// that nobody else writes.
type fileLock struct{ file *os.File }

func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	ok, err := tryLock(f)
	if err == nil && ok {
		if err = f.Truncate(0); err == nil {
			_, err = fmt.Fprintln(f, os.Getpid())
		}
	}
	if err == nil && ok {
		return &fileLock{f}, nil
	}
	defer f.Close()
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	holder := "another cenote process"
	text := make([]byte, 20)
	n, _ := f.ReadAt(text, 0)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n]))); err == nil {
		holder = fmt.Sprintf("a running cenote (process %d)", pid)
	}
	return nil, fmt.Errorf("data directory %s is in use by %s: stop it first, or send it the request over its API: %w",
		filepath.Dir(path), holder, ErrLocked)
}

// release gives the lock back. The file stays: removing it could remove the
// file that the next process has just locked.
func (l *fileLock) release() error { return l.file.Close() }
