package store_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// asking returns the context of a request of an operation.
func asking(ctx context.Context, op *awsapi.Operation, id string) context.Context {
	return awsapi.WithRequest(ctx, &awsapi.Request{
		ID: id, Region: "us-west-2", Operation: op, Owner: "123456789012", Resource: "arn:of:" + id,
		Caller:   awsapi.Caller{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/op"},
		SourceIP: netip.MustParseAddr("192.0.2.7"),
	})
}

// change makes some change, in a transaction of its own or in that of ctx.
func change(ctx context.Context, t *testing.T, db *store.DB, id string) {
	t.Helper()
	if err := db.Outbox().Put(ctx, message.Message{ID: id, Account: "123456789012", Pool: "us-west-2_p", Medium: message.Email}); err != nil {
		t.Fatal(err)
	}
}

func TestChangesLeaveTheirRecord(t *testing.T) {
	clock := storetest.NewTime()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		remove := cognitoidp.AdminDeleteUser.Operation

		ctx := asking(t.Context(), remove, "one")
		err := db.Tx(ctx, func(ctx context.Context) error {
			change(ctx, t, db, "1a")
			change(ctx, t, db, "1b")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		change(ctx, t, db, "1c") // the request has its record

		clock.Advance(time.Second)
		change(asking(t.Context(), remove, "two"), t, db, "2") // a single statement

		// None of these changes anything that was asked for.
		undone := errors.New("undone")
		err = db.Tx(asking(t.Context(), remove, "undone"), func(ctx context.Context) error {
			change(ctx, t, db, "3")
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		err = db.Tx(asking(t.Context(), remove, "read"), func(ctx context.Context) error {
			_, err := db.Outbox().Recent(ctx, "", 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		change(asking(t.Context(), cognitoidp.InitiateAuth.Operation, "sign-in"), t, db, "4")
		err = db.Tx(asking(t.Context(), remove, "count"), func(ctx context.Context) error {
			audit.Skip(ctx)
			change(ctx, t, db, "5")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		change(t.Context(), t, db, "6")

		got, err := db.Audit().Find(t.Context(), audit.Filter{Account: "123456789012"}, audit.Cursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		record := func(id string) audit.Record {
			return audit.Record{
				Account: "123456789012", Region: "us-west-2", Operation: "cognito-idp:AdminDeleteUser",
				Principal: "arn:aws:iam::123456789012:user/op", Resource: "arn:of:" + id, RequestID: id, SourceIP: "192.0.2.7",
			}
		}
		want := []audit.Record{record("two"), record("one")}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(audit.Record{}, "ID", "Time")); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		older, err := db.Audit().Find(t.Context(), audit.Filter{Account: "123456789012"}, audit.Cursor{Time: got[0].Time, ID: got[0].ID}, 10)
		if diff := cmp.Diff(got[1:], older); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		other, err := db.Audit().Find(t.Context(), audit.Filter{Account: "999999999999"}, audit.Cursor{}, 10)
		if err != nil || len(other) != 0 {
			t.Errorf("another account sees %v, %v", other, err)
		}
	}, storetest.Clock(clock.Now))
}
