package credential

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/saml"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Directory finds accounts, principals, policies, keys and providers, from
// memory. account.Directory is the same contract.
type Directory interface {
	Account(ctx context.Context, id string) (account.Account, error)
	Principal(ctx context.Context, account, id string) (*account.Principal, error)
	Role(ctx context.Context, account, name string) (*account.Principal, error)
	Policy(ctx context.Context, account, arn string) (iampolicy.Source, error)
	Key(ctx context.Context, id string) (account.Key, error)
	Provider(ctx context.Context, account, url string) (account.Provider, error)
	SAMLProvider(ctx context.Context, account, name string) (*account.SAMLIssuer, error)
}

// Assertions remembers which SAML assertions have given somebody a role.
type Assertions interface {
	// SpendAssertion fails with fs.ErrExist if that use was spent before. It
	// may forget a use when it is over.
	SpendAssertion(ctx context.Context, u account.AssertionUse) error
}

// Authorizer decides who may take on a role; account.Authorizer does.
type Authorizer interface {
	MayAssume(ctx context.Context, q account.TrustQuestion) (iampolicy.Decision, error)
	// NoRole answers a question about a role that there is not.
	NoRole(ctx context.Context, arn string, q account.TrustQuestion) error
}

// Issuers finds the keys behind web identity tokens; issuer.Resolver does.
type Issuers interface {
	IdentityPools() (*issuer.Issuer, error)
	OpenIDProvider(ctx context.Context, account, url string, thumbprints ...string) (*issuer.Issuer, error)
	LoginOfAnyApp(name, token string) (*issuer.Issuer, error)
	Verify(ctx context.Context, from *issuer.Issuer, token string, audiences []string) (*issuer.Claims, error)
}

// Config is what a Service needs.
type Config struct {
	Directory  Directory
	Authorizer Authorizer
	Issuers    Issuers
	Assertions Assertions
	PublicURL  string // of this deployment, which SAML providers may name in AWS's place
	Ring       *secretbox.Ring
	Now        func() time.Time

	// The rest may be left out, and with it what it is for.

	MFA      MFADevices // without: no user has a device
	Outbound Outbound   // without: no account has an issuer
}

// Service issues temporary credentials and answers for access keys. It is
// safe for concurrent use.
type Service struct {
	cfg  Config
	isUs func(name string) bool // a name of ours for SAML providers
}

// New returns a Service.
func New(cfg Config) *Service { return &Service{cfg: cfg, isUs: saml.AsAWS(cfg.PublicURL)} }

// now is the current time as credentials carry it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Second) }
