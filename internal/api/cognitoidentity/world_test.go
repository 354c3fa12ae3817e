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
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/credential"
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
	t     testing.TB
	iam   iam
	api   http.Handler
	roots map[string]aws.Credentials // root keys by account
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

func newWorld(t testing.TB, db *store.DB, o options) *world {
	t.Helper()
	w := &world{t: t, roots: map[string]aws.Credentials{}, time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), users: &users{gone: map[string]bool{}}}
	if o.fetcher == nil {
		o.fetcher = noWeb{t}
	}
	keys := &signer{}
	issuers, err := issuer.New(issuer.Config{Pools: localPools{}, Identity: keys, Fetcher: o.fetcher, Peers: o.peers, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	w.iam = iam{t, account.New(account.Config{Stores: db.IAM().Stores(), Now: w.now}), db.IAM()}
	for _, acct := range []string{alpha, beta} {
		_, k, err := w.iam.CreateAccount(t.Context(), "account "+acct, acct)
		w.roots[acct] = w.iam.key(k, err)
	}
	authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: w.iam.directory})
	grantor := credential.New(credential.Config{Directory: w.iam.directory, Authorizer: authorizer, Issuers: issuers, Ring: db.Ring(), Now: w.now, Assertions: db.IAM(), PublicURL: publicURL})
	pools := identitypool.New(identitypool.Config{
		Pools: db.IdentityPools(), Identities: db.Identities(), Tx: db.Tx, Issuers: issuers, Permissions: authorizer, Directory: w.iam.directory,
		Grantor: grantor, Signer: keys, Issuer: ownIssuer, Users: w.users, Sealer: db.Ring(), Now: w.now, NewUUID: secretbox.UUID, PublicURL: publicURL,
	})
	kernel, err := api.New(api.Config{
		Doors: []api.Door{cognitoidentity.New(pools), sts.New(grantor)}, Authenticator: sigv4.New(sigv4.Config{Keys: grantor, Now: w.now}),
		Authorizer: authorizer, AccessTokens: noAccessTokens{}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Now: w.now, NewID: secretbox.UUID, DefaultRegion: "us-east-1", Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api = kernel
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
func (w *world) root(acct, region string) *ci.Client { return w.client(w.roots[acct], region) }

// user is a client of an IAM user of alpha with a policy.
func (w *world) user(name, region, policy string) *ci.Client {
	w.t.Helper()
	return w.client(w.iam.user(alpha, name, policy), region)
}

// anyone is a client that does not sign, as apps are.
func (w *world) anyone() *ci.Client { return w.client(aws.Credentials{}, "eu-central-1") }

func (w *world) client(c aws.Credentials, region string) *ci.Client {
	var provider aws.CredentialsProvider = aws.AnonymousCredentials{}
	if c.HasKeys() {
		provider = fixed(c)
	}
	return ci.New(ci.Options{
		Region: region, BaseEndpoint: &w.url, HTTPClient: sdktest.Client{}, Retryer: aws.NopRetryer{}, Credentials: provider, HTTPSignerV4: clockSigner{w, v4.NewSigner()},
	})
}

// sts is an STS client with the credentials of an identity.
func (w *world) sts(c *types.Credentials) *awssts.Client {
	return awssts.New(awssts.Options{
		Region: tokyo, BaseEndpoint: &w.url, HTTPClient: sdktest.Client{}, Retryer: aws.NopRetryer{}, HTTPSignerV4: clockSigner{w, v4.NewSigner()},
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
	authenticated = w.iam.role(acct, "auth-"+suffix, trust(poolID, "authenticated"), allow("*"))
	guest = w.iam.role(acct, "guest-"+suffix, trust(poolID, "unauthenticated"), allow("*"))
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
type noWeb struct{ t testing.TB }

func (n noWeb) Fetch(_ context.Context, url string) ([]byte, time.Duration, error) {
	n.t.Errorf("fetched %s", url)
	return nil, 0, fs.ErrNotExist
}

// iam makes what IAM keeps, through its own service.
type iam struct {
	t testing.TB
	*account.Service
	directory *store.IAM
}

// role makes a role, or replaces the one of that name, and returns its ARN.
func (i iam) role(acct, name, trust, policy string) string {
	i.t.Helper()
	i.deleteRole(acct, name)
	r, err := i.CreateRole(i.t.Context(), account.NewRole{Account: acct, Name: name, Path: "/app/", Trust: trust})
	if err != nil {
		i.t.Fatalf("role %s: %v", name, err)
	}
	if err := i.PutInline(i.t.Context(), acct, account.RoleKind, name, account.InlinePolicy{Name: "inline", Document: policy}); err != nil {
		i.t.Fatal(err)
	}
	return r.ARN()
}

func (i iam) deleteRole(acct, name string) {
	i.t.Helper()
	if _, err := i.Role(i.t.Context(), acct, name); err != nil {
		return
	}
	if err := i.DeleteInline(i.t.Context(), acct, account.RoleKind, name, "inline"); err != nil {
		i.t.Fatal(err)
	}
	if err := i.DeleteRole(i.t.Context(), acct, name); err != nil {
		i.t.Fatal(err)
	}
}

// user makes a user with a policy and returns an access key.
func (i iam) user(acct, name, policy string) aws.Credentials {
	i.t.Helper()
	if _, err := i.CreateUser(i.t.Context(), account.NewUser{Account: acct, Name: name}); err != nil {
		i.t.Fatal(err)
	}
	if err := i.PutInline(i.t.Context(), acct, account.UserKind, name, account.InlinePolicy{Name: "inline", Document: policy}); err != nil {
		i.t.Fatal(err)
	}
	return i.key(i.CreateKey(i.t.Context(), acct, name))
}

func (i iam) key(k account.Key, err error) aws.Credentials {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

// provider makes an OpenID Connect provider and returns its ARN.
func (i iam) provider(acct, url string, clients ...string) string {
	i.t.Helper()
	p, err := i.CreateProvider(i.t.Context(), account.NewProvider{Account: acct, URL: url, ClientIDs: clients})
	if err != nil {
		i.t.Fatal(err)
	}
	return p.ARN()
}

// code is the error's, empty for none.
func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}
