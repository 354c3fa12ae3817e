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
