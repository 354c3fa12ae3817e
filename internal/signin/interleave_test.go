package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/user"
)

// What happens to an account between the moment that a password was found
// right and the transaction that lets its owner in, counts: the right password
// is then refused like a wrong one, and no session is left behind.
func TestWhatHappensMeanwhileCounts(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, w *world)
		want      string
	}{
		"nothing":              {func(*testing.T, *world) {}, ""},
		"four wrong passwords": {func(t *testing.T, w *world) { w.fail(t, 4) }, ""},
		"five wrong passwords": {func(t *testing.T, w *world) { w.fail(t, 5) }, "NotAuthorizedException: Password attempts exceeded"},
		"disabled": {func(t *testing.T, w *world) {
			w.must(t, w.users.SetEnabled(t.Context(), w.app.Pool, "alice", false))
		}, "NotAuthorizedException: User is disabled."},
		"another password": {func(t *testing.T, w *world) {
			w.must(t, w.users.SetPassword(t.Context(), w.app.Pool, "alice", other, true))
		}, "NotAuthorizedException: Incorrect username or password."},
		"the same password, as a temporary one": {func(t *testing.T, w *world) {
			w.must(t, w.users.SetPassword(t.Context(), w.app.Pool, "alice", good, false))
		}, "NotAuthorizedException: Incorrect username or password."},
		"deleted": {func(t *testing.T, w *world) {
			w.must(t, w.users.Delete(t.Context(), w.app.Pool, "alice"))
		}, "NotAuthorizedException: Incorrect username or password."},
		"other attributes": {func(t *testing.T, w *world) {
			w.must(t, w.users.UpdateAttributes(t.Context(), w.app.Pool, "alice", user.Update{Attributes: []user.Attribute{{Name: "name", Value: "Alice"}}}))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.meanwhile = func() { c.meanwhile(t, w) }
			r, err := w.flows.Start(t.Context(), signin.Start{App: w.app, Flow: cognitoidp.AuthFlowTypeUserPasswordAuth, Parameters: map[string]string{
				"USERNAME": "alice", "PASSWORD": good,
			}})
			switch {
			case w.meanwhile != nil:
				t.Fatal("nothing happened meanwhile: the test missed the moment")
			case c.want == "" && (err != nil || r.Tokens == nil || r.Challenge != nil):
				t.Errorf("%+v, %v", r, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || r != nil):
				t.Errorf("%+v, %v, want %s", r, err, c.want)
			}
			if sessions := w.sessions(t); (sessions == 1) != (c.want == "") {
				t.Errorf("%d sessions", sessions)
			}
		})
	}
}

// A new password and what came with it are stored whole or not at all.
func TestNewPasswordLosesToAChange(t *testing.T) {
	w := newWorld(t)
	w.must(t, w.users.SetPassword(t.Context(), w.app.Pool, "alice", good, false))
	r, err := w.flows.Start(t.Context(), signin.Start{App: w.app, Flow: cognitoidp.AuthFlowTypeUserPasswordAuth, Parameters: map[string]string{
		"USERNAME": "alice", "PASSWORD": good,
	}})
	if err != nil || r.Challenge == nil || r.Tokens != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	answer := signin.Answer{App: w.app, Challenge: r.Challenge.Name, Session: r.Challenge.Session, Responses: map[string]string{
		"USERNAME": "alice", "NEW_PASSWORD": other, "userAttributes.nickname": "Al",
	}}
	w.clock = w.clock.Add(time.Second)
	w.meanwhile = func() {
		w.must(t, w.users.UpdateAttributes(t.Context(), w.app.Pool, "alice", user.Update{Attributes: []user.Attribute{{Name: "name", Value: "Alice"}}}))
	}
	if _, err := w.flows.Answer(t.Context(), answer); err == nil || !strings.Contains(err.Error(), "Invalid session for the user.") {
		t.Fatal(err)
	}
	u, err := w.users.Find(t.Context(), w.app.Pool, "alice")
	if err != nil || u.Status != user.ForceChangePassword || u.Attributes.Value("name") != "Alice" || u.Attributes.Has("nickname") {
		t.Errorf("%+v, %v", u, err)
	}
	// Nothing was spent: the person tries again.
	if r, err := w.flows.Answer(t.Context(), answer); err != nil || r.Tokens == nil {
		t.Errorf("%+v, %v", r, err)
	}
}
