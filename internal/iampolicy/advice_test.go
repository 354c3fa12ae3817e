package iampolicy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

func TestChanges(t *testing.T) {
	named := func(document, name, arn string) iampolicy.Source {
		s := load(t, doc(document))
		s.Name, s.ARN = name, arn
		return s
	}
	const object = "arn:aws:s3:::b/x"
	const managed = "arn:aws:iam::" + here + ":policy/Guard"
	wide := named(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, "wide", "")
	guard := named(`{"Sid":"Night","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, "Guard", managed)
	bound := named(`{"Effect":"Allow","Action":"iam:*","Resource":"*"}`, "Limit", "arn:aws:iam::"+here+":policy/Limit")
	near := named(`[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"},
		{"Sid":"Team","Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":["red","blue"]},"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]`, "near", "")
	for name, tt := range map[string]struct {
		set  iampolicy.Set
		want []string
	}{
		"allowed": {set: iampolicy.Set{Identity: []iampolicy.Source{wide}}},
		"denied": {
			set: iampolicy.Set{Identity: []iampolicy.Source{wide, guard}},
			want: []string{
				`Remove or narrow statement 1 (Night) of the identity-based policy ` + managed + `, which denies it; no allow outweighs a deny. ` +
					`It applies because Bool asks for aws:SecureTransport = "false", which is "false".`,
			},
		},
		"near misses": {
			set: iampolicy.Set{Identity: []iampolicy.Source{near}},
			want: []string{
				"Let statement 1 of the identity-based policy near cover the resource " + object + ".",
				`Meet the conditions of statement 2 (Team) of the identity-based policy near: StringEquals asks for aws:PrincipalTag/team = ["red", "blue"], which is not there.`,
				"Add an Allow of s3:GetObject on " + object + " to an identity-based policy of the principal.",
			},
		},
		"boundary": {
			set: iampolicy.Set{Identity: []iampolicy.Source{wide}, Boundary: &bound},
			want: []string{
				"Add an Allow of s3:GetObject on " + object + " to the principal's permissions boundary.",
			},
		},
		"session": {
			set: iampolicy.Set{Identity: []iampolicy.Source{wide}, Bounded: true},
			want: []string{
				"Begin the session with a session policy that has an Allow of s3:GetObject on " + object + "; a session that has begun cannot be widened.",
			},
		},
		"wrong principal": {
			set: iampolicy.Set{Identity: []iampolicy.Source{wide}, Trust: true, Resource: new(named(`{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject"}`, "app", ""))},
			want: []string{
				"Let statement 1 of the role trust policy app name the principal.",
				"Add a statement to the role's trust policy that allows s3:GetObject to the principal.",
			},
		},
	} {
		q := iampolicy.Question{Principal: user(), Action: "s3:GetObject", Resource: object, Keys: iampolicy.Values{"aws:securetransport": {"false"}}}
		e := iampolicy.Explain(&q, &tt.set)
		if diff := cmp.Diff(tt.want, e.Changes()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
