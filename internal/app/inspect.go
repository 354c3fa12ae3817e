package app

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/inspect"
	"github.com/cenote-id/cenote/internal/store"
)

// inspector answers what operators ask, from the store and from what the
// process remembers.
type inspector struct {
	db         *store.DB
	authorizer *account.Authorizer
	accounts   *account.Service
	now        func() time.Time
}

var _ inspect.Source = inspector{}

// Explain implements inspect.Source. What the process remembers comes first:
// it has decisions that allowed, too.
func (i inspector) Explain(ctx context.Context, requestID string) ([]account.Decision, error) {
	if list := i.authorizer.Explain(requestID); len(list) > 0 {
		return list, nil
	}
	return i.db.Denials().DenialsOf(ctx, requestID)
}

// Ask implements inspect.Source.
func (i inspector) Ask(ctx context.Context, q inspect.Question) (account.Decision, error) {
	caller, err := i.accounts.CallerOf(ctx, q.Principal)
	if err != nil {
		return account.Decision{}, err
	}
	tags, err := i.resourceTags(ctx, q.Resource)
	if err != nil {
		return account.Decision{}, err
	}
	return i.authorizer.Ask(ctx, account.Hypothetical{
		Caller: caller, Action: q.Action, Resource: q.Resource, ResourceTags: tags, Context: q.Context, Time: i.now().UTC(),
	})
}

// Changes implements inspect.Source.
func (i inspector) Changes(ctx context.Context, l inspect.List) ([]audit.Record, error) {
	return i.db.Audit().Find(ctx, l.Filter, l.After, l.Limit)
}

// Denials implements inspect.Source.
func (i inspector) Denials(ctx context.Context, l inspect.List) ([]audit.Denial, error) {
	return i.db.Denials().Find(ctx, l.Filter, l.After, l.Limit)
}

// Inspect opens the store for a command that asks something of it.
func Inspect(ctx context.Context, s config.Storage, ask func(inspect.Source) error) error {
	return withStore(ctx, s, func(db *store.DB) error {
		return ask(inspector{
			db: db, accounts: accountService(db, time.Now, false, nil), now: time.Now,
			authorizer: account.NewAuthorizer(account.AuthorizerConfig{Directory: db.IAM()}),
		})
	})
}
