package iampolicy

import (
	"slices"
	"strings"
)

// Simulator answers questions about one set of policies as IAM's policy
// simulator does: with the statements that decided and the condition keys that
// were not given. It is for one goroutine.
type Simulator struct {
	set  *Set
	keys map[*Policy][][]string // of each statement, as written
}

// NewSimulator returns a Simulator.
func NewSimulator(set *Set) *Simulator { return &Simulator{set, map[*Policy][][]string{}} }

// Simulation is a decision as the simulator reports it.
type Simulation struct {
	Decision
	// Matched are the statements that decided: those that deny if one does,
	// else those that allow; none of an implicit deny.
	Matched []Match
	// Missing are the condition keys, as written, that statements about the
	// action ask for and the question does not have.
	Missing []string
	// Bounded tells that there is a permissions boundary, WithinBoundary that
	// it allows the action.
	Bounded, WithinBoundary bool
}

// Match is a statement that decided.
type Match struct {
	Layer      Layer
	Source     *Source
	Start, End Position
}

// Ask answers one question.
func (s *Simulator) Ask(q *Question) Simulation {
	a := asked{Question: q, action: cutAction(q.Action), resource: cutARN(q.Resource), bounded: s.set.Boundary != nil}
	out := Simulation{Decision: Evaluate(q, s.set), Bounded: a.bounded}
	if a.bounded {
		out.WithinBoundary, _ = a.allow(s.set.Boundary, BoundaryLayer)
	}
	for _, l := range s.layers() {
		for i := range l.source.Policy.statements {
			st := &l.source.Policy.statements[i]
			if !a.coversAction(st) {
				continue
			}
			for _, key := range s.keysOf(l.source.Policy)[i] {
				if _, present := q.Keys.Lookup(strings.ToLower(key)); !present && !slices.Contains(out.Missing, key) {
					out.Missing = append(out.Missing, key)
				}
			}
			if l.layer == BoundaryLayer && !st.deny || st.deny != (out.Outcome == ExplicitDeny) || out.Outcome == ImplicitDeny {
				continue
			}
			named := l.layer != ResourceLayer || st.principals.grants(q.Principal, st.deny, a.bounded) != 0
			if named && a.coversResource(st) && a.meets(st) {
				start, end := l.source.Policy.span(i)
				out.Matched = append(out.Matched, Match{l.layer, l.source, start, end})
			}
		}
	}
	return out
}

type layeredSource struct {
	layer  Layer
	source *Source
}

func (s *Simulator) layers() []layeredSource {
	var all []layeredSource
	for i := range s.set.Identity {
		all = append(all, layeredSource{IdentityLayer, &s.set.Identity[i]})
	}
	if s.set.Boundary != nil {
		all = append(all, layeredSource{BoundaryLayer, s.set.Boundary})
	}
	if s.set.Resource != nil {
		all = append(all, layeredSource{ResourceLayer, s.set.Resource})
	}
	return all
}

// Statements counts the statements of all policies: what a question costs.
func (s *Simulator) Statements() int {
	n := 0
	for _, l := range s.layers() {
		n += len(l.source.Policy.statements)
	}
	return n
}

func (s *Simulator) keysOf(p *Policy) [][]string {
	keys, ok := s.keys[p]
	if !ok {
		keys = p.statementKeys()
		s.keys[p] = keys
	}
	return keys
}

// span is where a statement stands as the simulator counts: from right behind
// the bracket, comma or colon before it, blanks included, to right behind its
// own end. (Seen in recorded answers of AWS.)
func (p *Policy) span(statement int) (start, end Position) {
	st := &p.statements[statement]
	from := len(strings.TrimRight(p.text[:st.start], " \t\r\n"))
	return p.position(from), p.position(st.end)
}

// ContextKeys lists the condition keys that a policy asks for, in its
// conditions and by its variables, as they are written, each once.
func (p *Policy) ContextKeys() []string {
	var all []string
	seen := map[string]bool{}
	for _, keys := range p.statementKeys() {
		for _, k := range keys {
			if lower := strings.ToLower(k); !seen[lower] {
				seen[lower] = true
				all = append(all, k)
			}
		}
	}
	return all
}

// statementKeys lists the keys of each statement, as written.
func (p *Policy) statementKeys() [][]string {
	out := make([][]string, len(p.statements))
	raw, fault := readShape(p.text)
	if fault != nil {
		return out // it has been read before
	}
	for i := range raw.statements {
		st := &raw.statements[i]
		for _, c := range st.conditions {
			out[i] = append(out[i], c.key)
		}
		if raw.version != currentVersion {
			continue // "${" is plain text
		}
		for _, text := range slices.Concat(st.resource, st.notResource) {
			out[i] = append(out[i], variablesIn(text)...)
		}
		for _, c := range st.conditions {
			for _, text := range c.values {
				out[i] = append(out[i], variablesIn(text)...)
			}
		}
	}
	return out
}

// variablesIn lists the names of the variables in a text.
func variablesIn(text string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(text, "${")
		if !found {
			return names
		}
		inside, rest, found := strings.Cut(rest, "}")
		if !found {
			return names
		}
		name, _, _ := strings.Cut(inside, ",")
		if name = strings.TrimSpace(name); name != "*" && name != "?" && name != "$" && name != "" {
			names = append(names, name)
		}
		text = rest
	}
}

// GrantsService reports whether a policy allows any action of a service, under
// whatever conditions, by its namespace such as "s3".
func (p *Policy) GrantsService(namespace string) bool {
	namespace = strings.ToLower(namespace)
	for i := range p.statements {
		st := &p.statements[i]
		if st.deny {
			continue
		}
		named := slices.ContainsFunc(st.actions, func(a actionPattern) bool {
			if st.notAction { // only what is excluded as a whole is not granted
				return a.all || a.vendor.matches(namespace, nil) && a.name.only()
			}
			return a.all || a.vendor.matches(namespace, nil)
		})
		if named != st.notAction {
			return true
		}
	}
	return false
}

// only reports whether a pattern is a lone asterisk.
func (p *pattern) only() bool { return len(p.tokens) == 1 && p.tokens[0].kind == anyRun }

// Services lists the namespaces that the policy names without wildcards in
// statements that allow, in lower case, each once.
func (p *Policy) Services() []string {
	var names []string
	for i := range p.statements {
		st := &p.statements[i]
		if st.deny || st.notAction {
			continue
		}
		for j := range st.actions {
			vendor, _, _ := strings.Cut(strings.ToLower(st.actions[j].written), ":")
			if vendor != "" && !strings.ContainsAny(vendor, "*?") && !slices.Contains(names, vendor) {
				names = append(names, vendor)
			}
		}
	}
	return names
}
