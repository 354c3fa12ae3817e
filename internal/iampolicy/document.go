package iampolicy

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxDocument is the largest document in bytes, the bound that the IAM API
// model puts on its policyDocumentType.
const MaxDocument = 131072

// maxDepth is the deepest nesting of a document. A list of condition values
// inside a list of statements needs seven levels.
const maxDepth = 8

type nodeKind uint8

const (
	objectNode nodeKind = iota
	listNode
	stringNode
	scalarNode // number, true, false
	nullNode
)

// node is one JSON value with its place in the text.
type node struct {
	kind       nodeKind
	text       string   // of a string or scalar
	members    []member // of an object, in document order
	items      []node   // of a list
	start, end int      // byte offsets
}

type member struct {
	name  string
	value node
}

func (n *node) member(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

var errNotJSON = errors.New("not a JSON document")

// readJSON reads exactly one JSON value.
func readJSON(doc string) (node, error) {
	if len(doc) > MaxDocument || !utf8.ValidString(doc) {
		return node{}, errNotJSON
	}
	r := reader{doc: doc, dec: json.NewDecoder(strings.NewReader(doc))}
	r.dec.UseNumber()
	n, err := r.value(maxDepth)
	if err != nil {
		return node{}, errNotJSON
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errNotJSON
	}
	return n, nil
}

type reader struct {
	doc string
	dec *json.Decoder
}

// start is where the next token begins.
func (r *reader) start() int {
	i := int(r.dec.InputOffset())
	for i < len(r.doc) && strings.IndexByte(" \t\r\n,:", r.doc[i]) >= 0 {
		i++
	}
	return i
}

func (r *reader) value(depth int) (node, error) {
	if depth == 0 {
		return node{}, errNotJSON
	}
	n := node{start: r.start()}
	tok, err := r.dec.Token()
	if err != nil {
		return node{}, err
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '{' {
			n.kind = objectNode
			err = r.members(&n, depth-1)
		} else {
			n.kind = listNode
			err = r.items(&n, depth-1)
		}
		if err != nil {
			return node{}, err
		}
	case string:
		n.kind, n.text = stringNode, t
	case json.Number:
		n.kind, n.text = scalarNode, t.String()
	case bool:
		n.kind, n.text = scalarNode, "false"
		if t {
			n.text = "true"
		}
	default:
		n.kind = nullNode
	}
	n.end = int(r.dec.InputOffset())
	return n, nil
}

func (r *reader) members(n *node, depth int) error {
	seen := map[string]struct{}{}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		if _, twice := seen[name]; twice {
			return errNotJSON
		}
		seen[name] = struct{}{}
		v, err := r.value(depth)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name, v})
	}
	_, err := r.dec.Token()
	return err
}

func (r *reader) items(n *node, depth int) error {
	for r.dec.More() {
		v, err := r.value(depth)
		if err != nil {
			return err
		}
		n.items = append(n.items, v)
	}
	_, err := r.dec.Token()
	return err
}
