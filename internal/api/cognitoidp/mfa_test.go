package cognitoidp_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestSecondFactors(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c)
		set := func(in idp.SetUserPoolMfaConfigInput) error {
			in.UserPoolId = &id
			_, err := c.SetUserPoolMfaConfig(t.Context(), &in)
			return err
		}
		// reply checks what a call answered, and that it reads back the same.
		reply := func(err error, text string) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			w.wantReply(t, text)
			ok(c.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id}))(t)
			w.wantReply(t, text)
		}
		totp := &types.SoftwareTokenMfaConfigType{Enabled: true}
		sms := &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::111111111111:role/sms"), ExternalId: aws.String("e")}

		reply(set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: totp}),
			`{"SoftwareTokenMfaConfiguration":{"Enabled":true},"MfaConfiguration":"ON"}`)
		if got := ok(c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &id}))(t).UserPool.MfaConfiguration; got != "ON" {
			t.Errorf("the pool shows MfaConfiguration %s", got)
		}
		// Terraform repeats the setting in its update, and keeps the factor.
		ok(c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, MfaConfiguration: "ON"}))(t)
		ok(c.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id}))(t)
		w.wantReply(t, `{"SoftwareTokenMfaConfiguration":{"Enabled":true},"MfaConfiguration":"ON"}`)

		reply(set(idp.SetUserPoolMfaConfigInput{
			MfaConfiguration:    "OPTIONAL",
			SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: sms, SmsAuthenticationMessage: aws.String("Code {####}")},
		}), `{"SmsMfaConfiguration":{"SmsAuthenticationMessage":"Code {####}","SmsConfiguration":{"SnsCallerArn":"arn:aws:iam::111111111111:role/sms","ExternalId":"e"}},"MfaConfiguration":"OPTIONAL"}`)
		want(t, set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: totp}),
			"InvalidParameterException", "Can't turn off SMS_MFA when SMS configuration is set for the user pool")
		want(t, set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "OFF", SoftwareTokenMfaConfiguration: totp}),
			"InvalidParameterException", "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
		want(t, set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{}}),
			"InvalidParameterException", "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.")
		want(t, set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SmsMfaConfiguration: &types.SmsMfaConfigType{}, EmailMfaConfiguration: &types.EmailMfaConfigType{}}),
			"InvalidParameterException", "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT.")
		want(t, set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SmsMfaConfiguration: &types.SmsMfaConfigType{
			SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::222222222222:role/sms")},
		}}), "InvalidParameterException", "Cross-account pass role is not allowed.")

		// Passkey settings alone leave the rest as it is.
		reply(set(idp.SetUserPoolMfaConfigInput{WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com"), UserVerification: "required"}}),
			`{"SmsMfaConfiguration":{"SmsAuthenticationMessage":"Code {####}","SmsConfiguration":{"SnsCallerArn":"arn:aws:iam::111111111111:role/sms","ExternalId":"e"}},"MfaConfiguration":"OPTIONAL","WebAuthnConfiguration":{"RelyingPartyId":"example.com","UserVerification":"required"}}`)
		reply(set(idp.SetUserPoolMfaConfigInput{MfaConfiguration: "OFF"}),
			`{"MfaConfiguration":"OFF","WebAuthnConfiguration":{"RelyingPartyId":"example.com","UserVerification":"required"}}`)

		for _, other := range []*idp.Client{w.root(beta, west), w.root(alpha, tokyo)} {
			_, err := other.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &id})
			want(t, err, "ResourceNotFoundException", "User pool "+id+" does not exist.")
			_, err = other.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{UserPoolId: &id, MfaConfiguration: "OFF"})
			want(t, err, "ResourceNotFoundException", "User pool "+id+" does not exist.")
		}
	})
}

func TestSecondFactorsByPlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		id := w.pool(c, func(in *idp.CreateUserPoolInput) {
			in.UserPoolTier = "LITE"
			in.EmailConfiguration = &types.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceArn: aws.String("arn:aws:ses:us-west-2:111111111111:identity/example.com")}
		})
		_, err := c.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{UserPoolId: &id, MfaConfiguration: "ON", EmailMfaConfiguration: &types.EmailMfaConfigType{}})
		want(t, err, "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: Email MFA")
		_, err = c.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{UserPoolId: &id, WebAuthnConfiguration: &types.WebAuthnConfigurationType{}})
		want(t, err, "FeatureUnavailableInTierException", "The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In")
		ok(c.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &id, UserPoolTier: "ESSENTIALS", EmailConfiguration: &types.EmailConfigurationType{
			EmailSendingAccount: "DEVELOPER", SourceArn: aws.String("arn:aws:ses:us-west-2:111111111111:identity/example.com"),
		}}))(t)
		ok(c.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &id, MfaConfiguration: "ON", EmailMfaConfiguration: &types.EmailMfaConfigType{Message: aws.String("Code {####}"), Subject: aws.String("Hi")},
		}))(t)
		w.wantReply(t, `{"EmailMfaConfiguration":{"Message":"Code {####}","Subject":"Hi"},"MfaConfiguration":"ON"}`)
	})
}
