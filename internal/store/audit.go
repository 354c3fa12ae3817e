package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// Audit keeps the audit records. Nobody adds to it by hand: Tx does, in the
// transaction of every change that a request makes.
type Audit struct{ db *DB }

// Audit returns the view of audit records.
func (db *DB) Audit() *Audit { return &Audit{db} }

// record adds the record of the transaction of ctx.
func (a *Audit) record(ctx context.Context, r audit.Record) error {
	_, err := a.db.exec(ctx, `INSERT INTO audit (account, time, id, region, op, principal, resource, request_id, source_ip)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.Account, micros(r.Time), r.ID, r.Region, r.Operation, r.Principal, r.Resource, r.RequestID, r.SourceIP)
	if err != nil {
		return err
	}
	AfterCommit(ctx, func() { awsapi.RequestFrom(ctx).Audited = true })
	return nil
}

// List returns records of an account, the newest first, that are older than a
// time and an id. The zero time begins with the newest.
func (a *Audit) List(ctx context.Context, account string, before time.Time, beforeID string, limit int) ([]audit.Record, error) {
	at := int64(1<<63 - 1)
	if !before.IsZero() {
		at = micros(before)
	}
	return many(ctx, a.db, func(s scanner) (r audit.Record, err error) {
		var us int64
		err = s.Scan(&r.Account, &us, &r.ID, &r.Region, &r.Operation, &r.Principal, &r.Resource, &r.RequestID, &r.SourceIP)
		r.Time = fromMicros(us)
		return r, err
	}, `SELECT account, time, id, region, op, principal, resource, request_id, source_ip FROM audit
		WHERE account = $1 AND (time, id) < ($2, $3) ORDER BY time DESC, id DESC LIMIT $4`,
		account, at, beforeID, limit)
}

// prune removes records that are older than a time.
func (a *Audit) prune(ctx context.Context, before time.Time) error {
	_, err := a.db.exec(ctx, `DELETE FROM audit WHERE time < $1`, micros(before))
	return err
}
