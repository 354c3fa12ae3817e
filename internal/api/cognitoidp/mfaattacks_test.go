package cognitoidp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/password"
)

// Any code, no code, and codes of constant value are refused where none is
// pending and where one is, without a session and with one of another step.
func TestCodesThatNobodySent(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice", attr("email", "alice@example.com"), attr("phone_number", "+12065550123"))
	p.mfa(types.UserPoolMfaTypeOptional)
	p.withApp("alice")
	was := p.picture()
	for _, c := range []struct {
		challenge types.ChallengeNameType
		par       string
	}{
		{types.ChallengeNameTypeSmsMfa, "SMS_MFA_CODE"},
		{types.ChallengeNameTypeEmailOtp, "EMAIL_OTP_CODE"},
		{types.ChallengeNameTypeSoftwareTokenMfa, "SOFTWARE_TOKEN_MFA_CODE"},
		{types.ChallengeNameTypeSelectMfaType, "ANSWER"},
		{types.ChallengeNameTypeMfaSetup, "EMAIL"},
	} {
		s := p.password("alice")
		s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
		for _, code := range []string{"", "123456", "000000", "999999", "9999", "SOFTWARE_TOKEN_MFA"} {
			for kind, session := range map[string]*string{
				"none": nil, "made up": aws.String(strings.Repeat("A", 200)), "of another step": s.session,
			} {
				if kind == "of another step" && c.challenge == s.name {
					continue
				}
				pairs := []string{"USERNAME", "alice", c.par, code}
				if code == "" {
					pairs = pairs[:2]
				}
				_, err := p.answer(c.challenge, session, pairs...)
				if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException") && !strings.Contains(err.Error(), "Missing required parameter") {
					t.Errorf("%s with %q, session %s: %v", c.challenge, code, kind, err)
				}
			}
		}
	}
	p.unchanged(t, was)
}

// A session belongs to one sign-in: not to another user, client or pool.
func TestMFASessionsAreBound(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice")
	p.confirmed("mallory")
	p.mfa(types.UserPoolMfaTypeOptional)
	alice := p.withApp("alice")
	mallory := p.withApp("mallory")
	p.pass(time.Minute)
	was := p.picture()
	s := p.password("mallory")
	// Mallory's password and token, alice's name; and the other way round.
	for _, code := range []string{mallory.code(), alice.code()} {
		_, err := p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", code)
		want(t, err, "NotAuthorizedException", badSession)
	}
	_, err := p.next(s, "USERNAME", "mallory", "SOFTWARE_TOKEN_MFA_CODE", alice.code())
	want(t, err, "CodeMismatchException", wrongCode)

	s = p.password("alice")
	home := p.client
	for _, pool := range []string{p.poolID, p.pool(p.admin)} {
		p.client = p.newClient(pool, nil)
		_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", alice.code())
		want(t, err, "NotAuthorizedException", badSession)
	}
	p.client = home
	p.unchanged(t, was)

	// A password that was replaced since does not count.
	p.setPassword("alice", newPassword, true)
	was = p.picture()
	_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", alice.code())
	want(t, err, "NotAuthorizedException", badSession)
	p.unchanged(t, was)
	p.setPassword("alice", goodPassword, true)
	s = p.password("alice")
	if _, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}); err != nil {
		t.Fatal(err)
	}
	_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", alice.code())
	want(t, err, "NotAuthorizedException", "User is disabled.")
	if strings.Contains(string(p.raw), "AuthenticationResult") {
		t.Errorf("tokens were issued: %s", p.raw)
	}
}

// Wrong codes lock as wrong passwords do, and a right password does not take
// the lock away: or who knows the password could guess codes without end.
func TestWrongCodesLock(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional)
		phone := p.withApp("alice")
		p.pass(time.Minute)
		for range 5 {
			_, err := p.next(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.wrong())
			want(t, err, "CodeMismatchException", wrongCode)
		}
		_, err := p.signIn("alice", goodPassword)
		want(t, err, "NotAuthorizedException", "Password attempts exceeded")
		p.pass(time.Second)
		s := p.password("alice")
		_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.wrong())
		want(t, err, "CodeMismatchException", wrongCode)
		p.pass(time.Second) // the sixth failure locks for two
		_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
		want(t, err, "NotAuthorizedException", "Password attempts exceeded")
		p.pass(time.Second)
		p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
		// Now they are forgotten.
		for range 4 {
			_, err := p.next(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.wrong())
			want(t, err, "CodeMismatchException", wrongCode)
		}
		p.password("alice").is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	})
}

// Many guesses at once get no further than one after the other.
func TestConcurrentGuesses(t *testing.T) {
	eachPeople(t, mailing, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional)
		phone := p.withApp("alice")
		s := p.password("alice")
		var wg sync.WaitGroup
		results := make([]string, 12)
		for i := range results {
			wg.Go(func() {
				_, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
					ClientId: &p.client, ChallengeName: s.name, Session: s.session,
					ChallengeResponses: map[string]string{"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": phone.wrong()},
				})
				results[i] = fmt.Sprint(err)
			})
		}
		wg.Wait()
		heard := 0
		for _, r := range results {
			if strings.Contains(r, "CodeMismatchException") {
				heard++
			} else if !strings.Contains(r, "Password attempts exceeded") {
				t.Error(r)
			}
		}
		if heard != 5 {
			t.Errorf("%d guesses were heard", heard)
		}
	})
}

// A client with a secret proves it with every answer.
func TestMFAAnswersNeedTheSecretHash(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice")
	p.mfa(types.UserPoolMfaTypeOptional)
	phone := p.withApp("alice")
	p.pass(time.Minute)
	p.client = p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true })
	described, err := p.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	hash := password.SecretHash(*described.UserPoolClient.ClientSecret, "alice", p.client)
	out, err := p.initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", "alice", "PASSWORD", goodPassword, "SECRET_HASH", hash)
	if err != nil {
		t.Fatal(err)
	}
	s := step{name: out.ChallengeName, session: out.Session}
	_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
	want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
	_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code(), "SECRET_HASH", "AAAA")
	want(t, err, "NotAuthorizedException", "Unable to verify secret hash for client "+p.client)
	p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code(), "SECRET_HASH", hash).done(t)
}

// A session from before a user has set up a second factor does not put another
// one in its place.
func TestOldSetupSessions(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice")
	p.mfa(types.UserPoolMfaTypeOn)
	associate := func(s step) (*idp.AssociateSoftwareTokenOutput, error) {
		return p.pub.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: s.session})
	}
	begun, handedOut, sent := p.password("alice"), p.password("alice"), p.password("alice")
	out, err := associate(handedOut)
	if err != nil {
		t.Fatal(err)
	}
	theirs := p.newApp(out.SecretCode)
	sent = p.must(sent, "USERNAME", "alice", "EMAIL", "mallory@example.com")
	phone, verified := p.setUp(t, p.password("alice"))
	p.must(verified, "USERNAME", "alice").done(t)
	was := p.picture() + p.settings("alice")

	_, err = associate(begun)
	want(t, err, "NotAuthorizedException", badSession)
	_, err = p.pub.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: out.Session, UserCode: aws.String(theirs.code())})
	want(t, err, "NotAuthorizedException", badSession)
	_, err = p.next(begun, "USERNAME", "alice", "EMAIL", "mallory@example.com")
	want(t, err, "NotAuthorizedException", badSession)
	_, err = p.next(sent, "USERNAME", "alice", "EMAIL_OTP_CODE", p.code("mallory@example.com"))
	want(t, err, "NotAuthorizedException", badSession)
	if is := p.picture() + p.settings("alice"); is != was {
		t.Errorf("alice was %s and is %s", was, is)
	}
	p.pass(time.Minute)
	p.must(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
}

// A code that was sent before the user chose another factor lets nobody in.
func TestCodesOfFactorsThatWereTurnedOff(t *testing.T) {
	p := onePeople(t, mailing)
	p.confirmed("alice", attr("email", "alice@example.com"))
	p.mfa(types.UserPoolMfaTypeOptional)
	phone := p.withApp("alice")
	p.enable("alice", false, true)
	s := p.password("alice")
	s.is(t, types.ChallengeNameTypeSoftwareTokenMfa) // preferred
	_, err := p.admin.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &p.poolID, Username: aws.String("alice"), EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	s = p.password("alice")
	s.is(t, types.ChallengeNameTypeEmailOtp)
	code := p.code("alice@example.com")
	p.prefer("alice")
	_, err = p.next(s, "USERNAME", "alice", "EMAIL_OTP_CODE", code)
	want(t, err, "NotAuthorizedException", badSession)
	p.must(p.password("alice"), "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()).done(t)
}
