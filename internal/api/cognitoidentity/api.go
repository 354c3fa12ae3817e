// Package cognitoidentity is the door of the identity pools API: it reads
// requests, calls the domain, and writes replies in the API's shapes. The
// kernel has checked a request, and authenticated and authorized a signed one,
// before a method here sees it, and renders whatever it returns.
//
// Four operations are unsigned: GetId, GetOpenIdToken,
// GetCredentialsForIdentity and UnlinkIdentity. Their account is that of the
// pool or identity that they name.
//
// One file a resource. A method that is missing from its file's handler list
// does not exist for clients.
package cognitoidentity

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/identitypool"
)

// API holds the operations of the identity pools API.
type API struct {
	pools *identitypool.Service
}

// New returns an API.
func New(pools *identitypool.Service) *API { return &API{pools: pools} }

// Handlers lists the operations that have code behind them.
func (a *API) Handlers() []awsapi.Handler {
	return slices.Concat(
		a.poolHandlers(),
		a.roleHandlers(),
		a.tagHandlers(),
		a.identityHandlers(),
		a.federationHandlers(),
		a.developerHandlers(),
	)
}

// owner is whose pools a signed request may touch: the caller's account, in
// the region that the request went to.
func owner(ctx context.Context) identitypool.Owner {
	r := awsapi.RequestFrom(ctx)
	return identitypool.Owner{Account: r.Caller.Account, Region: r.Region}
}

// token returns a page token as replies have it: absent on the last page.
func token(t string) *string {
	if t == "" {
		return nil
	}
	return &t
}
