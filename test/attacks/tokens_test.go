package attacks

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/app"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// What one node takes away is gone on the other with the next request.
func TestTokensEndOnEveryNode(t *testing.T) {
	a, b := pair(t)
	const revoked, gone = "Access Token has been revoked", "User does not exist."
	for _, tt := range []struct {
		name          string
		end           func(p *pool, r tokens) reply
		code, message string
		refresh       string // what the refresh token is answered with
	}{
		{
			"revoked", func(p *pool, r tokens) reply { return p.public("RevokeToken", input{"Token": r.RefreshToken}) },
			"NotAuthorizedException", revoked, "Refresh Token has been revoked",
		},
		{"signed out", func(p *pool, r tokens) reply {
			return p.unsigned("cognito-idp", "GlobalSignOut", input{"AccessToken": r.AccessToken})
		}, "NotAuthorizedException", revoked, "Refresh Token has been revoked"},
		{
			"signed out by an administrator", func(p *pool, _ tokens) reply { return p.admin("AdminUserGlobalSignOut", input{"Username": "alice"}) },
			"NotAuthorizedException", revoked, "Refresh Token has been revoked",
		},
		{
			"disabled", func(p *pool, _ tokens) reply { return p.admin("AdminDisableUser", input{"Username": "alice"}) },
			"NotAuthorizedException", revoked, "Refresh Token has been revoked",
		},
		{
			"deleted", func(p *pool, _ tokens) reply { return p.admin("AdminDeleteUser", input{"Username": "alice"}) },
			"UserNotFoundException", gone, "Invalid Refresh Token",
		},
	} {
		for _, owner := range []bool{true, false} { // whether the user comes back under the same name
			p := a.pool(a.roots[home], west, nil, nil)
			p.person("alice")
			r := p.tokensOf("alice")
			on := p.on(b)
			on.userOf(r.AccessToken).ok(t, nil)
			on.refresh(r.RefreshToken).ok(t, nil)
			tt.end(p, r).ok(t, nil)
			if owner {
				switch tt.name {
				case "disabled":
					p.admin("AdminEnableUser", input{"Username": "alice"}).ok(t, nil)
				case "deleted":
					p.person("alice")
				}
			}
			for node, q := range map[string]*pool{"the same node": p, "another node": on} {
				q.userOf(r.AccessToken).refused(t, tt.name+" on "+node, tt.code, tt.message)
				q.refresh(r.RefreshToken).refused(t, tt.name+", refresh on "+node, "NotAuthorizedException", tt.refresh)
			}
		}
	}
	// A pool or client that is gone.
	p := a.pool(a.roots[home], west, nil, nil)
	p.person("alice")
	r := p.tokensOf("alice")
	on := p.on(b)
	on.userOf(r.AccessToken).ok(t, nil)
	p.admin("DeleteUserPoolClient", input{"ClientId": p.client}).ok(t, nil)
	a.pass(time.Second) // other nodes' configuration counts within one
	for _, q := range []*pool{p, on} {
		q.refresh(r.RefreshToken).refused(t, "client deleted", "ResourceNotFoundException", "")
		q.userOf(r.AccessToken).refused(t, "client deleted", "NotAuthorizedException", revoked)
	}
	p.client = p.newClient(nil)
	r = p.tokensOf("alice")
	on.userOf(r.AccessToken).ok(t, nil)
	p.admin("DeleteUserPool", nil).ok(t, nil)
	a.pass(time.Minute)
	for _, q := range []*pool{p, on} {
		if got := q.userOf(r.AccessToken); got.status == 200 {
			t.Errorf("pool deleted: answered %s", got.body)
		}
	}
}

// guess makes n attempts at once, half of them on each node, and counts what
// they are answered with.
func guess(n int, attempt func(i int) reply) map[string]int {
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r := attempt(i)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprintf("%d %s", r.status, r.message)]++
		})
	}
	wg.Wait()
	return answers
}

// A thousand hands get no more guesses than one.
func TestGuessesAtOnce(t *testing.T) {
	a, b := pair(t)
	p := a.pool(a.roots[home], west, input{"Policies": input{"PasswordPolicy": input{"MinimumLength": 6}}}, nil)
	hiding := p.newClient(input{"PreventUserExistenceErrors": "ENABLED"})
	p.person("alice")
	nodes := []*pool{p, p.on(b)}
	const wrong, locked = "400 Incorrect username or password.", "400 Password attempts exceeded"
	a.freeze()
	for _, name := range []string{"alice", "nobody"} {
		for _, q := range nodes {
			q.client = hiding
		}
		answers := guess(64, func(i int) reply { return nodes[i%2].signIn(name, fmt.Sprintf("Guess-Number-%d", i)) })
		if answers[wrong] != 5 || answers[wrong]+answers[locked] != 64 {
			t.Errorf("%s, passwords: %v", name, answers)
		}
		// The right one among them comes too late, too.
		answers = guess(16, func(i int) reply { return nodes[i%2].signIn(name, goodPassword) })
		if answers[locked] != 16 {
			t.Errorf("%s, locked: %v", name, answers)
		}
	}

	a.pass(24 * time.Hour)
	p.public("SignUp", input{"Username": "carol", "Password": goodPassword, "UserAttributes": []input{{"Name": "email", "Value": "carol@example.com"}}}).ok(t, nil)
	right := a.code(t, "carol@example.com")
	const mismatch, limit = "400 Invalid verification code provided, please try again.", "400 Attempt limit exceeded, please try after some time."
	for _, name := range []string{"carol", "stranger"} {
		answers := guess(64, func(i int) reply {
			code := fmt.Sprintf("%06d", i)
			if code == right {
				code = "999999"
			}
			return nodes[i%2].public("ConfirmSignUp", input{"Username": name, "ConfirmationCode": code})
		})
		if answers[mismatch] != 15 || answers[mismatch]+answers[limit] != 64 {
			t.Errorf("%s, codes: %v", name, answers)
		}
		if r := p.public("ConfirmSignUp", input{"Username": name, "ConfirmationCode": right}); r.code != "LimitExceededException" {
			t.Errorf("%s, the right code after all those: %d %s", name, r.status, r.body)
		}
	}
}

// One answer to a challenge counts, and one rotation of a refresh token.
func TestAnswersAtOnce(t *testing.T) {
	a, b := pair(t)
	p := a.pool(a.roots[home], west, nil, nil)
	nodes := []*pool{p, p.on(b)}
	for i := range 3 {
		name := fmt.Sprintf("user%d", i)
		p.admin("AdminCreateUser", input{"Username": name, "MessageAction": "SUPPRESS", "TemporaryPassword": goodPassword}).ok(t, nil)
		var c signedIn
		p.signIn(name, goodPassword).ok(t, &c)
		var won []string
		var mu sync.Mutex
		answers := guess(8, func(i int) reply {
			password := fmt.Sprintf("Password-Of-%d", i)
			r := nodes[i%2].public("RespondToAuthChallenge", input{
				"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": c.Session,
				"ChallengeResponses": input{"USERNAME": name, "NEW_PASSWORD": password},
			})
			if r.status == 200 {
				mu.Lock()
				won = append(won, password)
				mu.Unlock()
				r.message = "tokens"
			}
			return r
		})
		if answers["200 tokens"] != 1 {
			t.Fatalf("new password: %v", answers)
		}
		p.signIn(name, won[0]).ok(t, nil)
	}

	// An SRP exchange gives tokens once, however often its claim is sent.
	p.person("alice")
	c := srpclient.New(64)
	var challenge signedIn
	p.public("InitiateAuth", input{"AuthFlow": "USER_SRP_AUTH", "AuthParameters": input{"USERNAME": "alice", "SRP_A": c.A()}}).ok(t, &challenge)
	claim := p.claim(c, challenge.ChallengeParameters, goodPassword)
	answers := guess(8, func(i int) reply {
		r := nodes[i%2].public("RespondToAuthChallenge", input{"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": claim})
		if r.status == 200 {
			r.message = "tokens"
		}
		return r
	})
	if answers["200 tokens"] != 1 {
		t.Errorf("SRP: %v", answers)
	}
}

// claim answers PASSWORD_VERIFIER as clients do.
func (p *pool) claim(c *srpclient.Client, parameters map[string]string, password string) map[string]string {
	p.t.Helper()
	_, short, _ := strings.Cut(p.id, "_")
	answer, err := c.Answer(srpclient.Challenge{
		Pool: short, User: parameters["USER_ID_FOR_SRP"], Salt: parameters["SALT"], B: parameters["SRP_B"], SecretBlock: parameters["SECRET_BLOCK"],
	}, password, p.now())
	if err != nil {
		p.t.Fatal(err)
	}
	return map[string]string{
		"USERNAME": parameters["USERNAME"], "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE": answer.Signature, "TIMESTAMP": answer.Timestamp,
	}
}

// What is made up for names that mean nobody stays the same for ever, as what
// is stored for users does: across restarts and new keys.
func TestNobodyStaysTheSame(t *testing.T) {
	w := serve(t, options{})
	p := w.pool(w.roots[home], west, nil, input{"PreventUserExistenceErrors": "ENABLED"})
	p.person("alice")
	look := func(name string) string {
		c := srpclient.New(64)
		var out signedIn
		p.public("InitiateAuth", input{"AuthFlow": "USER_SRP_AUTH", "AuthParameters": input{"USERNAME": name, "SRP_A": c.A()}}).ok(t, &out)
		x := out.ChallengeParameters
		var keys []string
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return strings.Join([]string{out.ChallengeName, strings.Join(keys, " "), x["SALT"], x["USER_ID_FOR_SRP"], fmt.Sprint(len(x["SECRET_BLOCK"]))}, ",")
	}
	alice, nobody := look("alice"), look("nobod")
	w.restart(options{})
	for range 2 {
		if got := look("alice"); got != alice {
			t.Errorf("alice was %s and is %s", alice, got)
		}
		if got := look("nobod"); got != nobody {
			t.Errorf("nobody was %s and is %s", nobody, got)
		}
		w.stop()
		if _, err := app.RotateKeys(t.Context(), w.storage, ""); err != nil {
			t.Fatal(err)
		}
		w.node = w.start(options{})
	}
	// A salt is a number: its first byte, which is never zero, may have one digit.
	if shape := func(s string) string {
		f := strings.Split(s, ",")
		return f[0] + f[1] + fmt.Sprint((len(f[2])+1)/2) + f[4]
	}; shape(alice) != shape(nobody) {
		t.Errorf("alice: %s\nnobody: %s", alice, nobody)
	}
}
