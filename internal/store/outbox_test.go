package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func mail(clock *storetest.Time, id, pool string) message.Message {
	return message.Message{
		ID: id, Account: "123456789012", Region: "us-west-2", Pool: pool, Medium: message.Email,
		Destination: "tom@example.com", Subject: "Your code", Body: "It is 123456", CreatedAt: clock.Now(),
	}
}

func TestOutbox(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		box := db.Outbox()
		first := mail(clock, "m1", "us-west-2_a")
		_ = db.Tx(t.Context(), func(ctx context.Context) error {
			if err := box.Put(ctx, mail(clock, "m0", "us-west-2_a")); err != nil {
				t.Error(err)
			}
			return errors.New("refused")
		})
		if err := box.Put(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		got, err := box.Claim(t.Context(), 10, time.Minute)
		want := []message.Queued{{Message: first, State: message.Pending, Attempts: 1, NotBefore: clock.Now().Add(time.Minute), Version: 2}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
		claimed := got[0]

		// Hidden while it is claimed, due again when the claim runs out.
		if again, err := box.Claim(t.Context(), 10, time.Minute); err != nil || len(again) != 0 {
			t.Errorf("claimed twice: %v, %v", again, err)
		}
		clock.Advance(time.Minute)
		again, err := box.Claim(t.Context(), 10, time.Minute)
		if err != nil || len(again) != 1 || again[0].Attempts != 2 {
			t.Fatalf("second attempt: %v, %v", again, err)
		}
		if err := box.Complete(t.Context(), claimed); !errors.Is(err, store.ErrStale) {
			t.Errorf("a claim that has run out completes: %v", err)
		}
		if err := box.Retry(t.Context(), again[0], clock.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		clock.Advance(time.Hour)
		last, err := box.Claim(t.Context(), 10, time.Minute)
		if err != nil || len(last) != 1 {
			t.Fatalf("after the pause: %v, %v", last, err)
		}
		if err := box.Complete(t.Context(), last[0]); err != nil {
			t.Error(err)
		}
		clock.Advance(24 * time.Hour)
		if done, err := box.Claim(t.Context(), 10, time.Minute); err != nil || len(done) != 0 {
			t.Errorf("sent again: %v, %v", done, err)
		}

		for i := range 3 {
			clock.Advance(time.Second)
			if err := box.Put(t.Context(), mail(clock, fmt.Sprint("n", i), "us-west-2_b")); err != nil {
				t.Fatal(err)
			}
		}
		recent := func(pool string, limit int) (ids []string) {
			list, err := box.Recent(t.Context(), pool, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range list {
				ids = append(ids, q.ID+" "+string(q.State))
			}
			return ids
		}
		if diff := cmp.Diff([]string{"n2 PENDING", "n1 PENDING", "n0 PENDING", "m1 SENT"}, recent("", 10)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"n2 PENDING", "n1 PENDING"}, recent("us-west-2_b", 2)); diff != "" {
			t.Error(diff)
		}
	}, storetest.Clock(clock.Now))
}

// Messages go after a week, those that nobody has sent as well: a deployment
// without a sender does not fill up.
func TestOldMessagesGo(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		box := db.Outbox()
		const old = 2_500
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			for i := range old {
				if err := box.Put(ctx, mail(clock, fmt.Sprint("old", i), "us-west-2_a")); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if sent, err := box.Claim(t.Context(), 1, time.Minute); err != nil || box.Complete(t.Context(), sent[0]) != nil {
			t.Fatal(err)
		}
		clock.Advance(7 * 24 * time.Hour)
		for i, want := range []int64{old + 1, 1} {
			if i == 0 {
				if err := box.Put(t.Context(), mail(clock, "new", "us-west-2_a")); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Prune(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM outbox`); err != nil || n != want {
				t.Errorf("%d messages left, want %d (%v)", n, want, err)
			}
			clock.Advance(time.Hour)
		}
	}, storetest.Clock(clock.Now))
}

func TestOutboxIsSealed(t *testing.T) {
	clock := storetest.NewTime()
	db := storetest.Memory(t)
	m := mail(clock, "m1", "us-west-2_a")
	if err := db.Outbox().Put(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"destination", "subject", "body"} {
		raw, err := db.Text(t.Context(), `SELECT `+column+` FROM outbox`)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{m.Destination, m.Subject, m.Body} {
			if strings.Contains(raw, secret) {
				t.Errorf("%s holds %q in clear", column, secret)
			}
		}
	}
	// A value does not open in another row or column.
	mustExec(t, db, `UPDATE outbox SET subject = body`)
	if list, err := db.Outbox().Recent(t.Context(), "", 10); err == nil {
		t.Errorf("moved value opens: %v", list)
	}
}
