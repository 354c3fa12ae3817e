package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/ratelimit"
)

// Door is a service's set of handlers, such as *cognitoidp.API.
type Door interface {
	// Handlers lists the operations that have code behind them.
	Handlers() []awsapi.Handler
	// Access says what IAM must allow before a signed operation runs. Nil
	// stands for the operation's own action on "*"; an empty list that is not
	// nil asks for nothing.
	Access(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error)
}

// Authenticator proves who signed a request; *sigv4.Verifier is one.
type Authenticator interface {
	// Verify checks the signature of r over body. region is what the host
	// name tells, or empty.
	Verify(ctx context.Context, r *http.Request, body []byte, svc *awsapi.Service, region string) (sigv4.Result, error)
}

// Authorizer decides with IAM policies. The caller is in awsapi.RequestFrom.
type Authorizer interface {
	// Authorize fails with awsapi.AccessDenied unless every access is allowed.
	// It is not asked about root callers.
	Authorize(ctx context.Context, accesses []awsapi.Access) error
}

// AccessTokens proves which user stands behind an unsigned operation.
type AccessTokens interface {
	// Authenticate verifies a token and returns a context that carries what
	// it proves.
	Authenticate(ctx context.Context, token string) (context.Context, error)
}

// Metrics counts calls.
type Metrics interface {
	// Observe is told of every call: op is nil when the request named none,
	// code is "OK" or the name of the error.
	Observe(op *awsapi.Operation, code string, took time.Duration)
}

// Config says what a kernel works with.
type Config struct {
	Doors         []Door
	Authenticator Authenticator
	Authorizer    Authorizer
	AccessTokens  AccessTokens
	Log           *slog.Logger
	Now           func() time.Time
	NewID         func() string // request ids
	DefaultRegion string

	// The rest may be left out.

	Regions        func(region string) bool // served ones; nil for all
	TrustedProxies []netip.Prefix           // whose X-Forwarded-For and -Proto are believed
	MaxBody        int64                    // bytes, where the operation does not need more; 0 for 1 MiB
	ByAddress      *ratelimit.Limiter[netip.Addr]
	ByPrincipal    *ratelimit.Limiter[string] // by ARN, signed operations only
	Metrics        Metrics

	// Strict answers a door's error that the model does not declare for
	// the operation with an internal error that says so. Tests set it.
	Strict bool
}

const defaultMaxBody = 1 << 20

func (c *Config) check() error {
	var missing []error
	need := func(name string, ok bool) {
		if !ok {
			missing = append(missing, fmt.Errorf("api: config has no %s", name))
		}
	}
	need("Authenticator", c.Authenticator != nil)
	need("Authorizer", c.Authorizer != nil)
	need("AccessTokens", c.AccessTokens != nil)
	need("Log", c.Log != nil)
	need("Now", c.Now != nil)
	need("NewID", c.NewID != nil)
	need("DefaultRegion", c.DefaultRegion != "")
	if c.MaxBody == 0 {
		c.MaxBody = defaultMaxBody
	}
	return errors.Join(missing...)
}
