//go:build !unix

package pgcluster

import (
	"context"
	"errors"
)

// ErrNotInstalled is the error of Start on systems without Unix sockets.
var ErrNotInstalled = errors.New("private PostgreSQL servers need a Unix system")

// Config describes a cluster.
type Config struct {
	Durable  bool
	Settings []string
}

// Cluster never exists here: Start always fails.
type Cluster struct{}

// Start answers ErrNotInstalled.
func Start(context.Context, Config) (*Cluster, error) { return nil, ErrNotInstalled }

// URL, Exec, PID, Kill, Restart and Stop keep callers portable.
func (*Cluster) URL(string) string                     { return "" }
func (*Cluster) Exec(context.Context, ...string) error { return ErrNotInstalled }
func (*Cluster) PID() (int, error)                     { return 0, ErrNotInstalled }
func (*Cluster) Kill() error                           { return ErrNotInstalled }
func (*Cluster) Restart(context.Context) error         { return ErrNotInstalled }
func (*Cluster) Stop() error                           { return ErrNotInstalled }
