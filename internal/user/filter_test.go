package user_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

var (
	sensitive   = &userpool.Pool{ID: "eu-west-1_AAAAAAAAA"}
	insensitive = &userpool.Pool{ID: "eu-west-1_BBBBBBBBB", Description: cognitoidp.UserPoolType{
		UsernameConfiguration: &cognitoidp.UsernameConfigurationType{CaseSensitive: new(false)},
	}}
)

func TestParseFilter(t *testing.T) {
	for _, c := range []struct {
		text string
		want user.Filter
	}{
		{"", user.Filter{}},
		{"  ", user.Filter{}},
		{`email = "A@b"`, user.Filter{Field: user.FieldEmail, Value: "A@b", Key: []byte("a@b")}},
		{`email="A@b"`, user.Filter{Field: user.FieldEmail, Value: "A@b", Key: []byte("a@b")}},
		{`  "given_name"  ^=  "J" `, user.Filter{Field: user.FieldGivenName, Prefix: true, Value: "J", Key: []byte("j")}},
		{`name = "say \"hi\" = \\ there"`, user.Filter{Field: user.FieldName, Value: `say "hi" = \ there`, Key: []byte(`say "hi" = \ there`)}},
		{`name = "a\b"`, user.Filter{Field: user.FieldName, Value: `a\b`, Key: []byte(`a\b`)}},
		{`username = "Ann"`, user.Filter{Field: user.FieldUsername, Value: "Ann", Key: []byte("Ann")}},
		{`username ^= ""`, user.Filter{}},
		{`status ^= ""`, user.Filter{}},
		{`email ^= ""`, user.Filter{Field: user.FieldEmail, Prefix: true, Key: []byte{}}},
		{`cognito:user_status = "confirmed"`, user.Filter{Field: user.FieldStatus, Value: "confirmed"}},
		{`status = "Enabled"`, user.Filter{Field: user.FieldEnabled, Value: "Enabled"}},
		{`sub = "x"`, user.Filter{Field: user.FieldSub, Value: "x"}},
	} {
		got, err := user.ParseFilter(sensitive, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
	if f, err := user.ParseFilter(insensitive, `username = "Ann"`); err != nil || f.Value != "Ann" || string(f.Key) != "ann" {
		t.Errorf("where cases are the same: %+v %v", f, err)
	}
}

func TestParseFilterRefuses(t *testing.T) {
	for _, text := range []string{
		`email`, `email =`, `email = a`, `email = "a`, `email = "a" b`, `email = "a"b"`, `email ! "a"`, `email >= "a"`, `email ^ "a"`,
		`= "a"`, `email = "a" and name = "b"`, `email = 'a'`, `email == "a"`, `email = "a\"`,
	} {
		if _, err := user.ParseFilter(sensitive, text); err == nil || !strings.Contains(err.Error(), "Error while parsing filter") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, name := range []string{"custom:x", "birthdate", "Email", "email_verified"} {
		if _, err := user.ParseFilter(sensitive, name+` = "a"`); err == nil || !strings.Contains(err.Error(), "Invalid search attribute: "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	f.Add(`email = "a"`)
	f.Add(`name ^= "\"\\"`)
	f.Add(`sub ^= "0123"`)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := user.ParseFilter(insensitive, text)
		if err != nil {
			return
		}
		if low, high := filter.KeyRange(); string(low) >= string(high) {
			t.Errorf("%q: keys from %q to %q", text, low, high)
		}
		if filter.Field == user.FieldSub {
			if low, high, ok := filter.SubRange(); ok && (low > high || len(low) != 36 || len(high) != 36) {
				t.Errorf("%q: subs from %q to %q", text, low, high)
			}
		}
		filter.Status()
		filter.Enabled()
	})
}

func TestSubRange(t *testing.T) {
	for _, c := range []struct {
		value     string
		prefix    bool
		low, high string
	}{
		{"0a", true, "0a000000-0000-0000-0000-000000000000", "0affffff-ffff-ffff-ffff-ffffffffffff"},
		{"12345678-", true, "12345678-0000-0000-0000-000000000000", "12345678-ffff-ffff-ffff-ffffffffffff"},
		{"12345678-1234-4234-8234-123456789abc", false, "12345678-1234-4234-8234-123456789abc", "12345678-1234-4234-8234-123456789abc"},
		{"0a", false, "", ""},
		{"0A", true, "", ""},
		{"123456789", true, "", ""},
		{"1-", true, "", ""},
		{"12345678-1234-4234-8234-123456789abcd", true, "", ""},
	} {
		low, high, ok := user.Filter{Field: user.FieldSub, Value: c.value, Prefix: c.prefix}.SubRange()
		if low != c.low || high != c.high || ok != (c.low != "") {
			t.Errorf("%q: %q to %q, %v", c.value, low, high, ok)
		}
	}
}
