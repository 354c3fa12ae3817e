package cognitoidp_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/awsapi"
)

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c)
		arn := awsapi.UserPoolARN(west, alpha, id)
		tags := func(want string) {
			t.Helper()
			ok(c.ListTagsForResource(t.Context(), &idp.ListTagsForResourceInput{ResourceArn: &arn}))(t)
			w.wantReply(t, want)
		}
		tags(`{"Tags":{}}`)
		ok(c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "id", "stage": ""}}))(t)
		w.wantReply(t, `{}`)
		ok(c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"stage": "dev", "Team": "x"}}))(t)
		tags(`{"Tags":{"Team":"x","stage":"dev","team":"id"}}`)
		ok(c.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"team", "none"}}))(t)
		w.wantReply(t, `{}`)
		tags(`{"Tags":{"Team":"x","stage":"dev"}}`)
		if got := ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t).UserPool.UserPoolTags; len(got) != 2 {
			t.Errorf("the pool shows tags %v", got)
		}

		many := map[string]string{}
		for i := range 49 {
			many[fmt.Sprint("k", i)] = "v"
		}
		_, err := c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: many})
		want(t, err, "InvalidParameterException", "The number of tags exceeds the limit of 50.")
		_, err = c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"aws:x": "v"}})
		want(t, err, "InvalidParameterException", "aws: prefixed tag key names are not allowed for external use.")
		tags(`{"Tags":{"Team":"x","stage":"dev"}}`)
	})
}

func TestTagsNeedTheirPool(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, theirs := w.root(alpha, west), w.root(beta, west)
		id := w.pool(mine)
		missing := "User pool " + id + " does not exist."
		for _, tt := range []struct {
			client       *idp.Client
			arn          string
			code, answer string
		}{
			{theirs, awsapi.UserPoolARN(west, alpha, id), "ResourceNotFoundException", missing},
			{theirs, awsapi.UserPoolARN(west, beta, id), "ResourceNotFoundException", missing},
			{mine, awsapi.UserPoolARN(west, beta, id), "ResourceNotFoundException", missing},
			{mine, awsapi.UserPoolARN(tokyo, alpha, id), "ResourceNotFoundException", missing},
			{w.root(alpha, tokyo), awsapi.UserPoolARN(west, alpha, id), "ResourceNotFoundException", missing},
			{mine, "arn:aws:s3:us-west-2:111111111111:bucket/b", "InvalidParameterException", "The resource ARN arn:aws:s3:us-west-2:111111111111:bucket/b is not the ARN of a user pool."},
		} {
			_, err := tt.client.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &tt.arn, Tags: map[string]string{"a": "b"}})
			want(t, err, tt.code, tt.answer)
			_, err = tt.client.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: &tt.arn, TagKeys: []string{"a"}})
			want(t, err, tt.code, tt.answer)
			_, err = tt.client.ListTagsForResource(t.Context(), &idp.ListTagsForResourceInput{ResourceArn: &tt.arn})
			want(t, err, tt.code, tt.answer)
		}
	})
}

func TestIssuerTag(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		create := func(c *idp.Client, issuer string) (string, error) {
			out, err := c.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("p"), UserPoolTags: map[string]string{"cenote:issuer": issuer}})
			if err != nil {
				return "", err
			}
			return *out.UserPool.Id, nil
		}
		issuer := func(id string) string {
			t.Helper()
			p, err := w.pools.Find(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return w.pools.Issuer(p)
		}
		const custom = "https://login.example.org/app"
		id := ok(create(c, custom))(t)
		if got := issuer(id); got != custom {
			t.Errorf("issuer is %s", got)
		}
		if p, err := w.pools.FindByIssuer(t.Context(), alpha, custom); err != nil || p.ID != id {
			t.Errorf("found %v by its issuer: %v", p, err)
		}
		if p, err := w.pools.FindByIssuer(t.Context(), beta, custom); err == nil {
			t.Errorf("another account finds %v by its issuer", p)
		}

		const form = "The tag cenote:issuer must be 'path', 'aws' or an https URL without user, query or fragment: "
		arn := awsapi.UserPoolARN(west, alpha, id)
		for _, bad := range []string{
			"", "Path", "http://login.example.org", "https://", "https:///x", "login.example.org", "https://u:p@example.org", "https://example.org?x", "https://example.org/?", "https://example.org#", "https://exa mple.org",
		} {
			_, err := create(c, bad)
			want(t, err, "InvalidParameterException", form+bad)
			_, err = c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"cenote:issuer": bad}})
			want(t, err, "InvalidParameterException", form+bad)
			_, err = c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, UserPoolTags: map[string]string{"cenote:issuer": bad}})
			want(t, err, "InvalidParameterException", form+bad)
		}
		// Names that belong to others: this deployment's own, Amazon's, and
		// that of another pool of the account.
		for _, taken := range []string{
			publicURL, publicURL + "/us-west-2_AbCdEfGhI", "https://ID.example.com/x",
			"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI", "https://amazonaws.com", custom,
			publicURL + ":443/x", "https://id.example.com./x", "https://amazonaws.com./x",
			"https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI", "https://people.auth.us-west-2.amazoncognito.com",
		} {
			_, err := create(c, taken)
			want(t, err, "InvalidParameterException", "The issuer "+taken+" is not available.")
		}
		second := w.pool(c)
		secondARN := awsapi.UserPoolARN(west, alpha, second)
		_, err := c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &secondARN, Tags: map[string]string{"cenote:issuer": custom}})
		want(t, err, "InvalidParameterException", "The issuer "+custom+" is not available.")
		ok(create(w.root(beta, west), custom))(t) // what it means is each account's own business

		ok(c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"cenote:issuer": "aws"}}))(t)
		if got := issuer(id); got != "https://cognito-idp.us-west-2.amazonaws.com/"+id {
			t.Errorf("issuer is %s", got)
		}
		ok(c.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"cenote:issuer"}}))(t)
		if got := issuer(id); got != publicURL+"/"+id {
			t.Errorf("issuer is %s", got)
		}
		ok(c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &secondARN, Tags: map[string]string{"cenote:issuer": custom}}))(t)
		if p, err := w.pools.FindByIssuer(t.Context(), alpha, custom); err != nil || p.ID != second {
			t.Errorf("found %v by the issuer that was handed on: %v", p, err)
		}
	})
}
