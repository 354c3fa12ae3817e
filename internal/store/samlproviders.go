package store

import (
	"context"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

type samlProviderDetails struct {
	UUID    string
	Expires time.Time
	Tags    []account.Tag
}

func samlDetails(p account.SAMLProvider) (string, error) {
	return encodeDoc(samlProviderDetails{p.UUID, p.Expires, p.Tags})
}

const samlProviderColumns = `account, name, details, created`

func scanSAMLProvider(row scanner) (p account.SAMLProvider, err error) {
	return readSAMLProvider(func(columns ...any) error { return row.Scan(columns...) })
}

// scanSAMLDocument is scanSAMLProvider for rows that end with the document.
func scanSAMLDocument(row scanner) (account.SAMLProvider, error) {
	var document string
	p, err := readSAMLProvider(func(columns ...any) error { return row.Scan(append(columns, &document)...) })
	p.Document = document
	return p, err
}

func readSAMLProvider(scan func(columns ...any) error) (p account.SAMLProvider, err error) {
	var details string
	var created int64
	if err := scan(&p.Account, &p.Name, &details, &created); err != nil {
		return p, err
	}
	p.CreatedAt = fromMicros(created)
	d, err := decodeDoc[samlProviderDetails](details)
	p.UUID, p.Expires, p.Tags = d.UUID, d.Expires, d.Tags
	return p, err
}

// InsertSAMLProvider adds a SAML provider.
func (s *IAM) InsertSAMLProvider(ctx context.Context, p account.SAMLProvider) error {
	details, err := samlDetails(p)
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO iam_saml_providers (account, name, document, details, created) VALUES ($1, $2, $3, $4, $5)`,
		p.Account, p.Name, p.Document, details, micros(p.CreatedAt))
	return err
}

// SAMLProviderByName returns a provider with its document.
func (s *IAM) SAMLProviderByName(ctx context.Context, acct, name string) (account.SAMLProvider, error) {
	return one(ctx, s.db, scanSAMLDocument, `SELECT `+samlProviderColumns+`, document FROM iam_saml_providers WHERE account = $1 AND name = $2`, acct, name)
}

// SAMLProviders returns the providers of an account by name, without their
// documents.
func (s *IAM) SAMLProviders(ctx context.Context, acct string) ([]account.SAMLProvider, error) {
	return many(ctx, s.db, scanSAMLProvider, `SELECT `+samlProviderColumns+` FROM iam_saml_providers WHERE account = $1 ORDER BY name`, acct)
}

// UpdateSAMLProvider replaces document and details.
func (s *IAM) UpdateSAMLProvider(ctx context.Context, p account.SAMLProvider) error {
	details, err := samlDetails(p)
	if err != nil {
		return err
	}
	return gone(s.db.exec(ctx, `UPDATE iam_saml_providers SET document = $3, details = $4 WHERE account = $1 AND name = $2`,
		p.Account, p.Name, p.Document, details))
}

// DeleteSAMLProvider removes a provider.
func (s *IAM) DeleteSAMLProvider(ctx context.Context, acct, name string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_saml_providers WHERE account = $1 AND name = $2`, acct, name))
}

// SAMLProvider returns a provider, compiled.
func (s *IAM) SAMLProvider(ctx context.Context, acct, name string) (*account.SAMLIssuer, error) {
	a, err := s.accounts.Get(ctx, acct)
	if err != nil {
		return nil, err
	}
	return remember(&a.samlProviders, name, func() (*account.SAMLIssuer, error) {
		p, err := s.SAMLProviderByName(ctx, acct, name)
		if err != nil {
			return nil, err
		}
		return p.Issuer()
	})
}

// SpendAssertion writes down that an assertion has given somebody a role. It
// fails with fs.ErrExist if it had before. What is too old to be shown again is
// forgotten on the way.
func (s *IAM) SpendAssertion(ctx context.Context, u account.AssertionUse) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.db.exec(ctx, `DELETE FROM saml_assertions WHERE account = $1 AND expires <= $2`, u.Account, micros(u.At)); err != nil {
			return err
		}
		n, err := s.db.exec(ctx, `
			INSERT INTO saml_assertions (account, provider, assertion, role, expires) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, u.Account, u.Provider, u.Assertion, u.Role, micros(u.Until))
		if err == nil && n == 0 {
			return fs.ErrExist
		}
		return err
	})
}
