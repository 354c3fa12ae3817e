package cognitoidp_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const codeOrState = "Invalid code or auth state for the user."

// choose begins USER_AUTH and returns the step and what there is to choose
// from.
func (p *people) choose(t *testing.T, pairs ...string) (step, string) {
	t.Helper()
	out, err := p.initiate(types.AuthFlowTypeUserAuth, pairs...)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range out.AvailableChallenges {
		names = append(names, string(c))
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}, strings.Join(names, " ")
}

var eightDigits = regexp.MustCompile(`\b\d{8}\b`)

// firstCode is the code of a first factor in the newest message to an address.
func (p *people) firstCode(to string) string {
	p.t.Helper()
	_, body := p.mail(to)
	code := eightDigits.FindString(body)
	if code == "" {
		p.t.Fatalf("no code in %q", body)
	}
	return code
}

// sign lets a device answer a WEB_AUTHN challenge.
func (d *device) sign(t *testing.T, s step, rp virtualwebauthn.RelyingParty) string {
	t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(s.parameters["CREDENTIAL_REQUEST_OPTIONS"])
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(rp, d.auth, d.key, *options)
}

func TestChooseHowToSignIn(t *testing.T) {
	eachPeople(t, choosing, func(t *testing.T, p *people) {
		p.relyingParty()
		p.confirmed("alice", attr("email", "alice@example.com"), attr("phone_number", "+12065550123"))
		d := p.register(t, p.tokensOf("alice", goodPassword).AccessToken)
		const all = "PASSWORD_SRP PASSWORD EMAIL_OTP SMS_OTP WEB_AUTHN"
		begin := func() step {
			t.Helper()
			p.pass(time.Second)
			s, available := p.choose(t, "USERNAME", "alice")
			s.is(t, types.ChallengeNameTypeSelectChallenge)
			if available != all || fmt.Sprint(s.parameters) != "map[USERNAME:alice]" {
				t.Errorf("available %s, parameters %v", available, s.parameters)
			}
			return s
		}
		as := func(s step, name types.ChallengeNameType) step { s.name = name; return s }

		// The password, in one step, in two, or naming itself.
		s := begin()
		p.must(s, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", goodPassword).done(t)
		_, err := p.next(s, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", goodPassword)
		want(t, err, "NotAuthorizedException", sessionSpent)
		asked := p.must(begin(), "USERNAME", "alice", "ANSWER", "PASSWORD")
		asked.is(t, types.ChallengeNameTypePassword)
		p.must(asked, "USERNAME", "alice", "PASSWORD", goodPassword).done(t)
		p.must(as(begin(), types.ChallengeNameTypePassword), "USERNAME", "alice", "PASSWORD", goodPassword).done(t)
		preferred, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", goodPassword)
		preferred.done(t)
		_, err = p.next(begin(), "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", "wrong")
		want(t, err, "NotAuthorizedException", incorrect)

		// SRP.
		c := srpclient.New(32)
		for name, verifier := range map[string]step{
			"chosen":  p.must(begin(), "USERNAME", "alice", "ANSWER", "PASSWORD_SRP", "SRP_A", c.A()),
			"by name": p.must(as(begin(), types.ChallengeNameTypePasswordSrp), "USERNAME", "alice", "SRP_A", c.A()),
			"preferred": func() step {
				s, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", c.A())
				return s
			}(),
		} {
			t.Run(name, func(t *testing.T) {
				verifier.is(t, types.ChallengeNameTypePasswordVerifier)
				p.must(verifier, p.claim(c, verifier.parameters, goodPassword)...).done(t)
			})
		}

		// Codes.
		for name, c := range map[types.ChallengeNameType]struct{ to, par, mask string }{
			types.ChallengeNameTypeEmailOtp: {"alice@example.com", "EMAIL_OTP_CODE", "a***@e***"},
			types.ChallengeNameTypeSmsOtp:   {"+12065550123", "SMS_OTP_CODE", "+*******0123"},
		} {
			chosen := p.must(begin(), "USERNAME", "alice", "ANSWER", string(name))
			chosen.is(t, name)
			if chosen.parameters["CODE_DELIVERY_DESTINATION"] != c.mask || len(chosen.parameters) != 2 {
				t.Errorf("parameters %v", chosen.parameters)
			}
			for range 6 { // wrong codes do not lock
				_, err := p.next(chosen, "USERNAME", "alice", c.par, "00000000")
				want(t, err, "CodeMismatchException", codeOrState)
			}
			p.must(chosen, "USERNAME", "alice", c.par, p.firstCode(c.to)).done(t)
			_, err = p.next(chosen, "USERNAME", "alice", c.par, p.firstCode(c.to))
			want(t, err, "NotAuthorizedException", sessionSpent)
		}
		if got := profile(p.get("alice").UserAttributes); !strings.Contains(got, "email_verified=true") || !strings.Contains(got, "phone_number_verified=true") {
			t.Errorf("profile %s", got)
		}

		// The passkey.
		asked = p.must(begin(), "USERNAME", "alice", "ANSWER", "WEB_AUTHN")
		asked.is(t, types.ChallengeNameTypeWebAuthn)
		answer := d.sign(t, asked, site)
		p.must(asked, "USERNAME", "alice", "CREDENTIAL", answer).done(t)
		_, err = p.next(asked, "USERNAME", "alice", "CREDENTIAL", answer)
		want(t, err, "NotAuthorizedException", sessionSpent)
		preferred, available := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "WEB_AUTHN")
		preferred.is(t, types.ChallengeNameTypeWebAuthn)
		if available != all {
			t.Errorf("available %s", available)
		}
		p.must(preferred, "USERNAME", "alice", "CREDENTIAL", d.sign(t, preferred, site)).done(t)

		_, err = p.next(begin(), "USERNAME", "alice", "ANSWER", "CUSTOM_CHALLENGE")
		want(t, err, "InvalidParameterException", "ANSWER is none of the factors to choose from.")
	})
}

// What a user does not have, or must not use, cannot be chosen.
func TestWhatCannotBeChosen(t *testing.T) {
	p := onePeople(t, choosing)
	p.relyingParty()
	p.confirmed("bare")
	p.invited("invited", goodPassword, attr("email", "invited@example.com"))
	for _, c := range []struct{ name, preferred, available string }{
		{"bare", "EMAIL_OTP", "PASSWORD_SRP PASSWORD"},
		{"bare", "WEB_AUTHN", "PASSWORD_SRP PASSWORD"},
		{"bare", "nonsense", "PASSWORD_SRP PASSWORD"},
		{"invited", "EMAIL_OTP", "PASSWORD_SRP PASSWORD"},
	} {
		s, available := p.choose(t, "USERNAME", c.name, "PREFERRED_CHALLENGE", c.preferred)
		s.is(t, types.ChallengeNameTypeSelectChallenge)
		if available != c.available {
			t.Errorf("%s may choose %s", c.name, available)
		}
		_, err := p.next(s, "USERNAME", c.name, "ANSWER", c.preferred)
		want(t, err, "InvalidParameterException", "ANSWER is none of the factors to choose from.")
	}
	s, _ := p.choose(t, "USERNAME", "invited", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", goodPassword)
	s.is(t, types.ChallengeNameTypeNewPasswordRequired)
	_, err := p.initiate(types.AuthFlowTypeUserAuth, "USERNAME", "nobody", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	want(t, err, "UserNotFoundException", noUser)

	// Whoever is asked for a second factor cannot begin with a code, and a
	// session from before opens nothing.
	p.confirmed("alice", attr("email", "alice@example.com"))
	s, _ = p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	s.is(t, types.ChallengeNameTypeEmailOtp)
	code := p.firstCode("alice@example.com")
	p.mfa(types.UserPoolMfaTypeOptional)
	phone := p.withApp("alice")
	_, err = p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", code)
	want(t, err, "NotAuthorizedException", badSession)
	s, available := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	if available != "PASSWORD_SRP PASSWORD" {
		t.Errorf("alice may choose %s", available)
	}
	s = p.must(s, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", goodPassword)
	s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
}

// A code confirms who signed up and never did; a user without a password can
// sign in by it.
func TestCodesConfirmAndNeedNoPassword(t *testing.T) {
	eachPeople(t, choosing, func(t *testing.T, p *people) {
		_, err := p.pub.SignUp(t.Context(), &idp.SignUpInput{
			ClientId: &p.client, Username: aws.String("alice"), Password: aws.String(goodPassword), UserAttributes: []types.AttributeType{attr("email", "alice@example.com")},
		})
		if err != nil {
			t.Fatal(err)
		}
		s, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
		p.must(s, "USERNAME", "alice", "EMAIL_OTP_CODE", p.firstCode("alice@example.com")).done(t)
		if u := p.get("alice"); u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=alice@example.com email_verified=true" {
			t.Errorf("%s %s", u.UserStatus, profile(u.UserAttributes))
		}
		_, err = p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &p.poolID, Username: aws.String("bob"), MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{attr("email", "bob@example.com"), attr("email_verified", "true")},
		})
		if err != nil {
			t.Fatal(err)
		}
		s, available := p.choose(t, "USERNAME", "bob", "PREFERRED_CHALLENGE", "EMAIL_OTP")
		if available != "EMAIL_OTP" {
			t.Errorf("bob may choose %s", available)
		}
		s = p.must(s, "USERNAME", "bob", "EMAIL_OTP_CODE", p.firstCode("bob@example.com"))
		s.done(t)
		p.relyingParty()
		d := p.register(t, s.tokens.AccessToken)
		s, _ = p.choose(t, "USERNAME", "bob", "PREFERRED_CHALLENGE", "WEB_AUTHN")
		p.must(s, "USERNAME", "bob", "CREDENTIAL", d.sign(t, s, site)).done(t)
		_, err = p.initiate(types.AuthFlowTypeUserAuth, "USERNAME", "bob", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", "")
		if err != nil {
			t.Errorf("a user without a password is asked what to do instead: %v", err)
		}
	})
}

// For a client that hides users, nobody is asked as somebody would be.
func TestNobodyChooses(t *testing.T) {
	hidden := setup{pool: choosing.pool, client: func(in *idp.CreateUserPoolClientInput) { choosing.client(in); hiding(in) }}
	p := onePeople(t, hidden)
	p.confirmed("alice", attr("email", "nobody@example.com"))
	p.setPassword("alice", goodPassword, true)
	lengths := map[string]int{}
	for _, name := range []string{"alice", "ghost"} {
		s, available := p.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", "EMAIL_OTP")
		s.is(t, types.ChallengeNameTypeEmailOtp)
		if available != "PASSWORD_SRP PASSWORD EMAIL_OTP" {
			t.Errorf("%s may choose %s", name, available)
		}
		lengths[name] = len(*s.session)
		_, err := p.next(s, "USERNAME", name, "EMAIL_OTP_CODE", "00000000")
		want(t, err, "CodeMismatchException", codeOrState)
		s, _ = p.choose(t, "USERNAME", name)
		s.is(t, types.ChallengeNameTypeSelectChallenge)
		_, err = p.next(s, "USERNAME", name, "ANSWER", "PASSWORD", "PASSWORD", "wrong")
		want(t, err, "NotAuthorizedException", incorrect)
		s, _ = p.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", srpclient.New(32).A())
		s.is(t, types.ChallengeNameTypePasswordVerifier)
	}
	if lengths["alice"] != lengths["ghost"] {
		t.Errorf("sessions of %v characters", lengths)
	}
	first, _ := p.choose(t, "USERNAME", "ghost", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	second, _ := p.choose(t, "USERNAME", "ghost", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	if a, b := first.parameters["CODE_DELIVERY_DESTINATION"], second.parameters["CODE_DELIVERY_DESTINATION"]; a != b || !strings.Contains(a, "***@") {
		t.Errorf("destinations %q and %q", a, b)
	}
}

// Answers to codes that let somebody in alone are capped.
func TestFirstCodesCannotBeSearched(t *testing.T) {
	p := onePeople(t, choosing)
	p.confirmed("alice", attr("email", "alice@example.com"))
	s, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	for range 60 {
		_, err := p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", "0")
		want(t, err, "CodeMismatchException", codeOrState)
	}
	_, err := p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", p.firstCode("alice@example.com"))
	want(t, err, "TooManyRequestsException", "Attempt limit exceeded, please try after some time.")
	p.tokensOf("alice", goodPassword)
}

func TestForgedPasskeyAnswers(t *testing.T) {
	p := onePeople(t, choosing)
	p.relyingParty()
	p.confirmed("alice")
	p.confirmed("mallory")
	alice := p.register(t, p.tokensOf("alice", goodPassword).AccessToken)
	mallory := p.register(t, p.tokensOf("mallory", goodPassword).AccessToken)
	was := p.picture()
	begin := func(name string) step {
		s, _ := p.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", "WEB_AUTHN")
		s.is(t, types.ChallengeNameTypeWebAuthn)
		return s
	}
	s := begin("alice")
	forged := *mallory
	forged.key.ID = alice.key.ID
	for name, answer := range map[string]string{
		"nothing":               "{}",
		"another user's key":    mallory.sign(t, s, site),
		"another key's answer":  forged.sign(t, s, site),
		"another challenge":     alice.sign(t, begin("alice"), site),
		"another origin":        alice.sign(t, s, virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://example.org"}),
		"another relying party": alice.sign(t, s, virtualwebauthn.RelyingParty{ID: "example.org", Origin: site.Origin}),
	} {
		_, err := p.next(s, "USERNAME", "alice", "CREDENTIAL", answer)
		if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: "+incorrect) {
			t.Errorf("%s: %v", name, err)
		}
		p.unchanged(t, was)
	}
	_, err := p.next(s, "USERNAME", "mallory", "CREDENTIAL", mallory.sign(t, s, site))
	want(t, err, "NotAuthorizedException", badSession)
	_, err = p.next(s, "USERNAME", "alice")
	want(t, err, "InvalidParameterException", "Missing required parameter CREDENTIAL")
	p.must(s, "USERNAME", "alice", "CREDENTIAL", alice.sign(t, s, site)).done(t)

	// A copy of the authenticator counts from where it was copied.
	copied := *alice
	copied.key.Counter -= 2
	s = begin("alice")
	_, err = p.next(s, "USERNAME", "alice", "CREDENTIAL", copied.sign(t, s, site))
	want(t, err, "NotAuthorizedException", incorrect)

	// A passkey that was taken away.
	s = begin("alice")
	answer := alice.sign(t, s, site)
	list, err := p.pub.ListWebAuthnCredentials(t.Context(), &idp.ListWebAuthnCredentialsInput{AccessToken: p.tokensOf("alice", goodPassword).AccessToken})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.pub.DeleteWebAuthnCredential(t.Context(), &idp.DeleteWebAuthnCredentialInput{
		AccessToken: p.tokensOf("alice", goodPassword).AccessToken, CredentialId: list.Credentials[0].CredentialId,
	}); err != nil {
		t.Fatal(err)
	}
	_, err = p.next(s, "USERNAME", "alice", "CREDENTIAL", answer)
	want(t, err, "NotAuthorizedException", badSession)
}

// Where everybody has to prove two factors, a passkey is enough only if the
// pool says so, and then only with its owner verified.
func TestPasskeyAsTwoFactors(t *testing.T) {
	p := onePeople(t, choosing)
	p.relyingParty()
	p.confirmed("alice")
	d := p.register(t, p.tokensOf("alice", goodPassword).AccessToken)
	p.mfa(types.UserPoolMfaTypeOn, tokensOnly)
	s, available := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "WEB_AUTHN")
	s.is(t, types.ChallengeNameTypeSelectChallenge)
	if available != "PASSWORD_SRP PASSWORD" {
		t.Errorf("alice may choose %s", available)
	}
	p.relyingParty(func(w *types.WebAuthnConfigurationType) {
		w.UserVerification = types.UserVerificationTypeRequired
		w.FactorConfiguration = types.WebAuthnFactorConfigurationTypeMultiFactorWithUserVerification
	})
	// It counts for those who have chosen so, beside another factor.
	if _, available = p.choose(t, "USERNAME", "alice"); available != "PASSWORD_SRP PASSWORD" {
		t.Errorf("without a preference alice may choose %s", available)
	}
	const alone = "WebAuthn MFA requires enabling an additional MFA setting."
	want(t, p.countPasskeys("alice", true, false), "InvalidParameterException", alone)
	want(t, p.countPasskeys("alice", true, true), "InvalidParameterException", "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")
	p.setUp(t, p.password("alice"))
	want(t, p.countPasskeys("alice", true, false), "InvalidParameterException", alone)
	if err := p.countPasskeys("alice", true, true); err != nil {
		t.Fatal(err)
	}
	if got := p.settings("alice"); !strings.Contains(got, "WEB_AUTHN_MFA") {
		t.Errorf("settings are %s", got)
	}
	p.password("alice").is(t, types.ChallengeNameTypeSoftwareTokenMfa) // who comes by password is asked all the same
	s, _ = p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "WEB_AUTHN")
	s.is(t, types.ChallengeNameTypeWebAuthn)
	d.auth.Options.UserNotVerified = true
	_, err := p.next(s, "USERNAME", "alice", "CREDENTIAL", d.sign(t, s, site))
	want(t, err, "NotAuthorizedException", incorrect)
	d.auth.Options.UserNotVerified = false
	p.must(s, "USERNAME", "alice", "CREDENTIAL", d.sign(t, s, site)).done(t)
	// What was chosen can be taken back, and holds while a session waits.
	s, _ = p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "WEB_AUTHN")
	if err := p.countPasskeys("alice", false, true); err != nil {
		t.Fatal(err)
	}
	_, err = p.next(s, "USERNAME", "alice", "CREDENTIAL", d.sign(t, s, site))
	want(t, err, "NotAuthorizedException", badSession)
	if got := p.settings("alice"); strings.Contains(got, "WEB_AUTHN_MFA") {
		t.Errorf("settings are %s", got)
	}
}

// countPasskeys says whether a user's passkeys count as two factors, and names
// a software token beside them or not.
func (p *people) countPasskeys(name string, on, token bool) error {
	in := &idp.AdminSetUserMFAPreferenceInput{UserPoolId: &p.poolID, Username: &name, WebAuthnMfaSettings: &types.WebAuthnMfaSettingsType{Enabled: on}}
	if token {
		in.SoftwareTokenMfaSettings = &types.SoftwareTokenMfaSettingsType{Enabled: true}
	}
	_, err := p.admin.AdminSetUserMFAPreference(p.t.Context(), in)
	return err
}
