package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

var (
	_ userpool.Store       = (*store.UserPools)(nil)
	_ userpool.ClientStore = (*store.UserPoolClients)(nil)
	_ userpool.GroupStore  = (*store.UserPoolGroups)(nil)
)

var poolOwner = userpool.Owner{Account: "111111111111", Region: "us-west-2"}

// insertPool adds a pool row with those tags.
func insertPool(t *testing.T, db *store.DB, id string, tags map[string]string) *userpool.Pool {
	t.Helper()
	at := time.UnixMilli(1_800_000_000_123).UTC()
	p := &userpool.Pool{Owner: poolOwner, ID: id, CreatedAt: at, ModifiedAt: at, Description: cognitoidp.UserPoolType{Name: &id, UserPoolTags: tags}}
	if err := db.UserPools().InsertPool(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func insertClient(t *testing.T, db *store.DB, pool, id, secret string) {
	t.Helper()
	c := &userpool.Client{PoolID: pool, ID: id, Description: cognitoidp.UserPoolClientType{ClientName: &id}}
	if secret != "" {
		c.Secrets = []userpool.ClientSecret{{ID: "1", Value: userpool.Secret(secret)}}
	}
	if err := db.UserPoolClients().InsertClient(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// Once read, a pool and a client are found without the database: with a
// context that has ended no statement runs.
func TestPoolsAndClientsAreFoundInMemory(t *testing.T) {
	still := time.Now()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		insertPool(t, db, "us-west-2_a", map[string]string{userpool.IssuerTag: "https://login.example.org"})
		insertClient(t, db, "us-west-2_a", "client", "hush")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		find := func(ctx context.Context) error {
			_, byID := db.UserPools().Pool(ctx, "us-west-2_a")
			_, byIssuer := db.UserPools().PoolByIssuer(ctx, poolOwner.Account, "https://login.example.org")
			c, byClient := db.UserPoolClients().Client(ctx, "client")
			if byClient == nil && !c.VerifySecret("hush") {
				t.Errorf("secret comes back as another one")
			}
			return errors.Join(byID, byIssuer, byClient)
		}
		if err := find(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.UserPools().Pools(ended, poolOwner, "", 1); !errors.Is(err, context.Canceled) {
			t.Fatalf("a list with a context that has ended: %v", err)
		}
		if err := find(ended); err != nil {
			t.Errorf("reads what is in memory: %v", err)
		}
	}, storetest.Clock(func() time.Time { return still }))
}

func TestChangesShowAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pools, clients, ctx := db.UserPools(), db.UserPoolClients(), t.Context()
		const issuer = "https://login.example.org"
		first := insertPool(t, db, "us-west-2_a", map[string]string{userpool.IssuerTag: issuer})
		insertPool(t, db, "us-west-2_b", nil)
		insertClient(t, db, "us-west-2_a", "client", "")

		read := func(id string) *userpool.Pool {
			t.Helper()
			p, err := pools.Pool(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		byIssuer := func(want string) {
			t.Helper()
			p, err := pools.PoolByIssuer(ctx, poolOwner.Account, issuer)
			if want == "" && errors.Is(err, fs.ErrNotExist) {
				return
			}
			if err != nil || p.ID != want {
				t.Errorf("issuer belongs to %v, %v; want %s", p, err, want)
			}
		}
		byIssuer(first.ID)
		change := func(id string, tags map[string]string) error {
			p := *read(id)
			p.Description.UserPoolTags = tags
			return pools.UpdatePool(ctx, &p)
		}
		if err := change("us-west-2_b", map[string]string{userpool.IssuerTag: issuer}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("two pools with one issuer: %v", err)
		}
		if err := change("us-west-2_a", nil); err != nil {
			t.Fatal(err)
		}
		if got := read("us-west-2_a"); got.CustomIssuer() != "" || got.Version != 1 {
			t.Errorf("an update does not show: %+v", got)
		}
		byIssuer("")
		if err := change("us-west-2_b", map[string]string{userpool.IssuerTag: issuer}); err != nil {
			t.Fatal(err)
		}
		byIssuer("us-west-2_b")
		if _, err := pools.PoolByIssuer(ctx, "222222222222", issuer); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("another account finds the issuer: %v", err)
		}

		// What a transaction does not commit is never seen.
		undone := errors.New("undone")
		err := db.Tx(ctx, func(ctx context.Context) error {
			p, err := pools.Pool(ctx, "us-west-2_a")
			if err != nil {
				return err
			}
			q := *p
			q.Description.Name = new("other")
			if err := pools.UpdatePool(ctx, &q); err != nil {
				return err
			}
			if p, err = pools.Pool(ctx, "us-west-2_a"); err != nil || *p.Description.Name != "other" {
				t.Errorf("a transaction does not see its own change: %v", err)
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if got := read("us-west-2_a"); *got.Description.Name != "us-west-2_a" {
			t.Errorf("a change that was undone shows: %s", *got.Description.Name)
		}

		if _, err := clients.Client(ctx, "client"); err != nil {
			t.Fatal(err)
		}
		if err := pools.DeletePool(ctx, read("us-west-2_a")); err != nil {
			t.Fatal(err)
		}
		if _, err := pools.Pool(ctx, "us-west-2_a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a deleted pool is found: %v", err)
		}
		if list, err := clients.Clients(ctx, "us-west-2_a", "", 10); err != nil || len(list) != 0 {
			t.Errorf("clients outlive their pool: %v, %v", list, err)
		}
	})
}

// The database alone does not give the secret away, and one that was moved to
// another client opens for nobody.
func TestClientSecretsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		insertPool(t, db, "us-west-2_a", nil)
		insertClient(t, db, "us-west-2_a", "one", "a secret to be kept")
		insertClient(t, db, "us-west-2_a", "two", "another")
		for _, id := range []string{"one", "two"} {
			raw, err := db.Text(ctx, `SELECT secret FROM user_pool_clients WHERE id = $1`, id)
			if err != nil || raw == "" || strings.Contains(raw, "secret") || strings.Contains(raw, "another") {
				t.Errorf("the row of %s holds %q, %v", id, raw, err)
			}
		}
		if _, err := db.Exec(ctx, `UPDATE user_pool_clients SET secret = (SELECT secret FROM user_pool_clients WHERE id = 'one') WHERE id = 'two'`); err != nil {
			t.Fatal(err)
		}
		if c, err := db.UserPoolClients().Client(ctx, "two"); err == nil {
			t.Errorf("the secret of one client opens for another: %v", c.Secrets)
		} else if strings.Contains(err.Error(), "secret to be kept") {
			t.Errorf("an error tells the secret: %v", err)
		}
	})
}

// Changes that meet are all made: none is lost, none fails.
func TestChangesThatMeet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: time.Now})
		service := userpool.New(userpool.Config{
			Store: db.UserPools(), Clients: db.UserPoolClients(), Groups: db.UserPoolGroups(), Keys: keys, Now: time.Now,
		})
		p, err := service.Create(t.Context(), poolOwner, &cognitoidp.CreateUserPoolRequest{PoolName: new("p")})
		if err != nil {
			t.Fatal(err)
		}
		const writers, each = 4, 6
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					if err := service.Tag(t.Context(), poolOwner, p.ID, map[string]string{fmt.Sprintf("%d-%d", w, n): ""}); err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		wg.Wait()
		got, err := service.Find(t.Context(), p.ID)
		if err != nil || len(got.Tags()) != writers*each || got.Version != p.Version+writers*each {
			t.Errorf("%d tags in version %d, %v; want %d", len(got.Tags()), got.Version, err, writers*each)
		}
	})
}

// A client of the time when clients had one secret keeps it.
func TestOneSecretIsReadAsAList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		insertPool(t, db, "us-west-2_a", nil)
		insertClient(t, db, "us-west-2_a", "one", "")
		sealed := db.Ring().Seal([]byte("hush"), []byte("user_pool_clients\x00us-west-2_a\x00one"))
		if _, err := db.Exec(t.Context(), `UPDATE user_pool_clients SET secret = $1 WHERE id = 'one'`, sealed); err != nil {
			t.Fatal(err)
		}
		c, err := db.UserPoolClients().Client(t.Context(), "one")
		if err != nil || len(c.Secrets) != 1 || !c.VerifySecret("hush") || !strings.HasPrefix(c.Secrets[0].ID, "one--") {
			t.Errorf("secrets are %+v, %v", c, err)
		}
	})
}
