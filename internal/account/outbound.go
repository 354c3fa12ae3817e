package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// OutboundIssuer is the issuer under which the principals of an account prove
// to outside parties who they are.
type OutboundIssuer struct {
	Account   string
	ID        string // UUID, the last part of the issuer's URL
	Enabled   bool
	CreatedAt time.Time
	Version   int64 // of the row
}

// OutboundIssuers keeps the issuers of accounts.
type OutboundIssuers interface {
	// OutboundIssuer returns the issuer of an account; fs.ErrNotExist if it
	// never had one.
	OutboundIssuer(ctx context.Context, account string) (OutboundIssuer, error)
	InsertOutboundIssuer(ctx context.Context, o OutboundIssuer) error
	// EnableOutboundIssuer switches an issuer on or off.
	EnableOutboundIssuer(ctx context.Context, account string, enabled bool) error
}

// OutboundKeys makes the keys that an issuer signs with; *token.Keys does.
type OutboundKeys interface {
	// Warm makes keys ahead, so that the transaction need not.
	Warm(ctx context.Context) error
	// CreateOutboundKeys gives an issuer its keys, in ctx's transaction.
	CreateOutboundKeys(ctx context.Context, issuer string) error
}

// Outbound switches outbound federation on and off, account by account.
type Outbound struct {
	Service *Service
	Issuers OutboundIssuers
	Keys    OutboundKeys
	// URL returns the URL of an issuer from its id.
	URL func(id string) string
}

// UNCONFIRMED: the texts about a feature that is on, or off, already.
const (
	msgOutboundEnabled  = "Outbound web identity federation is already enabled for this account."
	msgOutboundDisabled = "Outbound web identity federation is not enabled for this account."
)

// Enable switches outbound federation on and returns the issuer's URL. An
// account that had an issuer gets it back with its keys: who trusts it trusts
// the account. UNCONFIRMED: that AWS does so.
func (o *Outbound) Enable(ctx context.Context, account string) (string, error) {
	if err := o.Keys.Warm(ctx); err != nil {
		return "", err
	}
	id, now := secretbox.UUID(), o.Service.now()
	err := o.Service.change(ctx, account, func(ctx context.Context) error {
		had, err := o.Issuers.OutboundIssuer(ctx, account)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := o.Keys.CreateOutboundKeys(ctx, id); err != nil {
				return fmt.Errorf("keys of outbound issuer: %w", err)
			}
			return o.Issuers.InsertOutboundIssuer(ctx, OutboundIssuer{Account: account, ID: id, Enabled: true, CreatedAt: now})
		case err != nil:
			return err
		case had.Enabled:
			return iam.FeatureEnabledException("%s", msgOutboundEnabled)
		}
		id = had.ID
		return o.Issuers.EnableOutboundIssuer(ctx, account, true)
	})
	return o.URL(id), err
}

// Disable switches outbound federation off. Tokens that are out stay valid,
// and their keys published.
func (o *Outbound) Disable(ctx context.Context, account string) error {
	return o.Service.change(ctx, account, func(ctx context.Context) error {
		had, err := o.Issuers.OutboundIssuer(ctx, account)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !had.Enabled {
			return iam.FeatureDisabledException("%s", msgOutboundDisabled)
		}
		if err != nil {
			return err
		}
		return o.Issuers.EnableOutboundIssuer(ctx, account, false)
	})
}

// Issuer returns the URL and the id of an account's issuer, and
// FeatureDisabledException where it has none or has switched it off.
func (o *Outbound) Issuer(ctx context.Context, account string) (url, id string, err error) {
	had, err := o.Issuers.OutboundIssuer(ctx, account)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !had.Enabled {
		return "", "", iam.FeatureDisabledException("%s", msgOutboundDisabled)
	}
	return o.URL(had.ID), had.ID, err
}
