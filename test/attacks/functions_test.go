package attacks

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/config"
)

// What the functions of this file know.
const (
	privateAnswer = "Private-Canary-9141"
	privateNote   = "Note-Canary-6620"
	elsewhere     = "Elsewhere-Canary-2209"
)

// functions stand behind all triggers of a deployment: they ask one question
// and count nothing, so that nothing but the deployment keeps guesses out; and
// they know zoe.
func functions(t *testing.T) options {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct {
			Source  string `json:"triggerSource"`
			Request struct {
				Session  []struct{ ChallengeResult bool } `json:"session"`
				Private  map[string]string                `json:"privateChallengeParameters"`
				Answer   string                           `json:"challengeAnswer"`
				Password string                           `json:"password"`
			} `json:"request"`
		}
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		var response input
		switch kind, _, _ := strings.Cut(e.Source, "_"); kind {
		case "DefineAuthChallenge":
			n := len(e.Request.Session)
			response = input{"challengeName": "CUSTOM_CHALLENGE", "issueTokens": n > 0 && e.Request.Session[n-1].ChallengeResult}
		case "CreateAuthChallenge":
			response = input{"privateChallengeParameters": input{"answer": privateAnswer}, "challengeMetadata": privateNote}
		case "VerifyAuthChallengeResponse":
			response = input{"answerCorrect": e.Request.Answer == e.Request.Private["answer"]}
		case "UserMigration":
			if e.Request.Password == elsewhere {
				response = input{"userAttributes": input{"email": "zoe@example.com"}, "finalUserStatus": "CONFIRMED"}
			}
		}
		if err := json.NewEncoder(w).Encode(input{"response": response}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("what functions and server know"), 0o600); err != nil {
		t.Fatal(err)
	}
	return options{settings: func(s *config.Server) {
		s.Trigger, s.TriggerSecretFile = []string{"all=" + server.URL}, secret
	}}
}

// riddled is a pool whose sign-ins those functions define.
func (w *world) riddled() *pool {
	w.t.Helper()
	const arn = "arn:aws:lambda:" + west + ":" + home + ":function:all"
	p := w.pool(w.roots[home], west, input{"LambdaConfig": input{
		"DefineAuthChallenge": arn, "CreateAuthChallenge": arn, "VerifyAuthChallengeResponse": arn, "UserMigration": arn,
	}}, riddledClient)
	p.person("alice")
	return p
}

var riddledClient = input{"ExplicitAuthFlows": []string{"ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH"}}

func (p *pool) custom(name string) reply {
	p.t.Helper()
	return p.public("InitiateAuth", input{"AuthFlow": "CUSTOM_AUTH", "AuthParameters": input{"USERNAME": name}})
}

func (p *pool) solve(session, answer string) reply {
	p.t.Helper()
	return p.public("RespondToAuthChallenge", input{
		"ChallengeName": "CUSTOM_CHALLENGE", "Session": session, "ChallengeResponses": input{"USERNAME": "alice", "ANSWER": answer},
	})
}

// What functions keep to themselves, and the passwords of another directory,
// reach no client, no file and no log.
func TestWhatFunctionsKnowStaysInside(t *testing.T) {
	w := serve(t, functions(t))
	p := w.riddled()
	var replies bytes.Buffer
	var begun, again signedIn
	r := p.custom("alice")
	replies.Write(r.body)
	r.ok(t, &begun)
	r = p.solve(begun.Session, "Wrong-Canary-5517")
	replies.Write(r.body)
	r.ok(t, &again)
	for _, s := range []string{begun.Session, again.Session} {
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		replies.Write(raw)
	}
	r = p.signIn("zoe", elsewhere)
	r.ok(t, nil)
	p.signIn("bob", "Wrong-Canary-5517").refused(t, "a wrong password", "UserNotFoundException", "")
	r = p.solve(again.Session, privateAnswer)
	r.ok(t, nil)
	places := map[string][]byte{"log": []byte(w.log.String()), "replies": replies.Bytes()}
	w.read(places)
	w.stop()
	w.read(places)
	for _, secret := range []string{privateAnswer, privateNote, elsewhere, "Wrong-Canary-5517", again.Session} {
		for place, content := range places {
			if place == "replies" && secret == again.Session {
				continue // its place
			}
			for form, text := range map[string]string{
				"as it is": secret, "in hex": hex.EncodeToString([]byte(secret)),
				"in base64": base64.RawStdEncoding.EncodeToString([]byte(secret)), "in base64url": base64.RawURLEncoding.EncodeToString([]byte(secret)),
			} {
				if bytes.Contains(content, []byte(text)) {
					t.Errorf("%s stands %s in %s", secret, form, place)
				}
			}
		}
	}
}

// A session of CUSTOM_AUTH is good as a whole, for its client and its pool, and
// for no other step.
func TestCustomSessionsAreWhole(t *testing.T) {
	w := serve(t, functions(t))
	p, other := w.riddled(), w.riddled()
	var begun signedIn
	p.custom("alice").ok(t, &begun)
	raw, err := base64.RawURLEncoding.DecodeString(begun.Session)
	if err != nil {
		t.Fatal(err)
	}
	const refusal = "Invalid session for the user"
	try := func(what string, raw []byte) {
		t.Helper()
		p.solve(base64.RawURLEncoding.EncodeToString(raw), privateAnswer).refused(t, what, "NotAuthorizedException", refusal)
	}
	for i := 0; i < len(raw); i += 5 {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		try("a changed bit", changed)
	}
	try("a part", raw[:len(raw)-1])
	try("half of it", raw[:len(raw)/2])
	try("more than it", append(bytes.Clone(raw), 0))
	other.solve(begun.Session, privateAnswer).refused(t, "another pool", "NotAuthorizedException", refusal)
	mine := p.client
	p.client = p.newClient(riddledClient)
	p.solve(begun.Session, privateAnswer).refused(t, "another client", "NotAuthorizedException", refusal)
	p.client = mine
	for _, step := range []string{"PASSWORD_VERIFIER", "SELECT_CHALLENGE", "MFA_SETUP", "SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED", "DEVICE_SRP_AUTH"} {
		r := p.public("RespondToAuthChallenge", input{"ChallengeName": step, "Session": begun.Session, "ChallengeResponses": input{
			"USERNAME": "alice", "ANSWER": privateAnswer, "NEW_PASSWORD": newPassword, "SOFTWARE_TOKEN_MFA_CODE": "123456", "DEVICE_KEY": west + "_x", "SRP_A": "2",
			"PASSWORD_CLAIM_SECRET_BLOCK": base64.StdEncoding.EncodeToString(raw), "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": "Tue Sep 5 06:07:08 UTC 2023",
		}})
		if r.status == http.StatusOK || strings.Contains(string(r.body), "AuthenticationResult") {
			t.Errorf("as %s: answered %d %s", step, r.status, r.body)
		}
	}
	p.solve(begun.Session, privateAnswer).ok(t, nil)
	p.solve(begun.Session, privateAnswer).refused(t, "again", "NotAuthorizedException", refusal)
}

// Without the function nobody is let in, whatever the client sends along.
func TestNoFunctionNoCustomAuth(t *testing.T) {
	w := serve(t, options{}) // the operator has put nothing behind the ARNs
	p := w.riddled()
	p.custom("alice").refused(t, "no function", "UnexpectedLambdaException", "DefineAuthChallenge invocation failed due to configuration.")
	p.signIn("zoe", elsewhere).refused(t, "no directory", "UserNotFoundException", "")
	p.signIn("alice", goodPassword).ok(t, nil)
}
