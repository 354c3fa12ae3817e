package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/userpool"
)

// client returns the client that an unsigned request names, and its pool: such
// a request carries neither account nor region, both come from there.
func (a *API) client(ctx context.Context, id string) (*userpool.Client, *userpool.Pool, error) {
	c, p, err := a.pools.FindClient(ctx, id)
	if err == nil {
		about(ctx, p)
	}
	return c, p, err
}

// about notes for the audit record which pool an unsigned request is about.
func about(ctx context.Context, p *userpool.Pool) {
	awsapi.RequestFrom(ctx).About(p.Account, p.Region, awsapi.UserPoolARN(p.Region, p.Account, p.ID))
}
