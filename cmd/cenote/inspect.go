package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/inspect"
)

// inspected says where a deployment can be asked: its data, or else a running
// server.
type inspected struct {
	config.Storage `embed:""`

	URL string `help:"A running server, unless --data or --database is given: a development server's URL, or the --admin-listen address of another." default:"http://localhost:2366" env:"CENOTE_URL"`
}

// ask opens the deployment and asks it.
func (c *inspected) ask(ctx context.Context, ask func(inspect.Source) error) error {
	if c.Data == "" && c.Database == "" {
		return ask(remote{c.URL})
	}
	c.MasterKey = os.Getenv(masterKeyVariable)
	if err := c.Check(config.Serve); err != nil {
		return err
	}
	return app.Inspect(ctx, c.Storage, ask)
}

// remote asks a running server.
type remote struct{ url string }

const remoteTimeout = 30 * time.Second

func (r remote) get(ctx context.Context, path string, query url.Values, answer any) error {
	body, err := get(ctx, r.url+path+"?"+query.Encode(), remoteTimeout)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// Explain implements inspect.Source.
func (r remote) Explain(ctx context.Context, requestID string) ([]account.Decision, error) {
	var answer inspect.Decisions
	err := r.get(ctx, inspect.WhyPath, url.Values{"request": {requestID}}, &answer)
	return answer.Decisions, err
}

// Ask implements inspect.Source.
func (r remote) Ask(ctx context.Context, q inspect.Question) (account.Decision, error) {
	var answer inspect.Decisions
	err := r.get(ctx, inspect.WhyPath, q.Values(), &answer)
	if err == nil && len(answer.Decisions) != 1 {
		err = fmt.Errorf("the server answered with %d decisions", len(answer.Decisions))
	}
	if err != nil {
		return account.Decision{}, err
	}
	return answer.Decisions[0], nil
}

// Changes implements inspect.Source.
func (r remote) Changes(ctx context.Context, l inspect.List) ([]audit.Record, error) {
	var answer inspect.Records
	err := r.get(ctx, inspect.AuditPath, l.Values(), &answer)
	return answer.Records, err
}

// Denials implements inspect.Source.
func (r remote) Denials(ctx context.Context, l inspect.List) ([]audit.Denial, error) {
	var answer inspect.Records
	query := l.Values()
	query.Set("denied", "true")
	err := r.get(ctx, inspect.AuditPath, query, &answer)
	return answer.Denials, err
}
