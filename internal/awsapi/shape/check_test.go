package shape_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

const (
	pool = "us-west-2_AbCdEf123"
	arn  = "arn:aws:iam::123456789012:role/app"
)

var services = []*awsapi.Service{cognitoidp.Service, cognitoidentity.Service, sts.Service, iam.Service}

func TestEveryTypeHasAPlan(t *testing.T) {
	n := 0
	for _, s := range services {
		for _, op := range s.Operations {
			if p := shape.Of(s, op.Input); p.Kind != shape.Structure || p != shape.Of(s, op.Input) {
				t.Errorf("%s: input plan is %+v", op.Name, p)
			}
			if op.Output != nil {
				shape.Of(s, op.Output)
			}
			n++
		}
	}
	if n != 354 {
		t.Errorf("%d operations, want 354", n)
	}
}

func TestSentences(t *testing.T) {
	long := strings.Repeat("é", 129)
	for _, tc := range []struct {
		name    string
		service *awsapi.Service
		in      any
		want    string // "" for a good input
	}{
		{
			"good", cognitoidp.Service,
			&cognitoidp.AdminGetUserRequest{UserPoolId: new(pool), Username: new("jane")},
			"",
		},
		{
			"required", cognitoidp.Service,
			&cognitoidp.AdminGetUserRequest{},
			"2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'username' failed to satisfy constraint: Member must not be null",
		},
		{
			"pattern", cognitoidp.Service,
			&cognitoidp.DescribeUserPoolRequest{UserPoolId: new("us-west-2")},
			`1 validation error detected: Value 'us-west-2' at 'userPoolId' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`,
		},
		{
			"pattern and length of one value", cognitoidp.Service,
			&cognitoidp.DescribeUserPoolRequest{UserPoolId: new("")},
			`2 validation errors detected: Value '' at 'userPoolId' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+; ` +
				`Value '' at 'userPoolId' failed to satisfy constraint: Member must have length greater than or equal to 1`,
		},
		{
			"lengths count code points", cognitoidp.Service,
			&cognitoidp.CreateGroupRequest{UserPoolId: new(pool), GroupName: new(long)},
			"1 validation error detected: Value '" + long + "' at 'groupName' failed to satisfy constraint: " +
				"Member must have length less than or equal to 128",
		},
		{
			"128 of two bytes are few enough", cognitoidp.Service,
			&cognitoidp.CreateGroupRequest{UserPoolId: new(pool), GroupName: new(long[2:])},
			"",
		},
		{
			"sensitive values are not repeated", cognitoidp.Service,
			&cognitoidp.AdminSetUserPasswordRequest{UserPoolId: new(pool), Username: new("jane"), Password: new("two words")},
			`1 validation error detected: Value at 'password' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\S]+`,
		},
		{
			"nor the client's secret", cognitoidp.Service,
			&cognitoidp.ConfirmSignUpRequest{ClientId: new("abc"), Username: new("jane"), ConfirmationCode: new("1"), SecretHash: new("two words")},
			`1 validation error detected: Value at 'secretHash' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w+=/]+`,
		},
		{
			"client ids are repeated", cognitoidp.Service,
			&cognitoidp.InitiateAuthRequest{AuthFlow: new(cognitoidp.AuthFlowTypeUserSrpAuth), ClientId: new("a-b")},
			`1 validation error detected: Value 'a-b' at 'clientId' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w+]+`,
		},
		{
			"enum", cognitoidp.Service,
			&cognitoidp.InitiateAuthRequest{AuthFlow: new(cognitoidp.AuthFlowType("MAGIC")), ClientId: new("abc")},
			"1 validation error detected: Value 'MAGIC' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: " +
				"[USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]",
		},
		{
			"number", cognitoidp.Service,
			&cognitoidp.ListUsersRequest{UserPoolId: new(pool), Limit: new(int64(61))},
			"1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60",
		},
		{
			"zero is a value", cognitoidp.Service,
			&cognitoidp.ListUserPoolsRequest{MaxResults: new(int64(0))},
			"1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
		},
		{
			"items of a list", cognitoidp.Service,
			&cognitoidp.CreateUserPoolRequest{
				PoolName:               new("p"),
				AutoVerifiedAttributes: []cognitoidp.VerifiedAttributeType{"email", "fax"},
			},
			"1 validation error detected: Value '[email, fax]' at 'autoVerifiedAttributes' failed to satisfy constraint: " +
				"Member must satisfy constraint: [Member must satisfy enum value set: [phone_number, email]]",
		},
		{
			"length of a list, and inside of its items", cognitoidp.Service,
			&cognitoidp.AddCustomAttributesRequest{UserPoolId: new(pool), CustomAttributes: []cognitoidp.SchemaAttributeType{
				{Name: new("ok")}, {Name: new("with space"), AttributeDataType: new(cognitoidp.AttributeDataType("Blob"))},
			}},
			`2 validation errors detected: Value 'with space' at 'customAttributes.2.member.name' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+; ` +
				`Value 'Blob' at 'customAttributes.2.member.attributeDataType' failed to satisfy constraint: ` +
				`Member must satisfy enum value set: [String, Number, DateTime, Boolean]`,
		},
		{
			"empty list", cognitoidp.Service,
			&cognitoidp.AddCustomAttributesRequest{UserPoolId: new(pool), CustomAttributes: []cognitoidp.SchemaAttributeType{}},
			"1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
		{
			"values of a map", cognitoidentity.Service,
			&cognitoidentity.TagResourceInput{ResourceArn: new(arn), Tags: map[string]string{"b": "2", "a": strings.Repeat("v", 257)}},
			"1 validation error detected: Value '{a=" + strings.Repeat("v", 257) + ", b=2}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: " +
				"[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]",
		},
		{
			"keys of a map", cognitoidentity.Service,
			&cognitoidentity.SetIdentityPoolRolesInput{IdentityPoolId: new("us-east-1:0a"), Roles: map[string]string{"admin": arn}},
			"1 validation error detected: Value '{admin=" + arn + "}' at 'roles' failed to satisfy constraint: Map keys must satisfy constraint: " +
				"[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, " +
				"Member must satisfy regular expression pattern: (un)?authenticated]",
		},
		{
			"inside of a map's values", cognitoidentity.Service,
			&cognitoidentity.SetIdentityPoolRolesInput{
				IdentityPoolId: new("us-east-1:0a"), Roles: map[string]string{},
				RoleMappings: map[string]cognitoidentity.RoleMapping{"p": {Type: new(cognitoidentity.RoleMappingType("Dice"))}},
			},
			"1 validation error detected: Value 'Dice' at 'roleMappings.p.member.type' failed to satisfy constraint: Member must satisfy enum value set: [Token, Rules]",
		},
		{
			"tokens in a map are not repeated", cognitoidentity.Service,
			&cognitoidentity.GetIdInput{IdentityPoolId: new("us-east-1:0a"), Logins: map[string]string{"accounts.google.com": ""}},
			"1 validation error detected: Value at 'logins' failed to satisfy constraint: Map value must satisfy constraint: " +
				"[Member must have length less than or equal to 50000, Member must have length greater than or equal to 1]",
		},
		{
			"identity pools", cognitoidentity.Service,
			&cognitoidentity.GetIdInput{IdentityPoolId: new("us-east-2:mock")},
			`1 validation error detected: Value 'us-east-2:mock' at 'identityPoolId' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+`,
		},
		{
			"STS repeats the value", sts.Service,
			&sts.AssumeRoleRequest{RoleArn: new(arn), RoleSessionName: new("Session1:2"), DurationSeconds: new(int64(899))},
			`2 validation errors detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w+=,.@-]*; ` +
				`Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
		},
		{
			"IAM repeats numbers alone", iam.Service,
			&iam.CreateRoleRequest{RoleName: new("a b"), AssumeRolePolicyDocument: new("{}"), MaxSessionDuration: new(int64(5))},
			`2 validation errors detected: Value at 'roleName' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\w+=,.@-]+; ` +
				`Value '5' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600`,
		},
		{
			"IAM does not even say null", iam.Service,
			&iam.TagUserRequest{UserName: new("jane"), Tags: []iam.Tag{{Key: new("k")}}},
			"1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
		},
		{
			"bytes", cognitoidp.Service,
			&cognitoidp.SetUICustomizationRequest{UserPoolId: new(pool), ImageFile: make([]byte, 131073)},
			"1 validation error detected: Value at 'imageFile' failed to satisfy constraint: Member must have length less than or equal to 131072",
		},
		{
			"inside of a sensitive structure", cognitoidp.Service,
			&cognitoidp.SignUpRequest{
				ClientId: new("abc"), Username: new("jane"), Password: new("password"),
				UserAttributes: []cognitoidp.AttributeType{{Name: new(""), Value: new(strings.Repeat("s", 2049))}},
			},
			`3 validation errors detected: Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+; ` +
				`Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1; ` +
				`Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := shape.Check(tc.service, tc.in)
			if tc.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			e, ok := awsapi.AsError(err)
			if !ok || e.Shape != tc.service.Invalid {
				t.Fatalf("answered %v, want %s", err, tc.service.Invalid.Name)
			}
			if e.Message != tc.want {
				t.Errorf("\n got %s\nwant %s", e.Message, tc.want)
			}
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	bad := make([]cognitoidp.AttributeType, 5000)
	for i := range bad {
		bad[i].Name = new(strings.Repeat("x", 4000))
	}
	err := shape.Check(cognitoidp.Service, &cognitoidp.AdminUpdateUserAttributesRequest{UserPoolId: new(pool), Username: new("jane"), UserAttributes: bad})
	e, _ := awsapi.AsError(err)
	if e == nil || !strings.HasPrefix(e.Message, "100 validation errors detected: ") || len(e.Message) > 100*3000 {
		t.Errorf("the answer has %d bytes: %.200s", len(e.Message), e.Message)
	}
}

func TestLongValuesAreCutBetweenCharacters(t *testing.T) {
	err := shape.Check(cognitoidp.Service, &cognitoidp.CreateGroupRequest{UserPoolId: new(pool), GroupName: new("x" + strings.Repeat("é", 3000))})
	if err == nil || strings.ContainsRune(err.Error(), '\ufffd') || !strings.Contains(err.Error(), "é…' at 'groupName'") {
		t.Errorf("answered %v", err)
	}
}
