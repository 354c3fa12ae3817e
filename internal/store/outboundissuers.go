package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/account"
)

var _ account.OutboundIssuers = (*IAM)(nil)

// OutboundIssuer returns the issuer of an account.
func (s *IAM) OutboundIssuer(ctx context.Context, acct string) (account.OutboundIssuer, error) {
	return one(ctx, s.db, func(row scanner) (o account.OutboundIssuer, err error) {
		var created int64
		err = row.Scan(&o.Account, &o.ID, &o.Enabled, &created, &o.Version)
		o.CreatedAt = fromMicros(created)
		return o, err
	}, `SELECT account, issuer, enabled, created, version FROM iam_outbound_issuers WHERE account = $1`, acct)
}

// InsertOutboundIssuer adds the issuer of an account.
func (s *IAM) InsertOutboundIssuer(ctx context.Context, o account.OutboundIssuer) error {
	_, err := s.db.exec(ctx, `INSERT INTO iam_outbound_issuers (account, issuer, enabled, created, version) VALUES ($1, $2, $3, $4, 1)`,
		o.Account, o.ID, o.Enabled, micros(o.CreatedAt))
	return err
}

// EnableOutboundIssuer switches an issuer on or off.
func (s *IAM) EnableOutboundIssuer(ctx context.Context, acct string, enabled bool) error {
	return gone(s.db.exec(ctx, `UPDATE iam_outbound_issuers SET enabled = $2, version = version + 1 WHERE account = $1`, acct, enabled))
}
