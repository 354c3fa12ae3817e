package store

import (
	"context"
	"strconv"
	"strings"
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

const auditColumns = `account, time, id, region, op, principal, resource, request_id, source_ip`

func scanAudit(s scanner) (r audit.Record, err error) {
	var us int64
	err = s.Scan(&r.Account, &us, &r.ID, &r.Region, &r.Operation, &r.Principal, &r.Resource, &r.RequestID, &r.SourceIP)
	r.Time = fromMicros(us)
	return r, err
}

// Find returns records that pass a filter, the newest first, from a cursor on;
// the zero cursor begins with the newest.
func (a *Audit) Find(ctx context.Context, f audit.Filter, after audit.Cursor, limit int) ([]audit.Record, error) {
	condition, args := auditCondition(f, after, limit)
	return many(ctx, a.db, scanAudit, `SELECT `+auditColumns+` FROM audit`+condition, args...)
}

// auditCondition writes what the lists of audit records and of denials have in
// common: filter, order and limit.
func auditCondition(f audit.Filter, after audit.Cursor, limit int) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, condition)
	}
	for _, exact := range []struct{ column, value string }{
		{"account", f.Account}, {"principal", f.Principal}, {"resource", f.Resource}, {"request_id", f.RequestID},
	} {
		if exact.value != "" {
			add(exact.column+" = ?", exact.value)
		}
	}
	if prefix, ok := strings.CutSuffix(f.Operation, "*"); ok {
		add("substr(op, 1, length(?)) = ?", prefix, prefix)
	} else if f.Operation != "" {
		add("op = ?", f.Operation)
	}
	if !f.Since.IsZero() {
		add("time >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		add("time < ?", micros(f.Until))
	}
	if !after.Time.IsZero() {
		add("(time, id) < (?, ?)", micros(after.Time), after.ID)
	}
	args = append(args, limit)
	text := ` ORDER BY time DESC, id DESC LIMIT $` + strconv.Itoa(len(args))
	if len(where) > 0 {
		text = ` WHERE ` + strings.Join(where, ` AND `) + text
	}
	return text, args
}

// prune removes records that are older than a time.
func (a *Audit) prune(ctx context.Context, before time.Time) error {
	_, err := a.db.exec(ctx, `DELETE FROM audit WHERE time < $1`, micros(before))
	return err
}
