package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/token"
)

// RefreshSessions keeps what refresh tokens stand for.
type RefreshSessions struct{ db *DB }

// RefreshSessions returns the view.
func (db *DB) RefreshSessions() *RefreshSessions { return &RefreshSessions{db} }

var _ token.SessionStore = (*RefreshSessions)(nil)

// InsertSession adds a session, with the epoch that its user has now.
func (s *RefreshSessions) InsertSession(ctx context.Context, t *token.Session) error {
	_, err := s.db.exec(ctx, `INSERT INTO refresh_sessions (pool_id, id, region, client_id, sub, username, auth_time, scope, event_id,
			device_key, created, expires, revoked, generation, hash, previous, previous_until, epoch, version, active, address, device, acr, amr)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
			(SELECT COALESCE(MAX(epoch), 0) FROM user_epochs WHERE pool_id = $18 AND sub = $19), $20, $21, $22, $23, $24, $25)`,
		t.Pool, t.ID, t.Region, t.Client, t.Sub, t.Username, micros(t.AuthTime), t.Scope, t.EventID,
		t.DeviceKey, micros(t.Created), micros(t.Expires), t.Revoked, t.Generation, t.Hash, t.Previous, micros(t.PreviousUntil),
		t.Pool, t.Sub, t.Version, micros(t.Seen.At), t.Seen.Address, t.Seen.Device, t.ACR, strings.Join(t.AMR, " "))
	return err
}

// Session returns a session, and its user's epoch now.
func (s *RefreshSessions) Session(ctx context.Context, pool, id string) (t *token.Session, userEpoch int64, err error) {
	t, err = one(ctx, s.db, func(row scanner) (*token.Session, error) { return scanSession(row, &userEpoch) },
		`SELECT `+sessionColumns+` WHERE s.pool_id = $1 AND s.id = $2`, pool, id)
	return t, userEpoch, err
}

// sessionColumns are what scanSession reads, and where from.
const sessionColumns = `s.pool_id, s.id, s.region, s.client_id, s.sub, s.username, s.auth_time, s.scope, s.event_id,
			s.device_key, s.created, s.expires, s.revoked, s.generation, s.hash, s.previous, s.previous_until, s.epoch, s.version,
			s.active, s.address, s.device, s.acr, s.amr, COALESCE(u.epoch, 0)
		FROM refresh_sessions s LEFT JOIN user_epochs u ON u.pool_id = s.pool_id AND u.sub = s.sub`

func scanSession(row scanner, userEpoch *int64) (*token.Session, error) {
	var t token.Session
	var authTime, created, expires, previousUntil, active int64
	var amr string
	err := row.Scan(&t.Pool, &t.ID, &t.Region, &t.Client, &t.Sub, &t.Username, &authTime, &t.Scope, &t.EventID,
		&t.DeviceKey, &created, &expires, &t.Revoked, &t.Generation, &t.Hash, &t.Previous, &previousUntil, &t.Epoch, &t.Version,
		&active, &t.Seen.Address, &t.Seen.Device, &t.ACR, &amr, userEpoch)
	if amr != "" {
		t.AMR = strings.Fields(amr)
	}
	t.AuthTime, t.Created, t.Expires, t.PreviousUntil = fromMicros(authTime), fromMicros(created), fromMicros(expires), fromMicros(previousUntil)
	t.Seen.At = fromMicros(active)
	return &t, err
}

// UpdateSession replaces what may change in the row of t.Version.
func (s *RefreshSessions) UpdateSession(ctx context.Context, t *token.Session) (changed bool, err error) {
	n, err := s.db.exec(ctx, `UPDATE refresh_sessions
		SET revoked = $1, generation = $2, hash = $3, previous = $4, previous_until = $5, device_key = $6, version = version + 1
		WHERE pool_id = $7 AND id = $8 AND version = $9`,
		t.Revoked, t.Generation, t.Hash, t.Previous, micros(t.PreviousUntil), t.DeviceKey, t.Pool, t.ID, t.Version)
	if err == nil && n > 0 {
		t.Version++
	}
	return err == nil && n > 0, err
}

// Standing looks at a session and its user by one read.
func (s *RefreshSessions) Standing(ctx context.Context, pool, id, sub string) (token.Standing, error) {
	return one(ctx, s.db, func(row scanner) (st token.Standing, err error) {
		var revoked sql.NullBool
		var epoch, userEpoch, raised sql.NullInt64
		err = row.Scan(&revoked, &epoch, &userEpoch, &raised)
		return token.Standing{
			Exists: revoked.Valid, Revoked: revoked.Bool, Epoch: epoch.Int64,
			UserEpoch: userEpoch.Int64, SignedOut: fromMicros(raised.Int64),
		}, err
	}, `SELECT s.revoked, s.epoch, u.epoch, u.raised
		FROM (SELECT 1 AS row) o
		LEFT JOIN refresh_sessions s ON s.pool_id = $1 AND s.id = $2
		LEFT JOIN user_epochs u ON u.pool_id = $3 AND u.sub = $4`, pool, id, pool, sub)
}

// RaiseEpoch ends all sessions of a user that began before.
func (s *RefreshSessions) RaiseEpoch(ctx context.Context, pool, region, sub string, at time.Time) error {
	_, err := s.db.exec(ctx, `INSERT INTO user_epochs (pool_id, sub, region, epoch, raised) VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (pool_id, sub) DO UPDATE SET epoch = user_epochs.epoch + 1, raised = excluded.raised`,
		pool, sub, region, micros(at))
	return err
}

// DeleteUserSessions removes all that is known of a user.
func (s *RefreshSessions) DeleteUserSessions(ctx context.Context, pool, sub string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.db.exec(ctx, `DELETE FROM refresh_sessions WHERE pool_id = $1 AND sub = $2`, pool, sub); err != nil {
			return err
		}
		_, err := s.db.exec(ctx, `DELETE FROM user_epochs WHERE pool_id = $1 AND sub = $2`, pool, sub)
		return err
	})
}

// DeletePoolSessions notes that all sessions of a pool may go; there may be
// millions of them. DeleteExpiredSessions removes them.
func (s *RefreshSessions) DeletePoolSessions(ctx context.Context, pool string) error {
	_, err := s.db.exec(ctx, `INSERT INTO session_leftovers (pool_id) VALUES ($1) ON CONFLICT (pool_id) DO NOTHING`, pool)
	return err
}

// DeleteExpiredSessions removes up to limit sessions that expired before a
// time or whose pool was deleted, and returns how many.
func (s *RefreshSessions) DeleteExpiredSessions(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.db.exec(ctx, `DELETE FROM refresh_sessions WHERE (pool_id, id) IN (
			SELECT pool_id, id FROM refresh_sessions WHERE expires < $1 ORDER BY expires LIMIT $2)`, micros(before), limit)
	if err != nil || n >= int64(limit) {
		return int(n), err
	}
	more, err := s.deleteLeftovers(ctx, limit-int(n))
	return int(n) + more, err
}

// deleteLeftovers removes up to limit sessions of one deleted pool. With the
// last of them it removes what is kept of the pool's users.
func (s *RefreshSessions) deleteLeftovers(ctx context.Context, limit int) (int, error) {
	pool, err := one(ctx, s.db, scanText, `SELECT pool_id FROM session_leftovers ORDER BY pool_id LIMIT 1`)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, table := range []struct{ name, key string }{{"refresh_sessions", "id"}, {"user_epochs", "sub"}} {
		n, err := s.db.exec(ctx, `DELETE FROM `+table.name+` WHERE pool_id = $1 AND `+table.key+` IN (
			SELECT `+table.key+` FROM `+table.name+` WHERE pool_id = $2 ORDER BY `+table.key+` LIMIT $3)`, pool, pool, limit-removed)
		removed += int(n)
		if err != nil || removed >= limit {
			return removed, err
		}
	}
	_, err = s.db.exec(ctx, `DELETE FROM session_leftovers WHERE pool_id = $1`, pool)
	return removed, err
}
