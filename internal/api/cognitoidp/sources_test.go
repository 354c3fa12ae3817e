package cognitoidp_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// everyFunction are all functions of a pool; they agree.
func everyFunction() map[string]func(*happening) {
	of := maps.Clone(riddles())
	for _, name := range []string{
		"PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration", "CustomMessage", "UserMigration",
	} {
		of[name] = yes
	}
	return of
}

// asked lists the sources that functions were asked for, and what each was told
// of metadata.
func (f functions) asked() []string {
	var out []string
	for _, h := range f.seen() {
		line := h.Source
		if got := told(h); got != "" {
			line += " " + got
		}
		out = append(out, line)
	}
	return out
}

// TestWhoHearsMetadata: ClientMetadata reaches the functions that the API says,
// under the name that it says, and no other.
func TestWhoHearsMetadata(t *testing.T) {
	client := func(in *idp.CreateUserPoolClientInput) { choosing.client(in); customised(in) }
	p := onePeople(t, setup{pool: joining.pool, client: client, functions: functionsOf(everyFunction())})
	p.confirmed("alice", proven("alice")...)
	me := p.tokensOf("alice", goodPassword)
	p.functions.seen()
	id, pool, alice, bob := &p.client, &p.poolID, aws.String("alice"), aws.String("bob")
	ctx := t.Context()
	initiate := func(flow types.AuthFlowType, pairs ...string) error {
		_, err := p.pub.InitiateAuth(ctx, &idp.InitiateAuthInput{ClientId: id, AuthFlow: flow, AuthParameters: parameters(pairs), ClientMetadata: metadata})
		return err
	}
	for _, c := range []struct {
		what string
		call func() error
		want []string
	}{
		{"SignUp", func() error {
			_, err := p.pub.SignUp(ctx, &idp.SignUpInput{
				ClientId: id, Username: bob, Password: aws.String(goodPassword), ClientMetadata: metadata,
				UserAttributes: []types.AttributeType{attr("email", "bob@example.com")},
			})
			return err
		}, []string{"PreSignUp_SignUp clientMetadata.k=v", "CustomMessage_SignUp clientMetadata.k=v"}},
		{"ResendConfirmationCode", func() error {
			_, err := p.pub.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: id, Username: bob, ClientMetadata: metadata})
			return err
		}, []string{"CustomMessage_ResendCode clientMetadata.k=v"}},
		{"AdminConfirmSignUp", func() error {
			_, err := p.admin.AdminConfirmSignUp(ctx, &idp.AdminConfirmSignUpInput{UserPoolId: pool, Username: bob, ClientMetadata: metadata})
			return err
		}, []string{"PostConfirmation_ConfirmSignUp clientMetadata.k=v"}},
		{"AdminCreateUser", func() error {
			_, err := p.admin.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
				UserPoolId: pool, Username: aws.String("carol"), ClientMetadata: metadata, TemporaryPassword: aws.String(goodPassword),
				UserAttributes: []types.AttributeType{attr("email", "carol@example.com")}, DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
			})
			return err
		}, []string{"PreSignUp_AdminCreateUser clientMetadata.k=v", "CustomMessage_AdminCreateUser clientMetadata.k=v"}},
		{"ForgotPassword", func() error {
			_, err := p.pub.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: id, Username: alice, ClientMetadata: metadata})
			return err
		}, []string{"CustomMessage_ForgotPassword clientMetadata.k=v"}},
		{"ConfirmForgotPassword", func() error {
			_, err := p.pub.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{
				ClientId: id, Username: alice, ConfirmationCode: aws.String(p.code("alice@example.com")), Password: aws.String(goodPassword), ClientMetadata: metadata,
			})
			return err
		}, []string{"PostConfirmation_ConfirmForgotPassword clientMetadata.k=v"}},
		{"GetUserAttributeVerificationCode", func() error {
			_, err := p.pub.GetUserAttributeVerificationCode(ctx, &idp.GetUserAttributeVerificationCodeInput{
				AccessToken: me.AccessToken, AttributeName: aws.String("email"), ClientMetadata: metadata,
			})
			return err
		}, []string{"CustomMessage_VerifyUserAttribute clientMetadata.k=v"}},
		{"AdminUpdateUserAttributes", func() error {
			_, err := p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
				UserPoolId: pool, Username: bob, UserAttributes: []types.AttributeType{attr("email", "b2@example.com")}, ClientMetadata: metadata,
			})
			return err
		}, []string{"CustomMessage_UpdateUserAttribute clientMetadata.k=v"}},
		{"InitiateAuth by password", func() error {
			return initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", "alice", "PASSWORD", goodPassword)
		}, []string{"PreAuthentication_Authentication validationData.k=v", "PostAuthentication_Authentication", "TokenGeneration_Authentication"}},
		{"InitiateAuth of nobody", func() error {
			if err := initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", "nobody", "PASSWORD", goodPassword); err == nil {
				t.Error("nobody signs in")
			}
			return nil
		}, []string{"UserMigration_Authentication validationData.k=v"}},
		{"InitiateAuth by SRP", func() error {
			return initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", "alice", "SRP_A", srpclient.New(32).A())
		}, []string{"PreAuthentication_Authentication validationData.k=v"}},
		{"InitiateAuth by functions", func() error {
			return initiate(types.AuthFlowTypeCustomAuth, "USERNAME", "alice")
		}, []string{"PreAuthentication_Authentication validationData.k=v", "DefineAuthChallenge_Authentication", "CreateAuthChallenge_Authentication"}},
		{"InitiateAuth by code", func() error {
			return initiate(types.AuthFlowTypeUserAuth, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
		}, []string{"PreAuthentication_Authentication validationData.k=v", "CustomMessage_Authentication"}},
		{"InitiateAuth by refresh token", func() error {
			return initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *me.RefreshToken)
		}, []string{"TokenGeneration_RefreshTokens"}},
		{"GetTokensFromRefreshToken", func() error {
			_, err := p.pub.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: id, RefreshToken: me.RefreshToken, ClientMetadata: metadata})
			return err
		}, []string{"TokenGeneration_RefreshTokens clientMetadata.k=v"}},
	} {
		if err := c.call(); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		if diff := cmp.Diff(c.want, p.functions.asked()); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
	// A wrong answer says it to the functions of the flow alone.
	s := p.riddle("alice")
	p.functions.seen()
	_, err := p.admin.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
		UserPoolId: pool, ClientId: id, ChallengeName: s.name, Session: s.session, ClientMetadata: metadata,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"VerifyAuthChallengeResponse_Authentication clientMetadata.k=v", "DefineAuthChallenge_Authentication clientMetadata.k=v",
		"CreateAuthChallenge_Authentication clientMetadata.k=v",
	}, p.functions.asked()); diff != "" {
		t.Error(diff)
	}
}

// TestTokenSources: what functions are told of why there are tokens.
func TestTokenSources(t *testing.T) {
	for name, c := range map[string]struct {
		way  func(p *people)
		want string
	}{
		"password": {func(p *people) { p.tokensOf("alice", goodPassword) }, "Authentication"},
		"SRP": {func(p *people) {
			if _, err := p.srpSignIn("alice", goodPassword); err != nil {
				t.Fatal(err)
			}
		}, "Authentication"},
		"second factor": {func(p *people) {
			app := p.withApp("alice")
			p.functions.seen()
			p.must(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", app.code(0)).done(t)
		}, "Authentication"},
		"new password": {func(p *people) {
			p.invited("bob", goodPassword)
			p.must(p.password("bob"), "USERNAME", "bob", "NEW_PASSWORD", newPassword).done(t)
		}, "NewPasswordChallenge"},
		"new password, then a second factor": {func(p *people) {
			p.invited("bob", goodPassword, proven("bob")...)
			p.enable("bob", false, true)
			s := p.must(p.password("bob"), "USERNAME", "bob", "NEW_PASSWORD", newPassword)
			s.is(t, types.ChallengeNameTypeEmailOtp)
			p.must(s, "USERNAME", "bob", "EMAIL_OTP_CODE", p.code("bob@example.com")).done(t)
		}, "NewPasswordChallenge"},
		"functions": {func(p *people) { p.must(p.riddle("alice"), "USERNAME", "alice", "ANSWER", "answer 0").done(t) }, "Authentication"},
		"refresh": {func(p *people) {
			r := p.tokensOf("alice", goodPassword).RefreshToken
			p.functions.seen()
			if _, err := p.refresh(*r); err != nil {
				t.Fatal(err)
			}
		}, "RefreshTokens"},
	} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{pool: mailing.pool, client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){"PreTokenGeneration": yes}))})
			p.mfa(types.UserPoolMfaTypeOptional)
			p.confirmed("alice")
			p.functions.seen()
			c.way(p)
			var got []string
			for _, source := range strings.Fields(p.functions.sources()) {
				if source, ok := strings.CutPrefix(source, "TokenGeneration_"); ok {
					got = append(got, source)
				}
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDeviceComesLast: in CUSTOM_AUTH a remembered device proves itself once the
// function has said that it is enough, and no second factor is left out for it.
func TestDeviceComesLast(t *testing.T) {
	eachPeople(t, setup{pool: func(in *idp.CreateUserPoolInput) { always.pool(in); mailing.pool(in) }, client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){
		"PreTokenGeneration": yes,
	}))}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		g, _ := p.owned("alice")
		s, err := p.custom("USERNAME", "alice", "DEVICE_KEY", g.key)
		if err != nil {
			t.Fatal(err)
		}
		s.is(t, customChallenge)
		s = p.must(s, "USERNAME", "alice", "ANSWER", "answer 0")
		s.is(t, types.ChallengeNameTypeDeviceSrpAuth)
		p.functions.seen()
		if s, err = p.prove(s, "alice", g); err != nil {
			t.Fatal(err)
		}
		s.done(t)
		if got := p.functions.sources(); got != "TokenGeneration_AuthenticateDevice" {
			t.Errorf("asked %s", got)
		}

		p.mfa(types.UserPoolMfaTypeOptional)
		p.update("alice", proven("alice")...)
		p.enable("alice", false, true)
		c := srpclient.New(32)
		if s, err = p.custom("USERNAME", "alice", "CHALLENGE_NAME", "SRP_A", "SRP_A", c.A(), "DEVICE_KEY", g.key); err != nil {
			t.Fatal(err)
		}
		s = p.must(s, append(p.claim(c, s.parameters, goodPassword), "DEVICE_KEY", g.key)...)
		s.is(t, types.ChallengeNameTypeEmailOtp)
		s = p.must(s, "USERNAME", "alice", "EMAIL_OTP_CODE", p.code("alice@example.com"), "DEVICE_KEY", g.key)
		s.is(t, customChallenge)
		s = p.must(s, "USERNAME", "alice", "ANSWER", "answer 0", "DEVICE_KEY", g.key)
		s.is(t, types.ChallengeNameTypeDeviceSrpAuth)
		if s, err = p.prove(s, "alice", g); err != nil {
			t.Fatal(err)
		}
		s.done(t)
	})
}

// TestThirdVersionOfTokenEvents: to users' sign-ins it is as the second one.
func TestThirdVersionOfTokenEvents(t *testing.T) {
	for version, number := range map[types.PreTokenGenerationLambdaVersionType]string{
		types.PreTokenGenerationLambdaVersionTypeV10: "1", types.PreTokenGenerationLambdaVersionTypeV20: "2", types.PreTokenGenerationLambdaVersionTypeV30: "3",
	} {
		member := "claimsAndScopeOverrideDetails"
		if number == "1" {
			member = "claimsOverrideDetails"
		}
		asGiven := map[string]any{}
		f := functionsOf(map[string]func(*happening){"PreTokenGeneration": func(h *happening) {
			asGiven = maps.Clone(h.Response)
			h.Response = map[string]any{member: map[string]any{"groupOverrideDetails": map[string]any{"groupsToOverride": []string{"g"}}}}
		}})
		f.preToken = version
		p := onePeople(t, setup{functions: f})
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		for _, jwt := range []string{*r.IdToken, *r.AccessToken} {
			if _, values := claims(t, jwt); string(values["cognito:groups"]) != `["g"]` {
				t.Errorf("version %s: groups %s", number, values["cognito:groups"])
			}
		}
		h := f.seen()[0]
		_, scopes := h.Request["scopes"]
		if h.Version != number || scopes != (number != "1") || fmt.Sprint(h.Request["groupConfiguration"]) != "map[groupsToOverride:[] iamRolesToOverride:[] preferredRole:<nil>]" {
			t.Errorf("version %s: %+v", number, h)
		}
		if value, there := asGiven[member]; len(asGiven) != 1 || !there || value != nil {
			t.Errorf("version %s: the response to fill in is %v", number, asGiven)
		}
	}
}

// TestFunctionsOfChosenFactors: whatever the first factor is, the same functions
// are asked around it, and one that denies leaves no tokens.
func TestFunctionsOfChosenFactors(t *testing.T) {
	var m mood
	eachPeople(t, setup{pool: choosing.pool, client: choosing.client, functions: functionsOf(map[string]func(*happening){
		"PreAuthentication": yes, "PostAuthentication": m.answer, "PreTokenGeneration": yes, "CustomMessage": yes,
	})}, func(t *testing.T, p *people) {
		p.relyingParty()
		p.confirmed("alice", proven("alice")...)
		d := p.register(t, p.tokensOf("alice", goodPassword).AccessToken)
		const before, after = "PreAuthentication_Authentication", "PostAuthentication_Authentication TokenGeneration_Authentication"
		for factor, c := range map[string]struct {
			want   string
			answer func(s step) []string
		}{
			"PASSWORD":     {before, func(step) []string { return []string{"PASSWORD", goodPassword} }},
			"PASSWORD_SRP": {before, nil},
			"EMAIL_OTP":    {before + " CustomMessage_Authentication", func(step) []string { return []string{"EMAIL_OTP_CODE", p.firstCode("alice@example.com")} }},
			"WEB_AUTHN":    {before, func(s step) []string { return []string{"CREDENTIAL", d.sign(t, s, site)} }},
		} {
			for _, bad := range []bool{true, false} {
				p.functions.seen()
				m.bad.Store(false)
				exchange := srpclient.New(32)
				begin := []string{"USERNAME", "alice", "PREFERRED_CHALLENGE", factor}
				if c.answer == nil {
					begin = append(begin, "SRP_A", exchange.A())
				}
				s, _ := p.choose(t, begin...)
				if got := p.functions.sources(); got != c.want {
					t.Errorf("%s: asked %s", factor, got)
				}
				m.bad.Store(bad)
				pairs := []string{"USERNAME", "alice"}
				if c.answer == nil {
					pairs = p.claim(exchange, s.parameters, goodPassword)
				} else {
					pairs = append(pairs, c.answer(s)...)
				}
				end, err := p.next(s, pairs...)
				if bad {
					want(t, err, "UserLambdaValidationException", "PostAuthentication failed with error no.")
					continue
				}
				if err != nil {
					t.Fatalf("%s: %v", factor, err)
				}
				end.done(t)
				if got := p.functions.sources(); got != after {
					t.Errorf("%s: asked %s", factor, got)
				}
			}
		}
		m.bad.Store(false)
	})
}
