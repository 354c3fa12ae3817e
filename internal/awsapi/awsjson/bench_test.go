package awsjson_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// page is a full ListUsers page, about 20 KB of JSON.
func page() *cognitoidp.ListUsersResponse {
	out := new(cognitoidp.ListUsersResponse)
	at := time.UnixMilli(1733691812447)
	for i := range 60 {
		name := fmt.Sprintf("0f3a9e1c-7b41-4c2e-9d55-%012d", i)
		out.Users = append(out.Users, cognitoidp.UserType{
			Username:             new(name),
			UserCreateDate:       new(at),
			UserLastModifiedDate: new(at),
			Enabled:              new(true),
			UserStatus:           new(cognitoidp.UserStatusTypeConfirmed),
			Attributes: []cognitoidp.AttributeType{
				{Name: new("sub"), Value: new(name)},
				{Name: new("email"), Value: new(name + "@example.com")},
				{Name: new("email_verified"), Value: new("true")},
			},
		})
	}
	return out
}

func BenchmarkEncodeListUsers(b *testing.B) {
	out := page()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsjson.AppendOutput(buf[:0], cognitoidp.ListUsers.Operation, out)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecodeInitiateAuth(b *testing.B) {
	body := []byte(`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"1example23456789abcdefghij","AuthParameters":{"USERNAME":"jane@example.com","PASSWORD":"correct horse 9!"}}`)
	b.ReportAllocs()
	for b.Loop() {
		in, err := awsjson.Decode(cognitoidp.InitiateAuth.Operation, body)
		if err != nil {
			b.Fatal(err)
		}
		if err := shape.Check(cognitoidp.Service, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeGetUser(b *testing.B) {
	token := make([]byte, 1100)
	for i := range token {
		token[i] = "abcdefghijklmnopqrstuvwxyz0123456789-_"[i%38]
	}
	body := fmt.Appendf(nil, `{"AccessToken":"%s"}`, token)
	b.ReportAllocs()
	for b.Loop() {
		in, err := awsjson.Decode(cognitoidp.GetUser.Operation, body)
		if err != nil {
			b.Fatal(err)
		}
		if err := shape.Check(cognitoidp.Service, in); err != nil {
			b.Fatal(err)
		}
	}
}
