package sts_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
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
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/secretbox"
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
	t    *testing.T
	dir  *directory
	idp  *idp
	url  string
	mu   sync.Mutex
	time time.Time
}

func newWorld(t *testing.T, change ...func(*sigv4.Config)) *world {
	t.Helper()
	w := &world{t: t, time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), idp: newIDP()}
	w.dir = &directory{roles: map[string]*account.Principal{}, byID: map[string]*account.Principal{}, keys: map[string]account.Key{}, providers: map[string]account.Provider{}, policies: map[string]iampolicy.Source{}}
	ring, err := secretbox.NewRing(w.now, secretbox.Key{ID: 1, Secret: []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	issuers, err := issuer.New(issuer.Config{Pools: noPools{}, Identity: ownTokens{}, Fetcher: w.idp, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: w.dir})
	credentials := credential.New(credential.Config{
		Directory: w.dir, Authorizer: authorizer, Issuers: issuers, Ring: ring, Now: w.now,
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

// client signs with the world's clock and never tries twice.
func (w *world) client(c aws.Credentials) *awssts.Client {
	return awssts.New(awssts.Options{
		Region: "eu-west-1", BaseEndpoint: &w.url, Retryer: aws.NopRetryer{},
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

// user creates a user with a policy (empty for none) and an access key.
func (w *world) user(acct, name, policy string) aws.Credentials {
	id := fmt.Sprintf("AIDA%s%s", acct, name)
	p := &account.Principal{Kind: account.UserKind, Account: acct, ID: id, Name: name, Path: "/people/", Policies: w.identity(policy)}
	w.dir.byID[acct+id] = p
	return w.key(acct, p)
}

func (w *world) root(acct string) aws.Credentials { return w.key(acct, &account.Principal{}) }

func (w *world) key(acct string, holder *account.Principal) aws.Credentials {
	k := account.Key{
		ID: "AKIA" + secretbox.String(16, secretbox.Base32), Account: acct, Secret: secretbox.String(40, secretbox.Alphanumeric),
		UserID: holder.ID, UserName: holder.Name, UserPath: holder.Path, Active: true,
	}
	w.dir.keys[k.ID] = k
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

// role creates a role and returns its ARN.
func (w *world) role(acct, name, trust, policy string, tags ...account.Tag) string {
	w.t.Helper()
	p, err := iampolicy.Parse(trust, iampolicy.Trust)
	if err != nil {
		w.t.Fatalf("trust policy of %s: %v", name, err)
	}
	r := &account.Principal{
		Kind: account.RoleKind, Account: acct, ID: "AROA" + secretbox.String(17, secretbox.Base32), Name: name, Path: "/app/",
		Trust: p, MaxSession: 2 * time.Hour, Policies: w.identity(policy), Tags: tags,
	}
	w.dir.roles[acct+name], w.dir.byID[acct+r.ID] = r, r
	return r.ARN()
}

func (w *world) deleteRole(acct, name string) {
	delete(w.dir.byID, acct+w.dir.roles[acct+name].ID)
	delete(w.dir.roles, acct+name)
}

func (w *world) identity(doc string) []iampolicy.Source {
	w.t.Helper()
	if doc == "" {
		return nil
	}
	p, err := iampolicy.Parse(doc, iampolicy.Inline)
	if err != nil {
		w.t.Fatal(err)
	}
	return []iampolicy.Source{{Policy: p, Name: "inline"}}
}

func (w *world) provider(acct, url string, clients ...string) string {
	p := account.Provider{Account: acct, URL: url, ClientIDs: clients}
	w.dir.providers[acct+url] = p
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

// directory is an account.Directory in memory.
type directory struct {
	roles     map[string]*account.Principal // by account and name
	byID      map[string]*account.Principal // by account and id
	keys      map[string]account.Key
	providers map[string]account.Provider // by account and URL
	policies  map[string]iampolicy.Source // by ARN
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
