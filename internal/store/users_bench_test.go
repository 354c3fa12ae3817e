package store_test

import (
	"fmt"
	"testing"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/user"
)

// benchUsers opens a file with users such as applications have.
func benchUsers(b *testing.B) (*store.Users, []*user.User) {
	users := storetest.Open(b, "sqlite://"+b.TempDir()+"/bench.db").Users()
	var all []*user.User
	for i := range 1000 {
		all = append(all, benchUser(fmt.Sprintf("user%06d", i)))
		if err := users.InsertUser(b.Context(), all[i], all[i].Username, nil); err != nil {
			b.Fatal(err)
		}
	}
	return users, all
}

func benchUser(name string) *user.User {
	u := person(name,
		user.Attribute{Name: "email", Value: name + "@example.com"}, user.Attribute{Name: "email_verified", Value: "true"},
		user.Attribute{Name: "given_name", Value: "Given"}, user.Attribute{Name: "family_name", Value: "Family"})
	u.Credential = &user.Credential{Stored: password.Stored{Salt: make([]byte, 16), Verifier: make([]byte, 384)}, SetAt: usersEpoch}
	return u
}

func BenchmarkListUsers(b *testing.B) {
	users, _ := benchUsers(b)
	for b.Loop() {
		if list, err := users.ListUsers(b.Context(), usersPool, user.Filter{}, nil, 60); err != nil || len(list) != 60 {
			b.Fatal(len(list), err)
		}
	}
}

func BenchmarkUserBySub(b *testing.B) {
	users, all := benchUsers(b)
	for n := 0; b.Loop(); n++ {
		if _, err := users.UserBySub(b.Context(), usersPool, all[n%len(all)].Sub); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUserByName(b *testing.B) {
	users, all := benchUsers(b)
	for n := 0; b.Loop(); n++ {
		if _, err := users.UserByName(b.Context(), usersPool, all[n%len(all)].Username); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInsertUser(b *testing.B) {
	users, _ := benchUsers(b)
	for b.Loop() {
		u := benchUser(secretbox.UUID())
		if err := users.InsertUser(b.Context(), u, u.Username, nil); err != nil {
			b.Fatal(err)
		}
	}
}
