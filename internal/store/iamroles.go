package store

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

// RoleUse returns when and where a role was last used.
func (s *IAM) RoleUse(ctx context.Context, acct, role string) (account.RoleUse, error) {
	use, err := one(ctx, s.db, func(row scanner) (u account.RoleUse, err error) {
		var used int64
		err = row.Scan(&used, &u.Region)
		u.At = fromMicros(used)
		return u, err
	}, `SELECT used, region FROM iam_role_use WHERE account = $1 AND role = $2`, acct, role)
	if errors.Is(err, fs.ErrNotExist) {
		return account.RoleUse{}, nil
	}
	return use, err
}

// NoteRoleUse records that a role was used, unless a later use is recorded.
func (s *IAM) NoteRoleUse(ctx context.Context, acct, role string, u account.RoleUse) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_role_use (account, role, used, region) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, role) DO UPDATE SET used = excluded.used, region = excluded.region WHERE iam_role_use.used < excluded.used`,
		acct, role, micros(u.At), u.Region)
	return err
}

// ForgetRole removes what is recorded of a role.
func (s *IAM) ForgetRole(ctx context.Context, acct, role string) error {
	_, err := s.db.exec(ctx, `DELETE FROM iam_role_use WHERE account = $1 AND role = $2`, acct, role)
	return err
}

// NoteDeletion records that a service-linked role was deleted, and forgets
// what is older than before.
func (s *IAM) NoteDeletion(ctx context.Context, acct, task string, at, before time.Time) error {
	if _, err := s.db.exec(ctx, `DELETE FROM iam_role_deletions WHERE account = $1 AND finished < $2`, acct, micros(before)); err != nil {
		return err
	}
	_, err := s.db.exec(ctx, `INSERT INTO iam_role_deletions (account, task, finished) VALUES ($1, $2, $3)`, acct, task, micros(at))
	return err
}

// Deletion returns when a deletion was done.
func (s *IAM) Deletion(ctx context.Context, acct, task string) (time.Time, error) {
	at, err := one(ctx, s.db, scanInt, `SELECT finished FROM iam_role_deletions WHERE account = $1 AND task = $2`, acct, task)
	return fromMicros(at), err
}
