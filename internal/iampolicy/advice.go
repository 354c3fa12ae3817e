package iampolicy

import (
	"fmt"
	"strings"
)

// Changes says what would have to change for the answer to be yes, one
// sentence a way. It is empty for what was allowed.
//
// A refusal is put down to one layer. Another may stand behind it: who mends
// the first and asks again is told of the next.
func (e *Explanation) Changes() []string {
	switch e.Decision.Outcome {
	case Allowed:
		return nil
	case ExplicitDeny:
		return e.liftDenies()
	}
	var ways []string
	for i := range e.Statements {
		s := &e.Statements[i]
		if s.Layer == e.Decision.Layer && !s.Deny && !s.Matched {
			ways = append(ways, s.nearMiss(e))
		}
	}
	return append(ways, e.newAllow())
}

// liftDenies names every statement that denies: all of them have to go.
func (e *Explanation) liftDenies() []string {
	var ways []string
	for i := range e.Statements {
		s := &e.Statements[i]
		if !s.Deny || !s.Matched {
			continue
		}
		way := "Remove or narrow " + s.Name() + ", which denies it; no allow outweighs a deny."
		if len(s.Conditions) > 0 {
			way += " It applies because " + conditionsText(s.Conditions, true) + "."
		}
		ways = append(ways, way)
	}
	return ways
}

// nearMiss says what keeps a statement that is about the action from allowing it.
func (s *StatementTrace) nearMiss(e *Explanation) string {
	switch s.Miss {
	case MissResource:
		return fmt.Sprintf("Let %s cover the resource %s.", s.Name(), e.Resource)
	case MissPrincipal:
		return fmt.Sprintf("Let %s name the principal.", s.Name())
	}
	return fmt.Sprintf("Meet the conditions of %s: %s.", s.Name(), conditionsText(s.Conditions, false))
}

// newAllow is the way that is always open.
func (e *Explanation) newAllow() string {
	allow := fmt.Sprintf("an Allow of %s on %s", e.Action, e.Resource)
	switch e.Decision.Layer {
	case BoundaryLayer:
		return "Add " + allow + " to the principal's permissions boundary."
	case SessionLayer:
		return "Begin the session with a session policy that has " + allow + "; a session that has begun cannot be widened."
	case TrustLayer:
		return "Add a statement to the role's trust policy that allows " + e.Action + " to the principal."
	case ResourceLayer:
		return "Add " + allow + " to the policy of the resource; without one nobody from outside reaches it."
	}
	return "Add " + allow + " to an identity-based policy of the principal."
}

// Name names a statement for people: its policy, and where it stands there.
func (s *StatementTrace) Name() string {
	name := fmt.Sprintf("statement %d", s.Index+1)
	if s.Sid != "" {
		name += " (" + s.Sid + ")"
	}
	name += " of the " + string(s.Layer)
	if s.PolicyARN != "" {
		return name + " " + s.PolicyARN
	}
	if s.Policy != "" {
		return name + " " + s.Policy
	}
	return name
}

// conditionsText lists the conditions that hold, or those that do not, with
// the values that the request has.
func conditionsText(conditions []ConditionTrace, hold bool) string {
	var parts []string
	for i := range conditions {
		if conditions[i].Holds == hold {
			parts = append(parts, conditions[i].String())
		}
	}
	return strings.Join(parts, "; ")
}

// String writes the condition with wanted and actual values.
func (c *ConditionTrace) String() string {
	actual := "is not there"
	if c.Present {
		actual = "is " + quoted(c.Actual)
	}
	return fmt.Sprintf("%s asks for %s = %s, which %s", c.Operator, c.Key, quoted(c.Wanted), actual)
}

func quoted(values []string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf("%q", v)
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
