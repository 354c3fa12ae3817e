package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Config says where a deployment's rows are.
type Config struct {
	// URL is sqlite:///path/to/file.db, sqlite::memory: or postgres://….
	URL    string
	Master secretbox.Master // wraps the data keys
	Now    func() time.Time
	Logger *slog.Logger // nil discards
	// AuditKept is how long audit records stay; 0 is for ever.
	AuditKept time.Duration
}

// DB is a deployment's rows. It is safe for concurrent use.
type DB struct {
	now    func() time.Time
	log    *slog.Logger
	ring   *secretbox.Ring
	engine engine
	growth *growth
	nodeID string // names this handle among the nodes of a deployment

	auditKept time.Duration

	writing sync.RWMutex // held by every attempt of a transaction, by its own if it must run alone

	mu     sync.Mutex
	master secretbox.Master       // guarded by mu
	caches []interface{ clear() } // dropped by Reset; guarded by mu

	// Each makes the one view of its kind, which has a cache.
	iam           func() *IAM
	pools         func() *UserPools
	clients       func() *UserPoolClients
	identityPools func() *IdentityPools
}

// engine is what differs between SQLite and PostgreSQL.
type engine interface {
	// reader answers statements outside of transactions.
	reader() querier
	// detached returns the context that a single read runs under.
	detached(ctx context.Context) context.Context
	// update runs fn in one transaction and commits it. The context that fn
	// gets is the one for its statements.
	update(ctx context.Context, fn func(context.Context, querier) error) error
	// exec runs a single write as a transaction of its own.
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
	// normalize maps a driver's error to the errors of this package.
	normalize(err error) error
	// ddl returns the engine's form of a statement of a migration.
	ddl(ctx context.Context, statement string) (string, error)
	// shared tells whether other processes may write too.
	shared() bool
	// analyze renews what the planner knows about the tables.
	analyze(ctx context.Context) error
	close() error
}

// querier is a connection, a pool or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Open opens a database, makes or upgrades its schema and unwraps its data
// keys. It answers ErrLocked if another process has an SQLite file open,
// ErrNewerSchema if a newer release made the schema, and ErrMasterKey if the
// data keys are wrapped by another master key.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Master == nil || c.Now == nil {
		return nil, errors.New("store: a master key and a clock are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	e, err := openEngine(ctx, c.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{now: c.Now, log: c.Logger, master: c.Master, engine: e, auditKept: c.AuditKept, growth: newGrowth(), nodeID: secretbox.String(12, secretbox.LowerDecimal)}
	db.iam = sync.OnceValue(func() *IAM { return newIAM(db) })
	db.pools = sync.OnceValue(func() *UserPools { return newUserPools(db) })
	db.clients = sync.OnceValue(func() *UserPoolClients { return newUserPoolClients(db) })
	db.identityPools = sync.OnceValue(func() *IdentityPools { return newIdentityPools(db) })
	err = db.migrate(ctx)
	if err == nil {
		err = db.openKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return db, nil
}

func openEngine(ctx context.Context, rawURL string) (engine, error) {
	scheme, rest, _ := strings.Cut(rawURL, ":")
	switch scheme {
	case "sqlite":
		if rest == ":memory:" {
			return openSQLite(ctx, "")
		}
		// The path is taken as it is: nothing in it is special or escaped.
		path, ok := strings.CutPrefix(rest, "//")
		if !ok || len(path) < 2 || path[0] != '/' {
			return nil, errors.New("database URL: want sqlite:///path/to/file.db, or sqlite::memory: for none")
		}
		if filepath.VolumeName(path[1:]) != "" {
			path = path[1:] // sqlite:///C:/path
		}
		return openSQLite(ctx, filepath.FromSlash(path))
	case "postgres", "postgresql":
		return openPostgres(ctx, rawURL)
	}
	return nil, fmt.Errorf("database URL: unknown scheme %q: want sqlite or postgres", scheme)
}

// Close ends the connections. Transactions that wait for their turn fail.
func (db *DB) Close() error { return db.engine.close() }

// Ring returns the data keys.
func (db *DB) Ring() *secretbox.Ring { return db.ring }

// Shared tells whether other nodes may write to the same database.
func (db *DB) Shared() bool { return db.engine.shared() }

// Ping answers once the database does.
func (db *DB) Ping(ctx context.Context) error {
	_, err := one(ctx, db, scanInt, `SELECT 1`)
	return err
}
