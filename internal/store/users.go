package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/user"
)

// Users is the view of users that package user works on.
type Users struct{ db *DB }

// Users returns the view.
func (db *DB) Users() *Users { return &Users{db} }

// shownColumns are what of a user is shown to others. Lists read no more than
// these: they have no use for credentials, and unsealing sixty costs as much as
// all the rest of a page. Pool and region are known to who asks.
const shownColumns = `sub, username, status, enabled, attributes, created, modified`

const userColumns = shownColumns + `, credential, failures, failed_at, grouped, version, factors`

// userRow reads users of one pool, one after another.
type userRow struct {
	pool, region string

	// What shownColumns are read into.
	sub, username, status, attributes string
	enabled                           bool
	created, modified                 int64
	shown                             [7]any // pointers to them
}

func newUserRow(pool string) *userRow {
	r := &userRow{pool: pool, region: regionOfPool(pool)}
	r.shown = [...]any{&r.sub, &r.username, &r.status, &r.enabled, &r.attributes, &r.created, &r.modified}
	return r
}

// scan reads shownColumns. Without a version the user cannot be written back.
func (r *userRow) scan(s scanner) (*user.User, error) {
	if err := s.Scan(r.shown[:]...); err != nil {
		return nil, err
	}
	return r.user()
}

func (r *userRow) user() (*user.User, error) {
	attributes, err := decodeAttributes(r.attributes)
	return &user.User{
		Pool: r.pool, Region: r.region, Sub: r.sub, Username: r.username, Status: user.Status(r.status), Enabled: r.enabled,
		Attributes: attributes, CreatedAt: fromMicros(r.created), ModifiedAt: fromMicros(r.modified),
	}, err
}

// find reads the userColumns of one user.
func (u *Users) find(ctx context.Context, pool, query string, args ...any) (*user.User, error) {
	return one(ctx, u.db, func(s scanner) (*user.User, error) {
		var (
			r                           = newUserRow(pool)
			credential, factors         []byte
			failures, failedAt, version int64
			grouped                     bool
		)
		if err := s.Scan(append(r.shown[:], &credential, &failures, &failedAt, &grouped, &version, &factors)...); err != nil {
			return nil, err
		}
		x, err := r.user()
		if err != nil {
			return nil, err
		}
		if credential != nil {
			plain, err := u.db.Ring().Open(credential, sealedFor("users", x.Pool, x.Sub))
			if err != nil {
				return nil, fmt.Errorf("credential of user %s: %w", x.Sub, err)
			}
			if x.Credential, err = user.DecodeCredential(plain); err != nil {
				return nil, fmt.Errorf("credential of user %s: %w", x.Sub, err)
			}
		}
		if err := u.openFactors(x, factors); err != nil {
			return nil, err
		}
		x.Lock = user.Lock{Failures: int(failures), LastAt: fromMicros(failedAt)}
		x.Grouped, x.Version = grouped, version
		return x, nil
	}, query, args...)
}

// row returns the columns of a user that a change of its profile writes.
func (u *Users) row(x *user.User) ([]any, error) {
	attributes, err := encodeAttributes(x.Attributes)
	if err != nil {
		return nil, err
	}
	var credential any
	if x.Credential != nil {
		credential = u.db.Ring().Seal(x.Credential.Encode(), sealedFor("users", x.Pool, x.Sub))
	}
	row := []any{
		x.Pool, x.Sub, string(x.Status), x.Enabled, attributes, credential,
		int64(x.Lock.Failures), micros(x.Lock.LastAt), micros(x.ModifiedAt),
	}
	for _, f := range user.SearchAttributes {
		row = append(row, orNull(user.SearchKey(x.Attributes.Value(string(f)))))
	}
	return row, nil
}

// orNull keeps drivers from taking no bytes for empty ones.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// InsertUser adds a user and its aliases; fs.ErrExist when a name is taken.
func (u *Users) InsertUser(ctx context.Context, x *user.User, key string, aliases []user.Alias) error {
	row, err := u.row(x)
	if err != nil {
		return err
	}
	return u.db.Tx(ctx, func(ctx context.Context) error {
		_, err := u.db.exec(ctx, `INSERT INTO users (pool_id, sub, status, enabled, attributes, credential, failures, failed_at, modified,
			email_key, phone_number_key, name_key, given_name_key, family_name_key, preferred_username_key,
			region, username, username_key, created, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1)`,
			append(row, x.Region, x.Username, []byte(key), micros(x.CreatedAt))...)
		if err != nil {
			return err
		}
		x.Version = 1
		return u.addAliases(ctx, x, aliases)
	})
}

// UpdateUser writes a user whose Version is the one that was read.
func (u *Users) UpdateUser(ctx context.Context, x *user.User) error {
	row, err := u.row(x)
	if err != nil {
		return err
	}
	err = u.db.execOne(ctx, `UPDATE users SET status = $3, enabled = $4, attributes = $5, credential = $6, failures = $7, failed_at = $8,
		modified = $9, email_key = $10, phone_number_key = $11, name_key = $12, given_name_key = $13, family_name_key = $14,
		preferred_username_key = $15, version = version + 1
		WHERE pool_id = $1 AND sub = $2 AND version = $16`, append(row, x.Version)...)
	if err == nil {
		x.Version++
	}
	return err
}

// SaveLock writes the lock of a user alone.
func (u *Users) SaveLock(ctx context.Context, x *user.User) error {
	err := u.db.execOne(ctx, `UPDATE users SET failures = $3, failed_at = $4, version = version + 1
		WHERE pool_id = $1 AND sub = $2 AND version = $5`,
		x.Pool, x.Sub, int64(x.Lock.Failures), micros(x.Lock.LastAt), x.Version)
	if err == nil {
		x.Version++
	}
	return err
}

// MoveAliases takes aliases from a user and gives it others.
func (u *Users) MoveAliases(ctx context.Context, x *user.User, drop, add []user.Alias) error {
	return u.db.Tx(ctx, func(ctx context.Context) error {
		if err := u.dropAliases(ctx, x, drop); err != nil {
			return err
		}
		return u.addAliases(ctx, x, add)
	})
}

func (u *Users) addAliases(ctx context.Context, x *user.User, aliases []user.Alias) error {
	for _, a := range aliases {
		_, err := u.db.exec(ctx, `INSERT INTO user_aliases (pool_id, alias, region, sub) VALUES ($1, $2, $3, $4)`,
			x.Pool, []byte(a.Key), x.Region, x.Sub)
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *Users) dropAliases(ctx context.Context, x *user.User, aliases []user.Alias) error {
	for _, a := range aliases {
		_, err := u.db.exec(ctx, `DELETE FROM user_aliases WHERE pool_id = $1 AND alias = $2 AND sub = $3`,
			x.Pool, []byte(a.Key), x.Sub)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteUser removes a user with its aliases, memberships and devices.
func (u *Users) DeleteUser(ctx context.Context, x *user.User, aliases []user.Alias) error {
	return u.db.Tx(ctx, func(ctx context.Context) error {
		if err := u.dropAliases(ctx, x, aliases); err != nil {
			return err
		}
		if err := u.leaveAll(ctx, x); err != nil {
			return err
		}
		if err := u.unlinkAll(ctx, x); err != nil {
			return err
		}
		if err := u.db.Devices().deleteAll(ctx, x); err != nil {
			return err
		}
		return u.db.execOne(ctx, `DELETE FROM users WHERE pool_id = $1 AND sub = $2 AND version = $3`, x.Pool, x.Sub, x.Version)
	})
}

// UserByName finds a user by username, alias or sub, in this order.
func (u *Users) UserByName(ctx context.Context, pool, name string) (*user.User, error) {
	return u.find(ctx, pool, `SELECT `+userColumns+` FROM users WHERE pool_id = $1 AND sub = COALESCE(
		(SELECT sub FROM users WHERE pool_id = $1 AND username_key = $2),
		(SELECT sub FROM user_aliases WHERE pool_id = $1 AND alias = $2),
		$3)`, pool, []byte(name), name)
}

// UserBySub finds a user by sub alone.
func (u *Users) UserBySub(ctx context.Context, pool, sub string) (*user.User, error) {
	return u.find(ctx, pool, `SELECT `+userColumns+` FROM users WHERE pool_id = $1 AND sub = $2`, pool, sub)
}

// Holders returns who has these names, of which there are at most four.
func (u *Users) Holders(ctx context.Context, pool string, names []string) (map[string]user.Holder, error) {
	const most = 4
	if len(names) == 0 || len(names) > most {
		return nil, fmt.Errorf("look up %d names at once", len(names))
	}
	args := []any{pool}
	for i := range most {
		args = append(args, []byte(names[min(i, len(names)-1)])) // the last one fills up
	}
	type held struct {
		name string
		user.Holder
	}
	rows, err := many(ctx, u.db, func(s scanner) (h held, err error) {
		var name []byte
		err = s.Scan(&name, &h.Sub, &h.Alias)
		h.name = string(name)
		return h, err
	}, `SELECT username_key, sub, FALSE FROM users WHERE pool_id = $1 AND username_key IN ($2, $3, $4, $5)
		UNION ALL
		SELECT a.alias, a.sub, TRUE FROM user_aliases a WHERE a.pool_id = $1 AND a.alias IN ($2, $3, $4, $5)`, args...)
	if err != nil {
		return nil, err
	}
	holders := make(map[string]user.Holder, len(rows))
	for _, h := range rows {
		holders[h.name] = h.Holder
	}
	for _, name := range names {
		if _, held := holders[name]; held || !isUUID(name) {
			continue
		}
		sub, err := one(ctx, u.db, scanText, `SELECT sub FROM users WHERE pool_id = $1 AND sub = $2`, pool, name)
		if err == nil {
			holders[name] = user.Holder{Sub: sub}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return holders, nil
}

// isUUID reports whether a name could be a sub.
func isUUID(s string) bool { return len(s) == 36 && strings.Count(s, "-") == 4 }
