package sigv4

import (
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// param is a query parameter; both halves are escaped canonically.
type param struct{ name, value string }

// parseQuery cuts a raw query into parameters in order of arrival.
func parseQuery(raw string) ([]param, error) {
	if raw == "" {
		return nil, nil
	}
	n := 1 + strings.Count(raw, "&")
	if n > maxQueryParams {
		return nil, awsapi.MalformedQuery.New("%s", msgTooManyParams)
	}
	params := make([]param, 0, n)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		var p param
		var err error
		if p.name, err = canonicalEscape(name); err != nil {
			return nil, err
		}
		if p.value, err = canonicalEscape(value); err != nil {
			return nil, err
		}
		params = append(params, p)
	}
	return params, nil
}

// first returns the first value of a parameter, still escaped.
func first(params []param, name string) (string, bool) {
	for _, p := range params {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// unescape decodes what canonicalEscape wrote.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	decoded, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return decoded
}

// canonicalEscape rewrites one half of a query parameter with exactly the
// escapes that the canonical form wants: everything but the unreserved
// characters of RFC 3986, in upper-case hex. A raw plus is a space.
func canonicalEscape(s string) (string, error) {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			plain = plain && unreserved(s[i])
			continue
		}
		plain = false
		if i+2 >= len(s) {
			return "", awsapi.MalformedQuery.New("%s", msgTrailingEscape)
		}
		if unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
			return "", awsapi.MalformedQuery.New("%s%s", msgIllegalEscape, strings.ToValidUTF8(s[i:i+3], "?"))
		}
		i += 2
	}
	if plain {
		return s, nil
	}
	decoded := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			decoded = append(decoded, ' ')
		case '%':
			decoded = append(decoded, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			decoded = append(decoded, c)
		}
	}
	return string(appendEscaped(make([]byte, 0, 2*len(decoded)), string(decoded))), nil
}

// appendEscaped escapes every byte that is not unreserved.
func appendEscaped(dst []byte, s string) []byte {
	const upper = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upper[c>>4], upper[c&15])
		}
	}
	return dst
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
