package iampolicy

import (
	"slices"
	"strings"
)

// set is the prefix that says how the values of a multi-valued key count.
type set uint8

const (
	single set = iota
	forAnyValue
	forAllValues
)

// condition is one operator applied to one key.
type condition struct {
	name     string // operator as written, with prefix and suffix
	op       *operator
	set      set
	ifExists bool
	key      string // lower case
	keyText  string // as written
	operands []operand
}

// cutOperator takes an operator name apart. It reports false for names that
// IAM does not know.
func cutOperator(name string) (op *operator, s set, ifExists, ok bool) {
	base := name
	if rest, found := strings.CutPrefix(base, "ForAnyValue:"); found {
		base, s = rest, forAnyValue
	} else if rest, found := strings.CutPrefix(base, "ForAllValues:"); found {
		base, s = rest, forAllValues
	}
	base, ifExists = strings.CutSuffix(base, "IfExists")
	op, ok = operators[base]
	if ok && op.null && (ifExists || s != single) {
		return nil, 0, false, false
	}
	return op, s, ifExists, ok
}

// holds evaluates the condition.
func (c *condition) holds(keys Keys) bool {
	values, present := keys.Lookup(c.key)
	absent := !present || len(values) == 0
	switch {
	case c.op.null:
		return slices.ContainsFunc(c.operands, func(o operand) bool { return o.ok && o.truth == absent })
	case absent && c.ifExists:
		return true
	case absent && c.set == single:
		return c.op.negated
	case absent:
		return c.set == forAllValues
	}
	// Without a prefix, several request values count as ForAnyValue for a
	// positive operator; a negated one holds where no value matches.
	// UNCONFIRMED: AWS leaves this case open.
	all := c.set == forAllValues || c.set == single && c.op.negated
	for _, v := range values {
		if hit := c.listed(v, keys) != c.op.negated; hit != all {
			return hit
		}
	}
	return all
}

// listed reports whether the policy lists the value.
func (c *condition) listed(value string, keys Keys) bool {
	for i := range c.operands {
		if c.op.match(&c.operands[i], value, keys) {
			return true
		}
	}
	return false
}
