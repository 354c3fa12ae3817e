package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
)

// Audit keeps the audit records.
type Audit struct{ db *DB }

// Audit returns the view of audit records.
func (db *DB) Audit() *Audit { return &Audit{db} }

var _ audit.Store = (*Audit)(nil)

// Append adds a record.
func (a *Audit) Append(ctx context.Context, r audit.Record) error {
	details, err := encodeDoc(r.Details)
	if err != nil {
		return err
	}
	_, err = a.db.exec(ctx, `INSERT INTO audit (account, time, id, region, op, principal, resource, request_id, source_ip, code, details)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Account, micros(r.Time), r.ID, r.Region, r.Operation, r.Principal, r.Resource, r.RequestID, r.SourceIP, r.Code, details)
	return err
}

// List returns records of an account, the newest first.
func (a *Audit) List(ctx context.Context, account string, before time.Time, beforeID string, limit int) ([]audit.Record, error) {
	at := int64(1<<63 - 1)
	if !before.IsZero() {
		at = micros(before)
	}
	return many(ctx, a.db, func(s scanner) (r audit.Record, err error) {
		var us int64
		var details string
		if err := s.Scan(&r.Account, &us, &r.ID, &r.Region, &r.Operation, &r.Principal, &r.Resource,
			&r.RequestID, &r.SourceIP, &r.Code, &details); err != nil {
			return r, err
		}
		r.Time = fromMicros(us)
		r.Details, err = decodeDoc[map[string]string](details)
		return r, err
	}, `SELECT account, time, id, region, op, principal, resource, request_id, source_ip, code, details FROM audit
		WHERE account = $1 AND (time, id) < ($2, $3) ORDER BY time DESC, id DESC LIMIT $4`,
		account, at, beforeID, limit)
}
