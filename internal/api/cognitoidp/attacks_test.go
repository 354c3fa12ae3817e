package cognitoidp_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// Each test is a hole that was found in some public implementation of this
// API, or one of the same kind. What is refused must also change nothing.

// unchanged fails unless alice is as she was and nobody got tokens.
func (p *people) unchanged(t *testing.T, was string) {
	t.Helper()
	if is := p.picture(); is != was {
		t.Errorf("alice was %s and is %s", was, is)
	}
	if strings.Contains(string(p.raw), "AuthenticationResult") {
		t.Errorf("tokens were issued: %s", p.raw)
	}
}

func (p *people) picture() string {
	u := p.get("alice")
	return fmt.Sprint(u.UserStatus, u.Enabled, u.UserLastModifiedDate, profile(u.UserAttributes))
}

func TestMadeUpSessions(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	was := p.picture()
	for name, session := range map[string]string{
		"text":       "a-session-that-nobody-made",
		"base64":     base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 300))),
		"as AWS has": "AYABe" + strings.Repeat("A", 1500),
	} {
		for _, challenge := range []types.ChallengeNameType{
			types.ChallengeNameTypeNewPasswordRequired, types.ChallengeNameTypeSmsMfa, types.ChallengeNameTypeSoftwareTokenMfa,
			types.ChallengeNameTypeEmailOtp, types.ChallengeNameTypeMfaSetup, types.ChallengeNameTypeSelectMfaType,
			types.ChallengeNameTypeCustomChallenge, types.ChallengeNameTypeSelectChallenge, types.ChallengeNameTypeDeviceSrpAuth,
			types.ChallengeNameTypeDevicePasswordVerifier, types.ChallengeNameTypeAdminNoSrpAuth, types.ChallengeNameTypePassword,
			types.ChallengeNameTypePasswordSrp, types.ChallengeNameTypeWebAuthn, types.ChallengeNameTypeSmsOtp,
		} {
			_, err := p.answer(challenge, &session, "USERNAME", "alice", "NEW_PASSWORD", newPassword, "SMS_MFA_CODE", "123456",
				"SOFTWARE_TOKEN_MFA_CODE", "123456", "ANSWER", "x", "PASSWORD", goodPassword, "DEVICE_KEY", "us-west-2_0",
				"PASSWORD_CLAIM_SECRET_BLOCK", session, "PASSWORD_CLAIM_SIGNATURE", "x", "TIMESTAMP", "x")
			if challenge == types.ChallengeNameTypeDevicePasswordVerifier {
				// What a signature was made of is told no better than a wrong one.
				want(t, err, "NotAuthorizedException", "Incorrect username or password.")
				continue
			}
			if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: Invalid session for the user.") {
				t.Errorf("%s, %s: %v", challenge, name, err)
			}
		}
	}
	p.unchanged(t, was)
	p.tokensOf("alice", goodPassword)
}

// The challenge that gives out required attributes comes after the password,
// and its session opens no other step.
func TestTemporaryPasswordIsProvenFirst(t *testing.T) {
	p := onePeople(t, setup{})
	p.invited("alice", goodPassword, attr("email", "alice@example.com"))
	was := p.picture()
	for _, f := range []func() error{
		func() error { _, err := p.signIn("alice", "wrong"); return err },
		func() error { _, err := p.srpSignIn("alice", "wrong-Password-1"); return err },
	} {
		want(t, f(), "NotAuthorizedException", incorrect)
		p.unchanged(t, was)
	}
	out, err := p.signIn("alice", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, challenge := range []types.ChallengeNameType{types.ChallengeNameTypeSmsMfa, types.ChallengeNameTypeSoftwareTokenMfa, types.ChallengeNameTypeCustomChallenge} {
		_, err = p.answer(challenge, out.Session, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", "123456")
		want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	}
	p.unchanged(t, was)
}

func TestSessionsAreBound(t *testing.T) {
	p := onePeople(t, setup{})
	p.invited("alice", goodPassword)
	p.invited("mallory", goodPassword)
	session := func(name string) *string {
		out, err := p.signIn(name, goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		return out.Session
	}
	alice, was := session("alice"), p.picture()

	home := p.client
	p.client = p.newClient(p.poolID, nil)
	_, err := p.answer(types.ChallengeNameTypeNewPasswordRequired, alice, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	elsewhere := p.pool(p.admin)
	p.client = p.newClient(elsewhere, nil)
	_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, alice, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	p.client = home

	_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, session("mallory"), "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	changed := []byte(*alice)
	changed[len(changed)/2] ^= 1
	_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, aws.String(string(changed)), "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	p.unchanged(t, was)

	p.pass(3 * time.Minute)
	_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, alice, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")

	// A session proves a password that was good then; an administrator has
	// replaced it since.
	alice = session("alice")
	p.setPassword("alice", "Another-Temporary-1", false)
	was = p.picture()
	_, err = p.answer(types.ChallengeNameTypeNewPasswordRequired, alice, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	want(t, err, "NotAuthorizedException", "Invalid session for the user.")
	p.unchanged(t, was)
}

// A session survives a restart and works on any node, and a right answer
// counts once, whichever node it goes to.
func TestSessionsMoveBetweenNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPeople(t, db, setup{})
		p.invited("alice", goodPassword)
		out, err := p.signIn("alice", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		answer := p.srpChallenge("alice")
		p.serve(t)
		p.pub = p.root(beta, tokyo)
		if out, err := answer(goodPassword); err != nil || out.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
			t.Errorf("SRP on another node: %v", err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var good, bad int
		for range 4 {
			wg.Go(func() {
				_, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
					ClientId: &p.client, ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: out.Session,
					ChallengeResponses: map[string]string{"USERNAME": "alice", "NEW_PASSWORD": newPassword},
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					good++
				} else if strings.Contains(err.Error(), "NotAuthorizedException") {
					bad++
				} else {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if good != 1 || bad != 3 {
			t.Errorf("%d answers were accepted, %d refused", good, bad)
		}
	})
}

func TestForgedSRPClaims(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	p.confirmed("mallory")
	was := p.picture()
	begin := func(name string) (*srpclient.Client, map[string]string) {
		c := srpclient.New(32)
		out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", c.A())
		if err != nil {
			t.Fatal(err)
		}
		return c, out.ChallengeParameters
	}
	for name, forge := range map[string]func(answer []string) []string{
		"any signature": func(a []string) []string {
			a[5] = base64.StdEncoding.EncodeToString(make([]byte, 32))
			return a
		},
		"no signature's shape": func(a []string) []string { a[5] = "AA=="; return a },
		"another timestamp":    func(a []string) []string { a[7] = "Tue Sep 5 06:07:08 UTC 2023"; return a },
		"another user's block": func(a []string) []string {
			c, challenge := begin("mallory")
			theirs := p.claim(c, challenge, goodPassword)
			theirs[1] = "alice"
			return theirs
		},
		"a made-up block": func(a []string) []string {
			a[3] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 900)))
			return a
		},
		"the password in the clear": func(a []string) []string {
			a[5] = base64.StdEncoding.EncodeToString([]byte(goodPassword))
			return append(a, "PASSWORD", goodPassword)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.pass(20 * time.Minute) // past any lock
			c, challenge := begin("alice")
			_, err := p.answer(types.ChallengeNameTypePasswordVerifier, nil, forge(p.claim(c, challenge, goodPassword))...)
			want(t, err, "NotAuthorizedException", incorrect)
			p.unchanged(t, was)
		})
	}
	t.Run("another client", func(t *testing.T) {
		c, challenge := begin("alice")
		home := p.client
		p.client = p.newClient(p.poolID, nil)
		defer func() { p.client = home }()
		_, err := p.answer(types.ChallengeNameTypePasswordVerifier, nil, p.claim(c, challenge, goodPassword)...)
		want(t, err, "NotAuthorizedException", incorrect)
	})
	t.Run("a block after it was used", func(t *testing.T) {
		p.pass(20 * time.Minute)
		answer := p.srpChallenge("alice")
		if _, err := answer(goodPassword); err != nil {
			t.Fatal(err)
		}
		_, err := answer(goodPassword)
		want(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
		answer = p.srpChallenge("alice")
		_, err = answer("wrong-Password-1")
		want(t, err, "NotAuthorizedException", incorrect)
		_, err = answer(goodPassword)
		want(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	})
}

// Values of A that would fix the shared secret, or cost seconds to compute
// with, are refused before any arithmetic.
func TestForbiddenSRPA(t *testing.T) {
	const n = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
		"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
		"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
		"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
		"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
		"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
		"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
	p := onePeople(t, setup{})
	p.confirmed("alice")
	for name, a := range map[string]string{
		"zero": "0", "N": n, "a multiple of N": n + "0", "longer than N": strings.Repeat("f", 100_000), "negative": "-1", "not hex": "0x12",
	} {
		_, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", "alice", "SRP_A", a)
		if err == nil || !strings.Contains(err.Error(), "InvalidParameterException: Invalid SRP_A value.") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForgedTokens(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	r := p.tokensOf("alice", goodPassword)
	parts := strings.Split(*r.AccessToken, ".")
	encode := base64.RawURLEncoding.EncodeToString
	const (
		badSignature = "Could not verify signature for Access Token"
		notAToken    = "Invalid Access Token"
	)
	for name, c := range map[string]struct{ token, message string }{
		"alg none":         {encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".", badSignature},
		"alg none, signed": {encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + parts[2], badSignature},
		"HMAC":             {encode([]byte(`{"alg":"HS256"}`)) + "." + parts[1] + "." + parts[2], badSignature},
		"other claims":     {parts[0] + "." + encode([]byte(`{"sub":"x","token_use":"access","exp":9999999999}`)) + "." + parts[2], badSignature},
		"no signature":     {parts[0] + "." + parts[1] + ".", badSignature},
		"two parts":        {parts[0] + "." + parts[1], notAToken},
	} {
		if err := p.whoami(c.token); err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: "+c.message) {
			t.Errorf("%s: %v", name, err)
		}
		_, err := p.pub.GlobalSignOut(t.Context(), &idp.GlobalSignOutInput{AccessToken: &c.token})
		if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: "+c.message) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := p.whoami(*r.AccessToken); err != nil {
		t.Error(err)
	}
}

func TestForgedRefreshTokens(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	r := p.tokensOf("alice", goodPassword)
	changed := []byte(*r.RefreshToken)
	if at := len(changed) - 30; changed[at] != 'A' {
		changed[at] = 'A'
	} else {
		changed[at] = 'B'
	}
	home := p.client
	for name, token := range map[string]string{
		"garbage": "garbage", "an access token": *r.AccessToken, "one changed byte": string(changed),
		"only its head": (*r.RefreshToken)[:70], "longer": *r.RefreshToken + "A",
	} {
		_, err := p.refresh(token)
		if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: Invalid Refresh Token") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err = p.getTokens(token); err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: Invalid Refresh Token.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, pool := range []string{p.poolID, p.pool(p.admin)} {
		p.client = p.newClient(pool, nil)
		_, err := p.refresh(*r.RefreshToken)
		want(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	}
	p.client = home
	if _, err := p.refresh(*r.RefreshToken); err != nil {
		t.Error(err)
	}
}

// The user of a token is one of the pool whose key signed it, even if another
// pool has one of the same name.
func TestTokensStayInTheirPool(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	first := p.tokensOf("alice", goodPassword)
	p.poolID = p.pool(p.admin)
	p.client = p.newClient(p.poolID, nil)
	p.confirmed("alice")
	second := p.tokensOf("alice", goodPassword)
	a, b := strings.Split(*first.AccessToken, "."), strings.Split(*second.AccessToken, ".")
	for _, forged := range []string{a[0] + "." + b[1] + "." + a[2], b[0] + "." + a[1] + "." + a[2], a[0] + "." + b[1] + "." + b[2]} {
		want(t, p.whoami(forged), "NotAuthorizedException", "Could not verify signature for Access Token")
	}
	out, err := p.pub.GetUser(t.Context(), &idp.GetUserInput{AccessToken: first.AccessToken})
	if err != nil || sub(t, out.UserAttributes) == sub(t, p.get("alice").UserAttributes) {
		t.Errorf("token of the first pool: %v", err)
	}
}

// A client with a secret proves it on the answer to a challenge, too.
func TestSecretHashOnAnswers(t *testing.T) {
	p := onePeople(t, setup{})
	p.invited("alice", goodPassword)
	p.client = p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true })
	was := p.picture()
	for _, challenge := range []types.ChallengeNameType{
		types.ChallengeNameTypeNewPasswordRequired, types.ChallengeNameTypePasswordVerifier, types.ChallengeNameTypeSmsMfa,
	} {
		answers := []string{
			"USERNAME", "alice", "NEW_PASSWORD", newPassword, "PASSWORD_CLAIM_SECRET_BLOCK", "AA==", "PASSWORD_CLAIM_SIGNATURE", "AA==", "TIMESTAMP", "x",
		}
		_, err := p.answer(challenge, aws.String("some session or other"), answers...)
		want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
		_, err = p.answer(challenge, aws.String("some session or other"), append(answers, "SECRET_HASH", "d3Jvbmc=")...)
		want(t, err, "NotAuthorizedException", "Unable to verify secret hash for client "+p.client)
	}
	p.unchanged(t, was)
}

const attempts = "Password attempts exceeded"

func TestLockOut(t *testing.T) {
	for _, client := range []struct {
		name   string
		change func(*idp.CreateUserPoolClientInput)
	}{{"open", nil}, {"hiding", hiding}} {
		t.Run(client.name, func(t *testing.T) {
			eachPeople(t, setup{client: client.change}, func(t *testing.T, p *people) {
				p.confirmed("alice")
				// Nobody's name locks as a real one does, or the lock would tell.
				for _, name := range []string{"alice", "nobody"} {
					if name == "nobody" && client.change == nil {
						continue
					}
					wrong := func(how int) error {
						if how%2 == 1 {
							_, err := p.srpSignIn(name, "wrong-Password-1")
							return err
						}
						_, err := p.signIn(name, "wrong")
						return err
					}
					for i := range 5 {
						want(t, wrong(i), "NotAuthorizedException", incorrect)
					}
					p.serve(t) // the count survives a restart
					p.pub, p.admin = p.root(beta, tokyo), p.root(alpha, west)
					for i := range 2 {
						want(t, wrong(i), "NotAuthorizedException", attempts)
					}
					_, err := p.signIn(name, goodPassword)
					want(t, err, "NotAuthorizedException", attempts)
					p.pass(time.Second)
					want(t, wrong(0), "NotAuthorizedException", incorrect) // the sixth: two seconds
					p.pass(time.Second)
					want(t, wrong(0), "NotAuthorizedException", attempts)
					p.pass(time.Second)
					want(t, wrong(1), "NotAuthorizedException", incorrect) // the seventh: four
					p.pass(4 * time.Second)
				}
				p.tokensOf("alice", goodPassword)
				for range 4 { // the count began anew
					_, err := p.signIn("alice", "wrong")
					want(t, err, "NotAuthorizedException", incorrect)
				}
				p.tokensOf("alice", goodPassword)
			})
		})
	}
}

// Guesses made all at once get no more tries than one after the other, the
// right one among them or not.
func TestGuessesInFlight(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		const guesses = 24
		var wg sync.WaitGroup
		var mu sync.Mutex
		told := map[string]int{}
		for i := range guesses {
			wg.Go(func() {
				_, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
					ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
					AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": fmt.Sprint("guess", i)},
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					told["in"]++
				case strings.Contains(err.Error(), incorrect):
					told["wrong"]++
				case strings.Contains(err.Error(), attempts):
					told["locked"]++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if told["wrong"] != 5 || told["locked"] != guesses-5 {
			t.Errorf("told %v: five guesses are heard before the lock", told)
		}
	})
}

// For a client that hides users, no unauthenticated operation tells a name
// that means nobody from one that is somebody's.
func TestUsersCannotBeEnumerated(t *testing.T) {
	p := onePeople(t, setup{pool: autoVerify, client: hiding})
	p.confirmed("alice", attr("email", "alice@example.com"), attr("email_verified", "true"))
	if _, err := p.signUp("pending", goodPassword, attr("email", "pending@example.com")); err != nil {
		t.Fatal(err)
	}
	p.confirmed("disabled")
	if _, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("disabled")}); err != nil {
		t.Fatal(err)
	}
	p.invited("invited", goodPassword)
	names := []string{"alice", "pending", "disabled", "invited", "nobody"}

	t.Run("passwords", func(t *testing.T) {
		for _, name := range names {
			_, err := p.signIn(name, "wrong")
			want(t, err, "NotAuthorizedException", incorrect)
			_, err = p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
				UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
				AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": "wrong"},
			})
			want(t, err, "NotAuthorizedException", incorrect)
		}
		// Who gave the right password may know more.
		_, err := p.signIn("disabled", goodPassword)
		want(t, err, "NotAuthorizedException", "User is disabled.")
		_, err = p.srpSignIn("disabled", goodPassword)
		want(t, err, "NotAuthorizedException", "User is disabled.")
	})
	t.Run("SRP", func(t *testing.T) {
		var shapes []string
		for _, name := range names {
			var salts []string
			for range 2 {
				c := srpclient.New(32)
				out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", c.A())
				if err != nil {
					t.Fatal(err)
				}
				parameters := out.ChallengeParameters
				if parameters["USER_ID_FOR_SRP"] != name || parameters["USERNAME"] != name {
					t.Errorf("%s is called %s", name, parameters["USER_ID_FOR_SRP"])
				}
				salts = append(salts, parameters["SALT"])
				shapes = append(shapes, fmt.Sprint(slices.Sorted(maps.Keys(parameters))))
				_, err = p.answer(types.ChallengeNameTypePasswordVerifier, nil, p.claim(c, parameters, "wrong-Password-1")...)
				want(t, err, "NotAuthorizedException", incorrect)
			}
			if salts[0] != salts[1] {
				t.Errorf("%s: the salt changes", name)
			}
			p.pass(20 * time.Minute)
		}
		if shapes = slices.Compact(shapes); len(shapes) != 1 {
			t.Errorf("challenges differ in shape: %v", shapes)
		}
		// Blocks of names of one length have one length.
		length := func(name string) int {
			out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", srpclient.New(32).A())
			if err != nil {
				t.Fatal(err)
			}
			return len(out.ChallengeParameters["SECRET_BLOCK"])
		}
		if somebody, nobody := length("alice"), length("alicf"); somebody != nobody {
			t.Errorf("secret blocks of %d and %d bytes", somebody, nobody)
		}
	})
	t.Run("codes", func(t *testing.T) {
		for _, name := range names {
			want(t, p.confirm(name, "000000"), "CodeMismatchException", mismatch)
			d, err := p.resend(name)
			if err != nil || *d.AttributeName != "email" || !masked(*d.Destination) {
				t.Errorf("%s: %v %+v", name, err, d)
			}
			again, err := p.resend(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(*d.Destination, *again.Destination); diff != "" {
				t.Errorf("%s: the destination changes: %s", name, diff)
			}
			for range 3 {
				p.pass(time.Second)
				if _, err := p.resend(name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			_, err = p.resend(name)
			want(t, err, "LimitExceededException", tooOften)
		}
		recent, err := p.db.Outbox().Recent(t.Context(), p.poolID, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, sent := range recent {
			if sent.Destination != "pending@example.com" {
				t.Errorf("a message went to %s", sent.Destination)
			}
		}
	})
	t.Run("who confirms twice may know", func(t *testing.T) {
		p.pass(time.Hour)
		code := p.code("pending@example.com")
		if err := p.confirm("pending", code); err != nil {
			t.Fatal(err)
		}
		want(t, p.confirm("pending", code), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
		want(t, p.confirm("pending", other(code)), "CodeMismatchException", mismatch)
	})
}

// masked reports whether an address looks like t***@e***.
func masked(s string) bool { return len(s) == 9 && s[1:5] == "***@" && s[6:] == "***" }

// Names that are too long to be anybody's cost no more than others.
func TestOverlongNames(t *testing.T) {
	for _, change := range []func(*idp.CreateUserPoolClientInput){nil, hiding} {
		p := onePeople(t, setup{client: change})
		long := strings.Repeat("ü", 100_000)
		_, err := p.signIn(long, goodPassword)
		if change == nil {
			want(t, err, "UserNotFoundException", noUser)
			continue
		}
		want(t, err, "NotAuthorizedException", incorrect)
		out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", long, "SRP_A", srpclient.New(32).A())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(out.ChallengeParameters["SECRET_BLOCK"]); n > 4000 {
			t.Errorf("secret block of %d bytes", n)
		}
	}
}
