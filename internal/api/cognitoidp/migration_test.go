package cognitoidp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// oldPassword breaks the policy of every pool of this suite.
const oldPassword = "old"

// directory is a function that knows alice, with attributes, and says status.
func directory(status any, attributes map[string]string, more ...map[string]any) functions {
	return functionsOf(map[string]func(*happening){"UserMigration": func(h *happening) {
		wrong := h.Source == "UserMigration_Authentication" && h.Request["password"] != oldPassword
		if wrong || !strings.HasPrefix(h.Username, "alice") {
			return // as it came: it knows nobody
		}
		h.Response = map[string]any{"userAttributes": attributes, "finalUserStatus": status, "messageAction": "SUPPRESS"}
		for _, m := range more {
			for k, v := range m {
				h.Response[k] = v
			}
		}
	}})
}

var atOldHome = map[string]string{"email": "alice@example.com", "email_verified": "true", "name": "Alice"}

func (p *people) users() int {
	p.t.Helper()
	out, err := p.admin.ListUsers(p.t.Context(), &idp.ListUsersInput{UserPoolId: &p.poolID})
	if err != nil {
		p.t.Fatal(err)
	}
	return len(out.Users)
}

func TestMigrationAtSignIn(t *testing.T) {
	eachPeople(t, setup{functions: directory("CONFIRMED", atOldHome)}, func(t *testing.T, p *people) {
		_, err := p.signIn("alice", "wrong")
		want(t, err, "UserNotFoundException", noUser)
		_, err = p.signIn("bob", oldPassword)
		want(t, err, "UserNotFoundException", noUser)
		if n := p.users(); n != 0 {
			t.Fatalf("%d users", n)
		}
		p.functions.seen()
		out, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientMetadata: metadata,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": oldPassword},
		})
		if err != nil || out.AuthenticationResult == nil {
			t.Fatalf("%v: %s", err, p.raw)
		}
		seen := p.functions.seen()
		if len(seen) != 1 || seen[0].Source != "UserMigration_Authentication" || seen[0].Username != "alice" || seen[0].Request["password"] != oldPassword ||
			told(seen[0]) != "validationData.k=v" || seen[0].CallerContext.ClientID != p.client {
			t.Errorf("asked %+v", seen)
		}
		u := p.get("alice")
		if u.UserStatus != types.UserStatusTypeConfirmed || profile(u.UserAttributes) != "email=alice@example.com email_verified=true name=Alice" {
			t.Errorf("%s %s", u.UserStatus, profile(u.UserAttributes))
		}
		if got := len(p.outbox()); got != 0 {
			t.Errorf("%d messages", got)
		}
		// From now on the pool knows by itself, by every flow.
		p.tokensOf("alice", oldPassword)
		if _, err := p.srpSignIn("alice", oldPassword); err != nil {
			t.Error(err)
		}
		_, err = p.signIn("alice", "wrong")
		want(t, err, "NotAuthorizedException", incorrect)
		if got := p.functions.sources(); got != "" {
			t.Errorf("asked %s", got)
		}
	})
}

// TestMigrationNeedsThePassword: flows that do not bring it do not ask.
func TestMigrationNeedsThePassword(t *testing.T) {
	client := func(in *idp.CreateUserPoolClientInput) { choosing.client(in); customised(in) }
	of := with(riddles(), directory("CONFIRMED", atOldHome).of)
	p := onePeople(t, setup{pool: choosing.pool, client: client, functions: functionsOf(of)})
	for flow, pairs := range map[types.AuthFlowType][]string{
		types.AuthFlowTypeUserSrpAuth: {"SRP_A", srpclient.New(32).A(), "PASSWORD", oldPassword},
		types.AuthFlowTypeCustomAuth:  {"PASSWORD", oldPassword},
		types.AuthFlowTypeUserAuth:    {"PREFERRED_CHALLENGE", "EMAIL_OTP", "PASSWORD", oldPassword},
	} {
		_, err := p.initiate(flow, append(pairs, "USERNAME", "alice")...)
		want(t, err, "UserNotFoundException", noUser)
	}
	if got := p.functions.sources(); got != "" || p.users() != 0 {
		t.Errorf("asked %s", got)
	}
	s, _ := p.choose(t, "USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", oldPassword)
	s.done(t)
	admin, err := p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &p.poolID, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "alice2", "PASSWORD": oldPassword},
	})
	if err != nil || admin.AuthenticationResult == nil {
		t.Fatalf("%v: %s", err, p.raw)
	}
	if got := p.functions.sources(); got != "UserMigration_Authentication UserMigration_Authentication" || p.users() != 2 {
		t.Errorf("asked %s, %d users", got, p.users())
	}
}

// TestMigrationByChoice: where a client hides users, the password of one who is
// elsewhere may come as the answer to a challenge.
func TestMigrationByChoice(t *testing.T) {
	p := onePeople(t, setup{
		pool: choosing.pool, functions: directory("CONFIRMED", atOldHome),
		client: func(in *idp.CreateUserPoolClientInput) { choosing.client(in); hiding(in) },
	})
	s, _ := p.choose(t, "USERNAME", "alice")
	s.is(t, types.ChallengeNameTypeSelectChallenge)
	_, err := p.next(s, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", "wrong")
	want(t, err, "NotAuthorizedException", incorrect)
	s, _ = p.choose(t, "USERNAME", "alice")
	p.functions.seen()
	out, err := p.pub.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: s.name, Session: s.session, ClientMetadata: metadata,
		ChallengeResponses: map[string]string{"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": oldPassword},
	})
	if err != nil || out.AuthenticationResult == nil {
		t.Fatalf("%v: %s", err, p.raw)
	}
	if seen := p.functions.seen(); len(seen) != 1 || told(seen[0]) != "clientMetadata.k=v" {
		t.Errorf("asked %+v", seen)
	}
}

// TestMigratedPasswordsToReset: the function takes the password and says that
// it has to be changed.
func TestMigratedPasswordsToReset(t *testing.T) {
	for name, client := range map[string]func(*idp.CreateUserPoolClientInput){"telling": nil, "hiding": hiding} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{client: client, functions: directory("RESET_REQUIRED", atOldHome)})
			_, err := p.signIn("alice", oldPassword)
			want(t, err, "PasswordResetRequiredException", "Password reset required for the user")
			if got := p.get("alice").UserStatus; got != types.UserStatusTypeResetRequired {
				t.Errorf("status %s", got)
			}
			if _, err := p.forgot("alice"); err != nil {
				t.Fatal(err)
			}
			if err := p.confirmForgot("alice", p.code("alice@example.com"), newPassword); err != nil {
				t.Fatal(err)
			}
			p.tokensOf("alice", newPassword)
			if got := p.functions.sources(); got != "UserMigration_Authentication" {
				t.Errorf("asked %s", got)
			}
		})
	}
}

// TestMigrationsThatComeToNothing: whoever the pool cannot take stays unknown,
// whatever is wrong.
func TestMigrationsThatComeToNothing(t *testing.T) {
	for name, f := range map[string]functions{
		"nobody":              directory("CONFIRMED", nil),
		"an error":            functionsOf(map[string]func(*happening){"UserMigration": func(h *happening) { h.fail = "no" }}),
		"no reply":            functionsOf(map[string]func(*happening){"UserMigration": saying(map[string]any{"user": "alice"})}),
		"no such attribute":   directory("CONFIRMED", map[string]string{"email": "a@example.com", "custom:none": "x"}),
		"no required one":     directory("CONFIRMED", map[string]string{"name": "Alice"}),
		"no address":          directory("CONFIRMED", map[string]string{"email": "nowhere"}),
		"proof of nothing":    directory("CONFIRMED", map[string]string{"email": "a@example.com", "phone_number_verified": "true"}),
		"a sub":               directory("CONFIRMED", map[string]string{"email": "a@example.com", "sub": "11111111-1111-1111-1111-111111111111"}),
		"a name with a space": directory("CONFIRMED", map[string]string{"email": "a@example.com", "username": "a b"}),
		"a value too long":    directory("CONFIRMED", map[string]string{"email": "a@example.com", "name": strings.Repeat("x", 2049)}),
	} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{functions: f, pool: func(in *idp.CreateUserPoolInput) {
				in.Schema = []types.SchemaAttributeType{{Name: aws.String("email"), Required: aws.Bool(true)}}
			}})
			_, err := p.signIn("alice", oldPassword)
			want(t, err, "UserNotFoundException", noUser)
			hidden := p.newClient(p.poolID, hiding)
			_, err = p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
				ClientId: &hidden, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": oldPassword},
			})
			want(t, err, "NotAuthorizedException", incorrect)
			if got := strings.Count(p.functions.sources(), "UserMigration"); got != 2 {
				t.Errorf("asked %d times", got)
			}
			if n := p.users(); n != 0 {
				t.Errorf("%d users", n)
			}
		})
	}
	p := onePeople(t, setup{functions: directory("CONFIRMED", atOldHome)})
	for _, name := range []string{"alice and bob", strings.Repeat("a", 129), "al\x00ice"} {
		_, err := p.signIn(name, oldPassword)
		want(t, err, "UserNotFoundException", noUser)
	}
	_, err := p.signIn("alice", strings.Repeat("x", 257))
	want(t, err, "UserNotFoundException", noUser)
	if got := p.functions.sources(); got != "" {
		t.Errorf("asked %s about what cannot be", got)
	}
}

// TestMigrationIsNoOracle: the passwords of the other directory cannot be
// guessed at faster than ours.
func TestMigrationIsNoOracle(t *testing.T) {
	for name, client := range map[string]func(*idp.CreateUserPoolClientInput){"telling": nil, "hiding": hiding} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, setup{client: client, functions: directory("CONFIRMED", atOldHome)})
			for range 5 {
				if _, err := p.signIn("alice", "wrong"); err == nil {
					t.Fatal("a wrong password signs in")
				}
			}
			p.functions.seen()
			_, err := p.signIn("alice", oldPassword)
			want(t, err, "NotAuthorizedException", "Password attempts exceeded")
			if got := p.functions.sources(); got != "" || p.users() != 0 {
				t.Errorf("asked %s about a locked name", got)
			}
			p.pass(time.Second)
			p.tokensOf("alice", oldPassword)
		})
	}
}

// TestMigrationGuessesAtOnce: the lock bounds the guesses in flight, too. Here
// it comes while the function looks at the right password.
func TestMigrationGuessesAtOnce(t *testing.T) {
	for name, client := range map[string]func(*idp.CreateUserPoolClientInput){"telling": nil, "hiding": hiding} {
		t.Run(name, func(t *testing.T) {
			var p *people
			meanwhile := func() {
				for range 5 {
					if _, err := p.signIn("alice", "wrong"); err == nil {
						t.Error("a wrong password signs in")
					}
				}
			}
			knows := directory("CONFIRMED", atOldHome).of["UserMigration"]
			p = onePeople(t, setup{client: client, functions: functionsOf(map[string]func(*happening){"UserMigration": func(h *happening) {
				if h.Request["password"] == oldPassword && meanwhile != nil {
					f := meanwhile
					meanwhile = nil
					f()
				}
				knows(h)
			}})})
			_, err := p.signIn("alice", oldPassword)
			want(t, err, "NotAuthorizedException", "Password attempts exceeded")
			if n := p.users(); n != 0 {
				t.Errorf("%d users", n)
			}
			p.pass(time.Second)
			p.tokensOf("alice", oldPassword)
		})
	}
}

// TestMigrationReachesLevels: whoever asked for a level and comes over on the
// way is asked for it like everybody else.
func TestMigrationReachesLevels(t *testing.T) {
	p := onePeople(t, setup{
		pool: choosing.pool, functions: directory("CONFIRMED", atOldHome),
		client: func(in *idp.CreateUserPoolClientInput) { choosing.client(in); hiding(in) },
	})
	s, _ := p.choose(t, "USERNAME", "alice", "TARGET_ACR_VALUES", "urn:cognito:loa:4")
	_, err := p.next(s, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", oldPassword)
	want(t, err, "NotAuthorizedException", "User cannot reach a requested authentication level.")
}

func TestMigrationOfForgottenPasswords(t *testing.T) {
	eachPeople(t, setup{functions: directory(nil, atOldHome)}, func(t *testing.T, p *people) {
		out, err := p.pub.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("alice"), ClientMetadata: metadata})
		if err != nil || *out.CodeDeliveryDetails.Destination != "a***@e***" {
			t.Fatalf("%v: %s", err, p.raw)
		}
		seen := p.functions.seen()
		if len(seen) != 1 || seen[0].Source != "UserMigration_ForgotPassword" || told(seen[0]) != "clientMetadata.k=v" {
			t.Errorf("asked %+v", seen)
		}
		if _, there := seen[0].Request["password"]; there {
			t.Errorf("a password that nobody gave: %v", seen[0].Request)
		}
		if got := p.get("alice").UserStatus; got != types.UserStatusTypeResetRequired {
			t.Errorf("status %s", got)
		}
		_, err = p.signIn("alice", oldPassword)
		want(t, err, "PasswordResetRequiredException", "Password reset required for the user")
		if err := p.confirmForgot("alice", p.code("alice@example.com"), newPassword); err != nil {
			t.Fatal(err)
		}
		p.tokensOf("alice", newPassword)
		_, err = p.forgot("bob")
		want(t, err, "UserNotFoundException", "Username/client id combination not found.")
	})
	// Without a proven address there is nowhere to send a code.
	p := onePeople(t, setup{functions: directory(nil, map[string]string{"email": "alice@example.com"})})
	_, err := p.forgot("alice")
	want(t, err, "InvalidParameterException", nowhere)

	broken := functionsOf(map[string]func(*happening){"UserMigration": func(h *happening) { h.fail = "no" }})
	p = onePeople(t, setup{functions: broken})
	_, err = p.forgot("alice")
	want(t, err, "UserLambdaValidationException", "UserMigration failed with error no.")
	p = onePeople(t, setup{functions: broken, client: hiding})
	if out, err := p.forgot("alice"); err != nil || out == "" {
		t.Errorf("a client that hides users is told %v", err)
	}
}

// TestMigrationNames: which name a migrated user has, and which aliases.
func TestMigrationNames(t *testing.T) {
	t.Run("username attributes", func(t *testing.T) {
		p := onePeople(t, setup{functions: directory("CONFIRMED", map[string]string{"email_verified": "true", "username": "ignored"}), pool: func(in *idp.CreateUserPoolInput) {
			in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}
		}})
		p.tokensOf("alice@example.com", oldPassword)
		u := p.get("alice@example.com")
		if *u.Username == "alice@example.com" || profile(u.UserAttributes) != "email_verified=true email=alice@example.com" {
			t.Errorf("%s: %s", *u.Username, profile(u.UserAttributes))
		}
		_, err := p.signIn("alice", oldPassword) // no address
		want(t, err, "UserNotFoundException", noUser)
	})
	aliases := func(in *idp.CreateUserPoolInput) {
		in.AliasAttributes = []types.AliasAttributeType{types.AliasAttributeTypeEmail}
	}
	t.Run("alias", func(t *testing.T) {
		p := onePeople(t, setup{functions: directory("CONFIRMED", plus(atOldHome, "username", "al")), pool: aliases})
		p.tokensOf("alice@example.com", oldPassword)
		if u := p.get("al"); profile(u.UserAttributes) != "email=alice@example.com email_verified=true name=Alice" {
			t.Error(profile(u.UserAttributes))
		}
		p.tokensOf("al", oldPassword)
	})
	t.Run("alias of somebody else", func(t *testing.T) {
		p := onePeople(t, setup{functions: directory("CONFIRMED", atOldHome), pool: aliases})
		p.confirmed("bob", attr("email", "alice@example.com"), attr("email_verified", "true"))
		_, err := p.signIn("alice", oldPassword)
		want(t, err, "UserNotFoundException", noUser)
	})
	t.Run("alias taken by force", func(t *testing.T) {
		p := onePeople(t, setup{functions: directory("CONFIRMED", atOldHome, map[string]any{"forceAliasCreation": true}), pool: aliases})
		p.confirmed("bob", attr("email", "alice@example.com"), attr("email_verified", "true"))
		p.tokensOf("alice", oldPassword)
		if got := *p.get("alice@example.com").Username; got != "alice" {
			t.Errorf("the address is %s's", got)
		}
		if got := profile(p.get("bob").UserAttributes); got != "email=alice@example.com email_verified=false" {
			t.Errorf("bob has %s", got)
		}
	})
	t.Run("SMS factor", func(t *testing.T) {
		p := onePeople(t, setup{pool: mailing.pool, functions: directory("CONFIRMED", map[string]string{"phone_number": "+12065550100"}, map[string]any{
			"enableSMSMFA": true, "desiredDeliveryMediums": []string{"EMAIL", "SMS"},
		})})
		p.mfa(types.UserPoolMfaTypeOptional)
		p.brought("alice").is(t, types.ChallengeNameTypeSmsMfa)
	})
}

func plus(m map[string]string, k, v string) map[string]string {
	out := map[string]string{k: v}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func (p *people) brought(name string) step {
	p.t.Helper()
	out, err := p.signIn(name, oldPassword)
	if err != nil {
		p.t.Fatal(err)
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
}

// TestOneMigration: a name that many bring at once is one user.
func TestOneMigration(t *testing.T) {
	for name, pool := range map[string]func(*idp.CreateUserPoolInput){
		"usernames": nil,
		"addresses": func(in *idp.CreateUserPoolInput) {
			in.UsernameAttributes = []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachPeople(t, setup{pool: pool, functions: directory("CONFIRMED", map[string]string{"email": "alice@example.com"})}, func(t *testing.T, p *people) {
				const many = 6
				errs := make(chan error, many)
				for range many {
					go func() {
						_, err := p.pub.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
							ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
							AuthParameters: map[string]string{"USERNAME": "alice@example.com", "PASSWORD": oldPassword},
						})
						errs <- err
					}()
				}
				for range many {
					if err := <-errs; err != nil {
						t.Error(err)
					}
				}
				if n := p.users(); n != 1 {
					t.Errorf("%d users", n)
				}
			})
		})
	}
}
