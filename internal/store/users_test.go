package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/user"
)

const usersPool = "eu-west-1_Users0001"

var usersEpoch = time.Date(2026, 11, 1, 12, 0, 0, 123456000, time.UTC)

func person(name string, attrs ...user.Attribute) *user.User {
	return &user.User{
		Pool: usersPool, Region: "eu-west-1", Sub: secretbox.UUID(), Username: name, Status: user.Confirmed, Enabled: true,
		Attributes: attrs, CreatedAt: usersEpoch, ModifiedAt: usersEpoch,
	}
}

func insert(t *testing.T, users *store.Users, u *user.User, aliases ...user.Alias) *user.User {
	t.Helper()
	if err := users.InsertUser(t.Context(), u, strings.ToLower(u.Username), aliases); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUserRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		u := person("Ann", user.Attribute{Name: "email", Value: "ann@example.com"}, user.Attribute{Name: "custom:x", Value: "ü\"\\"})
		u.Credential = &user.Credential{
			Stored: password.Stored{Salt: []byte("salt"), Verifier: []byte("verifier")},
			SetAt:  usersEpoch,
			Past:   []password.Stored{{Hash: "$hash"}},
		}
		u.Lock = user.Lock{Failures: 3, LastAt: usersEpoch}
		insert(t, users, u, user.Alias{Attribute: "email", Key: "ann@example.com"})
		for _, name := range []string{"ann", "ann@example.com", u.Sub} {
			got, err := users.UserByName(t.Context(), usersPool, name)
			if err != nil {
				t.Fatalf("by %q: %v", name, err)
			}
			if diff := cmp.Diff(u, got); diff != "" {
				t.Errorf("by %q: %s", name, diff)
			}
		}
		for _, name := range []string{"Ann", "bob", "", secretbox.UUID()} {
			if _, err := users.UserByName(t.Context(), usersPool, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("by %q: %v, want fs.ErrNotExist", name, err)
			}
		}
		if _, err := users.UserByName(t.Context(), "eu-west-1_Other0001", "ann"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("another pool: %v, want fs.ErrNotExist", err)
		}
	})
}

func TestUserNamesAreUnique(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		ann := insert(t, users, person("ann"), user.Alias{Attribute: "email", Key: "a@x"})
		if err := users.InsertUser(t.Context(), person("ANN"), "ann", nil); !errors.Is(err, fs.ErrExist) {
			t.Errorf("same username: %v, want fs.ErrExist", err)
		}
		bob := person("bob")
		if err := users.InsertUser(t.Context(), bob, "bob", []user.Alias{{Attribute: "email", Key: "a@x"}}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("same alias: %v, want fs.ErrExist", err)
		}
		if _, err := users.UserBySub(t.Context(), usersPool, bob.Sub); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a user whose alias is taken was stored all the same: %v", err)
		}
		got, err := users.Holders(t.Context(), usersPool, []string{"ann", "a@x", "free", ann.Sub})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]user.Holder{"ann": {Sub: ann.Sub}, "a@x": {Sub: ann.Sub, Alias: true}, ann.Sub: {Sub: ann.Sub}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUserChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users, ctx := db.Users(), t.Context()
		u := insert(t, users, person("ann"), user.Alias{Key: "old"})
		stale := *u
		u.Status, u.Enabled, u.Attributes = user.ResetRequired, false, user.Attributes{{Name: "name", Value: "Ann"}}
		u.ModifiedAt = usersEpoch.Add(time.Second)
		if err := users.UpdateUser(ctx, u); err != nil {
			t.Fatal(err)
		}
		if err := users.UpdateUser(ctx, &stale); !errors.Is(err, store.ErrStale) {
			t.Errorf("stale write: %v, want ErrStale", err)
		}
		u.Lock = user.Lock{Failures: 2, LastAt: usersEpoch}
		if err := users.SaveLock(ctx, u); err != nil {
			t.Fatal(err)
		}
		if err := users.MoveAliases(ctx, u, []user.Alias{{Key: "old"}}, []user.Alias{{Key: "new"}}); err != nil {
			t.Fatal(err)
		}
		got, err := users.UserByName(ctx, usersPool, "new")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(u, got); diff != "" {
			t.Error(diff)
		}
		if err := users.DeleteUser(ctx, u, []user.Alias{{Key: "new"}}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ann", "old", "new", u.Sub} {
			if _, err := users.UserByName(ctx, usersPool, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("by %q after deletion: %v", name, err)
			}
		}
	})
}

// Failures that are counted at the same time must all be there in the end.
func TestLockCountsConcurrentFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		u := insert(t, users, person("ann"))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				err := db.Tx(context.Background(), func(ctx context.Context) error {
					current, err := users.UserBySub(ctx, usersPool, u.Sub)
					if err != nil {
						return err
					}
					current.Lock.Failures++
					return users.SaveLock(ctx, current)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := users.UserBySub(t.Context(), usersPool, u.Sub)
		if err != nil || got.Lock.Failures != 4 {
			t.Errorf("failures %d, want 4 (%v)", got.Lock.Failures, err)
		}
	})
}

func TestListUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		attr := func(name, value string) user.Attribute { return user.Attribute{Name: name, Value: value} }
		for i, u := range []*user.User{
			person("Ann", attr("email", "ANN@example.com"), attr("given_name", "Ann"), attr("phone_number", "+1555")),
			person("anna", attr("email", "anna@example.com"), attr("given_name", "ann")),
			person("bob", attr("email", "bob@example.com"), attr("name", "Übung 100%"), attr("family_name", strings.Repeat("ü", 2048))),
			person("carl", attr("preferred_username", "CC")),
		} {
			u.Sub = fmt.Sprintf("%d%s", i, secretbox.UUID()[1:])
			if u.Username == "bob" {
				u.Enabled, u.Status = false, user.Unconfirmed
			}
			insert(t, users, u)
		}
		key := func(f user.Field, prefix bool, v string) user.Filter {
			return user.Filter{Field: f, Prefix: prefix, Value: v, Key: []byte(strings.ToLower(v))}
		}
		for _, c := range []struct {
			name   string
			filter user.Filter
			want   []string
		}{
			{"all", user.Filter{}, []string{"Ann", "anna", "bob", "carl"}},
			{"email", key(user.FieldEmail, false, "ann@EXAMPLE.com"), []string{"Ann"}},
			{"email prefix", key(user.FieldEmail, true, "an"), []string{"Ann", "anna"}},
			{"same key twice", key(user.FieldGivenName, false, "ANN"), []string{"Ann", "anna"}},
			{"same key twice, prefix", key(user.FieldGivenName, true, "ann"), []string{"Ann", "anna"}},
			{"empty prefix means a value", key(user.FieldEmail, true, ""), []string{"Ann", "anna", "bob"}},
			{"letters beyond ASCII", key(user.FieldName, true, "üB"), []string{"bob"}},
			{"a wildcard is a letter", key(user.FieldName, true, "%"), nil},
			{"phone", key(user.FieldPhone, true, "+1"), []string{"Ann"}},
			{"preferred username", key(user.FieldPreferredUsername, false, "cc"), []string{"carl"}},
			{"long value, cut key", key(user.FieldFamilyName, true, "ÜÜ"), []string{"bob"}},
			{"username is case sensitive", key(user.FieldUsername, false, "ann"), nil},
			{"username", key(user.FieldUsername, false, "Ann"), []string{"Ann"}},
			{"username prefix is case sensitive", key(user.FieldUsername, true, "an"), []string{"anna"}},
			{"status", user.Filter{Field: user.FieldStatus, Value: "unconfirmed"}, []string{"bob"}},
			{"status prefix", user.Filter{Field: user.FieldStatus, Prefix: true, Value: "C"}, []string{"Ann", "anna", "carl"}},
			{"no such status", user.Filter{Field: user.FieldStatus, Value: "GONE"}, nil},
			{"enabled", user.Filter{Field: user.FieldEnabled, Value: "Enabled"}, []string{"Ann", "anna", "carl"}},
			{"disabled", user.Filter{Field: user.FieldEnabled, Prefix: true, Value: "Dis"}, []string{"bob"}},
			{"sub prefix", user.Filter{Field: user.FieldSub, Prefix: true, Value: "2"}, []string{"bob"}},
			{"no sub", user.Filter{Field: user.FieldSub, Prefix: true, Value: "x"}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				var got []string
				var after *user.Cursor
				for { // pages of one, so that every place is a cursor once
					page, err := users.ListUsers(t.Context(), usersPool, c.filter, after, 1)
					if err != nil {
						t.Fatal(err)
					}
					if len(page) == 0 {
						break
					}
					u := page[0]
					got = append(got, u.Username)
					after = &user.Cursor{Sub: u.Sub}
					if c.filter.Prefix && c.filter.Field == user.FieldUsername {
						after.Key = []byte(strings.ToLower(u.Username))
					} else if c.filter.Prefix {
						after.Key = user.SearchKey(u.Attributes.Value(string(c.filter.Field)))
					}
				}
				slices.Sort(got)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestCountUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		const few, many = 1000, 5000
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			for i := range many {
				if i == few {
					if n, err := users.CountUsers(ctx, usersPool); n != few || err != nil {
						return fmt.Errorf("count %d of %d: %v", n, few, err)
					}
				}
				if err := users.InsertUser(ctx, person(fmt.Sprint("u", i)), fmt.Sprint("u", i), nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// A deviation of 25 % is eight times the standard one.
		n, err := users.CountUsers(t.Context(), usersPool)
		if err != nil || n < many*3/4 || n > many*5/4 {
			t.Errorf("estimate %d for %d users (%v)", n, many, err)
		}
	})
}

func TestDeletedPoolsAreSwept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users, ctx := db.Users(), t.Context()
		err := db.Tx(ctx, func(ctx context.Context) error {
			for i := range 2500 {
				name := fmt.Sprint("u", i)
				if err := users.InsertUser(ctx, person(name), name, []user.Alias{{Key: "alias" + name}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := users.DeletePool(ctx, usersPool); err != nil {
			t.Fatal(err)
		}
		if n, err := users.CountUsers(ctx, usersPool); n == 0 || err != nil {
			t.Fatalf("%d users left (%v): the test needs more than one chunk", n, err)
		}
		if err := users.Sweep(ctx, usersEpoch); err != nil {
			t.Fatal(err)
		}
		if n, err := users.CountUsers(ctx, usersPool); n != 0 || err != nil {
			t.Errorf("%d users left after the sweep (%v)", n, err)
		}
		holders, err := users.Holders(ctx, usersPool, []string{"aliasu1", "aliasu2499"})
		if err != nil || len(holders) > 0 {
			t.Errorf("aliases left: %v (%v)", holders, err)
		}
	})
}

func TestCodesAndAttemptsExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users, ctx := db.Users(), t.Context()
		c := &user.Code{
			Pool: usersPool, Region: "eu-west-1", Sub: "s", Purpose: user.ForSignUp, Attribute: "email", Hash: []byte("h"),
			CreatedAt: usersEpoch, ExpiresAt: usersEpoch.Add(time.Hour),
		}
		for range 2 { // the second replaces the first
			c.Attempts = 3
			if err := users.PutCode(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		got, err := users.Code(ctx, usersPool, "s", user.ForSignUp)
		if err != nil {
			t.Fatal(err)
		}
		got.Attempts = 4
		if err := users.SaveAnswers(ctx, got); err != nil {
			t.Fatal(err)
		}
		if err := users.SaveAnswers(ctx, got); !errors.Is(err, store.ErrStale) {
			t.Errorf("stale count: %v, want ErrStale", err)
		}
		n := user.Attempts{Count: 2, At: usersEpoch}
		for range 2 {
			if err := users.SaveAttempts(ctx, usersPool, "eu-west-1", "s", user.ActionResendCode, n, usersEpoch.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if first, err := db.Challenges().Spend(ctx, usersPool, "eu-west-1", "c", usersEpoch.Add(time.Hour)); !first || err != nil {
			t.Fatalf("first answer: %v, %v", first, err)
		}
		if first, err := db.Challenges().Spend(ctx, usersPool, "eu-west-1", "c", usersEpoch.Add(time.Hour)); first || err != nil {
			t.Fatalf("second answer: %v, %v", first, err)
		}

		for _, at := range []struct {
			after                 time.Duration
			code, attempts, spent bool
		}{
			{0, true, true, true},
			{time.Hour, true, false, false}, // whoever answers late is told so for a week
			{time.Hour + 7*24*time.Hour, false, false, false},
		} {
			if err := users.Sweep(ctx, usersEpoch.Add(at.after)); err != nil {
				t.Fatal(err)
			}
			_, err := users.Code(ctx, usersPool, "s", user.ForSignUp)
			if (err == nil) != at.code {
				t.Errorf("after %v: code %v", at.after, err)
			}
			counted, err := users.LoadAttempts(ctx, usersPool, "s", user.ActionResendCode)
			if err != nil || (counted == n) != at.attempts {
				t.Errorf("after %v: attempts %v, %v", at.after, counted, err)
			}
			spent, err := db.Challenges().Spent(ctx, usersPool, "c")
			if err != nil || spent != at.spent {
				t.Errorf("after %v: spent %v, %v", at.after, spent, err)
			}
		}
	})
}

func TestListedUsersAreOnlyShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		users := db.Users()
		u := person("ann", user.Attribute{Name: "email", Value: "ann@example.com"})
		u.Credential = &user.Credential{Stored: password.Stored{Hash: "$hash"}, SetAt: usersEpoch}
		insert(t, users, u)
		listed, err := users.ListUsers(t.Context(), usersPool, user.Filter{}, nil, 60)
		if err != nil {
			t.Fatal(err)
		}
		want := *u
		want.Credential, want.Version = nil, 0
		if diff := cmp.Diff([]*user.User{&want}, listed); diff != "" {
			t.Fatal(diff)
		}
		listed[0].Enabled = false
		if err := users.UpdateUser(t.Context(), listed[0]); !errors.Is(err, store.ErrStale) {
			t.Errorf("write a listed user back: %v, want store.ErrStale", err)
		}
		got, err := users.UserBySub(t.Context(), usersPool, u.Sub)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(u, got); diff != "" {
			t.Errorf("the user has changed: %s", diff)
		}
	})
}
