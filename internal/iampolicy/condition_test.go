package iampolicy_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// allowed evaluates one identity policy for a user.
func allowed(t *testing.T, document, action, resource string, keys iampolicy.Values) bool {
	t.Helper()
	p, err := iampolicy.Load(document)
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	q := iampolicy.Question{Principal: user(), Action: action, Resource: resource, Keys: keys}
	return iampolicy.Evaluate(&q, &iampolicy.Set{Identity: []iampolicy.Source{{Policy: p}}}).Outcome == iampolicy.Allowed
}

func TestConditions(t *testing.T) {
	v := func(values ...string) iampolicy.Values { return iampolicy.Values{"k": values} }
	none := iampolicy.Values{}
	for _, tt := range []struct {
		condition string
		keys      iampolicy.Values
		want      bool
	}{
		{`"StringEquals":{"k":"a"}`, v("a"), true},
		{`"StringEquals":{"K":"a"}`, v("a"), true},
		{`"StringEquals":{"k":"a"}`, v("A"), false},
		{`"StringEquals":{"k":"a*"}`, v("ab"), false},
		{`"StringEquals":{"k":["b","a"]}`, v("a"), true},
		{`"StringEquals":{"k":[]}`, v("a"), false},
		{`"StringEquals":{"k":"a"}`, none, false},
		{`"StringEquals":{"k":""}`, v(""), true},
		{`"StringEqualsIfExists":{"k":"a"}`, none, true},
		{`"StringEqualsIfExists":{"k":"a"}`, v("b"), false},
		{`"StringNotEquals":{"k":"a"}`, v("b"), true},
		{`"StringNotEquals":{"k":["a","b"]}`, v("b"), false},
		{`"StringNotEquals":{"k":"a"}`, none, true},
		{`"StringEqualsIgnoreCase":{"k":"Äb"}`, v("äB"), true},
		{`"StringNotEqualsIgnoreCase":{"k":"a"}`, v("A"), false},
		{`"StringLike":{"k":"a*c?"}`, v("abbcd"), true},
		{`"StringLike":{"k":"a*c?"}`, v("abbc"), false},
		{`"StringLike":{"k":"authenticated"}`, v("unauthenticated"), false},
		{`"StringNotLike":{"k":"a*"}`, v("ab"), false},
		{`"StringEquals":{"k":"a"},"StringLike":{"k":"b*"}`, v("a"), false},
		{`"StringEquals":{"k":"a","l":"b"}`, iampolicy.Values{"k": {"a"}, "l": {"b"}}, true},
		{`"StringEquals":{"k":"a","l":"b"}`, v("a"), false},
		{``, none, true},
		{`"Unknown":{}`, none, true},

		{`"NumericEquals":{"k":10}`, v("10.0"), true},
		{`"NumericEquals":{"k":"10"}`, v("ten"), false},
		{`"NumericNotEquals":{"k":"10"}`, v("ten"), true},
		{`"NumericLessThan":{"k":"10"}`, v("9.99"), true},
		{`"NumericLessThan":{"k":"10"}`, v("10"), false},
		{`"NumericLessThanEquals":{"k":"-1"}`, v("-1"), true},
		{`"NumericGreaterThan":{"k":"1"}`, v("0x10"), false},
		{`"NumericGreaterThan":{"k":"1"}`, v("inf"), false},
		{`"NumericGreaterThanEquals":{"k":"1"}`, v("1"), true},
		{`"NumericEquals":{"k":"*"}`, v("1"), false},

		{`"DateEquals":{"k":"2026-01-02T03:04:05Z"}`, v("2026-01-02T05:04:05+02:00"), true},
		{`"DateEquals":{"k":"0"}`, v("1970-01-01"), true},
		{`"DateLessThan":{"k":"2026-01-02T03:04Z"}`, v("2026-01-02T03:03:59.5Z"), true},
		{`"DateLessThan":{"k":"2026-01-02"}`, v("2026-01-02T00:00:00Z"), false},
		{`"DateLessThanEquals":{"k":"2026-01-02"}`, v("2026-01-02T00:00:00Z"), true},
		{`"DateGreaterThan":{"k":"1500000000"}`, v("2026-01-01T00:00:00Z"), true},
		{`"DateGreaterThan":{"k":"2026"}`, v("2026-01-01T00:00:00Z"), true}, // 2026 seconds after 1970
		{`"DateGreaterThanEquals":{"k":"9223372036854775807"}`, v("2026-01-01T00:00:00Z"), false},
		{`"DateNotEquals":{"k":"2026-01-02"}`, v("yesterday"), true},

		{`"Bool":{"k":"true"}`, v("TRUE"), true},
		{`"Bool":{"k":true}`, v("true"), true},
		{`"Bool":{"k":"true"}`, v("1"), false},
		{`"Bool":{"k":"false"}`, none, false},
		{`"BoolIfExists":{"k":"false"}`, none, true},
		{`"BinaryEquals":{"k":"YWI="}`, v("YWI="), true},
		{`"BinaryEquals":{"k":"YWI="}`, v("YWM="), false},
		{`"BinaryEquals":{"k":"??"}`, v("??"), false},

		{`"IpAddress":{"k":"203.0.113.0/24"}`, v("203.0.113.9"), true},
		{`"IpAddress":{"k":"203.0.113.9/24"}`, v("203.0.113.77"), true},
		{`"IpAddress":{"k":"203.0.113.9"}`, v("203.0.113.9"), true},
		{`"IpAddress":{"k":"203.0.113.9"}`, v("203.0.113.10"), false},
		{`"IpAddress":{"k":"203.0.113.0/24"}`, v("::ffff:203.0.113.9"), true},
		{`"IpAddress":{"k":"2001:db8::/32"}`, v("203.0.113.9"), false},
		{`"IpAddress":{"k":"2001:db8::/32"}`, v("2001:db8:1::1"), true},
		{`"IpAddress":{"k":"everywhere"}`, v("203.0.113.9"), false},
		{`"NotIpAddress":{"k":"203.0.113.0/24"}`, v("198.51.100.1"), true},
		{`"NotIpAddress":{"k":"203.0.113.0/24"}`, v("nowhere"), true},

		{`"ArnLike":{"k":"arn:aws:iam::*:role/a*"}`, v("arn:aws:iam::111122223333:role/app/x"), true},
		{`"ArnEquals":{"k":"arn:aws:iam::*:role/a*"}`, v("arn:aws:iam::111122223333:role/app"), true},
		{`"ArnLike":{"k":"arn:aws:*:role/a"}`, v("arn:aws:iam::111122223333:role/a"), false},
		{`"ArnLike":{"k":"arn:*:iam::111122223333:*"}`, v("arn:aws:s3:x:iam::111122223333:y"), false},
		{`"ArnLike":{"k":"*"}`, v("arn:aws:iam::111122223333:role/a"), true},
		{`"ArnLike":{"k":"arn:aws:sns:*:*:t:*"}`, v("arn:aws:sns:eu-west-1:1:t:u:v"), true},
		{`"ArnNotLike":{"k":"arn:aws:iam::*:role/a"}`, v("arn:aws:iam::1:role/b"), true},
		{`"ArnNotEquals":{"k":"arn:aws:iam::*:role/a"}`, v("arn:aws:iam::1:role/a"), false},
		{`"ArnLike":{"k":"arn:aws:iam::*:role/a"}`, v("no arn"), false},

		{`"Null":{"k":"true"}`, none, true},
		{`"Null":{"k":"true"}`, v(), true},
		{`"Null":{"k":"true"}`, v("a"), false},
		{`"Null":{"k":"false"}`, v("a"), true},
		{`"Null":{"k":false}`, none, false},
		{`"Null":{"k":"maybe"}`, none, false},

		{`"ForAllValues:StringEquals":{"k":["a","b"]}`, v("a", "b", "a"), true},
		{`"ForAllValues:StringEquals":{"k":["a","b"]}`, v("a", "c"), false},
		{`"ForAllValues:StringEquals":{"k":"a"}`, none, true},
		{`"ForAllValues:StringEquals":{"k":"a"}`, v(), true},
		{`"ForAnyValue:StringEquals":{"k":["a","b"]}`, v("c", "b"), true},
		{`"ForAnyValue:StringEquals":{"k":"a"}`, none, false},
		{`"ForAnyValue:StringEqualsIfExists":{"k":"a"}`, none, true},
		{`"ForAllValues:StringEqualsIfExists":{"k":"a"}`, v("b"), false},
		{`"ForAllValues:StringNotEquals":{"k":["a","b"]}`, v("c", "d"), true},
		{`"ForAllValues:StringNotEquals":{"k":["a","b"]}`, v("c", "a"), false},
		{`"ForAnyValue:StringNotEquals":{"k":["a","b"]}`, v("a", "c"), true},
		{`"ForAnyValue:StringNotEquals":{"k":["a","b"]}`, v("a", "b"), false},
		{`"ForAnyValue:StringNotEquals":{"k":"a"}`, none, false},
		{`"StringEquals":{"k":"a"}`, v("b", "a"), true},
		{`"StringNotEquals":{"k":"a"}`, v("b", "a"), false},
	} {
		document := doc(`{"Effect":"Allow","Action":"s3:Get","Resource":"*","Condition":{` + tt.condition + `}}`)
		if got := allowed(t, document, "s3:Get", "*", tt.keys); got != tt.want {
			t.Errorf("{%s} with k=%q: %v, want %v", tt.condition, tt.keys["k"], got, tt.want)
		}
	}
}

func TestVariables(t *testing.T) {
	keys := iampolicy.Values{
		"aws:username": {"ann"}, "star": {"*"}, "mark": {"?"}, "many": {"a", "b"}, "blank": {""},
		"aws:principaltag/team": {"red"}, "k": {"ann"}, "literal": {"a*b"}, "arn": {"arn:aws:iam::1:role/a"},
	}
	for _, tt := range []struct {
		rest, resource string
		want           bool
	}{
		{`"Resource":"arn:aws:s3:::b/${aws:username}/*"`, "arn:aws:s3:::b/ann/x", true},
		{`"Resource":"arn:aws:s3:::b/${aws:username}/*"`, "arn:aws:s3:::b/bob/x", false},
		{`"Resource":"arn:aws:s3:::b/${AWS:UserName}"`, "arn:aws:s3:::b/ann", true},
		{`"Resource":"arn:aws:s3:::b/${aws:PrincipalTag/Team}"`, "arn:aws:s3:::b/red", true},
		{`"Resource":"arn:aws:s3:::b/${star}"`, "arn:aws:s3:::b/anything", false},
		{`"Resource":"arn:aws:s3:::b/${star}"`, "arn:aws:s3:::b/*", true},
		{`"Resource":"arn:aws:s3:::b/${mark}"`, "arn:aws:s3:::b/x", false},
		{`"Resource":"arn:aws:s3:::b/${*}"`, "arn:aws:s3:::b/x", false},
		{`"Resource":"arn:aws:s3:::b/${*}"`, "arn:aws:s3:::b/*", true},
		{`"Resource":"arn:aws:s3:::b/${?}${$}"`, "arn:aws:s3:::b/?$", true},
		{`"Resource":"arn:aws:s3:::b/${absent}"`, "arn:aws:s3:::b/", false},
		{`"Resource":"arn:aws:s3:::b/${absent, 'all'}"`, "arn:aws:s3:::b/all", true},
		{`"Resource":"arn:aws:s3:::b/${aws:username,'all'}"`, "arn:aws:s3:::b/ann", true},
		{`"Resource":"arn:aws:s3:::b/${absent, '*'}"`, "arn:aws:s3:::b/x", false},
		{`"Resource":"arn:aws:s3:::b/${absent, all}"`, "arn:aws:s3:::b/all", false},
		{`"Resource":"arn:aws:s3:::b/${many}"`, "arn:aws:s3:::b/a", false},
		{`"Resource":"arn:aws:s3:::b/${blank}x"`, "arn:aws:s3:::b/x", true},
		{`"Resource":"arn:aws:s3:::b/${open"`, "arn:aws:s3:::b/${open", true},
		{`"Resource":"arn:aws:s3:${aws:username}::b"`, "arn:aws:s3:ann::b", false},
		{`"NotResource":"arn:aws:s3:::b/${aws:username}"`, "arn:aws:s3:::b/ann", false},
		{`"NotResource":"arn:aws:s3:::b/${absent}"`, "arn:aws:s3:::b/ann", true},
		{`"Resource":"*","Condition":{"StringEquals":{"k":"${aws:username}"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"StringEquals":{"k":"${aws:username}x"}}`, "arn:aws:s3:::b", false},
		{`"Resource":"*","Condition":{"StringNotEquals":{"k":"${absent}"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"StringLike":{"k":"${star}"}}`, "arn:aws:s3:::b", false},
		{`"Resource":"*","Condition":{"StringLike":{"k":"${aws:username}*"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"StringLike":{"literal":"a${*}b"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"StringLike":{"k":"a${*}n"}}`, "arn:aws:s3:::b", false},
		{`"Resource":"*","Condition":{"ArnLike":{"arn":"${arn}"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"ArnLike":{"arn":"arn:aws:iam::1:role/${absent, 'a'}"}}`, "arn:aws:s3:::b", true},
		{`"Resource":"*","Condition":{"ArnLike":{"arn":"${star}"}}`, "arn:aws:s3:::b", false},
		{`"Resource":"*","Condition":{"NumericEquals":{"k":"${aws:username}"}}`, "arn:aws:s3:::b", false},
	} {
		document := doc(`{"Effect":"Allow","Action":"s3:Get",` + tt.rest + `}`)
		if got := allowed(t, document, "s3:Get", tt.resource, keys); got != tt.want {
			t.Errorf("%s for %s: %v, want %v", tt.rest, tt.resource, got, tt.want)
		}
	}
	old := `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:s3:::${aws:username}"}}`
	if allowed(t, old, "s3:Get", "arn:aws:s3:::ann", keys) || !allowed(t, old, "s3:Get", "arn:aws:s3:::${aws:username}", keys) {
		t.Error("the old version has variables")
	}
}

func TestActionsAndResources(t *testing.T) {
	const object = "arn:aws:s3:::b/dir/key:1"
	for _, tt := range []struct {
		statement, action, resource string
		want                        bool
	}{
		{`"Action":"S3:getOBJECT","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"s3:Get*","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"s3:Get?bject","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"s3:*","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"*:GetObject","Resource":"*"`, "s3:GetObject", object, true},
		{`"Action":"s3:Put*","Resource":"*"`, "s3:GetObject", object, false},
		{`"Action":"s3:GetObject, s3:Put*","Resource":"*"`, "s3:GetObject", object, false},
		{`"Action":" s3:GetObject","Resource":"*"`, "s3:GetObject", object, false},
		{`"Action":"s3:GetObject ","Resource":"*"`, "s3:GetObject", object, false},
		{`"Action":"s3:","Resource":"*"`, "s3:GetObject", object, false},
		{`"Action":"s3","Resource":"*"`, "s3:GetObject", object, false},
		{`"NotAction":"s3:Put*","Resource":"*"`, "s3:GetObject", object, true},
		{`"NotAction":["iam:*","s3:Get*"],"Resource":"*"`, "s3:GetObject", object, false},
		{`"NotAction":" s3:GetObject","Resource":"*"`, "s3:GetObject", object, true},

		{`"Action":"*","Resource":"arn:aws:s3:::b/*"`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"arn:aws:s3:::b/*:?"`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"arn:aws:s3:::B/*"`, "s3:GetObject", object, false},
		{`"Action":"*","Resource":"arn:aws:s3:*:*:b/*"`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"arn:aws:*:b/*"`, "s3:GetObject", object, false},
		{`"Action":"*","Resource":"arn:aws:s3"`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"arn:aws:s3:::*"`, "s3:ListAllMyBuckets", "*", false},
		{`"Action":"*","Resource":"*"`, "s3:ListAllMyBuckets", "*", true},
		{`"Action":"*","NotResource":"arn:aws:s3:::b/*"`, "s3:GetObject", object, false},
		{`"Action":"*","NotResource":"arn:aws:s3:::c/*"`, "s3:GetObject", object, true},
		{`"Action":"*","NotResource":"arn:aws:s3:::b/*"`, "s3:ListAllMyBuckets", "*", true},
		{`"Action":"*","Resource":["arn:aws:sqs:*:*:q","arn:aws:s3:::b/dir/*"]`, "s3:GetObject", object, true},
		{`"Action":"*","Resource":"arn:aws:cognito-idp:*:111122223333:userpool/us-east-?_*"`, "cognito-idp:AdminGetUser", "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_AbC", true},
		{`"Action":"*","Resource":"arn:aws:cognito-idp:us-west-2:*:userpool/*"`, "cognito-idp:AdminGetUser", "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_AbC", false},
	} {
		if got := allowed(t, doc(`{"Effect":"Allow",`+tt.statement+`}`), tt.action, tt.resource, nil); got != tt.want {
			t.Errorf("%s: %s on %s: %v, want %v", tt.statement, tt.action, tt.resource, got, tt.want)
		}
	}
}
