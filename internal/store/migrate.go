package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one file of migrations/. Applied ones never change: what they
// got wrong is put right by a later one, which must be safe while the release
// before it still runs.
type migration struct {
	version    int64
	name       string
	statements []string
}

var migrationName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

func readMigrations(dir fs.FS) ([]migration, error) {
	files, err := fs.Glob(dir, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files { // Glob sorts
		m := migrationName.FindStringSubmatch(strings.TrimPrefix(file, "migrations/"))
		if m == nil {
			return nil, fmt.Errorf("migration %s: name is not NNNN_name.sql", file)
		}
		version, _ := strconv.ParseInt(m[1], 10, 64)
		if len(all) > 0 && all[len(all)-1].version == version {
			return nil, fmt.Errorf("migration %s: number given twice", file)
		}
		text, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, m[2], splitStatements(string(text))})
	}
	return all, nil
}

// splitStatements cuts after each semicolon at the end of a line, and drops
// comment lines.
func splitStatements(text string) []string {
	var list []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "--") {
			continue
		}
		b.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			list = append(list, b.String())
			b.Reset()
		}
	}
	if rest := strings.TrimSpace(b.String()); rest != "" {
		list = append(list, rest)
	}
	return list
}

// These two exist before the first migration: the one says what has been
// applied, the other keeps nodes that start together from applying it twice.
var bootstrap = []string{
	`CREATE TABLE IF NOT EXISTS schema_migrations (
		version BIGINT NOT NULL PRIMARY KEY,
		name TEXT NOT NULL,
		applied BIGINT NOT NULL
	);`,
	`CREATE TABLE IF NOT EXISTS leases (
		name TEXT NOT NULL PRIMARY KEY,
		holder TEXT NOT NULL,
		expires BIGINT NOT NULL
	);`,
}

const (
	migrationLease = "migrate"
	// A node that dies while it migrates keeps the others waiting this long.
	migrationLeaseTime = time.Minute
)

func (db *DB) migrate(ctx context.Context) error {
	known, err := readMigrations(migrationFiles)
	if err != nil {
		return err
	}
	return db.migrateTo(ctx, known)
}

func (db *DB) migrateTo(ctx context.Context, known []migration) error {
	// The usual start has nothing to do and costs one query.
	pending, err := db.pendingMigrations(ctx, known)
	if err == nil && len(pending) == 0 {
		return nil
	}
	if errors.Is(err, ErrNewerSchema) {
		return err
	}
	for _, statement := range bootstrap {
		if err := db.createOnce(ctx, statement); err != nil {
			return fmt.Errorf("prepare schema: %w", err)
		}
	}
	for {
		ok, err := db.AcquireLease(ctx, migrationLease, migrationLeaseTime)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if ok {
			break
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("another node is migrating the database: %w", ctx.Err())
		}
	}
	defer db.ReleaseLease(context.WithoutCancel(ctx), migrationLease)
	if pending, err = db.pendingMigrations(ctx, known); err != nil {
		return err
	}
	return db.applyMigrations(ctx, pending)
}

// createOnce tries again where two nodes create the same table at once: the
// one that comes second is refused even with IF NOT EXISTS.
func (db *DB) createOnce(ctx context.Context, statement string) error {
	statement, err := db.engine.ddl(ctx, statement)
	if err != nil {
		return err
	}
	for range 3 {
		if _, err = db.exec(ctx, statement); err == nil {
			return nil
		}
	}
	return err
}

// pendingMigrations returns what is still to be applied. Files may be added
// out of order, so it compares sets and not maxima.
func (db *DB) pendingMigrations(ctx context.Context, known []migration) ([]migration, error) {
	applied, err := many(ctx, db, scanInt, `SELECT version FROM schema_migrations ORDER BY version`)
	if err != nil {
		return nil, fmt.Errorf("read schema version: %w", err)
	}
	for _, version := range applied {
		if !slices.ContainsFunc(known, func(m migration) bool { return m.version == version }) {
			return nil, fmt.Errorf("the database has migration %04d, which this release does not know: run the newer release that made it: %w", version, ErrNewerSchema)
		}
	}
	return slices.DeleteFunc(slices.Clone(known), func(m migration) bool {
		return slices.Contains(applied, m.version)
	}), nil
}

// applyMigrations runs each migration in a transaction of its own, except on
// SQLite, where nobody else is there and one commit does for all.
func (db *DB) applyMigrations(ctx context.Context, pending []migration) error {
	if !db.Shared() {
		return db.Tx(ctx, func(ctx context.Context) error { return db.applyEach(ctx, pending) })
	}
	return db.applyEach(ctx, pending)
}

func (db *DB) applyEach(ctx context.Context, pending []migration) error {
	for _, m := range pending {
		err := db.Tx(ctx, func(ctx context.Context) error {
			for _, statement := range m.statements {
				statement, err := db.engine.ddl(ctx, statement)
				if err != nil {
					return err
				}
				if _, err := db.exec(ctx, statement); err != nil {
					return err
				}
			}
			_, err := db.exec(ctx, `INSERT INTO schema_migrations (version, name, applied) VALUES ($1, $2, $3)`,
				m.version, m.name, micros(db.now()))
			return err
		})
		if err != nil {
			return fmt.Errorf("migration %04d_%s: %w", m.version, m.name, err)
		}
		if !db.Shared() {
			continue
		}
		if ok, err := db.AcquireLease(ctx, migrationLease, migrationLeaseTime); err != nil || !ok {
			return fmt.Errorf("migration %04d_%s: lost the lease: %w", m.version, m.name, err)
		}
	}
	return nil
}
