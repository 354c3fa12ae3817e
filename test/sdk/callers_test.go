package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Every operation of user pools that has to be signed, asked by somebody who
// signs nothing, by an IAM user whom no policy lets in, and by the root user of
// another account: what is asked about is there, and stays as it is.
func TestWhoMayNotAdminister(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		must(w.iam(w.alpha.keys).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("clerk")}))(t)
		key := must(w.iam(w.alpha.keys).CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("clerk")}))(t).AccessKey
		clerk := owner{w.alpha.account, aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}}
		picture := func() string {
			t.Helper()
			must(p.admin.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &p.pool}))(t)
			s := string(w.wire.reply)
			must(p.admin.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("alice")}))(t)
			return s + string(w.wire.reply)
		}
		before := picture()
		known := map[string]any{
			"UserPoolId": p.pool, "ClientId": p.client, "Username": "alice",
			"ResourceArn": awsapi.UserPoolARN(west, w.alpha.account, p.pool),
		}
		var asked int
		for _, op := range cognitoidp.Service.Operations {
			if op.Auth != awsapi.Signed {
				continue
			}
			in := least(t, op.Input)
			for name := range in {
				if v, ok := known[name]; ok {
					in[name] = v
				}
			}
			status, code, reply := w.ask(t, clerk, op.Name, in)
			if code == "UnknownOperationException" {
				continue
			}
			asked++
			if status != 400 || code != "AccessDeniedException" {
				t.Errorf("%s by who has no permission: %d %s", op.Name, status, reply)
			}
			if status, code, reply := w.ask(t, owner{}, op.Name, in); status != 400 || code != "MissingAuthenticationTokenException" {
				t.Errorf("%s without a signature: %d %s", op.Name, status, reply)
			}
			if _, names := in["UserPoolId"]; !names && in["ResourceArn"] == nil {
				continue
			}
			if status, code, reply := w.ask(t, w.beta, op.Name, in); status != 400 || code != "ResourceNotFoundException" && code != "AccessDeniedException" {
				t.Errorf("%s from another account: %d %s", op.Name, status, reply)
			}
		}
		if asked < 60 {
			t.Errorf("only %d operations were asked", asked)
		}
		if after := picture(); after != before {
			t.Errorf("something changed:\n%s\n%s", before, after)
		}
	})
}
