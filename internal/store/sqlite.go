package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine is an embedded database: one writing connection that the
// writer owns, and a pool of reading ones.
//
// A database in memory has a single connection, because SQLite's ways to share
// one have no snapshots: readers and batches take turns on it.
type sqliteEngine struct {
	write *writer
	pool  *sql.DB // of the writer: one connection
	read  *sql.DB // the same as pool in memory
	lock  *fileLock
}

func openSQLite(ctx context.Context, path string) (_ engine, err error) {
	e := &sqliteEngine{}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if path == "" {
		e.pool = openSQLitePool("file::memory:", 1, writerCache)
		e.read = e.pool
	} else {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("data directory: %w", err)
		}
		if e.lock, err = lockFile(path + ".lock"); err != nil {
			return nil, err
		}
		if err := createPrivate(path); err != nil {
			return nil, err
		}
		name := (&url.URL{Scheme: "file", Path: slashed(path)}).String()
		e.pool = openSQLitePool(name, 1, writerCache)
		readers := max(4, runtime.NumCPU())
		e.read = openSQLitePool(name, readers, max(minReaderCache, readersCache/readers), "query_only(1)")
	}
	if err := e.pool.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	e.write = startWriter(e.pool)
	return e, nil
}

// slashed writes a path as a file: URL has it, with a slash before a drive.
func slashed(path string) string {
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// createPrivate makes the database file before SQLite does, readable by its
// owner only; SQLite gives its journal files the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return f.Close()
}

// Page caches, in KiB. Each connection has one of its own, and behind them all
// stands the system's. The driver's allocator rounds a page and its header up
// to twice the page, so a full cache takes twice as much memory; with a million
// users, twice these sizes make nothing faster.
const (
	writerCache    = 8 << 10
	readersCache   = 16 << 10 // together
	minReaderCache = 2 << 10
)

func openSQLitePool(name string, size, cache int, pragmas ...string) *sql.DB {
	// busy_timeout comes first: the pragmas after it may have to wait.
	all := append([]string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"synchronous(FULL)", // an acknowledged write survives a power cut
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(-%d)", cache),
		"journal_size_limit(67108864)", // the log shrinks to this after a burst
	}, pragmas...)
	pool := sql.OpenDB(newStatementCache(&sqlite.Driver{}, name+"?_pragma="+strings.Join(all, "&_pragma=")))
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool
}

func (e *sqliteEngine) reader() querier { return e.read }

// detached takes the end of ctx away: a read of a few rows is over before the
// goroutines that would watch over its cancellation have started.
func (e *sqliteEngine) detached(ctx context.Context) context.Context {
	if e.read == e.pool {
		return ctx // it may have to wait for a batch
	}
	return context.WithoutCancel(ctx)
}

func (e *sqliteEngine) update(ctx context.Context, fn func(context.Context, querier) error) error {
	return e.write.run(ctx, fn)
}

func (e *sqliteEngine) exec(ctx context.Context, query string, args []any) (result sql.Result, err error) {
	err = e.write.run(ctx, func(ctx context.Context, q querier) (err error) {
		result, err = q.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

func (e *sqliteEngine) normalize(err error) error {
	serr, ok := errors.AsType[*sqlite.Error](err)
	if !ok || errors.Is(err, errRetry) {
		return err
	}
	if _, done := errors.AsType[*ConflictError](err); done {
		return err
	}
	switch code := serr.Code(); {
	case code == sqlite3.SQLITE_CONSTRAINT_UNIQUE, code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return sqliteConflict(serr)
	case code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return fmt.Errorf("%w: %w", ErrReference, err)
	case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED:
		return retryable(err)
	}
	return err
}

// sqliteConflict reads the columns from SQLite's message, the only place that
// has them: "… UNIQUE constraint failed: users.pool_id, users.username (2067)".
func sqliteConflict(err *sqlite.Error) error {
	_, list, _ := strings.Cut(err.Error(), "constraint failed: ")
	if _, after, ok := strings.Cut(list, "constraint failed: "); ok {
		list = after
	}
	list, _, _ = strings.Cut(list, " (")
	conflict := &ConflictError{cause: err}
	for name := range strings.SplitSeq(list, ", ") {
		table, column, _ := strings.Cut(name, ".")
		conflict.Table = table
		conflict.Columns = append(conflict.Columns, column)
	}
	return conflict
}

func (e *sqliteEngine) ddl(_ context.Context, statement string) (string, error) {
	return statement, nil
}

func (e *sqliteEngine) shared() bool { return false }

// analyze has nothing to do: without statistics SQLite takes the index that
// has most columns of the condition, which is always the right one here.
func (e *sqliteEngine) analyze(context.Context) error { return nil }

func (e *sqliteEngine) close() error {
	var errs []error
	if e.write != nil {
		e.write.stop()
	}
	if e.read != nil && e.read != e.pool {
		errs = append(errs, e.read.Close())
	}
	if e.pool != nil {
		errs = append(errs, e.pool.Close()) // the last connection folds the log into the file
	}
	if e.lock != nil {
		errs = append(errs, e.lock.release())
	}
	return errors.Join(errs...)
}
