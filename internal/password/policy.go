package password

import (
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Policy says what a pool's passwords must look like.
type Policy struct {
	MinimumLength    int // in characters
	RequireLowercase bool
	RequireUppercase bool
	RequireNumbers   bool
	RequireSymbols   bool
}

// DefaultPolicy is that of a pool that says nothing.
var DefaultPolicy = Policy{MinimumLength: defaultLength, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}

const (
	defaultLength = 8
	lowercase     = secretbox.Lower
	uppercase     = secretbox.Upper
	numbers       = secretbox.Decimal
	// symbols are the characters that count as such (the Cognito developer
	// guide's page on password policies); a space counts in between only.
	symbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"
)

// PolicyOf reads a pool's configuration. An absent policy is the default one;
// an absent requirement inside a policy is not made.
func PolicyOf(p *cognitoidp.PasswordPolicyType) Policy {
	if p == nil {
		return DefaultPolicy
	}
	is := func(b *bool) bool { return b != nil && *b }
	policy := Policy{
		MinimumLength:    defaultLength,
		RequireLowercase: is(p.RequireLowercase),
		RequireUppercase: is(p.RequireUppercase),
		RequireNumbers:   is(p.RequireNumbers),
		RequireSymbols:   is(p.RequireSymbols),
	}
	if p.MinimumLength != nil {
		policy.MinimumLength = int(*p.MinimumLength)
	}
	return policy
}

// rule is one demand of a policy and how the service words its violation.
type rule struct {
	text   string
	broken func(Policy, string) bool
}

// rules are in the order in which they are checked; only the first violation
// is reported. The order after length is UNCONFIRMED.
var rules = []rule{
	{"Password not long enough", func(p Policy, s string) bool { return utf8.RuneCountInString(s) < p.MinimumLength }},
	{"Password must have lowercase characters", func(p Policy, s string) bool { return p.RequireLowercase && !strings.ContainsAny(s, lowercase) }},
	{"Password must have uppercase characters", func(p Policy, s string) bool { return p.RequireUppercase && !strings.ContainsAny(s, uppercase) }},
	{"Password must have numeric characters", func(p Policy, s string) bool { return p.RequireNumbers && !strings.ContainsAny(s, numbers) }},
	{"Password must have symbol characters", func(p Policy, s string) bool { return p.RequireSymbols && !hasSymbol(s) }},
}

func hasSymbol(s string) bool {
	return strings.ContainsAny(s, symbols) || strings.Contains(strings.Trim(s, " "), " ")
}

// Check returns nil, or the InvalidPasswordException of the first rule that
// the password breaks.
func (p Policy) Check(password string) error {
	for _, r := range rules {
		if r.broken(p, password) {
			return cognitoidp.InvalidPasswordException("Password did not conform with policy: %s", r.text)
		}
	}
	return nil
}

// temporaryLength is how long generated passwords are, unless the policy wants
// more: some 70 bits for a password that lives a week.
const temporaryLength = 12

// temporarySymbols are those that survive e-mail, SMS, and being read aloud.
const temporarySymbols = "!@#%*+-=_?"

// Temporary draws a password that conforms to the policy. It always has
// characters of all four kinds, so that it conforms to stricter ones too.
func (p Policy) Temporary() string {
	kinds := []string{lowercase, uppercase, numbers, temporarySymbols}
	var b []byte
	for _, kind := range kinds {
		b = append(b, secretbox.String(1, kind)...)
	}
	n := max(temporaryLength, p.MinimumLength)
	b = append(b, secretbox.String(n-len(b), strings.Join(kinds, ""))...)
	for i := len(b) - 1; i > 0; i-- {
		j := secretbox.Int(int64(i + 1))
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
