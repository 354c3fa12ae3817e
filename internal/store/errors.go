package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Errors of opening a database. Each comes wrapped in a sentence for the
// operator.
var (
	ErrLocked      = errors.New("database is in use by another process")
	ErrNewerSchema = errors.New("database schema is newer than this release")
	ErrMasterKey   = errors.New("wrong master key")
)

// ErrClosed is the error of a transaction on a closed DB.
var ErrClosed = errors.New("store is closed")

// ErrStale is the error of a change to a row that has changed, or gone, since
// it was read. Inside a Tx the closure runs again first, a few times.
var ErrStale = errors.New("row has changed since it was read")

// ErrReference is the error of a row that refers to one that does not exist,
// or of deleting a row that others refer to.
var ErrReference = errors.New("foreign key violated")

// errRetry marks errors that go away when the transaction runs again.
var errRetry = errors.New("transaction lost against another one")

var errStaleTx = retryable(ErrStale)

func retryable(err error) error { return &retryError{err} }

type retryError struct{ cause error }

func (e *retryError) Error() string        { return e.cause.Error() }
func (e *retryError) Unwrap() error        { return e.cause }
func (e *retryError) Is(target error) bool { return target == errRetry }

// ConflictError is a broken unique constraint; errors.Is finds fs.ErrExist.
type ConflictError struct {
	Table   string
	Columns []string // in the order of the constraint
	cause   error
}

// Key names the constraint in the same way on every engine, such as
// "users.pool_id,username".
func (e *ConflictError) Key() string { return e.Table + "." + strings.Join(e.Columns, ",") }

// Error never holds the values: they may be somebody's name.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("a row of %s with the same %s exists already", e.Table, strings.Join(e.Columns, ", "))
}

// Unwrap returns the driver's error.
func (e *ConflictError) Unwrap() error { return e.cause }

// Is makes every conflict an fs.ErrExist.
func (e *ConflictError) Is(target error) bool { return target == fs.ErrExist }

// conflictOn returns the key of the constraint that err broke, or "".
func conflictOn(err error) string {
	if c, ok := errors.AsType[*ConflictError](err); ok {
		return c.Key()
	}
	return ""
}
