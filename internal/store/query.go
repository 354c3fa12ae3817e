package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/audit"
)

// exec runs a write and returns the number of rows that it touched. It joins
// the transaction of ctx, or is one of its own.
func (db *DB) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t := db.txFrom(ctx); t != nil {
		if t.failed != nil {
			return 0, t.failed
		}
		result, err := t.q.ExecContext(ctx, query, args...)
		if err != nil {
			return 0, t.fail(db.engine.normalize(err))
		}
		n, err := result.RowsAffected()
		t.wrote = t.wrote || n > 0
		db.growth.add(n)
		return n, err
	}
	if _, audited := audit.Of(ctx, db.now()); audited {
		var n int64
		err := db.Tx(ctx, func(ctx context.Context) (err error) {
			n, err = db.exec(ctx, query, args...)
			return err
		})
		return n, err
	}
	var result sql.Result
	err := db.retry(ctx, func() (err error) {
		result, err = db.engine.exec(ctx, query, args)
		return err
	})
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	db.growth.add(n)
	return n, err
}

// execOne is exec for a statement that names the version of the row that it
// changes: ErrStale if there is no such row. Inside a Tx that error makes the
// whole closure run again.
func (db *DB) execOne(ctx context.Context, query string, args ...any) error {
	n, err := db.exec(ctx, query, args...)
	if err != nil || n > 0 {
		return err
	}
	if t := db.txFrom(ctx); t != nil {
		return t.fail(errStaleTx)
	}
	return ErrStale
}

// scanner is one row of a result.
type scanner interface{ Scan(dest ...any) error }

// one returns the first row of a query, or fs.ErrNotExist.
func one[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), query string, args ...any) (v T, err error) {
	found := false
	err = db.each(ctx, query, args, func(rows *sql.Rows) error {
		found = true
		v, err = scan(rows)
		return err
	}, 1)
	if err == nil && !found {
		err = errNoRow
	}
	return v, err
}

// many returns all rows of a query, which bounds their number itself.
func many[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var list []T
	err := db.each(ctx, query, args, func(rows *sql.Rows) error {
		v, err := scan(rows)
		if err == nil {
			list = append(list, v)
		}
		return err
	}, -1)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// each reads at most limit rows and closes the result before it returns:
// nothing holds a connection while the caller works with what was read.
func (db *DB) each(ctx context.Context, query string, args []any, row func(*sql.Rows) error, limit int) error {
	t := db.txFrom(ctx)
	q := db.engine.reader()
	if t != nil {
		if t.failed != nil {
			return t.failed
		}
		q = t.q
	} else {
		if err := ctx.Err(); err != nil {
			return err
		}
		ctx = db.engine.detached(ctx)
	}
	err := func() error {
		rows, err := q.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for n := 0; n != limit && rows.Next(); n++ {
			if err := row(rows); err != nil {
				return fmt.Errorf("read row: %w", err)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return rows.Close()
	}()
	if err == nil {
		return nil
	}
	err = db.engine.normalize(err)
	if t != nil {
		return t.fail(err)
	}
	return err
}

// errNoRow is what one returns for an empty result. It does not doom a Tx.
var errNoRow = fmt.Errorf("no such row: %w", fs.ErrNotExist)

func scanInt(s scanner) (n int64, err error) {
	err = s.Scan(&n)
	return n, err
}

func scanText(s scanner) (v string, err error) {
	err = s.Scan(&v)
	return v, err
}
