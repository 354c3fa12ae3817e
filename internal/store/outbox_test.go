package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
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
		Route: message.ByEmail, Destination: "tom@example.com", Subject: "Your code", Body: "It is 123456",
		CreatedAt: clock.Now(), ExpiresAt: clock.Now().Add(24 * time.Hour),
	}
}

// claim takes e-mails for a minute.
func claim(t *testing.T, box *store.Outbox, limit int, except ...string) []message.Queued {
	t.Helper()
	list, err := box.Claim(t.Context(), message.Claim{Route: message.ByEmail, Limit: limit, Hide: time.Minute, Except: except})
	if err != nil {
		t.Fatal(err)
	}
	return list
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
		got := claim(t, box, 10)
		want := []message.Queued{{Message: first, State: message.Pending, Attempts: 1, NotBefore: clock.Now().Add(time.Minute), Version: 2}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		claimed := got[0]

		// Hidden while it is claimed, due again when the claim runs out.
		if again := claim(t, box, 10); len(again) != 0 {
			t.Errorf("claimed twice: %v", again)
		}
		clock.Advance(time.Minute)
		again := claim(t, box, 10)
		if len(again) != 1 || again[0].Attempts != 2 {
			t.Fatalf("second attempt: %v", again)
		}
		if err := box.Complete(t.Context(), claimed); !errors.Is(err, store.ErrStale) {
			t.Errorf("a claim that has run out completes: %v", err)
		}
		if err := box.Retry(t.Context(), again[0], clock.Now().Add(time.Hour), "SMTP 451"); err != nil {
			t.Error(err)
		}
		clock.Advance(time.Hour)
		last := claim(t, box, 10)
		if len(last) != 1 || last[0].Problem != "SMTP 451" || last[0].Body != first.Body {
			t.Fatalf("after the pause: %v", last)
		}
		if err := box.Complete(t.Context(), last[0]); err != nil {
			t.Error(err)
		}
		clock.Advance(24 * time.Hour)
		if done := claim(t, box, 10); len(done) != 0 {
			t.Errorf("sent again: %v", done)
		}
		if list, err := box.Recent(t.Context(), "", 1); err != nil || list[0].Body+list[0].Subject+list[0].Problem != "" || list[0].Destination == "" {
			t.Errorf("what was sent is not erased: %+v, %v", list, err)
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
		if err := box.Complete(t.Context(), claim(t, box, 1)[0]); err != nil {
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

// Each route has its own queue, pools that have their share are left out, and
// what is kept is nobody's to send.
func TestRoutes(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		box := db.Outbox()
		event := mail(clock, "event", "us-west-2_a")
		event.Route, event.Subject, event.Body = message.ByFunction, "", ""
		event.Event = &message.Event{Occasion: "SignUp", Code: "123456", Client: "app", Username: "tom", Attributes: map[string]string{"email": "tom@example.com"}}
		kept := mail(clock, "kept", "us-west-2_a")
		kept.Keep = true
		for _, m := range []message.Message{event, kept, mail(clock, "a", "us-west-2_a"), mail(clock, "b", "us-west-2_b"), mail(clock, "c", "us-west-2_c")} {
			if err := box.Put(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := box.Backlog(t.Context(), message.ByEmail); err != nil || b.Waiting != 3 || !b.Oldest.Equal(clock.Now()) {
			t.Errorf("backlog %+v, %v", b, err)
		}
		if got := claim(t, box, 10, "us-west-2_a", "us-west-2_c"); len(got) != 1 || got[0].ID != "b" {
			t.Errorf("claimed %v", got)
		}
		if got := claim(t, box, 10); len(got) != 2 {
			t.Errorf("claimed %v", got)
		}
		functions, err := box.Claim(t.Context(), message.Claim{Route: message.ByFunction, Limit: 10, Hide: time.Minute})
		if err != nil || len(functions) != 1 {
			t.Fatalf("claimed %v, %v", functions, err)
		}
		if diff := cmp.Diff(event, functions[0].Message); diff != "" {
			t.Error(diff)
		}
		if err := box.Fail(t.Context(), functions[0], "the function could not be asked"); err != nil {
			t.Fatal(err)
		}
		list, err := box.Recent(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			switch {
			case q.ID == "event" && (q.State != message.Failed || q.Event != nil || q.Problem == ""):
				t.Errorf("failed: %+v", q)
			case q.ID == "kept" && (q.State != message.Kept || q.Body == ""):
				t.Errorf("kept: %+v", q)
			}
		}
	}, storetest.Clock(clock.Now))
}

// A message that does not open must not hold up those after it.
func TestSpoiltMessages(t *testing.T) {
	clock := storetest.NewTime()
	db := storetest.Memory(t, storetest.Clock(clock.Now))
	for _, id := range []string{"m1", "m2"} {
		if err := db.Outbox().Put(t.Context(), mail(clock, id, "us-west-2_a")); err != nil {
			t.Fatal(err)
		}
	}
	mustExec(t, db, `UPDATE outbox SET body = subject WHERE id = 'm1'`)
	if got := claim(t, db.Outbox(), 10); len(got) != 1 || got[0].ID != "m2" {
		t.Errorf("claimed %v", got)
	}
	if n, err := db.Int(t.Context(), `SELECT COUNT(*) FROM outbox WHERE id = 'm1' AND state = 'FAILED'`); err != nil || n != 1 {
		t.Errorf("%d failed, %v", n, err)
	}
}

// Two nodes that take messages at the same time never take the same one.
func TestClaimsOfTwoNodes(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		box := db.Outbox()
		const n = 40
		for i := range n {
			if err := box.Put(t.Context(), mail(clock, fmt.Sprint("m", i), "us-west-2_a")); err != nil {
				t.Fatal(err)
			}
		}
		taken := make(chan string, 2*n)
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() {
				for {
					list, err := box.Claim(t.Context(), message.Claim{Route: message.ByEmail, Limit: 3, Hide: time.Minute})
					if err != nil {
						t.Error(err)
						return
					}
					if len(list) == 0 {
						return
					}
					for _, q := range list {
						taken <- q.ID
					}
				}
			})
		}
		nodes.Wait()
		close(taken)
		seen := map[string]int{}
		for id := range taken {
			seen[id]++
		}
		for id, times := range seen {
			if times != 1 {
				t.Errorf("%s was taken %d times", id, times)
			}
		}
		if len(seen) != n {
			t.Errorf("%d of %d were taken", len(seen), n)
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
