package cognitoidentity_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/cognitoidentity"
	"github.com/cenote-id/cenote/internal/api/sts"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/identitypool"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// Two accounts and two regions: every suite has neighbours to stay away from.
const (
	alpha, beta = "111111111111", "222222222222"
	west, tokyo = "us-west-2", "ap-northeast-1"
)

// The deployment's user pools: alpha's in the west, beta's in Tokyo. Their
// issuer is of the path form.
const (
	publicURL = "https://id.example.com"
	westPool  = west + "_AbCdEf123"
	tokyoPool = tokyo + "_XyZxYz789"
	westName  = "cognito-idp.us-west-2.amazonaws.com/" + westPool
	tokyoName = "cognito-idp.ap-northeast-1.amazonaws.com/" + tokyoPool
	ownIssuer = publicURL + "/cognito-identity"
	client    = "1example23456789"
	client2   = "2example23456789"
)

// world is a deployment with the identity pools door and STS on a database,
// and the clock that runs it.
type world struct {
	t     *testing.T
	dir   *directory
	users *users
	url   string

	mu   sync.Mutex
	time time.Time
}

// options of a world beyond the common ones.
type options struct {
	fetcher issuer.Fetcher
	peers   []issuer.Peer
}

// each runs f on every engine.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newWorld(t, db, options{})) })
}

func newWorld(t *testing.T, db *store.DB, o options) *world {
	t.Helper()
	w := &world{t: t, time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), dir: newDirectory(t), users: &users{gone: map[string]bool{}}}
	if o.fetcher == nil {
		o.fetcher = noWeb{t}
	}
	keys := &signer{}
	issuers, err := issuer.New(issuer.Config{Pools: localPools{}, Identity: keys, Fetcher: o.fetcher, Peers: o.peers, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: w.dir})
	grantor := credential.New(credential.Config{Directory: w.dir, Authorizer: authorizer, Issuers: issuers, Ring: db.Ring(), Now: w.now})
	pools := identitypool.New(identitypool.Config{
		Pools: db.IdentityPools(), Identities: db.Identities(), Tx: db.Tx, Issuers: issuers, Permissions: authorizer, Directory: w.dir,
		Grantor: grantor, Signer: keys, Issuer: ownIssuer, Users: w.users, Sealer: db.Ring(), Now: w.now, NewUUID: secretbox.UUID,
	})
	kernel, err := api.New(api.Config{
		Doors: []api.Door{cognitoidentity.New(pools), sts.New(grantor)}, Authenticator: sigv4.New(sigv4.Config{Keys: grantor, Now: w.now}),
		Authorizer: authorizer, AccessTokens: noAccessTokens{}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Now: w.now, NewID: secretbox.UUID, DefaultRegion: "us-east-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(kernel)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

// root is a client with an account's root key.
func (w *world) root(acct, region string) *ci.Client { return w.client(w.dir.key(acct, nil), region) }

// user is a client of an IAM user of alpha with a policy.
func (w *world) user(name, region, policy string) *ci.Client {
	p := &account.Principal{Kind: account.UserKind, Account: alpha, ID: "AIDA" + name, Name: name, Path: "/", Policies: w.dir.inline(policy)}
	w.dir.byID[alpha+p.ID] = p
	return w.client(w.dir.key(alpha, p), region)
}

// anyone is a client that does not sign, as apps are.
func (w *world) anyone() *ci.Client { return w.client(aws.Credentials{}, "eu-central-1") }

func (w *world) client(c aws.Credentials, region string) *ci.Client {
	var provider aws.CredentialsProvider = aws.AnonymousCredentials{}
	if c.HasKeys() {
		provider = fixed(c)
	}
	return ci.New(ci.Options{
		Region: region, BaseEndpoint: &w.url, Retryer: aws.NopRetryer{}, Credentials: provider, HTTPSignerV4: clockSigner{w, v4.NewSigner()},
	})
}

// sts is an STS client with the credentials of an identity.
func (w *world) sts(c *types.Credentials) *awssts.Client {
	return awssts.New(awssts.Options{
		Region: tokyo, BaseEndpoint: &w.url, Retryer: aws.NopRetryer{}, HTTPSignerV4: clockSigner{w, v4.NewSigner()},
		Credentials: fixed(keysOf(c)),
	})
}

func keysOf(c *types.Credentials) aws.Credentials {
	if c == nil {
		return aws.Credentials{AccessKeyID: "none", SecretAccessKey: "none"}
	}
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretKey, SessionToken: *c.SessionToken}
}

func fixed(c aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

type clockSigner struct {
	w *world
	*v4.Signer
}

func (s clockSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, s.w.now(), opts...)
}

// pool makes an identity pool and returns its id.
func (w *world) pool(acct, region string, change ...func(*ci.CreateIdentityPoolInput)) string {
	w.t.Helper()
	in := &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("app")}
	for _, f := range change {
		f(in)
	}
	out, err := w.root(acct, region).CreateIdentityPool(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.IdentityPoolId
}

// guests lets guests into a pool.
func guests(in *ci.CreateIdentityPoolInput) { in.AllowUnauthenticatedIdentities = true }

// trusting makes a pool accept tokens of a user pool's clients.
func trusting(name string, clients ...string) func(*ci.CreateIdentityPoolInput) {
	return func(in *ci.CreateIdentityPoolInput) {
		for _, c := range clients {
			in.CognitoIdentityProviders = append(in.CognitoIdentityProviders, types.CognitoIdentityProvider{ProviderName: &name, ClientId: &c})
		}
	}
}

// roles gives a pool roles that trust it as the console would write them.
func (w *world) roles(acct, region, poolID string) (authenticated, guest string) {
	w.t.Helper()
	suffix := poolID[len(poolID)-12:]
	authenticated = w.dir.role(acct, "auth-"+suffix, trust(poolID, "authenticated"), allow("*"))
	guest = w.dir.role(acct, "guest-"+suffix, trust(poolID, "unauthenticated"), allow("*"))
	w.setRoles(acct, region, poolID, map[string]string{"authenticated": authenticated, "unauthenticated": guest}, nil)
	return authenticated, guest
}

func (w *world) setRoles(acct, region, poolID string, roles map[string]string, mappings map[string]types.RoleMapping) {
	w.t.Helper()
	_, err := w.root(acct, region).SetIdentityPoolRoles(w.t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &poolID, Roles: roles, RoleMappings: mappings})
	if err != nil {
		w.t.Fatal(err)
	}
}

// getID signs nobody in: it must succeed.
func (w *world) getID(poolID string, logins map[string]string) string {
	w.t.Helper()
	out, err := w.anyone().GetId(w.t.Context(), &ci.GetIdInput{IdentityPoolId: &poolID, Logins: logins})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.IdentityId
}

// credentials are those of an identity: it must get them.
func (w *world) credentials(identityID string, logins map[string]string) *types.Credentials {
	w.t.Helper()
	out, err := w.anyone().GetCredentialsForIdentity(w.t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identityID, Logins: logins})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Credentials
}

// Policies for tests.
func trust(poolID, amr string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},
		"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + poolID + `"},
		"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"` + amr + `"}}}]}`
}

func allow(actions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"*"}]}`
}

// want fails the test unless err is that error of the API.
func want(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Errorf("%s: error is %v, want %s: %s", what, err, code, message)
		return
	}
	if e.ErrorCode() != code || e.ErrorMessage() != message {
		t.Errorf("%s:\n got %s: %s\nwant %s: %s", what, e.ErrorCode(), e.ErrorMessage(), code, message)
	}
}

// users are those of the local user pools, for server-side token checks.
type users struct {
	mu   sync.Mutex
	gone map[string]bool // by origin_jti
	seen []identitypool.SignIn
}

func (u *users) SignedIn(_ context.Context, s identitypool.SignIn) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.seen = append(u.seen, s)
	return !u.gone[s.OriginJTI], nil
}

type noAccessTokens struct{}

func (noAccessTokens) Authenticate(context.Context, string) (context.Context, error) {
	return nil, errors.New("no operation of these doors takes an access token")
}

// noWeb is for suites that have everything at home.
type noWeb struct{ t *testing.T }

func (n noWeb) Fetch(_ context.Context, url string) ([]byte, time.Duration, error) {
	n.t.Errorf("fetched %s", url)
	return nil, 0, fs.ErrNotExist
}

// directory is an account.Directory in memory.
type directory struct {
	t         *testing.T
	roles     map[string]*account.Principal // by account and name
	byID      map[string]*account.Principal // by account and id
	keys      map[string]account.Key
	providers map[string]account.Provider // by account and URL
	policies  map[string]iampolicy.Source // by ARN
}

const guestPolicy = "arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy"

func newDirectory(t *testing.T) *directory {
	d := &directory{
		t: t, roles: map[string]*account.Principal{}, byID: map[string]*account.Principal{}, keys: map[string]account.Key{},
		providers: map[string]account.Provider{}, policies: map[string]iampolicy.Source{},
	}
	d.policies[guestPolicy] = d.inline(allow("rum:PutRumEvents geo:GetPlace"))[0]
	return d
}

func (d *directory) inline(document string) []iampolicy.Source {
	d.t.Helper()
	p, err := iampolicy.Parse(document, iampolicy.Inline)
	if err != nil {
		d.t.Fatal(err)
	}
	return []iampolicy.Source{{Policy: p, Name: "inline"}}
}

// role makes a role and returns its ARN.
func (d *directory) role(acct, name, trust, policy string) string {
	d.t.Helper()
	p, err := iampolicy.Parse(trust, iampolicy.Trust)
	if err != nil {
		d.t.Fatalf("trust policy of %s: %v", name, err)
	}
	r := &account.Principal{
		Kind: account.RoleKind, Account: acct, ID: "AROA" + secretbox.String(17, secretbox.Base32), Name: name, Path: "/app/",
		Trust: p, MaxSession: time.Hour, Policies: d.inline(policy),
	}
	d.roles[acct+name], d.byID[acct+r.ID] = r, r
	return r.ARN()
}

// key makes an access key, of the root user for a nil holder.
func (d *directory) key(acct string, holder *account.Principal) aws.Credentials {
	k := account.Key{ID: "AKIA" + secretbox.String(16, secretbox.Base32), Account: acct, Secret: secretbox.String(40, secretbox.Alphanumeric), Active: true}
	if holder != nil {
		k.UserID, k.UserName, k.UserPath = holder.ID, holder.Name, holder.Path
	}
	d.keys[k.ID] = k
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

func find[V any](m map[string]V, key string) (V, error) {
	v, ok := m[key]
	if !ok {
		return v, fs.ErrNotExist
	}
	return v, nil
}

func (d *directory) Account(_ context.Context, id string) (account.Account, error) {
	return account.Account{ID: id}, nil
}

func (d *directory) Principal(_ context.Context, acct, id string) (*account.Principal, error) {
	return find(d.byID, acct+id)
}

func (d *directory) Role(_ context.Context, acct, name string) (*account.Principal, error) {
	return find(d.roles, acct+name)
}

func (d *directory) Policy(_ context.Context, _, arn string) (iampolicy.Source, error) {
	return find(d.policies, arn)
}

func (d *directory) Key(_ context.Context, id string) (account.Key, error) { return find(d.keys, id) }

func (d *directory) Provider(_ context.Context, acct, url string) (account.Provider, error) {
	return find(d.providers, acct+url)
}
