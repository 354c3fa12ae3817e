// Package cognitoidp is the door of the user pools API: it reads requests,
// calls the domain, and writes replies in the API's shapes. The kernel has
// authenticated, checked and authorized a request before a method here sees
// it, and renders whatever it returns.
//
// One file a resource. A method that is missing from its file's handler list
// does not exist for clients.
package cognitoidp

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Config is what an API needs; every field is required.
type Config struct {
	Pools  *userpool.Service
	Users  *user.Service
	SignIn *signin.Service
	Pages  awsapi.Sealer // seals page tokens
}

// API holds the operations of the user pools API.
type API struct {
	pools  *userpool.Service
	users  *user.Service
	signIn *signin.Service
	pages  awsapi.Sealer
}

// New returns an API.
func New(c Config) *API {
	return &API{pools: c.Pools, users: c.Users, signIn: c.SignIn, pages: c.Pages}
}

// Handlers lists the operations that have code behind them.
func (a *API) Handlers() []awsapi.Handler {
	return slices.Concat(
		a.poolHandlers(),
		a.mfaHandlers(),
		a.tagHandlers(),
		a.clientHandlers(),
		a.clientSecretHandlers(),
		a.groupHandlers(),
		a.providerHandlers(),
		a.linkHandlers(),
		a.memberHandlers(),
		a.userHandlers(),
		a.passwordHandlers(),
		a.factorHandlers(),
		a.softwareTokenHandlers(),
		a.attributeHandlers(),
		a.webAuthnHandlers(),
		a.deviceHandlers(),
		a.adminDeviceHandlers(),
		a.signUpHandlers(),
		a.signInHandlers(),
		a.sessionHandlers(),
		a.userSessionHandlers(),
	)
}

// owner is whose pools a signed request may touch: the caller's account, in
// the region that the request went to.
func owner(ctx context.Context) userpool.Owner {
	r := awsapi.RequestFrom(ctx)
	return userpool.Owner{Account: r.Caller.Account, Region: r.Region}
}

// pool returns the pool that a signed request names.
func (a *API) pool(ctx context.Context, id *string) (*userpool.Pool, error) {
	return a.pools.Pool(ctx, owner(ctx), awsapi.Value(id))
}
