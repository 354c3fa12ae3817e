package store_test

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/saml/samltest"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func TestSAMLProvidersComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, iam := t.Context(), db.IAM()
		at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		for _, id := range []string{"111111111111", "222222222222"} {
			if err := iam.InsertAccount(ctx, account.Account{ID: id, CreatedAt: at}); err != nil {
				t.Fatal(err)
			}
		}
		doc := samltest.New(t, "https://idp.example.com", 0, at).Metadata()
		p := account.SAMLProvider{
			Account: "111111111111", Name: "Corp", UUID: "u", Document: doc, Tags: []account.Tag{{Key: "k", Value: "v"}}, CreatedAt: at, Expires: at.AddDate(100, 0, 0),
		}
		if err := iam.InsertSAMLProvider(ctx, p); err != nil {
			t.Fatal(err)
		}
		if err := iam.InsertSAMLProvider(ctx, p); !errors.Is(err, fs.ErrExist) {
			t.Errorf("twice: %v", err)
		}
		got, err := iam.SAMLProviderByName(ctx, p.Account, p.Name)
		if diff := cmp.Diff(p, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		for _, elsewhere := range [][2]string{{"222222222222", "Corp"}, {p.Account, "corp"}} {
			if _, err := iam.SAMLProviderByName(ctx, elsewhere[0], elsewhere[1]); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v: %v", elsewhere, err)
			}
		}
		compiled, err := iam.SAMLProvider(ctx, p.Account, p.Name)
		if err != nil || compiled.Metadata.EntityID != "https://idp.example.com" || compiled.ARN() != p.ARN() {
			t.Errorf("%+v, %v", compiled, err)
		}
		list, err := iam.SAMLProviders(ctx, p.Account)
		p.Document = ""
		if diff := cmp.Diff([]account.SAMLProvider{p}, list); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if err := iam.DeleteSAMLProvider(ctx, p.Account, p.Name); err != nil {
			t.Fatal(err)
		}
		if err := iam.DeleteSAMLProvider(ctx, p.Account, p.Name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

// Of many who show an assertion at the same moment one gets the role.
func TestAssertionsAreSpentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		iam, at := db.IAM(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		use := account.AssertionUse{Account: "111111111111", Provider: "Corp", Assertion: "_a", Role: "r", At: at, Until: at.Add(5 * time.Minute)}
		var spent atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := iam.SpendAssertion(context.WithoutCancel(t.Context()), use)
				if err == nil {
					spent.Add(1)
				} else if !errors.Is(err, fs.ErrExist) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := spent.Load(); n != 1 {
			t.Errorf("spent %d times", n)
		}
		for name, change := range map[string]func(*account.AssertionUse){
			"another role":      func(u *account.AssertionUse) { u.Role = "s" },
			"another provider":  func(u *account.AssertionUse) { u.Provider = "Other" },
			"another account":   func(u *account.AssertionUse) { u.Account = "222222222222" },
			"another assertion": func(u *account.AssertionUse) { u.Assertion = "_b" },
		} {
			u := use
			change(&u)
			if err := iam.SpendAssertion(t.Context(), u); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		// What is too old to be shown again makes room.
		use.At = use.Until.Add(-time.Microsecond)
		if err := iam.SpendAssertion(t.Context(), use); !errors.Is(err, fs.ErrExist) {
			t.Errorf("in its last moment: %v", err)
		}
		use.At, use.Until = use.Until, use.Until.Add(time.Minute)
		if err := iam.SpendAssertion(t.Context(), use); err != nil {
			t.Errorf("forgotten: %v", err)
		}
	})
}

// The secret of an application at Twitter is not in the clear.
func TestApplicationSecretsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pools := db.IdentityPools()
		p := identityPool("111111111111", 1)
		p.SocialProviders = map[string]string{"api.twitter.com": "key;canary-secret", "www.amazon.com": "app"}
		if err := pools.Create(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		got, err := pools.Get(t.Context(), p.ID)
		if diff := cmp.Diff(p.SocialProviders, got.SocialProviders); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if p.SocialProviders["api.twitter.com"] != "key;canary-secret" {
			t.Error("the caller's pool was changed")
		}
		if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM identity_pools WHERE document LIKE '%canary%'`); err != nil || n != 0 {
			t.Errorf("%d documents hold it, %v", n, err)
		}
	})
}
