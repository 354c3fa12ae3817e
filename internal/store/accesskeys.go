package store

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/account"
)

const keyColumns = `k.account, k.id, k.user_id, COALESCE(u.name, ''), COALESCE(u.path, ''), k.secret, k.active, k.created,
	k.used, k.used_service, k.used_region
	FROM iam_access_keys k LEFT JOIN iam_users u ON u.account = k.account AND u.id = k.user_id`

func (s *IAM) scanKey(row scanner) (k account.Key, err error) {
	var sealed []byte
	var created, used int64
	err = row.Scan(&k.Account, &k.ID, &k.UserID, &k.UserName, &k.UserPath, &sealed, &k.Active, &created,
		&used, &k.Used.Service, &k.Used.Region)
	if err != nil {
		return k, err
	}
	k.CreatedAt, k.Used.At = fromMicros(created), fromMicros(used)
	secret, err := s.db.ring.Open(sealed, sealedFor("iam_access_keys", k.Account, k.ID))
	if err != nil {
		return k, fmt.Errorf("secret of access key %s: %w", k.ID, err)
	}
	k.Secret = string(secret)
	return k, nil
}

// InsertKey adds an access key.
func (s *IAM) InsertKey(ctx context.Context, k account.Key) error {
	sealed := s.db.ring.Seal([]byte(k.Secret), sealedFor("iam_access_keys", k.Account, k.ID))
	_, err := s.db.exec(ctx, `INSERT INTO iam_access_keys
		(account, id, user_id, secret, active, created, used, used_service, used_region) VALUES ($1, $2, $3, $4, $5, $6, 0, '', '')`,
		k.Account, k.ID, k.UserID, sealed, k.Active, micros(k.CreatedAt))
	return err
}

// KeyByID returns an access key with its secret.
func (s *IAM) KeyByID(ctx context.Context, acct, id string) (account.Key, error) {
	return one(ctx, s.db, s.scanKey, `SELECT `+keyColumns+` WHERE k.account = $1 AND k.id = $2`, acct, id)
}

// KeysOf returns a user's access keys, the oldest first.
func (s *IAM) KeysOf(ctx context.Context, acct, user string) ([]account.Key, error) {
	return many(ctx, s.db, s.scanKey, `SELECT `+keyColumns+` WHERE k.account = $1 AND k.user_id = $2 ORDER BY k.created, k.id`, acct, user)
}

// SetKeyActive switches an access key on or off.
func (s *IAM) SetKeyActive(ctx context.Context, acct, id string, active bool) error {
	return gone(s.db.exec(ctx, `UPDATE iam_access_keys SET active = $3 WHERE account = $1 AND id = $2`, acct, id, active))
}

// NoteUse records that an access key was used. A key that is gone is left
// alone.
func (s *IAM) NoteUse(ctx context.Context, acct, id string, u account.KeyUse) error {
	_, err := s.db.exec(ctx, `UPDATE iam_access_keys SET used = $3, used_service = $4, used_region = $5
		WHERE account = $1 AND id = $2 AND used < $3`, acct, id, micros(u.At), u.Service, u.Region)
	return err
}

// DeleteKey removes an access key and remembers its id.
func (s *IAM) DeleteKey(ctx context.Context, acct, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := gone(s.db.exec(ctx, `DELETE FROM iam_access_keys WHERE account = $1 AND id = $2`, acct, id)); err != nil {
			return err
		}
		_, err := s.db.exec(ctx, `INSERT INTO iam_deleted_keys (account, id, deleted) VALUES ($1, $2, $3)
			ON CONFLICT (account, id) DO NOTHING`, acct, id, micros(s.db.now()))
		return err
	})
}

// deletedKey is the answer for an access key that there is not: that it was
// deleted, or that nobody ever issued it.
func (s *IAM) deletedKey(ctx context.Context, acct, id string) error {
	_, err := one(ctx, s.db, scanText, `SELECT id FROM iam_deleted_keys WHERE account = $1 AND id = $2`, acct, id)
	if err == nil {
		return account.ErrKeyDeleted
	}
	return err
}
