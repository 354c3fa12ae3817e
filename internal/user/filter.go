package user

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/userpool"
)

// Filter is one condition of ListUsers. The zero Filter lets everyone pass.
type Filter struct {
	Field  Field
	Prefix bool   // ^= rather than =
	Value  string // as written
	Key    []byte // what the field is compared by, for fields with keys
}

// Field is what a filter looks at.
type Field string

// Searchable fields. The names are the API's.
const (
	FieldUsername          Field = "username"
	FieldEmail             Field = "email"
	FieldPhone             Field = "phone_number"
	FieldName              Field = "name"
	FieldGivenName         Field = "given_name"
	FieldFamilyName        Field = "family_name"
	FieldPreferredUsername Field = "preferred_username"
	FieldStatus            Field = "cognito:user_status"
	FieldEnabled           Field = "status" // Enabled or Disabled
	FieldSub               Field = "sub"
)

// SearchAttributes are the attributes that have search keys.
var SearchAttributes = []Field{FieldEmail, FieldPhone, FieldName, FieldGivenName, FieldFamilyName, FieldPreferredUsername}

// maxSearchKey bounds a search key, in bytes. A filter has at most 256
// characters of up to four bytes, so a value cut here cannot match by accident
// what its whole would not match.
const maxSearchKey = 1024

// SearchKey returns the form in which values of SearchAttributes are compared:
// lower case and bounded; nil for no value.
func SearchKey(value string) []byte {
	if value == "" {
		return nil
	}
	key := []byte(strings.ToLower(value))
	return key[:min(len(key), maxSearchKey)]
}

// ParseFilter reads `attribute = "value"` or `attribute ^= "value"`. Blanks
// around the operator may be left out; \" stands for a quotation mark in the
// value. An empty text is the zero Filter.
func ParseFilter(p *userpool.Pool, text string) (Filter, error) {
	s := strings.TrimSpace(text)
	if s == "" {
		return Filter{}, nil
	}
	end := strings.IndexAny(s, "=^ \t")
	if end <= 0 {
		return Filter{}, errFilterSyntax
	}
	f := Filter{Field: Field(strings.Trim(s[:end], `"`))}
	s = strings.TrimLeft(s[end:], " \t")
	switch {
	case strings.HasPrefix(s, "^="):
		f.Prefix, s = true, s[2:]
	case strings.HasPrefix(s, "="):
		s = s[1:]
	default:
		return Filter{}, errFilterSyntax
	}
	var ok bool
	if f.Value, ok = unquote(strings.TrimLeft(s, " \t")); !ok {
		return Filter{}, errFilterSyntax
	}
	switch {
	case slices.Contains(SearchAttributes, f.Field):
		f.Key = []byte(strings.ToLower(f.Value))
	case f.Field == FieldUsername:
		f.Key = []byte(Key(p, f.Value))
	case f.Field != FieldStatus && f.Field != FieldEnabled && f.Field != FieldSub:
		return Filter{}, errFilterAttribute(string(f.Field))
	}
	if f.Prefix && f.Value == "" && !slices.Contains(SearchAttributes, f.Field) {
		return Filter{}, nil // every user has the other fields
	}
	return f, nil
}

// unquote reads a quoted value that must fill the whole of s.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i == len(s)-1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", false
}

// KeyRange returns the keys that a prefix lets pass, the upper end not
// included.
func (f Filter) KeyRange() (low, high []byte) {
	// Keys are UTF-8, which never has the byte 0xff.
	return f.Key, append(slices.Clone(f.Key), 0xff)
}

// zeroUUID and lastUUID bound all subs. Between texts of this shape the order
// is the same under every collation.
const (
	zeroUUID = "00000000-0000-0000-0000-000000000000"
	lastUUID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// SubRange returns the subs that the filter lets pass, both ends included; ok
// is false when no sub can begin like that.
func (f Filter) SubRange() (low, high string, ok bool) {
	n := len(f.Value)
	if n > len(zeroUUID) || !f.Prefix && n < len(zeroUUID) {
		return "", "", false
	}
	for i := range n {
		c := f.Value[i]
		hex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if hex == (zeroUUID[i] == '-') || !hex && c != '-' {
			return "", "", false
		}
	}
	return f.Value + zeroUUID[n:], f.Value + lastUUID[n:], true
}

// Status returns the one status that the filter lets pass; no two begin alike.
func (f Filter) Status() (Status, bool) {
	for _, s := range Statuses {
		if f.matches(string(s), strings.ToUpper(f.Value)) {
			return s, true
		}
	}
	return "", false
}

// Enabled returns whom the filter lets pass: the enabled or the disabled.
func (f Filter) Enabled() (enabled, ok bool) {
	enabled = f.matches("Enabled", f.Value)
	return enabled, enabled || f.matches("Disabled", f.Value)
}

func (f Filter) matches(s, value string) bool {
	return s == value || f.Prefix && strings.HasPrefix(s, value)
}

// Cursor is the place of a user in a list: the key that the list is ordered
// by, where it is not the sub alone, and the sub.
type Cursor struct {
	Key []byte
	Sub string
}

// cursor returns the place of u in the list that the filter makes.
func (f Filter) cursor(p *userpool.Pool, u *User) *Cursor {
	c := &Cursor{Sub: u.Sub}
	switch {
	case !f.Prefix:
	case f.Field == FieldUsername:
		c.Key = []byte(Key(p, u.Username))
	case slices.Contains(SearchAttributes, f.Field):
		c.Key = SearchKey(u.Attributes.Value(string(f.Field)))
	}
	return c
}
