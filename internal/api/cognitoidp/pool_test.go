package cognitoidp_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	api "github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

const standardSchema = `[
	{"Name":"sub","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Required":true,"StringAttributeConstraints":{"MinLength":"1","MaxLength":"2048"}},
	{"Name":"name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"given_name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"family_name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"middle_name","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"nickname","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"preferred_username","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"profile","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"picture","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"website","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"email","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"email_verified","AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false},
	{"Name":"gender","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"birthdate","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"10","MaxLength":"10"}},
	{"Name":"zoneinfo","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"locale","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"phone_number","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"phone_number_verified","AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false},
	{"Name":"address","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"2048"}},
	{"Name":"updated_at","AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"NumberAttributeConstraints":{"MinValue":"0"}}]`

// A pool made of a name alone, member by member, as it was captured on the
// service. The dates are the test's clock, to the millisecond.
const freshPool = `{"UserPool":{
	"Id":"POOL","Name":"demo",
	"Policies":{
		"PasswordPolicy":{"MinimumLength":8,"RequireUppercase":true,"RequireLowercase":true,"RequireNumbers":true,"RequireSymbols":true,"TemporaryPasswordValidityDays":7},
		"SignInPolicy":{"AllowedFirstAuthFactors":["PASSWORD"]}},
	"DeletionProtection":"INACTIVE","LambdaConfig":{},
	"LastModifiedDate":1795341600.123,"CreationDate":1795341600.123,
	"SchemaAttributes":` + standardSchema + `,
	"VerificationMessageTemplate":{"DefaultEmailOption":"CONFIRM_WITH_CODE"},
	"UserAttributeUpdateSettings":{"AttributesRequireVerificationBeforeUpdate":[]},
	"MfaConfiguration":"OFF","EstimatedNumberOfUsers":0,
	"EmailConfiguration":{"EmailSendingAccount":"COGNITO_DEFAULT"},
	"AdminCreateUserConfig":{"AllowAdminCreateUserOnly":false,"UnusedAccountValidityDays":7},
	"Arn":"arn:aws:cognito-idp:us-west-2:111111111111:userpool/POOL",
	"UserPoolTier":"ESSENTIALS"}}`

func TestFreshPoolReadsAsOnTheService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := *ok(c.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("demo")}))(t).UserPool.Id
		w.wantReply(t, freshPool)
		ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t)
		w.wantReply(t, freshPool)
		ok(c.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id}))(t)
		w.wantReply(t, `{"MfaConfiguration":"OFF"}`)
	})
}

// everything is a pool with every optional member set.
func everything() *idp.CreateUserPoolInput {
	lambda := func(name string) *string { return aws.String("arn:aws:lambda:us-west-2:333333333333:function:" + name) }
	sms := &types.SmsConfigurationType{
		SnsCallerArn: aws.String("arn:aws:iam::111111111111:role/sms"), ExternalId: aws.String("ext"), SnsRegion: aws.String("us-west-2"),
	}
	return &idp.CreateUserPoolInput{
		PoolName: aws.String("all of it"),
		Policies: &types.UserPoolPolicyType{
			PasswordPolicy: &types.PasswordPolicyType{
				MinimumLength: aws.Int32(12), RequireLowercase: true, RequireNumbers: true,
				PasswordHistorySize: aws.Int32(3), TemporaryPasswordValidityDays: 2,
			},
			SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}},
		},
		DeletionProtection: "ACTIVE",
		LambdaConfig: &types.LambdaConfigType{
			PreSignUp: lambda("a"), CustomMessage: lambda("b"), PostConfirmation: lambda("c"), PreAuthentication: lambda("d"),
			PostAuthentication: lambda("e"), DefineAuthChallenge: lambda("f"), CreateAuthChallenge: lambda("g"),
			VerifyAuthChallengeResponse: lambda("h"), PreTokenGeneration: lambda("i"), UserMigration: lambda("j"),
			PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaVersion: "V3_0", LambdaArn: lambda("i")},
			CustomSMSSender:          &types.CustomSMSLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: lambda("k")},
			CustomEmailSender:        &types.CustomEmailLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: lambda("l")},
			KMSKeyID:                 aws.String("arn:aws:kms:us-west-2:111111111111:key/k"),
			InboundFederation:        &types.InboundFederationLambdaType{LambdaVersion: "V1_0", LambdaArn: lambda("m")},
		},
		AutoVerifiedAttributes:   []types.VerifiedAttributeType{"email", "phone_number"},
		AliasAttributes:          []types.AliasAttributeType{"email", "preferred_username"},
		SmsVerificationMessage:   aws.String("Code {####}"),
		EmailVerificationMessage: aws.String("Your code is {####}"),
		EmailVerificationSubject: aws.String("Code"),
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{
			SmsMessage: aws.String("Code {####}"), EmailMessage: aws.String("Your code is {####}"), EmailSubject: aws.String("Code"),
			EmailMessageByLink: aws.String("{##Here##}"), EmailSubjectByLink: aws.String("Link"), DefaultEmailOption: "CONFIRM_WITH_LINK",
		},
		SmsAuthenticationMessage:    aws.String("MFA {####}"),
		MfaConfiguration:            "OPTIONAL",
		UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{"email"}},
		DeviceConfiguration:         &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true},
		EmailConfiguration: &types.EmailConfigurationType{
			SourceArn: aws.String("arn:aws:ses:us-west-2:111111111111:identity/example.com"), ReplyToEmailAddress: aws.String("help@example.com"),
			EmailSendingAccount: "DEVELOPER", From: aws.String("Us <us@example.com>"), ConfigurationSet: aws.String("set"),
		},
		SmsConfiguration: sms,
		UserPoolTags:     map[string]string{"team": "id", "empty": ""},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{
			AllowAdminCreateUserOnly: true,
			InviteMessageTemplate: &types.MessageTemplateType{
				SMSMessage: aws.String("{username} {####}"), EmailMessage: aws.String("{username}: {####}"), EmailSubject: aws.String("Welcome"),
			},
		},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("email"), AttributeDataType: "String", Required: aws.Bool(true), Mutable: aws.Bool(true)},
			{
				Name: aws.String("plan"), AttributeDataType: "String", Mutable: aws.Bool(false),
				StringAttributeConstraints: &types.StringAttributeConstraintsType{MinLength: aws.String("1"), MaxLength: aws.String("9")},
			},
			{
				Name: aws.String("score"), AttributeDataType: "Number", DeveloperOnlyAttribute: aws.Bool(true),
				NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MaxValue: aws.String("10")},
			},
			{Name: aws.String("since"), AttributeDataType: "DateTime"},
			{Name: aws.String("free"), AttributeDataType: "String"},
		},
		UserPoolAddOns:        &types.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT", AdvancedSecurityAdditionalFlows: &types.AdvancedSecurityAdditionalFlowsType{CustomAuthMode: "AUDIT"}},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Priority: aws.Int32(2), Name: "verified_phone_number"}, {Priority: aws.Int32(1), Name: "verified_email"},
		}},
		UserPoolTier:        "PLUS",
		KeyConfiguration:    &types.KeyConfigurationType{KeyType: "AWS_OWNED_KEY"},
		IssuerConfiguration: &types.IssuerConfigurationType{Type: "UPDATED"},
	}
}

// What everything reads back as: as it was sent, but for the ids, the dates
// and what is derived.
var fullPool = `{"UserPool":{
	"Id":"POOL","Name":"all of it",
	"Policies":{
		"PasswordPolicy":{"MinimumLength":12,"RequireUppercase":false,"RequireLowercase":true,"RequireNumbers":true,"RequireSymbols":false,"PasswordHistorySize":3,"TemporaryPasswordValidityDays":2},
		"SignInPolicy":{"AllowedFirstAuthFactors":["PASSWORD","EMAIL_OTP","WEB_AUTHN"]}},
	"DeletionProtection":"ACTIVE",
	"LambdaConfig":{
		"PreSignUp":"arn:aws:lambda:us-west-2:333333333333:function:a","CustomMessage":"arn:aws:lambda:us-west-2:333333333333:function:b",
		"PostConfirmation":"arn:aws:lambda:us-west-2:333333333333:function:c","PreAuthentication":"arn:aws:lambda:us-west-2:333333333333:function:d",
		"PostAuthentication":"arn:aws:lambda:us-west-2:333333333333:function:e","DefineAuthChallenge":"arn:aws:lambda:us-west-2:333333333333:function:f",
		"CreateAuthChallenge":"arn:aws:lambda:us-west-2:333333333333:function:g","VerifyAuthChallengeResponse":"arn:aws:lambda:us-west-2:333333333333:function:h",
		"PreTokenGeneration":"arn:aws:lambda:us-west-2:333333333333:function:i","UserMigration":"arn:aws:lambda:us-west-2:333333333333:function:j",
		"PreTokenGenerationConfig":{"LambdaVersion":"V3_0","LambdaArn":"arn:aws:lambda:us-west-2:333333333333:function:i"},
		"CustomSMSSender":{"LambdaVersion":"V1_0","LambdaArn":"arn:aws:lambda:us-west-2:333333333333:function:k"},
		"CustomEmailSender":{"LambdaVersion":"V1_0","LambdaArn":"arn:aws:lambda:us-west-2:333333333333:function:l"},
		"KMSKeyID":"arn:aws:kms:us-west-2:111111111111:key/k",
		"InboundFederation":{"LambdaVersion":"V1_0","LambdaArn":"arn:aws:lambda:us-west-2:333333333333:function:m"}},
	"LastModifiedDate":1795341600.123,"CreationDate":1795341600.123,
	"SchemaAttributes":` + strings.Replace(strings.TrimSuffix(standardSchema, "]"),
	`"Name":"email","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false`,
	`"Name":"email","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":true`, 1) + `,
		{"Name":"custom:plan","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Required":false,"StringAttributeConstraints":{"MinLength":"1","MaxLength":"9"}},
		{"Name":"dev:custom:score","AttributeDataType":"Number","DeveloperOnlyAttribute":true,"Mutable":true,"Required":false,"NumberAttributeConstraints":{"MaxValue":"10"}},
		{"Name":"custom:since","AttributeDataType":"DateTime","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false},
		{"Name":"custom:free","AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Required":false,"StringAttributeConstraints":{}}],
	"AutoVerifiedAttributes":["email","phone_number"],"AliasAttributes":["email","preferred_username"],
	"SmsVerificationMessage":"Code {####}","EmailVerificationMessage":"Your code is {####}","EmailVerificationSubject":"Code",
	"VerificationMessageTemplate":{"SmsMessage":"Code {####}","EmailMessage":"Your code is {####}","EmailSubject":"Code",
		"EmailMessageByLink":"{##Here##}","EmailSubjectByLink":"Link","DefaultEmailOption":"CONFIRM_WITH_LINK"},
	"SmsAuthenticationMessage":"MFA {####}",
	"UserAttributeUpdateSettings":{"AttributesRequireVerificationBeforeUpdate":["email"]},
	"MfaConfiguration":"OPTIONAL",
	"DeviceConfiguration":{"ChallengeRequiredOnNewDevice":true},
	"EstimatedNumberOfUsers":0,
	"EmailConfiguration":{"SourceArn":"arn:aws:ses:us-west-2:111111111111:identity/example.com","ReplyToEmailAddress":"help@example.com",
		"EmailSendingAccount":"DEVELOPER","From":"Us <us@example.com>","ConfigurationSet":"set"},
	"SmsConfiguration":{"SnsCallerArn":"arn:aws:iam::111111111111:role/sms","ExternalId":"ext","SnsRegion":"us-west-2"},
	"UserPoolTags":{"empty":"","team":"id"},
	"AdminCreateUserConfig":{"AllowAdminCreateUserOnly":true,"UnusedAccountValidityDays":2,
		"InviteMessageTemplate":{"SMSMessage":"{username} {####}","EmailMessage":"{username}: {####}","EmailSubject":"Welcome"}},
	"UserPoolAddOns":{"AdvancedSecurityMode":"AUDIT","AdvancedSecurityAdditionalFlows":{"CustomAuthMode":"AUDIT"}},
	"UsernameConfiguration":{"CaseSensitive":false},
	"Arn":"arn:aws:cognito-idp:us-west-2:111111111111:userpool/POOL",
	"AccountRecoverySetting":{"RecoveryMechanisms":[{"Priority":2,"Name":"verified_phone_number"},{"Priority":1,"Name":"verified_email"}]},
	"UserPoolTier":"PLUS","KeyConfiguration":{"KeyType":"AWS_OWNED_KEY"},"IssuerConfiguration":{"Type":"UPDATED"}}}`

// What was set comes back exactly, after creation and after an update that
// sets it all again; an update that sets nothing brings the defaults back,
// but for what cannot change and what stays.
func TestWhatWasSetComesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		in := everything()
		id := ok(c.CreateUserPool(t.Context(), in))(t).UserPool.Id
		w.wantReply(t, fullPool)
		describe := func(want string) {
			t.Helper()
			ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: id}))(t)
			w.wantReply(t, want)
		}
		describe(fullPool)

		again := &idp.UpdateUserPoolInput{
			UserPoolId: id, Policies: in.Policies, DeletionProtection: in.DeletionProtection, LambdaConfig: in.LambdaConfig,
			AutoVerifiedAttributes: in.AutoVerifiedAttributes, SmsVerificationMessage: in.SmsVerificationMessage,
			EmailVerificationMessage: in.EmailVerificationMessage, EmailVerificationSubject: in.EmailVerificationSubject,
			VerificationMessageTemplate: in.VerificationMessageTemplate, SmsAuthenticationMessage: in.SmsAuthenticationMessage,
			UserAttributeUpdateSettings: in.UserAttributeUpdateSettings, MfaConfiguration: in.MfaConfiguration,
			DeviceConfiguration: in.DeviceConfiguration, EmailConfiguration: in.EmailConfiguration, SmsConfiguration: in.SmsConfiguration,
			UserPoolTags: in.UserPoolTags, AdminCreateUserConfig: in.AdminCreateUserConfig, UserPoolAddOns: in.UserPoolAddOns,
			AccountRecoverySetting: in.AccountRecoverySetting, UserPoolTier: in.UserPoolTier,
			KeyConfiguration: in.KeyConfiguration, IssuerConfiguration: in.IssuerConfiguration,
		}
		ok(c.UpdateUserPool(t.Context(), again))(t)
		w.wantReply(t, `{}`)
		describe(fullPool)

		w.pass(time.Minute)
		_, err := c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: id})
		want(t, err, "InvalidParameterException", "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes")
		describe(fullPool)
		ok(c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
			UserPoolId: id, PoolName: aws.String("renamed"),
			UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{}},
		}))(t)
		schema := fullPool[strings.Index(fullPool, `"SchemaAttributes"`):strings.Index(fullPool, `"AutoVerifiedAttributes"`)]
		describe(`{"UserPool":{"Id":"POOL","Name":"renamed",
			"Policies":{
				"PasswordPolicy":{"MinimumLength":8,"RequireUppercase":true,"RequireLowercase":true,"RequireNumbers":true,"RequireSymbols":true,"TemporaryPasswordValidityDays":7},
				"SignInPolicy":{"AllowedFirstAuthFactors":["PASSWORD"]}},
			"DeletionProtection":"INACTIVE","LambdaConfig":{},"LastModifiedDate":1795341660.123,"CreationDate":1795341600.123,` + schema + `
			"AliasAttributes":["email","preferred_username"],
			"VerificationMessageTemplate":{"DefaultEmailOption":"CONFIRM_WITH_CODE"},
			"UserAttributeUpdateSettings":{"AttributesRequireVerificationBeforeUpdate":[]},
			"MfaConfiguration":"OFF","EstimatedNumberOfUsers":0,"EmailConfiguration":{"EmailSendingAccount":"COGNITO_DEFAULT"},
			"UserPoolTags":{"empty":"","team":"id"},
			"AdminCreateUserConfig":{"AllowAdminCreateUserOnly":false,"UnusedAccountValidityDays":7},
			"UsernameConfiguration":{"CaseSensitive":false},
			"Arn":"arn:aws:cognito-idp:us-west-2:111111111111:userpool/POOL","UserPoolTier":"PLUS"}}`)
	})
}

func TestPoolSettingsThatContradict(t *testing.T) {
	type change = func(*idp.CreateUserPoolInput)
	lambda := func(f func(*types.LambdaConfigType)) change {
		return func(in *idp.CreateUserPoolInput) {
			in.LambdaConfig = &types.LambdaConfigType{}
			f(in.LambdaConfig)
		}
	}
	attribute := func(a types.SchemaAttributeType) change {
		return func(in *idp.CreateUserPoolInput) { in.Schema = []types.SchemaAttributeType{a} }
	}
	recovery := func(options ...types.RecoveryOptionType) change {
		return func(in *idp.CreateUserPoolInput) {
			in.AccountRecoverySetting = &types.AccountRecoverySettingType{RecoveryMechanisms: options}
		}
	}
	email := func(c types.EmailConfigurationType) change {
		return func(in *idp.CreateUserPoolInput) { in.EmailConfiguration = &c }
	}
	fn := aws.String("arn:aws:lambda:us-west-2:111111111111:function:f")
	ses := aws.String("arn:aws:ses:us-west-2:111111111111:identity/example.com")
	cases := []struct {
		what, code, message string
		change              change
	}{
		{
			"aliases beside username attributes", "InvalidParameterException", "Only one of the aliasAttributes or usernameAttributes can be set in a User Pool.",
			func(in *idp.CreateUserPoolInput) {
				in.AliasAttributes = []types.AliasAttributeType{"email"}
				in.UsernameAttributes = []types.UsernameAttributeType{"email"}
			},
		},
		{
			"first factors without a password", "InvalidParameterException", "Password should be configured as one of the allowed first auth factors.",
			func(in *idp.CreateUserPoolInput) {
				in.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"EMAIL_OTP"}}}
			},
		},
		{
			"two lives of temporary passwords", "InvalidParameterException", "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
			func(in *idp.CreateUserPoolInput) {
				in.Policies = &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{TemporaryPasswordValidityDays: 7}}
				in.AdminCreateUserConfig = &types.AdminCreateUserConfigType{UnusedAccountValidityDays: 7}
			},
		},
		{
			"verified phones without SMS", "InvalidParameterException", "SMS configuration is required when phone_number is selected for auto verification",
			func(in *idp.CreateUserPoolInput) {
				in.AutoVerifiedAttributes = []types.VerifiedAttributeType{"phone_number"}
			},
		},
		{
			"MFA without a factor", "InvalidParameterException", "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
			func(in *idp.CreateUserPoolInput) { in.MfaConfiguration = "ON" },
		},
		{
			"another account's SMS role", "InvalidParameterException", "Cross-account pass role is not allowed.",
			func(in *idp.CreateUserPoolInput) {
				in.SmsConfiguration = &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::222222222222:role/sms")}
			},
		},
		{
			"own sender without identity", "InvalidParameterException", "Source ARN is required to use DEVELOPER email sending owner",
			email(types.EmailConfigurationType{EmailSendingAccount: "DEVELOPER"}),
		},
		{
			"service sender with identity", "InvalidParameterException", "Cognito is not allowed to use your email identity",
			email(types.EmailConfigurationType{SourceArn: ses}),
		},
		{
			"custom sender without a key", "InvalidParameterException", "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
			lambda(func(c *types.LambdaConfigType) {
				c.CustomSMSSender = &types.CustomSMSLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: fn}
			}),
		},
		{
			"two pre-token functions", "InvalidParameterException", "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's",
			lambda(func(c *types.LambdaConfigType) {
				c.PreTokenGeneration = fn
				c.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{LambdaVersion: "V1_0", LambdaArn: aws.String(*fn + "2")}
			}),
		},
		{
			"a function of another region", "InvalidParameterException", "Cross-region lambda functions are not supported",
			lambda(func(c *types.LambdaConfigType) {
				c.PreSignUp = aws.String("arn:aws:lambda:us-east-1:111111111111:function:f")
			}),
		},
		{
			"admins only and more", "InvalidParameterException", "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.",
			recovery(types.RecoveryOptionType{Priority: aws.Int32(1), Name: "admin_only"}, types.RecoveryOptionType{Priority: aws.Int32(2), Name: "verified_email"}),
		},
		{
			"one priority twice", "InvalidParameterException", "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
			recovery(types.RecoveryOptionType{Priority: aws.Int32(1), Name: "verified_phone_number"}, types.RecoveryOptionType{Priority: aws.Int32(1), Name: "verified_email"}),
		},
		{
			"LITE with more than passwords", "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In",
			func(in *idp.CreateUserPoolInput) {
				in.UserPoolTier = "LITE"
				in.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
			},
		},
		{
			"LITE with token customization", "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: Token Customization with Pre-Token Generation Lambda V2_0",
			func(in *idp.CreateUserPoolInput) {
				in.UserPoolTier = "LITE"
				in.LambdaConfig = &types.LambdaConfigType{PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaVersion: "V2_0", LambdaArn: fn}}
			},
		},
		{
			"threat protection below PLUS", "FeatureUnavailableInTierException", "The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection",
			func(in *idp.CreateUserPoolInput) {
				in.UserPoolAddOns = &types.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
			},
		},
		{
			"enforced threat protection", "InvalidParameterException", "AdvancedSecurityMode ENFORCED is not supported by this deployment: nothing would block a risky sign-in.",
			func(in *idp.CreateUserPoolInput) {
				in.UserPoolTier = "PLUS"
				in.UserPoolAddOns = &types.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}
			},
		},
		{
			"a key of the customer's", "InvalidParameterException", "KeyType CUSTOMER_MANAGED_KEY is not supported by this deployment: secrets are sealed under the deployment's own keys.",
			func(in *idp.CreateUserPoolInput) {
				in.KeyConfiguration = &types.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY", KmsKeyArn: aws.String("arn:aws:kms:us-west-2:111111111111:key/k")}
			},
		},
		{
			"an invitation without the code", "InvalidParameterException", "1 validation error detected: Value 'Hello {username}' at 'adminCreateUserConfig.inviteMessageTemplate.emailMessage' failed to satisfy constraint: Member must satisfy regular expression pattern: .*\\{####\\}.*\\{username\\}.*|.*\\{username\\}.*\\{####\\}.*",
			func(in *idp.CreateUserPoolInput) {
				in.AdminCreateUserConfig = &types.AdminCreateUserConfigType{InviteMessageTemplate: &types.MessageTemplateType{EmailMessage: aws.String("Hello {username}")}}
			},
		},
		{
			"another type for email", "InvalidParameterException", "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
			attribute(types.SchemaAttributeType{Name: aws.String("email"), AttributeDataType: "Number"}),
		},
		{
			"email for developers only", "InvalidParameterException", "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
			attribute(types.SchemaAttributeType{Name: aws.String("email"), DeveloperOnlyAttribute: aws.Bool(true)}),
		},
		{
			"a custom attribute without a type", "InvalidParameterException", "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
			attribute(types.SchemaAttributeType{Name: aws.String("x")}),
		},
		{
			"a required custom attribute", "InvalidParameterException", "Required custom attributes are not supported currently.",
			attribute(types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: "String", Required: aws.Bool(true)}),
		},
		{
			"lengths out of order", "InvalidParameterException", "Attribute custom:x cannot have a max length shorter than it's min length",
			attribute(types.SchemaAttributeType{
				Name: aws.String("x"), AttributeDataType: "String",
				StringAttributeConstraints: &types.StringAttributeConstraintsType{MinLength: aws.String("10"), MaxLength: aws.String("9")},
			}),
		},
		{
			"a length beyond the limit", "InvalidParameterException", "user.custom:x: String attributes cannot have a length of more than 2048",
			attribute(types.SchemaAttributeType{
				Name: aws.String("x"), AttributeDataType: "String",
				StringAttributeConstraints: &types.StringAttributeConstraintsType{MaxLength: aws.String("2049")},
			}),
		},
		{
			"values out of order", "InvalidParameterException", "Attribute custom:x cannot have a max value smaller than it's min value",
			attribute(types.SchemaAttributeType{
				Name: aws.String("x"), AttributeDataType: "Number",
				NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MinValue: aws.String("10"), MaxValue: aws.String("9")},
			}),
		},
		{
			"one attribute twice", "InvalidParameterException", "Duplicate custom attribute names custom:x are not allowed in a user pool schema.",
			func(in *idp.CreateUserPoolInput) {
				a := types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: "String"}
				in.Schema = []types.SchemaAttributeType{a, a}
			},
		},
		{
			"a reserved tag", "InvalidParameterException", "aws: prefixed tag key names are not allowed for external use.",
			func(in *idp.CreateUserPoolInput) { in.UserPoolTags = map[string]string{"AWS:x": ""} },
		},
	}
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c)
		for _, tt := range cases {
			in := &idp.CreateUserPoolInput{PoolName: aws.String("x")}
			tt.change(in)
			t.Run(tt.what, func(t *testing.T) {
				_, err := c.CreateUserPool(t.Context(), in)
				want(t, err, tt.code, tt.message)
				if in.Schema != nil || in.AliasAttributes != nil {
					return // not for updates
				}
				_, err = c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
					UserPoolId: &id, Policies: in.Policies, AutoVerifiedAttributes: in.AutoVerifiedAttributes, MfaConfiguration: in.MfaConfiguration,
					SmsConfiguration: in.SmsConfiguration, EmailConfiguration: in.EmailConfiguration, LambdaConfig: in.LambdaConfig,
					AccountRecoverySetting: in.AccountRecoverySetting, UserPoolTier: in.UserPoolTier, UserPoolAddOns: in.UserPoolAddOns,
					KeyConfiguration: in.KeyConfiguration, AdminCreateUserConfig: in.AdminCreateUserConfig, UserPoolTags: in.UserPoolTags,
				})
				want(t, err, tt.code, tt.message)
			})
		}
		if got := ok(c.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(60)}))(t).UserPools; len(got) != 1 {
			t.Errorf("refused requests left %d pools", len(got)-1)
		}
		ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t)
		w.wantReply(t, strings.Replace(freshPool, `"demo"`, `"people"`, 1))
	})
}

func TestPoolsStayWithTheirOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := w.root(alpha, west)
		var ids []string
		for range 5 {
			ids = append(ids, w.pool(mine))
		}
		slices.Sort(ids)
		others := map[string]*idp.Client{"another account": w.root(beta, west), "another region": w.root(alpha, tokyo), "both": w.root(beta, tokyo)}
		for name, other := range others {
			w.pool(other)
			_, err := other.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &ids[0]})
			want(t, err, "ResourceNotFoundException", "User pool "+ids[0]+" does not exist.")
			_, err = other.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &ids[0], PoolName: aws.String("taken")})
			want(t, err, "ResourceNotFoundException", "User pool "+ids[0]+" does not exist.")
			_, err = other.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &ids[0]})
			want(t, err, "ResourceNotFoundException", "User pool "+ids[0]+" does not exist.")
			_, err = other.AddCustomAttributes(t.Context(), &idp.AddCustomAttributesInput{
				UserPoolId: &ids[0], CustomAttributes: []types.SchemaAttributeType{{Name: aws.String("x"), AttributeDataType: "String"}},
			})
			want(t, err, "ResourceNotFoundException", "User pool "+ids[0]+" does not exist.")
			if got := ok(other.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(60)}))(t).UserPools; len(got) != 1 {
				t.Errorf("%s lists %d pools, want its own", name, len(got))
			}
		}

		var listed []string
		pages := idp.NewListUserPoolsPaginator(mine, &idp.ListUserPoolsInput{MaxResults: aws.Int32(2)})
		for n := 0; pages.HasMorePages(); n++ {
			page := ok(pages.NextPage(t.Context()))(t)
			if len(page.UserPools) > 2 || n == 0 && page.NextToken == nil {
				t.Fatalf("page %d has %d pools, token %v", n, len(page.UserPools), page.NextToken)
			}
			for _, p := range page.UserPools {
				listed = append(listed, *p.Id)
			}
			if n == 0 {
				_, err := others["another account"].ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(2), NextToken: page.NextToken})
				want(t, err, "InvalidParameterException", "Invalid pagination token given.")
				_, err = mine.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(2), NextToken: aws.String("x" + *page.NextToken)})
				want(t, err, "InvalidParameterException", "Invalid pagination token given.")
			}
		}
		if !slices.Equal(ids, listed) {
			t.Errorf("pages hold %v, want %v", listed, ids)
		}
		if strings.Contains(string(w.raw), "NextToken") {
			t.Errorf("the last page names a token: %s", w.raw)
		}
	})
}

func TestPoolsAreDeletedWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c, func(in *idp.CreateUserPoolInput) { in.DeletionProtection = "ACTIVE" })
		client := ok(c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &id, ClientName: aws.String("web")}))(t).UserPoolClient.ClientId
		ok(c.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &id, GroupName: aws.String("g")}))(t)

		_, err := c.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id})
		want(t, err, "InvalidParameterException", "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
		ok(c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, DeletionProtection: "INACTIVE"}))(t)
		if keys, err := w.keys.PublicKeys(t.Context(), id); err != nil || len(keys) != 2 {
			t.Errorf("the pool has keys %v: %v", keys, err)
		}
		ok(c.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id}))(t)
		if keys, err := w.keys.PublicKeys(t.Context(), id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("keys outlive their pool: %v, %v", keys, err)
		}
		_, err = c.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id})
		want(t, err, "ResourceNotFoundException", "User pool "+id+" does not exist.")
		if _, _, err := w.pools.FindClient(t.Context(), *client); !errors.Is(err, api.ResourceNotFoundException("")) {
			t.Errorf("the client outlives its pool: %v", err)
		}
		if groups, err := w.db.UserPoolGroups().Groups(t.Context(), id, "", 10); err != nil || len(groups) != 0 {
			t.Errorf("groups outlive their pool: %v, %v", groups, err)
		}
	})
}

func TestCustomAttributesAreAdded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c)
		add := func(attributes ...types.SchemaAttributeType) error {
			_, err := c.AddCustomAttributes(t.Context(), &idp.AddCustomAttributesInput{UserPoolId: &id, CustomAttributes: attributes})
			return err
		}
		text := func(name string) types.SchemaAttributeType {
			return types.SchemaAttributeType{Name: &name, AttributeDataType: "String"}
		}
		if err := add(text("plan"), types.SchemaAttributeType{Name: aws.String("plan"), AttributeDataType: "Boolean", DeveloperOnlyAttribute: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		want(t, add(text("new"), text("plan")), "InvalidParameterException", "custom:plan: Existing attribute already has name custom:plan.")
		want(t, add(types.SchemaAttributeType{Name: aws.String("plan"), AttributeDataType: "String", DeveloperOnlyAttribute: aws.Bool(true)}),
			"InvalidParameterException", "custom:plan: Existing attribute already has name dev:custom:plan.")
		want(t, add(text("same"), text("same")), "InvalidParameterException", "custom:same: Existing attribute already has name custom:same.")
		for i := range 2 {
			var batch []types.SchemaAttributeType
			for j := range 24 {
				batch = append(batch, text(fmt.Sprintf("a%d-%d", i, j)))
			}
			if err := add(batch...); err != nil {
				t.Fatal(err)
			}
		}
		want(t, add(text("one.too.many")), "InvalidParameterException", "The user pool cannot have more than 50 custom attributes.")

		schema := ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t).UserPool.SchemaAttributes
		if len(schema) != 70 || *schema[20].Name != "custom:plan" || *schema[21].Name != "dev:custom:plan" || *schema[69].Name != "custom:a1-23" {
			t.Errorf("schema has %d attributes, %s, %s … %s", len(schema), *schema[20].Name, *schema[21].Name, *schema[len(schema)-1].Name)
		}
	})
}
