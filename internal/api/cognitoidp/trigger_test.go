package cognitoidp_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/message"
)

var metadata = map[string]string{"k": "v"}

// told reports what a function got of ClientMetadata and ValidationData.
func told(h *happening) string {
	var out []string
	for _, member := range []string{"clientMetadata", "validationData"} {
		if m, ok := h.Request[member].(map[string]any); ok {
			for _, k := range slices.Sorted(maps.Keys(m)) {
				out = append(out, member+"."+k+"="+m[k].(string))
			}
		}
	}
	return strings.Join(out, " ")
}

// TestFunctionsAroundASignUp follows one person from sign-up to tokens: which
// functions are asked, in which order, and what they are told.
func TestFunctionsAroundASignUp(t *testing.T) {
	f := functionsOf(map[string]func(*happening){
		"PreSignUp": yes, "PostConfirmation": yes, "PreAuthentication": yes, "PostAuthentication": yes, "PreTokenGeneration": yes, "CustomMessage": yes,
	})
	p := onePeople(t, setup{pool: autoVerify, functions: f})
	out, err := p.pub.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &p.client, Username: aws.String("alice"), Password: aws.String(goodPassword), ClientMetadata: metadata,
		UserAttributes: []types.AttributeType{attr("email", "a@example.com")},
		ValidationData: []types.AttributeType{attr("captcha", "right")},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := f.seen()
	if len(seen) != 2 || seen[0].Source != "PreSignUp_SignUp" || seen[1].Source != "CustomMessage_SignUp" {
		t.Fatalf("asked %v", seen)
	}
	before, words := seen[0], seen[1]
	if got := told(before); got != "clientMetadata.k=v validationData.captcha=right" {
		t.Errorf("PreSignUp was told %s", got)
	}
	if before.Username != "alice" || before.CallerContext.ClientID != p.client || before.attribute("email") != "a@example.com" ||
		before.attribute("sub") != "" || before.attribute("email_verified") != "" {
		t.Errorf("PreSignUp got %+v", before)
	}
	if got := told(words); got != "clientMetadata.k=v" {
		t.Errorf("CustomMessage was told %s", got)
	}
	if words.attribute("sub") != *out.UserSub || words.attribute("cognito:user_status") != "UNCONFIRMED" || words.attribute("email_verified") != "false" {
		t.Errorf("CustomMessage got %+v", words.Request)
	}

	if err := p.confirm("alice", p.code("a@example.com")); err != nil {
		t.Fatal(err)
	}
	seen = f.seen()
	if len(seen) != 1 || seen[0].Source != "PostConfirmation_ConfirmSignUp" || seen[0].attribute("cognito:user_status") != "CONFIRMED" ||
		seen[0].attribute("email_verified") != "true" || seen[0].attribute("sub") != *out.UserSub {
		t.Errorf("confirmed: %+v", seen)
	}

	// What InitiateAuth says goes to the function before the password alone.
	auth, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientMetadata: metadata,
		AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen = f.seen()
	if len(seen) != 3 || seen[0].Source != "PreAuthentication_Authentication" || seen[1].Source != "PostAuthentication_Authentication" ||
		seen[2].Source != "TokenGeneration_Authentication" {
		t.Fatalf("asked %v", seen)
	}
	for i, want := range []string{"validationData.k=v", "", ""} {
		if got := told(seen[i]); got != want {
			t.Errorf("%s was told %q, want %q", seen[i].Source, got, want)
		}
	}
	if _, there := seen[0].Request["userNotFound"]; there {
		t.Errorf("PreAuthentication got userNotFound from a client that hides nobody")
	}

	// A refresh asks about tokens alone; what GetTokensFromRefreshToken says is passed on.
	if _, err := p.refresh(*auth.AuthenticationResult.RefreshToken); err != nil {
		t.Fatal(err)
	}
	if got := f.sources(); got != "TokenGeneration_RefreshTokens" {
		t.Errorf("refresh asked %s", got)
	}
	_, err = p.pub.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
		ClientId: &p.client, RefreshToken: auth.AuthenticationResult.RefreshToken, ClientMetadata: metadata,
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen = f.seen(); len(seen) != 1 || seen[0].Source != "TokenGeneration_RefreshTokens" || told(seen[0]) != "clientMetadata.k=v" {
		t.Errorf("asked %v", seen)
	}
}

// TestFunctionsThatThrow is row 20 of the attacks, for every function and every
// way in: an error of the function denies, and leaves nothing behind.
func TestFunctionsThatThrow(t *testing.T) {
	signUp := func(p *people) error {
		_, err := p.signUp("bob", goodPassword, attr("email", "b@example.com"))
		return err
	}
	create := func(p *people) error {
		_, err := p.admin.AdminCreateUser(p.t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &p.poolID, Username: aws.String("bob"), UserAttributes: []types.AttributeType{attr("email", "b@example.com")},
			DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
		})
		return err
	}
	password := func(p *people) error { _, err := p.signIn("alice", goodPassword); return err }
	admin := func(p *people) error {
		_, err := p.admin.AdminInitiateAuth(p.t.Context(), &idp.AdminInitiateAuthInput{
			UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": goodPassword},
		})
		return err
	}
	srp := func(p *people) error { _, err := p.srpSignIn("alice", goodPassword); return err }
	forgot := func(p *people) error { _, err := p.forgot("alice"); return err }
	for trigger, ways := range map[string]map[string]func(*people) error{
		"PreSignUp":          {"SignUp": signUp, "AdminCreateUser": create},
		"PreAuthentication":  {"password": password, "admin": admin, "SRP": srp},
		"PostAuthentication": {"password": password, "admin": admin, "SRP": srp},
		"PreTokenGeneration": {"password": password, "admin": admin, "SRP": srp},
		"CustomMessage":      {"SignUp": signUp, "AdminCreateUser": create, "ForgotPassword": forgot},
	} {
		t.Run(trigger, func(t *testing.T) {
			var m mood
			f := functionsOf(map[string]func(*happening){trigger: m.answer})
			p := onePeople(t, setup{pool: autoVerify, functions: f})
			p.confirmed("alice", proven("alice")...)
			was, mails := p.picture(), len(p.outbox())
			f.seen()
			m.bad.Store(true)
			for way, try := range ways {
				want(t, try(p), "UserLambdaValidationException", trigger+" failed with error no.")
				if got := len(f.seen()); got != 1 {
					t.Errorf("%s: asked %d times", way, got)
				}
				p.unchanged(t, was)
			}
			_, err := p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.poolID, Username: aws.String("bob")})
			want(t, err, "UserNotFoundException", "User does not exist.")
			if got := len(p.outbox()); got != mails {
				t.Errorf("%d messages were sent", got-mails)
			}
			m.bad.Store(false)
			for way, try := range ways {
				if way == "AdminCreateUser" {
					continue // whoever signed up before has the name
				}
				if err := try(p); err != nil {
					t.Errorf("%s, once the function agrees: %v", way, err)
				}
			}
		})
	}
}

func (p *people) outbox() []message.Queued {
	p.t.Helper()
	recent, err := p.db.Outbox().Recent(p.t.Context(), p.poolID, 100)
	if err != nil {
		p.t.Fatal(err)
	}
	return recent
}

// TestRepliesThatDenyTheSignIn: what is not the event with its response filled
// in decides nothing, so nobody gets in.
func TestRepliesThatDenyTheSignIn(t *testing.T) {
	for trigger, response := range map[string]map[string]any{
		"PreAuthentication":  {"allow": true},
		"PostAuthentication": {"allow": true},
		"PreTokenGeneration": {"claimsOverrideDetails": map[string]any{"claimsToSuppress": "email"}},
	} {
		f := functionsOf(map[string]func(*happening){trigger: func(h *happening) { h.Response = response }})
		p := onePeople(t, setup{functions: f})
		p.confirmed("alice")
		was := p.picture()
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "InvalidLambdaResponseException", "Unrecognizable lambda output")
		_, err = p.srpSignIn("alice", goodPassword)
		want(t, err, "InvalidLambdaResponseException", "Unrecognizable lambda output")
		p.unchanged(t, was)
	}
}

// TestFunctionsComeBeforeThePassword: PreAuthentication is asked about every
// attempt, right or wrong; the others only about right ones.
func TestFunctionsComeBeforeThePassword(t *testing.T) {
	f := functionsOf(map[string]func(*happening){"PreAuthentication": yes, "PostAuthentication": yes, "PreTokenGeneration": yes})
	p := onePeople(t, setup{functions: f})
	p.confirmed("alice")
	_, err := p.signIn("alice", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
	_, err = p.srpSignIn("alice", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
	if got := f.sources(); got != "PreAuthentication_Authentication PreAuthentication_Authentication" {
		t.Errorf("asked %s", got)
	}
	_, err = p.signIn("nobody", goodPassword)
	want(t, err, "UserNotFoundException", "User does not exist.")
	if got := f.sources(); got != "" {
		t.Errorf("about nobody, to a client that may know: asked %s", got)
	}
	for range 5 {
		if _, err := p.signIn("alice", "wrong"); err == nil {
			t.Fatal("a wrong password signs in")
		}
	}
	f.seen()
	_, err = p.signIn("alice", goodPassword)
	want(t, err, "NotAuthorizedException", "Password attempts exceeded")
	if got := f.sources(); got != "" {
		t.Errorf("about a locked account: asked %s", got)
	}
}

func TestFunctionsHearOfNobody(t *testing.T) {
	f := functionsOf(map[string]func(*happening){"PreAuthentication": yes, "PostAuthentication": yes})
	p := onePeople(t, setup{client: hiding, functions: f})
	p.confirmed("alice")
	for _, try := range []func(name string) error{
		func(name string) error { _, err := p.signIn(name, "wrong"); return err },
		func(name string) error { _, err := p.srpSignIn(name, "wrong"); return err },
	} {
		for name, notFound := range map[string]bool{"alice": false, "nobody": true} {
			want(t, try(name), "NotAuthorizedException", incorrect)
			seen := f.seen()
			if len(seen) != 1 || seen[0].Request["userNotFound"] != notFound || seen[0].Username != name || (seen[0].attribute("sub") == "") != notFound {
				t.Errorf("%s: %+v", name, seen)
			}
		}
	}
}

// TestDeniedSignatureIsUsedUp: a signature gets one try, even if it was right
// and a function denied it.
func TestDeniedSignatureIsUsedUp(t *testing.T) {
	for _, trigger := range []string{"PostAuthentication", "PreTokenGeneration"} {
		var m mood
		p := onePeople(t, setup{functions: functionsOf(map[string]func(*happening){trigger: m.answer})})
		p.confirmed("alice")
		m.bad.Store(true)
		try := p.srpChallenge("alice")
		_, err := try(goodPassword)
		want(t, err, "UserLambdaValidationException", trigger+" failed with error no.")
		m.bad.Store(false)
		if out, err := try(goodPassword); err == nil {
			t.Errorf("%s: the same signature gives %v", trigger, out.AuthenticationResult)
		}
		p.tokensOf("alice", goodPassword)
	}
}

// TestDeniedNewPasswordMayBeGivenAgain: the password that a function's denial
// came with has not become the user's; the session is still there for it.
func TestDeniedNewPasswordMayBeGivenAgain(t *testing.T) {
	var m mood
	f := functionsOf(map[string]func(*happening){"PostAuthentication": m.answer, "PreTokenGeneration": yes})
	p := onePeople(t, setup{functions: f})
	p.invited("alice", goodPassword)
	first := p.password("alice")
	if got := f.sources(); got != "" {
		t.Errorf("before the new password: asked %s", got)
	}
	m.bad.Store(true)
	_, err := p.next(first, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "UserLambdaValidationException", "PostAuthentication failed with error no.")
	if got := p.get("alice").UserStatus; got != types.UserStatusTypeForceChangePassword {
		t.Errorf("status is %s", got)
	}
	m.bad.Store(false)
	f.seen()
	p.must(first, "USERNAME", "alice", "NEW_PASSWORD", newPassword).done(t)
	seen := f.seen()
	if len(seen) != 2 || seen[0].attribute("cognito:user_status") != "CONFIRMED" || seen[1].Source != "TokenGeneration_NewPasswordChallenge" {
		t.Errorf("asked %+v", seen)
	}
	p.tokensOf("alice", newPassword)
}

// TestAnswersHaveMetadata: what RespondToAuthChallenge says goes to the
// functions after the answer.
func TestAnswersHaveMetadata(t *testing.T) {
	f := functionsOf(map[string]func(*happening){
		"PreAuthentication": yes, "PostAuthentication": yes, "PreTokenGeneration": yes, "CustomMessage": yes,
	})
	p := onePeople(t, setup{pool: mailing.pool, functions: f})
	p.confirmed("alice", proven("alice")...)
	p.mfa(types.UserPoolMfaTypeOn)
	p.enable("alice", false, true)
	first := p.password("alice")
	first.is(t, types.ChallengeNameTypeEmailOtp)
	seen := f.seen()
	if len(seen) != 2 || seen[1].Source != "CustomMessage_Authentication" || told(seen[1]) != "" {
		t.Errorf("asked %+v", seen)
	}
	_, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: first.name, Session: first.session, ClientMetadata: metadata,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "EMAIL_OTP_CODE": p.code("alice@example.com")},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen = f.seen()
	if len(seen) != 2 || seen[0].Source != "PostAuthentication_Authentication" || seen[1].Source != "TokenGeneration_Authentication" {
		t.Fatalf("asked %+v", seen)
	}
	for _, h := range seen {
		if got := told(h); got != "clientMetadata.k=v" {
			t.Errorf("%s was told %q", h.Source, got)
		}
	}
}
