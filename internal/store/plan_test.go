package store_test

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/identitypool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// TestLookupsUseTheWholeKey asks the databases how they would run the reads behind
// sign-ins, tokens and credentials. None may look at more rows of an owner than
// it answers with: what walks all users or all identities of a pool is slow
// with a million of them, however fast it is with ten.
func TestLookupsUseTheWholeKey(t *testing.T) {
	db := storetest.Open(t, storetest.File(t))
	ctx := t.Context()
	const pool, sub = "us-west-2_AbCdEf123", "9301f852-88c2-4613-b70a-7b67ccb1fe92"
	users, sessions, identities := db.Users(), db.RefreshSessions(), db.Identities()
	reads := []func() error{
		func() error { _, err := users.UserByName(ctx, pool, "name"); return err },
		func() error { _, err := users.UserBySub(ctx, pool, sub); return err },
		func() error { _, err := users.Holders(ctx, pool, []string{"name", sub}); return err },
		func() error { _, _, err := sessions.Session(ctx, pool, sub); return err },
		func() error { _, err := sessions.Standing(ctx, pool, sub, sub); return err },
		func() error { _, err := identities.Get(ctx, "us-west-2:"+sub); return err },
		func() error {
			_, err := identities.ByLogin(ctx, "us-west-2:"+sub, identitypool.Login{Provider: "p", Subject: sub})
			return err
		},
		func() error { _, err := identities.List(ctx, "us-west-2:"+sub, "", 60, true); return err },
		func() error { _, err := db.SigningKeys().Keys(ctx, pool); return err },
		func() error { _, err := db.Denials().DenialsOf(ctx, sub); return err },
		func() error { _, err := db.Challenges().Spent(ctx, pool, sub); return err },
		func() error { _, err := db.Devices().Device(ctx, pool, sub, "us-west-2_"+sub); return err },
		func() error { _, err := db.Devices().Devices(ctx, pool, sub, "", true, 60); return err },
		func() error {
			_, err := db.Devices().Pending(ctx, signin.PendingDevice{Pool: pool, Sub: sub}, time.Now())
			return err
		},
		func() error { _, err := sessions.CountDevice(ctx, pool, sub, "us-west-2_"+sub, time.Now()); return err },
	}
	for _, text := range []string{
		``, `sub = "` + sub + `"`, `status = "Enabled"`, `cognito:user_status = "CONFIRMED"`,
		`username = "a"`, `username ^= "a"`, `email = "a"`, `email ^= "a"`, `phone_number ^= "+1"`, `given_name = "a"`,
	} {
		reads = append(reads, func() error {
			f, err := user.ParseFilter(new(userpool.Pool), text)
			if err == nil {
				_, err = users.ListUsers(ctx, pool, f, nil, 60)
			}
			return err
		})
	}
	for n, read := range reads {
		if err := read(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("read %d: %v", n, err)
		}
	}
	texts, err := db.Statements(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < len(reads)*2/3 {
		t.Fatalf("%d reads left only %d statements", len(reads), len(texts))
	}
	t.Run("sqlite", func(t *testing.T) {
		for _, text := range texts {
			for _, step := range sqlitePlan(t, db, text) {
				if walks(step) {
					t.Errorf("%s\nin\n%s", step, text)
				}
			}
		}
	})
	t.Run("postgres", func(t *testing.T) {
		db := storetest.Open(t, storetest.Postgres(t))
		for _, text := range texts {
			plan := postgresPlan(t, db, text)
			// In empty tables, where it looks cheapest, such a scan makes every
			// writer a rival of every other.
			if strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s\nin\n%s", plan, text)
			}
		}
	})
}

var (
	wholeTable = regexp.MustCompile(`^SCAN (identit|user|refresh|sign|a\b|s\b|l\b|k\b|i USING)`)
	wholeOwner = regexp.MustCompile(`\((pool_id|account)=\?\)`)
)

// walks tells whether a step of a plan looks at everything of a table or of an
// owner. The keys of a pool are few and are wanted all.
func walks(step string) bool {
	return wholeTable.MatchString(step) || wholeOwner.MatchString(step) && !strings.Contains(step, "signing_keys")
}

// sqlitePlan is how SQLite would run a statement, a step a line.
func sqlitePlan(t *testing.T, db *store.DB, text string) []string {
	t.Helper()
	steps, err := db.Plan(t.Context(), text, slices.Repeat([]any{"x"}, parameters(text))...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return steps
}

// postgresPlan is how PostgreSQL would run a statement whatever its
// parameters are.
func postgresPlan(t *testing.T, db *store.DB, text string) (plan string) {
	t.Helper()
	err := db.Tx(t.Context(), func(ctx context.Context) error {
		arguments := ""
		if n := parameters(text); n > 0 {
			arguments = "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
		}
		for _, s := range []string{`SET LOCAL plan_cache_mode = force_generic_plan`, `PREPARE hot AS ` + text} {
			if _, err := db.Exec(ctx, s); err != nil {
				return err
			}
		}
		lines, err := db.Texts(ctx, `EXPLAIN (COSTS OFF) EXECUTE hot`+arguments)
		if err != nil {
			return err
		}
		plan = strings.Join(lines, "\n")
		_, err = db.Exec(ctx, `DEALLOCATE hot`)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return plan
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// parameters returns how many parameters a statement has.
func parameters(text string) (most int) {
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		most = max(most, n)
	}
	return most
}
