package shape

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
)

const (
	// maxViolations bounds the answer to an input that is wrong everywhere.
	maxViolations = 100
	// maxEcho bounds, in bytes, how much of a wrong value an answer repeats.
	maxEcho = 2048
)

// Check compares an input, a pointer to a generated structure, with the
// constraints of the model. A violation is answered with the error that the
// service uses for it and one sentence for each, in the order of the members.
func Check(service *awsapi.Service, in any) error {
	v := reflect.ValueOf(in).Elem()
	c := checker{hidden: service.HidesValues}
	c.structure(Of(service, v.Type()), v)
	switch n := len(c.found); n {
	case 0:
		return nil
	case 1:
		return service.Invalid.New("1 validation error detected: %s", c.found[0])
	default:
		return service.Invalid.New("%d validation errors detected: %s", n, strings.Join(c.found, "; "))
	}
}

// checker walks an input. The path of the value at hand is kept in pieces, so
// that a good input costs no string building.
type checker struct {
	hidden bool // values are left out of the sentences
	path   []string
	found  []string
}

func (c *checker) structure(p *Plan, s reflect.Value) {
	for i := range p.Fields {
		f := &p.Fields[i]
		v, present := f.Get(s)
		if !present && !f.Required {
			continue
		}
		c.path = append(c.path, f.path)
		switch {
		case present:
			c.value(f.Plan, v)
		case c.hidden:
			c.report("Value", "Member must not be null")
		default:
			c.report("Value null", "Member must not be null")
		}
		c.path = c.path[:len(c.path)-1]
	}
}

func (c *checker) value(p *Plan, v reflect.Value) {
	switch p.Kind {
	case Structure:
		around := c.hidden
		c.hidden = around || p.sensitive
		c.structure(p, v)
		c.hidden = around
	case String:
		if p.rule != nil {
			s := v.String()
			p.rule.str(s, func(sentence string) { c.report(c.echo(p, v), sentence) })
		}
	case Integer:
		if p.rule != nil {
			p.rule.count(v.Int(), func(sentence string) { c.report("Value '"+strconv.FormatInt(v.Int(), 10)+"'", sentence) })
		}
	case Blob:
		if p.rule != nil {
			p.rule.count(int64(v.Len()), func(sentence string) { c.report("Value", sentence) })
		}
	case List:
		c.list(p, v)
	case Map:
		c.entries(p, v)
	}
}

func (c *checker) list(p *Plan, v reflect.Value) {
	if p.rule != nil {
		p.rule.count(int64(v.Len()), func(sentence string) { c.report(c.echo(p, v), sentence) })
	}
	if p.Elem.Kind == String && p.Elem.rule != nil {
		for i := range v.Len() {
			if !p.Elem.rule.holds(v.Index(i).String()) {
				c.report(c.echo(p, v), "Member must satisfy constraint: "+p.Elem.rule.all())
				return
			}
		}
	}
	if !p.Elem.deep() {
		return
	}
	for i := range v.Len() {
		c.path = append(c.path, strconv.Itoa(i+1), "member")
		c.value(p.Elem, v.Index(i))
		c.path = c.path[:len(c.path)-2]
	}
}

func (c *checker) entries(p *Plan, v reflect.Value) {
	if p.rule != nil {
		p.rule.count(int64(v.Len()), func(sentence string) { c.report(c.echo(p, v), sentence) })
	}
	keyOK, valueOK := true, true
	for it := v.MapRange(); it.Next() && (keyOK || valueOK); {
		keyOK = keyOK && p.key.holds(it.Key().String())
		valueOK = valueOK && (p.Elem.Kind != String || p.Elem.rule.holds(it.Value().String()))
	}
	if !keyOK {
		c.report(c.echo(p, v), "Map keys must satisfy constraint: "+p.key.all())
	}
	if !valueOK {
		c.report(c.echo(p, v), "Map value must satisfy constraint: "+p.Elem.rule.all())
	}
	if !p.Elem.deep() {
		return
	}
	for _, key := range sortedKeys(v) {
		c.path = append(c.path, key.String(), "member")
		c.value(p.Elem, v.MapIndex(key))
		c.path = c.path[:len(c.path)-2]
	}
}

// deep reports whether there is more to check inside of a list's or a map's
// items than a rule for strings.
func (p *Plan) deep() bool {
	return p.Kind == Structure || p.Kind == List || p.Kind == Map || p.Kind == Integer
}

// holds reports whether a string satisfies the rule.
func (r *rule) holds(s string) bool {
	ok := true
	r.str(s, func(string) { ok = false })
	return ok
}

func (c *checker) report(value, sentence string) {
	if len(c.found) == maxViolations {
		return
	}
	c.found = append(c.found, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", value, cut(strings.Join(c.path, ".")), sentence))
}

// echo begins a sentence with the value at hand, or without it where AWS does
// so too: sensitive values, and all but numbers in IAM.
func (c *checker) echo(p *Plan, v reflect.Value) string {
	if c.hidden || p.sensitive || p.Elem != nil && p.Elem.Kind != String {
		return "Value"
	}
	var text string
	switch p.Kind {
	case List:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = v.Index(i).String()
		}
		text = "[" + strings.Join(items, ", ") + "]"
	case Map:
		var items []string
		for _, k := range sortedKeys(v) {
			items = append(items, k.String()+"="+v.MapIndex(k).String())
		}
		text = "{" + strings.Join(items, ", ") + "}"
	default:
		text = v.String()
	}
	return "Value '" + cut(text) + "'"
}

// cut shortens s to maxEcho bytes without splitting a character.
func cut(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	n := maxEcho
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
