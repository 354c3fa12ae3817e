package password_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/password"
)

func TestPolicyCheck(t *testing.T) {
	const (
		length = "InvalidPasswordException: Password did not conform with policy: Password not long enough"
		lower  = "InvalidPasswordException: Password did not conform with policy: Password must have lowercase characters"
		upper  = "InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters"
		digit  = "InvalidPasswordException: Password did not conform with policy: Password must have numeric characters"
		symbol = "InvalidPasswordException: Password did not conform with policy: Password must have symbol characters"
	)
	for _, c := range []struct{ password, want string }{
		{"P@ssw0rd", ""},
		{"P@ssw0r", length},
		{"", length},
		{"ÄÖÜäöüß", length},
		{"P@SSW0RD", lower},
		{"P@SSWÖRD", lower},
		{"p@ssw0rd", upper},
		{"äP@ssword", digit},
		{"Passw0rd", symbol},
		{"Passw0rd€", symbol},
		{"PASSWORD", lower},
		{"password", upper},
		{"Pass w0rd", ""},
		{" Passw0rd", symbol},
		{"Passw0rd ", symbol},
	} {
		got := ""
		if err := password.DefaultPolicy.Check(c.password); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.password, got, c.want)
		}
	}
}

// Every symbol of the documented list counts.
func TestSymbols(t *testing.T) {
	p := password.Policy{RequireSymbols: true}
	for _, s := range "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-" {
		if err := p.Check("a" + string(s)); err != nil {
			t.Errorf("%c: %v", s, err)
		}
	}
	if p.Check("aZ0é€") == nil {
		t.Error("letters, digits and other characters count as symbols")
	}
}

func TestPolicyOf(t *testing.T) {
	for _, c := range []struct {
		in   *cognitoidp.PasswordPolicyType
		want password.Policy
	}{
		{nil, password.DefaultPolicy},
		{&cognitoidp.PasswordPolicyType{}, password.Policy{MinimumLength: 8}},
		{
			&cognitoidp.PasswordPolicyType{MinimumLength: new(int64(6)), RequireNumbers: new(true), RequireSymbols: new(false)},
			password.Policy{MinimumLength: 6, RequireNumbers: true},
		},
	} {
		if diff := cmp.Diff(c.want, password.PolicyOf(c.in)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestTemporaryConforms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := password.Policy{
			MinimumLength:    rapid.IntRange(6, 99).Draw(t, "length"),
			RequireLowercase: rapid.Bool().Draw(t, "lower"), RequireUppercase: rapid.Bool().Draw(t, "upper"),
			RequireNumbers: rapid.Bool().Draw(t, "numbers"), RequireSymbols: rapid.Bool().Draw(t, "symbols"),
		}
		a, b := p.Temporary(), p.Temporary()
		if err := p.Check(a); err != nil {
			t.Fatalf("%q: %v", a, err)
		}
		if a == b || len(a) < 12 || strings.ContainsAny(a, " \t\n<>&\"'") {
			t.Fatalf("%q, then %q", a, b)
		}
	})
}
