package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/authorize"
	"github.com/cenote-id/cenote/internal/api/cognitoidentity"
	"github.com/cenote-id/cenote/internal/api/cognitoidp"
	"github.com/cenote-id/cenote/internal/api/iam"
	"github.com/cenote-id/cenote/internal/api/sts"
	"github.com/cenote-id/cenote/internal/api/wellknown"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/devtools"
	"github.com/cenote-id/cenote/internal/hostedui"
	"github.com/cenote-id/cenote/internal/identitypool"
	"github.com/cenote-id/cenote/internal/inspect"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/issuer/local"
	"github.com/cenote-id/cenote/internal/issuer/remote"
	"github.com/cenote-id/cenote/internal/issuer/social"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/ratelimit"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Config says what a Deployment is made of. All fields are required unless
// they say otherwise.
type Config struct {
	Mode          config.Mode
	Settings      config.Server // with PublicURL
	DevAccount    string        // dev mode only
	Version       string
	CryptoWorkers int // signatures and password checks at once; 0 for all of them, in their callers' goroutines
	Now           func() time.Time
	Log           *slog.Logger
	Strict        bool // tests: undeclared errors of handlers are failures

	// SpareKeys is where signing keys made ahead come from, in place of the
	// store. Tests share one: a key takes longer than most of them.
	SpareKeys token.Stock
	// PollOutbox is how often the outbox is looked at for what is due, if not
	// as usual. Tests move the clock and do not want to wait.
	PollOutbox time.Duration
}

// Deployment is a running Cenote without its listeners.
type Deployment struct {
	db       *store.DB
	lanes    lanes
	keys     *token.Keys
	sessions *token.Sessions
	verifier *token.Verifier
	accounts *account.Service
	users    *store.Users
	post     *post
	metrics  *metrics
	journal  *account.Journal
	advisor  *account.Advisor
	inspect  *inspect.Handler
	health   *health
	handler  http.Handler
	host     string // of the public URL
	log      *slog.Logger
	now      func() time.Time
}

// New opens the store and puts everything together. Run must run for the
// deployment to become ready.
func New(ctx context.Context, c Config) (*Deployment, error) {
	db, err := openStore(ctx, c.Settings.Storage, c.Settings.AuditDays, c.Now, c.Log)
	if err != nil {
		return nil, err
	}
	d, err := assemble(db, &c)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

// assemble wires things, flows and doors, in this order.
func assemble(db *store.DB, c *Config) (*Deployment, error) {
	lanes, err := newLanes(c.CryptoWorkers)
	if err != nil {
		return nil, err
	}
	var spares token.Stock = db.SigningKeys()
	if c.SpareKeys != nil {
		spares = c.SpareKeys
	}
	ring := db.Ring()
	issuers := userpool.Issuers{PublicURL: c.Settings.PublicURL, Mode: userpool.IssuerMode(c.Settings.IssuerMode)}

	// Things.
	keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: spares, Lane: lanes.signing, Now: c.Now, Log: c.Log})
	sessions := token.NewSessions(token.SessionsConfig{Store: db.RefreshSessions(), List: db.RefreshSessions(), Sealer: ring, Now: c.Now, Log: c.Log})
	verifier := token.NewVerifier(token.VerifierConfig{Keys: keys, Sessions: db.RefreshSessions(), Now: c.Now})
	passwords := password.New(password.Config{Lane: lanes.passwords, UnknownKey: unknownKey(ring)})
	triggers, err := newTriggers(c, ring)
	if err != nil {
		return nil, err
	}
	post := newPost(c, db, triggers)
	users := user.New(user.Config{
		Now: c.Now, Tx: db.Tx, Users: db.Users(), Directory: db.Users(), Codes: db.Users(), Attempts: db.Users(), Memberships: db.Users(),
		Factors: db.Users(), Links: db.Users(), Devices: db.Devices(),
		Keys: ring, UnknownKey: unknownKey(ring), Passwords: passwords, Sessions: sessions, Messages: post.desk,
		Triggers: triggers,
	})
	pools := userpool.New(userpool.Config{
		Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Providers: db.UserPoolProviders(),
		Keys: keys, Users: db.Users(), Contents: []userpool.Contents{db.Users(), sessions}, Issuers: issuers, Now: c.Now,
	})
	directory := db.IAM()
	accounts := accountService(db, c.Now, c.Mode == config.Dev, passwords)
	journal := account.NewJournal(db.Denials(), c.Now, c.Log)
	advisor := account.NewAdvisor(directory, c.Log)
	authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: directory, Journal: journal, Advisor: advisor, Sealer: ring})
	outbound := newOutbound(c, accounts, directory, keys)

	// Flows.
	resolver, err := newResolver(c, pools, keys)
	if err != nil {
		return nil, err
	}
	credentials := credential.New(credential.Config{
		Directory: directory, Authorizer: authorizer, Issuers: resolver, Ring: ring, Now: c.Now,
		Outbound: issuing{outbound, keys}, MFA: accounts,
		Assertions: directory, PublicURL: c.Settings.PublicURL,
	})
	guests := identitypool.DefaultGuestLimits()
	if !guests.Allow(c.Settings.GuestAction...) {
		return nil, &config.Error{Sentence: "--guest-action: the actions of guests take more than a session policy may; use patterns such as notes:*"}
	}
	identities := identitypool.New(identitypool.Config{
		Pools: db.IdentityPools(), Identities: db.Identities(), Tx: db.Tx, Issuers: resolver, Permissions: authorizer,
		Directory: directory, Grantor: credentials, Signer: keys, Issuer: identityIssuer(c), Users: signedIn{users, pools, sessions},
		Sealer: ring, Now: c.Now, NewUUID: secretbox.UUID, PublicURL: c.Settings.PublicURL, Guests: guests,
	})

	flows := signin.New(signin.Config{
		Now: c.Now, Tx: db.Tx, Users: users, Passwords: passwords, Challenges: db.Challenges(), Devices: db.Devices(),
		Sessions: sessions, Keys: keys, Issuer: pools.Issuer, Sealer: ring, Messages: post.desk, Access: verifier, Triggers: triggers,
	})

	// Doors.
	published := wellknown.New(wellknown.Config{
		Pools: pools, Keys: keys, PublicURL: c.Settings.PublicURL, IdentityIssuer: identityIssuer(c), Log: c.Log,
	})
	m := newMetrics(c.Version, lanes)
	callers := authenticator{
		sigv4.New(sigv4.Config{
			Keys: credentials, Now: c.Now, Regions: servedRegions(c.Settings.Regions),
			AcceptUnknownKeys: devKeys(c, directory, accounts),
		}),
		&account.Usage{Keys: directory, Roles: directory, Now: c.Now, Log: c.Log},
	}
	byAddress := ratelimit.New[netip.Addr](ratelimit.Config{Rate: c.Settings.RateLimit, Burst: burst(c.Settings.RateLimit), Now: c.Now})
	questions := authorize.New(authorize.Config{
		Authenticator: callers, Authorizer: authorizer, Log: c.Log, Now: c.Now, NewID: secretbox.UUID,
		TrustedProxies: c.Settings.TrustedProxies, ByAddress: byAddress, Metrics: m,
	})
	if err := post.open(c, db, pools, triggers, m); err != nil {
		return nil, err
	}
	pages := hostedui.New(hostedui.Config{
		Clients: pools, Users: users, Limit: byAddress, NewID: secretbox.UUID, Log: c.Log,
		Source: func(r *http.Request) (netip.Addr, bool) { return api.Source(r, c.Settings.TrustedProxies) },
	})
	kernel, err := api.New(api.Config{
		Doors: []api.Door{
			cognitoidp.New(cognitoidp.Config{Pools: pools, Users: users, SignIn: flows, Pages: ring}),
			cognitoidentity.New(identities),
			sts.New(credentials),
			iam.New(iam.Config{Accounts: accounts, Pages: ring, Outbound: outbound}),
		},
		Authenticator: callers,
		Authorizer:    authorizer, AccessTokens: verifier, Log: c.Log, Now: c.Now, NewID: secretbox.UUID,
		DefaultRegion: c.Settings.Region, Regions: servedRegions(c.Settings.Regions), TrustedProxies: c.Settings.TrustedProxies,
		ByAddress: byAddress, Metrics: m, Strict: c.Strict,
	})
	if err != nil {
		return nil, err
	}
	d := &Deployment{
		db: db, lanes: lanes, keys: keys, sessions: sessions, verifier: verifier, accounts: accounts, users: db.Users(),
		post: post, metrics: m, journal: journal, advisor: advisor, log: c.Log, now: c.Now, host: hostOf(c.Settings.PublicURL),
		inspect: inspect.New(inspector{db, authorizer, accounts, c.Now}, c.Log),
	}
	d.health = &health{ready: d.ready}
	mux := http.NewServeMux()
	d.health.mount(mux)
	published.Mount(mux)
	pages.Mount(mux)
	calls := http.NewServeMux()
	questions.Mount(calls)
	calls.Handle("/", kernel)
	if c.Mode == config.Dev {
		tools := devtools.New(devtools.Config{Messages: d.Messages, Reset: d.Reset, PublicHost: d.host, Logger: c.Log})
		inspection := http.NewServeMux()
		d.inspect.Mount(inspection)
		local := devtools.LocalOnly(d.host, http.NewCrossOriginProtection().Handler(inspection))
		mux.Handle(inspect.WhyPath, local)
		mux.Handle(inspect.AuditPath, local)
		mux.Handle("/_cenote/outbox", tools)
		mux.Handle("/_cenote/reset", tools)
		mux.Handle("/", devtools.LocalOnly(d.host, calls))
	} else {
		mux.Handle("/", calls)
	}
	d.handler = mux
	return d, nil
}

// Handler answers everything but metrics.
func (d *Deployment) Handler() http.Handler { return d.handler }

// Admin answers what is for operators alone: metrics, what package inspect
// tells, and what became of messages. On a loopback address it is for programs
// and pages of this machine.
func (d *Deployment) Admin() http.Handler {
	mux := d.metrics.mux()
	d.inspect.Mount(mux)
	mux.Handle("GET /_cenote/outbox", devtools.Outbox(devtools.Config{Messages: d.discreet, Logger: d.log}))
	return devtools.OnLoopback(d.host, mux)
}

// Close closes the store.
func (d *Deployment) Close() error { return d.db.Close() }

// Run runs the background loops until ctx ends.
func (d *Deployment) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	d.lanes.run(ctx, group)
	group.Go(func() error { return d.keys.Run(ctx) })
	group.Go(func() error { return d.sessions.Run(ctx) })
	group.Go(func() error { return d.db.Run(ctx) })
	group.Go(func() error { return d.journal.Run(ctx) })
	group.Go(func() error { return d.advisor.Run(ctx) })
	group.Go(func() error { return d.sweep(ctx) })
	group.Go(func() error { return d.post.run(ctx) })
	return group.Wait()
}

// AwaitReady returns once a token can be signed.
func (d *Deployment) AwaitReady(ctx context.Context) error {
	if err := d.keys.EnsureIdentityKeys(ctx); err != nil {
		return fmt.Errorf("make signing keys: %w", err)
	}
	return d.ready(ctx)
}

// ready fails unless the store answers and there is a key to sign tokens with.
// It signs none: that would let anybody who asks have work done, and a node
// that is busy signing is not one to take out of service.
func (d *Deployment) ready(ctx context.Context) error {
	if err := d.db.Ping(ctx); err != nil {
		return err
	}
	return d.keys.Ready(ctx)
}

// Reset empties the deployment.
func (d *Deployment) Reset(ctx context.Context) error {
	if err := d.db.Reset(ctx); err != nil {
		return err
	}
	d.keys.Forget()
	d.verifier.Forget()
	return d.keys.EnsureIdentityKeys(ctx)
}

// sweepEvery is how often what has expired is removed.
const sweepEvery = 10 * time.Minute

func (d *Deployment) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := d.users.Sweep(ctx, d.now()); err != nil && ctx.Err() == nil {
				d.log.Error("sweep", "err", err)
			}
		}
	}
}

// newResolver says whom identity pools and STS may trust.
func newResolver(c *Config, pools *userpool.Service, keys *token.Keys) (*issuer.Resolver, error) {
	peers, err := c.Settings.Peers()
	if err != nil {
		return nil, err
	}
	roots, err := peerRoots(&c.Settings)
	if err != nil {
		return nil, err
	}
	named := make([]issuer.Peer, len(peers))
	urls := make([]*url.URL, len(peers))
	for i, p := range peers {
		named[i], urls[i] = issuer.Peer{Name: p.Name, URL: p.URL}, p.URL
	}
	logins, err := c.Settings.LoginProviders()
	if err != nil {
		return nil, err
	}
	for name, at := range logins {
		if !slices.Contains(issuer.LoginProviders(), name) {
			return nil, &config.Error{Sentence: "--login-provider " + name + " is none of " + strings.Join(issuer.LoginProviders(), ", ")}
		}
		urls = append(urls, at)
	}
	outside := remote.New(remote.Config{Peers: urls, Roots: roots})
	return issuer.New(issuer.Config{
		Pools:    local.UserPools{Pools: pools, Keys: keys},
		Identity: local.IdentityPools{Issuer: identityIssuer(c), Keys: keys},
		Fetcher:  outside,
		Public:   remote.New(remote.Config{Roots: roots}),
		Peers:    named, TrustAWS: c.Settings.TrustAWSIssuers, Now: c.Now,
		Introspector:   social.New(social.Config{Asker: outside, Elsewhere: logins, Now: c.Now, Nonce: secretbox.UUID}),
		LoginProviders: logins,
	})
}

// peerRoots adds the operator's authorities to the system's.
func peerRoots(s *config.Server) (*x509.CertPool, error) {
	pem, err := s.ReadCA()
	if err != nil || pem == nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, &config.Error{Sentence: "--peer-ca-file " + s.PeerCAFile + " holds no PEM certificate"}
	}
	return roots, nil
}

// awsIdentityIssuer is the issuer of identity pools on AWS.
const awsIdentityIssuer = "https://cognito-identity.amazonaws.com"

func identityIssuer(c *Config) string {
	if userpool.IssuerMode(c.Settings.IssuerMode) == userpool.IssuerAWS {
		return awsIdentityIssuer
	}
	return c.Settings.PublicURL + "/" + token.IdentityPools
}

func servedRegions(regions []string) func(string) bool {
	if len(regions) == 0 {
		return nil
	}
	return func(r string) bool { return slices.Contains(regions, r) }
}

// burst lets an address ask for two seconds' worth at once.
func burst(rate float64) int { return max(1, int(2*rate)) }

func hostOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
