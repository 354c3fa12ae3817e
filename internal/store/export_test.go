package store

import (
	"context"
	"io/fs"
	"maps"
	"slices"
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

// Prune is prune.
func (db *DB) Prune(ctx context.Context) error { return db.prune(ctx) }

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

// Statements returns the texts that an SQLite reader has run so far. It works
// for databases whose reads came one after another.
func (db *DB) Statements(ctx context.Context) (texts []string, err error) {
	conn, err := db.engine.(*sqliteEngine).read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		texts = slices.Sorted(maps.Keys(c.(*cachedConn).statements))
		return nil
	})
	return texts, err
}

// Plan is what SQLite says of how it would run a statement, a step a line.
func (db *DB) Plan(ctx context.Context, query string, args ...any) ([]string, error) {
	return many(ctx, db, func(s scanner) (step string, err error) {
		var id, parent, unused int
		err = s.Scan(&id, &parent, &unused, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+query, args...)
}

// FirstAnalysis is after how many rows the tables are analyzed.
const FirstAnalysis = firstAnalysis

// Sociable is how many attempts of a Tx run beside others.
const Sociable = sociable
