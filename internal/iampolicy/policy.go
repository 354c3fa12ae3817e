package iampolicy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Policy is a compiled document. It never changes and may be shared.
type Policy struct {
	text       string
	statements []statement
}

// statement is one compiled statement.
type statement struct {
	sid        string
	deny       bool
	notAction  bool
	actions    []actionPattern
	resources  []resourcePattern
	resource   resourceRule
	principals principals
	conditions []condition
	start, end int
	from, to   Position // the same as positions
}

type resourceRule uint8

const (
	anyResource resourceRule = iota // neither element: trust policies
	onlyListed
	allButListed
)

// Text returns the document as it was written.
func (p *Policy) Text() string { return p.text }

// Size returns the number of characters that count against IAM's quotas,
// which leave out white space.
func (p *Policy) Size() int { return Size(p.text) }

// Size counts a document as IAM's quotas do: without white space.
func Size(doc string) int {
	n := 0
	for _, r := range doc {
		if !strings.ContainsRune(" \t\r\n", r) {
			n++
		}
	}
	return n
}

// Principals lists the entries of all Principal elements in document order.
func (p *Policy) Principals() []PrincipalRef {
	var refs []PrincipalRef
	for i := range p.statements {
		for _, e := range p.statements[i].principals.entries {
			refs = append(refs, e.PrincipalRef)
		}
	}
	return refs
}

// Bind returns a copy in which the users, roles and sessions named by ids are
// matched by unique id: a re-created namesake does not match. ids maps a
// principal as written to the id of its user or role.
func (p *Policy) Bind(ids map[string]string) *Policy {
	c := &Policy{text: p.text, statements: slices.Clone(p.statements)}
	for i := range c.statements {
		s := &c.statements[i]
		s.principals.entries = slices.Clone(s.principals.entries)
		for j := range s.principals.entries {
			s.principals.entries[j].id = ids[s.principals.entries[j].Value]
		}
	}
	return c
}

// Render returns the document with principals replaced, as IAM shows a trust
// policy: by their new ARN after a rename, by their unique id after deletion.
func (p *Policy) Render(replace map[string]string) string {
	var b strings.Builder
	at := 0
	for _, r := range p.Principals() {
		if text, ok := replace[r.Value]; ok && r.start >= at {
			quoted, _ := json.Marshal(text) // a string always marshals
			b.WriteString(p.text[at:r.start])
			b.Write(quoted)
			at = r.end
		}
	}
	b.WriteString(p.text[at:])
	return b.String()
}

// Position is a place in a document, both parts counted from 1.
type Position struct{ Line, Column int }

func (p *Policy) position(offset int) Position {
	before := p.text[:offset]
	return Position{
		Line:   1 + strings.Count(before, "\n"),
		Column: offset - strings.LastIndexByte(before, '\n'),
	}
}
