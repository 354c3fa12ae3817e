package cognitoidp_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const thirdPassword = "Paper-Clip-3"

// forgot asks for a code and returns where it went: medium, address, attribute.
func (p *people) forgot(name string) (string, error) {
	p.pass(time.Millisecond) // so that the newest message is the newest
	out, err := p.pub.ForgotPassword(p.t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: &name})
	if err != nil {
		return "", err
	}
	d := out.CodeDeliveryDetails
	return string(d.DeliveryMedium) + " " + *d.Destination + " " + *d.AttributeName, nil
}

func (p *people) confirmForgot(name, code, password string) error {
	_, err := p.pub.ConfirmForgotPassword(p.t.Context(), &idp.ConfirmForgotPasswordInput{
		ClientId: &p.client, Username: &name, ConfirmationCode: &code, Password: &password,
	})
	return err
}

func (p *people) reset(name string) error {
	_, err := p.admin.AdminResetUserPassword(p.t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &p.poolID, Username: &name})
	return err
}

func (p *people) changePassword(access string, previous *string, proposed string) error {
	_, err := p.pub.ChangePassword(p.t.Context(), &idp.ChangePasswordInput{AccessToken: &access, PreviousPassword: previous, ProposedPassword: &proposed})
	return err
}

// wrong is a code that differs from the right one.
func wrong(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func proven(name string) []types.AttributeType {
	return []types.AttributeType{attr("email", name+"@example.com"), attr("email_verified", "true")}
}

const (
	nowhere  = "Cannot reset password for the user as there is no registered/verified email or phone_number"
	badState = "User password cannot be reset in the current state."
)

func TestForgotPassword(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		if got := ok(p.forgot("alice"))(t); got != "EMAIL a***@e*** email" {
			t.Errorf("code went to %s", got)
		}
		p.wantReply(t, `{"CodeDeliveryDetails":{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`)
		first := p.code("alice@example.com")
		p.tokensOf("alice", goodPassword) // still good
		p.pass(time.Minute)
		ok(p.forgot("alice"))(t)
		code := p.code("alice@example.com")
		if first != code {
			want(t, p.confirmForgot("alice", first, newPassword), "CodeMismatchException", mismatch)
		}
		want(t, p.confirmForgot("alice", wrong(code), newPassword), "CodeMismatchException", mismatch)
		want(t, p.confirmForgot("alice", code, "short"), "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
		if err := p.confirmForgot("alice", code, newPassword); err != nil {
			t.Fatal(err)
		}
		p.wantReply(t, `{}`)
		want(t, p.confirmForgot("alice", code, thirdPassword), "ExpiredCodeException", outdated)
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "NotAuthorizedException", "Incorrect username or password.")
		p.tokensOf("alice", newPassword)

		// A code lives an hour, and no longer than the password that it replaces.
		p.pass(time.Hour)
		ok(p.forgot("alice"))(t)
		code = p.code("alice@example.com")
		p.setPassword("alice", goodPassword, true)
		p.pass(time.Second)
		want(t, p.confirmForgot("alice", code, thirdPassword), "CodeMismatchException", mismatch)
		ok(p.forgot("alice"))(t)
		code = p.code("alice@example.com")
		p.pass(time.Hour)
		want(t, p.confirmForgot("alice", code, thirdPassword), "ExpiredCodeException", outdated)
		p.tokensOf("alice", goodPassword)
	})
}

func TestForgotPasswordDestination(t *testing.T) {
	recovery := func(names ...types.RecoveryOptionNameType) *types.AccountRecoverySettingType {
		s := &types.AccountRecoverySettingType{}
		for i, n := range names {
			s.RecoveryMechanisms = append(s.RecoveryMechanisms, types.RecoveryOptionType{Name: n, Priority: aws.Int32(int32(i + 1))})
		}
		return s
	}
	both := []types.AttributeType{
		attr("email", "a@b.c"), attr("email_verified", "true"), attr("phone_number", "+4915112345678"), attr("phone_number_verified", "true"),
	}
	const phone, email = "SMS +*******5678 phone_number", "EMAIL a***@b*** email"
	for _, c := range []struct {
		name    string
		setting *types.AccountRecoverySettingType
		attrs   []types.AttributeType
		to      string
		err     string
	}{
		{"nothing said", nil, both, phone, ""},
		{"nothing said, e-mail alone", nil, both[:2], email, ""},
		{"e-mail first", recovery(types.RecoveryOptionNameTypeVerifiedEmail, types.RecoveryOptionNameTypeVerifiedPhoneNumber), both, email, ""},
		{"e-mail first, phone alone", recovery(types.RecoveryOptionNameTypeVerifiedEmail, types.RecoveryOptionNameTypeVerifiedPhoneNumber), both[2:], phone, ""},
		{"phone only, e-mail alone", recovery(types.RecoveryOptionNameTypeVerifiedPhoneNumber), both[:2], "", nowhere},
		{"not verified", nil, both[:1], "", nowhere},
		{"administrators", recovery(types.RecoveryOptionNameTypeAdminOnly), both, "", "Contact administrator to reset password."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) { in.AccountRecoverySetting = c.setting }})
			p.confirmed("alice", c.attrs...)
			got, err := p.forgot("alice")
			switch {
			case c.err == nowhere:
				want(t, err, "InvalidParameterException", nowhere)
			case c.err != "":
				want(t, err, "NotAuthorizedException", c.err)
			case err != nil:
				t.Fatal(err)
			case got != c.to:
				t.Errorf("code went to %s, want %s", got, c.to)
			}
		})
	}
}

func TestForgotPasswordRefused(t *testing.T) {
	p := onePeople(t, setup{})
	_, err := p.forgot("nobody")
	want(t, err, "UserNotFoundException", noSuchFor)
	want(t, p.confirmForgot("nobody", "123456", newPassword), "UserNotFoundException", noSuchFor)

	p.invited("bob", goodPassword, proven("bob")...)
	_, err = p.forgot("bob")
	want(t, err, "NotAuthorizedException", badState)
	want(t, p.reset("bob"), "NotAuthorizedException", badState)
	want(t, p.confirmForgot("bob", "123456", newPassword), "ExpiredCodeException", outdated)

	p.confirmed("carol", proven("carol")...)
	ok(p.forgot("carol"))(t)
	code := p.code("carol@example.com")
	ok(p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("carol")}))(t)
	_, err = p.forgot("carol")
	want(t, err, "NotAuthorizedException", "User is disabled.")
	want(t, p.confirmForgot("carol", code, newPassword), "NotAuthorizedException", "User is disabled.")

	p.confirmed("dave", attr("email", "dave@example.com"))
	want(t, p.reset("dave"), "InvalidParameterException", nowhere)
	want(t, p.reset("nobody"), "UserNotFoundException", "User does not exist.")
	_, err = p.root(beta, west).AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &p.poolID, Username: aws.String("dave")})
	want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")

	// Who signed up and was never let in stays out, code or not.
	name, pw := "erin", goodPassword
	ok(p.pub.SignUp(t.Context(), &idp.SignUpInput{ClientId: &p.client, Username: &name, Password: &pw, UserAttributes: []types.AttributeType{attr("email", "erin@example.com")}}))(t)
	p.update("erin", attr("email_verified", "true"))
	ok(p.forgot("erin"))(t)
	want(t, p.confirmForgot("erin", p.code("erin@example.com"), newPassword), "UserNotConfirmedException", "User is not confirmed.")

	// The client proves its secret for these operations, too.
	p.client = p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true })
	_, err = p.forgot("dave")
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured for secret but secret was not received")
	want(t, p.confirmForgot("dave", "123456", newPassword), "NotAuthorizedException", "Client "+p.client+" is configured for secret but secret was not received")
}

func TestForgotPasswordCaps(t *testing.T) {
	for _, s := range []setup{{}, {client: hiding}} {
		p := onePeople(t, s)
		p.confirmed("alice", proven("alice")...)
		for _, name := range []string{"alice", "nobody"} {
			if name == "nobody" && s.client == nil {
				continue // told apart anyway
			}
			for range 5 {
				ok(p.forgot(name))(t)
			}
			_, err := p.forgot(name)
			want(t, err, "LimitExceededException", tooOften)
			bad := "000000"
			if name == "alice" {
				bad = wrong(p.code("alice@example.com"))
			}
			for range 15 {
				want(t, p.confirmForgot(name, bad, newPassword), "CodeMismatchException", mismatch)
			}
			want(t, p.confirmForgot(name, bad, newPassword), "LimitExceededException", tooOften)
		}
		p.pass(time.Hour)
		ok(p.forgot("alice"))(t)
	}
}

// A client that hides users gives every name the same answers, at each step.
func TestForgotPasswordHides(t *testing.T) {
	eachPeople(t, setup{client: hiding}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		p.confirmed("nowhere")
		p.confirmed("stopped", proven("stopped")...)
		ok(p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("stopped")}))(t)
		p.invited("invited", goodPassword, proven("invited")...)
		names := []string{"alice", "nowhere", "stopped", "invited", "nobody"}
		for _, name := range names {
			want(t, p.confirmForgot(name, "123456", newPassword), "ExpiredCodeException", outdated)
			first := ok(p.forgot(name))(t)
			if second := ok(p.forgot(name))(t); first != second {
				t.Errorf("%s: codes go to %s and %s", name, first, second)
			}
			bad := "123456"
			if name == "alice" {
				bad = wrong(p.code("alice@example.com"))
			}
			want(t, p.confirmForgot(name, bad, newPassword), "CodeMismatchException", mismatch)
			want(t, p.confirmForgot(name, bad, goodPassword), "CodeMismatchException", mismatch)
		}
		p.pass(time.Hour)
		for _, name := range names {
			want(t, p.confirmForgot(name, "123456", newPassword), "ExpiredCodeException", outdated)
		}
		sent := ok(p.db.Outbox().Recent(t.Context(), p.poolID, 10))(t)
		if len(sent) != 2 {
			t.Errorf("%d messages went out, want alice's two", len(sent))
		}
	})
}

func TestResetRequired(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice", proven("alice")...)
		access := p.tokensOf("alice", goodPassword).AccessToken
		if err := p.reset("alice"); err != nil {
			t.Fatal(err)
		}
		p.wantReply(t, `{}`)
		if s := p.get("alice").UserStatus; s != types.UserStatusTypeResetRequired {
			t.Errorf("status is %s", s)
		}
		const required = "Password reset required for the user"
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "PasswordResetRequiredException", required)
		_, err = p.srpSignIn("alice", goodPassword)
		want(t, err, "PasswordResetRequiredException", required)
		want(t, p.changePassword(*access, aws.String(goodPassword), newPassword), "PasswordResetRequiredException", required)
		first := p.code("alice@example.com")
		p.pass(time.Second)
		ok(p.forgot("alice"))(t) // asking again is allowed
		code := p.code("alice@example.com")
		if first != code {
			want(t, p.confirmForgot("alice", first, newPassword), "CodeMismatchException", mismatch)
		}
		if err := p.confirmForgot("alice", code, newPassword); err != nil {
			t.Fatal(err)
		}
		if s := p.get("alice").UserStatus; s != types.UserStatusTypeConfirmed {
			t.Errorf("status is %s", s)
		}
		p.tokensOf("alice", newPassword)
	})
}

func TestChangePassword(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		const incorrect = "Incorrect username or password."
		want(t, p.changePassword(*r.AccessToken, aws.String("Wrong-Horse-1"), newPassword), "NotAuthorizedException", incorrect)
		want(t, p.changePassword(*r.AccessToken, nil, newPassword), "InvalidParameterException", "PreviousPassword is required.")
		want(t, p.changePassword(*r.AccessToken, aws.String(goodPassword), "alllowercase1!"), "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters")
		if err := p.changePassword(*r.AccessToken, aws.String(goodPassword), newPassword); err != nil {
			t.Fatal(err)
		}
		p.wantReply(t, `{}`)
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "NotAuthorizedException", incorrect)
		p.tokensOf("alice", newPassword)
		if err := p.whoami(*r.AccessToken); err != nil {
			t.Errorf("the session ended: %v", err)
		}
		ok(p.refresh(*r.RefreshToken))(t)

		want(t, p.changePassword(*r.AccessToken, aws.String(goodPassword), thirdPassword), "NotAuthorizedException", incorrect)
		want(t, p.changePassword(*r.AccessToken, aws.String(newPassword), thirdPassword), "LimitExceededException", tooOften)
		p.pass(time.Hour - time.Second)
		want(t, p.changePassword(*r.IdToken, aws.String(newPassword), thirdPassword), "NotAuthorizedException", "Invalid Access Token")
		p.setPassword("alice", goodPassword, false)
		p.pass(time.Second)
		want(t, p.changePassword(*r.AccessToken, aws.String(goodPassword), thirdPassword), "NotAuthorizedException", "Access Token has expired")
	})
}

// Earlier passwords are refused wherever a password is set, for as long as the
// pool remembers them.
func TestPasswordHistory(t *testing.T) {
	remembers := func(in *idp.CreateUserPoolInput) {
		in.Policies = &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(8), PasswordHistorySize: aws.Int32(2)}}
	}
	eachPeople(t, setup{pool: remembers}, func(t *testing.T, p *people) {
		const used = "Password has previously been used"
		p.invited("alice", "temporary-0", proven("alice")...)
		p.setPassword("alice", goodPassword, false)
		out := ok(p.signIn("alice", goodPassword))(t)
		_, err := p.answer(types.ChallengeNameTypeNewPasswordRequired, out.Session, "USERNAME", "alice", "NEW_PASSWORD", goodPassword)
		want(t, err, "PasswordHistoryPolicyViolationException", used)
		ok(p.answer(types.ChallengeNameTypeNewPasswordRequired, out.Session, "USERNAME", "alice", "NEW_PASSWORD", newPassword))(t)

		access := *p.tokensOf("alice", newPassword).AccessToken
		for _, old := range []string{goodPassword, newPassword} {
			want(t, p.changePassword(access, aws.String(newPassword), old), "PasswordHistoryPolicyViolationException", used)
			_, err := p.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &p.poolID, Username: aws.String("alice"), Password: &old, Permanent: true})
			want(t, err, "PasswordHistoryPolicyViolationException", used)
		}
		ok(p.forgot("alice"))(t)
		code := p.code("alice@example.com")
		// Only who has the code learns what was used.
		want(t, p.confirmForgot("alice", wrong(code), goodPassword), "CodeMismatchException", mismatch)
		want(t, p.confirmForgot("alice", code, goodPassword), "PasswordHistoryPolicyViolationException", used)
		if err := p.confirmForgot("alice", code, thirdPassword); err != nil {
			t.Fatal(err)
		}
		// Two are remembered: the one before the last two is free again.
		if err := p.changePassword(access, aws.String(thirdPassword), goodPassword); err != nil {
			t.Errorf("a forgotten password: %v", err)
		}
	})
}

// Where the codes of the only second factor go, no new password is sent.
func TestForgotPasswordSparesTheSecondFactor(t *testing.T) {
	p := onePeople(t, mailing)
	p.mfa(types.UserPoolMfaTypeOptional)
	p.confirmed("alice", append(proven("alice"), attr("phone_number", "+4915112345678"), attr("phone_number_verified", "true"))...)
	const phone, email = "SMS +*******5678 phone_number", "EMAIL a***@e*** email"
	for _, c := range []struct {
		sms, email bool
		to         string
	}{{false, false, phone}, {true, false, email}, {false, true, phone}, {true, true, phone}} {
		p.enable("alice", c.sms, c.email)
		if got := ok(p.forgot("alice"))(t); got != c.to {
			t.Errorf("with SMS %t and e-mail %t the code went to %s", c.sms, c.email, got)
		}
	}
	p.pass(time.Hour)
	p.enable("alice", false, true)
	if err := p.adminDelete(p.admin, "alice", "phone_number"); err != nil {
		t.Fatal(err)
	}
	_, err := p.forgot("alice")
	want(t, err, "InvalidParameterException", nowhere)
}
