package local_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/issuer/local"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

const (
	publicURL = "https://id.example.com"
	client    = "1example23456789"
)

// noWeb fails the test for everything that is looked for elsewhere.
type noWeb struct{ t *testing.T }

func (n noWeb) Fetch(_ context.Context, url string) ([]byte, time.Duration, error) {
	n.t.Errorf("fetched %s", url)
	return nil, 0, errors.New("not here")
}

type deployment struct {
	t        *testing.T
	keys     *token.Keys
	pools    *userpool.Service
	resolver *issuer.Resolver
}

func newDeployment(t *testing.T) *deployment {
	t.Helper()
	db := storetest.Memory(t)
	d := &deployment{t: t, keys: token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: time.Now})}
	d.pools = userpool.New(userpool.Config{
		Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Keys: d.keys, Users: db.Users(),
		Issuers: userpool.Issuers{PublicURL: publicURL}, Now: time.Now,
	})
	var err error
	d.resolver, err = issuer.New(issuer.Config{
		Pools:    local.UserPools{Pools: d.pools, Keys: d.keys},
		Identity: local.IdentityPools{Issuer: publicURL + "/cognito-identity", Keys: d.keys},
		Fetcher:  noWeb{t}, TrustAWS: true, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pool makes a user pool with tags.
func (d *deployment) pool(owner userpool.Owner, tags map[string]string) *userpool.Pool {
	d.t.Helper()
	p, err := d.pools.Create(d.t.Context(), owner, &cognitoidp.CreateUserPoolRequest{PoolName: new("people"), UserPoolTags: tags})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// tokens are those of somebody who signed in to a pool.
func (d *deployment) tokens(p *userpool.Pool) *token.Tokens {
	d.t.Helper()
	made, err := d.keys.Mint(d.t.Context(), &token.Grant{
		Pool: p.ID, Issuer: d.pools.Issuer(p), Client: client, Sub: "7d1a", Username: "ann", AuthTime: time.Now(), IDLife: time.Hour, AccessLife: time.Hour,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return made
}

// verify resolves a provider name for an account and verifies a token of it.
func (d *deployment) verify(account, name, token string) error {
	found, err := d.resolver.UserPool(d.t.Context(), account, name)
	if err != nil {
		return err
	}
	claims, err := d.resolver.Verify(d.t.Context(), found, token, []string{client})
	if err == nil && (claims.Subject != "7d1a" || !found.Local) {
		d.t.Errorf("claims of %s, local %v", claims.Subject, found.Local)
	}
	return err
}

func refused(t *testing.T, what string, err error, want issuer.Reason) {
	t.Helper()
	if e, ok := errors.AsType[*issuer.Error](err); !ok || e.Reason != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestTokensOfUserPools(t *testing.T) {
	d := newDeployment(t)
	west := userpool.Owner{Account: "111111111111", Region: "us-west-2"}
	tokyo := userpool.Owner{Account: "222222222222", Region: "ap-northeast-1"}
	const customURL = "https://login.acme.com"
	path := d.pool(west, nil)
	aws := d.pool(tokyo, map[string]string{userpool.IssuerTag: "aws"})
	custom := d.pool(west, map[string]string{userpool.IssuerTag: customURL})

	for what, tc := range map[string]struct {
		pool  *userpool.Pool
		names []string
	}{
		"path":   {path, []string{userpool.ProviderName(path), "id.example.com/" + path.ID}},
		"aws":    {aws, []string{userpool.ProviderName(aws)}},
		"custom": {custom, []string{userpool.ProviderName(custom), "login.acme.com"}},
	} {
		made := d.tokens(tc.pool)
		for _, name := range tc.names {
			if err := d.verify(west.Account, name, made.ID); err != nil {
				t.Errorf("%s by %s: %v", what, name, err)
			}
			refused(t, what+": access token", d.verify(west.Account, name, made.Access), issuer.MissingClaim)
		}
		for _, other := range []*userpool.Pool{path, aws, custom} {
			if other != tc.pool {
				refused(t, what+" at another pool", d.verify(west.Account, userpool.ProviderName(other), made.ID), issuer.WrongIssuer)
			}
		}
	}
	if err := d.verify(tokyo.Account, "login.acme.com", d.tokens(custom).ID); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("a custom issuer outside its account: %v", err)
	}
	if err := d.verify(west.Account, "id.example.com/"+aws.ID, d.tokens(aws).ID); !errors.Is(err, issuer.ErrUntrusted) {
		t.Errorf("a path that is not the pool's issuer: %v", err)
	}
}

func TestRotatedAndDeleted(t *testing.T) {
	d := newDeployment(t)
	p := d.pool(userpool.Owner{Account: "111111111111", Region: "us-west-2"}, nil)
	name := userpool.ProviderName(p)
	before := d.tokens(p).ID
	if err := d.keys.Rotate(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.verify(p.Account, name, before); err != nil {
		t.Errorf("signed before the rotation: %v", err)
	}
	if err := d.pools.Delete(t.Context(), p.Owner, p.ID); err != nil {
		t.Fatal(err)
	}
	// Its name is now one that only real AWS could speak for.
	found, err := d.resolver.UserPool(t.Context(), p.Account, name)
	if err != nil || found.Local {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestIdentityTokens(t *testing.T) {
	d := newDeployment(t)
	from, err := d.resolver.IdentityPools()
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"iss":"` + publicURL + `/cognito-identity","aud":"pool","sub":"id","iat":1,"exp":4000000000}`)
	if err := d.keys.EnsureIdentityKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	signed, err := d.keys.SignIdentityToken(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := d.resolver.Verify(t.Context(), from, signed, nil)
	if err != nil || claims.Subject != "id" || claims.Audience[0] != "pool" {
		t.Errorf("%+v, %v", claims, err)
	}
}
