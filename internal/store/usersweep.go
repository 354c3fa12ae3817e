package store

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// chunk bounds the rows that one transaction of a clean-up removes, so that
// others get their turn in between.
const chunk = 1000

// codeMemory is how long an expired code is kept: whoever answers with it is
// told that it has expired, rather than that it is wrong.
const codeMemory = 7 * 24 * time.Hour

// DeletePool removes the users of a pool with all that is theirs. Beyond a
// chunk it notes the pool for Sweep: the users of a deleted pool are out of
// reach, and its id never comes back.
func (u *Users) DeletePool(ctx context.Context, poolID string) error {
	return u.db.Tx(ctx, func(ctx context.Context) error {
		more, err := u.deletePool(ctx, poolID)
		if err != nil || !more {
			return err
		}
		_, err = u.db.exec(ctx, `INSERT INTO user_leftovers (pool_id) VALUES ($1) ON CONFLICT (pool_id) DO NOTHING`, poolID)
		return err
	})
}

// deletePool removes up to a chunk of each of a pool's tables and reports
// whether there may be more.
func (u *Users) deletePool(ctx context.Context, poolID string) (more bool, err error) {
	for _, statement := range []string{
		`DELETE FROM users WHERE pool_id = $1 AND sub IN (SELECT sub FROM users WHERE pool_id = $1 ORDER BY sub LIMIT $2)`,
		`DELETE FROM user_aliases WHERE pool_id = $1 AND alias IN (SELECT alias FROM user_aliases WHERE pool_id = $1 ORDER BY alias LIMIT $2)`,
		`DELETE FROM user_codes WHERE pool_id = $1 AND sub IN (SELECT sub FROM user_codes WHERE pool_id = $1 ORDER BY sub LIMIT $2)`,
		`DELETE FROM user_attempts WHERE pool_id = $1 AND subject IN (SELECT subject FROM user_attempts WHERE pool_id = $1 ORDER BY subject LIMIT $2)`,
		`DELETE FROM user_group_members WHERE pool_id = $1 AND sub IN (SELECT sub FROM user_group_members WHERE pool_id = $1 ORDER BY sub LIMIT $2)`,
		`DELETE FROM user_links WHERE pool_id = $1 AND link IN (SELECT link FROM user_links WHERE pool_id = $1 ORDER BY link LIMIT $2)`,
		`DELETE FROM user_devices WHERE pool_id = $1 AND sub IN (SELECT sub FROM user_devices WHERE pool_id = $1 ORDER BY sub LIMIT $2)`,
		`DELETE FROM device_challenges WHERE pool_id = $1 AND sub IN (SELECT sub FROM device_challenges WHERE pool_id = $1 ORDER BY sub LIMIT $2)`,
	} {
		n, err := u.db.exec(ctx, statement, poolID, chunk)
		if err != nil {
			return false, err
		}
		more = more || n >= chunk
	}
	return more, nil
}

// Sweep removes what has expired by now and what deleted pools left behind.
// It works in small transactions until nothing is left to do or ctx ends.
func (u *Users) Sweep(ctx context.Context, now time.Time) error {
	for _, s := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM user_codes WHERE (pool_id, sub, purpose) IN
			(SELECT pool_id, sub, purpose FROM user_codes WHERE expires <= $1 ORDER BY expires LIMIT $2)`, now.Add(-codeMemory)},
		{`DELETE FROM user_attempts WHERE (pool_id, subject, action) IN
			(SELECT pool_id, subject, action FROM user_attempts WHERE expires <= $1 ORDER BY expires LIMIT $2)`, now},
		{`DELETE FROM signin_challenges WHERE (pool_id, id) IN
			(SELECT pool_id, id FROM signin_challenges WHERE expires <= $1 ORDER BY expires LIMIT $2)`, now},
		{`DELETE FROM device_challenges WHERE (pool_id, sub, client_id, device_key) IN
			(SELECT pool_id, sub, client_id, device_key FROM device_challenges WHERE expires <= $1 ORDER BY expires LIMIT $2)`, now},
	} {
		for n := int64(chunk); n >= chunk; {
			var err error
			if n, err = u.db.exec(ctx, s.statement, micros(s.before), chunk); err != nil {
				return err
			}
		}
	}
	if err := u.sweepGroups(ctx); err != nil {
		return err
	}
	return u.sweepPools(ctx)
}

func (u *Users) sweepPools(ctx context.Context) error {
	for {
		pool, err := one(ctx, u.db, scanText, `SELECT pool_id FROM user_leftovers ORDER BY pool_id LIMIT 1`)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		err = u.db.Tx(ctx, func(ctx context.Context) error {
			more, err := u.deletePool(ctx, pool)
			if err != nil || more {
				return err
			}
			_, err = u.db.exec(ctx, `DELETE FROM user_leftovers WHERE pool_id = $1`, pool)
			return err
		})
		if err != nil {
			return err
		}
	}
}
