package iampolicy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Positions are those of answers that AWS has given for such documents.
func TestSimulatorPositions(t *testing.T) {
	indented := func(by string) string {
		return "{\n" + by + `"Version": "2012-10-17",` + "\n" + by + `"Statement": [` + "\n" + by + by + "{\n" + by + by + by + `"Effect": "Allow",` +
			"\n" + by + by + by + `"Action": "*",` + "\n" + by + by + by + `"Resource": "*"` + "\n" + by + by + "}\n" + by + "]\n}"
	}
	for _, c := range []struct{ doc, want string }{
		{indented("  "), "3:17-8:6"},
		{indented("    "), "3:19-8:10"},
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "1:38-1:84"},
		{`{"Version": "2012-10-17", "Statement": [{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "1:41-1:87"},
		{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, "1:37-1:83"},
	} {
		p, err := iampolicy.Parse(c.doc, iampolicy.Managed)
		if err != nil {
			t.Fatal(err)
		}
		s := iampolicy.NewSimulator(&iampolicy.Set{Identity: []iampolicy.Source{{Policy: p}}})
		got := s.Ask(&iampolicy.Question{Principal: user(), Action: "s3:GetObject", Resource: "*", Keys: iampolicy.Values{}})
		if len(got.Matched) != 1 {
			t.Fatalf("%s: %+v", c.doc, got)
		}
		m := got.Matched[0]
		if at := fmt.Sprintf("%d:%d-%d:%d", m.Start.Line, m.Start.Column, m.End.Line, m.End.Column); at != c.want {
			t.Errorf("%s\nstands at %s, want %s", c.doc, at, c.want)
		}
	}
}

func TestContextKeys(t *testing.T) {
	statement := `{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::${aws:username}/${*}","arn:aws:s3:::${aws:PrincipalTag/team, 'none'}"],
		"Condition":{"StringLike":{"s3:prefix":["${cognito-identity.amazonaws.com:sub}/*","${AWS:username}","${"]},"Null":{"aws:SourceIp":"true"}}}`
	for version, want := range map[string][]string{
		"2012-10-17": {"s3:prefix", "aws:SourceIp", "aws:username", "aws:PrincipalTag/team", "cognito-identity.amazonaws.com:sub"},
		"2008-10-17": {"s3:prefix", "aws:SourceIp"}, // in which "${" is plain text
	} {
		p, err := iampolicy.Load(`{"Version":"` + version + `","Statement":` + statement + `}`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.ContextKeys()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
}

func TestGrantsService(t *testing.T) {
	for _, c := range []struct {
		statement string
		s3, sqs   bool
	}{
		{`"Effect":"Allow","Action":"*"`, true, true},
		{`"Effect":"Allow","Action":"S3:Get*"`, true, false},
		{`"Effect":"Allow","Action":"s?:*"`, true, false},
		{`"Effect":"Allow","Action":"s*:*"`, true, true},
		{`"Effect":"Deny","Action":"*"`, false, false},
		{`"Effect":"Allow","NotAction":"s3:GetObject"`, true, true},
		{`"Effect":"Allow","NotAction":["s3:*","iam:*"]`, false, true},
		{`"Effect":"Allow","NotAction":"*"`, false, false},
	} {
		p, err := iampolicy.Load(doc("{" + c.statement + `,"Resource":"*"}`))
		if err != nil {
			t.Fatal(err)
		}
		if s3, sqs := p.GrantsService("s3"), p.GrantsService("sqs"); s3 != c.s3 || sqs != c.sqs {
			t.Errorf("%s: s3 %t, sqs %t", c.statement, s3, sqs)
		}
	}
}
