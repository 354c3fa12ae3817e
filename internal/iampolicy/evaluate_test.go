package iampolicy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

const (
	here  = "111122223333"
	there = "444455556666"
	roleA = "AROAQAAAAAAAAAAAAAAAA"
	userU = "AIDAQAAAAAAAAAAAAAAAA"
)

func user() *iampolicy.Principal {
	return &iampolicy.Principal{Account: here, ARN: "arn:aws:iam::" + here + ":user/u", ID: userU}
}

func session() *iampolicy.Principal {
	return &iampolicy.Principal{
		Account: here, ARN: "arn:aws:sts::" + here + ":assumed-role/r/s",
		RoleARN: "arn:aws:iam::" + here + ":role/p/r", ID: roleA,
	}
}

func federated() *iampolicy.Principal {
	return &iampolicy.Principal{
		Account: here, ARN: "arn:aws:sts::" + here + ":federated-user/f",
		UserARN: "arn:aws:iam::" + here + ":user/u", ID: userU,
	}
}

func anonymous() *iampolicy.Principal { return &iampolicy.Principal{} }

func root() *iampolicy.Principal {
	return &iampolicy.Principal{Account: here, ARN: "arn:aws:iam::" + here + ":root", Root: true}
}

func load(t *testing.T, document string) iampolicy.Source {
	t.Helper()
	p, err := iampolicy.Load(document)
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return iampolicy.Source{Policy: p}
}

// layered builds a set from one letter a layer: "a" allows s3:Get, "d" denies
// it, "-" is a policy about something else, "" is no policy at all.
func layered(t *testing.T, identity, boundary, sess string) iampolicy.Set {
	t.Helper()
	policy := func(letter string) iampolicy.Source {
		switch letter {
		case "a":
			return load(t, doc(`{"Effect":"Allow","Action":"s3:Get","Resource":"*"}`))
		case "d":
			return load(t, doc(`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Get","Resource":"*"}]`))
		}
		return load(t, doc(`{"Effect":"Allow","Action":"s3:Put","Resource":"*"}`))
	}
	var set iampolicy.Set
	if identity != "" {
		set.Identity = []iampolicy.Source{policy(identity)}
	}
	if boundary != "" {
		set.Boundary = new(policy(boundary))
	}
	if sess != "" {
		set.Session, set.Bounded = []iampolicy.Source{policy(sess)}, true
	}
	return set
}

func TestLayers(t *testing.T) {
	for _, tt := range []struct {
		identity, boundary, session string
		want                        string
	}{
		{"", "", "", "because no identity-based policy allows the s3:Get action"},
		{"-", "", "", "because no identity-based policy allows the s3:Get action"},
		{"a", "", "", ""},
		{"d", "", "", "with an explicit deny in an identity-based policy"},
		{"a", "a", "", ""},
		{"a", "-", "", "because no permissions boundary allows the s3:Get action"},
		{"a", "d", "", "with an explicit deny in a permissions boundary"},
		{"-", "-", "", "because no permissions boundary allows the s3:Get action"},
		{"-", "a", "", "because no identity-based policy allows the s3:Get action"},
		{"a", "", "a", ""},
		{"a", "", "-", "because no session policy allows the s3:Get action"},
		{"a", "", "d", "with an explicit deny in a session policy"},
		{"-", "", "a", "because no identity-based policy allows the s3:Get action"},
		{"a", "a", "a", ""},
		{"d", "d", "d", "with an explicit deny in an identity-based policy"},
	} {
		set := layered(t, tt.identity, tt.boundary, tt.session)
		q := iampolicy.Question{Principal: session(), Action: "s3:Get", Resource: "*", Keys: iampolicy.Values{}}
		if got := iampolicy.Evaluate(&q, &set).Reason("s3:Get"); got != tt.want {
			t.Errorf("identity %q boundary %q session %q: %q, want %q", tt.identity, tt.boundary, tt.session, got, tt.want)
		}
	}
}

func TestBoundedSessionWithoutPolicies(t *testing.T) {
	set := layered(t, "a", "", "")
	set.Bounded = true
	q := iampolicy.Question{Principal: federated(), Action: "s3:Get", Resource: "*", Keys: iampolicy.Values{}}
	if d := iampolicy.Evaluate(&q, &set); d.Outcome != iampolicy.ImplicitDeny || d.Layer != iampolicy.SessionLayer {
		t.Errorf("%+v", d)
	}
	set.Session = []iampolicy.Source{
		load(t, doc(`{"Effect":"Allow","Action":"s3:Put","Resource":"*"}`)),
		load(t, doc(`{"Effect":"Allow","Action":"s3:Get","Resource":"*"}`)),
	}
	if d := iampolicy.Evaluate(&q, &set); d.Outcome != iampolicy.Allowed {
		t.Errorf("second session policy allows: %+v", d)
	}
}

func TestDenyNamesManagedPolicy(t *testing.T) {
	set := layered(t, "d", "", "")
	set.Identity[0].ARN = "arn:aws:iam::" + here + ":policy/NoGet"
	q := iampolicy.Question{Principal: user(), Action: "s3:Get", Resource: "*", Keys: iampolicy.Values{}}
	d := iampolicy.Evaluate(&q, &set)
	if got, want := d.Reason("s3:Get"), "with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/NoGet"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if d.Statement != 1 || d.Source != &set.Identity[0] {
		t.Errorf("%+v", d)
	}
}

func TestRoot(t *testing.T) {
	q := iampolicy.Question{Principal: root(), Action: "s3:Get", Resource: "arn:aws:s3:::b", Account: here, Keys: iampolicy.Values{}}
	if d := iampolicy.Evaluate(&q, &iampolicy.Set{Root: true}); d.Outcome != iampolicy.Allowed {
		t.Errorf("root: %+v", d)
	}
	q.Account = there
	if d := iampolicy.Evaluate(&q, &iampolicy.Set{Root: true}); d.Outcome != iampolicy.ImplicitDeny || d.Layer != iampolicy.ResourceLayer {
		t.Errorf("root in another account: %+v", d)
	}
	q.Account = here
	deny := load(t, doc(`{"Effect":"Deny","Principal":{"AWS":"`+here+`"},"Action":"*","Resource":"*"}`))
	if d := iampolicy.Evaluate(&q, &iampolicy.Set{Root: true, Resource: &deny}); d.Outcome != iampolicy.ExplicitDeny {
		t.Errorf("root denied by the resource: %+v", d)
	}
}

// TestResourcePolicies is the table of the user guide: what a resource policy
// that names the caller in some way is worth in the same account, and across.
func TestResourcePolicies(t *testing.T) {
	const (
		account    = `{"AWS":"` + here + `"}`
		rootOf     = `{"AWS":"arn:aws:iam::` + here + `:root"}`
		everyone   = `"*"`
		anyAWS     = `{"AWS":"*"}`
		theUser    = `{"AWS":"arn:aws:iam::` + here + `:user/u"}`
		theRole    = `{"AWS":"arn:aws:iam::` + here + `:role/p/r"}`
		theSession = `{"AWS":"arn:aws:sts::` + here + `:assumed-role/r/s"}`
		theFed     = `{"AWS":"arn:aws:sts::` + here + `:federated-user/f"}`
		provider   = `{"Federated":"cognito-identity.amazonaws.com"}`
		service    = `{"Service":"email.example.com"}`
		someone    = `{"AWS":"arn:aws:iam::` + here + `:user/v"}`
	)
	web := &iampolicy.Principal{Federated: "cognito-identity.amazonaws.com"}
	svc := &iampolicy.Principal{Service: "email.example.com"}
	for _, tt := range []struct {
		name              string
		who               *iampolicy.Principal
		policy            string
		identity, b, sess string
		owner             string
		want              bool
	}{
		{"account delegates, identity allows", user(), account, "a", "", "", here, true},
		{"account delegates, identity silent", user(), account, "-", "", "", here, false},
		{"root ARN delegates, boundary silent", user(), rootOf, "a", "-", "", here, false},
		{"account delegates, session silent", session(), account, "a", "", "-", here, false},
		{"user named", user(), theUser, "", "", "", here, true},
		{"user named, boundary silent", user(), theUser, "", "-", "", here, true},
		{"user named, boundary denies", user(), theUser, "", "d", "", here, false},
		{"user named, identity denies", user(), theUser, "d", "", "", here, false},
		{"another user named", user(), someone, "a", "", "", here, true}, // by identity alone
		{"another user named, identity silent", user(), someone, "-", "", "", here, false},
		{"role named", session(), theRole, "", "", "", here, true},
		{"role named, boundary silent", session(), theRole, "", "-", "", here, false},
		{"role named, session silent", session(), theRole, "", "", "-", here, false},
		{"session named, boundary silent", session(), theSession, "", "-", "", here, true},
		{"session named, session policy silent", session(), theSession, "", "", "-", here, true},
		{"session named, session policy denies", session(), theSession, "", "", "d", here, false},
		{"everyone, user, boundary silent", user(), everyone, "", "-", "", here, true},
		{"everyone, session policy silent", session(), anyAWS, "", "", "-", here, false},
		{"everyone, anonymous", anonymous(), everyone, "", "", "", here, true},
		{"any AWS principal, anonymous", anonymous(), anyAWS, "", "", "", here, true},
		{"account, anonymous", anonymous(), account, "", "", "", here, false},
		{"everyone, web identity", web, everyone, "", "", "", here, false},
		{"provider, web identity", web, provider, "", "", "", here, true},
		{"provider, user", user(), provider, "", "", "", here, false},
		{"service", svc, service, "", "", "", here, true},
		{"federated user's user named", federated(), theUser, "", "", "a", here, true},
		{"federated user's user named, session silent", federated(), theUser, "", "", "-", here, false},
		{"federated user named", federated(), theFed, "", "", "-", here, true},

		{"across, both", user(), theUser, "a", "", "", there, true},
		{"across, account named", user(), account, "a", "", "", there, true},
		{"across, only the resource", user(), theUser, "", "", "", there, false},
		{"across, only the identity", user(), someone, "a", "", "", there, false},
		{"across, session named, boundary silent", session(), theSession, "a", "-", "", there, false},
		{"across, everyone, session silent", session(), everyone, "a", "", "-", there, false},
	} {
		set := layered(t, tt.identity, tt.b, tt.sess)
		resource := load(t, doc(`{"Effect":"Allow","Principal":`+tt.policy+`,"Action":"s3:Get","Resource":"*"}`))
		set.Resource = &resource
		q := iampolicy.Question{Principal: tt.who, Action: "s3:Get", Resource: "arn:aws:s3:::b", Account: tt.owner, Keys: iampolicy.Values{}}
		if got := iampolicy.Evaluate(&q, &set).Outcome == iampolicy.Allowed; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestNotPrincipal(t *testing.T) {
	deny := func(principals string) string {
		return doc(`[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","NotPrincipal":` + principals + `,"Action":"*","Resource":"*"}]`)
	}
	allow := func(principals string) string {
		return doc(`{"Effect":"Allow","NotPrincipal":` + principals + `,"Action":"*","Resource":"*"}`)
	}
	const (
		userOnly    = `{"AWS":"arn:aws:iam::` + here + `:user/u"}`
		userWhole   = `{"AWS":["arn:aws:iam::` + here + `:user/u","` + here + `"]}`
		roleWhole   = `{"AWS":["arn:aws:iam::` + here + `:role/p/r","arn:aws:sts::` + here + `:assumed-role/r/s","` + here + `"]}`
		roleNoSess  = `{"AWS":["arn:aws:iam::` + here + `:role/p/r","` + here + `"]}`
		accountOnly = `{"AWS":"` + here + `"}`
	)
	for _, tt := range []struct {
		name, doc string
		who       *iampolicy.Principal
		boundary  string
		want      bool
	}{
		{"user without account", deny(userOnly), user(), "", false},
		{"user and account", deny(userWhole), user(), "", true},
		{"user and account, with a boundary", deny(userWhole), user(), "a", false},
		{"role without session", deny(roleNoSess), session(), "", false},
		{"role, session and account", deny(roleWhole), session(), "", true},
		{"root", deny(accountOnly), root(), "", true},
		{"anonymous", deny(userWhole), anonymous(), "", false},
		{"allow others", allow(`{"AWS":"` + there + `"}`), user(), "", true},
		{"allow others, anonymous", allow(`{"AWS":"` + there + `"}`), anonymous(), "", true},
		{"allow all but this", allow(userOnly), user(), "", false},
	} {
		set := layered(t, "", tt.boundary, "")
		set.Root = tt.who.Root
		resource := load(t, tt.doc)
		set.Resource = &resource
		q := iampolicy.Question{Principal: tt.who, Action: "s3:Get", Resource: "arn:aws:s3:::b", Account: here, Keys: iampolicy.Values{}}
		if got := iampolicy.Evaluate(&q, &set).Outcome == iampolicy.Allowed; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestStatementWithoutPrincipalNeverMatchesAResource(t *testing.T) {
	resource := load(t, doc(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
	q := iampolicy.Question{Principal: user(), Action: "s3:Get", Resource: "*", Keys: iampolicy.Values{}}
	if d := iampolicy.Evaluate(&q, &iampolicy.Set{Resource: &resource}); d.Outcome == iampolicy.Allowed {
		t.Errorf("%+v", d)
	}
}

func TestTrustPolicies(t *testing.T) {
	const (
		roleARN = "arn:aws:iam::" + here + ":role/target"
		assume  = "sts:AssumeRole"
		web     = "sts:AssumeRoleWithWebIdentity"
	)
	cognito := doc(`{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"` + web + `","Condition":{
		"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-west-2:p"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}`)
	caller := func(p *iampolicy.Principal) *iampolicy.Principal { return p }
	webCaller := caller(&iampolicy.Principal{Federated: "cognito-identity.amazonaws.com"})
	aud := func(pool string, amr ...string) iampolicy.Values {
		return iampolicy.Values{"cognito-identity.amazonaws.com:aud": {pool}, "cognito-identity.amazonaws.com:amr": amr}
	}
	trusts := func(principal string) string {
		return doc(`{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}`)
	}
	stranger := &iampolicy.Principal{Account: there, ARN: "arn:aws:iam::" + there + ":user/x", ID: "AIDAX"}
	for _, tt := range []struct {
		name     string
		who      *iampolicy.Principal
		trust    string
		identity string // policy document, or ""
		action   string
		keys     iampolicy.Values
		reason   string
	}{
		{"signed in", webCaller, cognito, "", web, aud("us-west-2:p", "authenticated", "cognito-idp.us-west-2.amazonaws.com/x"), ""},
		{"guest", webCaller, cognito, "", web, aud("us-west-2:p", "unauthenticated"), "because no role trust policy allows the sts:AssumeRoleWithWebIdentity action"},
		{"another pool", webCaller, cognito, "", web, aud("us-west-2:q", "authenticated"), "because no role trust policy allows the sts:AssumeRoleWithWebIdentity action"},
		{"another action", webCaller, cognito, "", "sts:TagSession", aud("us-west-2:p", "authenticated"), "because no role trust policy allows the sts:TagSession action"},
		{"another provider", &iampolicy.Principal{Federated: "accounts.google.com"}, cognito, "", web, aud("us-west-2:p", "authenticated"), "because no role trust policy allows the sts:AssumeRoleWithWebIdentity action"},

		{"user named", user(), trusts("arn:aws:iam::" + here + ":user/u"), "", assume, nil, ""},
		{"account named, identity allows", user(), trusts(here), doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"` + roleARN + `"}`), assume, nil, ""},
		{"account named, identity silent", user(), trusts(here), "", assume, nil, "because no identity-based policy allows the sts:AssumeRole action"},
		{"not named, identity allows", user(), trusts("arn:aws:iam::" + here + ":user/v"), doc(`{"Effect":"Allow","Action":"*","Resource":"*"}`), assume, nil, "because no role trust policy allows the sts:AssumeRole action"},
		{"role session by role", session(), trusts("arn:aws:iam::" + here + ":role/p/r"), "", assume, nil, ""},
		{"role session by itself", session(), trusts("arn:aws:sts::" + here + ":assumed-role/r/s"), "", assume, nil, ""},
		{"another session", session(), trusts("arn:aws:sts::" + here + ":assumed-role/r/t"), "", assume, nil, "because no role trust policy allows the sts:AssumeRole action"},
		{"stranger named, identity allows", stranger, trusts("arn:aws:iam::" + there + ":user/x"), doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`), assume, nil, ""},
		{"stranger named, identity silent", stranger, trusts("arn:aws:iam::" + there + ":user/x"), "", assume, nil, "because no identity-based policy allows the sts:AssumeRole action"},
		{"external id", stranger, doc(`{"Effect":"Allow","Principal":{"AWS":"` + there + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x1"}}}`), doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`), assume, iampolicy.Values{"sts:externalid": {"x2"}}, "because no role trust policy allows the sts:AssumeRole action"},
		{"explicit deny", user(), doc(`[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]`), "", assume, nil, "with an explicit deny in the role trust policy"},
	} {
		trust := load(t, tt.trust)
		set := iampolicy.Set{Resource: &trust, Trust: true}
		if tt.identity != "" {
			set.Identity = []iampolicy.Source{load(t, tt.identity)}
		}
		q := iampolicy.Question{Principal: tt.who, Action: tt.action, Resource: roleARN, Account: here, Keys: tt.keys}
		if got := iampolicy.Evaluate(&q, &set).Reason(tt.action); got != tt.reason {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.reason)
		}
	}
}

func TestBoundPrincipalsAreMatchedById(t *testing.T) {
	const arn = "arn:aws:iam::" + here + ":role/p/r"
	const sessionARN = "arn:aws:sts::" + here + ":assumed-role/r/s"
	for _, named := range []string{arn, sessionARN} {
		p, err := iampolicy.Parse(doc(`{"Effect":"Allow","Principal":{"AWS":"`+named+`"},"Action":"sts:AssumeRole"}`), iampolicy.Trust)
		if err != nil {
			t.Fatal(err)
		}
		ask := func(p *iampolicy.Policy, who *iampolicy.Principal) bool {
			q := iampolicy.Question{Principal: who, Action: "sts:AssumeRole", Resource: arn, Keys: iampolicy.Values{}}
			return iampolicy.Evaluate(&q, &iampolicy.Set{Resource: &iampolicy.Source{Policy: p}, Trust: true}).Outcome == iampolicy.Allowed
		}
		bound := p.Bind(map[string]string{named: roleA})
		if !ask(bound, session()) {
			t.Errorf("%s: the role itself is refused", named)
		}
		again := session()
		again.ID = "AROAQBBBBBBBBBBBBBBBB"
		if ask(bound, again) {
			t.Errorf("%s: a re-created role is let in", named)
		}
		if !ask(p, again) {
			t.Errorf("%s: Bind changed the original", named)
		}
	}
	byID := load(t, doc(`{"Effect":"Allow","Principal":{"AWS":"`+roleA+`"},"Action":"sts:AssumeRole"}`))
	q := iampolicy.Question{Principal: session(), Action: "sts:AssumeRole", Resource: arn, Keys: iampolicy.Values{}}
	if d := iampolicy.Evaluate(&q, &iampolicy.Set{Resource: &byID, Trust: true}); d.Outcome != iampolicy.Allowed {
		t.Errorf("named by unique id: %+v", d)
	}
}

func TestExplain(t *testing.T) {
	source := load(t, "{\"Version\":\"2012-10-17\",\"Statement\":[\n"+
		"  {\"Sid\":\"Mine\",\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::b/${aws:username}/*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"203.0.113.0/24\"}}},\n"+
		"  {\"Sid\":\"Other\",\"Effect\":\"Allow\",\"Action\":\"s3:Put*\",\"Resource\":\"*\"},\n"+
		"  {\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::secret/*\"}]}")
	source.Name = "inline"
	q := iampolicy.Question{
		Principal: user(), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/u/x",
		Keys: iampolicy.Values{"aws:username": {"u"}, "aws:sourceip": {"198.51.100.1"}},
	}
	got := iampolicy.Explain(&q, &iampolicy.Set{Identity: []iampolicy.Source{source}})
	want := iampolicy.Explanation{
		Decision: iampolicy.Decision{Layer: iampolicy.IdentityLayer},
		Action:   "s3:GetObject", Resource: "arn:aws:s3:::b/u/x",
		Statements: []iampolicy.StatementTrace{
			{
				Layer: iampolicy.IdentityLayer, Policy: "inline", Sid: "Mine", Miss: iampolicy.MissCondition,
				Conditions: []iampolicy.ConditionTrace{{
					Operator: "IpAddress", Key: "aws:SourceIp", Wanted: []string{"203.0.113.0/24"},
					Present: true, Actual: []string{"198.51.100.1"},
				}},
				Start: iampolicy.Position{Line: 2, Column: 3}, End: iampolicy.Position{Line: 2, Column: 159},
			},
			{
				Layer: iampolicy.IdentityLayer, Policy: "inline", Index: 2, Deny: true, Miss: iampolicy.MissResource,
				Start: iampolicy.Position{Line: 4, Column: 3}, End: iampolicy.Position{Line: 4, Column: 71},
			},
		},
	}
	for i, begins := range []string{`{"Sid":"Mine",`, `{"Effect":"Deny",`} {
		if text := got.Statements[i].Text; !strings.HasPrefix(text, begins) || !strings.HasSuffix(text, "}") {
			t.Errorf("text of statement %d: %s", i, text)
		}
		got.Statements[i].Text = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestHostilePatterns would not end within the test's time if a match went
// back over its asterisks.
func TestHostilePatterns(t *testing.T) {
	pattern := strings.Repeat("a*", 500) + "b"
	value := strings.Repeat("a", 20000)
	document := doc(`{"Effect":"Allow","Action":"x:y","Resource":"*","Condition":{"StringLike":{"k":"` + pattern + `"}}}`)
	if allowed(t, document, "x:y", "*", iampolicy.Values{"k": {value}}) {
		t.Error("matched")
	}
	if !allowed(t, document, "x:y", "*", iampolicy.Values{"k": {value + "b"}}) {
		t.Error("did not match")
	}
}

// A trust policy that names a user, bound to the user's id, does not take the
// user's federated sessions for the user: what bounds them still does.
func TestBoundUserIsNotTheFederatedUser(t *testing.T) {
	named := "arn:aws:iam::" + here + ":user/u"
	p := load(t, doc(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"`+named+`"}}`)).Policy
	for name, trust := range map[string]*iampolicy.Policy{"bound": p.Bind(map[string]string{named: userU}), "by name": p} {
		for who, tt := range map[string]struct {
			principal *iampolicy.Principal
			bounded   bool
			want      iampolicy.Outcome
		}{
			"user":                      {user(), false, iampolicy.Allowed},
			"federated user":            {federated(), true, iampolicy.ImplicitDeny},
			"federated user, not bound": {federated(), false, iampolicy.Allowed},
			"another user":              {&iampolicy.Principal{Account: here, ARN: "arn:aws:iam::" + here + ":user/v", ID: "AIDAQAAAAAAAAAAAAAAAB"}, false, iampolicy.ImplicitDeny},
			"another's federated user":  {&iampolicy.Principal{Account: here, ARN: federated().ARN, UserARN: "arn:aws:iam::" + here + ":user/v", ID: "AIDAQAAAAAAAAAAAAAAAB"}, false, iampolicy.ImplicitDeny},
		} {
			q := iampolicy.Question{Principal: tt.principal, Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + here + ":role/r", Account: here, Keys: iampolicy.Values{}}
			set := iampolicy.Set{Trust: true, Resource: &iampolicy.Source{Policy: trust}, Bounded: tt.bounded}
			if d := iampolicy.Evaluate(&q, &set); d.Outcome != tt.want {
				t.Errorf("%s, %s: %v", name, who, d.Outcome)
			}
		}
	}
}
