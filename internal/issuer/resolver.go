package issuer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"
)

// UserPools answers for the user pools of this deployment, whatever their
// account and region. Every sign-in through an identity pool asks, so answers
// come from memory. Absence is fs.ErrNotExist.
type UserPools interface {
	// IssuerByPool returns who a pool is.
	IssuerByPool(ctx context.Context, poolID string) (LocalPool, error)
	// IssuerByName returns the pool of an account whose issuer, without its
	// scheme, is name.
	IssuerByName(ctx context.Context, account, name string) (LocalPool, error)
	// VerificationKeys returns the keys that a pool's tokens may be signed
	// with now: the current ones and those that still overlap.
	VerificationKeys(ctx context.Context, poolID string) ([]Key, error)
}

// LocalPool is a user pool of this deployment.
type LocalPool struct {
	ID      string
	Account string
	Issuer  string // "iss" of its tokens
}

// IdentityTokens answers for the tokens that this deployment's own identity
// pools issue.
type IdentityTokens interface {
	// IdentityIssuer returns the "iss" of those tokens.
	IdentityIssuer() string
	// IdentityKeys returns the keys that they may be signed with.
	IdentityKeys(ctx context.Context) ([]Key, error)
}

// Fetcher reads small public documents over HTTPS. Package remote has the one
// that guards against inner addresses.
type Fetcher interface {
	// Fetch returns a document of at most 1 MiB and how long its publisher
	// lets it be kept; a negative age means that it did not say.
	Fetch(ctx context.Context, url string) (document []byte, maxAge time.Duration, err error)
}

// PinnedFetcher is a Fetcher that can also reach servers whose certificate
// nobody vouches for but a fingerprint.
type PinnedFetcher interface {
	Fetcher
	// FetchPinned is Fetch, where a chain that the usual authorities do not
	// vouch for is good if it leads to a certificate with one of the SHA-1
	// thumbprints, in lower-case hexadecimal digits.
	FetchPinned(ctx context.Context, url string, thumbprints []string) (document []byte, maxAge time.Duration, err error)
}

// Peer is another deployment that the operator trusts: for all user pools of
// a region, or for one issuer.
type Peer struct {
	Name string // region, or issuer with or without "https://"
	URL  *url.URL
}

// Config is what a Resolver needs. All fields but Public, Peers, TrustAWS and
// Identity are required.
type Config struct {
	Pools    UserPools
	Identity IdentityTokens // nil where no identity pool issues tokens
	Fetcher  Fetcher
	// Public reads from the open internet alone, peers or not: key sets to which
	// the metadata of a provider points that only an account vouches for. Its
	// publisher must not choose which inner address is asked. Nil for Fetcher.
	Public   Fetcher
	Peers    []Peer
	TrustAWS bool // real AWS speaks for user pools that nobody else speaks for
	Now      func() time.Time

	// Introspector asks the public login providers that hand out opaque tokens.
	// Nil where none is asked.
	Introspector Introspector
	// LoginProviders says where public login providers are reached, by name,
	// where it is not their own address.
	LoginProviders map[string]*url.URL
}

// Resolver turns provider names into issuers and verifies their tokens. It is
// safe for concurrent use.
type Resolver struct {
	pools    UserPools
	identity IdentityTokens
	regions  map[string]*url.URL // peers by region
	issuers  map[string]*url.URL // peers by provider name
	trustAWS bool
	now      func() time.Time
	remote   *keyring
	verified *memory
	asked    *answers
	login    map[string]*url.URL // public login providers by name
}

// New returns a Resolver, or an error that names the peer that is wrong.
func New(c Config) (*Resolver, error) {
	r := &Resolver{
		pools: c.Pools, identity: c.Identity, trustAWS: c.TrustAWS, now: c.Now,
		regions: map[string]*url.URL{}, issuers: map[string]*url.URL{},
		remote: newKeyring(c.Fetcher, c.Public, c.Now), verified: newMemory(maxVerified),
		asked: newAnswers(c.Introspector, c.Now), login: c.LoginProviders,
	}
	for _, p := range c.Peers {
		to, name := r.issuers, WithoutScheme(p.Name)
		if isRegion(p.Name) {
			to, name = r.regions, p.Name
		}
		if _, twice := to[name]; twice {
			return nil, fmt.Errorf("two peers are named %s", p.Name)
		}
		to[name] = p.URL
	}
	return r, nil
}

// Kind says how much is expected of an issuer's tokens.
type Kind int

// Kinds of issuer.
const (
	UserPool      Kind = iota + 1 // a Cognito user pool, here or elsewhere
	OpenID                        // any OpenID Connect provider
	IdentityToken                 // identity pools of this deployment
	AccessToken                   // a public login provider with opaque tokens, who must be asked
)

// Issuer is somebody whose tokens may be accepted. Only a Resolver makes them.
type Issuer struct {
	Name   string // canonical provider name
	Kind   Kind
	PoolID string // of a user pool
	Local  bool   // keys and users are in this deployment

	iss      []string                                 // what tokens may say; empty for a peer's pool, whose metadata says it
	anyone   bool                                     // its tokens need no listed audience
	endpoint endpoint                                 // of a remote issuer
	keys     func(ctx context.Context) ([]Key, error) // of a local one
}

// ErrUntrusted means that nobody vouches for a provider name.
var ErrUntrusted = errors.New("no user pool, peer or trusted service has this name")

// UserPool finds the issuer behind a provider name of an identity pool.
// account is the one that owns the identity pool; it matters for aliases only.
// Unknown names give ErrUntrusted.
func (r *Resolver) UserPool(ctx context.Context, account, name string) (*Issuer, error) {
	if plain, ok := strings.CutPrefix(name, updatedPrefix); ok {
		if _, _, aws := ParseUserPool(plain); aws {
			name = plain
		}
	}
	_, poolID, aws := ParseUserPool(name)
	if !aws {
		poolID = lastSegment(name)
	}
	if regionOf(poolID) != "" {
		pool, err := r.pools.IssuerByPool(ctx, poolID)
		switch {
		case err == nil && (aws || WithoutScheme(pool.Issuer) == name):
			return r.local(pool), nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("find user pool %s: %w", poolID, err)
		}
	}
	if base, ok := r.issuers[name]; ok {
		return &Issuer{Name: name, Kind: UserPool, PoolID: poolID, endpoint: named(base)}, nil
	}
	if base, ok := r.regions[regionOf(poolID)]; ok {
		at := base.JoinPath(poolID)
		if aws || WithoutScheme(at.String()) == name {
			return &Issuer{Name: UserPoolName(poolID), Kind: UserPool, PoolID: poolID, endpoint: published(at)}, nil
		}
	}
	if aws {
		if r.trustAWS {
			return awsUserPool(name, poolID), nil
		}
		return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
	}
	pool, err := r.pools.IssuerByName(ctx, account, name)
	switch {
	case err == nil && pool.Account == account:
		return r.local(pool), nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("find issuer %s: %w", name, err)
	}
	return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
}

// OpenIDProvider returns the issuer of an IAM OpenID Connect provider.
// account is the one that has the provider, rawURL the provider's URL with
// its scheme. Local pools and peers are recognised, everybody else is found
// by OpenID Connect discovery. The provider's thumbprints admit private
// authorities there.
func (r *Resolver) OpenIDProvider(ctx context.Context, account, rawURL string, thumbprints ...string) (*Issuer, error) {
	name := WithoutScheme(rawURL)
	if r.identity != nil && rawURL == r.identity.IdentityIssuer() {
		return r.IdentityPools()
	}
	if slices.Contains(openIDLogins, name) {
		return r.openIDLogin(name), nil
	}
	if issuer, err := r.UserPool(ctx, account, name); err == nil {
		return issuer.asOpenID(name)
	} else if !errors.Is(err, ErrUntrusted) {
		return nil, err
	}
	base, err := url.Parse(rawURL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
	}
	at := discovered(base, rawURL)
	at.pins = strings.Join(slices.Sorted(slices.Values(thumbprints)), " ")
	return &Issuer{Name: name, Kind: OpenID, iss: []string{rawURL}, endpoint: at}, nil
}

// asOpenID is a user pool as an OpenID Connect provider: there the issuer of
// its tokens counts, and its AWS name is nothing but one more URL.
func (i *Issuer) asOpenID(name string) (*Issuer, error) {
	if len(i.iss) > 0 {
		i.iss = slices.DeleteFunc(i.iss, func(iss string) bool { return WithoutScheme(iss) != name })
		if len(i.iss) == 0 {
			return nil, fmt.Errorf("%s: %w", name, ErrUntrusted)
		}
	}
	i.Kind = OpenID
	return i, nil
}

// IdentityPools returns the issuer of this deployment's own identity tokens.
func (r *Resolver) IdentityPools() (*Issuer, error) {
	if r.identity == nil {
		return nil, fmt.Errorf("identity pools: %w", ErrUntrusted)
	}
	iss := r.identity.IdentityIssuer()
	return &Issuer{Name: WithoutScheme(iss), Kind: IdentityToken, Local: true, iss: []string{iss}, keys: r.identity.IdentityKeys}, nil
}

func (r *Resolver) local(pool LocalPool) *Issuer {
	return &Issuer{
		Name: UserPoolName(pool.ID), Kind: UserPool, PoolID: pool.ID, Local: true, iss: []string{pool.Issuer},
		keys: func(ctx context.Context) ([]Key, error) { return r.pools.VerificationKeys(ctx, pool.ID) },
	}
}

// awsUserPool is a pool on AWS itself: everything about it follows from its
// name. Its owner chooses between two forms of issuer.
func awsUserPool(name, poolID string) *Issuer {
	return &Issuer{
		Name: name, Kind: UserPool, PoolID: poolID, iss: []string{"https://" + name, "https://" + updatedPrefix + name},
		endpoint: endpoint{keys: "https://" + name + jwksPath},
	}
}

// updatedPrefix makes the other issuer of user pools on AWS (IssuerType
// UPDATED in the user pools API), which is an alias of their names.
const updatedPrefix = "issuer-"

// Where Cognito publishes; peers are Cenote deployments and do the same.
const (
	discoveryPath = "/.well-known/openid-configuration"
	jwksPath      = "/.well-known/jwks.json"
)

// endpoint says where a remote issuer publishes. Its values identify it.
type endpoint struct {
	issuer    string // what metadata must say; empty where there is none, or the operator vouches for whatever it says
	discovery string // URL of the metadata; empty where issuer and keys are known
	keys      string // URL of the key set; empty to take it from the metadata
	named     bool   // by the operator, so that its metadata may point anywhere
	pins      string // thumbprints that its certificates may have; what they admit for one account is nobody else's
}

// published is a user pool on a peer: its keys have a fixed place, its issuer
// is read from its metadata, because the peer may give it any.
func published(base *url.URL) endpoint {
	at := strings.TrimSuffix(base.String(), "/")
	return endpoint{discovery: at + discoveryPath, keys: at + jwksPath}
}

// named is an issuer that the operator named as a peer.
func named(base *url.URL) endpoint {
	e := discovered(base, "")
	e.named = true
	return e
}

// discovered is an OpenID Connect provider.
func discovered(base *url.URL, issuer string) endpoint {
	return endpoint{issuer: issuer, discovery: strings.TrimSuffix(base.String(), "/") + discoveryPath}
}
