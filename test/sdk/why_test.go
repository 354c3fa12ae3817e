package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// decision is what a development server tells of a question of permission.
type decision struct {
	RequestID, Account, Operation, Principal, Action, Resource, Outcome, Layer, Reason string
	Statements                                                                         []struct {
		Layer, Policy, Sid, Miss string
		Matched                  bool
		Conditions               []struct {
			Key            string
			Wanted, Actual []string
			Holds          bool
		}
	}
	Changes []string
}

// why asks a development server, and returns what it said, too.
func (w *world) why(t *testing.T, query url.Values) ([]decision, string) {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL()+"/_cenote/why?"+query.Encode(), nil))(t)
	res := must(w.Client().Do(req))(t)
	defer res.Body.Close()
	body := must(io.ReadAll(res.Body))(t)
	var answer struct{ Decisions []decision }
	if res.StatusCode != http.StatusOK {
		return nil, string(body)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return answer.Decisions, string(body)
}

func requestID(t *testing.T, err error) url.Values {
	t.Helper()
	e, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || e.ServiceRequestID() == "" {
		t.Fatalf("no request id: %v", err)
	}
	return url.Values{"request": {e.ServiceRequestID()}}
}

// TestWhyARoleWasNotGiven explains the riddle of every identity pool: a trust
// policy that does not fit, where nobody has signed.
func TestWhyARoleWasNotGiven(t *testing.T) {
	w := development(t)
	p := w.people(t, w.alpha, west)
	i := w.identities(t, w.beta, tokyo, p)
	login := p.login(p.signIn("alice").IdToken)
	alice := i.id(login)
	i.role(authRole, trust(elsewhere, "authenticated"), allow("*", "*"))
	_, err := i.tryKeys(alice, login)
	for name, err := range map[string]error{"by the identity pool": err, "by STS": func() error { _, err := i.assume(alice, login, authRole); return err }()} {
		decisions, text := w.why(t, requestID(t, err))
		if len(decisions) != 1 {
			t.Errorf("%s: %s", name, text)
			continue
		}
		d := decisions[0]
		if d.Principal != "cognito-identity.amazonaws.com" || d.Account != w.beta.account || d.Action != "sts:AssumeRoleWithWebIdentity" || d.Resource != i.roleARN(authRole) ||
			d.Outcome != "implicitDeny" || d.Layer != "role trust policy" || len(d.Statements) != 1 || d.Statements[0].Miss != "condition" {
			t.Errorf("%s: %+v", name, d)
			continue
		}
		found := false
		for _, c := range d.Statements[0].Conditions {
			found = found || c.Key == "cognito-identity.amazonaws.com:aud" && !c.Holds && c.Wanted[0] == elsewhere && len(c.Actual) == 1 && c.Actual[0] == i.pool
		}
		if !found {
			t.Errorf("%s: conditions %+v", name, d.Statements[0].Conditions)
		}
		for _, token := range login {
			if strings.Contains(text, token) {
				t.Errorf("%s: the token is told", name)
			}
		}
	}
}

// The caller is not told that a role is missing; operators are. Every node on
// a database knows the denials of the others.
func TestWhyOnAnotherNode(t *testing.T) {
	database := postgres(t)
	one, two := development(t, database), development(t, database)
	ann := one.userKeys(t, one.alpha, "ann", allow("sts:*", "*"))
	role := one.newRole(t, one.alpha, "here", trustAccount(one.beta.account, ""), allow("*", "*"))
	abroad := one.newRole(t, one.beta, "abroad", trustAccount(one.beta.account, ""), allow("*", "*"))
	must(one.iam(one.beta.keys).TagRole(t.Context(), &iam.TagRoleInput{RoleName: aws.String("abroad"), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}))(t)
	texts := map[string]string{}
	const untrusted, missing = "because no role trust policy allows the sts:AssumeRole action", "because there is no such role"
	for arn, reason := range map[string]string{role: untrusted, role + "-or-there": missing, abroad: untrusted, abroad + "-or-there": missing} {
		_, err := one.sts(ann).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("ses")})
		refusedCode(t, arn, err, "AccessDenied", "User: arn:aws:iam::"+one.alpha.account+":user/ann is not authorized to perform: sts:AssumeRole on resource: "+arn)
		m := must(one.decode(t, one.alpha.keys, denialMessage(t, err)))(t)
		var keys []string
		for _, c := range m.Context.Conditions.Items {
			keys = append(keys, c.Key)
		}
		texts[arn] = fmt.Sprint(m.ExplicitDeny, m.MatchedStatements.Items, keys)
		query := requestID(t, err)
		for name, w := range map[string]*world{"the node that was asked": one, "another node": two} {
			d, text := w.why(t, query)
			for deadline := time.Now().Add(20 * time.Second); len(d) == 0 && time.Now().Before(deadline); d, text = w.why(t, query) {
				time.Sleep(10 * time.Millisecond)
			}
			if len(d) != 1 || d[0].Outcome != "implicitDeny" || d[0].Layer != "role trust policy" || d[0].Reason != reason || len(d[0].Changes) == 0 {
				t.Errorf("%s, %s: %s", name, arn, text)
			}
		}
	}
	for _, arn := range []string{role, abroad} {
		if texts[arn] != texts[arn+"-or-there"] {
			t.Errorf("the caller can tell the two apart:\n%s\n%s", texts[arn], texts[arn+"-or-there"])
		}
	}
}

// A development server explains what it allowed, too, and hypothetical
// questions; and it tells nothing to the pages of strangers.
func TestWhyInDevelopment(t *testing.T) {
	w := development(t)
	ann := w.userKeys(t, w.alpha, "ann", allow("iam:ListUsers", "*"))
	out := must(w.iam(ann).ListUsers(t.Context(), &iam.ListUsersInput{}))(t)
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	if d, text := w.why(t, url.Values{"request": {id}}); len(d) != 1 || d[0].Outcome != "allowed" || d[0].Operation != "iam:ListUsers" || len(d[0].Changes) != 0 {
		t.Errorf("allowed: %s", text)
	}
	role := w.newRole(t, w.alpha, "app", trustAccount(w.alpha.account, ""), allow("s3:GetObject", "arn:aws:s3:::b/*"))
	session := "arn:aws:sts::" + w.alpha.account + ":assumed-role/app/session"
	red := w.userKeys(t, w.alpha, "red", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}`)
	tagged := map[string]string{}
	for kind, r := range w.taggables(t) {
		if name := must(r.create(w.alpha.keys, "tagged", map[string]string{"team": "red"}))(t); strings.HasPrefix(name, "arn:") && kind != "MFA device" {
			tagged[kind] = name
			if err := r.read(red, name); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	tagged["role"], tagged["user"] = "arn:aws:iam::"+w.alpha.account+":role/tagged", "arn:aws:iam::"+w.alpha.account+":user/tagged"
	for kind, name := range tagged {
		query := url.Values{"principal": {"arn:aws:iam::" + w.alpha.account + ":user/red"}, "action": {"x:Read"}, "resource": {name}}
		if d, text := w.why(t, query); len(d) != 1 || d[0].Outcome != "allowed" {
			t.Errorf("%s with its tag: %s", kind, text)
		}
		query.Set("context", "aws:ResourceTag/Team=blue")
		if d, text := w.why(t, query); len(d) != 1 || d[0].Outcome != "implicitDeny" {
			t.Errorf("%s with another: %s", kind, text)
		}
		query.Del("context")
		query.Set("resource", name+"x")
		if d, text := w.why(t, query); len(d) != 1 || d[0].Outcome != "implicitDeny" {
			t.Errorf("%s that there is not: %s", kind, text)
		}
	}
	for name, tt := range map[string]struct {
		principal, action, resource, want string
	}{
		"a role":                       {role, "s3:GetObject", "arn:aws:s3:::b/x", "allowed"},
		"a session":                    {session, "s3:GetObject", "arn:aws:s3:::b/x", "allowed"},
		"another resource":             {session, "s3:GetObject", "arn:aws:s3:::c/x", "implicitDeny"},
		"another account's":            {session, "s3:GetObject", "arn:aws:iam::" + w.beta.account + ":role/x", "implicitDeny"},
		"a user, the role":             {"arn:aws:iam::" + w.alpha.account + ":user/ann", "sts:AssumeRole", role, "implicitDeny"},
		"the other account, the role":  {w.beta.account, "sts:AssumeRole", role, "implicitDeny"},
		"the root user, by its number": {w.alpha.account, "iam:DeleteUser", "*", "allowed"},
	} {
		query := url.Values{"principal": {tt.principal}, "action": {tt.action}, "resource": {tt.resource}}
		if d, text := w.why(t, query); len(d) != 1 || d[0].Outcome != tt.want {
			t.Errorf("%s: %s", name, text)
		}
	}
	for name, query := range map[string]url.Values{
		"nothing":             {},
		"no action":           {"principal": {role}},
		"a pattern":           {"principal": {role}, "action": {"s3:*"}},
		"a context without =": {"principal": {role}, "action": {"s3:GetObject"}, "context": {"aws:SourceIp"}},
		"nobody":              {"principal": {role + "x"}, "action": {"s3:GetObject"}},
		"a group":             {"principal": {"arn:aws:iam::" + w.alpha.account + ":group/x"}, "action": {"s3:GetObject"}},
	} {
		if d, text := w.why(t, query); d != nil {
			t.Errorf("%s: %s", name, text)
		}
	}
	for header, value := range map[string]string{"Origin": "https://evil.example.com", "Host": "evil.example.com", "Sec-Fetch-Site": "cross-site"} {
		for _, path := range []string{"/_cenote/why?request=" + id, "/_cenote/audit"} {
			req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL()+path, nil))(t)
			if req.Header.Set(header, value); header == "Host" {
				req.Host = value
			}
			res := must(w.Client().Do(req))(t)
			if res.Body.Close(); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s: %s: %s", path, header, value, res.Status)
			}
		}
	}
	// Production has neither.
	serving := production(t)
	for _, path := range []string{"/_cenote/why?request=" + id, "/_cenote/audit"} {
		res := must(serving.Client().Get(serving.URL() + path))(t)
		if res.Body.Close(); res.StatusCode != http.StatusNotFound {
			t.Errorf("in production, %s: %s", path, res.Status)
		}
	}
	_, err := w.sts(ann).GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String(ann.AccessKeyID)})
	if d, text := w.why(t, requestID(t, err)); len(d) != 1 || d[0].Outcome != "implicitDeny" || strings.Contains(text, ann.SecretAccessKey) {
		t.Errorf("denied: %s", text)
	}
}
