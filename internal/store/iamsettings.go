package store

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cenote-id/cenote/internal/account"
)

// Settings returns what an account has set.
func (s *IAM) Settings(ctx context.Context, acct string) (account.Settings, error) {
	text, err := one(ctx, s.db, scanText, `SELECT details FROM iam_account_settings WHERE account = $1`, acct)
	if errors.Is(err, fs.ErrNotExist) {
		return account.Settings{}, nil
	}
	if err != nil {
		return account.Settings{}, err
	}
	return decodeDoc[account.Settings](text)
}

// PutSettings replaces what an account has set.
func (s *IAM) PutSettings(ctx context.Context, acct string, v account.Settings) error {
	details, err := encodeDoc(v)
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO iam_account_settings (account, details) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET details = excluded.details`, acct, details)
	return err
}

// Alias returns an account's alias, empty for none.
func (s *IAM) Alias(ctx context.Context, acct string) (string, error) {
	alias, err := one(ctx, s.db, scanText, `SELECT alias FROM iam_account_aliases WHERE account = $1`, acct)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return alias, err
}

// PutAlias replaces an account's alias.
func (s *IAM) PutAlias(ctx context.Context, acct, alias string) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_account_aliases (account, alias) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET alias = excluded.alias`, acct, alias)
	return err
}

// DeleteAlias removes an account's alias.
func (s *IAM) DeleteAlias(ctx context.Context, acct string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_account_aliases WHERE account = $1`, acct))
}

// Census counts what an account has.
func (s *IAM) Census(ctx context.Context, acct string) (account.Census, error) {
	return one(ctx, s.db, func(row scanner) (c account.Census, err error) {
		err = row.Scan(&c.Users, &c.Groups, &c.Roles, &c.Policies, &c.PolicyVersions, &c.InstanceProfiles, &c.ServerCertificates,
			&c.MFADevices, &c.MFADevicesInUse, &c.Providers, &c.RootKeys)
		return c, err
	}, `SELECT
		(SELECT COUNT(*) FROM iam_users WHERE account = $1),
		(SELECT COUNT(*) FROM iam_groups WHERE account = $1),
		(SELECT COUNT(*) FROM iam_roles WHERE account = $1),
		(SELECT COUNT(*) FROM iam_policies WHERE account = $1),
		(SELECT COUNT(*) FROM iam_policy_versions WHERE account = $1),
		(SELECT COUNT(*) FROM iam_instance_profiles WHERE account = $1),
		(SELECT COUNT(*) FROM iam_server_certificates WHERE account = $1),
		(SELECT COUNT(*) FROM iam_mfa_devices WHERE account = $1),
		(SELECT COUNT(*) FROM iam_mfa_devices WHERE account = $1 AND user_id <> ''),
		(SELECT COUNT(*) FROM iam_oidc_providers WHERE account = $1) + (SELECT COUNT(*) FROM iam_saml_providers WHERE account = $1),
		(SELECT COUNT(*) FROM iam_access_keys WHERE account = $1 AND user_id = '')`, acct)
}
