package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
)

var _ user.LinkStore = (*Users)(nil)

// Link returns the link with that key.
func (u *Users) Link(ctx context.Context, pool string, key []byte) (*user.Link, error) {
	return one(ctx, u.db, func(s scanner) (*user.Link, error) {
		l := user.Link{Pool: pool, Region: regionOfPool(pool), Key: key}
		var created int64
		err := s.Scan(&l.Provider, &l.Sub, &created)
		l.CreatedAt = fromMicros(created)
		return &l, err
	}, `SELECT provider_id, sub, created FROM user_links WHERE pool_id = $1 AND link = $2`, pool, key)
}

// PutLink writes a link, in the place of one with its key.
func (u *Users) PutLink(ctx context.Context, l *user.Link) error {
	_, err := u.db.exec(ctx, `INSERT INTO user_links (pool_id, link, region, provider_id, sub, created) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (pool_id, link) DO UPDATE SET provider_id = $4, sub = $5, created = $6`,
		l.Pool, l.Key, l.Region, l.Provider, l.Sub, micros(l.CreatedAt))
	return err
}

// DeleteLink removes a link.
func (u *Users) DeleteLink(ctx context.Context, l *user.Link) error {
	_, err := u.db.exec(ctx, `DELETE FROM user_links WHERE pool_id = $1 AND link = $2`, l.Pool, l.Key)
	return err
}

// unlinkAll removes the links of a user who is being deleted.
func (u *Users) unlinkAll(ctx context.Context, x *user.User) error {
	_, err := u.db.exec(ctx, `DELETE FROM user_links WHERE pool_id = $1 AND sub = $2`, x.Pool, x.Sub)
	return err
}
