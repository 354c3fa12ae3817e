package cognitoidp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// saying is a function with that response.
func saying(response map[string]any) func(*happening) {
	return func(h *happening) { h.Response = response }
}

func TestPreSignUpConfirmsAndVerifies(t *testing.T) {
	f := functionsOf(map[string]func(*happening){
		"PreSignUp":        saying(map[string]any{"autoConfirmUser": true, "autoVerifyEmail": true}),
		"PostConfirmation": yes, "CustomMessage": yes,
	})
	p := onePeople(t, setup{pool: autoVerify, functions: f})
	out, err := p.signUp("alice", goodPassword, attr("email", "a@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if !out.UserConfirmed || out.CodeDeliveryDetails != nil || len(p.outbox()) > 0 {
		t.Errorf("confirmed %t, delivery %v, %d messages", out.UserConfirmed, out.CodeDeliveryDetails, len(p.outbox()))
	}
	if got := f.sources(); got != "PreSignUp_SignUp PostConfirmation_ConfirmSignUp" {
		t.Errorf("asked %s", got)
	}
	u := p.get("alice")
	if u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=a@example.com email_verified=true" {
		t.Errorf("%s %s", u.UserStatus, profile(u.UserAttributes))
	}
	p.tokensOf("alice", goodPassword)

	// There is nothing to verify without an address.
	_, err = p.signUp("bob", goodPassword)
	want(t, err, "InvalidParameterException", "Email is required to verify/un-verify an email")

	// Administrators decide for themselves.
	p.invited("carol", goodPassword, attr("email", "c@example.com"))
	u = p.get("carol")
	if u.UserStatus != types.UserStatusTypeForceChangePassword || profile(u.UserAttributes) != "email=c@example.com" {
		t.Errorf("%s %s", u.UserStatus, profile(u.UserAttributes))
	}
	seen := f.seen()
	last := seen[len(seen)-1]
	if last.Source != "PreSignUp_AdminCreateUser" || last.CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" {
		t.Errorf("asked %+v", last)
	}
}

// An address that a function vouches for moves to the newcomer as an alias.
func TestPreSignUpMovesAliases(t *testing.T) {
	f := functionsOf(map[string]func(*happening){
		"PreSignUp": saying(map[string]any{"autoConfirmUser": true, "autoVerifyEmail": true}),
	})
	p := onePeople(t, setup{functions: f, pool: func(in *idp.CreateUserPoolInput) {
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail}
	}})
	p.confirmed("alice", proven("shared")...)
	if _, err := p.signUp("bob", goodPassword, attr("email", "shared@example.com")); err != nil {
		t.Fatal(err)
	}
	if got := profile(p.get("alice").UserAttributes); !strings.Contains(got, "email_verified=false") {
		t.Errorf("alice still has it: %s", got)
	}
	if u := p.get("shared@example.com"); *u.Username != "bob" {
		t.Errorf("the alias means %s", *u.Username)
	}
}

// TestConfirmedStaysConfirmed: PostConfirmation comes too late to deny.
func TestConfirmedStaysConfirmed(t *testing.T) {
	var m mood
	f := functionsOf(map[string]func(*happening){"PostConfirmation": m.answer})
	p := onePeople(t, setup{pool: autoVerify, functions: f})
	m.bad.Store(true)
	const code, message = "UserLambdaValidationException", "PostConfirmation failed with error no."
	confirmed := func(name string) {
		t.Helper()
		if got := p.get(name).UserStatus; got != types.UserStatusTypeConfirmed {
			t.Errorf("%s is %s", name, got)
		}
	}

	if _, err := p.signUp("alice", goodPassword, attr("email", "a@example.com")); err != nil {
		t.Fatal(err)
	}
	want(t, p.confirm("alice", p.code("a@example.com")), code, message)
	confirmed("alice")

	if _, err := p.signUp("bob", goodPassword, attr("email", "b@example.com")); err != nil {
		t.Fatal(err)
	}
	_, err := p.admin.AdminConfirmSignUp(t.Context(), &idp.AdminConfirmSignUpInput{
		UserPoolId: &p.poolID, Username: aws.String("bob"), ClientMetadata: metadata,
	})
	want(t, err, code, message)
	confirmed("bob")
	seen := f.seen()
	if last := seen[len(seen)-1]; told(last) != "clientMetadata.k=v" || last.Username != "bob" || last.CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" {
		t.Errorf("asked %+v", last)
	}

	if _, err := p.forgot("alice"); err != nil {
		t.Fatal(err)
	}
	want(t, p.confirmForgot("alice", p.code("a@example.com"), newPassword), code, message)
	if got := f.sources(); got != "PostConfirmation_ConfirmForgotPassword" {
		t.Errorf("asked %s", got)
	}
	p.tokensOf("alice", newPassword)

	// Wrong codes and spent ones confirm nobody, so nothing is told.
	if err := p.confirm("alice", "000000"); err == nil {
		t.Error("confirmed twice")
	}
	if got := f.sources(); got != "" {
		t.Errorf("asked %s", got)
	}
}

func TestFunctionsWriteMessages(t *testing.T) {
	f := functionsOf(map[string]func(*happening){"CustomMessage": func(h *happening) {
		user, _ := h.Request["usernameParameter"].(string)
		h.Response["emailSubject"] = h.Source
		h.Response["emailMessage"] = fmt.Sprintf("%s %v %s", h.Username, h.Request["codeParameter"], user)
	}})
	p := onePeople(t, setup{pool: autoVerify, functions: f})
	read := func(source, body string) {
		t.Helper()
		subject, got := p.mail("a@example.com")
		if subject != "CustomMessage_"+source || !strings.HasPrefix(got, "alice ") || !strings.HasSuffix(got, body) || strings.Contains(got, "{") {
			t.Errorf("%s: %q, %q", source, subject, got)
		}
	}
	if _, err := p.signUp("alice", goodPassword, attr("email", "a@example.com")); err != nil {
		t.Fatal(err)
	}
	read("SignUp", "")
	p.pass(1e6)
	if _, err := p.resend("alice"); err != nil {
		t.Fatal(err)
	}
	read("ResendCode", "")
	if err := p.confirm("alice", p.code("a@example.com")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.forgot("alice"); err != nil {
		t.Fatal(err)
	}
	read("ForgotPassword", "")
	p.pass(1e6)
	if err := p.sendCode(*p.tokensOf("alice", goodPassword).AccessToken, "email"); err != nil {
		t.Fatal(err)
	}
	read("VerifyUserAttribute", "")
	p.pass(1e6)
	if _, err := p.updateOwn(*p.tokensOf("alice", goodPassword).AccessToken, attr("email", "new@example.com")); err != nil {
		t.Fatal(err)
	}
	if subject, body := p.mail("new@example.com"); subject != "CustomMessage_UpdateUserAttribute" || !strings.HasPrefix(body, "alice ") {
		t.Errorf("%q, %q", subject, body)
	}

	_, err := p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &p.poolID, Username: aws.String("bob"), TemporaryPassword: aws.String(goodPassword), ClientMetadata: metadata,
		UserAttributes:         []types.AttributeType{attr("email", "b@example.com")},
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	if subject, body := p.mail("b@example.com"); subject != "CustomMessage_AdminCreateUser" || body != "bob "+goodPassword+" bob" {
		t.Errorf("%q, %q", subject, body)
	}
	seen := f.seen()
	if last := seen[len(seen)-1]; told(last) != "clientMetadata.k=v" {
		t.Errorf("told %s", told(last))
	}

	// Nobody is asked about messages that are not sent.
	p.invited("carol", goodPassword, attr("email", "c@example.com"))
	if got := f.sources(); got != "" {
		t.Errorf("asked %s", got)
	}
}

func TestMessagesWithoutTheCode(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerify, functions: functionsOf(map[string]func(*happening){
		"CustomMessage": saying(map[string]any{"emailMessage": "Welcome"}),
	})})
	_, err := p.signUp("alice", goodPassword, attr("email", "a@example.com"))
	want(t, err, "InvalidParameterException", `1 validation error detected: Value 'Welcome' at 'emailBody' failed to satisfy constraint: `+
		`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`)
	if got := len(p.outbox()); got != 0 {
		t.Errorf("%d messages", got)
	}
}

func TestFunctionsChangeIDTokens(t *testing.T) {
	f := functionsOf(map[string]func(*happening){"PreTokenGeneration": func(h *happening) {
		h.Response["claimsOverrideDetails"] = map[string]any{
			"claimsToAddOrOverride": map[string]string{"tenant": "t-1", "name": h.Source, "sub": "somebody else"},
			"claimsToSuppress":      []string{"email", "aud"},
			"groupOverrideDetails":  map[string]any{"groupsToOverride": []string{"auditors"}, "iamRolesToOverride": []string{"arn:aws:iam::" + alpha + ":role/audit"}},
		}
	}})
	p := onePeople(t, setup{functions: f})
	p.confirmed("alice", attr("email", "a@example.com"), attr("name", "Alice"))
	p.newGroup("admins", "admin", 1)
	if err := p.join(p.admin, "alice", "admins"); err != nil {
		t.Fatal(err)
	}
	f.seen()
	got := p.tokensOf("alice", goodPassword)
	asked := fmt.Sprint(f.seen()[0].Request["groupConfiguration"])
	if want := "map[groupsToOverride:[admins] iamRolesToOverride:[arn:aws:iam::" + alpha + ":role/admin] preferredRole:arn:aws:iam::" + alpha + ":role/admin]"; asked != want {
		t.Errorf("asked about %s", asked)
	}
	_, id := claims(t, *got.IdToken)
	_, access := claims(t, *got.AccessToken)
	sub := *p.get("alice").UserAttributes[0].Value
	for claim, want := range map[string]string{
		"tenant": `"t-1"`, "name": `"TokenGeneration_Authentication"`, "sub": `"` + sub + `"`, "email": "", "aud": `"` + p.client + `"`,
		"cognito:groups": `["auditors"]`, "cognito:roles": `["arn:aws:iam::` + alpha + `:role/audit"]`, "cognito:preferred_role": "",
	} {
		if string(id[claim]) != want {
			t.Errorf("ID token: %s is %s, want %s", claim, id[claim], want)
		}
	}
	for claim, want := range map[string]string{"tenant": "", "sub": `"` + sub + `"`, "cognito:groups": `["auditors"]`} {
		if string(access[claim]) != want {
			t.Errorf("access token: %s is %s, want %s", claim, access[claim], want)
		}
	}
	if err := p.whoami(*got.AccessToken); err != nil {
		t.Error(err)
	}
	again, err := p.refresh(*got.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, id := claims(t, *again.AuthenticationResult.IdToken); string(id["name"]) != `"TokenGeneration_RefreshTokens"` {
		t.Errorf("refreshed: name is %s", id["name"])
	}
}

func TestFunctionsChangeAccessTokens(t *testing.T) {
	f := functionsOf(map[string]func(*happening){"PreTokenGeneration": func(h *happening) {
		h.Response["claimsAndScopeOverrideDetails"] = map[string]any{
			"idTokenGeneration": map[string]any{"claimsToAddOrOverride": map[string]any{"plan": map[string]any{"seats": 5}}},
			"accessTokenGeneration": map[string]any{
				"claimsToAddOrOverride": map[string]any{"seats": 5, "Sub": "somebody else"}, "claimsToSuppress": []string{"event_id"},
				"scopesToAdd": []string{"api/read"}, "scopesToSuppress": []string{"aws.cognito.signin.user.admin"},
			},
		}
	}})
	f.preToken = types.PreTokenGenerationLambdaVersionTypeV20
	p := onePeople(t, setup{functions: f})
	p.confirmed("alice")
	got := p.tokensOf("alice", goodPassword)
	if seen := f.seen(); fmt.Sprint(seen[0].Request["scopes"]) != "[aws.cognito.signin.user.admin]" {
		t.Errorf("asked %+v", seen[0].Request)
	}
	_, id := claims(t, *got.IdToken)
	_, access := claims(t, *got.AccessToken)
	if string(id["plan"]) != `{"seats":5}` || string(access["seats"]) != "5" || string(access["scope"]) != `"api/read"` || access["event_id"] == nil {
		t.Errorf("ID token %s; access token %s %s %s", id["plan"], access["seats"], access["scope"], access["event_id"])
	}
	want(t, p.whoami(*got.AccessToken), "NotAuthorizedException", "Access Token does not have required scopes")
}

// TestDeniedRefreshRotatesNothing: a refresh token that a function denied is
// still the one.
func TestDeniedRefreshRotatesNothing(t *testing.T) {
	var m mood
	f := functionsOf(map[string]func(*happening){"PreTokenGeneration": m.answer})
	p := onePeople(t, setup{functions: f, client: func(in *idp.CreateUserPoolClientInput) {
		in.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth}
		in.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled}
	}})
	p.confirmed("alice")
	first := p.tokensOf("alice", goodPassword)
	m.bad.Store(true)
	_, err := p.getTokens(*first.RefreshToken)
	want(t, err, "UserLambdaValidationException", "PreTokenGeneration failed with error no.")
	m.bad.Store(false)
	second, err := p.getTokens(*first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == nil || *second.RefreshToken == *first.RefreshToken {
		t.Error("nothing was rotated")
	}
}
