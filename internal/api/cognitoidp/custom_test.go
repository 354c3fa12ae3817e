package cognitoidp_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const customChallenge = types.ChallengeNameTypeCustomChallenge

// riddles are functions that ask for the number of the try, the password first
// if that is how the sign-in begins, and give up after three wrong answers.
func riddles() map[string]func(*happening) {
	return map[string]func(*happening){
		"DefineAuthChallenge": func(h *happening) {
			past := h.session()
			h.Response = map[string]any{"issueTokens": false, "failAuthentication": false}
			switch last := past[max(len(past)-1, 0):]; {
			case len(last) == 1 && last[0] == "SRP_A true":
				h.Response["challengeName"] = "PASSWORD_VERIFIER"
			case len(last) == 1 && strings.HasPrefix(last[0], "CUSTOM_CHALLENGE true"):
				h.Response["issueTokens"] = true
			case strings.Count(strings.Join(past, ","), "CUSTOM_CHALLENGE false") == 3:
				h.Response["failAuthentication"] = true
			default:
				h.Response["challengeName"] = "CUSTOM_CHALLENGE"
			}
		},
		"CreateAuthChallenge": func(h *happening) {
			n := strings.Count(strings.Join(h.session(), ","), "CUSTOM")
			h.Response = map[string]any{
				"publicChallengeParameters":  map[string]string{"question": fmt.Sprint("question ", n)},
				"privateChallengeParameters": map[string]string{"answer": fmt.Sprint("answer ", n)},
				"challengeMetadata":          fmt.Sprint("try ", n),
			}
		},
		"VerifyAuthChallengeResponse": func(h *happening) {
			private, _ := h.Request["privateChallengeParameters"].(map[string]any)
			h.Response = map[string]any{"answerCorrect": h.Request["challengeAnswer"] == private["answer"]}
		},
	}
}

// session is what a function is told of the challenges so far: name, result
// and, if there is one, metadata.
func (h *happening) session() []string {
	var out []string
	list, _ := h.Request["session"].([]any)
	for _, x := range list {
		past := x.(map[string]any)
		line := fmt.Sprint(past["challengeName"], " ", past["challengeResult"])
		if past["challengeMetadata"] != nil {
			line += fmt.Sprint(" ", past["challengeMetadata"])
		}
		out = append(out, line)
	}
	return out
}

// with returns functions of which some are others.
func with(of map[string]func(*happening), others map[string]func(*happening)) map[string]func(*happening) {
	of = maps.Clone(of)
	maps.Copy(of, others)
	return of
}

// customised lets a client begin CUSTOM_AUTH beside what it could already.
func customised(in *idp.CreateUserPoolClientInput) {
	in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowCustomAuth)
}

// custom begins CUSTOM_AUTH.
func (p *people) custom(pairs ...string) (step, error) {
	p.t.Helper()
	out, err := p.initiate(types.AuthFlowTypeCustomAuth, pairs...)
	if err != nil {
		return step{}, err
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}, nil
}

// riddle is custom for a user who is asked a question.
func (p *people) riddle(name string) step {
	p.t.Helper()
	s, err := p.custom("USERNAME", name)
	if err != nil {
		p.t.Fatal(err)
	}
	s.is(p.t, customChallenge)
	return s
}

func TestCustomAuth(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){
		"PreAuthentication": yes, "PostAuthentication": yes, "PreTokenGeneration": yes,
	}))}, func(t *testing.T, p *people) {
		p.confirmed("alice", attr("email", "a@example.com"))
		p.functions.seen()
		out, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": "alice"}, ClientMetadata: metadata,
		})
		if err != nil {
			t.Fatal(err)
		}
		s := step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
		s.is(t, customChallenge)
		if diff := cmp.Diff(map[string]string{"USERNAME": "alice", "question": "question 0"}, s.parameters); diff != "" {
			t.Errorf("parameters %s", diff)
		}
		seen := p.functions.seen()
		if len(seen) != 3 || seen[0].Source != "PreAuthentication_Authentication" || seen[1].Source != "DefineAuthChallenge_Authentication" ||
			seen[2].Source != "CreateAuthChallenge_Authentication" || seen[2].Request["challengeName"] != "CUSTOM_CHALLENGE" {
			t.Fatalf("asked %+v", seen)
		}
		for i, want := range []string{"validationData.k=v", "", ""} {
			if got := told(seen[i]); got != want {
				t.Errorf("%s was told %q, want %q", seen[i].Source, got, want)
			}
			if seen[i].attribute("email") != "a@example.com" || seen[i].attribute("cognito:user_status") != "CONFIRMED" {
				t.Errorf("%s got %v", seen[i].Source, seen[i].Request)
			}
		}
		if list, there := seen[1].Request["session"].([]any); !there || len(list) != 0 {
			t.Errorf("session is %v, want an empty list", seen[1].Request["session"])
		}

		// A wrong answer is not an error: the function asks again.
		second, err := p.next(s, "USERNAME", "alice", "ANSWER", "nonsense")
		if err != nil {
			t.Fatal(err)
		}
		second.is(t, customChallenge)
		if strings.Contains(string(p.raw), "answer 1") || strings.Contains(string(p.raw), "try") {
			t.Errorf("a secret of the functions is in the reply: %s", p.raw)
		}
		seen = p.functions.seen()
		if len(seen) != 3 || seen[0].Source != "VerifyAuthChallengeResponse_Authentication" || seen[0].Request["challengeAnswer"] != "nonsense" {
			t.Fatalf("asked %+v", seen)
		}
		if diff := cmp.Diff([]string{"CUSTOM_CHALLENGE false try 0"}, seen[1].session()); diff != "" {
			t.Errorf("session %s", diff)
		}
		if diff := cmp.Diff(seen[1].session(), seen[2].session()); diff != "" {
			t.Errorf("CreateAuthChallenge has another session: %s", diff)
		}

		end, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
			ClientId: &p.client, ChallengeName: second.name, Session: second.session, ClientMetadata: metadata,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "answer 1"},
		})
		if err != nil || end.AuthenticationResult == nil || end.AuthenticationResult.RefreshToken == nil || end.ChallengeName != "" {
			t.Fatalf("%v: %s", err, p.raw)
		}
		seen = p.functions.seen()
		var sources []string
		for _, h := range seen {
			sources = append(sources, h.Source)
			if got := told(h); got != "clientMetadata.k=v" {
				t.Errorf("%s was told %q", h.Source, got)
			}
		}
		if diff := cmp.Diff([]string{
			"VerifyAuthChallengeResponse_Authentication", "DefineAuthChallenge_Authentication",
			"PostAuthentication_Authentication", "TokenGeneration_Authentication",
		}, sources); diff != "" {
			t.Errorf("asked %s", diff)
		}
		if diff := cmp.Diff([]string{"CUSTOM_CHALLENGE false try 0", "CUSTOM_CHALLENGE true try 1"}, seen[1].session()); diff != "" {
			t.Errorf("session %s", diff)
		}
	})
}

// TestCustomAuthFails: the function says when it is enough. Wrong answers to it
// do not lock the account, so that nobody is kept from their password by them.
func TestCustomAuthFails(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		was := p.picture()
		for range 3 {
			s := p.riddle("alice")
			s = p.must(p.must(s, "USERNAME", "alice", "ANSWER", "x"), "USERNAME", "alice", "ANSWER", "y")
			s.is(t, customChallenge)
			_, err := p.next(s, "USERNAME", "alice", "ANSWER", "z")
			want(t, err, "NotAuthorizedException", incorrect)
			_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 2")
			want(t, err, "NotAuthorizedException", sessionSpent)
			p.unchanged(t, was)
		}
		p.tokensOf("alice", goodPassword)
	})
}

func TestCustomSessionsAreBound(t *testing.T) {
	p := onePeople(t, setup{client: customised, functions: functionsOf(riddles())})
	p.confirmed("alice")
	p.confirmed("bob")
	s := p.riddle("alice")
	mine := p.client
	p.client = p.newClient(p.poolID, customised)
	_, err := p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", badSession)
	p.client = mine
	_, err = p.next(s, "USERNAME", "bob", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", badSession)
	_, err = p.next(s, "USERNAME", "nobody", "ANSWER", "answer 0")
	want(t, err, "UserNotFoundException", noUser)
	_, err = p.next(s, "ANSWER", "answer 0")
	want(t, err, "InvalidParameterException", "Missing required parameter USERNAME")
	_, err = p.next(s, "USERNAME", "alice")
	want(t, err, "InvalidParameterException", "Missing required parameter ANSWER")
	_, err = p.answer(customChallenge, nil, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "InvalidParameterException", "Missing required parameter Session")
	for _, other := range []types.ChallengeNameType{
		types.ChallengeNameTypeNewPasswordRequired, types.ChallengeNameTypeSelectChallenge, types.ChallengeNameTypeSoftwareTokenMfa,
	} {
		_, err = p.answer(other, s.session, "USERNAME", "alice", "ANSWER", "PASSWORD", "NEW_PASSWORD", newPassword, "SOFTWARE_TOKEN_MFA_CODE", "123456")
		want(t, err, "NotAuthorizedException", badSession)
	}
	if got := p.functions.sources(); strings.Contains(got, "Verify") {
		t.Errorf("a function heard an answer that was none: %s", got)
	}
	p.must(s, "USERNAME", "alice", "ANSWER", "answer 0").done(t)
	_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", sessionSpent)

	s = p.riddle("alice")
	p.pass(3 * time.Minute)
	_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")

	s = p.riddle("alice")
	p.setPassword("alice", newPassword, true)
	_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", badSession)
}

// TestOneAnswerIsHeard: whoever gives many answers to one challenge at once has
// one try all the same.
func TestOneAnswerIsHeard(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		s := p.riddle("alice")
		p.functions.seen()
		const many = 10
		errs := make(chan error, many)
		for n := range many {
			go func() {
				_, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
					ClientId: &p.client, ChallengeName: s.name, Session: s.session,
					ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": fmt.Sprint("guess ", n)},
				})
				errs <- err
			}()
		}
		heard := 0
		for range many {
			if err := <-errs; err == nil {
				heard++
			} else {
				want(t, err, "NotAuthorizedException", sessionSpent)
			}
		}
		if asked := strings.Count(p.functions.sources(), "Verify"); heard != 1 || asked != 1 {
			t.Errorf("%d of %d answers were heard, the function was asked about %d", heard, many, asked)
		}
	})
}

// customSRP begins CUSTOM_AUTH with the password and returns what answers it.
func (p *people) customSRP(name string) (step, func(password string) (step, error)) {
	p.t.Helper()
	c := srpclient.New(32)
	s, err := p.custom("USERNAME", name, "CHALLENGE_NAME", "SRP_A", "SRP_A", c.A())
	if err != nil {
		p.t.Fatal(err)
	}
	s.is(p.t, types.ChallengeNameTypePasswordVerifier)
	return s, func(password string) (step, error) { return p.next(s, p.claim(c, s.parameters, password)...) }
}

func TestCustomAuthAfterThePassword(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		_, answer := p.customSRP("alice")
		s, err := answer(goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		s.is(t, customChallenge)
		seen := p.functions.seen()
		if len(seen) != 3 {
			t.Fatalf("asked %+v", seen)
		}
		if diff := cmp.Diff([][]string{{"SRP_A true"}, {"SRP_A true", "PASSWORD_VERIFIER true"}}, [][]string{seen[0].session(), seen[1].session()}); diff != "" {
			t.Errorf("sessions %s", diff)
		}
		_, err = answer(goodPassword)
		want(t, err, "NotAuthorizedException", sessionSpent)
		p.must(s, "USERNAME", s.parameters["USERNAME"], "ANSWER", "answer 0").done(t)

		// A wrong password ends it, is no business of the functions, and counts.
		p.functions.seen()
		for n := range 5 {
			_, answer := p.customSRP("alice")
			p.functions.seen()
			_, err = answer("wrong-Password-1")
			want(t, err, "NotAuthorizedException", incorrect)
			if got := p.functions.sources(); got != "" {
				t.Errorf("wrong password %d: asked %s", n, got)
			}
		}
		for _, pairs := range [][]string{
			{"USERNAME", "alice"},
			{"USERNAME", "alice", "CHALLENGE_NAME", "SRP_A", "SRP_A", srpclient.New(32).A()},
		} {
			_, err = p.custom(pairs...)
			want(t, err, "NotAuthorizedException", "Password attempts exceeded")
		}
		if got := p.functions.sources(); got != "" {
			t.Errorf("about a locked account: asked %s", got)
		}
	})
}

// TestFactorsOfCustomAuth: new passwords and second factors come by themselves
// once the password is proven, and lead back to the function, not to tokens.
func TestFactorsOfCustomAuth(t *testing.T) {
	eachPeople(t, setup{pool: mailing.pool, client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){
		"PreTokenGeneration": yes,
	}))}, func(t *testing.T, p *people) {
		p.mfa(types.UserPoolMfaTypeOptional)
		p.confirmed("alice", proven("alice")...)
		app := p.withApp("alice")
		_, answer := p.customSRP("alice")
		s, err := answer(goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
		p.functions.seen()
		_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", "000000")
		want(t, err, "CodeMismatchException", "Invalid code received for user")
		s = p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", app.code(0))
		s.is(t, customChallenge)
		seen := p.functions.seen()
		if diff := cmp.Diff([]string{"SRP_A true", "PASSWORD_VERIFIER true", "SOFTWARE_TOKEN_MFA true"}, seen[0].session()); diff != "" || len(seen) != 2 {
			t.Errorf("session %s of %d", diff, len(seen))
		}
		p.must(s, "USERNAME", "alice", "ANSWER", "answer 0").done(t)

		// Without a password there is no second factor either.
		p.must(p.riddle("alice"), "USERNAME", "alice", "ANSWER", "answer 0").done(t)

		p.invited("bob", goodPassword)
		_, answer = p.customSRP("bob")
		if s, err = answer(goodPassword); err != nil {
			t.Fatal(err)
		}
		s.is(t, types.ChallengeNameTypeNewPasswordRequired)
		p.functions.seen()
		s = p.must(s, "USERNAME", "bob", "NEW_PASSWORD", newPassword)
		s.is(t, customChallenge)
		seen = p.functions.seen()
		if diff := cmp.Diff([]string{"SRP_A true", "PASSWORD_VERIFIER true"}, seen[0].session()); diff != "" || seen[0].attribute("cognito:user_status") != "CONFIRMED" {
			t.Errorf("session %s, status %s", diff, seen[0].attribute("cognito:user_status"))
		}
		if got := p.get("bob").UserStatus; got != types.UserStatusTypeConfirmed {
			t.Errorf("the new password is not stored before the next challenge: %s", got)
		}
		p.must(s, "USERNAME", "bob", "ANSWER", "answer 0").done(t)
		seen = p.functions.seen()
		if got := seen[len(seen)-1].Source; got != "TokenGeneration_NewPasswordChallenge" {
			t.Errorf("tokens for the reason %s", got)
		}
	})
}

// TestStatusesInCustomAuth: the functions do not open the door to whoever may
// not come in.
func TestStatusesInCustomAuth(t *testing.T) {
	hidden := func(in *idp.CreateUserPoolClientInput) { customised(in); hiding(in) }
	for name, client := range map[string]func(*idp.CreateUserPoolClientInput){"telling": customised, "hiding": hidden} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{pool: autoVerify, client: client, functions: functionsOf(riddles())})
			p.confirmed("disabled")
			if _, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("disabled")}); err != nil {
				t.Fatal(err)
			}
			p.confirmed("reset", attr("email", "r@example.com"), attr("email_verified", "true"))
			if _, err := p.admin.AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &p.poolID, Username: aws.String("reset")}); err != nil {
				t.Fatal(err)
			}
			if _, err := p.signUp("new", goodPassword, attr("email", "n@example.com")); err != nil {
				t.Fatal(err)
			}
			p.invited("invited", goodPassword)
			for user, refusal := range map[string]struct {
				early         bool // told before anything is proven, to a client that may know
				code, message string
			}{
				"disabled": {true, "NotAuthorizedException", "User is disabled."},
				"reset":    {true, "PasswordResetRequiredException", "Password reset required for the user"},
				"new":      {false, "UserNotConfirmedException", "User is not confirmed."},
				"invited":  {}, // seen on the service: the password is nobody's business here
			} {
				if refusal.early && name == "telling" {
					_, err := p.custom("USERNAME", user)
					want(t, err, refusal.code, refusal.message)
					continue
				}
				out, err := p.next(p.riddle(user), "USERNAME", user, "ANSWER", "answer 0")
				if refusal.code != "" {
					want(t, err, refusal.code, refusal.message)
				} else if err != nil || out.tokens == nil {
					t.Errorf("%s: %v: %s", user, err, p.raw)
				}
			}
		})
	}
}

// TestNobodyInCustomAuth: where a client hides users the functions are told
// that there is nobody, and cannot let them in.
func TestNobodyInCustomAuth(t *testing.T) {
	eachPeople(t, setup{client: func(in *idp.CreateUserPoolClientInput) { customised(in); hiding(in) }, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		lengths := map[int]bool{}
		for name, unknown := range map[string]bool{"alice": false, "nobod": true} {
			s := p.riddle(name)
			lengths[len(*s.session)] = true
			if diff := cmp.Diff(map[string]string{"USERNAME": name, "question": "question 0"}, s.parameters); diff != "" {
				t.Errorf("%s: parameters %s", name, diff)
			}
			s = p.must(s, "USERNAME", name, "ANSWER", "x")
			s.is(t, customChallenge)
			_, err := p.next(s, "USERNAME", "somebody else", "ANSWER", "answer 1")
			want(t, err, "NotAuthorizedException", badSession)
			out, err := p.next(s, "USERNAME", s.parameters["USERNAME"], "ANSWER", "answer 1")
			if unknown {
				want(t, err, "NotAuthorizedException", incorrect)
			} else if err != nil || out.tokens == nil {
				t.Errorf("%v: %s", err, p.raw)
			}
			for _, h := range p.functions.seen() {
				if h.Request["userNotFound"] != unknown || (h.attribute("sub") == "") != unknown || h.Username != name {
					t.Errorf("%s about %s: %+v", h.Source, name, h)
				}
			}
			_, answer := p.customSRP(name)
			_, err = answer("wrong-Password-1")
			want(t, err, "NotAuthorizedException", incorrect)
			p.functions.seen()
		}
		if len(lengths) != 1 {
			t.Errorf("sessions of %v characters tell who exists", lengths)
		}
	})
	p := onePeople(t, setup{client: customised, functions: functionsOf(riddles())})
	_, err := p.custom("USERNAME", "nobody")
	want(t, err, "UserNotFoundException", noUser)
	if got := p.functions.sources(); got != "" {
		t.Errorf("asked %s", got)
	}
}

// TestFunctionsThatDecideNothing: what functions say wrongly, or not at all,
// lets nobody in.
func TestFunctionsThatDecideNothing(t *testing.T) {
	next := func(challenge string) func(*happening) {
		return saying(map[string]any{"challengeName": challenge, "issueTokens": false, "failAuthentication": false})
	}
	const unrecognizable = "Unrecognizable lambda output"
	for name, c := range map[string]struct {
		of            map[string]func(*happening)
		code, message string
	}{
		"define throws":           {map[string]func(*happening){"DefineAuthChallenge": func(h *happening) { h.fail = "no" }}, "UserLambdaValidationException", "DefineAuthChallenge failed with error no."},
		"create throws":           {map[string]func(*happening){"CreateAuthChallenge": func(h *happening) { h.fail = "no" }}, "UserLambdaValidationException", "CreateAuthChallenge failed with error no."},
		"define fails and issues": {map[string]func(*happening){"DefineAuthChallenge": saying(map[string]any{"failAuthentication": true, "issueTokens": true})}, "NotAuthorizedException", incorrect},
		"define says nothing":     {map[string]func(*happening){"DefineAuthChallenge": saying(map[string]any{})}, "InvalidLambdaResponseException", unrecognizable},
		"no such challenge":       {map[string]func(*happening){"DefineAuthChallenge": next("OPEN_SESAME")}, "InvalidLambdaResponseException", unrecognizable},
		"password without SRP_A":  {map[string]func(*happening){"DefineAuthChallenge": next("PASSWORD_VERIFIER")}, "InvalidLambdaResponseException", unrecognizable},
		"new password unproven":   {map[string]func(*happening){"DefineAuthChallenge": next("NEW_PASSWORD_REQUIRED")}, "InvalidLambdaResponseException", unrecognizable},
		"second factor alone":     {map[string]func(*happening){"DefineAuthChallenge": next("SOFTWARE_TOKEN_MFA")}, "InvalidLambdaResponseException", unrecognizable},
		"device alone":            {map[string]func(*happening){"DefineAuthChallenge": next("DEVICE_SRP_AUTH")}, "InvalidLambdaResponseException", unrecognizable},
		"too much to remember": {map[string]func(*happening){"CreateAuthChallenge": saying(map[string]any{
			"privateChallengeParameters": map[string]string{"answer": strings.Repeat("x", 8000)},
		})}, "InvalidLambdaResponseException", unrecognizable},
	} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{client: customised, functions: functionsOf(with(riddles(), c.of))})
			p.confirmed("alice")
			was := p.picture()
			_, err := p.custom("USERNAME", "alice")
			want(t, err, c.code, c.message)
			p.unchanged(t, was)
		})
	}
	t.Run("verify throws", func(t *testing.T) {
		p := onePeople(t, setup{client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){
			"VerifyAuthChallengeResponse": func(h *happening) { h.fail = "no" },
		}))})
		p.confirmed("alice")
		s := p.riddle("alice")
		_, err := p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
		want(t, err, "UserLambdaValidationException", "VerifyAuthChallengeResponse failed with error no.")
		_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
		want(t, err, "NotAuthorizedException", sessionSpent)
	})
	t.Run("it never ends", func(t *testing.T) {
		p := onePeople(t, setup{client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){"DefineAuthChallenge": next("CUSTOM_CHALLENGE")}))})
		p.confirmed("alice")
		s, err := p.riddle("alice"), error(nil)
		n := 0
		for ; err == nil && n < 200; n++ {
			s, err = p.next(s, "USERNAME", "alice", "ANSWER", "x")
		}
		want(t, err, "NotAuthorizedException", incorrect)
		if n != 64 {
			t.Errorf("after %d answers", n)
		}
	})
	t.Run("a function is missing", func(t *testing.T) {
		of := riddles()
		delete(of, "CreateAuthChallenge")
		p := onePeople(t, setup{client: customised, functions: functionsOf(of)})
		p.confirmed("alice")
		_, err := p.custom("USERNAME", "alice")
		want(t, err, "InvalidUserPoolConfigurationException", "Custom auth lambda trigger is not configured for the user pool.")
	})
}

// TestLongPrivateParameters: what fits into a session comes back whole.
func TestLongPrivateParameters(t *testing.T) {
	long := strings.Repeat("é", 2000)
	p := onePeople(t, setup{client: customised, functions: functionsOf(with(riddles(), map[string]func(*happening){
		"CreateAuthChallenge": saying(map[string]any{"privateChallengeParameters": map[string]string{"answer": long}}),
	}))})
	p.confirmed("alice")
	p.must(p.riddle("alice"), "USERNAME", "alice", "ANSWER", long).done(t)
}

func TestCustomAuthByAdministrators(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		in := &idp.AdminInitiateAuthInput{
			UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": "alice"},
		}
		_, err := p.root(beta, west).AdminInitiateAuth(t.Context(), in)
		want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
		out, err := p.admin.AdminInitiateAuth(t.Context(), in)
		if err != nil || out.ChallengeName != customChallenge {
			t.Fatalf("%v: %s", err, p.raw)
		}
		answer := &idp.AdminRespondToAuthChallengeInput{
			UserPoolId: &p.poolID, ClientId: &p.client, ChallengeName: out.ChallengeName, Session: out.Session,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "answer 0"},
		}
		_, err = p.root(beta, west).AdminRespondToAuthChallenge(t.Context(), answer)
		want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
		end, err := p.admin.AdminRespondToAuthChallenge(t.Context(), answer)
		if err != nil || end.AuthenticationResult == nil {
			t.Fatalf("%v: %s", err, p.raw)
		}
	})
}

func TestCustomAuthIsAskedForProperly(t *testing.T) {
	p := onePeople(t, setup{client: customised, functions: functionsOf(riddles())})
	p.confirmed("alice")
	for _, c := range []struct {
		given         []string
		code, message string
	}{
		{nil, "InvalidParameterException", "Missing required parameter USERNAME"},
		{[]string{"USERNAME", "alice", "CHALLENGE_NAME", "SRP_A"}, "InvalidParameterException", "Missing required parameter SRP_A"},
		{[]string{"USERNAME", "alice", "CHALLENGE_NAME", "SRP_A", "SRP_A", "0"}, "InvalidParameterException", "Invalid SRP_A value."},
		{[]string{"USERNAME", "alice", "CHALLENGE_NAME", "PASSWORD_VERIFIER"}, "InvalidParameterException", "CHALLENGE_NAME is not one that CUSTOM_AUTH can begin with."},
		{[]string{"USERNAME", "alice", "SECRET_HASH", "x"}, "NotAuthorizedException", "Client " + p.client + " is not configured for secret but secret was received"},
	} {
		_, err := p.custom(c.given...)
		want(t, err, c.code, c.message)
	}
	if got := p.functions.sources(); got != "" {
		t.Errorf("asked %s", got)
	}
	s := p.riddle("alice")
	p.client = p.newClient(p.poolID, nil)
	_, err := p.custom("USERNAME", "alice")
	want(t, err, "InvalidParameterException", "CUSTOM_AUTH is not enabled for the client.")
	p.client = p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { customised(in); in.GenerateSecret = true })
	_, err = p.custom("USERNAME", "alice")
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
	_, err = p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
}

// TestCustomAuthMovesBetweenNodes: a sign-in that one node began ends at
// another, which knows what the functions keep to themselves; and nowhere
// twice.
func TestCustomAuthMovesBetweenNodes(t *testing.T) {
	eachPeople(t, setup{client: customised, functions: functionsOf(riddles())}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		one := p.pub
		p.serve(t) // another node, on the same data
		two := p.root(beta, tokyo)
		s := p.riddle("alice")
		p.pub = two
		s2 := p.must(s, "USERNAME", "alice", "ANSWER", "x")
		s2.is(t, customChallenge)
		p.pub = one
		_, err := p.next(s, "USERNAME", "alice", "ANSWER", "answer 0")
		want(t, err, "NotAuthorizedException", sessionSpent)
		p.must(s2, "USERNAME", "alice", "ANSWER", "answer 1").done(t)
		p.pub = two
		_, err = p.next(s2, "USERNAME", "alice", "ANSWER", "answer 1")
		want(t, err, "NotAuthorizedException", sessionSpent)
	})
}

// TestSetUpInCustomAuth: who has to set a second factor up, or may choose among
// several, comes back to the function, too.
func TestSetUpInCustomAuth(t *testing.T) {
	p := onePeople(t, setup{pool: mailing.pool, client: customised, functions: functionsOf(riddles())})
	p.mfa(types.UserPoolMfaTypeOn, tokensOnly)
	p.confirmed("alice")
	_, answer := p.customSRP("alice")
	s, err := answer(goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	s.is(t, types.ChallengeNameTypeMfaSetup)
	app, s := p.setUp(t, s)
	p.functions.seen()
	s = p.must(s, "USERNAME", "alice")
	s.is(t, customChallenge)
	if diff := cmp.Diff([]string{"SRP_A true", "PASSWORD_VERIFIER true"}, p.functions.seen()[0].session()); diff != "" {
		t.Errorf("session %s", diff)
	}
	p.must(s, "USERNAME", "alice", "ANSWER", "answer 0").done(t)

	p.mfa(types.UserPoolMfaTypeOn)
	p.update("alice", proven("alice")...)
	p.enable("alice", false, true)
	p.pass(time.Minute) // the app shows another code
	_, answer = p.customSRP("alice")
	if s, err = answer(goodPassword); err != nil {
		t.Fatal(err)
	}
	s.is(t, types.ChallengeNameTypeSelectMfaType)
	s = p.must(s, "USERNAME", "alice", "ANSWER", "SOFTWARE_TOKEN_MFA")
	s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	s = p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", app.code(0))
	s.is(t, customChallenge)
	p.must(s, "USERNAME", "alice", "ANSWER", "answer 0").done(t)
}

// Functions do not let anybody in whom the pool does not know any more but
// through an identity provider.
func TestCustomAuthOfPeopleFromElsewhere(t *testing.T) {
	p := onePeople(t, setup{client: customised, functions: functionsOf(riddles())})
	p.confirmed("alice")
	waiting := p.riddle("alice")
	_, err := p.admin.AdminDisableProviderForUser(t.Context(), &idp.AdminDisableProviderForUserInput{
		UserPoolId: &p.poolID, User: &types.ProviderUserIdentifierType{
			ProviderName: aws.String("Cognito"), ProviderAttributeName: aws.String("Cognito_Subject"), ProviderAttributeValue: aws.String("alice"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]step{"a session from before": waiting, "a new one": p.riddle("alice")} {
		answer := s.parameters["question"]
		_, err := p.next(s, "USERNAME", "alice", "ANSWER", strings.Replace(answer, "question", "answer", 1))
		if e := fmt.Sprint(err); err == nil || !strings.Contains(e, "NotAuthorizedException") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
