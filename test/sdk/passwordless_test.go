package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Where a code lets people in, they need no password, from sign-up on, and can
// have one later.
func TestPeopleWithoutPasswords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
		carol := "carol"
		email := []types.AttributeType{{Name: aws.String("email"), Value: aws.String("carol@example.com")}}
		_, err := g.public.SignUp(t.Context(), &idp.SignUpInput{ClientId: &g.client, Username: &carol, UserAttributes: email})
		if err != nil {
			t.Fatal(err)
		}
		if out := must(g.byPassword(carol))(t); out.ChallengeName != types.ChallengeNameTypeSelectChallenge || out.AuthenticationResult != nil {
			t.Errorf("a password that there is not leads to %q", out.ChallengeName)
		}
		asked := must(g.begin(carol, "PREFERRED_CHALLENGE", "EMAIL_OTP"))(t)
		in := must(g.answer(asked, carol, w.WaitCode(t.Context(), "carol@example.com")))(t).AuthenticationResult
		u := must(g.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &g.pool, Username: &carol}))(t)
		if u.UserStatus != types.UserStatusTypeConfirmed || in == nil {
			t.Fatalf("carol is %s", u.UserStatus)
		}
		if _, err := g.public.ChangePassword(t.Context(), &idp.ChangePasswordInput{AccessToken: in.AccessToken, ProposedPassword: aws.String(password)}); err != nil {
			t.Fatal(err)
		}
		if out := must(g.byPassword(carol))(t); out.AuthenticationResult == nil {
			t.Errorf("asked for %s", out.ChallengeName)
		}
		// The first password is chosen freely, the next one is not.
		_, err = g.public.ChangePassword(t.Context(), &idp.ChangePasswordInput{AccessToken: in.AccessToken, ProposedPassword: aws.String("Another-Horse-2")})
		refused[*types.InvalidParameterException](t, "no previous password", err, "PreviousPassword is required.")

		// Where only a password lets people in they need one.
		p := w.people(t, w.alpha, west)
		_, err = p.public.SignUp(t.Context(), &idp.SignUpInput{ClientId: &p.client, Username: &carol, UserAttributes: email})
		refused[*types.InvalidParameterException](t, "no password", err, "Password is required.")
	})
}

// The code of a second factor by e-mail has two names in the guide.
func TestEmailCodeByItsOtherName(t *testing.T) {
	w := development(t)
	g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
	must(g.admin.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &g.pool, Username: aws.String("alice"), EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true},
	}))(t)
	for _, name := range []string{"EMAIL_OTP_CODE", "EMAIL_MFA_CODE"} {
		asked := must(g.byPassword("alice"))(t)
		answer := func(code string) (*idp.RespondToAuthChallengeOutput, error) {
			return g.public.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
				ClientId: &g.client, ChallengeName: asked.ChallengeName, Session: asked.Session,
				ChallengeResponses: map[string]string{"USERNAME": "alice", name: code},
			})
		}
		code := w.WaitCode(t.Context(), "alice@example.com")
		_, err := answer(wrong(code))
		refused[*types.CodeMismatchException](t, name, err, "Invalid code or auth state for the user.")
		if out := must(answer(code))(t); out.AuthenticationResult == nil {
			t.Errorf("%s: asked for %s", name, out.ChallengeName)
		}
	}
}
