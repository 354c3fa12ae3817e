package account_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func service(db *store.DB, anyAccount bool) *account.Service {
	return account.New(account.Config{Stores: db.IAM().Stores(), Now: time.Now, AnyAccount: anyAccount})
}

func TestCreateAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), service(db, false)
		a, key, err := s.CreateAccount(ctx, "first", alpha)
		if err != nil || a.ID != alpha || a.Name != "first" {
			t.Fatalf("%+v, %v", a, err)
		}
		if encoded, ok := account.OfAccessKey(key.ID); !ok || encoded != alpha || len(key.Secret) != 40 {
			t.Errorf("key %s of account %s", key.ID, encoded)
		}
		found, err := db.IAM().Key(ctx, key.ID)
		if err != nil || found.Secret != key.Secret || found.Caller().ARN != "arn:aws:iam::111111111111:root" || found.Caller().Kind != awsapi.Root {
			t.Errorf("%+v, %v", found.Caller(), err)
		}
		if _, _, err := s.CreateAccount(ctx, "again", alpha); !errors.Is(err, account.ErrTaken) {
			t.Errorf("taken: %v", err)
		}
		for _, bad := range []string{"1", "11111111111x", "1111111111111"} {
			if _, _, err := s.CreateAccount(ctx, "bad", bad); !errors.Is(err, account.ErrInvalidID) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		random, _, err := s.CreateAccount(ctx, "random", "")
		if err != nil || !account.ValidID(random.ID) || random.ID[0] == '0' {
			t.Errorf("%+v, %v", random, err)
		}
		more, err := s.CreateRootKey(ctx, alpha)
		if err != nil || more.ID == key.ID {
			t.Errorf("%+v, %v", more, err)
		}
		if _, err := s.CreateRootKey(ctx, beta); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("root key of no account: %v", err)
		}
		first, err := s.ListAccounts(ctx, account.Page{Limit: 1})
		if err != nil || len(first.Items) != 1 || first.Next == "" {
			t.Fatalf("%+v, %v", first, err)
		}
		rest, err := s.ListAccounts(ctx, account.Page{Limit: 10, After: first.Next})
		if err != nil || len(rest.Items) != 1 || rest.Next != "" {
			t.Errorf("%+v, %v", rest, err)
		}
	})
}

// TestQuotasHoldUnderConcurrency: of many who do the same at once, only as
// many succeed as may.
func TestQuotasHoldUnderConcurrency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), service(db, true)
		if _, err := s.CreateUser(ctx, account.NewUser{Account: alpha, Name: "u"}); err != nil {
			t.Fatal(err)
		}
		atOnce := func(f func() error, refused error) int64 {
			var done atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					switch err := f(); {
					case err == nil:
						done.Add(1)
					case !errors.Is(err, refused):
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return done.Load()
		}
		if n := atOnce(func() error { _, err := s.CreateKey(ctx, alpha, "u"); return err }, iam.LimitExceededException("")); n != 2 {
			t.Errorf("%d access keys", n)
		}
		if n := atOnce(func() error {
			_, err := s.CreateRole(ctx, account.NewRole{Account: alpha, Name: "r", Trust: trustOf(alpha)})
			return err
		}, iam.EntityAlreadyExistsException("")); n != 1 {
			t.Errorf("%d roles of one name", n)
		}
		if n := atOnce(func() error { return s.DeleteRole(ctx, alpha, "r") }, iam.NoSuchEntityException("")); n != 1 {
			t.Errorf("deleted %d times", n)
		}
	})
}

func trustOf(acct string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + acct + `"},"Action":"sts:AssumeRole"}}`
}

// TestAuthorizationReadsNothing: once a principal is in memory, a decision
// needs no database. The database is taken away to see.
func TestAuthorizationReadsNothing(t *testing.T) {
	db, err := store.Open(t.Context(), store.Config{URL: storetest.File(t), Master: storetest.Master(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, s := t.Context(), service(db, true)
	r, err := s.CreateRole(ctx, account.NewRole{Account: alpha, Name: "app", Path: "/svc/", Trust: trustOf(alpha)})
	if err == nil {
		err = s.Attach(ctx, alpha, account.RoleKind, "app", "arn:aws:iam::aws:policy/AmazonCognitoPowerUser")
	}
	if err != nil {
		t.Fatal(err)
	}
	a := account.NewAuthorizer(account.AuthorizerConfig{Directory: db.IAM()})
	c := roleCaller(&awsapi.Session{Name: "s", IssuedAt: time.Now()})
	c.EntityID = r.ID
	ctx = awsapi.WithRequest(ctx, requestBy(c))
	question := []awsapi.Access{{Action: "cognito-idp:AdminGetUser", Resource: awsapi.UserPoolARN("us-west-2", alpha, "us-west-2_x")}}
	if err := a.Authorize(ctx, question); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Authorize(ctx, question); err != nil {
		t.Errorf("without a database: %v", err)
	}
}

// TestChangesReachOtherNodes: what one node changes holds on another within a
// second, and on itself at once.
func TestChangesReachOtherNodes(t *testing.T) {
	url := storetest.Postgres(t)
	var mu sync.Mutex
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	here := storetest.Open(t, url, storetest.Clock(clock))
	there := storetest.Open(t, url, storetest.Clock(clock))

	ctx, s := t.Context(), service(here, true)
	u, err := s.CreateUser(ctx, account.NewUser{Account: alpha, Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(ctx, alpha, "ann")
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*store.DB{here, there} {
		if p, err := db.IAM().Principal(ctx, alpha, u.ID); err != nil || len(p.Policies) != 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		if k, err := db.IAM().Key(ctx, key.ID); err != nil || !k.Active {
			t.Fatalf("%+v, %v", k, err)
		}
	}
	if err := s.Attach(ctx, alpha, account.UserKind, "ann", "arn:aws:iam::aws:policy/ReadOnlyAccess"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetKeyActive(ctx, alpha, "ann", key.ID, false); err != nil {
		t.Fatal(err)
	}
	check := func(name string, db *store.DB) {
		t.Helper()
		if p, err := db.IAM().Principal(ctx, alpha, u.ID); err != nil || len(p.Policies) != 1 {
			t.Errorf("%s: principal %+v, %v", name, p, err)
		}
		if k, err := db.IAM().Key(ctx, key.ID); err != nil || k.Active {
			t.Errorf("%s: key still active, %v", name, err)
		}
	}
	check("the node that changed it", here)
	mu.Lock()
	now = now.Add(time.Second)
	mu.Unlock()
	check("another node a second later", there)
}

func TestNewcomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), service(db, true)
		n := &account.Newcomers{Default: alpha, Directory: db.IAM(), Service: s, Log: slog.New(slog.DiscardHandler)}
		for _, tt := range []struct{ key, want string }{{"test", alpha}, {"AKIAIOSFODNN7EXAMPLE", alpha}, {beta, beta}, {beta, beta}, {"", alpha}} {
			c, ok := n.Caller(tt.key)
			if !ok || c.Account != tt.want || c.Kind != awsapi.Root || c.ARN != account.RootARN(tt.want) || c.UserID != tt.want {
				t.Errorf("%q: %+v, %v", tt.key, c, ok)
			}
			if a, err := db.IAM().Account(ctx, tt.want); err != nil || a.ID != tt.want {
				t.Errorf("%q: account %+v, %v", tt.key, a, err)
			}
		}
		if all, err := s.ListAccounts(ctx, account.Page{Limit: 10}); err != nil || len(all.Items) != 2 {
			t.Errorf("%+v, %v", all, err)
		}
		if err := db.Reset(ctx); err != nil {
			t.Fatal(err)
		}
		n.Caller("test")
		if _, err := db.IAM().Account(ctx, alpha); err != nil {
			t.Errorf("after a reset: %v", err)
		}
	})
}

func TestUsage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), service(db, true)
		_, key, err := s.CreateAccount(ctx, "a", alpha)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		u := &account.Usage{Keys: db.IAM(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
		used := func() string {
			k, err := s.Key(ctx, alpha, key.ID)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(k.Used.At.Format("15:04"), " ", k.Used.Service, " ", k.Used.Region)
		}
		u.Note(ctx, key.ID, "iam", "us-east-1")
		if got := used(); got != "12:00 iam us-east-1" {
			t.Errorf("used %s", got)
		}
		now = now.Add(4 * time.Minute)
		u.Note(ctx, key.ID, "sts", "eu-west-1")
		if got := used(); got != "12:00 iam us-east-1" {
			t.Errorf("written down too soon: %s", got)
		}
		now = now.Add(time.Minute)
		u.Note(ctx, key.ID, "sts", "eu-west-1")
		if got := used(); got != "12:05 sts eu-west-1" {
			t.Errorf("used %s", got)
		}
		for _, other := range []string{"test", account.NewTemporaryKeyID(alpha), "AKIAQAAAAAAAAAAAAAAA"} {
			u.Note(ctx, other, "sts", "eu-west-1") // nobody's key: nothing to write, nothing to fail
		}
	})
}

// TestSecretsAreSealed looks for a secret access key in the files of a
// database.
func TestSecretsAreSealed(t *testing.T) {
	url := storetest.File(t)
	db := storetest.Open(t, url)
	_, key, err := service(db, false).CreateAccount(context.WithoutCancel(t.Context()), "a", alpha)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite://") + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	idSeen := false
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), key.Secret) {
			t.Errorf("%s has the secret in clear", filepath.Base(name))
		}
		idSeen = idSeen || strings.Contains(string(content), key.ID)
	}
	if !idSeen {
		t.Error("the key is in none of the files that were looked at")
	}
}
