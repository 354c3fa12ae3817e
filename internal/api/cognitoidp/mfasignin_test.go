package cognitoidp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	sessionSpent = "Invalid session for the user, session can only be used once."
	badSession   = "Invalid session for the user."
	wrongCode    = "Invalid code received for user"
	usedCode     = "Your software token has already been used once."
)

// mailing makes pools that can send codes by e-mail.
var mailing = setup{pool: func(in *idp.CreateUserPoolInput) {
	in.EmailConfiguration = &types.EmailConfigurationType{
		EmailSendingAccount: types.EmailSendingAccountTypeDeveloper,
		SourceArn:           aws.String("arn:aws:ses:us-west-2:111111111111:identity/example.com"),
	}
}}

// step is one challenge of a sign-in, whichever operation gave it.
type step struct {
	name       types.ChallengeNameType
	session    *string
	parameters map[string]string
	tokens     *types.AuthenticationResultType
}

// password takes the first step of a sign-in.
func (p *people) password(name string) step {
	p.t.Helper()
	out, err := p.signIn(name, goodPassword)
	if err != nil {
		p.t.Fatal(err)
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
}

// next answers a challenge.
func (p *people) next(s step, pairs ...string) (step, error) {
	p.t.Helper()
	out, err := p.answer(s.name, s.session, pairs...)
	if err != nil {
		return step{}, err
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}, nil
}

// must is next for an answer that is right.
func (p *people) must(s step, pairs ...string) step {
	p.t.Helper()
	out, err := p.next(s, pairs...)
	if err != nil {
		p.t.Fatalf("%s: %v", s.name, err)
	}
	return out
}

// is fails unless a step is that challenge and no tokens came with it.
func (s step) is(t *testing.T, name types.ChallengeNameType) {
	t.Helper()
	if s.name != name || s.tokens != nil || s.session == nil {
		t.Fatalf("step %s with tokens %t and session %t, want %s", s.name, s.tokens != nil, s.session != nil, name)
	}
}

// done fails unless a step is the end.
func (s step) done(t *testing.T) {
	t.Helper()
	if s.tokens == nil || s.name != "" || len(s.parameters) != 0 {
		t.Fatalf("step %q %v without tokens", s.name, s.parameters)
	}
}

// list reads a parameter that holds a list.
func (s step) list(t *testing.T, name string) string {
	t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(s.parameters[name]), &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.Join(list, " ")
}

// withApp gives a user an authenticator app that is asked for.
func (p *people) withApp(name string) app {
	p.t.Helper()
	me := p.tokensOf(name, goodPassword).AccessToken
	a := p.associate(me)
	if err := p.verify(me, a.code(-1)); err != nil {
		p.t.Fatal(err)
	}
	p.prefer(name)
	return a
}

// enable turns SMS or e-mail codes on for a user.
func (p *people) enable(name string, sms, email bool) {
	p.t.Helper()
	_, err := p.admin.AdminSetUserMFAPreference(p.t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &p.poolID, Username: &name,
		SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: sms}, EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: email},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestSignInWithSoftwareToken(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional)
		phone := p.withApp("alice")
		for flow, begin := range map[string]func() step{
			"password": func() step { return p.password("alice") },
			"SRP": func() step {
				out, err := p.srpSignIn("alice", goodPassword)
				if err != nil {
					t.Fatal(err)
				}
				return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
			},
			"admin": func() step {
				out, err := p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
					UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
					AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword},
				})
				if err != nil {
					t.Fatal(err)
				}
				return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
			},
		} {
			p.pass(time.Minute)
			s := begin()
			s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
			if s.parameters["USER_ID_FOR_SRP"] != "alice" || s.parameters["FRIENDLY_DEVICE_NAME"] != "phone" || len(s.parameters) != 2 {
				t.Errorf("%s: parameters %v", flow, s.parameters)
			}
			_, err := p.next(s, "USERNAME", "alice")
			want(t, err, "InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE")
			_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.wrong())
			want(t, err, "CodeMismatchException", wrongCode)
			p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
			_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code(1))
			want(t, err, "NotAuthorizedException", sessionSpent)
			// The same code, and one before it, in another sign-in.
			for _, used := range []string{phone.code(), phone.code(-1)} {
				_, err = p.next(begin(), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", used)
				want(t, err, "ExpiredCodeException", usedCode)
			}
		}
	})
}

// The code that verified a token is used.
func TestVerifyingUsesTheCode(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional)
		me := p.tokensOf("alice", goodPassword).AccessToken
		phone := p.associate(me)
		if err := p.verify(me, phone.code()); err != nil {
			t.Fatal(err)
		}
		p.prefer("alice")
		_, err := p.next(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
		want(t, err, "ExpiredCodeException", usedCode)
		p.must(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code(1)).done(t)
	})
}

// One code, many sign-ins at once: one gets in.
func TestConcurrentSoftwareTokens(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional)
		phone := p.withApp("alice")
		p.pass(time.Minute)
		steps := make([]step, 4)
		for i := range steps {
			steps[i] = p.password("alice")
		}
		code := phone.code()
		var wg sync.WaitGroup
		results := make([]error, len(steps))
		for i, s := range steps {
			wg.Go(func() {
				_, results[i] = p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
					ClientId: &p.client, ChallengeName: s.name, Session: s.session,
					ChallengeResponses: map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code},
				})
			})
		}
		wg.Wait()
		good := 0
		for _, err := range results {
			if err == nil {
				good++
			} else {
				want(t, err, "ExpiredCodeException", usedCode)
			}
		}
		if good != 1 {
			t.Errorf("%d sign-ins got in by one code", good)
		}
	})
}

func TestSignInWithSentCode(t *testing.T) {
	for _, c := range []struct {
		challenge                          types.ChallengeNameType
		sms                                bool
		to, medium, mask, par, wrong, kind string
	}{
		{types.ChallengeNameTypeSmsMfa, true, "+12065550123", "SMS", "+*******0123", "SMS_MFA_CODE", wrongCode, "phone_number"},
		{types.ChallengeNameTypeEmailOtp, false, "alice@example.com", "EMAIL", "a***@e***", "EMAIL_OTP_CODE", "Invalid code or auth state for the user.", "email"},
	} {
		t.Run(string(c.challenge), func(t *testing.T) {
			eachPeople(t, mailing, func(t *testing.T, p *people) {
				p.confirmed("alice", attr(c.kind, c.to))
				p.mfa(types.UserPoolMfaTypeOptional)
				p.enable("alice", c.sms, !c.sms)
				s := p.password("alice")
				s.is(t, c.challenge)
				wanted := fmt.Sprint(map[string]string{
					"CODE_DELIVERY_DELIVERY_MEDIUM": c.medium, "CODE_DELIVERY_DESTINATION": c.mask, "USER_ID_FOR_SRP": "alice",
				})
				if fmt.Sprint(s.parameters) != wanted {
					t.Errorf("parameters %v", s.parameters)
				}
				code := p.code(c.to)
				other := "000000"
				if code == other {
					other = "111111"
				}
				_, err := p.next(s, "USERNAME", "alice", c.par, other)
				want(t, err, "CodeMismatchException", c.wrong)
				_, err = p.next(s, "USERNAME", "alice")
				want(t, err, "InvalidParameterException", "Missing required parameter "+c.par)

				// A code is good for its own sign-in alone.
				p.pass(time.Second)
				second := p.password("alice")
				later := p.code(c.to)
				if later != code {
					_, err = p.next(second, "USERNAME", "alice", c.par, code)
					want(t, err, "CodeMismatchException", c.wrong)
				}
				p.must(s, "USERNAME", "alice", c.par, code).done(t)
				_, err = p.next(s, "USERNAME", "alice", c.par, code)
				want(t, err, "NotAuthorizedException", sessionSpent)
				if got := profile(p.get("alice").UserAttributes); !strings.Contains(got, c.kind+"_verified=true") {
					t.Errorf("profile %s", got)
				}

				// Not for an address that has changed since.
				p.pass(time.Second)
				s = p.password("alice")
				code = p.code(c.to)
				changed := "other@example.com"
				if c.sms {
					changed = "+12065550199"
				}
				p.update("alice", attr(c.kind, changed))
				_, err = p.next(s, "USERNAME", "alice", c.par, code)
				want(t, err, "NotAuthorizedException", badSession)

				p.pass(time.Second)
				s = p.password("alice")
				code = p.code(changed)
				p.pass(3 * time.Minute)
				_, err = p.next(s, "USERNAME", "alice", c.par, code)
				want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
			})
		})
	}
}

func TestCodesAreCapped(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice", attr("email", "alice@example.com"))
	p.mfa(types.UserPoolMfaTypeOptional)
	p.enable("alice", false, true)
	for range 20 {
		p.password("alice")
	}
	_, err := p.signIn("alice", goodPassword)
	want(t, err, "TooManyRequestsException", "Attempt limit exceeded, please try after some time.")
	p.pass(time.Hour)
	p.password("alice").is(t, types.ChallengeNameTypeEmailOtp)
}

func TestSelectMFAType(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("email", "alice@example.com"), attr("phone_number", "+12065550123"))
		p.mfa(types.UserPoolMfaTypeOptional)
		p.enable("alice", true, true)
		s := p.password("alice")
		s.is(t, types.ChallengeNameTypeSelectMfaType)
		if got := s.list(t, "MFAS_CAN_CHOOSE"); got != "SMS_MFA EMAIL_OTP" {
			t.Errorf("can choose %s", got)
		}
		_, err := p.next(s, "USERNAME", "alice", "ANSWER", "SOFTWARE_TOKEN_MFA")
		want(t, err, "InvalidParameterException", "ANSWER is none of the factors to choose from.")
		chosen := p.must(s, "USERNAME", "alice", "ANSWER", "EMAIL_OTP")
		chosen.is(t, types.ChallengeNameTypeEmailOtp)
		_, err = p.next(s, "USERNAME", "alice", "ANSWER", "SMS_MFA")
		want(t, err, "NotAuthorizedException", sessionSpent)
		// A session of one step opens no other.
		_, err = p.next(step{name: types.ChallengeNameTypeSmsMfa, session: chosen.session}, "USERNAME", "alice", "SMS_MFA_CODE", p.code("alice@example.com"))
		want(t, err, "NotAuthorizedException", badSession)
		p.must(chosen, "USERNAME", "alice", "EMAIL_OTP_CODE", p.code("alice@example.com")).done(t)
	})
}

// setUp takes a user through MFA_SETUP with a software token.
func (p *people) setUp(t *testing.T, s step) (app, step) {
	t.Helper()
	associated, err := p.pub.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: s.session})
	if err != nil {
		t.Fatal(err)
	}
	a := p.newApp(associated.SecretCode)
	_, err = p.pub.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: associated.Session, UserCode: aws.String(a.wrong())})
	want(t, err, "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
	verified, err := p.pub.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: associated.Session, UserCode: aws.String(a.code())})
	if err != nil || verified.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		t.Fatalf("%v: %s", err, p.raw)
	}
	for _, spent := range []*string{s.session, associated.Session} {
		_, err = p.pub.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: spent, UserCode: aws.String(a.code(1))})
		want(t, err, "NotAuthorizedException", sessionSpent)
	}
	return a, step{name: s.name, session: verified.Session}
}

func TestMFASetup(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOn, tokensOnly)
		s := p.password("alice")
		s.is(t, types.ChallengeNameTypeMfaSetup)
		if got := s.list(t, "MFAS_CAN_SETUP"); got != "SOFTWARE_TOKEN_MFA" || s.parameters["USER_ID_FOR_SRP"] != "alice" {
			t.Errorf("parameters %v", s.parameters)
		}
		_, err := p.next(s, "USERNAME", "alice") // nothing is set up yet
		want(t, err, "NotAuthorizedException", badSession)
		phone, verified := p.setUp(t, s)
		if got := p.settings("alice"); got != "SOFTWARE_TOKEN_MFA preferred " {
			t.Errorf("settings %q", got)
		}
		// Whoever leaves now is asked for the token the next time.
		again := p.password("alice")
		again.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
		_, err = p.next(again, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
		want(t, err, "ExpiredCodeException", usedCode)
		p.must(verified, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", "123456").done(t)
		_, err = p.next(verified, "USERNAME", "alice")
		want(t, err, "NotAuthorizedException", sessionSpent)
		p.pass(time.Minute)
		p.must(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
	})
}

func TestMFASetupAfterNewPassword(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.invited("alice", goodPassword)
		p.mfa(types.UserPoolMfaTypeOn, tokensOnly)
		s := p.password("alice")
		s.is(t, types.ChallengeNameTypeNewPasswordRequired)
		s = p.must(s, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
		s.is(t, types.ChallengeNameTypeMfaSetup)
		if status := p.get("alice").UserStatus; status != types.UserStatusTypeConfirmed {
			t.Errorf("status %s", status)
		}
		_, verified := p.setUp(t, s)
		p.must(verified, "USERNAME", "alice").done(t)
	})
}

func TestMFASetupByEmail(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOn)
		s := p.password("alice")
		s.is(t, types.ChallengeNameTypeMfaSetup)
		if got := s.list(t, "MFAS_CAN_SETUP"); got != "SOFTWARE_TOKEN_MFA EMAIL_OTP" {
			t.Errorf("can set up %s", got)
		}
		_, err := p.next(s, "USERNAME", "alice", "EMAIL", "no address")
		want(t, err, "InvalidParameterException", "Invalid email address format.")
		code := p.must(s, "USERNAME", "alice", "EMAIL", "alice@example.com")
		code.is(t, types.ChallengeNameTypeEmailOtp)
		if got := profile(p.get("alice").UserAttributes); got != "" {
			t.Errorf("profile before the proof: %s", got)
		}
		_, err = p.next(code, "USERNAME", "alice", "EMAIL_OTP_CODE", "x")
		want(t, err, "CodeMismatchException", "Invalid code or auth state for the user.")
		p.must(code, "USERNAME", "alice", "EMAIL_OTP_CODE", p.code("alice@example.com")).done(t)
		if got := profile(p.get("alice").UserAttributes); got != "email=alice@example.com email_verified=true" {
			t.Errorf("profile %s", got)
		}
		if got := p.settings("alice"); got != "EMAIL_OTP preferred " {
			t.Errorf("settings %q", got)
		}
		p.password("alice").is(t, types.ChallengeNameTypeEmailOtp)
	})
}

// Where everybody has to prove a second factor, what a user has serves.
func TestRequiredMFA(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("phone", attr("phone_number", "+12065550123"))
	p.confirmed("both", attr("phone_number", "+12065550123"), attr("email", "both@example.com"))
	p.confirmed("app")
	p.mfa(types.UserPoolMfaTypeOptional)
	p.withApp("app")
	p.enable("phone", true, false)
	p.enable("phone", false, false)
	p.mfa(types.UserPoolMfaTypeOn)
	for name, challenge := range map[string]types.ChallengeNameType{
		"phone": types.ChallengeNameTypeSmsMfa, "both": types.ChallengeNameTypeSelectMfaType, "app": types.ChallengeNameTypeSoftwareTokenMfa,
	} {
		p.password(name).is(t, challenge)
	}
	// An address that alone recovers the password is no second factor.
	p.setPool(func(in *idp.UpdateUserPoolInput) {
		in.MfaConfiguration = types.UserPoolMfaTypeOn
		in.AccountRecoverySetting = &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Name: types.RecoveryOptionNameTypeVerifiedPhoneNumber, Priority: aws.Int32(1)},
		}}
	})
	p.password("phone").is(t, types.ChallengeNameTypeMfaSetup)
	p.password("both").is(t, types.ChallengeNameTypeEmailOtp)
}

// setPool updates the pool; what the change leaves out of the mail and SMS
// settings stays.
func (p *people) setPool(change func(*idp.UpdateUserPoolInput)) {
	p.t.Helper()
	was, err := p.admin.DescribeUserPool(p.t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &p.poolID})
	if err != nil {
		p.t.Fatal(err)
	}
	in := &idp.UpdateUserPoolInput{
		UserPoolId: &p.poolID, EmailConfiguration: was.UserPool.EmailConfiguration, SmsConfiguration: was.UserPool.SmsConfiguration,
	}
	change(in)
	if _, err := p.admin.UpdateUserPool(p.t.Context(), in); err != nil {
		p.t.Fatal(err)
	}
}
