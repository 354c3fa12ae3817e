// Package storetest opens databases for tests. One suite runs on every engine:
//
//	storetest.Each(t, func(t *testing.T, db *store.DB) { … })
//
// The engines are an SQLite file, SQLite in memory, and PostgreSQL: a private
// server that the first test of a process starts and that ends with the
// process. CENOTE_TEST_POSTGRES changes that: "off" leaves PostgreSQL out,
// "required" fails where there is none.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/pgcluster"
)

// Option changes how databases are opened.
type Option func(*store.Config)

// Clock sets the time that a database sees.
func Clock(now func() time.Time) Option {
	return func(c *store.Config) { c.Now = now }
}

// Each runs f on every engine, each time with an empty database.
func Each(t *testing.T, f func(t *testing.T, db *store.DB), options ...Option) {
	t.Helper()
	for _, engine := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"sqlite", File},
		{"memory", func(*testing.T) string { return "sqlite::memory:" }},
		{"postgres", Postgres},
	} {
		t.Run(engine.name, func(t *testing.T) {
			f(t, Open(t, engine.url(t), options...))
		})
	}
}

// Memory opens an empty database in memory: for tests of things that only need
// some store.
func Memory(t testing.TB, options ...Option) *store.DB {
	t.Helper()
	return Open(t, "sqlite::memory:", options...)
}

// Open opens a database by URL and closes it when the test ends.
func Open(t testing.TB, url string, options ...Option) *store.DB {
	t.Helper()
	config := store.Config{URL: url, Master: Master(), Now: time.Now}
	for _, o := range options {
		o(&config)
	}
	db, err := store.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return db
}

// Master returns the master key of all test databases.
func Master() secretbox.Master {
	m, err := secretbox.NewMaster(bytes.Repeat([]byte("test"), 8))
	if err != nil {
		panic(err)
	}
	return m
}

// File returns the URL of an SQLite file that does not exist yet.
func File(t *testing.T) string {
	t.Helper()
	return "sqlite://" + filepath.ToSlash(filepath.Join(t.TempDir(), "cenote.db"))
}

// Postgres returns the URL of a PostgreSQL database with the schema and
// nothing in it, which goes away with the test. It skips the test where there
// is no PostgreSQL.
func Postgres(t *testing.T) string {
	t.Helper()
	cluster := Cluster(t)
	name := "t" + secretbox.String(12, secretbox.LowerDecimal)
	if err := cluster.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return cluster.URL(name)
}

const template = "cenote_template"

// Cluster returns the PostgreSQL server of this test process.
func Cluster(t testing.TB) *pgcluster.Cluster {
	t.Helper()
	mode := os.Getenv("CENOTE_TEST_POSTGRES")
	if mode == "off" {
		t.Skip("CENOTE_TEST_POSTGRES=off")
	}
	cluster, err := shared()
	switch {
	case errors.Is(err, pgcluster.ErrNotInstalled) && mode != "required":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return cluster
}

var shared = sync.OnceValues(func() (*pgcluster.Cluster, error) {
	ctx := context.Background()
	cluster, err := pgcluster.Start(ctx, pgcluster.Config{})
	if err != nil {
		return nil, err
	}
	// Each test's database is a copy of one that has its schema already.
	if err := cluster.Exec(ctx, "CREATE DATABASE "+template); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Config{URL: cluster.URL(template), Master: Master(), Now: time.Now})
	if err != nil {
		return nil, fmt.Errorf("open template database: %w", err)
	}
	return cluster, db.Close()
})
