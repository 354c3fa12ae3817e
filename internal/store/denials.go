package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Denials keeps decisions that refused a request.
type Denials struct{ db *DB }

// Denials returns the view of refused decisions.
func (db *DB) Denials() *Denials { return &Denials{db} }

var _ account.Denials = (*Denials)(nil)

// KeepDenials adds decisions and removes the oldest of their accounts beyond
// most.
func (d *Denials) KeepDenials(ctx context.Context, list []account.Decision, most int) error {
	ids := make([]string, len(list))
	texts := make([]string, len(list))
	for i := range list {
		var err error
		if texts[i], err = encodeDoc(list[i]); err != nil {
			return err
		}
		ids[i] = secretbox.UUID()
	}
	return d.db.Tx(ctx, func(ctx context.Context) error {
		accounts := map[string]struct{}{}
		for i := range list {
			r := &list[i]
			accounts[r.Account] = struct{}{}
			if _, err := d.db.exec(ctx, `INSERT INTO denials (account, time, id, region, request_id, op, principal, resource, decision)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				r.Account, micros(r.Time), ids[i], r.Region, r.RequestID, r.Operation, r.Principal, r.Resource, texts[i]); err != nil {
				return err
			}
		}
		for a := range accounts {
			if _, err := d.db.exec(ctx, `DELETE FROM denials WHERE account = $1 AND time <=
				(SELECT time FROM denials WHERE account = $1 ORDER BY time DESC, id DESC LIMIT 1 OFFSET $2)`, a, most); err != nil {
				return err
			}
		}
		return nil
	})
}

// DenialsOf returns the decisions about a request, in no particular order
// where they were made at once.
func (d *Denials) DenialsOf(ctx context.Context, requestID string) ([]account.Decision, error) {
	return many(ctx, d.db, scanDecision, `SELECT decision FROM denials WHERE request_id = $1 ORDER BY time, id`, requestID)
}

// Find returns denials that pass a filter, the newest first, from a cursor on;
// the zero cursor begins with the newest.
func (d *Denials) Find(ctx context.Context, f audit.Filter, after audit.Cursor, limit int) ([]audit.Denial, error) {
	condition, args := auditCondition(f, after, limit)
	return many(ctx, d.db, func(row scanner) (r audit.Denial, err error) {
		var us int64
		err = row.Scan(&r.ID, &us, &r.Account, &r.Region, &r.Operation, &r.Principal, &r.Resource, &r.RequestID)
		r.Time = fromMicros(us)
		return r, err
	}, `SELECT id, time, account, region, op, principal, resource, request_id FROM denials`+condition, args...)
}

func scanDecision(row scanner) (d account.Decision, err error) {
	var text string
	if err := row.Scan(&text); err != nil {
		return d, err
	}
	return decodeDoc[account.Decision](text)
}

// prune removes decisions that are older than a time.
func (d *Denials) prune(ctx context.Context, before time.Time) error {
	_, err := d.db.exec(ctx, `DELETE FROM denials WHERE time < $1`, micros(before))
	return err
}
