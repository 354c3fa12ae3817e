package sdk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	textNoUser   = "User does not exist."
	textMismatch = "Invalid verification code provided, please try again."
	textOutdated = "Invalid code provided, please request a code again."
	newPassword  = "Battery-Staple-2"
)

// verified has the pool prove e-mail addresses.
func (p *people) verified() *people {
	p.t.Helper()
	must(p.admin.UpdateUserPool(p.t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId: &p.pool, AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	}))(p.t)
	return p
}

func attributes(pairs ...string) []types.AttributeType {
	var out []types.AttributeType
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, types.AttributeType{Name: &pair[0], Value: &pair[1]})
	}
	return out
}

// profile is what an administrator sees of a user, but for the sub.
func (p *people) profile(name string) string {
	p.t.Helper()
	u := must(p.admin.AdminGetUser(p.t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: &name}))(p.t)
	s := []string{string(u.UserStatus)}
	if !u.Enabled {
		s = append(s, "disabled")
	}
	for _, a := range u.UserAttributes {
		if *a.Name != "sub" {
			s = append(s, *a.Name+"="+*a.Value)
		}
	}
	slices.Sort(s[1:])
	return strings.Join(s, " ")
}

func (p *people) is(name, want string) {
	p.t.Helper()
	if got := p.profile(name); got != want {
		p.t.Errorf("%s is %s\nwant %s", name, got, want)
	}
}

// code is in the newest message to an address. A moment passes, so that the
// next one is newer.
func (p *people) code(to string) string {
	p.t.Helper()
	code := p.w.WaitCode(p.t.Context(), to)
	p.w.Clock().Advance(time.Second)
	return code
}

// try signs in by password.
func (p *people) try(name, with string) (*idp.AdminInitiateAuthOutput, error) {
	return p.admin.AdminInitiateAuth(p.t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": with},
	})
}

// A person comes of their own accord, and goes again.
func TestSignUpLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west).verified(), t.Context()
		signUp := func(name string) (*idp.SignUpOutput, error) {
			return p.public.SignUp(ctx, &idp.SignUpInput{
				ClientId: &p.client, Username: &name, Password: aws.String(password), UserAttributes: attributes("email", name+"@example.com"),
			})
		}
		confirm := func(name, code string) error {
			_, err := p.public.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: &p.client, Username: &name, ConfirmationCode: &code})
			return err
		}
		resend := func(name string) (*idp.ResendConfirmationCodeOutput, error) {
			return p.public.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &p.client, Username: &name})
		}
		out := must(signUp("bob"))(t)
		if d := out.CodeDeliveryDetails; out.UserConfirmed || *d.Destination != "b***@e***" || d.DeliveryMedium != types.DeliveryMediumTypeEmail || *d.AttributeName != "email" {
			t.Errorf("reply %s", w.wire.reply)
		}
		p.is("bob", "UNCONFIRMED email=bob@example.com email_verified=false")
		_, err := signUp("bob")
		refused[*types.UsernameExistsException](t, "the name again", err, "User already exists")
		_, err = p.try("bob", password)
		refused[*types.UserNotConfirmedException](t, "sign in", err, "User is not confirmed.")

		first := p.code("bob@example.com")
		if d := must(resend("bob"))(t).CodeDeliveryDetails; *d.Destination != "b***@e***" {
			t.Errorf("sent to %s", *d.Destination)
		}
		second := p.code("bob@example.com")
		refused[*types.CodeMismatchException](t, "a wrong code", confirm("bob", wrong(second)), textMismatch)
		if first != second {
			refused[*types.CodeMismatchException](t, "the code before", confirm("bob", first), textMismatch)
		}
		if err := confirm("bob", second); err != nil {
			t.Fatal(err)
		}
		p.is("bob", "CONFIRMED email=bob@example.com email_verified=true")
		refused[*types.NotAuthorizedException](t, "confirm again", confirm("bob", second), "User cannot be confirmed. Current status is CONFIRMED")
		_, err = resend("bob")
		refused[*types.InvalidParameterException](t, "resend", err, "User is already confirmed.")
		_, err = resend("nobody")
		refused[*types.UserNotFoundException](t, "resend to nobody", err, "Username/client id combination not found.")

		// An administrator's word does as well, and proves no address.
		must(signUp("carol"))(t)
		admit := func(name string) error {
			_, err := p.admin.AdminConfirmSignUp(ctx, &idp.AdminConfirmSignUpInput{UserPoolId: &p.pool, Username: &name})
			return err
		}
		if err := admit("carol"); err != nil {
			t.Fatal(err)
		}
		p.is("carol", "CONFIRMED email=carol@example.com email_verified=false")
		refused[*types.NotAuthorizedException](t, "admit again", admit("carol"), "User cannot be confirmed. Current status is CONFIRMED")
		refused[*types.UserNotFoundException](t, "admit nobody", admit("nobody"), textNoUser)

		in := must(p.try("bob", password))(t).AuthenticationResult
		leave := func() error {
			_, err := p.public.DeleteUser(ctx, &idp.DeleteUserInput{AccessToken: in.AccessToken})
			return err
		}
		if err := leave(); err != nil {
			t.Fatal(err)
		}
		refused[*types.UserNotFoundException](t, "leave again", leave(), textNoUser)
		_, err = p.try("bob", password)
		refused[*types.UserNotFoundException](t, "sign in when gone", err, textNoUser)
		must(signUp("bob"))(t)

		// Where administrators alone make users, nobody comes of their own accord.
		must(p.admin.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{
			UserPoolId: &p.pool, AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
		}))(t)
		_, err = signUp("dave")
		refused[*types.NotAuthorizedException](t, "sign up", err, "SignUp is not permitted for this user pool")
	})
}

// A person is invited, changed, locked out, let in and removed.
func TestAdministeredLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west).verified(), t.Context()
		bob := aws.String("bob")
		invite := func(action types.MessageActionType, attrs ...string) (*idp.AdminCreateUserOutput, error) {
			return p.admin.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
				UserPoolId: &p.pool, Username: bob, MessageAction: action, UserAttributes: attributes(attrs...),
				DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
			})
		}
		_, err := invite(types.MessageActionTypeResend)
		refused[*types.UserNotFoundException](t, "invite nobody again", err, textNoUser)
		if u := must(invite("", "email", "bob@example.com", "email_verified", "true"))(t).User; u.UserStatus != types.UserStatusTypeForceChangePassword || !u.Enabled {
			t.Errorf("reply %s", w.wire.reply)
		}
		_, err = invite("", "email", "bob@example.com")
		refused[*types.UsernameExistsException](t, "invite again", err, "User account already exists")
		w.Clock().Advance(7 * 24 * time.Hour)
		temporary := p.temporary("bob@example.com")
		_, err = p.try("bob", temporary)
		refused[*types.NotAuthorizedException](t, "an invitation a week old", err, "Temporary password has expired and must be reset by an administrator.")
		must(invite(types.MessageActionTypeResend))(t)
		temporary = p.temporary("bob@example.com")

		// The temporary password leads to a password, and nothing else.
		asked := must(p.try("bob", temporary))(t)
		if asked.ChallengeName != types.ChallengeNameTypeNewPasswordRequired || asked.AuthenticationResult != nil {
			t.Fatalf("asked for %s", asked.ChallengeName)
		}
		choose := func(password string) (*idp.AdminRespondToAuthChallengeOutput, error) {
			return p.admin.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: asked.ChallengeName, Session: asked.Session,
				ChallengeResponses: map[string]string{"USERNAME": "bob", "NEW_PASSWORD": password},
			})
		}
		_, err = choose("short")
		refused[*types.InvalidPasswordException](t, "a weak password", err, "Password did not conform with policy: Password not long enough")
		if out := must(choose(password))(t); out.AuthenticationResult == nil {
			t.Errorf("asked for %s", out.ChallengeName)
		}
		p.is("bob", "CONFIRMED email=bob@example.com email_verified=true")
		_, err = invite(types.MessageActionTypeResend)
		refused[*types.UnsupportedUserStateException](t, "invite a member", err, "Resend not possible. bob status is not FORCE_CHANGE_PASSWORD")

		// Attributes.
		update := func(name string, attrs ...string) error {
			_, err := p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{UserPoolId: &p.pool, Username: &name, UserAttributes: attributes(attrs...)})
			return err
		}
		remove := func(name string, attrs ...string) error {
			_, err := p.admin.AdminDeleteUserAttributes(ctx, &idp.AdminDeleteUserAttributesInput{UserPoolId: &p.pool, Username: &name, UserAttributeNames: attrs})
			return err
		}
		if err := update("bob", "name", "Bob", "nickname", "b"); err != nil {
			t.Fatal(err)
		}
		if err := remove("bob", "nickname"); err != nil {
			t.Fatal(err)
		}
		p.is("bob", "CONFIRMED email=bob@example.com email_verified=true name=Bob")
		refused[*types.UserNotFoundException](t, "update nobody", update("nobody", "name", "x"), textNoUser)
		refused[*types.UserNotFoundException](t, "remove of nobody", remove("nobody", "name"), textNoUser)
		refused[*types.InvalidParameterException](t, "an unknown attribute", update("bob", "custom:x", "1"), "Type for attribute {custom:x} could not be determined")
		listed := must(p.admin.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &p.pool, Filter: aws.String(`name ^= "bo"`)}))(t).Users
		if len(listed) != 1 || *listed[0].Username != "bob" {
			t.Errorf("found %d users: %s", len(listed), w.wire.reply)
		}
		_, err = p.admin.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &p.pool, Filter: aws.String(`name ~ "bo"`)})
		refused[*types.InvalidParameterException](t, "not a filter", err, "Error while parsing filter")

		// Locked out, and let in again.
		in := must(p.try("bob", password))(t).AuthenticationResult
		enable := func(name string, on bool) error {
			if on {
				_, err := p.admin.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: &p.pool, Username: &name})
				return err
			}
			_, err := p.admin.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: &p.pool, Username: &name})
			return err
		}
		for range 2 { // what is so already is no error
			if err := enable("bob", false); err != nil {
				t.Fatal(err)
			}
		}
		_, err = p.try("bob", password)
		refused[*types.NotAuthorizedException](t, "sign in when disabled", err, "User is disabled.")
		for range 2 {
			if err := enable("bob", true); err != nil {
				t.Fatal(err)
			}
		}
		_, err = p.public.GetUser(ctx, &idp.GetUserInput{AccessToken: in.AccessToken})
		refused[*types.NotAuthorizedException](t, "a token from before", err, "Access Token has been revoked")
		must(p.try("bob", password))(t)
		for _, on := range []bool{true, false} {
			refused[*types.UserNotFoundException](t, "enable nobody", enable("nobody", on), textNoUser)
		}

		gone := func() error {
			_, err := p.admin.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: bob})
			return err
		}
		if err := gone(); err != nil {
			t.Fatal(err)
		}
		refused[*types.UserNotFoundException](t, "delete again", gone(), textNoUser)
	})
}

// temporary is the password in the newest message to an address.
func (p *people) temporary(to string) string {
	p.t.Helper()
	p.w.Clock().Advance(time.Second)
	sent := p.w.Outbox(p.t.Context(), to)
	if len(sent) == 0 {
		p.t.Fatalf("nothing was sent to %s", to)
	}
	_, rest, found := strings.Cut(sent[len(sent)-1].Body, "temporary password is ")
	if !found {
		p.t.Fatalf("no password in %q", sent[len(sent)-1].Body)
	}
	return strings.TrimSuffix(strings.TrimSpace(rest), ".")
}

// People change what is known of them, and prove their addresses.
func TestOwnAttributes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west).verified(), t.Context()
		me := p.signIn("alice").AccessToken
		update := func(attrs ...string) (*idp.UpdateUserAttributesOutput, error) {
			return p.public.UpdateUserAttributes(ctx, &idp.UpdateUserAttributesInput{AccessToken: me, UserAttributes: attributes(attrs...)})
		}
		send := func(name string) (*idp.GetUserAttributeVerificationCodeOutput, error) {
			return p.public.GetUserAttributeVerificationCode(ctx, &idp.GetUserAttributeVerificationCodeInput{AccessToken: me, AttributeName: &name})
		}
		verify := func(name, code string) error {
			_, err := p.public.VerifyUserAttribute(ctx, &idp.VerifyUserAttributeInput{AccessToken: me, AttributeName: &name, Code: &code})
			return err
		}
		remove := func(names ...string) error {
			_, err := p.public.DeleteUserAttributes(ctx, &idp.DeleteUserAttributesInput{AccessToken: me, UserAttributeNames: names})
			return err
		}
		_, err := send("email")
		refused[*types.InvalidParameterException](t, "a code for no address", err, "User does not have a value for email to be verified.")
		if sent := must(update("email", "alice@example.com", "name", "Alice"))(t).CodeDeliveryDetailsList; len(sent) != 1 || *sent[0].Destination != "a***@e***" {
			t.Errorf("reply %s", w.wire.reply)
		}
		p.is("alice", "CONFIRMED email=alice@example.com email_verified=false name=Alice")
		first := p.code("alice@example.com")
		if d := must(send("email"))(t).CodeDeliveryDetails; *d.AttributeName != "email" {
			t.Errorf("reply %s", w.wire.reply)
		}
		code := p.code("alice@example.com")
		refused[*types.CodeMismatchException](t, "a wrong code", verify("email", wrong(code)), textMismatch)
		if first != code {
			refused[*types.CodeMismatchException](t, "the code before", verify("email", first), textMismatch)
		}
		if err := verify("email", code); err != nil {
			t.Fatal(err)
		}
		refused[*types.ExpiredCodeException](t, "the code again", verify("email", code), textOutdated)
		p.is("alice", "CONFIRMED email=alice@example.com email_verified=true name=Alice")

		_, err = update("email_verified", "true")
		refused[*types.NotAuthorizedException](t, "prove by saying so", err, "A client attempted to write unauthorized attribute")
		_, err = update("custom:x", "1")
		if err == nil {
			t.Error("an attribute that there is not was written")
		}
		if err := remove("name"); err != nil {
			t.Fatal(err)
		}
		p.is("alice", "CONFIRMED email=alice@example.com email_verified=true")
		if err := remove("sub"); err == nil {
			t.Error("the sub was removed")
		}
		out := must(p.public.GetUser(ctx, &idp.GetUserInput{AccessToken: me}))(t)
		if *out.Username != "alice" || len(out.UserAttributes) != 3 {
			t.Errorf("reply %s", w.wire.reply)
		}
	})
}

// Passwords: changed, forgotten, reset and set.
func TestPasswordLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west).verified(), t.Context()
		forget := func(name string) (*idp.ForgotPasswordOutput, error) {
			return p.public.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &p.client, Username: &name})
		}
		confirm := func(name, code, with string) error {
			_, err := p.public.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{ClientId: &p.client, Username: &name, ConfirmationCode: &code, Password: &with})
			return err
		}
		reset := func(name string) error {
			_, err := p.admin.AdminResetUserPassword(ctx, &idp.AdminResetUserPasswordInput{UserPoolId: &p.pool, Username: &name})
			return err
		}
		set := func(name, to string, permanent bool) error {
			_, err := p.admin.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &p.pool, Username: &name, Password: &to, Permanent: permanent})
			return err
		}
		const nowhere = "Cannot reset password for the user as there is no registered/verified email or phone_number"
		_, err := forget("alice")
		refused[*types.InvalidParameterException](t, "no address", err, nowhere)
		refused[*types.InvalidParameterException](t, "reset without an address", reset("alice"), nowhere)
		_, err = forget("nobody")
		refused[*types.UserNotFoundException](t, "nobody forgets", err, "Username/client id combination not found.")
		must(p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: attributes("email", "alice@example.com", "email_verified", "true"),
		}))(t)

		if d := must(forget("alice"))(t).CodeDeliveryDetails; *d.Destination != "a***@e***" {
			t.Errorf("reply %s", w.wire.reply)
		}
		code := p.code("alice@example.com")
		refused[*types.CodeMismatchException](t, "a wrong code", confirm("alice", wrong(code), newPassword), textMismatch)
		refused[*types.InvalidPasswordException](t, "a weak password", confirm("alice", code, "short"), "Password did not conform with policy: Password not long enough")
		if err := confirm("alice", code, newPassword); err != nil {
			t.Fatal(err)
		}
		refused[*types.ExpiredCodeException](t, "the code again", confirm("alice", code, password), textOutdated)
		_, err = p.try("alice", password)
		refused[*types.NotAuthorizedException](t, "the old password", err, textIncorrect)
		me := must(p.try("alice", newPassword))(t).AuthenticationResult.AccessToken

		change := func(from, to string) error {
			_, err := p.public.ChangePassword(ctx, &idp.ChangePasswordInput{AccessToken: me, PreviousPassword: &from, ProposedPassword: &to})
			return err
		}
		refused[*types.NotAuthorizedException](t, "a wrong previous password", change(password, password), textIncorrect)
		refused[*types.InvalidPasswordException](t, "a weak new one", change(newPassword, "short"), "Password did not conform with policy: Password not long enough")
		if err := change(newPassword, password); err != nil {
			t.Fatal(err)
		}
		must(p.try("alice", password))(t)

		// Reset: no password is good until a code has set the next.
		if err := reset("alice"); err != nil {
			t.Fatal(err)
		}
		p.is("alice", "RESET_REQUIRED email=alice@example.com email_verified=true")
		_, err = p.try("alice", password)
		refused[*types.PasswordResetRequiredException](t, "sign in", err, "Password reset required for the user")
		if err := confirm("alice", p.code("alice@example.com"), newPassword); err != nil {
			t.Fatal(err)
		}
		must(p.try("alice", newPassword))(t)
		refused[*types.UserNotFoundException](t, "reset nobody", reset("nobody"), textNoUser)

		// Set, for good or for once.
		refused[*types.UserNotFoundException](t, "set nobody's", set("nobody", password, true), textNoUser)
		refused[*types.InvalidPasswordException](t, "set a weak one", set("alice", "short", true), "Password did not conform with policy: Password not long enough")
		if err := set("alice", password, false); err != nil {
			t.Fatal(err)
		}
		if out := must(p.try("alice", password))(t); out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
			t.Errorf("asked for %q", out.ChallengeName)
		}
		_, err = forget("alice")
		refused[*types.NotAuthorizedException](t, "forget a temporary one", err, "User password cannot be reset in the current state.")
		if err := set("alice", newPassword, true); err != nil {
			t.Fatal(err)
		}
		must(p.try("alice", newPassword))(t)
	})
}
