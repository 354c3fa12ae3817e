package account_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func TestAdvisor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const acct, ann, bob = "111111111111", "AIDAANN", "AIDABOB"
		ctx := t.Context()
		advisor := account.NewAdvisor(db.IAM(), slog.New(slog.DiscardHandler))
		authorizer := account.NewAuthorizer(account.AuthorizerConfig{Directory: db.IAM(), Advisor: advisor})
		if _, _, err := account.New(account.Config{Stores: db.IAM().Stores(), Now: time.Now}).CreateAccount(ctx, "a", acct); err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 11, 22, 10, 0, 0, 999, time.UTC)
		try := func(who, action, region string, after time.Duration) {
			r := &awsapi.Request{Time: start.Add(after), Region: region, Caller: awsapi.Caller{Kind: awsapi.User, Account: acct, EntityID: who, ARN: "arn"}}
			// Whether it is allowed does not matter.
			_ = authorizer.Authorize(awsapi.WithRequest(ctx, r), []awsapi.Access{{Action: action, Resource: "*"}})
		}
		uses := func(who string) []string {
			t.Helper()
			list, err := db.IAM().ServiceUses(ctx, acct, who)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, u := range list {
				out = append(out, strings.Join([]string{u.Service, u.Action, u.Region, u.At.Format("15:04:05")}, " "))
			}
			return out
		}
		try(ann, "iam:GetUser", "us-east-1", 0)
		try(ann, "iam:GetUser", "eu-west-1", 4*time.Minute) // too soon to be told apart
		try(ann, "iam:ListUsers", "us-east-1", time.Minute)
		try(ann, "Notes:Get", "us-east-1", time.Minute) // of services of others, no actions
		try(ann, "notes:Put", "us-east-1", 2*time.Minute)
		try("", "iam:GetUser", "us-east-1", 0) // the root user is nobody in particular
		if got := uses(ann); got != nil {
			t.Errorf("written before its time: %v", got)
		}
		advisor.Flush(ctx)
		want := []string{"iam GetUser us-east-1 10:00:00", "iam ListUsers us-east-1 10:01:00", "notes  us-east-1 10:01:00"}
		if diff := cmp.Diff(want, uses(ann)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		try(ann, "iam:GetUser", "eu-west-1", 5*time.Minute)
		advisor.Flush(ctx)
		want[0] = "iam GetUser eu-west-1 10:05:00"
		if diff := cmp.Diff(want, uses(ann)); diff != "" {
			t.Errorf("five minutes later (-want +got):\n%s", diff)
		}
		// A node whose clock is behind takes nothing back.
		if err := db.IAM().NoteServiceUses(ctx, []account.ServiceUse{{Account: acct, Principal: ann, Service: "iam", Action: "GetUser", At: start, Region: "old"}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, uses(ann)); diff != "" {
			t.Errorf("taken back (-want +got):\n%s", diff)
		}

		// What is noted when the process ends is written.
		running, stop := context.WithCancel(ctx)
		ended := make(chan error)
		go func() { ended <- advisor.Run(running) }()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 100 {
					try(bob, "sts:AssumeRole", "us-east-1", 0)
				}
			})
		}
		all.Wait()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := uses(bob); !slices.Equal(got, []string{"sts AssumeRole us-east-1 10:00:00"}) {
			t.Errorf("bob: %v", got)
		}
	})
}
