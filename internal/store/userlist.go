package store

import (
	"context"
	"slices"
	"strconv"

	"github.com/cenote-id/cenote/internal/user"
)

// ListUsers returns at most limit users that pass the filter and come after
// the cursor, without their credentials. Each filter walks an index of its own,
// in its order: by sub, or by key and sub for prefixes of keys.
func (u *Users) ListUsers(ctx context.Context, pool string, f user.Filter, after *user.Cursor, limit int) ([]*user.User, error) {
	if after == nil {
		after = new(user.Cursor)
	}
	column := ""
	switch {
	case f.Field == user.FieldUsername:
		column = "username_key"
	case slices.Contains(user.SearchAttributes, f.Field):
		column = string(f.Field) + "_key"
	}
	switch {
	case f.Field == "":
		return u.list(ctx, pool, "", "sub", after, limit)
	case f.Field == user.FieldSub:
		low, high, ok := f.SubRange()
		if !ok {
			return nil, nil
		}
		return u.list(ctx, pool, `sub >= $4 AND sub <= $5`, "sub", after, limit, low, high)
	case f.Field == user.FieldStatus:
		status, ok := f.Status()
		if !ok {
			return nil, nil
		}
		return u.list(ctx, pool, `status = $4`, "sub", after, limit, string(status))
	case f.Field == user.FieldEnabled:
		enabled, ok := f.Enabled()
		if !ok {
			return nil, nil
		}
		return u.list(ctx, pool, `enabled = $4`, "sub", after, limit, enabled)
	case !f.Prefix:
		return u.list(ctx, pool, column+` = $4`+exactly(f, 5), "sub", after, limit, withExact(f, f.Key)...)
	}
	low, high := f.KeyRange()
	if after.Sub == "" {
		after = &user.Cursor{Key: low}
	}
	return u.list(ctx, pool, column+` < $4 AND (`+column+`, sub) > ($5, $2)`+exactly(f, 6), column+", sub", after, limit,
		withExact(f, high, after.Key)...)
}

// exactly adds that a username has the very letters of the filter, where the
// key has them folded.
func exactly(f user.Filter, n int) string {
	if f.Field != user.FieldUsername {
		return ""
	}
	value := "$" + strconv.Itoa(n)
	if f.Prefix {
		return ` AND substr(username, 1, length(` + value + `)) = ` + value
	}
	return ` AND username = ` + value
}

func withExact(f user.Filter, args ...any) []any {
	if f.Field == user.FieldUsername {
		return append(args, f.Value)
	}
	return args
}

// list runs a query whose condition begins with $4. $2 is the sub after which
// the page begins: within the key of the cursor where the order is by key.
func (u *Users) list(ctx context.Context, pool, condition, order string, after *user.Cursor, limit int, args ...any) ([]*user.User, error) {
	query := `SELECT ` + shownColumns + ` FROM users WHERE pool_id = $1`
	if order == "sub" {
		query += ` AND sub > $2`
	}
	if condition != "" {
		query += ` AND ` + condition
	}
	query += ` ORDER BY ` + order + ` LIMIT $3`
	return many(ctx, u.db, newUserRow(pool).scan, query, append([]any{pool, after.Sub, limit}, args...)...)
}

// sample is how many subs an estimate looks at.
const sample = 1024

// CountUsers returns how many users a pool has; for more than the sample an
// estimate within a few per cent. Subs are uniformly random, so where the
// sample ends within the range of all subs tells how many fill it.
func (u *Users) CountUsers(ctx context.Context, pool string) (int64, error) {
	subs, err := many(ctx, u.db, scanText, `SELECT sub FROM users WHERE pool_id = $1 ORDER BY sub LIMIT $2`, pool, sample)
	if err != nil || len(subs) < sample {
		return int64(len(subs)), err
	}
	last := subs[sample-1] // 48 random bits: eight digits, a hyphen, four digits
	place, err := strconv.ParseUint(last[:8]+last[9:13], 16, 48)
	if err != nil {
		return 0, err
	}
	return int64((sample - 1) * (float64(1<<48) / float64(place+1))), nil
}
