package user

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func TestIsEmail(t *testing.T) {
	for address, want := range map[string]bool{
		"a@b": true, "first.last+tag@sub.example.com": true, "o'neil@example.com": true, "ü@exämple.com": true,
		strings.Repeat("l", 64) + "@example.com": true,
		"":                                       false, "a": false, "@b": false, "a@": false, "a@b.": false, "a@.b": false, "a@b..c": false,
		"a b@c": false, "a@b c": false, "a@b@c": false, "a@b,c@d": false, "<a@b>": false, "a@b\r\nBcc: c@d": false, "\"a\"@b": false,
		"a\x00@b": false, "a@b_c": false, strings.Repeat("l", 65) + "@example.com": false, "a@" + strings.Repeat("l", 256): false, "\xff@b": false,
	} {
		if isEmail(address) != want {
			t.Errorf("isEmail(%q) = %v", address, !want)
		}
	}
}

func TestIsPhone(t *testing.T) {
	for number, want := range map[string]bool{
		"+1": true, "+123456789012345": true, "": false, "+": false, "1": false, "+1234567890123456": false, "+1 2": false, "+1a": false, "+١": false,
	} {
		if isPhone(number) != want {
			t.Errorf("isPhone(%q) = %v", number, !want)
		}
	}
}

func TestAliases(t *testing.T) {
	byAlias := &userpool.Pool{Description: cognitoidp.UserPoolType{
		AliasAttributes: []cognitoidp.AliasAttributeType{"email", "phone_number", "preferred_username"},
	}}
	byAttribute := &userpool.Pool{Description: cognitoidp.UserPoolType{
		UsernameAttributes:    []cognitoidp.UsernameAttributeType{"email"},
		UsernameConfiguration: &cognitoidp.UsernameConfigurationType{CaseSensitive: new(false)},
	}}
	attrs := Attributes{
		{"email", "A@b"}, {"email_verified", "true"}, {"phone_number", "+1"}, {"phone_number_verified", "false"}, {"preferred_username", "Al"},
	}
	for _, c := range []struct {
		name  string
		pool  *userpool.Pool
		attrs Attributes
		want  []Alias
	}{
		{"verified addresses and the preferred name", byAlias, attrs, []Alias{{"email", "A@b"}, {"preferred_username", "Al"}}},
		{"a username attribute needs no proof", byAttribute, attrs.With("email_verified", "false"), []Alias{{"email", "a@b"}}},
		{"a pool without", &userpool.Pool{}, attrs, nil},
		{"longer than a username can be", byAlias, Attributes{{"preferred_username", strings.Repeat("x", 129)}}, nil},
	} {
		if diff := cmp.Diff(c.want, Aliases(c.pool, c.attrs)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestWithout(t *testing.T) {
	a := []Alias{{"email", "x"}, {"preferred_username", "x"}, {"phone_number", "+1"}}
	if diff := cmp.Diff([]Alias{{"email", "x"}}, without(a, []Alias{{"email", "+1"}})); diff != "" {
		t.Errorf("one key that two attributes give is one alias: %s", diff)
	}
}
