package attacks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// admin asks the operators' address.
func (w *world) admin(path string, query url.Values) string {
	w.t.Helper()
	r := httptest.NewRecorder()
	w.dep.Admin().ServeHTTP(r, httptest.NewRequest(http.MethodGet, path+"?"+query.Encode(), nil))
	if r.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, r.Code, r.Body)
	}
	return r.Body.String()
}

type auditRecord struct{ Account, Operation, Principal, Resource, RequestID, SourceIP string }

func (w *world) audit(query url.Values) (list []auditRecord) {
	w.t.Helper()
	var out struct{ Records, Denials []auditRecord }
	if err := json.Unmarshal([]byte(w.admin("/_cenote/audit", query)), &out); err != nil {
		w.t.Fatal(err)
	}
	return append(out.Records, out.Denials...)
}

// eventually waits for what happens behind a request.
func (w *world) eventually(done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("it does not happen")
		}
	}
}

// Whoever changes something is named, with the first use of an access key as
// with every other; whoever is refused changes nothing, and is named, too.
func TestChangesNameWhoMadeThem(t *testing.T) {
	w := serve(t, options{})
	ann := w.user("ann", everything)
	const arn = "arn:aws:iam::" + home + ":user/ann"
	first := w.query(ann, "iam", "Action=CreateGroup&GroupName=first")
	first.ok(t, nil)
	w.query(ann, "iam", "Action=CreateGroup&GroupName=second").ok(t, nil)
	stranger := w.query(w.roots[abroad], "iam", "Action=DeleteGroup&GroupName=first")
	stranger.refused(t, "another account", "NoSuchEntity", "")
	bob := w.user("bob", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}]}`)
	denied := w.query(bob, "iam", "Action=DeleteGroup&GroupName=first")
	denied.refused(t, "a user without permission", "AccessDenied", "")

	made := w.audit(url.Values{"operation": {"iam:CreateGroup"}})
	for i, name := range []string{"second", "first"} {
		if len(made) != 2 {
			t.Fatalf("records %+v", made)
		}
		if r := made[i]; r.Account != home || r.Principal != arn || r.Resource != "arn:aws:iam::"+home+":group/"+name || r.SourceIP != "127.0.0.1" {
			t.Errorf("record %+v", r)
		}
	}
	if id := first.header.Get("x-amzn-RequestId"); made[1].RequestID != id {
		t.Errorf("record of request %s: %+v", id, made[1])
	}
	if got := w.audit(url.Values{"operation": {"iam:DeleteGroup"}}); len(got) != 0 {
		t.Errorf("records of changes that were not made: %+v", got)
	}
	w.eventually(func() bool { return len(w.audit(url.Values{"denied": {"true"}, "operation": {"iam:DeleteGroup"}})) > 0 })
	for _, r := range w.audit(url.Values{"denied": {"true"}, "operation": {"iam:DeleteGroup"}}) {
		if r.Account != home || r.Principal != "arn:aws:iam::"+home+":user/bob" || r.RequestID != denied.header.Get("x-amzn-RequestId") {
			t.Errorf("denial %+v", r)
		}
	}
	for _, r := range w.audit(url.Values{"limit": {"1000"}}) {
		if r.Account == "" || r.Principal == "" {
			t.Errorf("nobody is named: %+v", r)
		}
	}
}

// What a denial says travels sealed: neither may it be changed, nor read by
// another account, nor can it be made to fill the reply.
func TestDenialsAreSealed(t *testing.T) {
	w := serve(t, options{})
	bob := w.user("bob", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`)
	form := "Action=TagUser&UserName=bob"
	for i := range 50 {
		form += fmt.Sprintf("&Tags.member.%d.Key=%s%d&Tags.member.%d.Value=%s", i+1, strings.Repeat("k", 100), i, i+1, strings.Repeat("v", 200))
	}
	r := w.query(bob, "iam", form)
	r.refused(t, "tags", "AccessDenied", "")
	message := r.header.Get("x-cenote-authorization-message")
	if message == "" || len(message) > 2048 {
		t.Fatalf("message of %d characters", len(message))
	}
	decode := func(as string, text string) reply {
		keys := w.roots[as]
		return w.query(keys, "sts", "Action=DecodeAuthorizationMessage&EncodedMessage="+url.QueryEscape(text))
	}
	decode(home, message).ok(t, nil)
	decode(abroad, message).refused(t, "another account", "InvalidAuthorizationMessageException", "")
	for i := 0; i < len(message); i += 97 {
		bent := []byte(message)
		if bent[i]++; bent[i] > 'y' || bent[i] < '0' {
			bent[i] = 'A'
		}
		if string(bent) != message {
			decode(home, string(bent)).refused(t, fmt.Sprintf("changed at %d", i), "InvalidAuthorizationMessageException", "")
		}
	}
	if other := serve(t, options{}); other != nil {
		other.query(other.roots[home], "sts", "Action=DecodeAuthorizationMessage&EncodedMessage="+url.QueryEscape(message)).
			refused(t, "another deployment", "InvalidAuthorizationMessageException", "")
	}
}
