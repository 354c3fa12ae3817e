package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// reopenable runs f on the engines that keep something, with the URL of a
// database that has the schema.
func reopenable(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		url := storetest.File(t)
		if err := open(t, url).Close(); err != nil {
			t.Fatal(err)
		}
		f(t, url)
	})
	t.Run("postgres", func(t *testing.T) { f(t, storetest.Postgres(t)) })
}

func open(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := tryOpen(t.Context(), url, storetest.Master())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func tryOpen(ctx context.Context, url string, master secretbox.Master) (*store.DB, error) {
	return store.Open(ctx, store.Config{URL: url, Master: master, Now: time.Now})
}

// emptyPostgres returns the URL of a database without a schema.
func emptyPostgres(t *testing.T, options string) string {
	t.Helper()
	cluster := storetest.Cluster(t)
	name := "e" + secretbox.String(12, secretbox.LowerDecimal)
	if err := cluster.Exec(t.Context(), "CREATE DATABASE "+name+" "+options); err != nil {
		t.Skipf("create database %s: %v", options, err)
	}
	t.Cleanup(func() {
		if err := cluster.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return cluster.URL(name)
}

func TestOpenRefusesBadURLs(t *testing.T) {
	for url, reason := range map[string]string{
		"":                            `unknown scheme ""`,
		"mysql://localhost/x":         `unknown scheme "mysql"`,
		"sqlite:relative.db":          "want sqlite:///path/to/file.db",
		"sqlite://host/file.db":       "want sqlite:///path/to/file.db",
		"sqlite:///":                  "want sqlite:///path/to/file.db",
		"postgres://u:geheim@h:port/": "database URL",
	} {
		_, err := tryOpen(t.Context(), url, storetest.Master())
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want %q", url, err, reason)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: error shows the password: %v", url, err)
		}
	}
	if _, err := store.Open(t.Context(), store.Config{URL: "sqlite::memory:"}); err == nil {
		t.Error("opened without a master key")
	}
}

func TestSQLiteFiles(t *testing.T) {
	// A path that means something to URLs and to SQLite's own file names.
	path := filepath.Join(t.TempDir(), "new dir", "a?b%20c#d.db")
	db := open(t, "sqlite://"+filepath.ToSlash(path))
	defer db.Close()
	if runtime.GOOS == "windows" {
		return
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) < 2 {
		t.Errorf("files %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f, info.Mode(), err)
		}
		if !strings.HasPrefix(filepath.Base(f), "a?b%20c#d.db") {
			t.Errorf("stray file %s", f)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	db := storetest.Open(t, storetest.File(t))
	for pragma, want := range map[string]string{
		"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000",
	} {
		read, err := db.Text(t.Context(), "PRAGMA "+pragma)
		if err != nil || read != want {
			t.Errorf("reader: %s is %s, %v", pragma, read, err)
		}
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			// Inside a transaction these cannot be changed, only read.
			write, err := db.Text(ctx, "PRAGMA "+pragma)
			if err != nil || write != want {
				t.Errorf("writer: %s is %s, %v", pragma, write, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if n, err := db.Int(t.Context(), "PRAGMA query_only"); err != nil || n != 1 {
		t.Errorf("readers may write: %d, %v", n, err)
	}
}

func TestSecondProcessIsLockedOut(t *testing.T) {
	url := storetest.File(t)
	db := open(t, url)
	_, err := tryOpen(t.Context(), url, storetest.Master())
	if !errors.Is(err, store.ErrLocked) {
		t.Fatalf("second Open: %v", err)
	}
	want := fmt.Sprintf("data directory %s is in use by a running cenote (process %d)", filepath.Dir(strings.TrimPrefix(url, "sqlite://")), os.Getpid())
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q, want %q", err, want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMasterKeyMustMatch(t *testing.T) {
	reopenable(t, func(t *testing.T, url string) {
		other, err := secretbox.NewMaster(bytes.Repeat([]byte{9}, 32))
		if err != nil {
			t.Fatal(err)
		}
		_, err = tryOpen(t.Context(), url, other)
		if !errors.Is(err, store.ErrMasterKey) || !strings.Contains(err.Error(), storetest.Master().ID()) {
			t.Errorf("another master key: %v", err)
		}
		db := open(t, url)
		defer db.Close()
		if _, err := db.Exec(t.Context(), `UPDATE data_keys SET wrapped = $1`, bytes.Repeat([]byte{1}, 73)); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := tryOpen(t.Context(), url, storetest.Master()); !errors.Is(err, store.ErrMasterKey) {
			t.Errorf("changed data key: %v", err)
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	reopenable(t, func(t *testing.T, url string) {
		db := open(t, url)
		_, err := db.Exec(t.Context(), `INSERT INTO schema_migrations (version, name, applied) VALUES (9000, 'future', 0)`)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		_, err = tryOpen(t.Context(), url, storetest.Master())
		if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "the database has migration 9000") {
			t.Errorf("newer schema: %v", err)
		}
	})
}

func TestMigrations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		applied, err := db.Int(t.Context(), `SELECT MAX(version) FROM schema_migrations`)
		if err != nil {
			t.Fatal(err)
		}
		// The real ones, as if their files were these: nothing is done again.
		dir := fstest.MapFS{}
		versions, err := db.Texts(t.Context(), `SELECT name FROM schema_migrations ORDER BY version`)
		if err != nil {
			t.Fatal(err)
		}
		numbers, err := db.Texts(t.Context(), `SELECT CAST(version AS TEXT) FROM schema_migrations ORDER BY version`)
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range versions {
			dir[fmt.Sprintf("migrations/%04s_%s.sql", numbers[i], name)] = &fstest.MapFile{Data: []byte("this is not SQL;\n")}
		}
		file := func(version int64, text string) {
			dir[fmt.Sprintf("migrations/%04d_more.sql", version)] = &fstest.MapFile{Data: []byte(text)}
		}
		file(applied+2, "-- A comment; with a semicolon.\nCREATE TABLE late (\n\tid TEXT NOT NULL PRIMARY KEY\n);\nINSERT INTO late (id) VALUES ('x;');\n")
		if err := db.MigrateFrom(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		// A file with a lower number may arrive later, from another branch.
		file(applied+1, "INSERT INTO late (id) VALUES ('y');\n")
		for range 2 {
			if err := db.MigrateFrom(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Texts(t.Context(), `SELECT id FROM late ORDER BY id`)
		if diff := cmp.Diff([]string{"x;", "y"}, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		// One that fails leaves nothing of itself.
		file(applied+3, "INSERT INTO late (id) VALUES ('z');\nINSERT INTO nowhere (id) VALUES ('z');\n")
		if err := db.MigrateFrom(t.Context(), dir); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("migration %04d_more", applied+3)) {
			t.Errorf("bad migration: %v", err)
		}
		if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM late`); err != nil || n != 2 {
			t.Errorf("%d rows, %v", n, err)
		}
		for _, bad := range []string{"migrations/1_short.sql", "migrations/0001_again.sql"} {
			broken := fstest.MapFS{bad: dir["migrations/0001_deployment.sql"], "migrations/0001_deployment.sql": dir["migrations/0001_deployment.sql"]}
			if err := db.MigrateFrom(t.Context(), broken); err == nil || !strings.Contains(err.Error(), bad) && !strings.Contains(err.Error(), "given twice") {
				t.Errorf("%s: %v", bad, err)
			}
		}
	})
}

func TestNodesStartTogether(t *testing.T) {
	url := emptyPostgres(t, "")
	var wg sync.WaitGroup
	sealed := make(chan []byte, 4)
	for range cap(sealed) {
		wg.Go(func() {
			db, err := tryOpen(t.Context(), url, storetest.Master())
			if err != nil {
				t.Error(err)
				return
			}
			sealed <- db.Ring().Seal([]byte("x"), []byte("ad"))
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(sealed)
	db := open(t, url)
	defer db.Close()
	for s := range sealed {
		if _, err := db.Ring().Open(s, []byte("ad")); err != nil {
			t.Errorf("sealed by another node: %v", err)
		}
	}
}

// A database whose own collation is a language's gets text columns that
// compare byte by byte all the same.
func TestTextOrderInAnotherCollation(t *testing.T) {
	db := storetest.Open(t, emptyPostgres(t, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'"))
	if smart, err := db.Int(t.Context(), `SELECT CASE WHEN 'a' < 'B' THEN 1 ELSE 0 END`); err != nil || smart != 1 {
		t.Fatalf("the database's own order is byte by byte: %v", err)
	}
	for _, id := range []string{"b", "a", "B", "_", "é"} {
		if err := db.Tx(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, `INSERT INTO leases (name, holder, expires) VALUES ($1, '', 0)`, id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Texts(t.Context(), `SELECT name FROM leases WHERE name < $1 ORDER BY name`, "zz")
	if diff := cmp.Diff([]string{"B", "_", "a", "b"}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestLeases(t *testing.T) {
	clock := storetest.NewTime()
	url := storetest.Postgres(t)
	a := storetest.Open(t, url, storetest.Clock(clock.Now))
	b := storetest.Open(t, url, storetest.Clock(clock.Now))
	acquire := func(db *store.DB, want bool) {
		t.Helper()
		if ok, err := db.AcquireLease(t.Context(), "work", time.Minute); ok != want || err != nil {
			t.Errorf("acquired %v, %v; want %v", ok, err, want)
		}
	}
	acquire(a, true)
	acquire(b, false)
	clock.Advance(50 * time.Second)
	acquire(a, true) // extends
	clock.Advance(50 * time.Second)
	acquire(b, false)
	clock.Advance(10 * time.Second)
	acquire(b, true) // run out
	if err := a.ReleaseLease(t.Context(), "work"); err != nil {
		t.Error(err)
	}
	acquire(a, false) // not a's to give back
	if err := b.ReleaseLease(t.Context(), "work"); err != nil {
		t.Error(err)
	}
	acquire(a, true)
}
