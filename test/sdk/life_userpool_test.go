package sdk

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// What every user pool has, set or not (from replies of the service).
var poolReadback = readback{
	renamed: map[string]string{"PoolName": "Name"},
	left:    []string{"Schema"}, // comes back among SchemaAttributes
	added: []string{
		"Id", "Arn", "CreationDate", "LastModifiedDate", "EstimatedNumberOfUsers", "SchemaAttributes", "Policies", "DeletionProtection", "LambdaConfig",
		"VerificationMessageTemplate", "UserAttributeUpdateSettings", "MfaConfiguration", "EmailConfiguration", "AdminCreateUserConfig", "UserPoolTier",
	},
}

func fullPool(account string) idp.CreateUserPoolInput {
	return idp.CreateUserPoolInput{
		PoolName: aws.String("full"),
		Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{
			MinimumLength: aws.Int32(12), RequireUppercase: true, RequireLowercase: true, RequireNumbers: true, RequireSymbols: false,
			TemporaryPasswordValidityDays: 3, PasswordHistorySize: aws.Int32(2),
		}},
		DeletionProtection:       types.DeletionProtectionTypeInactive,
		LambdaConfig:             &types.LambdaConfigType{PostConfirmation: aws.String("arn:aws:lambda:us-west-2:" + account + ":function:welcome")},
		AutoVerifiedAttributes:   []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		AliasAttributes:          []types.AliasAttributeType{types.AliasAttributeTypeEmail, types.AliasAttributeTypePreferredUsername},
		EmailVerificationMessage: aws.String("Your code: {####}"),
		EmailVerificationSubject: aws.String("Code"),
		SmsVerificationMessage:   aws.String("Code {####}"),
		SmsAuthenticationMessage: aws.String("Sign in with {####}"),
		MfaConfiguration:         types.UserPoolMfaTypeOff,
		DeviceConfiguration:      &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true},
		UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{
			AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		},
		EmailConfiguration: &types.EmailConfigurationType{
			EmailSendingAccount: types.EmailSendingAccountTypeCognitoDefault, ReplyToEmailAddress: aws.String("help@example.com"),
		},
		SmsConfiguration: &types.SmsConfigurationType{
			SnsCallerArn: aws.String("arn:aws:iam::" + account + ":role/sms"), ExternalId: aws.String("outside"), SnsRegion: aws.String("us-west-2"),
		},
		UserPoolTags: map[string]string{"team": "people", "Environment": "test"},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true, InviteMessageTemplate: &types.MessageTemplateType{
			EmailMessage: aws.String("{username}, {####}"), EmailSubject: aws.String("Welcome"), SMSMessage: aws.String("{username} {####}"),
		}},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("plan"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true), StringAttributeConstraints: &types.StringAttributeConstraintsType{MinLength: aws.String("1"), MaxLength: aws.String("20")}},
			{Name: aws.String("seats"), AttributeDataType: types.AttributeDataTypeNumber, NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MinValue: aws.String("1")}},
			{Name: aws.String("email"), AttributeDataType: types.AttributeDataTypeString, Required: aws.Bool(true), Mutable: aws.Bool(true)},
		},
		UserPoolAddOns:        &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeOff},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(true)},
		AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Name: types.RecoveryOptionNameTypeVerifiedEmail, Priority: aws.Int32(1)}, {Name: types.RecoveryOptionNameTypeVerifiedPhoneNumber, Priority: aws.Int32(2)},
		}},
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{
			DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink, EmailMessageByLink: aws.String("Follow {##this##}"), EmailSubjectByLink: aws.String("Link"),
			EmailMessage: aws.String("Your code: {####}"), EmailSubject: aws.String("Code"), SmsMessage: aws.String("Code {####}"),
		},
		UserPoolTier: types.UserPoolTierTypeEssentials,
	}
}

// describe reads a pool and returns the raw document.
func (p *poolLife) describe(t *testing.T, id string) []byte {
	t.Helper()
	out, err := p.client.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id})
	if err != nil {
		t.Fatal(err)
	}
	// What the provider of Terraform takes for granted.
	u := out.UserPool
	if u.CreationDate == nil || u.LastModifiedDate == nil || u.Arn == nil || u.Policies == nil || u.Policies.PasswordPolicy == nil {
		t.Errorf("pool %s lacks what every pool has: %s", id, p.w.wire.reply)
	}
	return inner(t, p.w.wire.reply, "UserPool")
}

type poolLife struct {
	w      *world
	client *idp.Client
}

func TestUserPoolLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := &poolLife{w, w.idp(w.alpha.keys, west)}
		least, most := idp.CreateUserPoolInput{PoolName: aws.String("least")}, fullPool(w.alpha.account)
		create := func(what string, in *idp.CreateUserPoolInput, more ...string) (id string, sent []byte) {
			t.Helper()
			out, err := p.client.CreateUserPool(t.Context(), in)
			if err != nil {
				t.Errorf("create %s: %v", what, err)
				return "", nil
			}
			sent = w.wire.request
			created := inner(t, w.wire.reply, "UserPool")
			poolReadback.check(t, what+", created", sent, created, more...)
			if diff := cmp.Diff(string(created), string(p.describe(t, *out.UserPool.Id))); diff != "" {
				t.Errorf("%s: what was created reads differently: %s", what, diff)
			}
			return *out.UserPool.Id, sent
		}

		_, _ = create("nothing", &least)
		// A rule that is off is not sent by the SDK, and comes back as off.
		inside := []string{"AdminCreateUserConfig.UnusedAccountValidityDays", "Policies.SignInPolicy", "Policies.PasswordPolicy.RequireSymbols"}
		oneByOne(least, most, map[string][]string{"UserAttributeUpdateSettings": {"AutoVerifiedAttributes"}}, func(name string, in *idp.CreateUserPoolInput) {
			var more []string
			switch name {
			case "Policies":
				more = inside[1:]
			case "AdminCreateUserConfig":
				more = inside[:1]
			}
			create(name, in, more...)
		})
		id, _ := create("everything", &most, inside...)

		// The attributes that were added, as they were sent; absent
		// constraints stay absent.
		custom := map[string]types.SchemaAttributeType{}
		for _, a := range must(p.client.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t).UserPool.SchemaAttributes {
			if strings.HasPrefix(*a.Name, "custom:") || *a.Name == "email" {
				custom[*a.Name] = a
			}
		}
		plan, seats, email := most.Schema[0], most.Schema[1], most.Schema[2]
		plan.Name, seats.Name = aws.String("custom:plan"), aws.String("custom:seats")
		for _, a := range []*types.SchemaAttributeType{&plan, &seats, &email} {
			a.DeveloperOnlyAttribute = aws.Bool(false)
			if a.Required == nil {
				a.Required = aws.Bool(false)
			}
			if a.Mutable == nil {
				a.Mutable = aws.Bool(true)
			}
		}
		email.StringAttributeConstraints = &types.StringAttributeConstraintsType{MinLength: aws.String("0"), MaxLength: aws.String("2048")}
		if diff := cmp.Diff(map[string]types.SchemaAttributeType{"custom:plan": plan, "custom:seats": seats, "email": email}, custom, ignoreUnexported); diff != "" {
			t.Errorf("schema: %s", diff)
		}

		// An update that says the same changes nothing; one that says less
		// goes back to the defaults, but for what tools rely on.
		before := object(t, p.describe(t, id))
		update := updateOf(&most, id)
		must(p.client.UpdateUserPool(t.Context(), update))(t)
		if string(w.wire.reply) != "{}" {
			t.Errorf("UpdateUserPool answers %s", w.wire.reply)
		}
		after := object(t, p.describe(t, id))
		delete(before, "LastModifiedDate")
		delete(after, "LastModifiedDate")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after the same settings again: %s", diff)
		}
		must(p.client.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
			UserPoolId: &id, UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{}},
		}))(t)
		after = object(t, p.describe(t, id))
		for _, gone := range []string{
			"AutoVerifiedAttributes", "EmailVerificationMessage", "EmailVerificationSubject", "SmsVerificationMessage", "SmsAuthenticationMessage",
			"DeviceConfiguration", "SmsConfiguration", "UserPoolAddOns", "AccountRecoverySetting",
		} {
			if v, ok := after[gone]; ok {
				t.Errorf("after an update without it, %s is %v", gone, v)
			}
		}
		for _, kept := range []string{"AliasAttributes", "UsernameConfiguration", "SchemaAttributes", "UserPoolTags", "UserPoolTier", "Name"} {
			if diff := cmp.Diff(before[kept], after[kept]); diff != "" {
				t.Errorf("after an update without it, %s: %s", kept, diff)
			}
		}

		// Tags have calls of their own, attributes too.
		arn := after["Arn"].(string)
		must(p.client.TagResource(t.Context(), &idp.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "ops", "new": ""}}))(t)
		must(p.client.UntagResource(t.Context(), &idp.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"Environment"}}))(t)
		tags := must(p.client.ListTagsForResource(t.Context(), &idp.ListTagsForResourceInput{ResourceArn: &arn}))(t).Tags
		if diff := cmp.Diff(map[string]string{"team": "ops", "new": ""}, tags); diff != "" {
			t.Errorf("tags: %s", diff)
		}
		must(p.client.AddCustomAttributes(t.Context(), &idp.AddCustomAttributesInput{UserPoolId: &id, CustomAttributes: []types.SchemaAttributeType{
			{Name: aws.String("since"), AttributeDataType: types.AttributeDataTypeDatetime},
		}}))(t)
		if n, m := len(before["SchemaAttributes"].([]any)), len(object(t, p.describe(t, id))["SchemaAttributes"].([]any)); m != n+1 {
			t.Errorf("%d attributes, %d before one was added", m, n)
		}

		// Second factors are a resource of the same resource.
		mfa := must(p.client.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id}))(t)
		if got := string(w.wire.reply); got != `{"MfaConfiguration":"OFF"}` {
			t.Errorf("a fresh pool's second factors: %s (%v)", got, mfa.MfaConfiguration)
		}
		must(p.client.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &id, MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		}))(t)
		must(p.client.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id}))(t)
		if diff := cmp.Diff(map[string]any{
			"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": map[string]any{"Enabled": true},
		}, object(t, w.wire.reply)); diff != "" {
			t.Errorf("second factors: %s", diff)
		}
		if got := object(t, p.describe(t, id))["MfaConfiguration"]; got != "OPTIONAL" {
			t.Errorf("the pool says %v", got)
		}

		// Protected, it stays; deleted, it is not found by the exception that
		// tools look for.
		must(p.client.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, DeletionProtection: types.DeletionProtectionTypeActive}))(t)
		_, err := p.client.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id})
		refused[*types.InvalidParameterException](t, "delete a protected pool", err,
			"The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
		must(p.client.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, DeletionProtection: types.DeletionProtectionTypeInactive}))(t)
		must(p.client.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id}))(t)
		gone := "User pool " + id + " does not exist."
		for call, f := range map[string]func() error{
			"DescribeUserPool": func() error {
				_, err := p.client.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id})
				return err
			},
			"GetUserPoolMfaConfig": func() error {
				_, err := p.client.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id})
				return err
			},
			"UpdateUserPool": func() error {
				_, err := p.client.UpdateUserPool(t.Context(), update)
				return err
			},
			"DeleteUserPool": func() error {
				_, err := p.client.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id})
				return err
			},
		} {
			refused[*types.ResourceNotFoundException](t, call+" of a deleted pool", f(), gone)
		}
	})
}

// updateOf says in an update what a create says.
func updateOf(in *idp.CreateUserPoolInput, id string) *idp.UpdateUserPoolInput {
	return &idp.UpdateUserPoolInput{
		UserPoolId: &id, PoolName: in.PoolName, Policies: in.Policies, DeletionProtection: in.DeletionProtection, LambdaConfig: in.LambdaConfig,
		AutoVerifiedAttributes: in.AutoVerifiedAttributes, SmsVerificationMessage: in.SmsVerificationMessage,
		EmailVerificationMessage: in.EmailVerificationMessage, EmailVerificationSubject: in.EmailVerificationSubject,
		VerificationMessageTemplate: in.VerificationMessageTemplate, SmsAuthenticationMessage: in.SmsAuthenticationMessage,
		UserAttributeUpdateSettings: in.UserAttributeUpdateSettings, MfaConfiguration: in.MfaConfiguration, DeviceConfiguration: in.DeviceConfiguration,
		EmailConfiguration: in.EmailConfiguration, SmsConfiguration: in.SmsConfiguration, UserPoolTags: in.UserPoolTags,
		AdminCreateUserConfig: in.AdminCreateUserConfig, UserPoolAddOns: in.UserPoolAddOns, AccountRecoverySetting: in.AccountRecoverySetting,
		UserPoolTier: in.UserPoolTier,
	}
}
