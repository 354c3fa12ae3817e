package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sync"
)

var createTable = regexp.MustCompile(`(?im)^\s*CREATE TABLE (?:IF NOT EXISTS )?([a-z0-9_]+)`)

// kept are tables that Reset leaves alone: the data keys, without which
// running nodes and tokens in flight would seal into nothing, and signing keys
// made ahead, which belong to nobody yet.
var kept = []string{"data_keys", "spare_keys"}

// tables returns the tables of all migrations, those that refer to others
// before the ones that they refer to: parents are created first.
var tables = sync.OnceValues(func() ([]string, error) {
	all, err := readMigrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range all {
		for _, statement := range m.statements {
			if match := createTable.FindStringSubmatch(statement); match != nil {
				names = append(names, match[1])
			}
		}
	}
	slices.Reverse(names)
	return names, nil
})

// Reset empties the deployment: accounts, pools, users, everything but the
// schema and the data keys. It is for test suites.
func (db *DB) Reset(ctx context.Context) error {
	names, err := tables()
	if err != nil {
		return err
	}
	err = db.Tx(ctx, func(ctx context.Context) error {
		for _, name := range names {
			if slices.Contains(kept, name) {
				continue
			}
			if _, err := db.exec(ctx, `DELETE FROM `+name); err != nil {
				return fmt.Errorf("empty %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, c := range db.caches {
		c.clear()
	}
	return nil
}
