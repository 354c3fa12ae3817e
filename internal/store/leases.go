package store

import (
	"context"
	"time"
)

// AcquireLease takes or extends the named lease of the deployment for a while,
// and reports whether this node has it now. A lease is for work that one node
// should do and that does no harm if two do: clocks may differ.
func (db *DB) AcquireLease(ctx context.Context, name string, term time.Duration) (bool, error) {
	now := db.now()
	n, err := db.exec(ctx, `INSERT INTO leases (name, holder, expires) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires = excluded.expires
		WHERE leases.holder = excluded.holder OR leases.expires <= $4`,
		name, db.nodeID, micros(now.Add(term)), micros(now))
	return n > 0, err
}

// ReleaseLease gives the named lease back if this node has it.
func (db *DB) ReleaseLease(ctx context.Context, name string) error {
	_, err := db.exec(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, db.nodeID)
	return err
}
