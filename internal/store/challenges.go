package store

import (
	"context"
	"time"
)

// Challenges remembers which sign-in challenges have been answered.
type Challenges struct{ db *DB }

// Challenges returns the view.
func (db *DB) Challenges() *Challenges { return &Challenges{db} }

// Spend notes that a challenge has been answered, and reports whether this was
// the first time.
func (c *Challenges) Spend(ctx context.Context, pool, region, id string, expires time.Time) (first bool, err error) {
	n, err := c.db.exec(ctx, `INSERT INTO signin_challenges (pool_id, id, region, expires) VALUES ($1, $2, $3, $4)
		ON CONFLICT (pool_id, id) DO NOTHING`, pool, id, region, micros(expires))
	return n > 0, err
}

// Spent reports whether a challenge has been answered.
func (c *Challenges) Spent(ctx context.Context, pool, id string) (bool, error) {
	n, err := one(ctx, c.db, scanInt, `SELECT COUNT(*) FROM signin_challenges WHERE pool_id = $1 AND id = $2`, pool, id)
	return n > 0, err
}
