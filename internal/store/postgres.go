package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresEngine is a database behind the PostgreSQL wire protocol.
//
// Writes have a pool of their own, whose connections are SERIALIZABLE by
// default: a single INSERT is then a transaction that conflicts are found for,
// without the round trips of BEGIN and COMMIT. Reads are plain and never fail
// for a conflict.
type postgresEngine struct {
	write *sql.DB
	read  *sql.DB
}

const (
	writeConns = 14
	readConns  = 10
)

func openPostgres(ctx context.Context, url string) (engine, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// pgx removes the password from what it quotes.
		return nil, fmt.Errorf("database URL: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	// Every statement has an index, and a sequential scan, which the planner
	// prefers while a table is small, makes a serializable transaction conflict
	// with every other that writes to the table (manual, "Serializable Isolation
	// Level"): four people signing in at once lost ten races in a row.
	config.RuntimeParams["enable_seqscan"] = "off"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "cenote"
	}
	e := &postgresEngine{
		write: openPostgresPool(config, "serializable", writeConns),
		read:  openPostgresPool(config, "read committed", readConns),
	}
	if err := e.read.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to database: %w", err), e.close())
	}
	return e, nil
}

func openPostgresPool(config *pgx.ConnConfig, isolation string, size int) *sql.DB {
	config = config.Copy()
	config.RuntimeParams["default_transaction_isolation"] = isolation
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour) // so that nodes follow a moved endpoint
	return pool
}

func (e *postgresEngine) reader() querier { return e.read }

func (e *postgresEngine) detached(ctx context.Context) context.Context { return ctx }

func (e *postgresEngine) update(ctx context.Context, fn func(context.Context, querier) error) error {
	t, err := e.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() // after a commit it does nothing
	if err := fn(ctx, t); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (e *postgresEngine) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return e.write.ExecContext(ctx, query, args...)
}

// SQLSTATE codes, PostgreSQL manual appendix A.
const (
	stateForeignKey    = "23503"
	stateUnique        = "23505"
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
)

func (e *postgresEngine) normalize(err error) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || errors.Is(err, errRetry) {
		return err
	}
	if _, done := errors.AsType[*ConflictError](err); done {
		return err
	}
	switch pgErr.Code {
	case stateSerialization, stateDeadlock:
		return retryable(err)
	case stateUnique:
		return postgresConflict(pgErr)
	case stateForeignKey:
		return fmt.Errorf("%w: %w", ErrReference, err)
	}
	return err
}

var conflictDetail = regexp.MustCompile(`^Key \(([^)]*)\)=`)

// postgresConflict reads the columns from the detail "Key (a, b)=(…) already
// exists."; where a server gives none, the constraint's name stands for them.
func postgresConflict(err *pgconn.PgError) error {
	conflict := &ConflictError{Table: err.TableName, Columns: []string{err.ConstraintName}, cause: err}
	if m := conflictDetail.FindStringSubmatch(err.Detail); m != nil {
		conflict.Columns = strings.Split(strings.ReplaceAll(m[1], `"`, ""), ", ")
	}
	return conflict
}

var textType = regexp.MustCompile(`\bTEXT\b`)

// ddl makes text columns compare byte by byte, as SQLite's do, in a database
// whose default collation does not: key ranges and page order depend on it.
func (e *postgresEngine) ddl(ctx context.Context, statement string) (string, error) {
	var bytewise bool
	if err := e.read.QueryRowContext(ctx, `SELECT 'Z' < 'a' AND '_' > 'Z'`).Scan(&bytewise); err != nil {
		return "", fmt.Errorf("read collation: %w", err)
	}
	if bytewise {
		return statement, nil
	}
	return textType.ReplaceAllString(statement, `TEXT COLLATE "C"`), nil
}

func (e *postgresEngine) shared() bool { return true }

func (e *postgresEngine) analyze(ctx context.Context) error {
	_, err := e.read.ExecContext(ctx, `ANALYZE`)
	return err
}

func (e *postgresEngine) close() error { return errors.Join(e.read.Close(), e.write.Close()) }
