package shape

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// matcher decides whether a whole string satisfies a pattern.
type matcher interface{ match(s string) bool }

// lookAround holds the patterns that need what RE2 lacks: what is left of the
// pattern without it, and the string that must not occur.
var lookAround = map[string]struct {
	rest      string
	forbidden func(s string) bool
}{
	`^[0-9A-Za-z\.\-_]*(?<!\.)$`: {
		`[0-9A-Za-z\.\-_]*`, func(s string) bool { return strings.HasSuffix(s, ".") },
	},
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: {
		`[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`, func(s string) bool { return strings.Contains(s, "--") },
	},
}

// compilePattern reads a pattern of the models, which is Java's flavour and
// stands for the whole string.
func compilePattern(java string) (matcher, error) {
	if special, ok := lookAround[java]; ok {
		m, err := compilePattern(special.rest)
		return except{m, special.forbidden}, err
	}
	parsed, err := syntax.Parse(translate(java), syntax.Perl)
	if err != nil {
		return nil, err
	}
	if m, ok := newRepeat(parsed.Simplify()); ok {
		return m, nil
	}
	re, err := regexp.Compile(`\A(?:` + translate(java) + `)\z`)
	if err != nil {
		return nil, err
	}
	return expression{re}, nil
}

// translate turns what RE2 spells otherwise: \uXXXX takes exactly four digits
// in Java (so that \u10000 is U+1000 and a zero), \s there includes the
// vertical tab, and the dot stops at every Unicode line end.
func translate(java string) string {
	var b strings.Builder
	inClass := false
	dotAll := strings.HasPrefix(java, "(?s)")
	for i := 0; i < len(java); i++ {
		switch c := java[i]; {
		case c == '\\' && i+5 < len(java) && java[i+1] == 'u':
			fmt.Fprintf(&b, `\x{%s}`, java[i+2:i+6])
			i += 5
		case c == '\\' && i+1 < len(java) && java[i+1] == 's' && inClass:
			b.WriteString(`\s\v`)
			i++
		case c == '\\' && i+1 < len(java):
			b.WriteString(java[i : i+2])
			i++
		case c == '.' && !inClass && !dotAll:
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
		default:
			if c == '[' {
				inClass = true
			} else if c == ']' {
				inClass = false
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

type except struct {
	matcher
	forbidden func(string) bool
}

func (m except) match(s string) bool { return m.matcher.match(s) && !m.forbidden(s) }

type expression struct{ *regexp.Regexp }

func (m expression) match(s string) bool { return m.MatchString(s) }

// repeat matches strings made of one set of characters, as most patterns of
// the models ask. It costs about a nanosecond a byte where the general
// machine takes twenty, which is felt on tokens.
type repeat struct {
	ascii [utf8.RuneSelf]bool
	other *unicode.RangeTable
	empty bool // the empty string matches too
}

func newRepeat(re *syntax.Regexp) (*repeat, bool) {
	// ^ and $ around the rest say nothing that a match of the whole does not.
	if re.Op == syntax.OpConcat && len(re.Sub) == 3 && re.Sub[0].Op == syntax.OpBeginText && re.Sub[2].Op == syntax.OpEndText {
		re = re.Sub[1]
	}
	if re.Op != syntax.OpPlus && re.Op != syntax.OpStar || re.Sub[0].Op != syntax.OpCharClass {
		return nil, false
	}
	m := &repeat{empty: re.Op == syntax.OpStar, other: new(unicode.RangeTable)}
	class := re.Sub[0].Rune // pairs of first and last, sorted
	for i := 0; i < len(class); i += 2 {
		lo, hi := class[i], class[i+1]
		for ; lo <= hi && lo < utf8.RuneSelf; lo++ {
			m.ascii[lo] = true
		}
		if lo <= hi {
			m.other.R32 = append(m.other.R32, unicode.Range32{Lo: uint32(lo), Hi: uint32(hi), Stride: 1})
		}
	}
	return m, true
}

func (m *repeat) match(s string) bool {
	if s == "" {
		return m.empty
	}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if !m.ascii[c] {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.Is(m.other, r) {
			return false
		}
		i += n
	}
	return true
}
