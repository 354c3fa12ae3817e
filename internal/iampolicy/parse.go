package iampolicy

import "strings"

// Versions of the policy language. Without a version a document is of the
// old one, in which "${" is plain text.
const (
	oldVersion     = "2008-10-17"
	currentVersion = "2012-10-17"
)

// Kind says where a document is going to be used, which decides what it may
// contain and with which sentence it is refused.
type Kind uint8

// Kinds of document.
const (
	Managed Kind = iota + 1 // managed policies
	Inline                  // inline policies of users, groups and roles, and session policies
	Trust                   // trust policies of roles
)

// Malformed is why a document was refused, in AWS's words. The doors answer
// it as MalformedPolicyDocument.
type Malformed struct{ Message string }

func (m *Malformed) Error() string { return m.Message }

// Parse checks a document as AWS does when it is written and compiles it. The
// error is a *Malformed. That the principals of a trust policy exist is for
// the caller to check; see Principals.
func Parse(doc string, kind Kind) (*Policy, error) {
	raw, fault := readShape(doc)
	check := checkIdentity
	if kind == Trust {
		check = checkTrust
	}
	if message := check(raw, fault, kind); message != "" {
		return nil, &Malformed{message}
	}
	return compile(raw), nil
}

// Load compiles a document that Parse accepted earlier, perhaps under rules
// that have become stricter since. The error is a *Malformed.
func Load(doc string) (*Policy, error) {
	raw, fault := readShape(doc)
	if fault != nil {
		return nil, &Malformed{syntaxErrors}
	}
	return compile(raw), nil
}

func compile(raw *rawPolicy) *Policy {
	special := syntax(0)
	if raw.version == currentVersion {
		special = variables
	}
	p := &Policy{text: raw.text, statements: make([]statement, len(raw.statements))}
	var at places
	for i := range raw.statements {
		st := compileStatement(&raw.statements[i], special)
		st.from, st.to = at.next(p.text, st.start), at.next(p.text, st.end)
		p.statements[i] = st
	}
	return p
}

// places turns ascending offsets into positions, in one walk over the text.
type places struct {
	offset, lines, line int // line is where the current one begins
}

func (p *places) next(text string, offset int) Position {
	part := text[p.offset:offset]
	p.lines += strings.Count(part, "\n")
	if i := strings.LastIndexByte(part, '\n'); i >= 0 {
		p.line = p.offset + i + 1
	}
	p.offset = offset
	return Position{Line: 1 + p.lines, Column: 1 + offset - p.line}
}

func compileStatement(raw *rawStatement, special syntax) statement {
	s := statement{
		sid:       raw.sid,
		deny:      strings.EqualFold(raw.effect, "Deny"),
		notAction: raw.notAction != nil,
		start:     raw.start,
		end:       raw.end,
	}
	for _, a := range append(raw.action, raw.notAction...) {
		s.actions = append(s.actions, compileAction(a))
	}
	switch {
	case raw.resource != nil:
		s.resource = onlyListed
	case raw.notResource != nil:
		s.resource = allButListed
	}
	for _, r := range append(raw.resource, raw.notResource...) {
		s.resources = append(s.resources, compileResource(r, special))
	}
	s.principals.present = raw.principal != nil || raw.notPrincipal != nil
	s.principals.not = raw.notPrincipal != nil
	for _, ref := range append(raw.principal, raw.notPrincipal...) {
		s.principals.entries = append(s.principals.entries, entry{PrincipalRef: ref})
	}
	for _, c := range raw.conditions {
		op, set, ifExists, ok := cutOperator(c.operator)
		if !ok {
			continue // readShape lets an unknown operator pass only without keys
		}
		if special == 0 {
			plain := *op
			plain.special &^= variables
			op = &plain
		}
		compiled := condition{
			name: c.operator, op: op, set: set, ifExists: ifExists,
			key: strings.ToLower(c.key), keyText: c.key,
		}
		for _, v := range c.values {
			compiled.operands = append(compiled.operands, newOperand(op, v))
		}
		s.conditions = append(s.conditions, compiled)
	}
	return s
}
