package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/token"
)

// SigningKeys keeps the keys that tokens are signed with, and spare ones.
type SigningKeys struct{ db *DB }

// SigningKeys returns the view.
func (db *DB) SigningKeys() *SigningKeys { return &SigningKeys{db} }

var (
	_ token.KeyStore = (*SigningKeys)(nil)
	_ token.Stock    = (*SigningKeys)(nil)
)

// Tx is DB.Tx.
func (s *SigningKeys) Tx(ctx context.Context, fn func(context.Context) error) error {
	return s.db.Tx(ctx, fn)
}

// AfterCommit is the function of that name.
func (s *SigningKeys) AfterCommit(ctx context.Context, f func()) { AfterCommit(ctx, f) }

const signingKeyColumns = `owner, id, region, purpose, private, created, active, expires`

func (s *SigningKeys) scan(row scanner) (*token.Key, error) {
	var k token.Key
	var created, active, expires int64
	if err := row.Scan(&k.Owner, &k.ID, &k.Region, &k.Use, &k.Private, &created, &active, &expires); err != nil {
		return nil, err
	}
	k.Created, k.Active, k.Expires = fromMicros(created), fromMicros(active), fromMicros(expires)
	var err error
	k.Private, err = s.db.ring.Open(k.Private, sealedFor("signing_keys", k.Owner, k.ID))
	return &k, err
}

// Keys returns all keys of an owner, the oldest first.
func (s *SigningKeys) Keys(ctx context.Context, owner string) ([]*token.Key, error) {
	return many(ctx, s.db, s.scan, `SELECT `+signingKeyColumns+` FROM signing_keys WHERE owner = $1 ORDER BY created, purpose, id`, owner)
}

// KeyOwner returns whose key has that id.
func (s *SigningKeys) KeyOwner(ctx context.Context, id string) (string, error) {
	return one(ctx, s.db, scanText, `SELECT owner FROM signing_keys WHERE id = $1`, id)
}

// KeyOwners returns owners of keys in their order: at most limit of those after
// one.
func (s *SigningKeys) KeyOwners(ctx context.Context, after string, limit int) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT DISTINCT owner FROM signing_keys WHERE owner > $1 ORDER BY owner LIMIT $2`, after, limit)
}

// PutKey adds a key, or changes when one that is there expires.
func (s *SigningKeys) PutKey(ctx context.Context, k *token.Key) error {
	_, err := s.db.exec(ctx, `INSERT INTO signing_keys (`+signingKeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (owner, id) DO UPDATE SET expires = excluded.expires`,
		k.Owner, k.ID, k.Region, string(k.Use), s.db.ring.Seal(k.Private, sealedFor("signing_keys", k.Owner, k.ID)),
		micros(k.Created), micros(k.Active), micros(k.Expires))
	return err
}

// DeleteKeys removes all keys of an owner.
func (s *SigningKeys) DeleteKeys(ctx context.Context, owner string) error {
	_, err := s.db.exec(ctx, `DELETE FROM signing_keys WHERE owner = $1`, owner)
	return err
}

// DeleteExpiredKeys removes keys that expired before a time.
func (s *SigningKeys) DeleteExpiredKeys(ctx context.Context, before time.Time) error {
	_, err := s.db.exec(ctx, `DELETE FROM signing_keys WHERE expires > 0 AND expires < $1`, micros(before))
	return err
}

// CountSpareKeys returns how many spare keys there are.
func (s *SigningKeys) CountSpareKeys(ctx context.Context) (int, error) {
	n, err := one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM spare_keys`)
	return int(n), err
}

// PutSpareKey adds a spare key.
func (s *SigningKeys) PutSpareKey(ctx context.Context, k token.SpareKey) error {
	_, err := s.db.exec(ctx, `INSERT INTO spare_keys (id, private, created) VALUES ($1, $2, $3)`,
		k.ID, s.db.ring.Seal(k.Private, sealedFor("spare_keys", k.ID)), micros(k.Created))
	return err
}

// TakeSpareKeys removes and returns up to n spare keys.
func (s *SigningKeys) TakeSpareKeys(ctx context.Context, n int) (keys []token.SpareKey, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		keys, err = many(ctx, s.db, s.scanSpare, `SELECT id, private, created FROM spare_keys ORDER BY id LIMIT $1`, n)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := s.db.execOne(ctx, `DELETE FROM spare_keys WHERE id = $1`, k.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return keys, err
}

func (s *SigningKeys) scanSpare(row scanner) (k token.SpareKey, err error) {
	var created int64
	if err := row.Scan(&k.ID, &k.Private, &created); err != nil {
		return k, err
	}
	k.Created = fromMicros(created)
	k.Private, err = s.db.ring.Open(k.Private, sealedFor("spare_keys", k.ID))
	return k, err
}
