package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
)

func scanPolicyVersion(row scanner) (v account.PolicyVersion, err error) {
	var created int64
	err = row.Scan(&v.Number, &v.Document, &created)
	v.CreatedAt = fromMicros(created)
	return v, err
}

// InsertVersion adds a version of a managed policy.
func (s *IAM) InsertVersion(ctx context.Context, acct, policy string, v account.PolicyVersion) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_policy_versions (account, policy, number, document, created) VALUES ($1, $2, $3, $4, $5)`,
		acct, policy, v.Number, v.Document, micros(v.CreatedAt))
	return err
}

// Version returns one version of a managed policy.
func (s *IAM) Version(ctx context.Context, acct, policy string, number int) (account.PolicyVersion, error) {
	return one(ctx, s.db, scanPolicyVersion, `SELECT number, document, created FROM iam_policy_versions
		WHERE account = $1 AND policy = $2 AND number = $3`, acct, policy, number)
}

// Versions returns the versions of a managed policy, the newest first.
func (s *IAM) Versions(ctx context.Context, acct, policy string) ([]account.PolicyVersion, error) {
	return many(ctx, s.db, scanPolicyVersion, `SELECT number, document, created FROM iam_policy_versions
		WHERE account = $1 AND policy = $2 ORDER BY number DESC`, acct, policy)
}

// DeleteVersion removes a version of a managed policy.
func (s *IAM) DeleteVersion(ctx context.Context, acct, policy string, number int) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_policy_versions WHERE account = $1 AND policy = $2 AND number = $3`, acct, policy, number))
}

func scanInline(row scanner) (p account.InlinePolicy, err error) {
	return p, row.Scan(&p.Name, &p.Document)
}

// PutInline adds an inline policy or replaces it.
func (s *IAM) PutInline(ctx context.Context, acct, owner string, p account.InlinePolicy) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_inline_policies (account, owner, name, document) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, owner, name) DO UPDATE SET document = excluded.document`, acct, owner, p.Name, p.Document)
	return err
}

// Inline returns an inline policy.
func (s *IAM) Inline(ctx context.Context, acct, owner, name string) (account.InlinePolicy, error) {
	return one(ctx, s.db, scanInline, `SELECT name, document FROM iam_inline_policies
		WHERE account = $1 AND owner = $2 AND name = $3`, acct, owner, name)
}

// Inlines returns the inline policies of an owner by name.
func (s *IAM) Inlines(ctx context.Context, acct, owner string) ([]account.InlinePolicy, error) {
	return many(ctx, s.db, scanInline, `SELECT name, document FROM iam_inline_policies
		WHERE account = $1 AND owner = $2 ORDER BY name`, acct, owner)
}

// DeleteInline removes an inline policy.
func (s *IAM) DeleteInline(ctx context.Context, acct, owner, name string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_inline_policies WHERE account = $1 AND owner = $2 AND name = $3`, acct, owner, name))
}

// Attach notes that an owner uses a managed policy.
func (s *IAM) Attach(ctx context.Context, acct, owner string, use account.Use, arn string) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_attachments (account, owner, purpose, policy) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, owner, purpose, policy) DO NOTHING`, acct, owner, string(use), arn)
	return err
}

// Detach notes that an owner does not use a managed policy any more.
func (s *IAM) Detach(ctx context.Context, acct, owner string, use account.Use, arn string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_attachments WHERE account = $1 AND owner = $2 AND purpose = $3 AND policy = $4`,
		acct, owner, string(use), arn))
}

// Attached returns the policies that an owner uses, by ARN.
func (s *IAM) Attached(ctx context.Context, acct, owner string, use account.Use) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT policy FROM iam_attachments
		WHERE account = $1 AND owner = $2 AND purpose = $3 ORDER BY policy`, acct, owner, string(use))
}

// Owners returns the unique ids of those who use a policy.
func (s *IAM) Owners(ctx context.Context, acct string, use account.Use, arn string) ([]string, error) {
	return many(ctx, s.db, scanText, `SELECT owner FROM iam_attachments
		WHERE account = $1 AND policy = $2 AND purpose = $3 ORDER BY owner`, acct, arn, string(use))
}

// CountOwners counts them.
func (s *IAM) CountOwners(ctx context.Context, acct string, use account.Use, arn string) (int, error) {
	n, err := one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM iam_attachments WHERE account = $1 AND policy = $2 AND purpose = $3`,
		acct, arn, string(use))
	return int(n), err
}
