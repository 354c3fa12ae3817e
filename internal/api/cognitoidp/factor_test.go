package cognitoidp_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/otp"
)

// mfa sets whether a second factor is asked for, and offers all of them.
func (p *people) mfa(mode types.UserPoolMfaType, change ...func(*idp.SetUserPoolMfaConfigInput)) {
	p.t.Helper()
	in := &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &p.poolID, MfaConfiguration: mode,
		SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{
			SnsCallerArn: aws.String("arn:aws:iam::111111111111:role/sms"), ExternalId: aws.String("cenote"),
		}},
		EmailMfaConfiguration: &types.EmailMfaConfigType{Message: aws.String("Code: {####}"), Subject: aws.String("Sign in")},
	}
	for _, f := range change {
		f(in)
	}
	if _, err := p.admin.SetUserPoolMfaConfig(p.t.Context(), in); err != nil {
		p.t.Fatal(err)
	}
}

// tokensOnly offers software tokens alone.
func tokensOnly(in *idp.SetUserPoolMfaConfigInput) {
	in.SmsMfaConfiguration, in.EmailMfaConfiguration = nil, nil
}

// app is somebody's authenticator app.
type app struct {
	p      *people
	secret []byte
}

func (p *people) newApp(secretCode *string) app {
	p.t.Helper()
	secret, err := otp.Decode(*secretCode)
	if err != nil {
		p.t.Fatal(err)
	}
	return app{p, secret}
}

// code is what the app shows now, or so many steps from now.
func (a app) code(steps ...int64) string {
	step := otp.Step(a.p.now())
	for _, n := range steps {
		step += n
	}
	return otp.Code(a.secret, step)
}

// wrong is a code that no step near now has.
func (a app) wrong() string {
	for _, c := range []string{"000000", "111111", "222222", "333333"} {
		if c != a.code(-1) && c != a.code() && c != a.code(1) {
			return c
		}
	}
	return "444444"
}

// associate asks for a new software token.
func (p *people) associate(accessToken *string) app {
	p.t.Helper()
	out, err := p.pub.AssociateSoftwareToken(p.t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: accessToken})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.newApp(out.SecretCode)
}

func (p *people) verify(accessToken *string, code string) error {
	_, err := p.pub.VerifySoftwareToken(p.t.Context(), &idp.VerifySoftwareTokenInput{
		AccessToken: accessToken, UserCode: &code, FriendlyDeviceName: aws.String("phone"),
	})
	return err
}

// prefer turns a user's software token on.
func (p *people) prefer(name string) {
	p.t.Helper()
	_, err := p.admin.AdminSetUserMFAPreference(p.t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &p.poolID, Username: &name,
		SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// settings is what AdminGetUser tells of a user's second factors.
func (p *people) settings(name string) string {
	u := p.get(name)
	s := strings.Join(u.UserMFASettingList, " ") + " preferred " + aws.ToString(u.PreferredMfaSetting)
	for _, o := range u.MFAOptions {
		s += " option " + string(o.DeliveryMedium) + " " + *o.AttributeName
	}
	return s
}

func TestSoftwareTokenByAccessToken(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		me := p.tokensOf("alice", goodPassword).AccessToken

		_, err := p.pub.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: me})
		want(t, err, "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
		want(t, p.verify(me, "123456"), "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")

		p.mfa(types.UserPoolMfaTypeOptional)
		const mismatch = "Code mismatch and fail enable Software Token MFA"
		want(t, p.verify(me, "123456"), "EnableSoftwareTokenMFAException", mismatch)
		old := p.associate(me)
		phone := p.associate(me)
		if len(phone.secret) != 32 || string(old.secret) == string(phone.secret) {
			t.Errorf("secrets %x and %x", old.secret, phone.secret)
		}
		want(t, p.verify(me, phone.wrong()), "EnableSoftwareTokenMFAException", mismatch)
		want(t, p.verify(me, old.code()), "EnableSoftwareTokenMFAException", mismatch)
		if err := p.verify(me, phone.code()); err != nil {
			t.Fatal(err)
		}
		want(t, p.verify(me, phone.code()), "EnableSoftwareTokenMFAException", mismatch)

		// Registered, not active.
		if got := p.settings("alice"); got != " preferred " {
			t.Errorf("settings: %s", got)
		}
		p.tokensOf("alice", goodPassword)
		p.prefer("alice")
		if got := p.settings("alice"); got != "SOFTWARE_TOKEN_MFA preferred SOFTWARE_TOKEN_MFA" {
			t.Errorf("settings: %s", got)
		}
		out, err := p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: me})
		if err != nil || strings.Join(out.UserMFASettingList, " ") != "SOFTWARE_TOKEN_MFA" || aws.ToString(out.PreferredMfaSetting) != "SOFTWARE_TOKEN_MFA" {
			t.Errorf("GetUser: %v, %s", err, p.raw)
		}

		if _, err := p.admin.AdminDeleteSoftwareToken(t.Context(), &idp.AdminDeleteSoftwareTokenInput{UserPoolId: &p.poolID, Username: aws.String("alice")}); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != " preferred " {
			t.Errorf("settings after the token was deleted: %s", got)
		}
		p.tokensOf("alice", goodPassword)
	})
}

func TestWhoMayHandleSoftwareTokens(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice")
	p.mfa(types.UserPoolMfaTypeOptional)
	r := p.tokensOf("alice", goodPassword)
	const neither = "Exactly one of AccessToken and Session is required."
	for name, c := range map[string]struct {
		token, session *string
		code, message  string
	}{
		"nobody":      {nil, nil, "InvalidParameterException", neither},
		"both":        {r.AccessToken, aws.String("a-session-of-some-length"), "InvalidParameterException", neither},
		"an ID token": {r.IdToken, nil, "NotAuthorizedException", "Invalid Access Token"},
		"a forgery":   {aws.String((*r.AccessToken)[:len(*r.AccessToken)-8] + "AAAAAAAA"), nil, "NotAuthorizedException", "Could not verify signature for Access Token"},
	} {
		_, err := p.pub.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: c.token, Session: c.session})
		if err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("associate, %s: %v", name, err)
		}
		_, err = p.pub.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: c.token, Session: c.session, UserCode: aws.String("123456")})
		if err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("verify, %s: %v", name, err)
		}
	}
	_, err := p.admin.AdminDeleteSoftwareToken(t.Context(), &idp.AdminDeleteSoftwareTokenInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
	want(t, err, "UserNotFoundException", noUser)
	_, err = p.pub.AdminDeleteSoftwareToken(t.Context(), &idp.AdminDeleteSoftwareTokenInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("another account deletes a token: %v", err)
	}
}

func TestMFAPreference(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("email", "alice@example.com"), attr("phone_number", "+12065550123"))
		p.confirmed("bob")
		set := func(name string, sms *types.SMSMfaSettingsType, token *types.SoftwareTokenMfaSettingsType, email *types.EmailMfaSettingsType) error {
			_, err := p.admin.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
				UserPoolId: &p.poolID, Username: &name, SMSMfaSettings: sms, SoftwareTokenMfaSettings: token, EmailMfaSettings: email,
			})
			return err
		}
		onSMS, onEmail := &types.SMSMfaSettingsType{Enabled: true}, &types.EmailMfaSettingsType{Enabled: true}
		onToken := &types.SoftwareTokenMfaSettingsType{Enabled: true}
		const cannot = "User does not have delivery config set to turn on "
		want(t, set("alice", onSMS, nil, nil), "InvalidParameterException", cannot+"SMS_MFA") // the pool sends none
		p.mfa(types.UserPoolMfaTypeOptional)
		want(t, set("bob", onSMS, nil, nil), "InvalidParameterException", cannot+"SMS_MFA")
		want(t, set("bob", nil, nil, onEmail), "InvalidParameterException", cannot+"EMAIL_OTP")
		want(t, set("alice", nil, onToken, nil), "InvalidParameterException", cannot+"SOFTWARE_TOKEN_MFA")
		want(t, set("alice", &types.SMSMfaSettingsType{PreferredMfa: true}, nil, nil), "InvalidParameterException",
			"A factor that is not enabled cannot be the preferred MFA.")
		want(t, set("alice", &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true}, nil, &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true}),
			"InvalidParameterException", "Only one factor can be the preferred MFA.")
		want(t, set("carol", onSMS, nil, nil), "UserNotFoundException", noUser)
		if got := p.settings("alice"); got != " preferred " {
			t.Errorf("after refusals: %s", got)
		}

		for _, step := range []struct {
			sms   *types.SMSMfaSettingsType
			email *types.EmailMfaSettingsType
			want  string
		}{
			{onSMS, nil, "SMS_MFA preferred "},
			{nil, &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true}, "SMS_MFA EMAIL_OTP preferred EMAIL_OTP"},
			{&types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true}, nil, "SMS_MFA EMAIL_OTP preferred SMS_MFA"},
			{&types.SMSMfaSettingsType{Enabled: true}, nil, "SMS_MFA EMAIL_OTP preferred "},
			{&types.SMSMfaSettingsType{}, nil, "EMAIL_OTP preferred "},
			{nil, &types.EmailMfaSettingsType{}, " preferred "},
		} {
			if err := set("alice", step.sms, nil, step.email); err != nil {
				t.Fatal(err)
			}
			if got := p.settings("alice"); got != step.want {
				t.Errorf("settings %q, want %q", got, step.want)
			}
		}

		me := p.tokensOf("alice", goodPassword).AccessToken
		_, err := p.pub.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{AccessToken: me, EmailMfaSettings: onEmail})
		if got := p.settings("alice"); err != nil || got != "EMAIL_OTP preferred " {
			t.Errorf("SetUserMFAPreference: %v, settings %q", err, got)
		}
		_, err = p.pub.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{AccessToken: aws.String("x"), EmailMfaSettings: onEmail})
		want(t, err, "NotAuthorizedException", "Invalid Access Token")
		p.update("alice", attr("email", "")) // nothing to send to any more
		if got := p.settings("alice"); got != " preferred " {
			t.Errorf("settings without an address: %q", got)
		}
	})
}

func TestUserSettings(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.mfa(types.UserPoolMfaTypeOptional)
		p.confirmed("alice", attr("phone_number", "+12065550123"))
		p.confirmed("bob")
		sms := []types.MFAOptionType{{DeliveryMedium: types.DeliveryMediumTypeSms, AttributeName: aws.String("phone_number")}}
		set := func(name string, options []types.MFAOptionType) error {
			_, err := p.admin.AdminSetUserSettings(t.Context(), &idp.AdminSetUserSettingsInput{UserPoolId: &p.poolID, Username: &name, MFAOptions: options})
			return err
		}
		want(t, set("bob", sms), "InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
		want(t, set("alice", []types.MFAOptionType{{DeliveryMedium: types.DeliveryMediumTypeEmail, AttributeName: aws.String("email")}}),
			"InvalidParameterException", "MFAOptions can set up SMS to the attribute phone_number alone.")
		want(t, set("carol", sms), "UserNotFoundException", noUser)
		me := p.tokensOf("alice", goodPassword).AccessToken
		if err := set("alice", sms); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != " preferred  option SMS phone_number" {
			t.Errorf("settings %q", got)
		}
		if _, err := p.pub.SetUserSettings(t.Context(), &idp.SetUserSettingsInput{AccessToken: me, MFAOptions: []types.MFAOptionType{}}); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != " preferred " {
			t.Errorf("settings %q", got)
		}
		_, err := p.pub.SetUserSettings(t.Context(), &idp.SetUserSettingsInput{AccessToken: aws.String("x"), MFAOptions: sms})
		want(t, err, "NotAuthorizedException", "Invalid Access Token")
	})
}

func TestAuthFactors(t *testing.T) {
	otps := setup{pool: func(in *idp.CreateUserPoolInput) {
		mailing.pool(in)
		in.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{
			types.AuthFactorTypePassword, types.AuthFactorTypeEmailOtp, types.AuthFactorTypeSmsOtp,
		}}}
	}}
	eachPeople(t, otps, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("email", "alice@example.com"), attr("phone_number", "+12065550123"))
		me := p.tokensOf("alice", goodPassword).AccessToken
		wantFactors := func(expected string) {
			t.Helper()
			out, err := p.admin.AdminGetUserAuthFactors(t.Context(), &idp.AdminGetUserAuthFactorsInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
			if err != nil {
				t.Fatal(err)
			}
			mine, err := p.pub.GetUserAuthFactors(t.Context(), &idp.GetUserAuthFactorsInput{AccessToken: me})
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range [][]types.AuthFactorType{out.ConfiguredUserAuthFactors, mine.ConfiguredUserAuthFactors} {
				var names []string
				for _, f := range got {
					names = append(names, string(f))
				}
				if strings.Join(names, " ") != expected || *out.Username != "alice" || *mine.Username != "alice" {
					t.Errorf("factors %v of %s, want %s", names, *out.Username, expected)
				}
			}
		}
		wantFactors("PASSWORD EMAIL_OTP SMS_OTP")
		p.mfa(types.UserPoolMfaTypeOptional)
		phone := p.associate(me)
		if err := p.verify(me, phone.code()); err != nil {
			t.Fatal(err)
		}
		p.prefer("alice")
		wantFactors("PASSWORD") // a code is not the first of two
		_, err := p.admin.AdminGetUserAuthFactors(t.Context(), &idp.AdminGetUserAuthFactorsInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
		want(t, err, "UserNotFoundException", noUser)
		_, err = p.pub.GetUserAuthFactors(t.Context(), &idp.GetUserAuthFactorsInput{AccessToken: aws.String("x")})
		want(t, err, "NotAuthorizedException", "Invalid Access Token")
	})
}
