package iampolicy

import "slices"

// namePolicyOfDeny appends the ARN of the managed policy to the reason of an
// explicit deny, as AWS has done since 2026.
const namePolicyOfDeny = true

// Reason is the end of AWS's access-denied sentence: why action was refused.
// It is empty for what was allowed.
func (d Decision) Reason(action string) string {
	switch d.Outcome {
	case Allowed:
		return ""
	case ImplicitDeny:
		return "because no " + string(d.Layer) + " allows the " + action + " action"
	}
	reason := "with an explicit deny in " + article(d.Layer) + string(d.Layer)
	if namePolicyOfDeny && d.Source != nil && d.Source.ARN != "" {
		reason += ": " + d.Source.ARN
	}
	return reason
}

func article(l Layer) string {
	switch l {
	case IdentityLayer:
		return "an "
	case TrustLayer:
		return "the "
	}
	return "a "
}

// Explanation is a decision with everything that led to it.
type Explanation struct {
	Decision   Decision
	Action     string
	Resource   string
	Statements []StatementTrace // those about this action, in order of evaluation
}

// StatementTrace tells how one statement fared.
type StatementTrace struct {
	Layer      Layer
	Policy     string `json:",omitempty"` // name of the policy
	PolicyARN  string `json:",omitempty"` // of a managed policy
	Index      int
	Sid        string `json:",omitempty"`
	Deny       bool   `json:",omitempty"`
	Matched    bool
	Miss       Miss             `json:",omitempty"` // what did not match; empty if Matched
	Conditions []ConditionTrace `json:",omitempty"`
	Start, End Position
	Text       string `json:"-"` // as it was written; no part of what is kept of an explanation
}

// Miss is the element of a statement that kept it from applying.
type Miss string

// Elements that can miss.
const (
	MissResource  Miss = "resource"
	MissPrincipal Miss = "principal"
	MissCondition Miss = "condition"
)

// ConditionTrace is a condition with the values that it was held against.
type ConditionTrace struct {
	Operator string // as written
	Key      string // as written
	Wanted   []string
	Present  bool
	Actual   []string `json:",omitempty"`
	Holds    bool
}

// Explain answers q like Evaluate and keeps a record of every statement that
// is about the action.
func Explain(q *Question, set *Set) Explanation {
	a := asked{Question: q, action: cutAction(q.Action), resource: cutARN(q.Resource), bounded: set.Boundary != nil}
	e := Explanation{Decision: Evaluate(q, set), Action: q.Action, Resource: q.Resource}
	for i := range set.Identity {
		e.trace(&a, &set.Identity[i], IdentityLayer)
	}
	if set.Boundary != nil {
		e.trace(&a, set.Boundary, BoundaryLayer)
	}
	for i := range set.Session {
		e.trace(&a, &set.Session[i], SessionLayer)
	}
	if set.Resource != nil && set.Trust {
		e.trace(&a, set.Resource, TrustLayer)
	} else if set.Resource != nil {
		e.trace(&a, set.Resource, ResourceLayer)
	}
	return e
}

func (e *Explanation) trace(a *asked, source *Source, layer Layer) {
	for i := range source.Policy.statements {
		s := &source.Policy.statements[i]
		if !a.coversAction(s) {
			continue
		}
		t := StatementTrace{
			Layer: layer, Policy: source.Name, PolicyARN: source.ARN, Index: i, Sid: s.sid, Deny: s.deny,
			Start: s.from, End: s.to,
			Text: source.Policy.text[s.start:s.end],
		}
		for j := range s.conditions {
			t.Conditions = append(t.Conditions, s.conditions[j].trace(a.Keys))
		}
		named := layer != ResourceLayer && layer != TrustLayer || s.principals.grants(a.Principal, s.deny, a.bounded) != 0
		switch {
		case !a.coversResource(s):
			t.Miss = MissResource
		case !named:
			t.Miss = MissPrincipal
		case !a.meets(s):
			t.Miss = MissCondition
		default:
			t.Matched = true
		}
		e.Statements = append(e.Statements, t)
	}
}

func (c *condition) trace(keys Keys) ConditionTrace {
	values, present := keys.Lookup(c.key)
	t := ConditionTrace{
		Operator: c.name, Key: c.keyText, Present: present,
		Actual: slices.Clone(values), Holds: c.holds(keys),
	}
	for i := range c.operands {
		t.Wanted = append(t.Wanted, c.operands[i].written)
	}
	return t
}
