package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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

const outboxColumns = `id, account, region, pool, medium, route, destination, subject, body, problem, state, attempts, not_before, created, expires, version`

// seal encrypts a column of a message.
func (o *Outbox) seal(pool, id, column, text string) []byte {
	return o.db.ring.Seal([]byte(text), sealedFor("outbox", column, pool, id))
}

// Put adds a message, due at once unless it is to be kept, in the transaction
// that causes it. The body of a message for a function is its event.
func (o *Outbox) Put(ctx context.Context, m message.Message) error {
	body, state := m.Body, message.Pending
	if m.Keep {
		state = message.Kept
	}
	if m.Event != nil {
		event, err := json.Marshal(m.Event)
		if err != nil {
			return err
		}
		body = string(event)
	}
	_, err := o.db.exec(ctx, `INSERT INTO outbox (`+outboxColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, 0, $11, $11, $12, 1)`,
		m.ID, m.Account, m.Region, m.Pool, string(m.Medium), string(m.Route),
		o.seal(m.Pool, m.ID, "destination", m.Destination), o.seal(m.Pool, m.ID, "subject", m.Subject), o.seal(m.Pool, m.ID, "body", body),
		string(state), micros(m.CreatedAt), micros(m.ExpiresAt))
	return err
}

// outboxRow is a message with its columns still sealed.
type outboxRow struct {
	message.Queued
	destination, subject, body, problem []byte
}

func scanOutbox(s scanner) (r outboxRow, err error) {
	var notBefore, created, expires int64
	err = s.Scan(&r.ID, &r.Account, &r.Region, &r.Pool, &r.Medium, &r.Route, &r.destination, &r.subject, &r.body, &r.problem,
		&r.State, &r.Attempts, &notBefore, &created, &expires, &r.Version)
	r.NotBefore, r.CreatedAt, r.ExpiresAt = fromMicros(notBefore), fromMicros(created), fromMicros(expires)
	r.Keep = r.State == message.Kept
	return r, err
}

func (o *Outbox) open(r outboxRow) (message.Queued, error) {
	q := r.Queued
	for _, c := range []struct {
		name   string
		sealed []byte
		to     *string
	}{
		{"destination", r.destination, &q.Destination},
		{"subject", r.subject, &q.Subject},
		{"body", r.body, &q.Body},
		{"problem", r.problem, &q.Problem},
	} {
		if c.sealed == nil {
			continue
		}
		text, err := o.db.ring.Open(c.sealed, sealedFor("outbox", c.name, q.Pool, q.ID))
		if err != nil {
			return q, fmt.Errorf("outbox message %s: %s: %w", q.ID, c.name, err)
		}
		*c.to = string(text)
	}
	if q.Route == message.ByFunction && q.Body != "" {
		q.Event = new(message.Event)
		if err := json.Unmarshal([]byte(q.Body), q.Event); err != nil {
			return q, fmt.Errorf("outbox message %s: event: %w", q.ID, err)
		}
		q.Body = ""
	}
	return q, nil
}

// Recent returns the newest messages first, of all pools where pool is empty.
func (o *Outbox) Recent(ctx context.Context, pool string, limit int) ([]message.Queued, error) {
	return many(ctx, o.db, o.scan, `SELECT `+outboxColumns+` FROM outbox
		WHERE $1 = '' OR pool = $1 ORDER BY created DESC, id DESC LIMIT $2`, pool, limit)
}

// Failures is Recent of the messages that were given up.
func (o *Outbox) Failures(ctx context.Context, pool string, limit int) ([]message.Queued, error) {
	return many(ctx, o.db, o.scan, `SELECT `+outboxColumns+` FROM outbox
		WHERE state = $3 AND ($1 = '' OR pool = $1) ORDER BY created DESC, id DESC LIMIT $2`, pool, limit, string(message.Failed))
}

func (o *Outbox) scan(s scanner) (message.Queued, error) {
	r, err := scanOutbox(s)
	if err != nil {
		return r.Queued, err
	}
	return o.open(r)
}

// unreadable is why a message fails that its key does not open.
const unreadable = "the message cannot be decrypted"

// Claim returns messages that are due and hides them from other senders. It
// looks first and writes only where there is something to claim. A message
// that does not open fails: it must not hold up those after it.
func (o *Outbox) Claim(ctx context.Context, c message.Claim) ([]message.Queued, error) {
	args := []any{string(message.Pending), string(c.Route), micros(o.db.now()), c.Limit}
	except := ""
	for _, pool := range c.Except {
		args = append(args, pool)
		except += fmt.Sprintf(", $%d", len(args))
	}
	if except != "" {
		except = " AND pool NOT IN (" + strings.TrimPrefix(except, ", ") + ")"
	}
	due := func(ctx context.Context) ([]outboxRow, error) {
		return many(ctx, o.db, scanOutbox, `SELECT `+outboxColumns+` FROM outbox
			WHERE state = $1 AND route = $2 AND not_before <= $3`+except+` ORDER BY not_before, id LIMIT $4`, args...)
	}
	if list, err := due(ctx); err != nil || len(list) == 0 {
		return nil, err
	}
	until := o.db.now().Add(c.Hide)
	var claimed []message.Queued
	err := o.db.Tx(ctx, func(ctx context.Context) error {
		list, err := due(ctx)
		if err != nil {
			return err
		}
		claimed = nil
		for _, r := range list {
			q, err := o.open(r)
			if err != nil {
				o.db.log.Error("outbox", "err", err)
				if err := o.settle(ctx, q, message.Failed, q.NotBefore, unreadable); err != nil {
					return err
				}
				continue
			}
			if err := o.db.execOne(ctx, `UPDATE outbox SET attempts = attempts + 1, not_before = $3, version = version + 1
				WHERE id = $1 AND version = $2`, q.ID, q.Version, micros(until)); err != nil {
				return err
			}
			q.Attempts, q.NotBefore, q.Version = q.Attempts+1, until, q.Version+1
			claimed = append(claimed, q)
		}
		return nil
	})
	return claimed, err
}

// Complete records that a claimed message was sent, and erases what it said.
// ErrStale says that the claim had run out and somebody else has the message.
func (o *Outbox) Complete(ctx context.Context, q message.Queued) error {
	return o.settle(ctx, q, message.Sent, q.NotBefore, "")
}

// Retry makes a claimed message due again later.
func (o *Outbox) Retry(ctx context.Context, q message.Queued, at time.Time, problem string) error {
	return o.settle(ctx, q, message.Pending, at, problem)
}

// Fail gives a claimed message up, and erases what it said.
func (o *Outbox) Fail(ctx context.Context, q message.Queued, problem string) error {
	return o.settle(ctx, q, message.Failed, q.NotBefore, problem)
}

func (o *Outbox) settle(ctx context.Context, q message.Queued, s message.State, at time.Time, problem string) error {
	args := []any{q.ID, q.Version, string(s), micros(at), o.seal(q.Pool, q.ID, "problem", problem)}
	erase := ""
	if s != message.Pending {
		erase = ", subject = $6, body = $7"
		args = append(args, o.seal(q.Pool, q.ID, "subject", ""), o.seal(q.Pool, q.ID, "body", ""))
	}
	return o.db.execOne(ctx, `UPDATE outbox SET state = $3, not_before = $4, problem = $5, version = version + 1`+erase+`
		WHERE id = $1 AND version = $2`, args...)
}

// Backlog tells what waits on a route.
func (o *Outbox) Backlog(ctx context.Context, r message.Route) (message.Backlog, error) {
	type row struct{ n, oldest int64 }
	list, err := many(ctx, o.db, func(s scanner) (x row, err error) { return x, s.Scan(&x.n, &x.oldest) },
		`SELECT COUNT(*), COALESCE(MIN(created), 0) FROM outbox WHERE state = $1 AND route = $2`, string(message.Pending), string(r))
	if err != nil {
		return message.Backlog{}, err
	}
	return message.Backlog{Waiting: list[0].n, Oldest: fromMicros(list[0].oldest)}, nil
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
