package store

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/identitypool"
)

// Identities is the view of identities; it implements identitypool.Identities.
type Identities struct{ db *DB }

// Identities returns the view of identities.
func (db *DB) Identities() *Identities { return &Identities{db} }

// identityColumns are those of an identity and of one of its logins. An
// identity without logins is one row with empty ones.
const identityColumns = `i.pool_id, i.id, i.disabled, i.created, i.modified, i.version,
	COALESCE(l.provider, ''), COALESCE(l.subject, '')`

const joinLogins = `LEFT JOIN identity_logins l ON l.pool_id = i.pool_id AND l.identity_id = i.id`

func scanIdentity(s scanner) (*identitypool.Identity, error) {
	var i identitypool.Identity
	var created, modified int64
	var l identitypool.Login
	if err := s.Scan(&i.PoolID, &i.ID, &i.Disabled, &created, &modified, &i.Version, &l.Provider, &l.Subject); err != nil {
		return nil, err
	}
	i.CreatedAt, i.ModifiedAt = fromMicros(created), fromMicros(modified)
	if l.Provider != "" {
		i.Logins = []identitypool.Login{l}
	}
	return &i, nil
}

// gather puts the logins of one identity, which are rows that follow each
// other, together, in the order of their providers. No statement sorts by
// provider: SQLite would walk the logins of the whole pool, which are sorted by
// it, rather than look up the few of one identity.
func gather(rows []*identitypool.Identity) []*identitypool.Identity {
	var list []*identitypool.Identity
	for _, r := range rows {
		if n := len(list); n > 0 && list[n-1].ID == r.ID {
			list[n-1].Logins = append(list[n-1].Logins, r.Logins...)
			continue
		}
		list = append(list, r)
	}
	for _, i := range list {
		slices.SortFunc(i.Logins, func(a, b identitypool.Login) int { return cmp.Compare(a.Provider, b.Provider) })
	}
	return list
}

func (v *Identities) get(ctx context.Context, query string, args ...any) (*identitypool.Identity, error) {
	rows, err := many(ctx, v.db, scanIdentity, query, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errNoRow
	}
	return gather(rows)[0], nil
}

const identityByID = `SELECT ` + identityColumns + ` FROM identities i ` + joinLogins + ` WHERE i.id = $1`

// Get returns an identity.
func (v *Identities) Get(ctx context.Context, id string) (*identitypool.Identity, error) {
	return v.get(ctx, identityByID, id)
}

const identityByLogin = `
	SELECT ` + identityColumns + ` FROM identity_logins k
	JOIN identities i ON i.pool_id = k.pool_id AND i.id = k.identity_id ` + joinLogins + `
	WHERE k.pool_id = $1 AND k.provider = $2 AND k.subject = $3`

// ByLogin returns the identity that has a login.
func (v *Identities) ByLogin(ctx context.Context, poolID string, l identitypool.Login) (*identitypool.Identity, error) {
	return v.get(ctx, identityByLogin, poolID, l.Provider, l.Subject)
}

// List returns up to limit identities of a pool whose ids come after one.
func (v *Identities) List(ctx context.Context, poolID, after string, limit int, hideDisabled bool) ([]*identitypool.Identity, error) {
	shown := ""
	if hideDisabled {
		shown = `AND NOT disabled`
	}
	rows, err := many(ctx, v.db, scanIdentity, `
		SELECT `+identityColumns+` FROM (
			SELECT pool_id, id, disabled, created, modified, version FROM identities
			WHERE pool_id = $1 AND id > $2 `+shown+` ORDER BY id LIMIT $3) i `+joinLogins+`
		ORDER BY i.id`, poolID, after, limit)
	return gather(rows), err
}

// Create adds an identity with its logins.
func (v *Identities) Create(ctx context.Context, i *identitypool.Identity) error {
	return v.db.Tx(ctx, func(ctx context.Context) error {
		_, err := v.db.exec(ctx, `
			INSERT INTO identities (pool_id, region, id, disabled, created, modified, version) VALUES ($1, $2, $3, $4, $5, $6, 1)`,
			i.PoolID, regionOfID(i.PoolID), i.ID, i.Disabled, micros(i.CreatedAt), micros(i.ModifiedAt))
		if err != nil {
			return err
		}
		return v.putLogins(ctx, i)
	})
}

// Update replaces the row that i.Version was read from, and its logins.
func (v *Identities) Update(ctx context.Context, i *identitypool.Identity) error {
	return v.db.Tx(ctx, func(ctx context.Context) error {
		err := v.db.execOne(ctx, `
			UPDATE identities SET disabled = $4, modified = $5, version = version + 1
			WHERE pool_id = $1 AND id = $2 AND version = $3`, i.PoolID, i.ID, i.Version, i.Disabled, micros(i.ModifiedAt))
		if err != nil {
			return err
		}
		if _, err := v.db.exec(ctx, `DELETE FROM identity_logins WHERE pool_id = $1 AND identity_id = $2`, i.PoolID, i.ID); err != nil {
			return err
		}
		return v.putLogins(ctx, i)
	})
}

// putLogins adds the logins of an identity that has none yet. That another
// identity has one of them is fs.ErrExist.
func (v *Identities) putLogins(ctx context.Context, i *identitypool.Identity) error {
	for _, l := range i.Logins {
		n, err := v.db.exec(ctx, `
			INSERT INTO identity_logins (pool_id, region, provider, subject, identity_id) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, i.PoolID, regionOfID(i.PoolID), l.Provider, l.Subject, i.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fs.ErrExist
		}
	}
	return nil
}

// Delete removes an identity.
func (v *Identities) Delete(ctx context.Context, poolID, id string) error {
	return v.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := v.db.exec(ctx, `DELETE FROM identity_logins WHERE pool_id = $1 AND identity_id = $2`, poolID, id); err != nil {
			return err
		}
		_, err := v.db.exec(ctx, `DELETE FROM identities WHERE pool_id = $1 AND id = $2`, poolID, id)
		return err
	})
}

// regionOfID returns the regional half of an id such as "us-west-2:<uuid>".
func regionOfID(id string) string {
	region, _, _ := strings.Cut(id, ":")
	return region
}
