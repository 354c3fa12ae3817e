package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cenote-id/cenote/internal/account"
)

const loginColumns = `account, user_id, hashes, reset_required, created, changed, failures, failed, version`

func (s *IAM) scanLogin(row scanner) (p account.LoginProfile, err error) {
	var sealed []byte
	var created, changed, failed int64
	err = row.Scan(&p.Account, &p.UserID, &sealed, &p.ResetRequired, &created, &changed, &p.Failures, &failed, &p.Version)
	if err != nil {
		return p, err
	}
	p.CreatedAt, p.ChangedAt, p.FailedAt = fromMicros(created), fromMicros(changed), fromMicros(failed)
	text, err := s.db.ring.Open(sealed, sealedFor("iam_login_profiles", p.Account, p.UserID))
	if err != nil {
		return p, fmt.Errorf("password of IAM user %s: %w", p.UserID, err)
	}
	if err := json.Unmarshal(text, &p.Hashes); err != nil || len(p.Hashes) == 0 {
		return p, fmt.Errorf("password of IAM user %s is damaged", p.UserID)
	}
	return p, nil
}

func (s *IAM) sealLogin(p account.LoginProfile) ([]byte, error) {
	text, err := json.Marshal(p.Hashes)
	if err != nil {
		return nil, fmt.Errorf("encode password: %w", err)
	}
	return s.db.ring.Seal(text, sealedFor("iam_login_profiles", p.Account, p.UserID)), nil
}

// InsertLogin adds a user's password.
func (s *IAM) InsertLogin(ctx context.Context, p account.LoginProfile) error {
	sealed, err := s.sealLogin(p)
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO iam_login_profiles
		(account, user_id, hashes, reset_required, created, changed, failures, failed, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.Account, p.UserID, sealed, p.ResetRequired, micros(p.CreatedAt), micros(p.ChangedAt), p.Failures, micros(p.FailedAt), p.Version)
	return err
}

// Login returns a user's password.
func (s *IAM) Login(ctx context.Context, acct, user string) (account.LoginProfile, error) {
	return one(ctx, s.db, s.scanLogin, `SELECT `+loginColumns+` FROM iam_login_profiles WHERE account = $1 AND user_id = $2`, acct, user)
}

// UpdateLogin replaces the row whose Version p has.
func (s *IAM) UpdateLogin(ctx context.Context, p account.LoginProfile) error {
	sealed, err := s.sealLogin(p)
	if err != nil {
		return err
	}
	return s.db.execOne(ctx, `UPDATE iam_login_profiles
		SET hashes = $4, reset_required = $5, changed = $6, failures = $7, failed = $8, version = version + 1
		WHERE account = $1 AND user_id = $2 AND version = $3`,
		p.Account, p.UserID, p.Version, sealed, p.ResetRequired, micros(p.ChangedAt), p.Failures, micros(p.FailedAt))
}

// DeleteLogin removes a user's password.
func (s *IAM) DeleteLogin(ctx context.Context, acct, user string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_login_profiles WHERE account = $1 AND user_id = $2`, acct, user))
}
