package store_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func TestAudit(t *testing.T) {
	clock := storetest.NewTime()
	ctx := awsapi.WithRequest(t.Context(), &awsapi.Request{
		ID: "req-1", Region: "us-west-2", Operation: cognitoidp.AdminDeleteUser.Operation,
		Caller:   awsapi.Caller{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/op"},
		SourceIP: netip.MustParseAddr("192.0.2.7"),
	})
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		log := audit.New(db.Audit(), clock.Now)
		var want []audit.Record
		for _, resource := range []string{"one", "two", "three"} {
			clock.Advance(time.Second)
			r := log.Prepare(ctx, audit.Event{Resource: resource, Details: map[string]string{"user": "tom"}})
			if err := db.Tx(ctx, func(ctx context.Context) error { return log.Append(ctx, r) }); err != nil {
				t.Fatal(err)
			}
			want = append([]audit.Record{r}, want...)
		}
		lost := log.Prepare(ctx, audit.Event{Resource: "undone"})
		_ = db.Tx(ctx, func(ctx context.Context) error {
			if err := log.Append(ctx, lost); err != nil {
				t.Error(err)
			}
			return errors.New("refused")
		})
		elsewhere := log.Prepare(ctx, audit.Event{Account: "999999999999", Region: "eu-west-1", Code: "NotAuthorizedException"})
		if err := log.Append(ctx, elsewhere); err != nil {
			t.Fatal(err)
		}
		got, err := db.Audit().List(ctx, "123456789012", time.Time{}, "", 10)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err = db.Audit().List(ctx, "123456789012", want[0].Time, want[0].ID, 1)
		if diff := cmp.Diff(want[1:2], got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err = db.Audit().List(ctx, "999999999999", time.Time{}, "", 10)
		if diff := cmp.Diff([]audit.Record{elsewhere}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}, storetest.Clock(clock.Now))

	r := audit.New(nil, clock.Now).Prepare(ctx, audit.Event{Resource: "x"})
	if r.Operation != "cognito-idp:AdminDeleteUser" || r.SourceIP != "192.0.2.7" || r.RequestID != "req-1" || r.Principal != "arn:aws:iam::123456789012:user/op" {
		t.Errorf("record does not tell the request: %+v", r)
	}
}
