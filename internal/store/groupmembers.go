package store

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

var _ user.Memberships = (*Users)(nil)

// Join puts a user into a group.
func (u *Users) Join(ctx context.Context, x *user.User, g *userpool.Group) error {
	return u.db.Tx(ctx, func(ctx context.Context) error {
		if err := u.setGrouped(ctx, x, true); err != nil {
			return err
		}
		_, err := u.db.exec(ctx, `INSERT INTO user_group_members (pool_id, group_id, sub, region) VALUES ($1, $2, $3, $4)
			ON CONFLICT (pool_id, group_id, sub) DO NOTHING`, x.Pool, g.ID, x.Sub, x.Region)
		return err
	})
}

// Leave takes a user out of a group, and notes if it was the last one.
func (u *Users) Leave(ctx context.Context, x *user.User, g *userpool.Group) error {
	return u.db.Tx(ctx, func(ctx context.Context) error {
		n, err := u.db.exec(ctx, `DELETE FROM user_group_members WHERE pool_id = $1 AND group_id = $2 AND sub = $3`, x.Pool, g.ID, x.Sub)
		if err != nil || n == 0 {
			return err
		}
		left, err := one(ctx, u.db, scanInt, `SELECT COUNT(*) FROM user_group_members WHERE pool_id = $1 AND sub = $2`, x.Pool, x.Sub)
		if err != nil {
			return err
		}
		return u.setGrouped(ctx, x, left > 0)
	})
}

// setGrouped always writes, so that two changes of one user's groups meet.
func (u *Users) setGrouped(ctx context.Context, x *user.User, grouped bool) error {
	err := u.db.execOne(ctx, `UPDATE users SET grouped = $3, version = version + 1 WHERE pool_id = $1 AND sub = $2 AND version = $4`,
		x.Pool, x.Sub, grouped, x.Version)
	if err == nil {
		x.Grouped = grouped
		x.Version++
	}
	return err
}

// GroupsOf returns up to limit of a user's groups, in the order of their names.
func (u *Users) GroupsOf(ctx context.Context, pool, sub, after string, limit int) ([]*userpool.Group, error) {
	return many(ctx, u.db, scanGroup, `SELECT `+groupColumns+` FROM user_pool_groups
		WHERE pool_id = $1 AND name > $3 AND id IN (SELECT group_id FROM user_group_members WHERE pool_id = $1 AND sub = $2)
		ORDER BY name LIMIT $4`, pool, sub, after, limit)
}

// Members returns up to limit users of a group, in the order of their subs.
func (u *Users) Members(ctx context.Context, g *userpool.Group, after string, limit int) ([]*user.User, error) {
	return many(ctx, u.db, newUserRow(g.PoolID).scan, `SELECT `+shownColumns+` FROM users WHERE pool_id = $1 AND sub IN (
			SELECT sub FROM user_group_members WHERE pool_id = $1 AND group_id = $2 AND sub > $3 ORDER BY sub LIMIT $4)
		ORDER BY sub`, g.PoolID, g.ID, after, limit)
}

// leaveAll takes a user who is being deleted out of all groups.
func (u *Users) leaveAll(ctx context.Context, x *user.User) error {
	_, err := u.db.exec(ctx, `DELETE FROM user_group_members WHERE pool_id = $1 AND sub = $2`, x.Pool, x.Sub)
	return err
}

// sweepGroups removes the members that deleted groups left behind, in small
// transactions.
func (u *Users) sweepGroups(ctx context.Context) error {
	for {
		left, err := one(ctx, u.db, func(s scanner) (key [2]string, err error) {
			err = s.Scan(&key[0], &key[1])
			return key, err
		}, `SELECT pool_id, group_id FROM user_group_leftovers ORDER BY pool_id, group_id LIMIT 1`)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		err = u.db.Tx(ctx, func(ctx context.Context) error {
			n, err := u.db.exec(ctx, `DELETE FROM user_group_members WHERE pool_id = $1 AND group_id = $2 AND sub IN (
				SELECT sub FROM user_group_members WHERE pool_id = $1 AND group_id = $2 ORDER BY sub LIMIT $3)`, left[0], left[1], chunk)
			if err != nil || n >= chunk {
				return err
			}
			_, err = u.db.exec(ctx, `DELETE FROM user_group_leftovers WHERE pool_id = $1 AND group_id = $2`, left[0], left[1])
			return err
		})
		if err != nil {
			return err
		}
	}
}
