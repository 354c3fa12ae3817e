package awsjson_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// listUsersEcho is an operation that answers with the input of ListUsers.
var listUsersEcho = &awsapi.Operation{Service: cognitoidp.Service, Output: typeOf[cognitoidp.ListUsersRequest]()}

func TestOutputs(t *testing.T) {
	for _, tc := range []struct {
		op   *awsapi.Operation
		out  any
		want string
	}{
		{cognitoidp.AdminDeleteUser.Operation, &awsapi.None{}, ""},
		{cognitoidp.AdminConfirmSignUp.Operation, &cognitoidp.AdminConfirmSignUpResponse{}, "{}"},
		{
			cognitoidp.DescribeUserPoolClient.Operation,
			&cognitoidp.DescribeUserPoolClientResponse{UserPoolClient: &cognitoidp.UserPoolClientType{
				UserPoolId: new("us-west-2_a"), RefreshTokenValidity: new(int64(0)), EnableTokenRevocation: new(false),
				CallbackURLs: []string{}, CreationDate: new(time.UnixMilli(1733691812447)), LastModifiedDate: new(time.UnixMilli(1733691812000)),
			}},
			`{"UserPoolClient":{"UserPoolId":"us-west-2_a","LastModifiedDate":1733691812,"CreationDate":1733691812.447,` +
				`"RefreshTokenValidity":0,"CallbackURLs":[],"EnableTokenRevocation":false}}`,
		},
		{
			cognitoidentity.GetIdentityPoolRoles.Operation,
			&cognitoidentity.GetIdentityPoolRolesResponse{
				Roles: map[string]string{"unauthenticated": "u", "authenticated": "a"},
				RoleMappings: map[string]cognitoidentity.RoleMapping{
					"q": {Type: new(cognitoidentity.RoleMappingTypeToken)}, "p": {Type: new(cognitoidentity.RoleMappingTypeRules)},
				},
			},
			`{"Roles":{"authenticated":"a","unauthenticated":"u"},"RoleMappings":{"p":{"Type":"Rules"},"q":{"Type":"Token"}}}`,
		},
		{
			cognitoidp.StartWebAuthnRegistration.Operation,
			&cognitoidp.StartWebAuthnRegistrationResponse{CredentialCreationOptions: json.RawMessage(`{"a":1}`)},
			`{"CredentialCreationOptions":{"a":1}}`,
		},
		{
			cognitoidp.StartWebAuthnRegistration.Operation,
			&cognitoidp.StartWebAuthnRegistrationResponse{CredentialCreationOptions: json.RawMessage(`{"a":1}}, "x": {`)},
			`{"CredentialCreationOptions":null}`,
		},
	} {
		if got := string(awsjson.AppendOutput(nil, tc.op, tc.out)); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.op.Name, got, tc.want)
		}
	}
}

func TestTimesHaveMilliseconds(t *testing.T) {
	for ms, want := range map[int64]string{0: "0", 1: "0.001", 10: "0.01", 1500: "1.5", -1: "-0.001", -2500: "-2.5", 1733691812440: "1733691812.44"} {
		out := &cognitoidp.GetGroupResponse{Group: &cognitoidp.GroupType{CreationDate: new(time.UnixMilli(ms).Add(999 * time.Microsecond))}}
		if got := string(awsjson.AppendOutput(nil, cognitoidp.GetGroup.Operation, out)); got != `{"Group":{"CreationDate":`+want+`}}` {
			t.Errorf("%d ms written as %s", ms, got)
		}
	}
}

// Whatever the string, the standard library reads it back; bytes that are not
// UTF-8 become replacement characters.
func TestStringsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching("[a-z\"\\\\\x00-\x1f\x7fé\u2028]{0,40}"),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		).Draw(t, "s")
		text := awsjson.AppendString(nil, s)
		var got string
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q written as %s: %v", s, text, err)
		}
		// ToValidUTF8 makes one replacement of a run of bad bytes; ranging
		// over the string makes one of each byte, as JSON readers expect.
		if want := string([]rune(s)); got != want {
			t.Fatalf("%q read back as %q", s, got)
		}
	})
}

func TestErrorBodies(t *testing.T) {
	for _, tc := range []struct {
		err  *awsapi.Error
		want string
	}{
		{cognitoidp.UserNotFoundException("User does not exist."), `{"__type":"UserNotFoundException","message":"User does not exist."}`},
		{awsapi.AccessDenied.New(`no "x"`), `{"__type":"AccessDeniedException","Message":"no \"x\"","message":"no \"x\""}`},
		{awsapi.Serialization.New("x"), `{"__type":"SerializationException","Message":"x"}`},
		{
			&awsapi.Error{Shape: cognitoidp.Service.Invalid, Message: "m", Fields: map[string]string{"reasonCode": "r"}},
			`{"__type":"InvalidParameterException","message":"m","reasonCode":"r"}`,
		},
	} {
		if got := string(awsjson.AppendError(nil, tc.err)); got != tc.want {
			t.Errorf(" got %s\nwant %s", got, tc.want)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, tc := range []struct {
		err  *awsapi.Error
		want int
	}{
		{cognitoidp.NotAuthorizedException(""), 400},
		{cognitoidp.ResourceNotFoundException(""), 400},
		{awsapi.AccessDenied.New(""), 400},
		{awsapi.NotImplemented.New(""), 400},
		{awsapi.RequestTooLarge.New(""), 413},
		{cognitoidp.InternalErrorException(""), 500},
		{awsapi.InternalFailure.New(""), 500},
	} {
		if got := awsjson.Status(tc.err); got != tc.want {
			t.Errorf("%s has status %d, want %d", tc.err.Shape.Name, got, tc.want)
		}
	}
}

func TestLongStringsWithOneBadByte(t *testing.T) {
	for at := range 24 {
		b := []byte(strings.Repeat("a", 24))
		b[at] = '"'
		var got string
		if err := json.Unmarshal(awsjson.AppendString(nil, string(b)), &got); err != nil || got != string(b) {
			t.Errorf("a quote at %d: %q, %v", at, got, err)
		}
	}
}
