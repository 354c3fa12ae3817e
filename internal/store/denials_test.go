package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// denial is a decision that has something in every field.
func denial(at time.Time, acct, request string) account.Decision {
	return account.Decision{
		RequestID: request, Time: at.UTC().Truncate(time.Microsecond), Account: acct, Region: "us-west-2",
		Operation: "iam:GetRole", Principal: "arn:aws:iam::" + acct + ":user/u", Action: "iam:GetRole", Resource: "arn:of:" + request,
		Outcome: account.OutcomeImplicitDeny, Layer: iampolicy.IdentityLayer, Reason: "because",
		Statements: []iampolicy.StatementTrace{{
			Layer: iampolicy.IdentityLayer, Policy: "p", Sid: "S", Miss: iampolicy.MissCondition,
			Conditions: []iampolicy.ConditionTrace{{Operator: "Bool", Key: "k", Wanted: []string{"true"}, Present: true, Actual: []string{"false"}}},
			Start:      iampolicy.Position{Line: 1, Column: 2}, End: iampolicy.Position{Line: 3, Column: 4},
		}},
		Context: map[string][]string{"aws:username": {"u"}}, Changes: []string{"change"},
	}
}

func TestDenialsReadBack(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, d := t.Context(), db.Denials()
		const alpha, beta = "111111111111", "222222222222"
		want := denial(clock.Now(), alpha, "one")
		list := []account.Decision{want, denial(clock.Now().Add(time.Second), alpha, "two"), denial(clock.Now(), beta, "three")}
		if err := d.KeepDenials(ctx, list, 10); err != nil {
			t.Fatal(err)
		}
		got, err := d.DenialsOf(ctx, "one")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]account.Decision{want}, got); diff != "" {
			t.Error(diff)
		}
		if got, err := d.DenialsOf(ctx, "none"); err != nil || len(got) != 0 {
			t.Errorf("of an unknown request: %v, %v", got, err)
		}

		requests := func(f audit.Filter, after audit.Cursor, limit int) (ids []string, last audit.Cursor) {
			t.Helper()
			found, err := d.Find(ctx, f, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range found {
				ids = append(ids, r.RequestID)
				last = audit.Cursor{Time: r.Time, ID: r.ID}
			}
			return ids, last
		}
		for name, tt := range map[string]struct {
			filter audit.Filter
			want   []string
		}{
			"an account":     {audit.Filter{Account: alpha}, []string{"two", "one"}},
			"a principal":    {audit.Filter{Principal: "arn:aws:iam::222222222222:user/u"}, []string{"three"}},
			"an operation":   {audit.Filter{Operation: "iam:GetRole", Account: beta}, []string{"three"}},
			"operations":     {audit.Filter{Operation: "iam:*", Account: beta}, []string{"three"}},
			"none like it":   {audit.Filter{Operation: "ia*", Account: "333333333333"}, nil},
			"other ones":     {audit.Filter{Operation: "sts:*"}, nil},
			"a wildcard":     {audit.Filter{Operation: "%*"}, nil},
			"a resource":     {audit.Filter{Resource: "arn:of:one"}, []string{"one"}},
			"a request":      {audit.Filter{RequestID: "two"}, []string{"two"}},
			"a time":         {audit.Filter{Account: alpha, Since: clock.Now().Add(time.Second)}, []string{"two"}},
			"until a moment": {audit.Filter{Account: alpha, Until: clock.Now().Add(time.Second)}, []string{"one"}},
		} {
			if got, _ := requests(tt.filter, audit.Cursor{}, 10); !cmp.Equal(got, tt.want) {
				t.Errorf("%s: %v, want %v", name, got, tt.want)
			}
		}
		first, after := requests(audit.Filter{Account: alpha}, audit.Cursor{}, 1)
		second, after := requests(audit.Filter{Account: alpha}, after, 1)
		third, _ := requests(audit.Filter{Account: alpha}, after, 1)
		if !cmp.Equal(first, []string{"two"}) || !cmp.Equal(second, []string{"one"}) || third != nil {
			t.Errorf("pages: %v, %v, %v", first, second, third)
		}
	})
}

// An account that is denied much loses its own oldest denials, and nobody
// else's.
func TestDenialsAreBounded(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, d := t.Context(), db.Denials()
		const busy, quiet, most = "111111111111", "222222222222", 5
		if err := d.KeepDenials(ctx, []account.Decision{denial(clock.Now().Add(-time.Hour), quiet, "quiet")}, most); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			var batch []account.Decision
			for j := range 3 {
				n := 3*i + j
				batch = append(batch, denial(clock.Now().Add(time.Duration(n)*time.Second), busy, fmt.Sprint(n)))
			}
			if err := d.KeepDenials(ctx, batch, most); err != nil {
				t.Fatal(err)
			}
		}
		left, err := d.Find(ctx, audit.Filter{Account: busy}, audit.Cursor{}, 100)
		if err != nil || len(left) != most || left[0].RequestID != "11" || left[most-1].RequestID != "7" {
			t.Errorf("left of the busy account: %+v, %v", left, err)
		}
		if kept, err := d.DenialsOf(ctx, "quiet"); err != nil || len(kept) != 1 {
			t.Errorf("of the quiet account: %v, %v", kept, err)
		}
	})
}
