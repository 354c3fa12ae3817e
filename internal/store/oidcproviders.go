package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
)

type oidcProviderDetails struct {
	ClientIDs   []string
	Thumbprints []string
	Tags        []account.Tag
}

const providerColumns = `account, url, details, created`

func scanProvider(row scanner) (p account.Provider, err error) {
	var details string
	var created int64
	if err := row.Scan(&p.Account, &p.URL, &details, &created); err != nil {
		return p, err
	}
	p.CreatedAt = fromMicros(created)
	d, err := decodeDoc[oidcProviderDetails](details)
	p.ClientIDs, p.Thumbprints, p.Tags = d.ClientIDs, d.Thumbprints, d.Tags
	return p, err
}

// InsertProvider adds an OpenID Connect provider.
func (s *IAM) InsertProvider(ctx context.Context, p account.Provider) error {
	details, err := encodeDoc(oidcProviderDetails{p.ClientIDs, p.Thumbprints, p.Tags})
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO iam_oidc_providers (account, url, details, created) VALUES ($1, $2, $3, $4)`,
		p.Account, p.URL, details, micros(p.CreatedAt))
	return err
}

// ProviderByURL returns a provider by URL without scheme.
func (s *IAM) ProviderByURL(ctx context.Context, acct, url string) (account.Provider, error) {
	return one(ctx, s.db, scanProvider, `SELECT `+providerColumns+` FROM iam_oidc_providers WHERE account = $1 AND url = $2`, acct, url)
}

// Providers returns the providers of an account by URL.
func (s *IAM) Providers(ctx context.Context, acct string) ([]account.Provider, error) {
	return many(ctx, s.db, scanProvider, `SELECT `+providerColumns+` FROM iam_oidc_providers WHERE account = $1 ORDER BY url`, acct)
}

// UpdateProvider replaces everything but account and URL.
func (s *IAM) UpdateProvider(ctx context.Context, p account.Provider) error {
	details, err := encodeDoc(oidcProviderDetails{p.ClientIDs, p.Thumbprints, p.Tags})
	if err != nil {
		return err
	}
	return gone(s.db.exec(ctx, `UPDATE iam_oidc_providers SET details = $3 WHERE account = $1 AND url = $2`, p.Account, p.URL, details))
}

// DeleteProvider removes a provider.
func (s *IAM) DeleteProvider(ctx context.Context, acct, url string) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_oidc_providers WHERE account = $1 AND url = $2`, acct, url))
}
