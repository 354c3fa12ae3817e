package store

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/user"
)

// PutCode stores a code in place of the one of the same user and purpose.
func (u *Users) PutCode(ctx context.Context, c *user.Code) error {
	_, err := u.db.exec(ctx, `INSERT INTO user_codes (pool_id, sub, purpose, region, attribute, hash, attempts, created, expires, pending, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
		ON CONFLICT (pool_id, sub, purpose) DO UPDATE SET attribute = $5, hash = $6, attempts = $7, created = $8, expires = $9, pending = $10,
		version = user_codes.version + 1`,
		c.Pool, c.Sub, string(c.Purpose), c.Region, c.Attribute, c.Hash, int64(c.Attempts), micros(c.CreatedAt), micros(c.ExpiresAt), c.Pending)
	return err
}

// Code returns the code of a user and purpose.
func (u *Users) Code(ctx context.Context, pool, sub string, p user.Purpose) (*user.Code, error) {
	return one(ctx, u.db, func(s scanner) (*user.Code, error) {
		c := &user.Code{Pool: pool, Sub: sub, Purpose: p}
		var attempts, created, expires int64
		err := s.Scan(&c.Region, &c.Attribute, &c.Hash, &attempts, &created, &expires, &c.Pending, &c.Version)
		c.Attempts, c.CreatedAt, c.ExpiresAt = int(attempts), fromMicros(created), fromMicros(expires)
		return c, err
	}, `SELECT region, attribute, hash, attempts, created, expires, pending, version FROM user_codes
		WHERE pool_id = $1 AND sub = $2 AND purpose = $3`, pool, sub, string(p))
}

// SaveAnswers writes how often a code was answered.
func (u *Users) SaveAnswers(ctx context.Context, c *user.Code) error {
	return u.db.execOne(ctx, `UPDATE user_codes SET attempts = $4, version = version + 1
		WHERE pool_id = $1 AND sub = $2 AND purpose = $3 AND version = $5`,
		c.Pool, c.Sub, string(c.Purpose), int64(c.Attempts), c.Version)
}

// DeleteCode removes a code, if there is one.
func (u *Users) DeleteCode(ctx context.Context, pool, sub string, p user.Purpose) error {
	_, err := u.db.exec(ctx, `DELETE FROM user_codes WHERE pool_id = $1 AND sub = $2 AND purpose = $3`, pool, sub, string(p))
	return err
}

// LoadAttempts returns a count; the zero value for what was never counted.
func (u *Users) LoadAttempts(ctx context.Context, pool, subject string, a user.Action) (user.Attempts, error) {
	n, err := one(ctx, u.db, func(s scanner) (n user.Attempts, err error) {
		var count, at int64
		err = s.Scan(&count, &at)
		return user.Attempts{Count: int(count), At: fromMicros(at)}, err
	}, `SELECT attempts, counted_at FROM user_attempts WHERE pool_id = $1 AND subject = $2 AND action = $3`, pool, subject, string(a))
	if errors.Is(err, fs.ErrNotExist) {
		return user.Attempts{}, nil
	}
	return n, err
}

// SaveAttempts writes a count.
func (u *Users) SaveAttempts(ctx context.Context, pool, region, subject string, a user.Action, n user.Attempts, expires time.Time) error {
	_, err := u.db.exec(ctx, `INSERT INTO user_attempts (pool_id, subject, action, region, attempts, counted_at, expires, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
		ON CONFLICT (pool_id, subject, action) DO UPDATE SET attempts = $5, counted_at = $6, expires = $7, version = user_attempts.version + 1`,
		pool, subject, string(a), region, int64(n.Count), micros(n.At), micros(expires))
	return err
}
