package cognitoidp_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Every signed operation of the door asks IAM about itself, and about the
// roles that it hands over.
func TestQuestionsPutToIAM(t *testing.T) {
	w := newWorld(t, storetest.Memory(t))
	id := w.pool(w.root(alpha, west))
	c := w.user("op", west, all)
	arn := awsapi.UserPoolARN(west, alpha, id)
	role := aws.String("arn:aws:iam::111111111111:role/r")
	sms := &types.SmsConfigurationType{SnsCallerArn: role}
	ctx := t.Context()
	for op, call := range map[string]func() error{
		"CreateUserPool *": func() error {
			_, err := c.CreateUserPool(ctx, &idp.CreateUserPoolInput{PoolName: aws.String("p")})
			return err
		},
		"ListUserPools *": func() error {
			_, err := c.ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
			return err
		},
		"DescribeUserPool " + arn: func() error {
			_, err := c.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &id})
			return err
		},
		"UpdateUserPool " + arn + " PassRole": func() error {
			_, err := c.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &id, SmsConfiguration: sms})
			return err
		},
		"SetUserPoolMfaConfig " + arn + " PassRole": func() error {
			_, err := c.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{UserPoolId: &id, MfaConfiguration: "ON", SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: sms}})
			return err
		},
		"CreateGroup " + arn + " PassRole": func() error {
			_, err := c.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &id, GroupName: aws.String("g"), RoleArn: role})
			return err
		},
		"ListUserPoolClients " + arn: func() error {
			_, err := c.ListUserPoolClients(ctx, &idp.ListUserPoolClientsInput{UserPoolId: &id})
			return err
		},
		"ListTagsForResource " + arn: func() error {
			_, err := c.ListTagsForResource(ctx, &idp.ListTagsForResourceInput{ResourceArn: &arn})
			return err
		},
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", op, err)
		}
		wanted := []string{"cognito-idp:" + strings.TrimSuffix(op, " PassRole")}
		if strings.HasSuffix(op, " PassRole") {
			wanted = append(wanted, "iam:PassRole "+*role)
		}
		if diff := cmp.Diff(wanted, w.asked); diff != "" {
			t.Errorf("%s asks (-want +got):\n%s", op, diff)
		}
	}
}

func TestPoliciesDecide(t *testing.T) {
	w := newWorld(t, storetest.Memory(t))
	root := w.root(alpha, west)
	red := w.pool(root, func(in *idp.CreateUserPoolInput) { in.UserPoolTags = map[string]string{"team": "red"} })
	blue := w.pool(root, func(in *idp.CreateUserPoolInput) { in.UserPoolTags = map[string]string{"team": "blue"} })
	far := w.pool(w.root(alpha, tokyo), func(in *idp.CreateUserPoolInput) { in.UserPoolTags = map[string]string{"team": "red"} })

	describe := func(c *idp.Client, id string) error {
		_, err := c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id})
		return err
	}
	denied := func(err error, user, action, resource string) {
		t.Helper()
		var got smithy.APIError
		if !errors.As(err, &got) || got.ErrorCode() != "AccessDeniedException" ||
			!strings.Contains(string(w.raw), "user/"+user+" may not "+action+" on "+resource+`"`) {
			t.Errorf("%s may %s on %s: %v, %s", user, action, resource, err, w.raw)
		}
	}
	arn := func(id string) string { return awsapi.UserPoolARN(west, alpha, id) }

	byTag := w.user("bytag", west, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-idp:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}`)
	if err := describe(byTag, red); err != nil {
		t.Errorf("the red pool: %v", err)
	}
	denied(describe(byTag, blue), "bytag", "cognito-idp:DescribeUserPool", arn(blue))
	denied(describe(byTag, far), "bytag", "cognito-idp:DescribeUserPool", arn(far))
	redARN := arn(red)
	if _, err := byTag.ListTagsForResource(t.Context(), &idp.ListTagsForResourceInput{ResourceArn: &redARN}); err != nil {
		t.Errorf("tags of the red pool: %v", err)
	}

	byARN := w.user("byarn", west, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-idp:Describe*","Resource":"`+arn(blue)+`"}]}`)
	if err := describe(byARN, blue); err != nil {
		t.Errorf("the blue pool: %v", err)
	}
	denied(describe(byARN, red), "byarn", "cognito-idp:DescribeUserPool", arn(red))
	_, err := byARN.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &blue})
	denied(err, "byarn", "cognito-idp:DeleteUserPool", arn(blue))

	creator := w.user("creator", west, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"cognito-idp:CreateUserPool","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}},
		{"Effect":"Allow","Action":["cognito-idp:TagResource","cognito-idp:UntagResource"],"Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["note"]}}}]}`)
	create := func(tags map[string]string) error {
		_, err := creator.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("p"), UserPoolTags: tags})
		return err
	}
	if err := create(map[string]string{"team": "red"}); err != nil {
		t.Errorf("creating a red pool: %v", err)
	}
	for _, tags := range []map[string]string{nil, {"team": "blue"}, {"team": "red", "more": "x"}} {
		denied(create(tags), "creator", "cognito-idp:CreateUserPool", "*")
	}
	_, err = creator.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("p"), UserPoolTags: map[string]string{"team": "red"},
		SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::111111111111:role/admin")},
	})
	denied(err, "creator", "iam:PassRole", "arn:aws:iam::111111111111:role/admin")
	if _, err := creator.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &redARN, Tags: map[string]string{"note": "x"}}); err != nil {
		t.Errorf("setting a note: %v", err)
	}
	_, err = creator.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &redARN, Tags: map[string]string{"team": "blue"}})
	denied(err, "creator", "cognito-idp:TagResource", redARN)
	_, err = creator.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: &redARN, TagKeys: []string{"team"}})
	denied(err, "creator", "cognito-idp:UntagResource", redARN)

	// Whoever may do anything still has no pools of other accounts.
	theirs := w.pool(w.root(beta, west))
	want(t, describe(w.user("all", west, all), theirs), "ResourceNotFoundException", "User pool "+theirs+" does not exist.")
}

// Nothing in this door is open to strangers.
func TestUnsignedCallsAreRefused(t *testing.T) {
	w := newWorld(t, storetest.Memory(t))
	id := w.pool(w.root(alpha, west))
	for _, op := range []string{
		"CreateUserPool", "DescribeUserPool", "UpdateUserPool", "DeleteUserPool", "ListUserPools", "AddCustomAttributes",
		"GetUserPoolMfaConfig", "SetUserPoolMfaConfig", "TagResource", "UntagResource", "ListTagsForResource",
		"CreateUserPoolClient", "DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient", "ListUserPoolClients",
		"CreateGroup", "GetGroup", "UpdateGroup", "DeleteGroup", "ListGroups",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL, bytes.NewReader([]byte(`{"UserPoolId":"`+id+`"}`)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
		req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+op)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.Body.Close() != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusOK || !strings.Contains(string(body), `"__type":"MissingAuthenticationTokenException"`) {
			t.Errorf("%s without a signature: %d %s", op, resp.StatusCode, body)
		}
	}
}

// The calls that Terraform makes for a pool, in its order.
func TestTerraformLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		policy := &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(10), RequireNumbers: true}}
		made := ok(c.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
			PoolName: aws.String("tf"), UserPoolTags: map[string]string{"Name": "tf"}, Policies: policy,
			AdminCreateUserConfig: &types.AdminCreateUserConfigType{}, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
			Schema: []types.SchemaAttributeType{{
				Name: aws.String("plan"), AttributeDataType: "String", Mutable: aws.Bool(true), Required: aws.Bool(false), DeveloperOnlyAttribute: aws.Bool(false),
			}},
		}))(t)
		id := made.UserPool.Id
		ok(c.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: id, MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		}))(t)
		read := func() *types.UserPoolType {
			t.Helper()
			p := ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: id}))(t).UserPool
			if p.CreationDate == nil || p.LastModifiedDate == nil || p.Policies == nil || p.Policies.PasswordPolicy == nil || p.Arn == nil {
				t.Fatal("Terraform reads these without looking whether they are there")
			}
			mfa := ok(c.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: id}))(t)
			if mfa.MfaConfiguration != "OPTIONAL" || mfa.SoftwareTokenMfaConfiguration == nil || !mfa.SoftwareTokenMfaConfiguration.Enabled {
				t.Errorf("second factors are %+v", mfa)
			}
			return p
		}
		before := read()
		if a := before.SchemaAttributes[20]; *a.Name != "custom:plan" || a.StringAttributeConstraints.MinLength != nil || a.NumberAttributeConstraints != nil {
			t.Errorf("the custom attribute reads %+v", a)
		}
		ok(c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
			UserPoolId: id, Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(12), RequireNumbers: true}},
			AdminCreateUserConfig: &types.AdminCreateUserConfigType{}, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
			MfaConfiguration: "OPTIONAL", DeletionProtection: "INACTIVE", EmailConfiguration: &types.EmailConfigurationType{EmailSendingAccount: "COGNITO_DEFAULT"},
			VerificationMessageTemplate: &types.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_CODE"},
		}))(t)
		ok(c.AddCustomAttributes(t.Context(), &idp.AddCustomAttributesInput{
			UserPoolId: id, CustomAttributes: []types.SchemaAttributeType{{Name: aws.String("since"), AttributeDataType: "DateTime", Mutable: aws.Bool(true), Required: aws.Bool(false)}},
		}))(t)
		ok(c.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: made.UserPool.Arn, Tags: map[string]string{"Stage": "dev"}}))(t)
		ok(c.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: made.UserPool.Arn, TagKeys: []string{"Name"}}))(t)

		after := read()
		wanted := *before
		wanted.Policies.PasswordPolicy.MinimumLength = aws.Int32(12)
		wanted.UserPoolTags = map[string]string{"Stage": "dev"}
		wanted.SchemaAttributes = append(wanted.SchemaAttributes, types.SchemaAttributeType{
			Name: aws.String("custom:since"), AttributeDataType: "DateTime", Mutable: aws.Bool(true), Required: aws.Bool(false), DeveloperOnlyAttribute: aws.Bool(false),
		})
		ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())
		if diff := cmp.Diff(&wanted, after, ignore); diff != "" {
			t.Errorf("the update changed more or less than it was to (-want +got):\n%s", diff)
		}

		client := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: id, ClientName: aws.String("tf")}))(t).UserPoolClient
		ok(c.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: id, ClientId: client.ClientId}))(t)
		ok(c.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: id}))(t)
		_, err := c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: id})
		want(t, err, "ResourceNotFoundException", "User pool "+*id+" does not exist.")
	})
}
