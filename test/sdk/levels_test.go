package sdk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/otp"
)

// graded is a pool whose users sign in as strongly as is asked for: by
// password, by a code to their e-mail address, by both, and with a software
// token.
type graded struct {
	*people
	client string
	secret []byte // of alice's software token
}

func (w *world) graded(t *testing.T, hides types.PreventUserExistenceErrorTypes) *graded {
	t.Helper()
	p := w.people(t, w.alpha, west)
	must(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId: &p.pool,
		EmailConfiguration: &types.EmailConfigurationType{
			EmailSendingAccount: types.EmailSendingAccountTypeDeveloper,
			SourceArn:           aws.String("arn:aws:ses:" + west + ":" + w.alpha.account + ":identity/example.com"),
		},
		Policies: &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{
			AllowedFirstAuthFactors: []types.AuthFactorType{types.AuthFactorTypePassword, types.AuthFactorTypeEmailOtp},
		}},
	}))(t)
	must(p.admin.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &p.pool, MfaConfiguration: types.UserPoolMfaTypeOptional,
		SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true}, EmailMfaConfiguration: &types.EmailMfaConfigType{},
	}))(t)
	for _, name := range []string{"alice", "bob"} {
		if name == "bob" {
			p.add(name)
		}
		must(p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: &name, UserAttributes: []types.AttributeType{
				{Name: aws.String("email"), Value: aws.String(name + "@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")},
			},
		}))(t)
	}
	out := must(p.admin.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &p.pool, ClientName: aws.String("graded"), PreventUserExistenceErrors: hides,
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserAuth, types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	}))(t)
	g := &graded{people: p, client: *out.UserPoolClient.ClientId}
	p.client = g.client
	return g
}

// begin starts USER_AUTH for somebody, with more parameters.
func (g *graded) begin(name string, more ...string) (*idp.InitiateAuthOutput, error) {
	parameters := map[string]string{"USERNAME": name}
	for i := 0; i < len(more); i += 2 {
		parameters[more[i]] = more[i+1]
	}
	return g.public.InitiateAuth(g.t.Context(), &idp.InitiateAuthInput{ClientId: &g.client, AuthFlow: types.AuthFlowTypeUserAuth, AuthParameters: parameters})
}

// byPassword is begin with the password.
func (g *graded) byPassword(name string, more ...string) (*idp.InitiateAuthOutput, error) {
	return g.begin(name, append([]string{"PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", password}, more...)...)
}

func (g *graded) answer(c *idp.InitiateAuthOutput, name, code string) (*idp.RespondToAuthChallengeOutput, error) {
	return g.public.RespondToAuthChallenge(g.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &g.client, ChallengeName: c.ChallengeName, Session: c.Session, ChallengeResponses: map[string]string{
			"USERNAME": name, string(c.ChallengeName) + "_CODE": code,
		},
	})
}

// token gives alice a software token.
func (g *graded) token(access *string) {
	g.t.Helper()
	out := must(g.public.AssociateSoftwareToken(g.t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: access}))(g.t)
	g.secret = must(otp.Decode(*out.SecretCode))(g.t)
	must(g.public.VerifySoftwareToken(g.t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: access, UserCode: aws.String(g.code())}))(g.t)
}

// code is a code of the token that has not been used.
func (g *graded) code() string {
	g.w.Clock().Advance(31 * time.Second)
	return otp.Code(g.secret, otp.Step(g.w.Clock().Now()))
}

// wrong is another code.
func wrong(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// otherClient makes a client of the same kind.
func (g *graded) otherClient() string {
	g.t.Helper()
	out := must(g.admin.CreateUserPoolClient(g.t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &g.pool, ClientName: aws.String("other"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserAuth},
	}))(g.t)
	return *out.UserPoolClient.ClientId
}

// level checks how strongly both tokens say that somebody has signed in.
func (g *graded) level(what string, r *types.AuthenticationResultType, acr any, amr ...any) {
	g.t.Helper()
	if r == nil {
		g.t.Errorf("%s: no tokens", what)
		return
	}
	for _, text := range []*string{r.AccessToken, r.IdToken} {
		j := parse(g.t, *text)
		var want any
		if amr != nil {
			want = amr
		}
		if got := j.value(g.t, "acr"); got != acr {
			g.t.Errorf("%s: acr %v, want %v", what, got, acr)
		}
		if diff := cmp.Diff(want, j.value(g.t, "amr")); diff != "" {
			g.t.Errorf("%s: amr (-want +got):\n%s", what, diff)
		}
	}
}

const loa = "urn:cognito:loa:"

func TestLevelsOfAuthentication(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesLegacy)
		plain := must(g.byPassword("alice"))(t)
		g.level("nobody asked", plain.AuthenticationResult, nil)
		one := must(g.byPassword("alice", "TARGET_ACR_VALUES", loa+"1"))(t)
		g.level("a password", one.AuthenticationResult, loa+"1", "pwd")

		// A code alone is more than a password alone.
		asked := must(g.begin("alice", "TARGET_ACR_VALUES", loa+"2", "PREFERRED_CHALLENGE", "EMAIL_OTP"))(t)
		two := must(g.answer(asked, "alice", w.WaitCode(t.Context(), "alice@example.com")))(t)
		g.level("a code", two.AuthenticationResult, loa+"2", "email_otp")

		// Nobody can be asked for what they do not have.
		_, err := g.byPassword("alice", "TARGET_ACR_VALUES", loa+"4")
		refused[*types.NotAuthorizedException](t, "no software token", err, "User cannot reach a requested authentication level.")
		// The next value of the list serves, and so does one among others that are unknown.
		asked = must(g.byPassword("alice", "TARGET_ACR_VALUES", "urn:x "+loa+"4 "+loa+"3"))(t)
		if asked.ChallengeName != types.ChallengeNameTypeEmailOtp || asked.AuthenticationResult != nil {
			t.Fatalf("asked for %q", asked.ChallengeName)
		}
		three := must(g.answer(asked, "alice", w.WaitCode(t.Context(), "alice@example.com")))(t)
		g.level("password and code", three.AuthenticationResult, loa+"3", "pwd", "email_otp", "mfa")

		g.token(three.AuthenticationResult.AccessToken)
		asked = must(g.byPassword("alice", "TARGET_ACR_VALUES", loa+"4 "+loa+"1"))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
			t.Fatalf("asked for %q", asked.ChallengeName)
		}
		four := must(g.answer(asked, "alice", g.code()))(t).AuthenticationResult
		g.level("password and software token", four, loa+"4", "pwd", "otp", "mfa")
		g.level("refreshed", g.refresh(four.RefreshToken), loa+"4", "pwd", "otp", "mfa")
		// Any of several factors will do for a level below.
		asked = must(g.byPassword("alice", "TARGET_ACR_VALUES", loa+"3"))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSelectMfaType || asked.ChallengeParameters["MFAS_CAN_CHOOSE"] != `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]` {
			t.Errorf("asked for %q: %v", asked.ChallengeName, asked.ChallengeParameters)
		}
		// A lower level than the user's own second factor does not turn it off.
		must(g.admin.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
			UserPoolId: &g.pool, Username: aws.String("alice"), SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
		}))(t)
		asked = must(g.byPassword("alice", "TARGET_ACR_VALUES", loa+"1"))(t)
		g.level("more than was asked for", must(g.answer(asked, "alice", g.code()))(t).AuthenticationResult, loa+"4", "pwd", "otp", "mfa")

		_, err = g.byPassword("alice", "TARGET_ACR_VALUES", "urn:x urn:y")
		refused[*types.InvalidParameterException](t, "no known level", err, "TARGET_ACR_VALUES holds no valid value.")
		for _, age := range []string{"-1", "soon", "1e3"} {
			_, err = g.begin("alice", "TARGET_ACR_VALUES", loa+"1", "MAX_AGE", age)
			refused[*types.InvalidParameterException](t, age, err, "MAX_AGE must be a number of seconds.")
		}
	})
}

func TestStepUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
		g.token(must(g.byPassword("alice"))(t).AuthenticationResult.AccessToken)
		weak := must(g.byPassword("alice", "TARGET_ACR_VALUES", loa+"1"))(t).AuthenticationResult
		step := func(access *string, more ...string) (*idp.InitiateAuthOutput, error) {
			return g.begin("alice", append([]string{"ACCESS_TOKEN", *access, "TARGET_ACR_VALUES", loa + "4"}, more...)...)
		}

		// The password is not asked for again.
		asked := must(step(weak.AccessToken))(t)
		if asked.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
			t.Fatalf("asked for %q", asked.ChallengeName)
		}
		_, err := g.answer(asked, "alice", wrong(g.code()))
		refused[*types.CodeMismatchException](t, "a wrong code", err, "Invalid code received for user")
		strong := must(g.answer(asked, "alice", g.code()))(t).AuthenticationResult
		g.level("stepped up", strong, loa+"4", "pwd", "otp", "mfa")
		if origin := parse(t, *strong.IdToken).value(t, "origin_jti"); origin == parse(t, *weak.IdToken).value(t, "origin_jti") || strong.RefreshToken == nil {
			t.Error("the tokens are of the old session")
		}

		// A token that is enough leads to no other one.
		_, err = step(strong.AccessToken)
		refused[*types.InvalidParameterException](t, "a token that is enough", err, "The access token already meets the requested authentication level.")
		_, err = g.begin("alice", "ACCESS_TOKEN", *strong.AccessToken)
		refused[*types.InvalidParameterException](t, "a token without a target", err, "ACCESS_TOKEN requires TARGET_ACR_VALUES.")
		// It counts for its user and through its client, and while it is good.
		for _, name := range []string{"bob", "nobody"} {
			_, err = g.begin(name, "ACCESS_TOKEN", *weak.AccessToken, "TARGET_ACR_VALUES", loa+"4")
			refused[*types.NotAuthorizedException](t, "the token of alice for "+name, err, "Access Token was not issued for the user.")
		}
		_, err = step(aws.String("a.b.c"))
		refused[*types.NotAuthorizedException](t, "no token", err, "Invalid Access Token")
		_, err = step(weak.IdToken)
		refused[*types.NotAuthorizedException](t, "an ID token", err, "Invalid Access Token")
		other := must(g.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: aws.String(g.otherClient()), AuthFlow: types.AuthFlowTypeUserAuth,
			AuthParameters: map[string]string{"USERNAME": "alice", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": password, "TARGET_ACR_VALUES": loa + "1"},
		}))(t)
		_, err = step(other.AuthenticationResult.AccessToken)
		refused[*types.NotAuthorizedException](t, "another client's token", err, "Access Token was not issued for the user.")

		// What is too old has to be proven again, and so has what has changed.
		fromScratch := func(what string, out *idp.InitiateAuthOutput, err error) {
			t.Helper()
			if err != nil || out.ChallengeName != types.ChallengeNameTypeSelectChallenge || out.AuthenticationResult != nil {
				t.Errorf("%s: %v, %v", what, out, err)
			}
		}
		w.Clock().Advance(time.Minute)
		out, err := step(weak.AccessToken, "MAX_AGE", "30")
		fromScratch("a minute old", out, err)
		if out, err = step(weak.AccessToken, "MAX_AGE", "600"); err != nil || out.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
			t.Fatalf("young enough: %v, %v", out, err)
		}
		// Stepping up makes nothing younger that was proven before.
		again := must(g.answer(out, "alice", g.code()))(t).AuthenticationResult
		if got, first := parse(t, *again.IdToken).value(t, "auth_time"), parse(t, *weak.IdToken).value(t, "auth_time"); got != first {
			t.Errorf("auth_time %v, at first %v", got, first)
		}
		silent := must(g.byPassword("alice"))(t).AuthenticationResult
		out, err = step(silent.AccessToken)
		fromScratch("a token that says nothing", out, err)
		w.Clock().Advance(time.Minute)
		must(g.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
			UserPoolId: &g.pool, Username: aws.String("alice"), Password: aws.String(password), Permanent: true,
		}))(t)
		out, err = step(weak.AccessToken)
		fromScratch("another password", out, err)
		must(g.admin.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &g.pool, Username: aws.String("alice")}))(t)
		_, err = step(weak.AccessToken)
		refused[*types.NotAuthorizedException](t, "signed out", err, "Access Token has been revoked")
	})
}

// What somebody aims at does not tell who exists.
func TestLevelsTellNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.graded(t, types.PreventUserExistenceErrorTypesEnabled)
		for _, target := range []string{loa + "4", loa + "4 " + loa + "2", loa + "3", loa + "1"} {
			real, made := must(g.begin("alice", "TARGET_ACR_VALUES", target))(t), must(g.begin("malice", "TARGET_ACR_VALUES", target))(t)
			if real.ChallengeName != made.ChallengeName || !slices.Equal(real.AvailableChallenges, made.AvailableChallenges) {
				t.Errorf("%s: %s %v, of nobody %s %v", target, real.ChallengeName, real.AvailableChallenges, made.ChallengeName, made.AvailableChallenges)
			}
			_, err := g.begin("malice", "TARGET_ACR_VALUES", target, "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", password)
			refused[*types.NotAuthorizedException](t, "nobody", err, "Incorrect username or password.")
		}
		// Only who has the password is told that it leads nowhere.
		_, err := g.byPassword("alice", "TARGET_ACR_VALUES", loa+"4")
		refused[*types.NotAuthorizedException](t, "no software token", err, "User cannot reach a requested authentication level.")
		_, err = g.begin("alice", "TARGET_ACR_VALUES", loa+"4", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", strings.ToLower(password))
		refused[*types.NotAuthorizedException](t, "a wrong password", err, "Incorrect username or password.")
	})
}
