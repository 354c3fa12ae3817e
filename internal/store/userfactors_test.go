package store_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/user"
)

func TestFactorsAreSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, users := t.Context(), db.Users()
		alice, bob := insert(t, users, person("alice")), insert(t, users, person("bob"))
		secret := bytes.Repeat([]byte("secret! "), 4)
		alice.Factors = user.Factors{
			Token:   &user.SoftwareToken{Secret: secret, Name: "phone", Step: 59_000_000},
			Pending: bytes.Repeat([]byte("pending "), 4), Enabled: []user.Factor{user.SoftwareTokenFactor},
			Preferred: user.SoftwareTokenFactor, LegacySMS: true,
		}
		version := alice.Version
		if err := users.SaveFactors(ctx, alice); err != nil || alice.Version != version+1 {
			t.Fatalf("version %d → %d: %v", version, alice.Version, err)
		}
		got, err := users.UserBySub(ctx, alice.Pool, alice.Sub)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(alice.Factors, got.Factors); diff != "" {
			t.Error(diff)
		}
		for _, clear := range []string{"secret!", "c2VjcmV0", "phone"} {
			n, err := db.Int(ctx, `SELECT COUNT(*) FROM users WHERE CAST(factors AS TEXT) LIKE $1`, "%"+clear+"%")
			if err != nil || n > 0 {
				t.Errorf("%q is in %d rows: %v", clear, n, err)
			}
		}

		// What is sealed for one user is of no use to another.
		if _, err := db.Exec(ctx, `UPDATE users SET factors = (SELECT factors FROM users WHERE sub = $1) WHERE sub = $2`, alice.Sub, bob.Sub); err != nil {
			t.Fatal(err)
		}
		if u, err := users.UserBySub(ctx, bob.Pool, bob.Sub); err == nil {
			t.Errorf("bob has %+v", u.Factors)
		}

		alice.Factors = user.Factors{}
		if err := users.SaveFactors(ctx, alice); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Int(ctx, `SELECT COUNT(*) FROM users WHERE sub = $1 AND factors IS NULL`, alice.Sub); err != nil || n != 1 {
			t.Errorf("%d rows without factors: %v", n, err)
		}
	})
}

// Two who have read the same row cannot both write it.
func TestFactorsAreWrittenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		alice := insert(t, users, person("alice"))
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			mine := *alice
			mine.Factors.Pending = []byte{byte(i)}
			wg.Go(func() { results[i] = users.SaveFactors(t.Context(), &mine) })
		}
		wg.Wait()
		good := 0
		for _, err := range results {
			if err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d of one version were written", good)
		}
	})
}
