package store

import (
	"context"
	"io/fs"
)

// Exec and Text let black-box tests write and read rows of their own.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return db.exec(ctx, query, args...)
}

// ExecOne is execOne.
func (db *DB) ExecOne(ctx context.Context, query string, args ...any) error {
	return db.execOne(ctx, query, args...)
}

// Text reads one text column of one row.
func (db *DB) Text(ctx context.Context, query string, args ...any) (string, error) {
	return one(ctx, db, scanText, query, args...)
}

// Int reads one integer column of one row.
func (db *DB) Int(ctx context.Context, query string, args ...any) (int64, error) {
	return one(ctx, db, scanInt, query, args...)
}

// Texts reads one text column of many rows.
func (db *DB) Texts(ctx context.Context, query string, args ...any) ([]string, error) {
	return many(ctx, db, scanText, query, args...)
}

// MigrateFrom applies the migrations of a directory.
func (db *DB) MigrateFrom(ctx context.Context, dir fs.FS) error {
	known, err := readMigrations(dir)
	if err != nil {
		return err
	}
	return db.migrateTo(ctx, known)
}

var ConflictOn = conflictOn

// Tables returns the tables that Reset knows.
var Tables = tables

// Queued returns how many transactions wait for the SQLite writer.
func (db *DB) Queued() int {
	if e, ok := db.engine.(*sqliteEngine); ok {
		return len(e.write.queue)
	}
	return 0
}

// ErrRetry is the mark of errors that a Tx runs again for.
var ErrRetry = errRetry
