package iampolicy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// doc completes a policy document of the current version.
func doc(statements string) string {
	return `{"Version":"2012-10-17","Statement":` + statements + `}`
}

func message(err error) string {
	var m *iampolicy.Malformed
	if errors.As(err, &m) {
		return m.Message
	}
	return ""
}

const (
	syntax     = "Syntax errors in policy."
	legacy     = "The policy failed legacy parsing"
	oldVersion = "Policy document must be version 2012-10-17 or greater."
	sids       = "Statement IDs (SID) in a single policy must be unique."
	noAction   = "Policy statement must contain actions."
	noResource = "Policy statement must contain resources."
	noVendor   = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	twoColons  = "Actions/Condition can contain only one colon."
	iamPath    = `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`
)

func TestManagedPolicyTexts(t *testing.T) {
	const bucket = `"arn:aws:s3:::b"`
	allow := func(rest string) string { return doc(`{"Effect":"Allow",` + rest + `}`) }
	for _, tt := range []struct{ name, doc, want string }{
		{"no JSON", `nothing`, syntax},
		{"empty", ``, syntax},
		{"two documents", doc(`{"Effect":"Allow","Action":"*","Resource":"*"}`) + `{}`, syntax},
		{"a list", `[]`, syntax},
		{"member twice", allow(`"Action":"s3:Get","Action":"s3:Put","Resource":` + bucket), syntax},
		{"nested deeper than any policy", strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat(`}`, 200), syntax},
		{"no version", `{"Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, oldVersion},
		{"old version", `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, oldVersion},
		{"no version before effect", `{"Statement":{"Effect":"denY","Action":"s3:L","Resource":` + bucket + `}}`, oldVersion},
		{"no version before dates", `{"Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateGreaterThan":{"a":"x"}}}}`, oldVersion},
		{"no version before sids", `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:L","Resource":` + bucket + `},{"Sid":"a","Effect":"Allow"}]}`, oldVersion},
		{"unknown version", `{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, syntax},
		{"version no string", `{"Version":2012,"Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, syntax},
		{"no statement", `{"Version":"2012-10-17"}`, syntax},
		{"empty statement list", doc(`[]`), syntax},
		{"statement is a word", doc(`["afd"]`), syntax},
		{"unknown element", `{"Version":"2012-10-17","Extra":"v","Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, syntax},
		{"unknown statement element", allow(`"Action":"s3:L","Extra":"v","Resource":` + bucket), syntax},
		{"id is a list", `{"Version":"2012-10-17","Id":["x"],"Statement":{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}}`, syntax},
		{"unknown effect", doc(`{"Effect":"Permit","Action":"s3:L","Resource":` + bucket + `}`), syntax},
		{"no effect", doc(`{"Action":"s3:L","Resource":` + bucket + `}`), syntax},
		{"sid is an object", allow(`"Sid":{},"Action":"s3:L","Resource":` + bucket), syntax},
		{"sid is a list", allow(`"Sid":[],"Action":"s3:L","Resource":` + bucket), syntax},
		{"action and not action", allow(`"Action":"iam:d","NotAction":"s3:L","Resource":` + bucket), syntax},
		{"empty action and not action", allow(`"Action":[],"NotAction":"s3:L","Resource":` + bucket), syntax},
		{"resource and empty not resource", allow(`"NotAction":"s3:L","Resource":` + bucket + `,"NotResource":[]`), syntax},
		{"resource and not resource", allow(`"Action":"s3:L","Resource":` + bucket + `,"NotResource":"*"`), syntax},
		{"nested action list", allow(`"Action":[[]],"Resource":` + bucket), syntax},
		{"action object", allow(`"Action":{},"Resource":` + bucket), syntax},
		{"resource object", allow(`"Action":"s3:L","Resource":{"a":` + bucket + `}`), syntax},
		{"object among resources", allow(`"Action":"s3:L","Resource":["adfdf",{}]`), syntax},
		{"condition list", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":[]`), syntax},
		{"condition word", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":"a"`), syntax},
		{"operator word", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"a":"b"}`), syntax},
		{"operator list", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateGreaterThan":[]}`), syntax},
		{"value object", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateGreaterThan":{"a":{}}}`), syntax},
		{"value null", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"StringEquals":{"a":null}}`), syntax},
		{"unknown operator", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"x":{"a":"1"}}`), syntax},
		{"two colons in a prefix", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"ForAnyValue::StringEqualsIfExists":{"a":"b"}}`), syntax},
		{"null with suffix", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"NullIfExists":{"a":"true"}}`), syntax},
		{"operator in other letters", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"stringequals":{"a":"b"}}`), syntax},

		{"effect in other letters", doc(`{"Effect":"denY","Action":"s3:L","Resource":` + bucket + `}`), legacy},
		{"effect before region", doc(`{"Effect":"allow","Resource":"arn:aws:s3:us-east-1::b"}`), legacy},
		{"effect before sids", doc(`[{"Sid":"a","Effect":"aLLow","Action":"s3:L","Resource":` + bucket + `},{"Sid":"a","Effect":"Allow"}]`), legacy},
		{"short ARN with a gap", allow(`"Action":"s3:L","Resource":"arn:aws:s3::b"`), legacy},
		{"short ARN before missing action", allow(`"Resource":"arn:aws:s3::b"`), legacy},
		{"short ARN in not resource", allow(`"Action":"s3:L","NotResource":"arn:aws:s3::b"`), legacy},
		{"ARN without service", allow(`"NotAction":"s3:L","Resource":"arn:aws::::b"`), legacy},
		{"short ARN without service", allow(`"Action":"s3:L","Resource":"arn:aws::fd"`), legacy},
		{"date word", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateGreaterThan":{"a":"sdf"}}`), legacy},
		{"date before missing action", allow(`"Condition":{"DateGreaterThan":{"a":"sdf"}}`), legacy},
		{"date before partition", allow(`"Action":"s3:L","Resource":"arn:error:s3:::b","Condition":{"DateGreaterThan":{"a":"sdf"}}`), legacy},
		{"month 13", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateLessThanEquals":{"a":"234-13"}}`), legacy},
		{"offset of one digit", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateLessThanEquals":{"a":"2016-12-13t2:00:00.593194+1"}}`), legacy},
		{"ten digits of fraction", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateLessThanEquals":{"a":"2016-12-13t2:00:00.1999999999+10:59"}}`), legacy},
		{"epoch beyond 64 bits", allow(`"Action":"s3:L","Resource":` + bucket + `,"Condition":{"DateLessThan":{"a":"9223372036854775808"}}`), legacy},

		{"same sid", doc(`[{"Sid":"a","Effect":"Allow","Action":"s3:L","Resource":` + bucket + `},{"Sid":"a","Effect":"Allow"}]`), sids},
		{"no action", allow(`"Resource":` + bucket), noAction},
		{"nothing but effect", doc(`{"Effect":"Allow"}`), noAction},
		{"empty action list", allow(`"Action":[],"Resource":` + bucket), noAction},
		{"no action in the first", doc(`[{"Effect":"Deny"},{"Effect":"Allow","Action":"s3:L","Resource":` + bucket + `}]`), noAction},
		{"no resource", allow(`"Action":"s3:L"`), noResource},
		{"empty resource list", allow(`"Action":"s3:L","Resource":[]`), noResource},

		{"action without vendor", allow(`"Action":"invalid","Resource":` + bucket), noVendor},
		{"vendor before resource", allow(`"Action":"invalid"`), noVendor},
		{"empty not action", allow(`"NotAction":"","Resource":` + bucket), noVendor},
		{"blank in vendor", allow(`"Action":"a a:ListBucket","Resource":` + bucket), "Vendor a a is not valid"},
		{"two colons", allow(`"Action":"s3:List:Bucket","Resource":` + bucket), twoColons},
		{"two colons in the second", doc(`[{"Effect":"Allow","Action":"s3s:L","Resource":` + bucket + `},{"Effect":"Allow","Action":"s:3s:L","Resource":` + bucket + `}]`), twoColons},

		{"resource word", allow(`"Action":"s3:L","Resource":"invalid resource"`), `Resource invalid resource must be in ARN format or "*".`},
		{"empty resource", allow(`"Action":"s3:L","Resource":""`), `Resource  must be in ARN format or "*".`},
		{"resource before two colons", allow(`"Action":"s:3:L","Resource":"sdf"`), `Resource sdf must be in ARN format or "*".`},
		{"partition alone", allow(`"NotAction":"s3s:L","Resource":"a:bsd"`), `Partition "bsd" is not valid for resource "arn:bsd:*:*:*:*".`},
		{"partition and service", allow(`"NotAction":"s3s:L","Resource":"a:b:cad"`), `Partition "b" is not valid for resource "arn:b:cad:*:*:*".`},
		{"eight parts", allow(`"NotAction":"s3s:L","Resource":"a:b:c:d:e:f:g:h"`), `Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".`},
		{"arn forgotten", allow(`"Action":"s3:L","Resource":"aws:s3:::b"`), `Partition "s3" is not valid for resource "arn:s3:::b:*".`},
		{"first of two partitions", allow(`"Action":"s3:L","Resource":["arn:error:s3:::b","arn:error:s3::b"]`), `Partition "error" is not valid for resource "arn:error:s3:::b".`},
		{"no service", allow(`"Action":"s3:L","Resource":"arn:aws"`), "Resource vendor must be fully qualified and cannot contain regexes."},
		{"IAM path", allow(`"Action":"s3:L","Resource":"arn:aws:iam:::b"`), iamPath},
		{"IAM region", allow(`"Action":"s3:L","Resource":"arn:aws:iam:us-east-1::b"`), "IAM resource arn:aws:iam:us-east-1::b cannot contain region information."},
		{"S3 region", allow(`"Action":"s3:L","Resource":"arn:aws:s3:us-east-1::b"`), "Resource arn:aws:s3:us-east-1::b can not contain region information."},
		{"principal", allow(`"Principal":"*","Action":"s3:L","Resource":` + bucket), "Policy document should not specify a principal."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := iampolicy.Parse(tt.doc, iampolicy.Managed)
			if got := message(err); got != tt.want || p != nil {
				t.Errorf("%s\ngot  %q\nwant %q", tt.doc, got, tt.want)
			}
		})
	}
}

func TestManagedPolicyAccepted(t *testing.T) {
	statement := func(s string) string { return doc(`{"Effect":"Allow",` + s + `}`) }
	for _, d := range []string{
		statement(`"Action":"s3:ListBucket","Resource":["arn:aws:s3:::b"]`),
		statement(`"Action":"iam: asdf safdsf af ","Resource":"arn:aws:s3:::b"`),
		statement(`"Action":"s3:L","Resource":["arn:aws:s3:::b","*"]`),
		statement(`"Action":"*","Resource":"arn:aws:s3:::b"`),
		statement(`"Action":"service-prefix:action-name","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2017-07-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2017-12-31T23:59:59Z"}}`),
		statement(`"Action":"s3:L","Resource":"arn:aws:iam:::user/b"`),
		statement(`"Action":"s3:L","Resource":"arn:aws:iam::111122223333:*"`),
		statement(`"Action":"s3:L","Resource":"arn:aws:s33:::b"`),
		statement(`"Action":"s3:L","Resource":"arn:aws:fdsasf"`),
		statement(`"Action":"s3:L","Resource":"arn:aws:s3:us-east-1:111122223333:accesspoint/a"`),
		statement(`"Action":"s3:L","Resource":"arn:aws:ec2:us-east-1::b"`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"Department"}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"DateGreaterThan":{}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"DateGreaterThan":{"a":[]}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"x":{},"y":{}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"StringEqualsIfExists":{"a":"b"}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"ForAnyValue:StringEqualsIfExists":{"a":"b"}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"x":3.5}}`),
		statement(`"Action":"s3:L","Resource":"*","Condition":{"DateLessThanEquals":{"a":["01T","2019-07-01T13:20:15Z","2016-12-13T21:20:37.593194+00:00","2016-12-13t2:00:00.593194+23","-292275054","1500000000"]}}`),
		statement(`"NotAction":"s3:L","NotResource":"*"`),
		statement(`"Action":"s3-s:L","Resource":"*"`),
		statement(`"Action":"s3.s:L","Resource":"*"`),
		doc(`[{"Sid":"","Effect":"Allow","Action":"s3:L","Resource":"*"},{"Sid":"","Effect":"Allow","Action":"s3:L","Resource":"*"}]`),
		`{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:L","Resource":"*"},{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::HR/Payroll","arn:aws:s3:::HR/Payroll/*"]}]}`,
	} {
		if _, err := iampolicy.Parse(d, iampolicy.Managed); err != nil {
			t.Errorf("%s: %v", d, err)
		}
	}
}

func TestInlinePoliciesMayBeOld(t *testing.T) {
	old := `{"Statement":{"Effect":"Allow","Action":"s3:L","Resource":"arn:aws:s3:::${aws:username}"}}`
	if _, err := iampolicy.Parse(old, iampolicy.Inline); err != nil {
		t.Errorf("inline policy without version: %v", err)
	}
	if _, err := iampolicy.Parse(doc(`{"Effect":"Allow","Action":"x","Resource":"*"}`), iampolicy.Inline); message(err) != noVendor {
		t.Errorf("inline policy: %v", err)
	}
}

func TestDocumentBounds(t *testing.T) {
	big := doc(`{"Effect":"Allow","Action":"s3:L","Resource":"*"}`) + strings.Repeat(" ", iampolicy.MaxDocument)
	if _, err := iampolicy.Parse(big, iampolicy.Managed); message(err) != syntax {
		t.Errorf("document of %d bytes: %v", len(big), err)
	}
	if _, err := iampolicy.Parse(doc("{\"Effect\":\"Allow\",\"Action\":\"s3:\xff\",\"Resource\":\"*\"}"), iampolicy.Managed); message(err) != syntax {
		t.Errorf("invalid UTF-8: %v", err)
	}
	if got := iampolicy.Size("{\n\t\"a\": \"b c\" }\r\n"); got != len(`{"a":"bc"}`) {
		t.Errorf("Size = %d", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(doc(`{"Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/${aws:username, 'x'}","Condition":{"ForAnyValue:StringLike":{"a":["b*"]}}}`))
	f.Add(doc(`[{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333"]},"NotAction":"sts:*","NotResource":"*"}]`))
	f.Add(doc(`{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`))
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []iampolicy.Kind{iampolicy.Managed, iampolicy.Inline, iampolicy.Trust} {
			p, err := iampolicy.Parse(text, kind)
			if err != nil {
				if message(err) == "" {
					t.Fatalf("refused without a sentence: %v", err)
				}
				continue
			}
			if p.Text() != text || p.Render(nil) != text {
				t.Fatal("text changed")
			}
			if _, err := iampolicy.Load(text); err != nil {
				t.Fatalf("accepted by Parse, refused by Load: %v", err)
			}
			q := iampolicy.Question{
				Principal: &iampolicy.Principal{Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/u"},
				Action:    "s3:GetObject", Resource: "arn:aws:s3:::b/k", Keys: iampolicy.Values{"aws:username": {"u"}},
			}
			source := iampolicy.Source{Policy: p}
			set := iampolicy.Set{Identity: []iampolicy.Source{source}, Resource: &source}
			if got := iampolicy.Explain(&q, &set); got.Decision != iampolicy.Evaluate(&q, &set) {
				t.Fatal("Explain and Evaluate differ")
			}
			identity := iampolicy.Set{Identity: []iampolicy.Source{source}}
			got := iampolicy.NewSimulator(&identity).Ask(&q)
			if got.Decision != iampolicy.Evaluate(&q, &identity) || (len(got.Matched) == 0) != (got.Outcome == iampolicy.ImplicitDeny) {
				t.Fatalf("simulated as %+v", got)
			}
			keys := p.ContextKeys()
			for _, key := range got.Missing {
				if !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) }) {
					t.Fatalf("%s is missing, and not asked for", key)
				}
			}
			if got.Outcome == iampolicy.Allowed && !p.GrantsService("s3") {
				t.Fatal("allows an action of a service that it does not open")
			}
		}
	})
}
