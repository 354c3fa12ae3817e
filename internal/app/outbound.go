package app

import (
	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api/wellknown"
	"github.com/cenote-id/cenote/internal/token"
)

// newOutbound puts together the issuers under which accounts vouch for their
// principals.
func newOutbound(c *Config, accounts *account.Service, issuers account.OutboundIssuers, keys *token.Keys) *account.Outbound {
	return &account.Outbound{
		Service: accounts, Issuers: issuers, Keys: keys,
		URL: func(id string) string { return wellknown.OutboundURL(c.Settings.PublicURL, id) },
	}
}

// issuing implements credential.Outbound.
type issuing struct {
	*account.Outbound
	*token.Keys
}
