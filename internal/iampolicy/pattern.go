package iampolicy

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	literal  tokenKind = iota
	anyOne             // "?": one character
	anyRun             // "*": any run of characters
	variable           // "${key}" or "${key, 'default'}"
)

type token struct {
	kind       tokenKind
	text       string // a literal, or the name of a variable in lower case
	fallback   string // default of a variable
	hasDefault bool
}

// pattern is text with wildcards and variables. The text that a variable
// stands for is matched as a literal, whatever characters it has.
type pattern struct {
	tokens    []token
	variables bool
	wild      bool
}

// syntax says which characters of a pattern are special.
type syntax uint8

const (
	wildcards syntax = 1 << iota
	variables
)

// compilePattern cuts text into tokens.
func compilePattern(text string, special syntax) pattern {
	var p pattern
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			p.tokens = append(p.tokens, token{kind: literal, text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*' && special&wildcards != 0:
			flush()
			p.wild = true
			if n := len(p.tokens); n == 0 || p.tokens[n-1].kind != anyRun {
				p.tokens = append(p.tokens, token{kind: anyRun})
			}
		case c == '?' && special&wildcards != 0:
			flush()
			p.wild = true
			p.tokens = append(p.tokens, token{kind: anyOne})
		case c == '$' && special&variables != 0 && strings.HasPrefix(text[i:], "${"):
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				lit.WriteByte(c)
				continue
			}
			switch name := text[i+2 : i+end]; name {
			case "*", "?", "$":
				lit.WriteString(name)
			default:
				flush()
				p.variables = true
				p.tokens = append(p.tokens, parseVariable(name))
			}
			i += end
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return p
}

// parseVariable reads the inside of "${…}". A name that no key can have
// stands for a variable that never resolves.
func parseVariable(inside string) token {
	name, rest, found := strings.Cut(inside, ",")
	t := token{kind: variable, text: strings.ToLower(strings.TrimSpace(name))}
	if !found {
		return t
	}
	rest = strings.TrimSpace(rest)
	if len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' {
		t.fallback, t.hasDefault = rest[1:len(rest)-1], true
	} else {
		t.text = ""
	}
	return t
}

// resolve replaces variables by literals. It reports false if one of them has
// no single value and no default.
func (p *pattern) resolve(keys Keys) ([]token, bool) {
	if !p.variables {
		return p.tokens, true
	}
	out := make([]token, len(p.tokens))
	for i, t := range p.tokens {
		if t.kind == variable {
			values, present := keys.Lookup(t.text)
			switch {
			case present && len(values) == 1:
				t = token{kind: literal, text: values[0]}
			case (!present || len(values) == 0) && t.hasDefault:
				t = token{kind: literal, text: t.fallback}
			default:
				return nil, false
			}
		}
		out[i] = t
	}
	return out, true
}

// matches reports whether the whole of s fits the pattern.
func (p *pattern) matches(s string, keys Keys) bool {
	tokens, ok := p.resolve(keys)
	return ok && matchTokens(tokens, s)
}

// text returns what a pattern without wildcards stands for.
func (p *pattern) text(keys Keys) (string, bool) {
	tokens, ok := p.resolve(keys)
	switch {
	case !ok:
		return "", false
	case len(tokens) == 0:
		return "", true
	case len(tokens) == 1:
		return tokens[0].text, true
	}
	var b strings.Builder
	for i := range tokens {
		b.WriteString(tokens[i].text)
	}
	return b.String(), true
}

// matchTokens matches greedily: the pieces between two asterisks are taken at
// their leftmost place, which never has to be reconsidered because the
// asterisk that follows can take any rest.
func matchTokens(tokens []token, s string) bool {
	head := piece(tokens)
	n, ok := matchPrefix(tokens[:head], s)
	if !ok {
		return false
	}
	tokens, s = tokens[head:], s[n:]
	if len(tokens) == 0 {
		return s == ""
	}
	for {
		for len(tokens) > 0 && tokens[0].kind == anyRun {
			tokens = tokens[1:]
		}
		if len(tokens) == 0 {
			return true
		}
		end := piece(tokens)
		if end == len(tokens) {
			return matchSuffix(tokens, s)
		}
		if s, ok = skipTo(tokens[:end], s); !ok {
			return false
		}
		tokens = tokens[end:]
	}
}

// piece returns the number of tokens before the next asterisk.
func piece(tokens []token) int {
	for i := range tokens {
		if tokens[i].kind == anyRun {
			return i
		}
	}
	return len(tokens)
}

// matchPrefix matches tokens without asterisks at the start of s and returns
// the number of bytes taken.
func matchPrefix(tokens []token, s string) (int, bool) {
	n := 0
	for i := range tokens {
		if tokens[i].kind == anyOne {
			_, size := utf8.DecodeRuneInString(s[n:])
			if size == 0 {
				return 0, false
			}
			n += size
			continue
		}
		if !strings.HasPrefix(s[n:], tokens[i].text) {
			return 0, false
		}
		n += len(tokens[i].text)
	}
	return n, true
}

// matchSuffix matches tokens without asterisks at the end of s.
func matchSuffix(tokens []token, s string) bool {
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].kind == anyOne {
			_, size := utf8.DecodeLastRuneInString(s)
			if size == 0 {
				return false
			}
			s = s[:len(s)-size]
			continue
		}
		var ok bool
		if s, ok = strings.CutSuffix(s, tokens[i].text); !ok {
			return false
		}
	}
	return true
}

// skipTo finds the leftmost place where tokens match and returns what follows.
func skipTo(tokens []token, s string) (string, bool) {
	for {
		if tokens[0].kind == literal {
			at := strings.Index(s, tokens[0].text)
			if at < 0 {
				return "", false
			}
			s = s[at:]
		}
		if n, ok := matchPrefix(tokens, s); ok {
			return s[n:], true
		}
		_, size := utf8.DecodeRuneInString(s)
		if size == 0 {
			return "", false
		}
		s = s[size:]
	}
}

// splitAtColons cuts a compiled pattern at the first n-1 colons of its
// literals. Colons inside variables do not cut. It reports false if there are
// fewer.
func (p *pattern) splitAtColons(n int) ([]pattern, bool) {
	parts := make([]pattern, 1, n)
	for _, t := range p.tokens {
		for t.kind == literal && len(parts) < n {
			before, after, found := strings.Cut(t.text, ":")
			if !found {
				break
			}
			if before != "" {
				parts[len(parts)-1].add(token{kind: literal, text: before})
			}
			parts = append(parts, pattern{})
			t.text = after
		}
		if t.kind != literal || t.text != "" {
			parts[len(parts)-1].add(t)
		}
	}
	return parts, len(parts) == n
}

func (p *pattern) add(t token) {
	p.tokens = append(p.tokens, t)
	p.variables = p.variables || t.kind == variable
	p.wild = p.wild || t.kind == anyOne || t.kind == anyRun
}
