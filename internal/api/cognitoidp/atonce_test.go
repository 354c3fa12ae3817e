package cognitoidp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// joining makes pools whose users sign in right after they have signed up.
var joining = setup{pool: func(in *idp.CreateUserPoolInput) { choosing.pool(in); autoVerify(in) }, client: choosing.client}

// comeAlong signs up and returns the Session.
func (p *people) comeAlong(name string) *string {
	p.t.Helper()
	out, err := p.signUp(name, goodPassword, attr("email", name+"@example.com"))
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Session
}

// confirmIn is confirm with a Session.
func (p *people) confirmIn(name string, session *string) (*string, error) {
	out, err := p.pub.ConfirmSignUp(p.t.Context(), &idp.ConfirmSignUpInput{
		ClientId: &p.client, Username: &name, ConfirmationCode: aws.String(p.code(name + "@example.com")), Session: session,
	})
	if err != nil {
		return nil, err
	}
	return out.Session, nil
}

// enter begins USER_AUTH with a Session.
func (p *people) enter(name string, session *string) (*idp.InitiateAuthOutput, error) {
	return p.pub.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserAuth, AuthParameters: map[string]string{"USERNAME": name}, Session: session,
	})
}

func TestSignInRightAfterSignUp(t *testing.T) {
	eachPeople(t, joining, func(t *testing.T, p *people) {
		first := p.comeAlong("alice")
		if first == nil {
			t.Fatalf("no session: %s", p.raw)
		}
		// It is for ConfirmSignUp, and for nothing else.
		_, err := p.enter("alice", first)
		want(t, err, "NotAuthorizedException", badSession)
		_, err = p.answer(types.ChallengeNameTypePassword, first, "USERNAME", "alice", "PASSWORD", goodPassword)
		want(t, err, "NotAuthorizedException", badSession)

		second, err := p.confirmIn("alice", first)
		if err != nil || second == nil {
			t.Fatalf("%v: %s", err, p.raw)
		}
		mine := p.client
		p.client = p.newClient(p.poolID, choosing.client)
		_, err = p.enter("alice", second)
		want(t, err, "NotAuthorizedException", badSession)
		p.client = mine
		p.confirmed("bob")
		_, err = p.enter("bob", second)
		want(t, err, "NotAuthorizedException", badSession)
		_, err = p.pub.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &p.client, Username: aws.String("alice"), ConfirmationCode: aws.String("000000"), Session: second})
		want(t, err, "NotAuthorizedException", badSession)

		out, err := p.enter("alice", second)
		if err != nil || out.AuthenticationResult == nil || out.AuthenticationResult.RefreshToken == nil || out.ChallengeName != "" {
			t.Fatalf("%v: %s", err, p.raw)
		}
		if _, values := claims(t, *out.AuthenticationResult.IdToken); string(values["cognito:username"]) != `"alice"` {
			t.Errorf("tokens of %s", values["cognito:username"])
		}
		_, err = p.enter("alice", second)
		want(t, err, "NotAuthorizedException", sessionSpent)
		_, err = p.enter("alice", aws.String(strings.Repeat("A", 100)))
		want(t, err, "NotAuthorizedException", badSession)

		// By an administrator's server.
		first = p.comeAlong("carol")
		if second, err = p.confirmIn("carol", first); err != nil {
			t.Fatal(err)
		}
		admin, err := p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
			UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserAuth, AuthParameters: map[string]string{"USERNAME": "carol"}, Session: second,
		})
		if err != nil || admin.AuthenticationResult == nil {
			t.Fatalf("%v: %s", err, p.raw)
		}
	})
}

// TestSessionsOfSignUpsAreOfTheirUser: with another person's session nobody is
// confirmed, and a session does not outlive what it was given for.
func TestSessionsOfSignUpsAreOfTheirUser(t *testing.T) {
	p := onePeople(t, joining)
	alice, bob := p.comeAlong("alice"), p.comeAlong("bob")
	_, err := p.confirmIn("alice", bob)
	want(t, err, "NotAuthorizedException", badSession)
	if got := p.get("alice").UserStatus; got != types.UserStatusTypeUnconfirmed {
		t.Errorf("alice is %s", got)
	}
	second, err := p.confirmIn("alice", alice)
	if err != nil {
		t.Fatal(err)
	}
	p.pass(time.Second)
	p.setPassword("alice", newPassword, true)
	_, err = p.enter("alice", second)
	want(t, err, "NotAuthorizedException", badSession)

	// Who takes long to find the code is as one who has not kept the session.
	p.pass(3 * time.Minute)
	if second, err = p.confirmIn("bob", bob); err != nil || second == nil {
		t.Errorf("%v: %s", err, p.raw)
	}
	if second, err = p.confirmIn("carol", p.comeAlong("carol")); err != nil {
		t.Fatal(err)
	}
	p.pass(3 * time.Minute)
	_, err = p.enter("carol", second)
	want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
	if second, err = p.confirmIn("dave", p.comeAlong("dave")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("dave")}); err != nil {
		t.Fatal(err)
	}
	_, err = p.enter("dave", second)
	want(t, err, "NotAuthorizedException", "User is disabled.")
	// AWS Amplify leaves the session of SignUp out.
	p.comeAlong("erin")
	if second, err = p.confirmIn("erin", nil); err != nil {
		t.Fatal(err)
	}
	if out, err := p.enter("erin", second); err != nil || out.AuthenticationResult == nil {
		t.Errorf("%v: %s", err, p.raw)
	}
}

// TestSignUpWithoutPassword: where people may begin to sign in with a code, they
// need no password.
func TestSignUpWithoutPassword(t *testing.T) {
	p := onePeople(t, joining)
	in := &idp.SignUpInput{ClientId: &p.client, Username: aws.String("alice"), UserAttributes: []types.AttributeType{attr("email", "alice@example.com")}}
	if _, err := p.pub.SignUp(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	second, err := p.confirmIn("alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.enter("alice", second); err != nil || out.AuthenticationResult == nil {
		t.Fatalf("%v: %s", err, p.raw)
	}
	if _, available := p.choose(t, "USERNAME", "alice"); available != "EMAIL_OTP" {
		t.Errorf("alice may choose %s", available)
	}
	_, err = p.signIn("alice", goodPassword)
	want(t, err, "NotAuthorizedException", incorrect)

	p = onePeople(t, setup{pool: autoVerify})
	in.ClientId = &p.client
	_, err = p.pub.SignUp(t.Context(), in)
	want(t, err, "InvalidParameterException", "Password is required.")
}

// TestNoSessionOfSignUp: where the code would not be enough to sign in, or the
// client does not allow it, there is no session.
func TestNoSessionOfSignUp(t *testing.T) {
	plain := onePeople(t, setup{pool: autoVerify})
	if s := plain.comeAlong("alice"); s != nil {
		t.Errorf("client without USER_AUTH: %s", plain.raw)
	}
	_, err := plain.enter("alice", aws.String(strings.Repeat("A", 100)))
	want(t, err, "InvalidParameterException", "USER_AUTH is not enabled for the client.")

	p := onePeople(t, setup{pool: func(in *idp.CreateUserPoolInput) { autoVerify(in); mailing.pool(in) }, client: choosing.client})
	before := p.comeAlong("alice")
	p.mfa(types.UserPoolMfaTypeOn, tokensOnly)
	if s := p.comeAlong("bob"); s != nil {
		t.Errorf("pool that wants a second factor: %s", p.raw)
	}
	if second, err := p.confirmIn("alice", before); err != nil || second != nil {
		t.Errorf("%v: session %v", err, second)
	}
}

// TestFunctionsWhenSigningInAtOnce: PreAuthentication is asked as in every
// sign-in, and can deny it.
func TestFunctionsWhenSigningInAtOnce(t *testing.T) {
	var m mood
	p := onePeople(t, setup{pool: joining.pool, client: joining.client, functions: functionsOf(map[string]func(*happening){
		"PreAuthentication": m.answer, "PostAuthentication": yes, "PreTokenGeneration": yes,
	})})
	second, err := p.confirmIn("alice", p.comeAlong("alice"))
	if err != nil {
		t.Fatal(err)
	}
	m.bad.Store(true)
	_, err = p.enter("alice", second)
	want(t, err, "UserLambdaValidationException", "PreAuthentication failed with error no.")
	m.bad.Store(false)
	p.functions.seen()
	if out, err := p.enter("alice", second); err != nil || out.AuthenticationResult == nil {
		t.Fatalf("%v: %s", err, p.raw)
	}
	if got := p.functions.sources(); got != "PreAuthentication_Authentication PostAuthentication_Authentication TokenGeneration_Authentication" {
		t.Errorf("asked %s", got)
	}
}

// TestPostConfirmationAfterAFirstCode: whom a code has confirmed stays
// confirmed, but where the function denies them there is no session of theirs.
func TestPostConfirmationAfterAFirstCode(t *testing.T) {
	var m mood
	eachPeople(t, setup{pool: joining.pool, client: joining.client, functions: functionsOf(map[string]func(*happening){
		"PostConfirmation": m.answer, "PostAuthentication": yes,
	})}, func(t *testing.T, p *people) {
		p.track(10)
		p.comeAlong("alice")
		p.pass(time.Second)
		s, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
		code := p.firstCode("alice@example.com")
		m.bad.Store(true)
		_, err := p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", code)
		want(t, err, "UserLambdaValidationException", "PostConfirmation failed with error no.")
		if got := p.functions.sources(); got != "PostConfirmation_ConfirmSignUp" {
			t.Errorf("asked %s", got)
		}
		list := func() []session {
			_, reply := p.signed(alpha, west, "AdminListUserSessions", `{"UserPoolId":"`+p.poolID+`","Username":"alice"}`)
			return p.sessions(reply)
		}
		if got := list(); len(got) != 0 {
			t.Errorf("sessions %+v", got)
		}
		if u := p.get("alice"); u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=alice@example.com email_verified=true" {
			t.Errorf("%s %s", u.UserStatus, profile(u.UserAttributes))
		}
		m.bad.Store(false)
		_, err = p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", code)
		want(t, err, "NotAuthorizedException", sessionSpent)
		p.comeAlong("bob")
		p.pass(time.Second)
		s, _ = p.choose(t, "USERNAME", "bob", "PREFERRED_CHALLENGE", "EMAIL_OTP")
		p.must(s, "USERNAME", "bob", "EMAIL_OTP_CODE", p.firstCode("bob@example.com")).done(t)
		if got := p.functions.sources(); got != "PostConfirmation_ConfirmSignUp PostAuthentication_Authentication" {
			t.Errorf("asked %s", got)
		}
	})
}
