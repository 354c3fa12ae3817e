package awsjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

func decode[In, Out any](t *testing.T, op awsapi.Op[In, Out], body string) *In {
	t.Helper()
	v, err := awsjson.Decode(op.Operation, []byte(body))
	if err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	in, ok := v.(*In)
	if !ok {
		t.Fatalf("decoded into %T", v)
	}
	return in
}

func TestAbsentNullAndEmptyStayApart(t *testing.T) {
	in := decode(t, cognitoidp.UpdateUserPoolClient, `{
		"UserPoolId": "us-west-2_abc", "ClientName": "", "RefreshTokenValidity": 0,
		"CallbackURLs": [], "LogoutURLs": null, "EnableTokenRevocation": false, "DefaultRedirectURI": null,
		"SupportedIdentityProviders": ["COGNITO"]
	}`)
	want := &cognitoidp.UpdateUserPoolClientRequest{
		UserPoolId: new("us-west-2_abc"), ClientName: new(""), RefreshTokenValidity: new(int64(0)),
		CallbackURLs: []string{}, EnableTokenRevocation: new(false), SupportedIdentityProviders: []string{"COGNITO"},
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMapsDropNullAndKeepEmpty(t *testing.T) {
	in := decode(t, cognitoidp.InitiateAuth, `{"AuthParameters":{"USERNAME":"jane","DEVICE_KEY":null,"PASSWORD":""},"ClientMetadata":{}}`)
	if diff := cmp.Diff(map[string]string{"USERNAME": "jane", "PASSWORD": ""}, in.AuthParameters); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if in.ClientMetadata == nil {
		t.Error("an empty map became an absent one")
	}
}

func TestMembersOfLowerCase(t *testing.T) {
	in := decode(t, cognitoidp.AdminInitiateAuth, `{"ContextData":{"HttpHeaders":[{"headerName":"h","headerValue":"v"},{"HeaderName":"x"}]}}`)
	want := []cognitoidp.HttpHeader{{HeaderName: new("h"), HeaderValue: new("v")}, {}}
	if diff := cmp.Diff(want, in.ContextData.HttpHeaders); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUnknownMembersAreSkipped(t *testing.T) {
	in := decode(t, cognitoidp.DescribeUserPool, `{"x":{"y":[1,-2.5e3,"\u00e9",true,null,{"z":{}}]},"userpoolid":"no","UserPoolId":"us-west-2_abc"}`)
	if got := awsapi.Value(in.UserPoolId); got != "us-west-2_abc" {
		t.Errorf("UserPoolId = %q", got)
	}
}

func TestEmptyBodyIsAnEmptyObject(t *testing.T) {
	if diff := cmp.Diff(&cognitoidp.ListUserPoolsRequest{}, decode(t, cognitoidp.ListUserPools, "")); diff != "" {
		t.Error(diff)
	}
}

func TestStrings(t *testing.T) {
	for body, want := range map[string]string{
		`"plain"`:                    "plain",
		`"\"\\\/\b\f\n\r\t"`:         "\"\\/\b\f\n\r\t",
		`"caf\u00E9 \ud83d\ude00"`:   "café 😀",
		`"café 😀"`:                   "café 😀",
		`"` + "\u2028\u007f" + `"`:   "\u2028\u007f",
		`"a\u0000b"`:                 "a\x00b",
		"\"tail after escape\\n é\"": "tail after escape\n é",
	} {
		in := decode(t, cognitoidp.DescribeUserPool, `{"UserPoolId": `+body+` }`)
		if got := awsapi.Value(in.UserPoolId); got != want {
			t.Errorf("%s read as %q, want %q", body, got, want)
		}
	}
}

func TestNumbersAreTruncated(t *testing.T) {
	for body, want := range map[string]int64{"0": 0, "-0": 0, "60": 60, "1.9": 1, "-1.9": -1, "6e1": 60, "2147483647": 1<<31 - 1, "-2147483648.5": -1 << 31} {
		in := decode(t, cognitoidp.ListUsers, `{"Limit":`+body+`}`)
		if got := awsapi.Value(in.Limit); got != want {
			t.Errorf("%s read as %d, want %d", body, got, want)
		}
	}
	in := decode(t, cognitoidentity.GetOpenIdTokenForDeveloperIdentity, `{"TokenDuration":4294967296}`)
	if got := awsapi.Value(in.TokenDuration); got != 1<<32 {
		t.Errorf("a long of 33 bits read as %d", got)
	}
}

func TestTimestamps(t *testing.T) {
	want := time.Date(2024, 12, 9, 1, 2, 3, 456_000_000, time.UTC)
	for _, body := range []string{"1733706123.456", "1.733706123456E9", `"2024-12-09T01:02:03.456Z"`, `"2024-12-09T02:02:03.456+01:00"`} {
		var got time.Time
		v, err := awsjson.Decode(fakeInput, []byte(`{"CreationDate":`+body+`}`))
		if err == nil {
			got = awsapi.Value(v.(*cognitoidp.GroupType).CreationDate)
		}
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s read as %v, %v", body, got, err)
		}
	}
}

// fakeInput lets tests read a structure that no operation takes as input.
var fakeInput = func() *awsapi.Operation {
	type group = cognitoidp.GroupType
	op := *cognitoidp.GetGroup.Operation
	op.Input = typeOf[group]()
	return &op
}()

func TestRefusals(t *testing.T) {
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	for _, tc := range []struct{ name, body, want string }{
		{"number for string", `{"UserPoolId":5}`, "NUMBER_VALUE can not be converted to a String"},
		{"true for string", `{"UserPoolId":true}`, "TRUE_VALUE can not be converted to a String"},
		{"false for string", `{"UserPoolId":false}`, "FALSE_VALUE can not be converted to a String"},
		{"list for string", `{"UserPoolId":["a"]}`, "Start of list found where not expected"},
		{"object for string", `{"UserPoolId":{}}`, "Start of structure or map found where not expected."},
		{"string for integer", `{"Limit":"5"}`, "STRING_VALUE can not be converted to an Integer"},
		{"true for integer", `{"Limit":true}`, "TRUE_VALUE can not be converted to an Integer"},
		{"33 bits for integer", `{"Limit":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{"huge exponent", `{"Limit":1e400}`, "NUMBER_VALUE can not be converted to an Integer"},
		{"string for list", `{"AttributesToGet":"a"}`, "Unexpected value type in payload"},
		{"object for list", `{"AttributesToGet":{}}`, "Start of structure or map found where not expected."},
		{"null in list", `{"AttributesToGet":[null]}`, "A list must not contain null."},
		{"same member twice", `{"UserPoolId":"a","UserPoolId":"a"}`, "The member UserPoolId appears twice."},
		{"same member twice, once null", `{"UserPoolId":null,"UserPoolId":"a"}`, "The member UserPoolId appears twice."},
		{"same member twice, once escaped", `{"UserPoolId":"a","User\u0050oolId":"b"}`, "The member UserPoolId appears twice."},
		{"top is a list", `[]`, "Start of list found where not expected"},
		{"top is a string", `"x"`, "Unexpected value type in payload"},
		{"top is null", `null`, "Unexpected value type in payload"},
		{"too deep", `{"x":` + deep + `}`, "The request body nests deeper than 64 levels."},
		{"two values", `{}{}`, "not valid JSON"},
		{"cut off", `{"UserPoolId":"a"`, "not valid JSON"},
		{"cut off in string", `{"UserPoolId":"a`, "not valid JSON"},
		{"cut off in escape", `{"UserPoolId":"a\`, "not valid JSON"},
		{"cut off in list", `{"AttributesToGet":["a"`, "not valid JSON"},
		{"trailing comma", `{"UserPoolId":"a",}`, "not valid JSON"},
		{"trailing comma in list", `{"AttributesToGet":["a",]}`, "not valid JSON"},
		{"leading comma", `{,"UserPoolId":"a"}`, "not valid JSON"},
		{"missing comma", `{"UserPoolId":"a" "Limit":1}`, "not valid JSON"},
		{"missing colon", `{"UserPoolId" "a"}`, "not valid JSON"},
		{"bare name", `{UserPoolId:"a"}`, "not valid JSON"},
		{"single quotes", `{'UserPoolId':'a'}`, "not valid JSON"},
		{"comment", `{/**/}`, "not valid JSON"},
		{"leading zero", `{"Limit":01}`, "not valid JSON"},
		{"plus sign", `{"Limit":+1}`, "not valid JSON"},
		{"no digit after point", `{"Limit":1.}`, "not valid JSON"},
		{"no digit after e", `{"Limit":1e}`, "not valid JSON"},
		{"NaN", `{"Limit":NaN}`, "not valid JSON"},
		{"wrong literal", `{"UserPoolId":nul}`, "not valid JSON"},
		{"line end in string", "{\"UserPoolId\":\"a\nb\"}", "not valid JSON"},
		{"line end after escape", "{\"UserPoolId\":\"\\ta\nb\"}", "not valid JSON"},
		{"unknown escape", `{"UserPoolId":"\x"}`, "not valid JSON"},
		{"half a surrogate pair", `{"UserPoolId":"\ud83d"}`, "not valid JSON"},
		{"surrogates in the wrong order", `{"UserPoolId":"\ude00\ud83d"}`, "not valid JSON"},
		{"bad hex", `{"UserPoolId":"\u00g0"}`, "not valid JSON"},
		{"not UTF-8", "{\"UserPoolId\":\"\xff\"}", "not valid JSON"},
		{"not UTF-8 after escape", "{\"UserPoolId\":\"\\t\xff\"}", "not valid JSON"},
		{"broken in an unknown member", `{"x":[1,}`, "not valid JSON"},
		{"byte order mark", "\ufeff{}", "Unexpected value type in payload"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := awsjson.Decode(cognitoidp.ListUsers.Operation, []byte(tc.body))
			e, ok := awsapi.AsError(err)
			if !ok || e.Shape != awsapi.Serialization || !strings.Contains(e.Message, tc.want) {
				t.Fatalf("answered %+v, %v; want a SerializationException with %q", v, err, tc.want)
			}
		})
	}
}

func TestRefusalsByType(t *testing.T) {
	for _, tc := range []struct {
		op         *awsapi.Operation
		body, want string
	}{
		{cognitoidp.InitiateAuth.Operation, `{"AuthParameters":{"USERNAME":"a","USERNAME":"b"}}`, "A key appears twice."},
		{cognitoidp.InitiateAuth.Operation, `{"AuthParameters":[]}`, "Start of list found where not expected"},
		{cognitoidp.InitiateAuth.Operation, `{"AuthParameters":{"USERNAME":1}}`, "NUMBER_VALUE can not be converted to a String"},
		{cognitoidp.AdminCreateUser.Operation, `{"ForceAliasCreation":"true"}`, "STRING_VALUE can not be converted to a Boolean"},
		{cognitoidp.AdminCreateUser.Operation, `{"ForceAliasCreation":1}`, "NUMBER_VALUE can not be converted to a Boolean"},
		{cognitoidp.AdminCreateUser.Operation, `{"UserAttributes":[{"Name":"a"},{"Name":"b","Name":"c"}]}`, "The member Name appears twice."},
		{cognitoidp.AdminCreateUser.Operation, `{"UserAttributes":["x"]}`, "Unexpected value type in payload"},
		{cognitoidp.SetUICustomization.Operation, `{"ImageFile":"not base64"}`, "STRING_VALUE can not be converted to a Blob"},
		{cognitoidp.SetUICustomization.Operation, `{"ImageFile":7}`, "NUMBER_VALUE can not be converted to a Blob"},
		{cognitoidentity.SetIdentityPoolRoles.Operation, `{"RoleMappings":{"p":"x"}}`, "Unexpected value type in payload"},
		{cognitoidentity.SetIdentityPoolRoles.Operation, `{"RoleMappings":{"p":{},"p":{}}}`, "A key appears twice."},
		{fakeInput, `{"CreationDate":"yesterday"}`, "STRING_VALUE can not be converted to a Timestamp"},
		{fakeInput, `{"CreationDate":1e300}`, "NUMBER_VALUE can not be converted to a Timestamp"},
		{fakeInput, `{"CreationDate":true}`, "TRUE_VALUE can not be converted to a Timestamp"},
	} {
		v, err := awsjson.Decode(tc.op, []byte(tc.body))
		if e, ok := awsapi.AsError(err); !ok || e.Shape != awsapi.Serialization || e.Message != tc.want {
			t.Errorf("%s answered %+v, %v; want %q", tc.body, v, err, tc.want)
		}
	}
}

func TestRefusalsNeverQuoteTheBody(t *testing.T) {
	for _, body := range []string{`{"Password":"hunter2-secret"x}`, `{"Password":"hunter2-secret","Password":"hunter2-secret"}`, `{"hunter2-secret"}`} {
		_, err := awsjson.Decode(cognitoidp.SignUp.Operation, []byte(body))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s answered %v", body, err)
		}
	}
}

func TestDocumentsAreKept(t *testing.T) {
	in := decode(t, cognitoidp.CreateManagedLoginBranding, `{"Settings": {"a": [1, 2.50, null], "b": "\u00e9"} }`)
	if got := string(in.Settings); got != `{"a": [1, 2.50, null], "b": "\u00e9"}` {
		t.Errorf("kept as %s", got)
	}
	if _, err := awsjson.Decode(cognitoidp.CreateManagedLoginBranding.Operation, []byte(`{"Settings":{"a":01}}`)); err == nil {
		t.Error("a document that is not JSON was taken")
	}
}

// What we read, the standard library reads in the same way, and refuses
// whatever we refuse for its syntax.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"UserPoolId":"a","Limit":5}`, `{"AttributesToGet":["a","b\u0041"],"x":{"y":[1,2.5e-3,true,null]}}`,
		`{"UserPoolId":"\ud83d\ude00"}`, ` { "Limit" : -0.0 } `, `{"Limit":1e5,"UserPoolId":null}`, `{"a":[[[[]]]]}`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := awsjson.Decode(cognitoidp.ListUsers.Operation, body)
		if len(body) == 0 {
			return
		}
		if err != nil {
			if e, ok := awsapi.AsError(err); !ok || e.Shape != awsapi.Serialization {
				t.Fatalf("failed with %v", err)
			}
			return
		}
		if !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("took what is not JSON: %q", body)
		}
		in := v.(*cognitoidp.ListUsersRequest)
		var std map[string]json.RawMessage
		if err := json.Unmarshal(body, &std); err != nil {
			t.Fatal(err)
		}
		var want *string
		if raw, ok := std["UserPoolId"]; ok {
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, in.UserPoolId); diff != "" {
			t.Fatal(diff)
		}
		again, err := awsjson.Decode(cognitoidp.ListUsers.Operation, awsjson.AppendOutput(nil, listUsersEcho, in))
		if diff := cmp.Diff(v, again); err != nil || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
	})
}
