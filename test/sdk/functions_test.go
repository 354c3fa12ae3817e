package sdk

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// event is what functions of this suite read of an event.
type event struct {
	Username string `json:"userName"`
	Request  struct {
		Session []struct {
			Name   string `json:"challengeName"`
			Result bool   `json:"challengeResult"`
		} `json:"session"`
		Private  map[string]string `json:"privateChallengeParameters"`
		Answer   string            `json:"challengeAnswer"`
		Password string            `json:"password"`
	} `json:"request"`
}

// behind is a function that answers with what decide returns.
func behind(name string, decide func(e event) any) cenotetest.Option {
	return cenotetest.Function(name, func(text []byte) ([]byte, error) {
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, err
		}
		return json.Marshal(map[string]any{"response": decide(e)})
	})
}

// keypad are functions that ask for a PIN, after the password where there is
// one, and hear two answers.
func keypad() []cenotetest.Option {
	type next struct {
		Challenge *string `json:"challengeName"`
		Tokens    bool    `json:"issueTokens"`
		Fail      bool    `json:"failAuthentication"`
	}
	return []cenotetest.Option{
		behind("define", func(e event) any {
			wrong := 0
			for _, c := range e.Request.Session {
				switch {
				case c.Name == "CUSTOM_CHALLENGE" && c.Result:
					return next{Tokens: true}
				case c.Name == "CUSTOM_CHALLENGE":
					wrong++
				}
			}
			switch n := len(e.Request.Session); {
			case wrong == 2:
				return next{Fail: true}
			case n > 0 && e.Request.Session[n-1].Name == "SRP_A":
				return next{Challenge: aws.String("PASSWORD_VERIFIER")}
			}
			return next{Challenge: aws.String("CUSTOM_CHALLENGE")}
		}),
		behind("create", func(e event) any {
			return map[string]any{
				"publicChallengeParameters":  map[string]string{"hint": "four digits"},
				"privateChallengeParameters": map[string]string{"pin": "4711"},
			}
		}),
		behind("verify", func(e event) any {
			return map[string]bool{"answerCorrect": e.Request.Answer == e.Request.Private["pin"]}
		}),
		behind("migrate", func(e event) any {
			if e.Username != "zoe" || e.Request.Password != "" && e.Request.Password != "from elsewhere" {
				return map[string]any{}
			}
			return map[string]any{
				"userAttributes":  map[string]string{"email": "zoe@example.com", "email_verified": "true"},
				"finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS",
			}
		}),
	}
}

// guarded is a user pool whose sign-ins are the functions' of keypad, and alice.
func (w *world) guarded(t *testing.T) *people {
	t.Helper()
	p := w.people(t, w.alpha, west)
	arn := func(name string) *string {
		return aws.String("arn:aws:lambda:" + west + ":" + w.alpha.account + ":function:" + name)
	}
	must(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId: &p.pool, AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		LambdaConfig: &types.LambdaConfigType{
			DefineAuthChallenge: arn("define"), CreateAuthChallenge: arn("create"), VerifyAuthChallengeResponse: arn("verify"), UserMigration: arn("migrate"),
		},
	}))(t)
	must(p.admin.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
		UserPoolId: &p.pool, ClientId: &p.client, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowCustomAuth, types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowUserAuth,
			types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	}))(t)
	return p
}

func (p *people) begin(flow types.AuthFlowType, parameters map[string]string) (*idp.InitiateAuthOutput, error) {
	return p.public.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{ClientId: &p.client, AuthFlow: flow, AuthParameters: parameters})
}

func (p *people) pin(session *string, pin string) (*idp.RespondToAuthChallengeOutput, error) {
	return p.public.RespondToAuthChallenge(p.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: types.ChallengeNameTypeCustomChallenge, Session: session,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": pin},
	})
}

// A sign-in that functions define gives tokens like any other, and only on
// their word.
func TestCustomAuth(t *testing.T) {
	const incorrect = "Incorrect username or password."
	each(t, func(t *testing.T, w *world) {
		p := w.guarded(t)
		alone := map[string]string{"USERNAME": "alice"}
		begun := must(p.begin(types.AuthFlowTypeCustomAuth, alone))(t)
		if begun.ChallengeName != types.ChallengeNameTypeCustomChallenge || fmt.Sprint(begun.ChallengeParameters) != "map[USERNAME:alice hint:four digits]" {
			t.Fatalf("reply %s", w.wire.reply)
		}
		again := must(p.pin(begun.Session, "0000"))(t)
		end := must(p.pin(again.Session, "4711"))(t)
		me := must(p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: end.AuthenticationResult.AccessToken}))(t)
		if *me.Username != "alice" {
			t.Errorf("tokens of %s", *me.Username)
		}
		p.refresh(end.AuthenticationResult.RefreshToken)

		_, err := p.pin(again.Session, "4711")
		refused[*types.NotAuthorizedException](t, "the same session", err, "Invalid session for the user, session can only be used once.")
		begun = must(p.begin(types.AuthFlowTypeCustomAuth, alone))(t)
		again = must(p.pin(begun.Session, "0000"))(t)
		_, err = p.pin(again.Session, "0001")
		refused[*types.NotAuthorizedException](t, "two wrong answers", err, incorrect)
		begun = must(p.begin(types.AuthFlowTypeCustomAuth, alone))(t)
		w.Clock().Advance(4 * time.Minute)
		_, err = p.pin(begun.Session, "4711")
		refused[*types.NotAuthorizedException](t, "a late answer", err, "Invalid session for the user, session is expired.")
		_, err = p.begin(types.AuthFlowTypeCustomAuth, map[string]string{"USERNAME": "nobody"})
		refused[*types.UserNotFoundException](t, "nobody", err, "User does not exist.")

		exchange := srpclient.New(srpclient.SDKExponent)
		begun = must(p.begin(types.AuthFlowTypeCustomAuth, map[string]string{"USERNAME": "alice", "CHALLENGE_NAME": "SRP_A", "SRP_A": exchange.A()}))(t)
		if begun.ChallengeName != types.ChallengeNameTypePasswordVerifier {
			t.Fatalf("reply %s", w.wire.reply)
		}
		c := begun.ChallengeParameters
		claim := must(exchange.Answer(srpclient.Challenge{
			Pool: p.pool[len(west)+1:], User: c["USER_ID_FOR_SRP"], Salt: c["SALT"], B: c["SRP_B"], SecretBlock: c["SECRET_BLOCK"],
		}, password, w.Clock().Now()))(t)
		proven := must(p.public.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
			ClientId: &p.client, ChallengeName: begun.ChallengeName, Session: begun.Session, ChallengeResponses: map[string]string{
				"USERNAME": c["USER_ID_FOR_SRP"], "PASSWORD_CLAIM_SECRET_BLOCK": c["SECRET_BLOCK"],
				"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "TIMESTAMP": claim.Timestamp,
			},
		}))(t)
		if proven.AuthenticationResult != nil || proven.ChallengeName != types.ChallengeNameTypeCustomChallenge {
			t.Fatalf("reply %s", w.wire.reply)
		}
		if out := must(p.pin(proven.Session, "4711"))(t); out.AuthenticationResult == nil {
			t.Errorf("reply %s", w.wire.reply)
		}
	}, keypad()...)
}

// For servers that sign: who may begin it, and whose functions are asked.
func TestCustomAuthBySignedCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.guarded(t)
		in := &idp.AdminInitiateAuthInput{
			UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": "alice"},
		}
		begun := must(p.admin.AdminInitiateAuth(t.Context(), in))(t)
		answer := &idp.AdminRespondToAuthChallengeInput{
			UserPoolId: &p.pool, ClientId: &p.client, ChallengeName: begun.ChallengeName, Session: begun.Session,
			ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "4711"},
		}
		stranger := w.idp(w.beta.keys, west)
		_, err := stranger.AdminInitiateAuth(t.Context(), in)
		refused[*types.ResourceNotFoundException](t, "another account begins", err, "User pool "+p.pool+" does not exist.")
		_, err = stranger.AdminRespondToAuthChallenge(t.Context(), answer)
		refused[*types.ResourceNotFoundException](t, "another account answers", err, "User pool "+p.pool+" does not exist.")
		must(w.iam(w.alpha.keys).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ops")}))(t)
		key := must(w.iam(w.alpha.keys).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ops")}))(t).AccessKey
		powerless := w.idp(aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}, west)
		if _, err = powerless.AdminInitiateAuth(t.Context(), in); code(err) != "AccessDeniedException" {
			t.Errorf("a user without permission begins: %v", err)
		}
		if out := must(p.admin.AdminRespondToAuthChallenge(t.Context(), answer))(t); out.AuthenticationResult == nil {
			t.Errorf("reply %s", w.wire.reply)
		}

		// A pool names functions of its own account, or none.
		foreign := aws.String("arn:aws:lambda:" + west + ":" + w.beta.account + ":function:define")
		must(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &p.pool, LambdaConfig: &types.LambdaConfigType{DefineAuthChallenge: foreign}}))(t)
		_, err = p.begin(types.AuthFlowTypeCustomAuth, in.AuthParameters)
		refused[*types.UnexpectedLambdaException](t, "another account's function", err, "DefineAuthChallenge invocation failed due to configuration.")
		must(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &p.pool}))(t)
		_, err = p.begin(types.AuthFlowTypeCustomAuth, in.AuthParameters)
		refused[*types.InvalidUserPoolConfigurationException](t, "no function", err, "Custom auth lambda trigger is not configured for the user pool.")
	}, keypad()...)
}

// Who is not in the pool and known elsewhere comes over with their password,
// or to set a new one.
func TestMigration(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.guarded(t)
		right := map[string]string{"USERNAME": "zoe", "PASSWORD": "from elsewhere"}
		_, err := p.begin(types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": "zoe", "PASSWORD": "wrong"})
		refused[*types.UserNotFoundException](t, "a wrong password", err, "User does not exist.")
		if out := must(p.begin(types.AuthFlowTypeUserPasswordAuth, right))(t); out.AuthenticationResult == nil {
			t.Fatalf("reply %s", w.wire.reply)
		}
		u := must(p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("zoe")}))(t)
		if u.UserStatus != types.UserStatusTypeConfirmed || len(u.UserAttributes) != 3 {
			t.Errorf("user %s", w.wire.reply)
		}
		_, err = p.begin(types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": "zoe", "PASSWORD": "wrong"})
		refused[*types.NotAuthorizedException](t, "a wrong password, later", err, "Incorrect username or password.")

		must(p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("zoe")}))(t)
		must(p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("zoe")}))(t)
		must(p.public.ConfirmForgotPassword(t.Context(), &idp.ConfirmForgotPasswordInput{
			ClientId: &p.client, Username: aws.String("zoe"), Password: aws.String(password),
			ConfirmationCode: aws.String(w.WaitCode(t.Context(), "zoe@example.com")),
		}))(t)
		if out := must(p.begin(types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": "zoe", "PASSWORD": password}))(t); out.AuthenticationResult == nil {
			t.Errorf("reply %s", w.wire.reply)
		}
	}, keypad()...)
}

// Whoever has signed up and brought the code is signed in without being asked
// again.
func TestSignInAfterSignUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.guarded(t)
		up := must(p.public.SignUp(t.Context(), &idp.SignUpInput{
			ClientId: &p.client, Username: aws.String("bob"), Password: aws.String(password),
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("bob@example.com")}},
		}))(t)
		confirmed := must(p.public.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{
			ClientId: &p.client, Username: aws.String("bob"), ConfirmationCode: aws.String(w.WaitCode(t.Context(), "bob@example.com")), Session: up.Session,
		}))(t)
		in := &idp.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserAuth, Session: confirmed.Session, AuthParameters: map[string]string{"USERNAME": "alice"},
		}
		_, err := p.public.InitiateAuth(t.Context(), in)
		refused[*types.NotAuthorizedException](t, "somebody else", err, "Invalid session for the user.")
		in.AuthParameters["USERNAME"] = "bob"
		if out := must(p.public.InitiateAuth(t.Context(), in))(t); out.AuthenticationResult == nil {
			t.Fatalf("reply %s", w.wire.reply)
		}
		_, err = p.public.InitiateAuth(t.Context(), in)
		refused[*types.NotAuthorizedException](t, "again", err, "Invalid session for the user, session can only be used once.")
	}, keypad()...)
}
