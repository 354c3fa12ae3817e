package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

type iamCredentialDetails struct {
	Body      string
	PublicKey string
	Service   string
	Login     string
	Expires   int64 // µs; 0: never
}

const credentialColumns = `account, kind, id, user_id, active, hash, details, created`

func scanCredential(row scanner) (c account.Credential, err error) {
	var details string
	var created int64
	if err := row.Scan(&c.Account, &c.Kind, &c.ID, &c.UserID, &c.Active, &c.Hash, &details, &created); err != nil {
		return c, err
	}
	c.CreatedAt = fromMicros(created)
	d, err := decodeDoc[iamCredentialDetails](details)
	c.Body, c.PublicKey, c.Service, c.Login, c.ExpiresAt = d.Body, d.PublicKey, d.Service, d.Login, fromMicros(d.Expires)
	return c, err
}

// InsertCredential adds a credential of a user.
func (s *IAM) InsertCredential(ctx context.Context, c account.Credential) error {
	details, err := encodeDoc(iamCredentialDetails{c.Body, c.PublicKey, c.Service, c.Login, micros(c.ExpiresAt)})
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO iam_user_credentials (account, kind, id, user_id, active, hash, details, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, c.Account, string(c.Kind), c.ID, c.UserID, c.Active, append([]byte{}, c.Hash...), details, micros(c.CreatedAt))
	return err
}

// Credential returns a credential by id.
func (s *IAM) Credential(ctx context.Context, acct string, kind account.CredentialKind, id string) (account.Credential, error) {
	return one(ctx, s.db, scanCredential, `SELECT `+credentialColumns+` FROM iam_user_credentials
		WHERE account = $1 AND kind = $2 AND id = $3`, acct, string(kind), id)
}

// CredentialsOf returns the credentials of a user, the oldest first.
func (s *IAM) CredentialsOf(ctx context.Context, acct, user string, kind account.CredentialKind) ([]account.Credential, error) {
	return many(ctx, s.db, scanCredential, `SELECT `+credentialColumns+` FROM iam_user_credentials
		WHERE account = $1 AND user_id = $2 AND kind = $3 ORDER BY created, id`, acct, user, string(kind))
}

// Credentials lists the credentials of all users by id.
func (s *IAM) Credentials(ctx context.Context, acct string, kind account.CredentialKind, p account.Page) (account.List[account.Credential], error) {
	rows, err := many(ctx, s.db, scanCredential, `SELECT `+credentialColumns+` FROM iam_user_credentials
		WHERE account = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4`, acct, string(kind), p.After, p.Limit+1)
	return iamPage(rows, p.Limit, func(c account.Credential) string { return c.ID }), err
}

// UpdateCredential changes whether a credential counts, and its hash.
func (s *IAM) UpdateCredential(ctx context.Context, c account.Credential) error {
	return gone(s.db.exec(ctx, `UPDATE iam_user_credentials SET active = $4, hash = $5 WHERE account = $1 AND kind = $2 AND id = $3`,
		c.Account, string(c.Kind), c.ID, c.Active, append([]byte{}, c.Hash...)))
}

// DeleteCredential removes a credential.
func (s *IAM) DeleteCredential(ctx context.Context, acct string, kind account.CredentialKind, id string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_user_credentials WHERE account = $1 AND kind = $2 AND id = $3`, acct, string(kind), id))
}

// HasCredentials reports whether a user has credentials of any kind.
func (s *IAM) HasCredentials(ctx context.Context, acct, user string) (bool, error) {
	n, err := one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM iam_user_credentials WHERE account = $1 AND user_id = $2`, acct, user)
	return n > 0, err
}

type iamServerCertificateDetails struct {
	Body    string
	Chain   string
	Expires time.Time
	Tags    []account.Tag
}

// ServerCertificates is the view of server certificates.
func (s *IAM) ServerCertificates() *IAMEntities[account.ServerCertificate] {
	pack, unpack := packed(
		func(c *account.ServerCertificate) iamServerCertificateDetails {
			return iamServerCertificateDetails{c.Body, c.Chain, c.ExpiresAt, c.Tags}
		},
		func(c *account.ServerCertificate, d iamServerCertificateDetails) {
			c.Body, c.Chain, c.ExpiresAt, c.Tags = d.Body, d.Chain, d.Expires, d.Tags
		})
	return &IAMEntities[account.ServerCertificate]{s.db, "iam_server_certificates", (*account.ServerCertificate).Head, pack, unpack}
}
