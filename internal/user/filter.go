package user

import (
	"slices"
	"strings"
)

// Filter is one condition of ListUsers. The zero Filter lets everyone pass.
type Filter struct {
	Field  Field
	Prefix bool   // ^= rather than =
	Value  string // folded for the fields that do not tell cases apart
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
	FieldUserStatus        Field = "cognito:user_status"
	FieldEnabled           Field = "status" // Enabled or Disabled
	FieldSub               Field = "sub"
)

// SearchAttributes are the attributes whose values can be searched, in the
// form that SearchKey gives.
var SearchAttributes = []Field{FieldEmail, FieldPhone, FieldName, FieldGivenName, FieldFamilyName, FieldPreferredUsername}

// maxSearchKey bounds a search key, in bytes. A filter has at most 256
// characters of up to four bytes, so a value cut here cannot match by accident
// what its whole would not match.
const maxSearchKey = 1024

// SearchKey returns the form in which values of SearchAttributes are stored
// for searching and compared: lower case and bounded.
func SearchKey(value string) []byte {
	key := []byte(strings.ToLower(value))
	return key[:min(len(key), maxSearchKey)]
}

// ParseFilter reads `attribute = "value"` or `attribute ^= "value"`. Blanks
// around the operator may be left out; \" stands for a quotation mark in the
// value. An empty text is the zero Filter.
func ParseFilter(text string) (Filter, error) {
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
	value, ok := unquote(strings.TrimLeft(s, " \t"))
	if !ok {
		return Filter{}, errFilterSyntax
	}
	switch {
	case f.Field == FieldUserStatus:
		value = strings.ToUpper(value)
	case slices.Contains(SearchAttributes, f.Field):
		value = string(SearchKey(value))
	case f.Field != FieldUsername && f.Field != FieldEnabled && f.Field != FieldSub:
		return Filter{}, errFilterAttribute(string(f.Field))
	}
	f.Value = value
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
