package awsquery

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// Decode reads a request's parameters into a new value of the operation's
// input type and returns a pointer to it.
func Decode(op *awsapi.Operation, f Form) (any, error) {
	root, err := f.tree()
	if err != nil {
		return nil, err
	}
	in := reflect.New(op.Input)
	if err := structure(shape.Of(op.Service, op.Input), root, in.Elem()); err != nil {
		return nil, err
	}
	return in.Interface(), nil
}

func structure(p *shape.Plan, n *node, v reflect.Value) error {
	for i := range p.Fields {
		f := &p.Fields[i]
		kid := n.kids[f.Name]
		if kid == nil {
			continue
		}
		if err := value(f.Plan, f.Name, kid, f.Make(v)); err != nil {
			return err
		}
	}
	return nil
}

// value decodes a parameter, or those below it, into v. Name is the member's,
// for the error.
func value(p *shape.Plan, name string, n *node, v reflect.Value) error {
	switch p.Kind {
	case shape.Structure:
		if n.value != "" {
			return malformed("Parameter %s stands for a structure and has no value of its own.", name)
		}
		return structure(p, n, v)
	case shape.List:
		return list(p, name, n, v)
	case shape.Map:
		return entries(p, name, n, v)
	}
	if !n.set || n.kids != nil {
		return malformed("Parameter %s stands for a single value.", name)
	}
	if !scalar(p, n.value, v) {
		return malformed("The value of parameter %s has the wrong type.", name)
	}
	return nil
}

func scalar(p *shape.Plan, text string, v reflect.Value) bool {
	switch p.Kind {
	case shape.String:
		v.SetString(text)
	case shape.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || p.Int32 && (n < math.MinInt32 || n > math.MaxInt32) {
			return false
		}
		v.SetInt(n)
	case shape.Boolean:
		if text != "true" && text != "false" {
			return false
		}
		v.SetBool(text == "true")
	case shape.Timestamp:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return false
		}
		v.Set(reflect.ValueOf(t.UTC()))
	case shape.Blob:
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return false
		}
		v.SetBytes(b)
	default:
		return false // no shape of a Query service is a document
	}
	return true
}

// list reads X.member.1, X.member.2, … An empty X is an empty list.
func list(p *shape.Plan, name string, n *node, v reflect.Value) error {
	items, err := numbered(name, n, "member")
	if err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(p.Type, len(items), len(items)))
	for i, item := range items {
		if err := value(p.Elem, name, item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// entries reads X.entry.1.key, X.entry.1.value, …
func entries(p *shape.Plan, name string, n *node, v reflect.Value) error {
	items, err := numbered(name, n, "entry")
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(p.Type, len(items)))
	for _, item := range items {
		key, val := item.kids["key"], item.kids["value"]
		if key == nil || !key.set || val == nil {
			return malformed("Parameter %s needs a key and a value in each entry.", name)
		}
		to := reflect.New(p.Elem.Type).Elem()
		if err := value(p.Elem, name, val, to); err != nil {
			return err
		}
		k := reflect.ValueOf(key.value)
		if v.MapIndex(k).IsValid() {
			return malformed("Parameter %s has the same key twice.", name)
		}
		v.SetMapIndex(k, to)
	}
	return nil
}

// numbered returns what stands below a list or map in the order of the
// numbers, which a huge one cannot make long: there are as many as items.
func numbered(name string, n *node, word string) ([]*node, error) {
	group := n.kids[word]
	if group == nil {
		if n.set && n.value == "" && n.kids == nil {
			return nil, nil
		}
		return nil, malformed("Parameter %s stands for a list: its items are named %s.%s.N.", name, name, word)
	}
	if n.set || group.set {
		return nil, malformed("Parameter %s stands for a list and has no value of its own.", name)
	}
	items := make([]*node, len(group.kids))
	for i := range items {
		items[i] = group.kids[strconv.Itoa(i+1)]
		if items[i] == nil {
			return nil, malformed("The items of parameter %s must be numbered from 1 without a gap.", name)
		}
	}
	return items, nil
}
