package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/identitypool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

var (
	_ identitypool.Pools      = (*store.IdentityPools)(nil)
	_ identitypool.Identities = (*store.Identities)(nil)
)

const identityRegion = "us-west-2"

func identityID(n int) string {
	return fmt.Sprintf("%s:00000000-0000-4000-8000-%012d", identityRegion, n)
}

func identityPool(account string, n int) *identitypool.Pool {
	at := time.UnixMilli(1_800_000_000_123).UTC()
	return &identitypool.Pool{
		Owner: identitypool.Owner{Account: account, Region: identityRegion}, ID: identityID(n), Name: "pool",
		AllowClassicFlow: new(false), CreatedAt: at, ModifiedAt: at, Version: 1,
	}
}

func TestIdentityPoolsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pools := db.IdentityPools()
		full := identityPool("111111111111", 1)
		full.UserPools = []cognitoidentity.CognitoIdentityProvider{{ProviderName: new("cognito-idp.us-west-2.amazonaws.com/us-west-2_a"), ClientId: new("c")}}
		full.OpenIDProviders = []string{}
		full.Tags = map[string]string{"a": "", "b": "2"}
		full.Roles = map[string]string{"authenticated": "arn:aws:iam::111111111111:role/r"}
		full.RoleMappings = map[string]cognitoidentity.RoleMapping{"x": {
			Type: new(cognitoidentity.RoleMappingTypeRules), AmbiguousRoleResolution: new(cognitoidentity.AmbiguousRoleResolutionTypeDeny),
			RulesConfiguration: &cognitoidentity.RulesConfigurationType{Rules: []cognitoidentity.MappingRule{{Claim: new("c"), Value: new("v")}}},
		}}
		full.PrincipalTags = map[string]identitypool.TagMap{"p": {UseDefaults: true}}
		empty := identityPool("111111111111", 2)
		for _, p := range []*identitypool.Pool{full, empty} {
			if err := pools.Create(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			got, err := pools.Get(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, got); diff != "" {
				t.Error(diff)
			}
		}
		if err := pools.Create(t.Context(), full); !errors.Is(err, fs.ErrExist) {
			t.Errorf("twice: %v", err)
		}
		if _, err := pools.Get(t.Context(), identityID(3)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("absent: %v", err)
		}
	})
}

func TestIdentityPoolUpdatesFindTheVersionTheyRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pools := db.IdentityPools()
		p := identityPool("111111111111", 1)
		if err := pools.Create(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		p.Name = "second"
		if err := pools.Update(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		p.Name = "third"
		if err := pools.Update(t.Context(), p); !errors.Is(err, store.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		got, err := pools.Get(t.Context(), p.ID)
		if err != nil || got.Name != "second" || got.Version != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestIdentityPoolListsAndDeletes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pools, identities := db.IdentityPools(), db.Identities()
		for n := range 5 {
			if err := pools.Create(t.Context(), identityPool("111111111111", n)); err != nil {
				t.Fatal(err)
			}
		}
		other := identityPool("222222222222", 9)
		if err := pools.Create(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		owner := identitypool.Owner{Account: "111111111111", Region: identityRegion}
		page, err := pools.List(t.Context(), owner, identityID(1), 2)
		if err != nil || len(page) != 2 || page[0].ID != identityID(2) || page[1].ID != identityID(3) {
			t.Errorf("%v, %v", page, err)
		}
		if n, err := pools.Count(t.Context(), owner); n != 5 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := pools.Count(t.Context(), identitypool.Owner{Account: owner.Account, Region: "eu-west-1"}); n != 0 || err != nil {
			t.Errorf("other region: %d, %v", n, err)
		}

		gone := identityPool("111111111111", 0)
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			for n := range 2500 { // more than a batch
				i := &identitypool.Identity{PoolID: gone.ID, ID: identityID(1000 + n), Logins: []identitypool.Login{{Provider: "p", Subject: fmt.Sprint(n)}}}
				if err := identities.Create(ctx, i); err != nil {
					return err
				}
			}
			return identities.Create(ctx, &identitypool.Identity{PoolID: other.ID, ID: identityID(5000), Logins: []identitypool.Login{{Provider: "p", Subject: "1"}}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := pools.Delete(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if _, err := pools.Get(t.Context(), gone.ID); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("pool: %v", err)
		}
		if left, err := identities.List(t.Context(), gone.ID, "", 10, false); err != nil || len(left) > 0 {
			t.Errorf("%d identities left, %v", len(left), err)
		}
		if _, err := identities.ByLogin(t.Context(), gone.ID, identitypool.Login{Provider: "p", Subject: "7"}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("login: %v", err)
		}
		if _, err := identities.Get(t.Context(), identityID(5000)); err != nil {
			t.Errorf("another pool's identity: %v", err)
		}
	})
}

func TestIdentities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		identities := db.Identities()
		at := time.UnixMilli(1_800_000_000_000).UTC()
		make := func(n int, logins ...identitypool.Login) *identitypool.Identity {
			return &identitypool.Identity{PoolID: identityID(1), ID: identityID(n), Logins: logins, CreatedAt: at, ModifiedAt: at, Version: 1}
		}
		a, b := identitypool.Login{Provider: "a", Subject: "1"}, identitypool.Login{Provider: "b", Subject: "1"}
		both, guest := make(10, a, b), make(11)
		for _, i := range []*identitypool.Identity{both, guest} {
			if err := identities.Create(t.Context(), i); err != nil {
				t.Fatal(err)
			}
			got, err := identities.Get(t.Context(), i.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(i, got); diff != "" {
				t.Error(diff)
			}
		}
		for _, l := range both.Logins {
			got, err := identities.ByLogin(t.Context(), both.PoolID, l)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(both, got); diff != "" {
				t.Error(diff)
			}
		}
		if _, err := identities.ByLogin(t.Context(), identityID(2), a); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("login in another pool: %v", err)
		}
		if err := identities.Create(t.Context(), make(12, b)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("login taken: %v", err)
		}
		if _, err := identities.Get(t.Context(), identityID(12)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("half an identity: %v", err)
		}

		both.Logins, both.Disabled, both.ModifiedAt = nil, true, at.Add(time.Minute)
		if err := identities.Update(t.Context(), both); err != nil {
			t.Fatal(err)
		}
		if err := identities.Update(t.Context(), both); !errors.Is(err, store.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		if err := identities.Create(t.Context(), make(13, b)); err != nil {
			t.Errorf("freed login: %v", err)
		}
		for hide, want := range map[bool][]string{false: {identityID(10), identityID(11), identityID(13)}, true: {identityID(11), identityID(13)}} {
			list, err := identities.List(t.Context(), identityID(1), "", 10, hide)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, i := range list {
				ids = append(ids, i.ID)
			}
			if diff := cmp.Diff(want, ids); diff != "" {
				t.Errorf("hide %v: %s", hide, diff)
			}
		}
		if err := identities.Delete(t.Context(), identityID(1), identityID(13)); err != nil {
			t.Fatal(err)
		}
		if _, err := identities.ByLogin(t.Context(), identityID(1), b); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("login of a deleted identity: %v", err)
		}
	})
}
