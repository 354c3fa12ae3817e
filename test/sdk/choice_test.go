package sdk

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/otp"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// People who may choose how to begin: by password, by SRP, by a code to their
// phone. A choice is good once, and for who made it.
func TestWaysToBegin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		p.add("bob")
		must(p.admin.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{
			UserPoolId: &p.pool,
			SmsConfiguration: &types.SmsConfigurationType{
				SnsCallerArn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/sms"), ExternalId: aws.String("outside"),
			},
			Policies: &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{
				AllowedFirstAuthFactors: []types.AuthFactorType{types.AuthFactorTypePassword, types.AuthFactorTypeSmsOtp},
			}},
		}))(t)
		must(p.admin.UpdateUserPoolClient(ctx, &idp.UpdateUserPoolClientInput{
			UserPoolId: &p.pool, ClientId: &p.client, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserAuth},
		}))(t)
		must(p.admin.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: attributes("phone_number", "+12065550123"),
		}))(t)
		begin := func() *string {
			t.Helper()
			w.Clock().Advance(time.Second)
			out := must(p.begin(types.AuthFlowTypeUserAuth, map[string]string{"USERNAME": "alice"}))(t)
			want := []types.ChallengeNameType{types.ChallengeNameTypePasswordSrp, types.ChallengeNameTypePassword, types.ChallengeNameTypeSmsOtp}
			if out.ChallengeName != types.ChallengeNameTypeSelectChallenge || !slices.Equal(out.AvailableChallenges, want) {
				t.Fatalf("reply %s", w.wire.reply)
			}
			return out.Session
		}
		const selects = types.ChallengeNameTypeSelectChallenge
		in := func(what string, out *idp.RespondToAuthChallengeOutput, err error) {
			t.Helper()
			if err != nil || out.AuthenticationResult == nil {
				t.Errorf("%s: %v %s", what, err, w.wire.reply)
			}
		}

		session := begin()
		byPassword := map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": password}
		_, err := p.respond(selects, session, map[string]string{"USERNAME": "bob", "ANSWER": "PASSWORD", "PASSWORD": password})
		if err == nil {
			t.Error("alice's choice lets bob in")
		}
		session = begin()
		out, err := p.respond(selects, session, byPassword)
		in("by password", out, err)
		_, err = p.respond(selects, session, byPassword)
		refused[*types.NotAuthorizedException](t, "the choice again", err, textSpent)
		_, err = p.respond(selects, begin(), map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": "Wrong-Horse-1"})
		refused[*types.NotAuthorizedException](t, "a wrong password", err, textIncorrect)

		exchange := srpclient.New(32)
		asked := must(p.respond(selects, begin(), map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD_SRP", "SRP_A": exchange.A()}))(t)
		if asked.ChallengeName != types.ChallengeNameTypePasswordVerifier {
			t.Fatalf("reply %s", w.wire.reply)
		}
		c := asked.ChallengeParameters
		claim := p.claimed(exchange, srpclient.Challenge{Pool: p.pool[len(p.region)+1:], User: c["USER_ID_FOR_SRP"]}, c, password)
		out, err = p.respond(asked.ChallengeName, asked.Session, claim)
		in("by SRP", out, err)

		asked = must(p.respond(selects, begin(), map[string]string{"USERNAME": "alice", "ANSWER": "SMS_OTP"}))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSmsOtp || asked.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "+*******0123" {
			t.Fatalf("reply %s", w.wire.reply)
		}
		code := p.code("+12065550123")
		_, err = p.respond(asked.ChallengeName, asked.Session, map[string]string{"USERNAME": "alice", "SMS_OTP_CODE": wrong(code)})
		refused[*types.CodeMismatchException](t, "a wrong code", err, "Invalid code or auth state for the user.")
		out, err = p.respond(asked.ChallengeName, asked.Session, map[string]string{"USERNAME": "alice", "SMS_OTP_CODE": code})
		in("by a code", out, err)
		p.is("alice", "CONFIRMED phone_number=+12065550123 phone_number_verified=true")

		session = begin()
		w.Clock().Advance(3*time.Minute + time.Second)
		_, err = p.respond(selects, session, byPassword)
		refused[*types.NotAuthorizedException](t, "an old choice", err, "Invalid session for the user, session is expired.")
		_, err = p.begin(types.AuthFlowTypeUserSrpAuth, map[string]string{"USERNAME": "alice", "SRP_A": exchange.A()})
		refused[*types.InvalidParameterException](t, "a flow that is off", err, "USER_SRP_AUTH is not enabled for the client.")
	})
}

// Whoever needs a second factor and has none sets one up on the way in.
func TestSetUpOnTheWayIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		must(p.admin.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &p.pool, MfaConfiguration: types.UserPoolMfaTypeOn, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		}))(t)
		asked := must(p.try("alice", password))(t)
		if asked.ChallengeName != types.ChallengeNameTypeMfaSetup || asked.ChallengeParameters["MFAS_CAN_SETUP"] != `["SOFTWARE_TOKEN_MFA"]` {
			t.Fatalf("reply %s", w.wire.reply)
		}
		answer := func(session *string) (*idp.RespondToAuthChallengeOutput, error) {
			return p.respond(types.ChallengeNameTypeMfaSetup, session, map[string]string{"USERNAME": "alice"})
		}
		begun := must(p.public.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: asked.Session}))(t)
		_, err := p.public.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: asked.Session})
		refused[*types.NotAuthorizedException](t, "the session again", err, textSpent)
		if out, err := answer(begun.Session); err == nil {
			t.Errorf("a set-up that is not finished leads to %q", out.ChallengeName)
		}
		asked = must(p.try("alice", password))(t)
		begun = must(p.public.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: asked.Session}))(t)
		secret := must(otp.Decode(*begun.SecretCode))(t)
		code := otp.Code(secret, otp.Step(w.Clock().Now()))
		verified := must(p.public.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{Session: begun.Session, UserCode: &code}))(t)
		if out := must(answer(verified.Session))(t); out.AuthenticationResult == nil {
			t.Errorf("asked for %s", out.ChallengeName)
		}
		_, err = answer(verified.Session)
		refused[*types.NotAuthorizedException](t, "the answer again", err, textSpent)
		if asked := must(p.try("alice", password))(t); asked.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
			t.Errorf("asked for %s", asked.ChallengeName)
		}
	})
}
