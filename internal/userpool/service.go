package userpool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Store keeps pools. Its methods join the transaction in ctx; outside of one
// a write is a transaction of its own, and Pool and PoolByIssuer answer from
// memory. Absence is fs.ErrNotExist.
type Store interface {
	// Tx runs f in a write transaction that may be replayed.
	Tx(ctx context.Context, f func(ctx context.Context) error) error
	// Pool returns the pool of that id, whoever owns it.
	Pool(ctx context.Context, id string) (*Pool, error)
	// PoolByIssuer returns the account's pool with that custom issuer.
	PoolByIssuer(ctx context.Context, account, issuer string) (*Pool, error)
	// Pools returns up to limit of the owner's pools with ids after the given
	// one, in the order of their ids.
	Pools(ctx context.Context, owner Owner, after string, limit int) ([]*Pool, error)
	// InsertPool adds a pool. It returns fs.ErrExist where the account has a
	// pool with that custom issuer.
	InsertPool(ctx context.Context, p *Pool) error
	// UpdatePool replaces the pool whose Version p has, and raises p.Version;
	// fs.ErrExist as InsertPool.
	UpdatePool(ctx context.Context, p *Pool) error
	// DeletePool removes a pool with its clients, groups and identity providers.
	DeletePool(ctx context.Context, p *Pool) error
}

// ClientStore keeps app clients, by the same rules as Store.
type ClientStore interface {
	// Client returns the client of that id, whichever pool it belongs to.
	Client(ctx context.Context, id string) (*Client, error)
	// Clients returns up to limit of the pool's clients with ids after the
	// given one, in the order of their ids.
	Clients(ctx context.Context, poolID, after string, limit int) ([]*Client, error)
	InsertClient(ctx context.Context, c *Client) error
	// UpdateClient replaces the client whose Version c has, and raises
	// c.Version.
	UpdateClient(ctx context.Context, c *Client) error
	// UpdateSecrets is UpdateClient for the secrets alone.
	UpdateSecrets(ctx context.Context, c *Client) error
	DeleteClient(ctx context.Context, c *Client) error
}

// Keys makes signing keys.
type Keys interface {
	Contents
	// Warm makes sure that CreateKeys has nothing slow to do.
	Warm(ctx context.Context) error
	// CreateKeys gives a new pool its signing keys, in ctx's transaction.
	CreateKeys(ctx context.Context, poolID string) error
}

// Contents is what lives in pools, such as users, and must go with them.
type Contents interface {
	// DeletePool removes what belongs to the pool, in ctx's transaction.
	DeletePool(ctx context.Context, poolID string) error
}

// Users counts the users of pools.
type Users interface {
	// CountUsers returns about how many users the pool has.
	CountUsers(ctx context.Context, poolID string) (int64, error)
}

// Config is what a Service needs. All fields but Contents are required.
type Config struct {
	Store     Store
	Clients   ClientStore
	Groups    GroupStore
	Providers ProviderStore
	Keys      Keys
	Users     Users
	Contents  []Contents // asked in order, before Keys, when a pool is deleted
	Issuers   Issuers
	Now       func() time.Time
}

// Service holds the rules by which pools, clients, groups and identity providers change. It is
// safe for concurrent use.
type Service struct {
	store     Store
	clients   ClientStore
	groups    GroupStore
	providers ProviderStore
	keys      Keys
	users     Users
	contents  []Contents
	issuers   Issuers
	clock     func() time.Time
}

// New returns a Service.
func New(c Config) *Service {
	return &Service{
		store: c.Store, clients: c.Clients, groups: c.Groups, providers: c.Providers, keys: c.Keys, users: c.Users, contents: c.Contents,
		issuers: c.Issuers, clock: c.Now,
	}
}

// now is the time as replies print it: to the millisecond.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Issuer returns the issuer that the pool's tokens name.
func (s *Service) Issuer(p *Pool) string { return s.issuers.Of(p) }

// validID is the API model's pattern: what else a URL may name is not looked
// up.
var validID = regexp.MustCompile(`^[\w-]{1,45}_[0-9a-zA-Z]{1,54}$`)

// Find returns the pool of that id, whoever owns it: for the doors that
// nobody signs for.
func (s *Service) Find(ctx context.Context, id string) (*Pool, error) {
	if !validID.MatchString(id) {
		return nil, cognitoidp.ResourceNotFoundException("User pool %s does not exist.", id)
	}
	p, err := s.store.Pool(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cognitoidp.ResourceNotFoundException("User pool %s does not exist.", id)
	}
	if err != nil {
		return nil, fmt.Errorf("load user pool %s: %w", id, err)
	}
	return p, nil
}

// FindByIssuer returns the account's pool that has a custom issuer, or
// fs.ErrNotExist.
func (s *Service) FindByIssuer(ctx context.Context, account, issuer string) (*Pool, error) {
	p, err := s.store.PoolByIssuer(ctx, account, issuer)
	if err != nil {
		return nil, fmt.Errorf("load user pool with issuer %s: %w", issuer, err)
	}
	return p, nil
}

// Pool returns the owner's pool of that id. A pool of another account or
// region does not exist for its caller.
func (s *Service) Pool(ctx context.Context, owner Owner, id string) (*Pool, error) {
	p, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Owner != owner {
		return nil, cognitoidp.ResourceNotFoundException("User pool %s does not exist.", id)
	}
	return p, nil
}

// FindClient returns the client of that id and its pool: for the operations
// that name nothing else.
func (s *Service) FindClient(ctx context.Context, id string) (*Client, *Pool, error) {
	c, err := s.clients.Client(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, noClient(id)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load client: %w", err)
	}
	p, err := s.store.Pool(ctx, c.PoolID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, noClient(id)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load user pool %s: %w", c.PoolID, err)
	}
	return c, p, nil
}

// Client returns the pool's client of that id.
func (s *Service) Client(ctx context.Context, p *Pool, id string) (*Client, error) {
	c, err := s.clients.Client(ctx, id)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && c.PoolID != p.ID) {
		return nil, noClient(id)
	}
	if err != nil {
		return nil, fmt.Errorf("load client: %w", err)
	}
	return c, nil
}

func noClient(id string) error {
	return cognitoidp.ResourceNotFoundException("User pool client %s does not exist.", id)
}
