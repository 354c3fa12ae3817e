package identitypool

import (
	"context"
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/ratelimit"
	"github.com/cenote-id/cenote/internal/saml"
)

// Pools keeps identity pools. Absence is fs.ErrNotExist. Pools are read at
// every call, so Get answers from memory.
type Pools interface {
	// Get returns a pool, whoever owns it.
	Get(ctx context.Context, id string) (*Pool, error)
	// List returns up to limit pools of an owner whose ids come after one.
	List(ctx context.Context, owner Owner, after string, limit int) ([]*Pool, error)
	// Count returns how many pools an owner has.
	Count(ctx context.Context, owner Owner) (int, error)
	// Create adds a pool.
	Create(ctx context.Context, p *Pool) error
	// Update replaces the row that p.Version was read from.
	Update(ctx context.Context, p *Pool) error
	// Delete removes a pool with its identities; it answers fs.ErrNotExist for
	// one that is not there any more.
	Delete(ctx context.Context, p *Pool) error
}

// Identities keeps identities. Absence is fs.ErrNotExist.
type Identities interface {
	// Get returns an identity with its logins by one indexed read.
	Get(ctx context.Context, id string) (*Identity, error)
	// ByLogin returns the identity that has a login, with all its logins, by
	// one indexed read.
	ByLogin(ctx context.Context, poolID string, l Login) (*Identity, error)
	// List returns up to limit identities of a pool whose ids come after one.
	List(ctx context.Context, poolID, after string, limit int, hideDisabled bool) ([]*Identity, error)
	// Create adds an identity with its logins; fs.ErrExist if one is taken.
	Create(ctx context.Context, i *Identity) error
	// Update replaces the row that i.Version was read from, and its logins.
	Update(ctx context.Context, i *Identity) error
	// Delete removes an identity.
	Delete(ctx context.Context, poolID, id string) error
}

// Permissions answers what the caller of the request in ctx may do: nil, or
// an AccessDenied *awsapi.Error.
type Permissions interface {
	Authorize(ctx context.Context, questions []awsapi.Access) error
}

// Directory finds what IAM keeps. Absence is fs.ErrNotExist.
type Directory interface {
	Role(ctx context.Context, account, name string) (*account.Principal, error)
	Provider(ctx context.Context, account, url string) (account.Provider, error)
	SAMLProvider(ctx context.Context, account, name string) (*account.SAMLIssuer, error)
}

// Grantor is the part of STS that evaluates a role's trust policy and makes
// credentials. A refusal is an *awsapi.Error; anything else is a failure.
type Grantor interface {
	AssumeRoleFor(ctx context.Context, who credential.Assertion, in credential.RoleRequest) (*credential.RoleCredentials, error)
}

// Signer signs the claims of a token that identity pools issue, as RS512.
type Signer interface {
	SignIdentityToken(ctx context.Context, claims []byte) (string, error)
}

// Users answers for the users of local user pools.
type Users interface {
	// SignedIn reports whether the user that an ID token names still exists
	// and is enabled, and the sign-in that the token came from has not been
	// revoked.
	SignedIn(ctx context.Context, t SignIn) (bool, error)
}

// SignIn is what an ID token says about where it came from.
type SignIn struct {
	PoolID    string
	Subject   string
	Username  string
	OriginJTI string // empty where the client's tokens cannot be revoked
	IssuedAt  time.Time
	AuthTime  time.Time
}

// Sealer makes page tokens that only we can read.
type Sealer interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
}

// Config is what a Service needs. All fields but Guests are required.
type Config struct {
	Pools       Pools
	Identities  Identities
	Tx          func(ctx context.Context, f func(context.Context) error) error
	Issuers     *issuer.Resolver
	Permissions Permissions
	Directory   Directory
	Grantor     Grantor
	Signer      Signer
	Issuer      string // "iss" of the tokens that identity pools issue
	Users       Users
	Sealer      Sealer
	Now         func() time.Time
	NewUUID     func() string
	PublicURL   string       // of this deployment, which SAML providers may name in AWS's place
	Guests      *GuestLimits // nil for DefaultGuestLimits
}

// Service is the domain service of identity pools. It is safe for concurrent
// use.
type Service struct {
	Config
	guestPolicy string                 // of Guests, as a document
	isUs        func(name string) bool // a name of ours for SAML providers
	guests      *ratelimit.Limiter[guestSource]
}

// Anybody may make guests, and each is a row that stays. An address gets as many
// new ones a second as AWS gives a whole account (developer guide, "Quotas");
// others are not held up by it.
const (
	guestRate  = 25
	guestBurst = 250
)

// guestSource is who asks for guests of a pool: an address, or for IPv6 the
// network of one customer.
type guestSource struct {
	pool string
	from netip.Prefix
}

// New returns a Service.
func New(c Config) *Service {
	if c.Guests == nil {
		c.Guests = DefaultGuestLimits()
	}
	return &Service{
		Config: c, guestPolicy: c.Guests.policy(), isUs: saml.AsAWS(c.PublicURL),
		guests: ratelimit.New[guestSource](ratelimit.Config{Rate: guestRate, Burst: guestBurst, Now: c.Now}),
	}
}

// now is the time of a stored change.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
