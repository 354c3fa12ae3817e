package sts_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
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
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/sts"
	"github.com/cenote-id/cenote/internal/awsapi/sdktest"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const (
	home    = "123456789012"
	abroad  = "210987654321"
	idpURL  = "https://idp.example.test/tenant"
	idpName = "idp.example.test/tenant"
	ownIss  = "https://cenote.example.test/cognito-identity"
)

// world is a deployment with the STS door, and the clock that runs it.
type world struct {
	t        testing.TB
	accounts *account.Service
	idp      *idp
	kernel   *api.Kernel
	url      string

	mu   sync.Mutex // guards time
	time time.Time
}

// newWorld is a deployment on a database in memory.
func newWorld(t *testing.T, change ...func(*sigv4.Config)) *world {
	t.Helper()
	w := &world{t: t, time: start}
	w.open(storetest.Memory(t, storetest.Clock(w.now)), change...)
	return w
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func (w *world) open(db *store.DB, change ...func(*sigv4.Config)) {
	w.t.Helper()
	w.idp = newIDP()
	w.accounts = account.New(account.Config{Stores: db.IAM().Stores(), Now: w.now})
	for _, id := range []string{home, abroad} {
		w.must(w.accounts.EnsureAccount(w.t.Context(), id))
	}
	issuers, err := issuer.New(issuer.Config{Pools: noPools{}, Identity: ownTokens{}, Fetcher: w.idp, Now: w.now})
	w.must(err)
	authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: db.IAM()})
	credentials := credential.New(credential.Config{
		Directory: db.IAM(), Authorizer: authorizer, Issuers: issuers, Ring: db.Ring(), Now: w.now,
		Assertions: db.IAM(), PublicURL: "https://id.example.com",
	})
	signatures := sigv4.Config{Keys: credentials, Now: w.now}
	for _, f := range change {
		f(&signatures)
	}
	kernel, err := api.New(api.Config{
		Doors: []api.Door{sts.New(credentials)}, Authenticator: sigv4.New(signatures),
		Authorizer: authorizer, AccessTokens: noAccessTokens{}, Log: slog.New(slog.DiscardHandler), Now: w.now,
		NewID: secretbox.UUID, DefaultRegion: "us-east-1", Strict: true,
	})
	w.must(err)
	w.kernel = kernel
	server := httptest.NewServer(kernel)
	w.t.Cleanup(server.Close)
	w.url = server.URL
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
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

// client signs with the world's clock and never tries twice.
func (w *world) client(c aws.Credentials) *awssts.Client {
	return awssts.New(awssts.Options{
		Region: "eu-west-1", BaseEndpoint: &w.url, HTTPClient: sdktest.Client{}, Retryer: aws.NopRetryer{},
		Credentials:  aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil }),
		HTTPSignerV4: clockSigner{w, v4.NewSigner()},
	})
}

func (w *world) anonymous() *awssts.Client {
	return w.client(aws.Credentials{AccessKeyID: "none", SecretAccessKey: "none"})
}

type clockSigner struct {
	w *world
	*v4.Signer
}

func (s clockSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, opts ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, s.w.now(), opts...)
}

func temporary(c *types.Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// user creates a user with an inline policy (empty for none) and an access key.
func (w *world) user(acct, name, policy string) aws.Credentials {
	w.t.Helper()
	_, err := w.accounts.CreateUser(w.t.Context(), account.NewUser{Account: acct, Name: name, Path: "/people/"})
	w.must(err)
	w.allow(acct, account.UserKind, name, policy)
	k, err := w.accounts.CreateKey(w.t.Context(), acct, name)
	w.must(err)
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

func (w *world) userID(acct, name string) string {
	w.t.Helper()
	u, err := w.accounts.User(w.t.Context(), acct, name)
	w.must(err)
	return u.ID
}

func (w *world) root(acct string) aws.Credentials {
	w.t.Helper()
	k, err := w.accounts.CreateRootKey(w.t.Context(), acct)
	w.must(err)
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

// role creates a role with an inline policy (empty for none) and returns its
// ARN.
func (w *world) role(acct, name, trust, policy string, tags ...account.Tag) string {
	w.t.Helper()
	r, err := w.accounts.CreateRole(w.t.Context(), account.NewRole{
		Account: acct, Name: name, Path: "/app/", Trust: trust, MaxSession: 2 * time.Hour, Tags: tags,
	})
	w.must(err)
	w.allow(acct, account.RoleKind, name, policy)
	return r.ARN()
}

func (w *world) allow(acct string, kind account.Kind, name, policy string) {
	w.t.Helper()
	if policy != "" {
		w.must(w.accounts.PutInline(w.t.Context(), acct, kind, name, account.InlinePolicy{Name: "inline", Document: policy}))
	}
}

// provider creates an OpenID Connect provider and returns its ARN.
func (w *world) provider(acct, url string, clients ...string) string {
	w.t.Helper()
	p, err := w.accounts.CreateProvider(w.t.Context(), account.NewProvider{Account: acct, URL: "https://" + url, ClientIDs: clients})
	w.must(err)
	return p.ARN()
}

// Policies for tests: may allows actions on a resource, trust names who may
// take on a role, with further statement members such as a condition.
func may(actions, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"` + resource + `"}]}`
}

func trust(actions, principal, more string) string {
	return `{"Version":"2012-10-17","Statement":[` + statement("Allow", actions, principal, more) + `]}`
}

func statement(effect, actions, principal, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"Effect":"` + effect + `","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Principal":` + principal + more + `}`
}

func awsPrincipal(arn string) string { return `{"AWS":"` + arn + `"}` }

func federated(provider string) string { return `{"Federated":"` + provider + `"}` }

// fails checks the error code and text of a call.
func fails(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Errorf("%s: %v, want %s", what, err, code)
		return
	}
	if e.ErrorCode() != code || e.ErrorMessage() != message {
		t.Errorf("%s:\ngot  %s %q\nwant %s %q", what, e.ErrorCode(), e.ErrorMessage(), code, message)
	}
}

type noAccessTokens struct{}

func (noAccessTokens) Authenticate(context.Context, string) (context.Context, error) {
	return nil, errors.New("no user pools here")
}

type noPools struct{}

func (noPools) IssuerByPool(context.Context, string) (issuer.LocalPool, error) {
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (noPools) IssuerByName(context.Context, string, string) (issuer.LocalPool, error) {
	return issuer.LocalPool{}, fs.ErrNotExist
}

func (noPools) VerificationKeys(context.Context, string) ([]issuer.Key, error) {
	return nil, fs.ErrNotExist
}

// Keys are slow to make; all tests share two.
var (
	rightKey = sync.OnceValue(newKey)
	wrongKey = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// ownTokens are the tokens of the deployment's own identity pools.
type ownTokens struct{}

func (ownTokens) IdentityIssuer() string { return ownIss }

func (ownTokens) IdentityKeys(context.Context) ([]issuer.Key, error) {
	return []issuer.Key{{ID: "own", Algorithm: "RS512", Public: &rightKey().PublicKey}}, nil
}

// idp is an OpenID Connect provider that the deployment can fetch from.
type idp struct {
	mu      sync.Mutex
	fetched []string
	away    bool
	keys    []byte
}

func newIDP() *idp {
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &rightKey().PublicKey, KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
	if err != nil {
		panic(err)
	}
	return &idp{keys: keys}
}

func (p *idp) Fetch(_ context.Context, url string) ([]byte, time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched = append(p.fetched, url)
	switch {
	case p.away:
		return nil, 0, errors.New("connection refused")
	case url == idpURL+"/.well-known/openid-configuration":
		return []byte(`{"issuer":"` + idpURL + `","jwks_uri":"` + idpURL + `/keys"}`), time.Hour, nil
	case url == idpURL+"/keys":
		return p.keys, time.Hour, nil
	}
	return nil, 0, errors.New("404")
}

// claims of a web identity token; with changes single ones, nil removes.
type claims map[string]any

func (w *world) claims(iss, aud string) claims {
	now := w.now().Unix()
	return claims{"iss": iss, "aud": aud, "sub": "user-1", "iat": now, "exp": now + 600}
}

func (c claims) with(name string, value any) claims {
	if value == nil {
		delete(c, name)
	} else {
		c[name] = value
	}
	return c
}

func (c claims) sign(t *testing.T, alg jose.SignatureAlgorithm, kid string, key any) *string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", kid).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return &token
}
