package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/token"
)

var _ token.SessionList = (*RefreshSessions)(nil)

// LiveSessions returns up to limit sessions of a user that still count, the
// most recently used first.
func (s *RefreshSessions) LiveSessions(ctx context.Context, pool, sub string, now time.Time, limit int) ([]*token.Session, error) {
	var userEpoch int64
	return many(ctx, s.db, func(row scanner) (*token.Session, error) { return scanSession(row, &userEpoch) },
		`SELECT `+sessionColumns+`
		WHERE s.pool_id = $1 AND s.sub = $2 AND NOT s.revoked AND s.expires > $3 AND s.epoch = COALESCE(u.epoch, 0)
		ORDER BY s.active DESC, s.id LIMIT $4`, pool, sub, micros(now), limit)
}

// TouchSession replaces Seen in a session's row. Nothing is decided by it, so
// the row keeps its version.
func (s *RefreshSessions) TouchSession(ctx context.Context, t *token.Session) error {
	_, err := s.db.exec(ctx, `UPDATE refresh_sessions SET active = $3, address = $4, device = $5 WHERE pool_id = $1 AND id = $2`,
		t.Pool, t.ID, micros(t.Seen.At), t.Seen.Address, t.Seen.Device)
	return err
}

// ExpireDevice lets the sessions of a user on a device expire at a time. Their
// rows change, so that a rotation that is under way finds another version.
func (s *RefreshSessions) ExpireDevice(ctx context.Context, pool, sub, device string, at time.Time) error {
	_, err := s.db.exec(ctx, `UPDATE refresh_sessions SET expires = $4, version = version + 1
		WHERE pool_id = $1 AND sub = $2 AND device_key = $3 AND expires > $4`, pool, sub, device, micros(at))
	return err
}

// CountDevice counts the sessions of a user on a device that still count.
func (s *RefreshSessions) CountDevice(ctx context.Context, pool, sub, device string, now time.Time) (int64, error) {
	return one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM refresh_sessions s LEFT JOIN user_epochs u ON u.pool_id = s.pool_id AND u.sub = s.sub
		WHERE s.pool_id = $1 AND s.sub = $2 AND s.device_key = $3 AND NOT s.revoked AND s.expires > $4 AND s.epoch = COALESCE(u.epoch, 0)`,
		pool, sub, device, micros(now))
}
