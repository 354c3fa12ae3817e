// Package shape compiles the generated Go types into plans and checks values
// against the constraints of the API models.
//
// A plan is made once per type, when it is first needed, and shared from then
// on. The two protocols walk it to decode and encode; Check walks it to answer
// with the sentences that AWS uses for a violated constraint.
package shape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// Kind says which of the model's types a value has.
type Kind uint8

// The kinds of value.
const (
	String Kind = iota
	Integer
	Boolean
	Timestamp
	Blob
	Document // free JSON, kept as it came
	Structure
	List
	Map // keys are strings
)

// Plan is what the walkers know about one type. It never changes once made.
type Plan struct {
	Kind   Kind
	Type   reflect.Type // never a pointer
	Int32  bool         // Integer: the wire type has 32 bits
	Fields []Field      // Structure
	Elem   *Plan        // List and Map

	index     map[string]int // Structure: wire name to field
	key       *rule          // Map: what the keys must satisfy
	rule      *rule          // nil when anything goes
	sensitive bool           // the value, or something in it, is never echoed
}

// Field is a member of a structure. Its Go type can be nil: nil is absent.
type Field struct {
	Name     string // on the wire
	Quoted   string // "Name": as JSON writes it
	Required bool
	Plan     *Plan

	at      int // in the Go struct
	pointer bool
	path    string // name in the sentences of Check
}

// Field finds a member by its wire name, which is case-sensitive; the result
// is its place in Fields, or -1.
func (p *Plan) Field(name []byte) int {
	if i, ok := p.index[string(name)]; ok {
		return i
	}
	return -1
}

// Get returns the member of structure s; present is false when it is nil.
func (f *Field) Get(s reflect.Value) (v reflect.Value, present bool) {
	v = s.Field(f.at)
	if v.IsNil() {
		return v, false
	}
	if f.pointer {
		v = v.Elem()
	}
	return v, true
}

// Make returns a settable, zero value that is now the member of structure s.
func (f *Field) Make(s reflect.Value) reflect.Value {
	v := s.Field(f.at)
	if !f.pointer {
		return v
	}
	v.Set(reflect.New(f.Plan.Type))
	return v.Elem()
}

// plans holds one *Plan a generated structure.
var plans struct {
	sync.Map
	making sync.Mutex
}

// Of returns the plan of a generated structure of the service. It panics when
// the type is not one that apigen writes, which is a mistake in this program.
func Of(service *awsapi.Service, t reflect.Type) *Plan {
	if p, ok := plans.Load(t); ok {
		return p.(*Plan)
	}
	plans.making.Lock()
	defer plans.making.Unlock()
	c := compiler{service: service, done: make(map[reflect.Type]*Plan)}
	p := c.structure(t, t.Name())
	for t, p := range c.done {
		plans.Store(t, p)
	}
	return p
}

// compiler makes the plans of one structure and of those inside it.
type compiler struct {
	service *awsapi.Service
	done    map[reflect.Type]*Plan
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	documentType = reflect.TypeFor[json.RawMessage]()
)

func (c *compiler) value(t reflect.Type, shape string) *Plan {
	p := &Plan{Type: t}
	switch {
	case t == timeType:
		p.Kind = Timestamp
	case t == documentType:
		p.Kind = Document
	case t.Kind() == reflect.String:
		p.Kind = String
	case t.Kind() == reflect.Int64:
		p.Kind = Integer
	case t.Kind() == reflect.Bool:
		p.Kind = Boolean
	case t.Kind() == reflect.Struct:
		return c.structure(t, shape)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		p.Kind = Blob
	case t.Kind() == reflect.Slice:
		p.Kind = List
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		p.Kind = Map
	default:
		panic(fmt.Sprintf("shape %s: Go type %s stands for none of the model's types", shape, t))
	}
	facts, listed := c.facts(shape)
	if p.Kind == List || p.Kind == Map {
		p.Elem = c.value(t.Elem(), facts.Member)
	}
	if key, ok := c.facts(facts.Key); ok {
		p.key = newRule(key, String)
		p.sensitive = key.Sensitive
	}
	if listed {
		p.rule = newRule(facts, p.Kind)
	}
	p.sensitive = p.sensitive || facts.Sensitive || p.Elem != nil && p.Elem.sensitive
	return p
}

func (c *compiler) structure(t reflect.Type, shape string) *Plan {
	if p, ok := c.done[t]; ok {
		return p
	}
	if p, ok := plans.Load(t); ok {
		return p.(*Plan)
	}
	p := &Plan{Kind: Structure, Type: t, index: make(map[string]int, t.NumField())}
	c.done[t] = p
	for i := range t.NumField() {
		f := c.field(t, i)
		p.index[f.Name] = i
		p.Fields = append(p.Fields, f)
	}
	facts, _ := c.facts(shape)
	p.sensitive = facts.Sensitive
	return p
}

func (c *compiler) field(t reflect.Type, i int) Field {
	sf := t.Field(i)
	options := strings.Split(sf.Tag.Get("api"), ",")
	f := Field{Name: sf.Name, at: i, pointer: sf.Type.Kind() == reflect.Pointer}
	typ := sf.Type
	if f.pointer {
		typ = typ.Elem()
	}
	f.Plan = c.value(typ, options[0])
	for _, o := range options[1:] {
		switch name, renamed := strings.CutPrefix(o, "name="); {
		case renamed:
			f.Name = name
		case o == "required":
			f.Required = true
		case o == "int32":
			f.Plan.Int32 = true
		default:
			panic(fmt.Sprintf("%s.%s: unknown option %q", t, sf.Name, o))
		}
	}
	f.Quoted = `"` + f.Name + `":`
	f.path = strings.ToLower(f.Name[:1]) + f.Name[1:]
	return f
}

// facts looks a shape up in the constraint table of the service.
func (c *compiler) facts(name string) (awsapi.Shape, bool) {
	i, ok := slices.BinarySearchFunc(c.service.Shapes, name, func(s awsapi.Shape, n string) int { return strings.Compare(s.Name, n) })
	if !ok {
		return awsapi.Shape{}, false
	}
	return c.service.Shapes[i], true
}
