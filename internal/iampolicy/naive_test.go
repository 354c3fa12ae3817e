package iampolicy_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// The naive evaluator: regular expressions instead of token matching, text
// substitution with quoting instead of literal tokens, one pass a rule.

type naiveStatement struct {
	Effect                string
	Action, NotAction     []string
	Resource, NotResource []string
	Condition             map[string]map[string][]string
}

func naiveGlob(pattern, value string, keys map[string][]string) bool {
	missing := false
	expr := regexp.MustCompile(`\$\{[^}]*\}|\*|\?|[^*?$]+|\$`).ReplaceAllStringFunc(pattern, func(part string) string {
		switch {
		case part == "*":
			return ".*"
		case part == "?":
			return "."
		case part == "${*}", part == "${?}", part == "${$}":
			return regexp.QuoteMeta(part[2:3])
		case strings.HasPrefix(part, "${"):
			v := keys[strings.ToLower(part[2:len(part)-1])]
			missing = missing || len(v) != 1
			return regexp.QuoteMeta(strings.Join(v, ""))
		}
		return regexp.QuoteMeta(part)
	})
	return !missing && regexp.MustCompile(`(?s)^(?:`+expr+`)$`).MatchString(value)
}

func naiveARN(pattern, value string, keys map[string][]string) bool {
	if pattern == "*" {
		return true
	}
	p, v := strings.SplitN(pattern, ":", 6), strings.SplitN(value, ":", 6)
	if len(v) < 6 {
		return false
	}
	for i := range p {
		if !naiveGlob(p[i], v[i], keys) {
			return false
		}
	}
	return true
}

func (s naiveStatement) matches(action, resource string, keys map[string][]string) bool {
	act := func(p string) bool { return naiveGlob(strings.ToLower(p), strings.ToLower(action), nil) }
	res := func(p string) bool { return naiveARN(p, resource, keys) }
	if s.Action != nil && !slices.ContainsFunc(s.Action, act) || s.NotAction != nil && slices.ContainsFunc(s.NotAction, act) ||
		s.Resource != nil && !slices.ContainsFunc(s.Resource, res) || s.NotResource != nil && slices.ContainsFunc(s.NotResource, res) {
		return false
	}
	for op, block := range s.Condition {
		for key, want := range block {
			if !naiveCondition(op, keys[key], want, keys) {
				return false
			}
		}
	}
	return true
}

func naiveCondition(op string, got, want []string, keys map[string][]string) bool {
	op, ifExists := strings.CutSuffix(op, "IfExists")
	if len(got) == 0 && ifExists {
		return true
	}
	set, op, found := strings.Cut(op, ":")
	if !found {
		set, op = "", set
	}
	positive, not := strings.CutPrefix(op, "StringNot")
	if not {
		op = "String" + strings.Replace(positive, "Equals", "Equals", 1)
	}
	hits := 0
	for _, g := range got {
		listed := slices.ContainsFunc(want, func(w string) bool {
			if op == "StringEquals" {
				w = regexp.MustCompile(`^[*?]|[^{][*?]`).ReplaceAllStringFunc(w, func(s string) string { return s[:len(s)-1] + "${" + s[len(s)-1:] + "}" })
			}
			return naiveGlob(w, g, keys)
		})
		if listed != not {
			hits++
		}
	}
	switch {
	case set == "ForAllValues":
		return hits == len(got)
	case set == "ForAnyValue":
		return hits > 0
	case len(got) == 0:
		return not
	case not:
		return hits == len(got)
	}
	return hits > 0
}

func TestAgainstNaiveEvaluator(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "ab", "*", "?", "a*", "*b", "a?", "a*b*a", "${k}", "${l}", "${*}", "x/${k}*", ""})
	value := rapid.SampledFrom([]string{"a", "b", "ab", "aba", "abba", "*", "x/a", "x/ab", "?", ""})
	action := rapid.SampledFrom([]string{"s:Get", "S:get", "s:*", "*:Get", "s:G?t", "*", "t:Get", "s:Get "})
	list := func(g *rapid.Generator[string]) *rapid.Generator[[]string] { return rapid.SliceOfN(g, 1, 3) }
	resource := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "star") {
			return "*"
		}
		return fmt.Sprintf("arn:aws:s:%s::%s", rapid.SampledFrom([]string{"", "*", "e", "?"}).Draw(t, "region"), word.Draw(t, "rest"))
	})
	operator := rapid.SampledFrom([]string{
		"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists", "StringNotLikeIfExists",
		"ForAllValues:StringLike", "ForAnyValue:StringLike", "ForAllValues:StringNotEquals", "ForAnyValue:StringNotLike", "ForAnyValue:StringEqualsIfExists",
	})
	statement := rapid.Custom(func(t *rapid.T) naiveStatement {
		s := naiveStatement{Effect: rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")}
		if rapid.IntRange(0, 3).Draw(t, "not action") == 0 {
			s.NotAction = list(action).Draw(t, "actions")
		} else {
			s.Action = list(action).Draw(t, "actions")
		}
		if rapid.IntRange(0, 3).Draw(t, "not resource") == 0 {
			s.NotResource = list(resource).Draw(t, "resources")
		} else {
			s.Resource = list(resource).Draw(t, "resources")
		}
		if n := rapid.IntRange(0, 2).Draw(t, "conditions"); n > 0 {
			s.Condition = map[string]map[string][]string{}
			for range n {
				s.Condition[operator.Draw(t, "operator")] = map[string][]string{
					rapid.SampledFrom([]string{"k", "l", "m"}).Draw(t, "key"): list(word).Draw(t, "wanted"),
				}
			}
		}
		return s
	})
	question := func(t *rapid.T) {
		statements := rapid.SliceOfN(statement, 1, 4).Draw(t, "statements")
		keys := map[string][]string{}
		for _, k := range []string{"k", "l", "m"} {
			if n := rapid.IntRange(0, 2).Draw(t, "values"); n > 0 {
				keys[k] = rapid.SliceOfN(value, n, n).Draw(t, k)
			}
		}
		target := rapid.SampledFrom([]string{"*", "arn:aws:s:::a", "arn:aws:s:e::ab", "arn:aws:s:::x/a:b", "arn:aws:s:::*", "arn:aws:s:::"}).Draw(t, "resource")

		want := iampolicy.ImplicitDeny
		for _, s := range statements {
			if !s.matches("s:Get", target, keys) {
				continue
			}
			if s.Effect == "Deny" {
				want = iampolicy.ExplicitDeny
			} else if want == iampolicy.ImplicitDeny {
				want = iampolicy.Allowed
			}
		}

		p, err := iampolicy.Load(marshal(statements))
		if err != nil {
			t.Fatal(err)
		}
		q := iampolicy.Question{Principal: user(), Action: "s:Get", Resource: target, Keys: iampolicy.Values(keys)}
		set := iampolicy.Set{Identity: []iampolicy.Source{{Policy: p}}}
		if got := iampolicy.Evaluate(&q, &set).Outcome; got != want {
			t.Fatalf("outcome %v, want %v\n%s\nkeys %v, resource %s", got, want, p.Text(), keys, target)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			question(t)
		}
	})
}

// marshal writes statements without the elements that they do not have.
func marshal(statements []naiveStatement) string {
	var out []string
	for _, s := range statements {
		members := []string{fmt.Sprintf(`"Effect":%q`, s.Effect)}
		add := func(name string, v any, present bool) {
			if present {
				b, _ := json.Marshal(v)
				members = append(members, fmt.Sprintf("%q:%s", name, b))
			}
		}
		add("Action", s.Action, s.Action != nil)
		add("NotAction", s.NotAction, s.NotAction != nil)
		add("Resource", s.Resource, s.Resource != nil)
		add("NotResource", s.NotResource, s.NotResource != nil)
		add("Condition", s.Condition, s.Condition != nil)
		out = append(out, "{"+strings.Join(members, ",")+"}")
	}
	return doc("[" + strings.Join(out, ",") + "]")
}
