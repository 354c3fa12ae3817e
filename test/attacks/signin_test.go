package attacks

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/otp"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// inEveryMode runs f on a deployment of each mode: neither knows a way in that
// the other does not.
func inEveryMode(t *testing.T, f func(t *testing.T, w *world)) {
	t.Run("serve", func(t *testing.T) { f(t, serve(t, options{})) })
	t.Run("dev", func(t *testing.T) { f(t, developing(t, options{})) })
}

// developing is develop with a key for each account, by its number.
func developing(t *testing.T, o options) *world {
	w := develop(t, o)
	w.roots = map[string]aws.Credentials{}
	for _, id := range []string{home, abroad} {
		w.roots[id] = aws.Credentials{AccessKeyID: id, SecretAccessKey: "test"}
	}
	return w
}

// doors is a pool with a user in every standing that a sign-in asks about, and
// what is known of them.
type doors struct {
	*pool
	secret []byte // of guarded's software token
	known  string
}

const temporary = "Temporary-Pass-1"

func (w *world) doors(t *testing.T) *doors {
	d := &doors{pool: w.pool(w.roots[home], west, nil, nil)}
	d.admin("SetUserPoolMfaConfig", input{"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": input{"Enabled": true}}).ok(t, nil)
	for _, name := range []string{"alice", "bob", "guarded"} {
		d.person(name)
	}
	d.admin("AdminCreateUser", input{"Username": "invited", "MessageAction": "SUPPRESS", "TemporaryPassword": temporary}).ok(t, nil)
	access := d.tokensOf("guarded").AccessToken
	var begun setup
	w.unsigned("cognito-idp", "AssociateSoftwareToken", input{"AccessToken": access}).ok(t, &begun)
	secret, err := otp.Decode(begun.SecretCode)
	if err != nil {
		t.Fatal(err)
	}
	d.secret = secret
	w.unsigned("cognito-idp", "VerifySoftwareToken", input{"AccessToken": access, "UserCode": w.totp(begun.SecretCode)}).ok(t, nil)
	d.admin("AdminSetUserMFAPreference", input{"Username": "guarded", "SoftwareTokenMfaSettings": input{"Enabled": true, "PreferredMfa": true}}).ok(t, nil)
	d.known = d.look()
	return d
}

// look is all that an administrator sees of the users.
func (d *doors) look() string {
	return string(d.admin("ListUsers", nil).body)
}

// shut fails unless an answer is a refusal of the API, and one of those that
// are expected, and unless nothing has changed.
func (d *doors) shut(what string, r reply, codes ...string) {
	d.t.Helper()
	if r.status != 400 || !strings.Contains(" "+strings.Join(codes, " ")+" ", " "+r.code+" ") || strings.Contains(string(r.body), "eyJ") {
		d.t.Errorf("%s: answered %d %s, want one of %v", what, r.status, r.body, codes)
	}
	if now := d.look(); now != d.known {
		d.t.Errorf("%s has changed something:\n%s\n%s", what, d.known, now)
	}
}

// begin takes a first step that must lead to a challenge, and to nothing else.
func (d *doors) begin(flow, challenge string, parameters input) (c signedIn) {
	d.t.Helper()
	d.public("InitiateAuth", input{"AuthFlow": flow, "AuthParameters": parameters}).ok(d.t, &c)
	if c.ChallengeName != challenge || c.AuthenticationResult != (tokens{}) {
		d.t.Fatalf("%s: %+v, want %s alone", flow, c, challenge)
	}
	return c
}

func (d *doors) answer(challenge, session string, responses input) reply {
	in := input{"ChallengeName": challenge, "ChallengeResponses": responses}
	if session != "" {
		in["Session"] = session
	}
	return d.public("RespondToAuthChallenge", in)
}

// wrongDigits are codes that are not the software token's now.
func (d *doors) wrongDigits() (list []string) {
	step := otp.Step(d.now())
	for _, digits := range []string{"000000", "123456", "111111", "999999", "696969"} {
		if digits != otp.Code(d.secret, step-1) && digits != otp.Code(d.secret, step) && digits != otp.Code(d.secret, step+1) {
			list = append(list, digits)
		}
	}
	return list[:3]
}

// Sessions that are made up, of another step, of another user, or used before
// answer no challenge.
func TestSessionsAreNotMadeUp(t *testing.T) {
	inEveryMode(t, func(t *testing.T, w *world) {
		d := w.doors(t)
		invited := d.begin("USER_PASSWORD_AUTH", "NEW_PASSWORD_REQUIRED", input{"USERNAME": "invited", "PASSWORD": temporary})
		guarded := d.begin("USER_PASSWORD_AUTH", "SOFTWARE_TOKEN_MFA", input{"USERNAME": "guarded", "PASSWORD": goodPassword})
		sessions := map[string]string{
			"none": "", "made up": "AYABe" + strings.Repeat("A", 200), "short": strings.Repeat("s", 20),
			"of a new password": invited.Session, "of a software token": guarded.Session,
		}
		for what, session := range sessions {
			for challenge, responses := range map[string]input{
				"NEW_PASSWORD_REQUIRED": {"NEW_PASSWORD": newPassword}, "SMS_MFA": {}, "EMAIL_OTP": {}, "SMS_OTP": {}, "MFA_SETUP": {},
				"SOFTWARE_TOKEN_MFA": {"SOFTWARE_TOKEN_MFA_CODE": "000000"}, "SELECT_MFA_TYPE": {"ANSWER": "SOFTWARE_TOKEN_MFA"},
				"SELECT_CHALLENGE": {"ANSWER": "PASSWORD", "PASSWORD": goodPassword}, "CUSTOM_CHALLENGE": {"ANSWER": "x"},
				"WEB_AUTHN": {"CREDENTIAL": "{}"}, "PASSWORD": {"PASSWORD": goodPassword}, "PASSWORD_SRP": {"SRP_A": "2"},
				"DEVICE_SRP_AUTH": {"DEVICE_KEY": "us-west-2_f47ac10b-58cc-4372-a567-0e02b2c3d479", "SRP_A": "2"}, "ADMIN_NO_SRP_AUTH": {},
			} {
				// alice, confirmed and without a factor, is nobody's step.
				responses["USERNAME"] = "alice"
				d.shut("a session "+what+" to "+challenge, d.answer(challenge, session, responses), "NotAuthorizedException", "InvalidParameterException")
			}
		}
		// Codes that are left out count for nothing.
		for _, challenge := range []string{"SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"} {
			d.shut(challenge+" without a code", d.answer(challenge, guarded.Session, input{"USERNAME": "guarded"}), "NotAuthorizedException", "InvalidParameterException")
		}
		// A factor without the one before it.
		d.shut("a right code without a password", d.answer("SOFTWARE_TOKEN_MFA", "", input{
			"USERNAME": "guarded", "SOFTWARE_TOKEN_MFA_CODE": otp.Code(d.secret, otp.Step(d.now())),
		}), "InvalidParameterException", "NotAuthorizedException")
		// Through another client, and in another pool.
		other, foreign := *d, d.world.doors(t)
		other.pool = &pool{world: d.world, owner: d.owner, region: d.region, id: d.id, client: d.newClient(nil)}
		for what, x := range map[string]*doors{"another client": &other, "another pool": foreign} {
			x.shut("a session of "+what, x.answer("NEW_PASSWORD_REQUIRED", invited.Session, input{"USERNAME": "invited", "NEW_PASSWORD": newPassword}), "NotAuthorizedException")
		}
		// All that time the right answer was good, once.
		d.answer("NEW_PASSWORD_REQUIRED", invited.Session, input{"USERNAME": "invited", "NEW_PASSWORD": newPassword}).ok(t, nil)
		d.known = d.look()
		d.shut("a session used before", d.answer("NEW_PASSWORD_REQUIRED", invited.Session, input{"USERNAME": "invited", "NEW_PASSWORD": goodPassword}), "NotAuthorizedException")
	})
}

// Nothing but the password, or a claim that only who knows it can make, is a
// password.
func TestPasswordsAreProven(t *testing.T) {
	inEveryMode(t, func(t *testing.T, w *world) {
		d := w.doors(t)
		for what, try := range map[string]input{
			"a wrong temporary password": {"USERNAME": "invited", "PASSWORD": goodPassword},
			"a wrong password":           {"USERNAME": "alice", "PASSWORD": temporary},
			"no letter case":             {"USERNAME": "alice", "PASSWORD": strings.ToLower(goodPassword)},
			"a blank more":               {"USERNAME": "alice", "PASSWORD": goodPassword + " "},
		} {
			d.shut(what, d.public("InitiateAuth", input{"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": try}), "NotAuthorizedException")
		}
		for _, flow := range []string{"", "NONE", "user_password_auth", "CUSTOM_AUTH", "USER_AUTH", "ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_PASSWORD_AUTH", "REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"} {
			for _, parameters := range []input{{"USERNAME": "alice"}, {"USERNAME": "alice", "PASSWORD": ""}} {
				d.shut(flow+" with a name alone", d.public("InitiateAuth", input{"AuthFlow": flow, "AuthParameters": parameters}), "InvalidParameterException")
			}
		}
		d.shut("a password in the place of SRP_A", d.public("InitiateAuth", input{
			"AuthFlow": "USER_SRP_AUTH", "AuthParameters": input{"USERNAME": "alice", "PASSWORD": goodPassword},
		}), "InvalidParameterException")
		long := strings.Repeat("f", 120_000)
		for _, a := range []string{"0", long, "-2", "zz", strings.Repeat("0", 1000)} {
			began := time.Now()
			d.shut(fmt.Sprintf("SRP_A %.8s…", a), d.public("InitiateAuth", input{"AuthFlow": "USER_SRP_AUTH", "AuthParameters": input{"USERNAME": "alice", "SRP_A": a}}), "InvalidParameterException")
			if took := time.Since(began); a == long && took > 10*time.Second {
				t.Errorf("a number longer than the modulus takes %v", took)
			}
		}
		for what, spoil := range map[string]func(map[string]string){
			"a signature of zeros":  func(c map[string]string) { c["PASSWORD_CLAIM_SIGNATURE"] = strings.Repeat("A", 43) + "=" },
			"no signature":          func(c map[string]string) { c["PASSWORD_CLAIM_SIGNATURE"] = "x" },
			"a plain password":      func(c map[string]string) { c["PASSWORD_CLAIM_SIGNATURE"] = goodPassword; c["PASSWORD"] = goodPassword },
			"another time":          func(c map[string]string) { c["TIMESTAMP"] = "Tue Sep 5 06:07:08 UTC 2023" },
			"another user":          func(c map[string]string) { c["USERNAME"] = "bob" },
			"a block of one's own":  func(c map[string]string) { c["PASSWORD_CLAIM_SECRET_BLOCK"] = strings.Repeat("QUJD", 50) },
			"a block with an extra": func(c map[string]string) { c["PASSWORD_CLAIM_SECRET_BLOCK"] += "QUJD" },
		} {
			c := srpclient.New(64)
			challenge := d.begin("USER_SRP_AUTH", "PASSWORD_VERIFIER", input{"USERNAME": "alice", "SRP_A": c.A()})
			claim := d.claim(c, challenge.ChallengeParameters, goodPassword)
			spoil(claim)
			d.shut(what, d.public("RespondToAuthChallenge", input{"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": claim}), "NotAuthorizedException")
			w.pass(20 * time.Minute) // past the lock
		}
		// Who has a temporary password gets no tokens for it, by SRP either.
		c := srpclient.New(64)
		challenge := d.begin("USER_SRP_AUTH", "PASSWORD_VERIFIER", input{"USERNAME": "invited", "SRP_A": c.A()})
		var next signedIn
		d.public("RespondToAuthChallenge", input{
			"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": d.claim(c, challenge.ChallengeParameters, temporary),
		}).ok(t, &next)
		if next.ChallengeName != "NEW_PASSWORD_REQUIRED" || next.AuthenticationResult != (tokens{}) {
			t.Errorf("a temporary password leads to %+v", next)
		}
	})
}

// Codes that everybody knows are none.
func TestCodesAreNotConstant(t *testing.T) {
	inEveryMode(t, func(t *testing.T, w *world) {
		d := w.doors(t)
		guarded := d.begin("USER_PASSWORD_AUTH", "SOFTWARE_TOKEN_MFA", input{"USERNAME": "guarded", "PASSWORD": goodPassword})
		for _, digits := range d.wrongDigits() {
			d.shut("the code "+digits, d.answer("SOFTWARE_TOKEN_MFA", guarded.Session, input{"USERNAME": "guarded", "SOFTWARE_TOKEN_MFA_CODE": digits}), "CodeMismatchException")
		}
		d.admin("AdminUpdateUserAttributes", input{"Username": "bob", "UserAttributes": []input{
			{"Name": "email", "Value": "bob@example.com"}, {"Name": "email_verified", "Value": "true"},
		}}).ok(t, nil)
		d.known = d.look()
		d.shut("a code that nobody asked for", d.public("ConfirmForgotPassword", input{"Username": "bob", "ConfirmationCode": "123456", "Password": newPassword}), "ExpiredCodeException")
		d.public("ForgotPassword", input{"Username": "bob"}).ok(t, nil)
		right := w.code(t, "bob@example.com")
		for _, digits := range []string{"000000", "123456", "", "null", "confirmation", strings.Repeat("1", 2048)} {
			if digits != right {
				d.shut("the code "+digits, d.public("ConfirmForgotPassword", input{"Username": "bob", "ConfirmationCode": digits, "Password": newPassword}),
					"CodeMismatchException", "InvalidParameterException")
			}
		}
		d.shut("bob's code for alice", d.public("ConfirmForgotPassword", input{"Username": "alice", "ConfirmationCode": right, "Password": newPassword}), "ExpiredCodeException")
	})
}

// A client with a secret proves it with every answer.
func TestSecretsAreProven(t *testing.T) {
	inEveryMode(t, func(t *testing.T, w *world) {
		d := w.doors(t)
		d.client = d.newClient(input{"GenerateSecret": true})
		var c struct {
			UserPoolClient struct{ ClientSecret string }
		}
		d.admin("DescribeUserPoolClient", input{"ClientId": d.client}).ok(t, &c)
		hash := func(name string) string { return password.SecretHash(c.UserPoolClient.ClientSecret, name, d.client) }
		right := input{"USERNAME": "guarded", "PASSWORD": goodPassword, "SECRET_HASH": hash("guarded")}
		var begun signedIn
		d.public("InitiateAuth", input{"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": right}).ok(t, &begun)
		for what, given := range map[string]any{"none": nil, "empty": "", "somebody else's": hash("alice"), "the secret itself": c.UserPoolClient.ClientSecret} {
			with := func(in input) input {
				out := input{}
				for k, v := range in {
					out[k] = v
				}
				delete(out, "SECRET_HASH")
				if given != nil {
					out["SECRET_HASH"] = given
				}
				return out
			}
			d.shut("a sign-in with hash "+what, d.public("InitiateAuth", input{"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": with(right)}), "NotAuthorizedException")
			d.shut("an answer with hash "+what, d.answer("SOFTWARE_TOKEN_MFA", begun.Session, with(input{
				"USERNAME": "guarded", "SOFTWARE_TOKEN_MFA_CODE": otp.Code(d.secret, otp.Step(d.now())+1),
			})), "NotAuthorizedException")
			body := input{"Username": "bob", "ConfirmationCode": "123456", "Password": newPassword}
			if given != nil {
				body["SecretHash"] = given
			}
			for _, op := range []string{"SignUp", "ConfirmSignUp", "ForgotPassword", "ConfirmForgotPassword", "ResendConfirmationCode"} {
				d.shut(op+" with hash "+what, d.public(op, body), "NotAuthorizedException", "InvalidParameterException")
			}
		}
	})
}

// A function that objects keeps people out, and so does one that nobody
// answers for.
func TestFunctionsThatObject(t *testing.T) {
	answer := `{"errorMessage":"closed"}`
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Amz-Function-Error", "Unhandled")
		rw.WriteHeader(http.StatusOK)
		fmt.Fprint(rw, answer)
	}))
	defer site.Close()
	const gate = "arn:aws:lambda:us-west-2:" + home + ":function:gate"
	w := developing(t, options{settings: func(s *config.Server) { s.Trigger = []string{"gate=lambda:" + site.URL} }})
	for what, arn := range map[string]string{"throws": gate, "is not there": gate + "2"} {
		p := w.pool(w.roots[home], west, input{"LambdaConfig": input{"PreAuthentication": arn}}, nil)
		p.person("alice")
		for flow, parameters := range map[string]input{
			"USER_PASSWORD_AUTH": {"USERNAME": "alice", "PASSWORD": goodPassword}, "USER_SRP_AUTH": {"USERNAME": "alice", "SRP_A": srpclient.New(64).A()},
		} {
			r := p.public("InitiateAuth", input{"AuthFlow": flow, "AuthParameters": parameters})
			if r.status != 400 || r.code != "UserLambdaValidationException" && r.code != "UnexpectedLambdaException" {
				t.Errorf("a function that %s, %s: %d %s", what, flow, r.status, r.body)
			}
		}
	}
}

// A pool that is protected stays.
func TestProtectedPoolsStay(t *testing.T) {
	inEveryMode(t, func(t *testing.T, w *world) {
		p := w.pool(w.roots[home], west, input{"DeletionProtection": "ACTIVE"}, nil)
		p.person("alice")
		p.admin("DeleteUserPool", nil).refused(t, "a protected pool", "InvalidParameterException", "The user pool cannot be deleted because deletion protection is activated.")
		p.tokensOf("alice")
	})
}
