package shape

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// rule is the compiled form of an awsapi.Shape: each constraint with the
// sentence that AWS answers when it is violated.
type rule struct {
	min, max         int64
	hasMin, hasMax   bool
	minText, maxText string
	enum             []string
	enumText         string
	pattern          matcher
	patternText      string
}

// newRule compiles the constraints of a shape; nil when it has none that a
// value could violate.
func newRule(s awsapi.Shape, kind Kind) *rule {
	r := new(rule)
	if s.Range != "" {
		low, high, _ := strings.Cut(s.Range, "..")
		what := "length"
		if kind == Integer {
			what = "value"
		}
		if r.min, r.hasMin = number(s, low); r.hasMin {
			r.minText = "Member must have " + what + " greater than or equal to " + low
		}
		if r.max, r.hasMax = number(s, high); r.hasMax {
			r.maxText = "Member must have " + what + " less than or equal to " + high
		}
	}
	if len(s.Enum) > 0 {
		r.enum = s.Enum
		r.enumText = "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
	}
	if s.Pattern != "" {
		m, err := compilePattern(s.Pattern)
		if err != nil {
			panic(fmt.Sprintf("shape %s: %v", s.Name, err))
		}
		r.pattern = m
		r.patternText = "Member must satisfy regular expression pattern: " + s.Pattern
	}
	if !r.hasMin && !r.hasMax && r.enum == nil && r.pattern == nil {
		return nil
	}
	return r
}

func number(s awsapi.Shape, text string) (n int64, ok bool) {
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("shape %s: bad range %q", s.Name, s.Range))
	}
	return n, true
}

// str reports each violated constraint of a string. AWS was seen to name the
// pattern before the lengths.
func (r *rule) str(s string, violated func(sentence string)) {
	if r == nil {
		return
	}
	if r.enum != nil && !slices.Contains(r.enum, s) {
		violated(r.enumText)
	}
	if r.pattern != nil && !r.pattern.match(s) {
		violated(r.patternText)
	}
	if r.hasMin || r.hasMax {
		r.count(int64(utf8.RuneCountInString(s)), violated)
	}
}

// count reports a length, a number of items or a number that is out of range.
func (r *rule) count(n int64, violated func(sentence string)) {
	if r == nil {
		return
	}
	if r.hasMax && n > r.max {
		violated(r.maxText)
	}
	if r.hasMin && n < r.min {
		violated(r.minText)
	}
}

// all lists every sentence of the rule in the order in which AWS prints what
// the items of a list or the keys of a map must satisfy.
func (r *rule) all() string {
	var list []string
	for _, s := range []string{r.maxText, r.minText, r.patternText, r.enumText} {
		if s != "" {
			list = append(list, s)
		}
	}
	return "[" + strings.Join(list, ", ") + "]"
}
