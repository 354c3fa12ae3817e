package account_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// BenchmarkDenial is what a refused request costs, beside one that is allowed.
func BenchmarkDenial(b *testing.B) {
	ring, err := secretbox.NewRing(time.Now, secretbox.Key{ID: 1, Secret: []byte(strings.Repeat("k", 32))})
	if err != nil {
		b.Fatal(err)
	}
	var statements []string
	for range 200 {
		statements = append(statements, `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username}/*","Condition":{"StringEquals":{"aws:PrincipalTag/Dept":"ops"}}}`)
	}
	d := &directory{principals: map[string]*account.Principal{userID: userWith(b, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)}}
	for name, resource := range map[string]string{"allowed": "arn:aws:s3:::b/ann/x", "denied": "arn:aws:s3:::b/bob/x"} {
		b.Run(name, func(b *testing.B) {
			journal := account.NewJournal(&kept{}, time.Now, slog.New(slog.DiscardHandler))
			a := account.NewAuthorizer(account.AuthorizerConfig{Directory: d, Journal: journal, Sealer: ring})
			ctx := awsapi.WithRequest(context.Background(), requestBy(userCaller()))
			for b.Loop() {
				_ = a.Authorize(ctx, []awsapi.Access{{Action: "s3:GetObject", Resource: resource}})
			}
		})
	}
}
