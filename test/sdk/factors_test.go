package sdk

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cenote-id/cenote/internal/otp"
)

const (
	textNotOne     = "Code mismatch and fail enable Software Token MFA"
	textCannot     = "User does not have delivery config set to turn on "
	textBadToken   = "Invalid Access Token"
	textNoPasskeys = "Passkeys are not enabled for the user pool."
)

// settings is what an administrator sees of a user's second factors.
func (p *people) settings(name string) string {
	p.t.Helper()
	u := must(p.admin.AdminGetUser(p.t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: &name}))(p.t)
	return fmt.Sprint(u.UserMFASettingList, aws.ToString(u.PreferredMfaSetting), len(u.MFAOptions))
}

// A software token: set up, preferred, asked for, and taken away.
func TestSoftwareTokenLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		me := p.signIn("alice").AccessToken
		associate := func(access *string) (*idp.AssociateSoftwareTokenOutput, error) {
			return p.public.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{AccessToken: access})
		}
		verify := func(code string) error {
			_, err := p.public.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{AccessToken: me, UserCode: &code, FriendlyDeviceName: aws.String("phone")})
			return err
		}
		prefer := func(on bool) error {
			_, err := p.public.SetUserMFAPreference(ctx, &idp.SetUserMFAPreferenceInput{
				AccessToken: me, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: on, PreferredMfa: on},
			})
			return err
		}
		_, err := associate(me)
		refused[*types.SoftwareTokenMFANotFoundException](t, "a pool without", err, "Software Token MFA has not been enabled by the userPool")
		must(p.admin.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &p.pool, MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		}))(t)
		_, err = p.admin.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &p.pool, MfaConfiguration: types.UserPoolMfaTypeOff, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		})
		refused[*types.InvalidParameterException](t, "off and on", err, "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
		if c := must(p.admin.GetUserPoolMfaConfig(ctx, &idp.GetUserPoolMfaConfigInput{UserPoolId: &p.pool}))(t); c.MfaConfiguration != types.UserPoolMfaTypeOptional || !c.SoftwareTokenMfaConfiguration.Enabled {
			t.Errorf("reply %s", w.wire.reply)
		}
		refused[*types.InvalidParameterException](t, "prefer what is not set up", prefer(true), textCannot+"SOFTWARE_TOKEN_MFA")
		refused[*types.EnableSoftwareTokenMFAException](t, "verify what was not begun", verify("123456"), textNotOne)

		secret := must(otp.Decode(*must(associate(me))(t).SecretCode))(t)
		code := func() string { return otp.Code(secret, otp.Step(w.Clock().Now())) }
		refused[*types.EnableSoftwareTokenMFAException](t, "a wrong code", verify(wrong(code())), textNotOne)
		if err := verify(code()); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != "[]0" {
			t.Errorf("settings %s", got)
		}
		if err := prefer(true); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != "[SOFTWARE_TOKEN_MFA]SOFTWARE_TOKEN_MFA0" {
			t.Errorf("settings %s", got)
		}

		asked := must(p.try("alice", password))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa || asked.ChallengeParameters["FRIENDLY_DEVICE_NAME"] != "phone" {
			t.Fatalf("reply %s", w.wire.reply)
		}
		answer := func(code string) (*idp.AdminRespondToAuthChallengeOutput, error) {
			return p.admin.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: asked.ChallengeName, Session: asked.Session,
				ChallengeResponses: map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code},
			})
		}
		_, err = answer(code())
		refused[*types.ExpiredCodeException](t, "the code of the set-up", err, "Your software token has already been used once.")
		w.Clock().Advance(30 * time.Second)
		_, err = answer(wrong(code()))
		refused[*types.CodeMismatchException](t, "a wrong code", err, "Invalid code received for user")
		if out := must(answer(code()))(t); out.AuthenticationResult == nil {
			t.Fatalf("asked for %s", out.ChallengeName)
		}
		_, err = answer(code())
		refused[*types.NotAuthorizedException](t, "the session again", err, textSpent)

		remove := func(name string) error {
			_, err := p.admin.AdminDeleteSoftwareToken(ctx, &idp.AdminDeleteSoftwareTokenInput{UserPoolId: &p.pool, Username: &name})
			return err
		}
		refused[*types.UserNotFoundException](t, "nobody's token", remove("nobody"), textNoUser)
		if err := remove("alice"); err != nil {
			t.Fatal(err)
		}
		p.signIn("alice")
		junk := aws.String("junk")
		_, err = associate(junk)
		refused[*types.NotAuthorizedException](t, "associate with junk", err, textBadToken)
	})
}

// Preferences of every factor, in the new form and in the old one.
func TestMFAPreferences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
		p, ctx := g.people, t.Context()
		must(p.admin.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &p.pool, MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
			EmailMfaConfiguration: &types.EmailMfaConfigType{}, SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{
				SnsCallerArn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/sms"), ExternalId: aws.String("outside"),
			}},
		}))(t)
		must(p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: attributes("phone_number", "+12065550123", "phone_number_verified", "true"),
		}))(t)
		set := func(name string, sms *types.SMSMfaSettingsType, email *types.EmailMfaSettingsType) error {
			_, err := p.admin.AdminSetUserMFAPreference(ctx, &idp.AdminSetUserMFAPreferenceInput{UserPoolId: &p.pool, Username: &name, SMSMfaSettings: sms, EmailMfaSettings: email})
			return err
		}
		on := &types.SMSMfaSettingsType{Enabled: true}
		refused[*types.InvalidParameterException](t, "no phone", set("bob", on, nil), textCannot+"SMS_MFA")
		refused[*types.UserNotFoundException](t, "nobody", set("nobody", on, nil), textNoUser)
		refused[*types.InvalidParameterException](t, "two preferred", set("alice",
			&types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true}, &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true}),
			"Only one factor can be the preferred MFA.")
		me := must(g.byPassword("alice"))(t).AuthenticationResult.AccessToken
		if err := set("alice", on, &types.EmailMfaSettingsType{Enabled: true}); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != "[SMS_MFA EMAIL_OTP]0" {
			t.Errorf("settings %s", got)
		}
		asked := must(g.byPassword("alice"))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSelectMfaType || asked.ChallengeParameters["MFAS_CAN_CHOOSE"] != `["SMS_MFA","EMAIL_OTP"]` {
			t.Fatalf("reply %s", w.wire.reply)
		}
		chosen := must(p.respond(asked.ChallengeName, asked.Session, map[string]string{"USERNAME": "alice", "ANSWER": "SMS_MFA"}))(t)
		if chosen.ChallengeName != types.ChallengeNameTypeSmsMfa || chosen.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "+*******0123" {
			t.Fatalf("reply %s", w.wire.reply)
		}
		code := p.code("+12065550123")
		by := func(code string) (*idp.RespondToAuthChallengeOutput, error) {
			return p.respond(chosen.ChallengeName, chosen.Session, map[string]string{"USERNAME": "alice", "SMS_MFA_CODE": code})
		}
		_, err := by(wrong(code))
		refused[*types.CodeMismatchException](t, "a wrong code", err, "Invalid code received for user")
		if out := must(by(code))(t); out.AuthenticationResult == nil {
			t.Errorf("asked for %s", out.ChallengeName)
		}

		// The old form knows SMS alone.
		options := func(name string, medium types.DeliveryMediumType, attribute string) error {
			_, err := p.admin.AdminSetUserSettings(ctx, &idp.AdminSetUserSettingsInput{
				UserPoolId: &p.pool, Username: &name, MFAOptions: []types.MFAOptionType{{DeliveryMedium: medium, AttributeName: &attribute}},
			})
			return err
		}
		refused[*types.InvalidParameterException](t, "e-mail in the old form", options("alice", types.DeliveryMediumTypeEmail, "email"), "MFAOptions can set up SMS to the attribute phone_number alone.")
		refused[*types.UserNotFoundException](t, "nobody's settings", options("nobody", types.DeliveryMediumTypeSms, "phone_number"), textNoUser)
		if err := set("alice", &types.SMSMfaSettingsType{}, &types.EmailMfaSettingsType{}); err != nil {
			t.Fatal(err)
		}
		if err := options("alice", types.DeliveryMediumTypeSms, "phone_number"); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != "[]1" {
			t.Errorf("settings %s", got)
		}
		own := func(access *string) error {
			_, err := p.public.SetUserSettings(ctx, &idp.SetUserSettingsInput{AccessToken: access, MFAOptions: []types.MFAOptionType{}})
			return err
		}
		refused[*types.NotAuthorizedException](t, "settings with junk", own(aws.String("junk")), textBadToken)
		if err := own(me); err != nil {
			t.Fatal(err)
		}
		if got := p.settings("alice"); got != "[]0" {
			t.Errorf("settings %s", got)
		}

		// What each can sign in with.
		want := []types.AuthFactorType{types.AuthFactorTypePassword, types.AuthFactorTypeEmailOtp}
		mine := must(p.public.GetUserAuthFactors(ctx, &idp.GetUserAuthFactorsInput{AccessToken: me}))(t)
		theirs := must(p.admin.AdminGetUserAuthFactors(ctx, &idp.AdminGetUserAuthFactorsInput{UserPoolId: &p.pool, Username: aws.String("alice")}))(t)
		if !slices.Equal(mine.ConfiguredUserAuthFactors, want) || !slices.Equal(theirs.ConfiguredUserAuthFactors, want) || *mine.Username != "alice" {
			t.Errorf("factors %v and %v", mine.ConfiguredUserAuthFactors, theirs.ConfiguredUserAuthFactors)
		}
		_, err = p.admin.AdminGetUserAuthFactors(ctx, &idp.AdminGetUserAuthFactorsInput{UserPoolId: &p.pool, Username: aws.String("nobody")})
		refused[*types.UserNotFoundException](t, "nobody's factors", err, textNoUser)
		_, err = p.public.GetUserAuthFactors(ctx, &idp.GetUserAuthFactorsInput{AccessToken: aws.String("junk")})
		refused[*types.NotAuthorizedException](t, "factors with junk", err, textBadToken)
	})
}

// authenticator is a device with one passkey.
type authenticator struct {
	device virtualwebauthn.Authenticator
	key    virtualwebauthn.Credential
}

var site = virtualwebauthn.RelyingParty{ID: "example.com", Name: "example.com", Origin: "https://login.example.com"}

func newAuthenticator() *authenticator {
	// The library leaves leading zeros of coordinates out, which COSE does not
	// allow; a key with both coordinates whole is this long.
	const encoded = 77
	for {
		if key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(key.Key.AttestationData()) == encoded {
			return &authenticator{virtualwebauthn.NewAuthenticator(), key}
		}
	}
}

// attest begins a registration and returns the device's answer to it.
func (p *people) attest(a *authenticator, access *string) map[string]any {
	p.t.Helper()
	must(p.public.StartWebAuthnRegistration(p.t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: access}))(p.t)
	var reply struct{ CredentialCreationOptions json.RawMessage }
	if err := json.Unmarshal(p.w.wire.reply, &reply); err != nil {
		p.t.Fatal(err)
	}
	options := must(virtualwebauthn.ParseAttestationOptions(string(reply.CredentialCreationOptions)))(p.t)
	a.device.Options.UserHandle = []byte(options.UserID)
	var answer map[string]any
	if err := json.Unmarshal([]byte(virtualwebauthn.CreateAttestationResponse(site, a.device, a.key, *options)), &answer); err != nil {
		p.t.Fatal(err)
	}
	a.device.AddCredential(a.key)
	return answer
}

// A passkey: registered, listed, signed in with, and deleted.
func TestPasskeyLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
		p, ctx := g.people, t.Context()
		me := must(g.byPassword("alice"))(t).AuthenticationResult.AccessToken
		start := func(access *string) error {
			_, err := p.public.StartWebAuthnRegistration(ctx, &idp.StartWebAuthnRegistrationInput{AccessToken: access})
			return err
		}
		complete := func(answer map[string]any) error {
			_, err := p.public.CompleteWebAuthnRegistration(ctx, &idp.CompleteWebAuthnRegistrationInput{AccessToken: me, Credential: document.NewLazyDocument(answer)})
			return err
		}
		list := func(access *string) (*idp.ListWebAuthnCredentialsOutput, error) {
			return p.public.ListWebAuthnCredentials(ctx, &idp.ListWebAuthnCredentialsInput{AccessToken: access})
		}
		remove := func(id string) error {
			_, err := p.public.DeleteWebAuthnCredential(ctx, &idp.DeleteWebAuthnCredentialInput{AccessToken: me, CredentialId: &id})
			return err
		}
		refused[*types.WebAuthnNotEnabledException](t, "a pool without", start(me), textNoPasskeys)
		must(p.admin.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &p.pool, Policies: &types.UserPoolPolicyType{
			SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{types.AuthFactorTypePassword, types.AuthFactorTypeWebAuthn}},
		}}))(t)
		refused[*types.WebAuthnConfigurationMissingException](t, "no relying party", start(me), "The user pool has no relying party ID.")
		must(p.admin.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{UserPoolId: &p.pool, WebAuthnConfiguration: &types.WebAuthnConfigurationType{
			RelyingPartyId: aws.String("example.com"), UserVerification: types.UserVerificationTypeRequired,
		}}))(t)

		phone := newAuthenticator()
		answer := p.attest(phone, me)
		if err := complete(answer); err != nil {
			t.Fatal(err)
		}
		refused[*types.WebAuthnChallengeNotFoundException](t, "the answer again", complete(answer), "No registration of a passkey is pending.")
		keys := must(list(me))(t).Credentials
		if len(keys) != 1 || *keys[0].RelyingPartyId != "example.com" {
			t.Fatalf("reply %s", w.wire.reply)
		}

		signIn := func(a *authenticator, name string) (*idp.RespondToAuthChallengeOutput, error) {
			asked := must(g.begin(name, "PREFERRED_CHALLENGE", "WEB_AUTHN"))(t)
			if asked.ChallengeName != types.ChallengeNameTypeWebAuthn {
				t.Fatalf("%s: asked for %s", name, asked.ChallengeName)
			}
			options := must(virtualwebauthn.ParseAssertionOptions(asked.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"]))(t)
			return p.respond(asked.ChallengeName, asked.Session, map[string]string{
				"USERNAME": name, "CREDENTIAL": virtualwebauthn.CreateAssertionResponse(site, a.device, a.key, *options),
			})
		}
		if out := must(signIn(phone, "alice"))(t); out.AuthenticationResult == nil {
			t.Fatalf("asked for %s", out.ChallengeName)
		}
		stranger := newAuthenticator()
		stranger.device.Options.UserHandle = phone.device.Options.UserHandle
		stranger.key.ID = phone.key.ID // its name is no secret
		_, err := signIn(stranger, "alice")
		refused[*types.NotAuthorizedException](t, "another's key", err, textIncorrect)

		refused[*types.ResourceNotFoundException](t, "delete none", remove("none"), "The credential does not exist.")
		if err := remove(*keys[0].CredentialId); err != nil {
			t.Fatal(err)
		}
		if keys := must(list(me))(t).Credentials; len(keys) != 0 {
			t.Errorf("%d passkeys", len(keys))
		}
		if asked := must(g.begin("alice", "PREFERRED_CHALLENGE", "WEB_AUTHN"))(t); asked.ChallengeName == types.ChallengeNameTypeWebAuthn {
			t.Error("a deleted passkey is asked for")
		}
		junk := aws.String("junk")
		refused[*types.NotAuthorizedException](t, "start with junk", start(junk), textBadToken)
		_, err = list(junk)
		refused[*types.NotAuthorizedException](t, "list with junk", err, textBadToken)
	})
}
