package iampolicy

// rawPolicy is a document cut into the elements of the policy language.
type rawPolicy struct {
	text       string
	version    string // empty: absent
	hasVersion bool
	statements []rawStatement
}

// rawStatement holds elements as written; a nil list is an absent element.
type rawStatement struct {
	sid                   string
	effect                string
	hasEffect             bool
	action, notAction     []string
	resource, notResource []string
	principal             []PrincipalRef
	notPrincipal          []PrincipalRef
	conditions            []rawCondition
	start, end            int
}

// rawCondition is one operator and one key with its values.
type rawCondition struct {
	operator, key string
	values        []string
}

// fault is a departure from the grammar that all kinds of document share.
type fault struct {
	kind   faultKind
	detail string // the name or value at fault
}

type faultKind uint8

const (
	badJSON faultKind = iota
	badVersion
	badStatement // a Statement element that is missing or empty
	badField     // an unknown element of a statement
	badEffect
	badOperator
	badShape // anything else of the wrong type
)

// readShape reads a document and checks the grammar.
func readShape(doc string) (*rawPolicy, *fault) {
	root, err := readJSON(doc)
	if err != nil || root.kind != objectNode {
		return nil, &fault{kind: badJSON}
	}
	raw := &rawPolicy{text: doc}
	for _, m := range root.members {
		switch m.name {
		case "Version":
			if m.value.kind != stringNode || m.value.text != oldVersion && m.value.text != currentVersion {
				return nil, &fault{badVersion, m.value.text}
			}
			raw.version, raw.hasVersion = m.value.text, true
		case "Id":
			if m.value.kind != stringNode {
				return nil, &fault{badShape, m.name}
			}
		case "Statement":
		default:
			return nil, &fault{badShape, m.name}
		}
	}
	list := root.member("Statement")
	if list == nil {
		return nil, &fault{kind: badStatement}
	}
	nodes := list.items
	if list.kind == objectNode {
		nodes = []node{*list}
	}
	if len(nodes) == 0 {
		return nil, &fault{kind: badStatement}
	}
	raw.statements = make([]rawStatement, len(nodes))
	for i := range nodes {
		if f := readStatement(&nodes[i], &raw.statements[i]); f != nil {
			return nil, f
		}
	}
	return raw, nil
}

func readStatement(n *node, s *rawStatement) *fault {
	if n.kind != objectNode {
		return &fault{badShape, "Statement"}
	}
	s.start, s.end = n.start, n.end
	for i := range n.members {
		v := &n.members[i].value
		name := n.members[i].name
		ok := true
		switch name {
		case "Sid":
			s.sid, ok = v.text, v.kind == stringNode
		case "Effect":
			s.effect, s.hasEffect, ok = v.text, true, v.kind == stringNode
		case "Action":
			s.action, ok = readStrings(v)
		case "NotAction":
			s.notAction, ok = readStrings(v)
		case "Resource":
			s.resource, ok = readStrings(v)
		case "NotResource":
			s.notResource, ok = readStrings(v)
		case "Principal":
			s.principal, ok = readPrincipals(v)
		case "NotPrincipal":
			s.notPrincipal, ok = readPrincipals(v)
		case "Condition":
			if f := readConditions(v, s); f != nil {
				return f
			}
		default:
			return &fault{badField, name}
		}
		if !ok {
			return &fault{badShape, name}
		}
	}
	switch {
	case s.action != nil && s.notAction != nil:
		return &fault{badShape, "NotAction"}
	case s.resource != nil && s.notResource != nil:
		return &fault{badShape, "NotResource"}
	case s.principal != nil && s.notPrincipal != nil:
		return &fault{badShape, "NotPrincipal"}
	}
	return nil
}

// readStrings reads one string or a list of them. The result is never nil.
func readStrings(n *node) ([]string, bool) {
	if n.kind == stringNode {
		return []string{n.text}, true
	}
	if n.kind != listNode {
		return nil, false
	}
	out := make([]string, len(n.items))
	for i, item := range n.items {
		if item.kind != stringNode {
			return nil, false
		}
		out[i] = item.text
	}
	return out, true
}

// readPrincipals reads "*" or an object of principal types.
func readPrincipals(n *node) ([]PrincipalRef, bool) {
	out := []PrincipalRef{}
	if n.kind == stringNode {
		ref := readPrincipal(AWSPrincipal, n.text)
		if ref.Form != Everyone {
			ref.Form = BadForm // only the asterisk stands without a type
		}
		ref.start, ref.end = n.start, n.end
		return append(out, ref), true
	}
	if n.kind != objectNode {
		return nil, false
	}
	for _, m := range n.members {
		values := m.value.items
		if m.value.kind == stringNode {
			values = []node{m.value}
		} else if m.value.kind != listNode {
			return nil, false
		}
		for _, v := range values {
			if v.kind != stringNode {
				return nil, false
			}
			ref := readPrincipal(PrincipalType(m.name), v.text)
			ref.start, ref.end = v.start, v.end
			out = append(out, ref)
		}
	}
	return out, true
}

// readConditions reads a Condition element. An operator that IAM does not
// know passes as long as it has no keys, as AWS lets it.
func readConditions(n *node, s *rawStatement) *fault {
	if n.kind != objectNode {
		return &fault{badShape, "Condition"}
	}
	for _, op := range n.members {
		if op.value.kind != objectNode {
			return &fault{badShape, op.name}
		}
		if _, _, _, ok := cutOperator(op.name); !ok && len(op.value.members) > 0 {
			return &fault{badOperator, op.name}
		}
		for _, key := range op.value.members {
			c := rawCondition{operator: op.name, key: key.name}
			values := key.value.items
			if key.value.kind != listNode {
				values = []node{key.value}
			}
			for _, v := range values {
				if v.kind != stringNode && v.kind != scalarNode {
					return &fault{badShape, key.name}
				}
				c.values = append(c.values, v.text)
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return nil
}
