package app

import "errors"

// Failures that have an exit code of their own.
var (
	ErrPortTaken = errors.New("address is in use")
	ErrLocked    = errors.New("data directory is in use by another process; stop it first")
)
