package iampolicy

import "strings"

// arn is a request's resource, cut at its first five colons.
type arn struct {
	segments [6]string
	ok       bool // has six segments
}

func cutARN(s string) (a arn) {
	for i := range 5 {
		var found bool
		if a.segments[i], s, found = strings.Cut(s, ":"); !found {
			return arn{}
		}
	}
	a.segments[5], a.ok = s, true
	return a
}

// resourcePattern is one Resource or NotResource element. Wildcards stay
// inside their segment, except in the last, which is the whole rest; only
// there are variables known.
type resourcePattern struct {
	written  string
	all      bool // a lone "*", the only pattern that a request without resource matches
	segments [6]pattern
	fixed    [5]bool // segment is plain text
}

// compileResource compiles one element. Policies from before ARNs were
// checked may end early: what is missing counts as "*".
func compileResource(text string, special syntax) resourcePattern {
	r := resourcePattern{written: text, all: text == "*"}
	parts := strings.SplitN(text, ":", 6)
	for i := range r.segments {
		switch {
		case i >= len(parts):
			r.segments[i] = compilePattern("*", wildcards)
		case i < 5:
			r.segments[i] = compilePattern(parts[i], wildcards)
			r.fixed[i] = !r.segments[i].wild
		default:
			r.segments[i] = compilePattern(parts[i], wildcards|special)
		}
	}
	return r
}

func (r *resourcePattern) matches(a *arn, keys Keys) bool {
	if r.all {
		return true
	}
	if !a.ok {
		return false
	}
	for i := range r.segments {
		p := &r.segments[i]
		if i < 5 && r.fixed[i] {
			if len(p.tokens) == 0 {
				if a.segments[i] != "" {
					return false
				}
			} else if p.tokens[0].text != a.segments[i] {
				return false
			}
			continue
		}
		if !p.matches(a.segments[i], keys) {
			return false
		}
	}
	return true
}

// actionPattern is one Action or NotAction element in lower case.
type actionPattern struct {
	written string
	all     bool // a lone "*"
	vendor  pattern
	name    pattern
}

// compileAction compiles one element. It is neither trimmed nor cut at
// commas: "s3:Get*, s3:Put*" is one action that no request has.
func compileAction(text string) actionPattern {
	vendor, name, _ := strings.Cut(strings.ToLower(text), ":")
	return actionPattern{
		written: text,
		all:     text == "*",
		vendor:  compilePattern(vendor, wildcards),
		name:    compilePattern(name, wildcards),
	}
}

// action is a request's action in lower case.
type action struct{ vendor, name string }

func cutAction(s string) action {
	vendor, name, _ := strings.Cut(strings.ToLower(s), ":")
	return action{vendor, name}
}

func (p *actionPattern) matches(a *action) bool {
	return p.all || p.vendor.matches(a.vendor, nil) && p.name.matches(a.name, nil)
}
