package store

import (
	"context"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/message"
)

// Outbox keeps messages to people until they are sent, and for a while after.
type Outbox struct{ db *DB }

// Outbox returns the view of messages.
func (db *DB) Outbox() *Outbox { return &Outbox{db} }

var (
	_ message.Outbox  = (*Outbox)(nil)
	_ message.Queue   = (*Outbox)(nil)
	_ message.Archive = (*Outbox)(nil)
)

const outboxColumns = `id, account, region, pool, medium, destination, subject, body, state, attempts, not_before, created, version`

// Put adds a message, due at once, in the transaction that causes it.
func (o *Outbox) Put(ctx context.Context, m message.Message) error {
	seal := func(column, text string) []byte {
		return o.db.ring.Seal([]byte(text), sealedFor("outbox", column, m.Pool, m.ID))
	}
	_, err := o.db.exec(ctx, `INSERT INTO outbox (`+outboxColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, 1)`,
		m.ID, m.Account, m.Region, m.Pool, string(m.Medium),
		seal("destination", m.Destination), seal("subject", m.Subject), seal("body", m.Body),
		string(message.Pending), micros(m.CreatedAt))
	return err
}

func (o *Outbox) scan(s scanner) (q message.Queued, err error) {
	var destination, subject, body []byte
	var notBefore, created int64
	if err := s.Scan(&q.ID, &q.Account, &q.Region, &q.Pool, &q.Medium, &destination, &subject, &body,
		&q.State, &q.Attempts, &notBefore, &created, &q.Version); err != nil {
		return q, err
	}
	q.NotBefore, q.CreatedAt = fromMicros(notBefore), fromMicros(created)
	for _, c := range []struct {
		name   string
		sealed []byte
		to     *string
	}{
		{"destination", destination, &q.Destination},
		{"subject", subject, &q.Subject},
		{"body", body, &q.Body},
	} {
		text, err := o.db.ring.Open(c.sealed, sealedFor("outbox", c.name, q.Pool, q.ID))
		if err != nil {
			return q, fmt.Errorf("outbox message %s: %s: %w", q.ID, c.name, err)
		}
		*c.to = string(text)
	}
	return q, nil
}

// Recent returns the newest messages first, of all pools where pool is empty.
func (o *Outbox) Recent(ctx context.Context, pool string, limit int) ([]message.Queued, error) {
	return many(ctx, o.db, o.scan, `SELECT `+outboxColumns+` FROM outbox
		WHERE $1 = '' OR pool = $1 ORDER BY created DESC, id DESC LIMIT $2`, pool, limit)
}

// Claim returns messages that are due and hides them from other senders.
func (o *Outbox) Claim(ctx context.Context, limit int, hide time.Duration) ([]message.Queued, error) {
	var claimed []message.Queued
	now := o.db.now()
	until := now.Add(hide)
	err := o.db.Tx(ctx, func(ctx context.Context) error {
		due, err := many(ctx, o.db, o.scan, `SELECT `+outboxColumns+` FROM outbox
			WHERE state = $1 AND not_before <= $2 ORDER BY not_before, id LIMIT $3`,
			string(message.Pending), micros(now), limit)
		if err != nil {
			return err
		}
		for i := range due {
			q := &due[i]
			if err := o.db.execOne(ctx, `UPDATE outbox SET attempts = attempts + 1, not_before = $3, version = version + 1
				WHERE id = $1 AND version = $2`, q.ID, q.Version, micros(until)); err != nil {
				return err
			}
			q.Attempts, q.NotBefore, q.Version = q.Attempts+1, until, q.Version+1
		}
		claimed = due
		return nil
	})
	return claimed, err
}

// Complete records that a claimed message was sent. ErrStale says that the
// claim had run out and somebody else has the message.
func (o *Outbox) Complete(ctx context.Context, q message.Queued) error {
	return o.settle(ctx, q, message.Sent, q.NotBefore)
}

// Retry makes a claimed message due again later.
func (o *Outbox) Retry(ctx context.Context, q message.Queued, at time.Time) error {
	return o.settle(ctx, q, message.Pending, at)
}

// Fail gives a claimed message up.
func (o *Outbox) Fail(ctx context.Context, q message.Queued) error {
	return o.settle(ctx, q, message.Failed, q.NotBefore)
}

func (o *Outbox) settle(ctx context.Context, q message.Queued, s message.State, at time.Time) error {
	return o.db.execOne(ctx, `UPDATE outbox SET state = $3, not_before = $4, version = version + 1
		WHERE id = $1 AND version = $2`, q.ID, q.Version, string(s), micros(at))
}

// prune removes messages that are older than a time, a chunk at once: they hold
// people's addresses. Those that nobody has sent by then go too. The codes in
// them have expired, and strangers may cause any number of them.
func (o *Outbox) prune(ctx context.Context, before time.Time) error {
	for n := int64(chunk); n >= chunk; {
		var err error
		n, err = o.db.exec(ctx, `DELETE FROM outbox WHERE id IN
			(SELECT id FROM outbox WHERE created < $1 ORDER BY created, id LIMIT $2)`, micros(before), chunk)
		if err != nil {
			return err
		}
	}
	return nil
}
