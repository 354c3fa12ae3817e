package user

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/userpool"
)

// Attributes that have a meaning of their own.
const (
	attrSub               = "sub"
	attrEmail             = "email"
	attrEmailVerified     = "email_verified"
	attrPhone             = "phone_number"
	attrPhoneVerified     = "phone_number_verified"
	attrPreferredUsername = "preferred_username"
)

// Alias is an attribute value that works as a username.
type Alias struct {
	Attribute string
	Key       string // unique in the pool
}

// maxName bounds what is looked up as a name, in characters. It is the
// model's limit on Username; AuthParameters has none of its own.
const maxName = 128

// Key returns the form of a name that is compared: lower case, unless the
// pool tells cases apart.
func Key(p *userpool.Pool, name string) string {
	if p.CaseSensitive() {
		return name
	}
	return strings.ToLower(name)
}

// Aliases returns the names by which a user with these attributes can sign in
// beside username and sub.
func Aliases(p *userpool.Pool, attrs Attributes) []Alias {
	var out []Alias
	for _, a := range []string{attrEmail, attrPhone, attrPreferredUsername} {
		proof := VerifiedFlag(a)
		if p.UsernameIs(a) || p.AliasIs(a) && (proof == "" || attrs.True(proof)) {
			if v := attrs.Value(a); v != "" && utf8.RuneCountInString(v) <= maxName {
				out = append(out, Alias{a, Key(p, v)})
			}
		}
	}
	return out
}

// VerifiedFlag names the attribute that says whether an address is proven,
// empty for attributes that need no proof.
func VerifiedFlag(attribute string) string {
	switch attribute {
	case attrEmail:
		return attrEmailVerified
	case attrPhone:
		return attrPhoneVerified
	}
	return ""
}

// usernameAttribute returns which attribute a new user's chosen name is, for
// pools with username attributes, or an error where the pool does not take
// such a name.
func usernameAttribute(p *userpool.Pool, name string) (string, error) {
	email, phone := p.UsernameIs(attrEmail), p.UsernameIs(attrPhone)
	switch {
	case email && isEmail(name):
		return attrEmail, nil
	case phone && isPhone(name):
		return attrPhone, nil
	case email && phone:
		return "", errUsernameNeither
	case email:
		return "", errUsernameNotEmail
	default:
		return "", errUsernameNotPhone
	}
}

// checkUsername refuses names that could be mistaken for an alias.
func checkUsername(p *userpool.Pool, name string) error {
	if p.AliasIs(attrEmail) && isEmail(name) {
		return errUsernameIsEmail
	}
	if p.AliasIs(attrPhone) && isPhone(name) {
		return errUsernameIsPhone
	}
	return nil
}

// isEmail accepts the addresses that mail can be sent to without quoting:
// local part up to 64 bytes, domain up to 255, nothing that could end a
// header or start a second recipient.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s)-at-1 > 255 || !utf8.ValidString(s) {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if strings.ContainsFunc(local, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>()[],;:\"@`, r)
	}) {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			return false
		}
	}
	return true
}

// isPhone accepts E.164: a plus sign and at most fifteen digits.
func isPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && digits != "" && len(digits) <= 15 &&
		!strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
