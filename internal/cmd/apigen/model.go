package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// model is one fact table.
type model struct {
	Service      string             `json:"service"`
	APIVersion   string             `json:"apiVersion"`
	Protocol     string             `json:"protocol"`
	TargetPrefix string             `json:"targetPrefix"`
	XMLNamespace string             `json:"xmlNamespace"`
	Operations   ordered[operation] `json:"operations"`
	Shapes       ordered[shape]     `json:"shapes"`
}

// operation is one row of a table's operations.
type operation struct {
	Input         string   `json:"input"`
	Output        string   `json:"output"`
	ResultWrapper string   `json:"resultWrapper"`
	Auth          string   `json:"auth"`
	Errors        []string `json:"errors"`
}

// shape is one row of a table's shapes.
type shape struct {
	Type      string          `json:"type"`
	Members   ordered[string] `json:"members"` // member name to shape name
	Required  []string        `json:"required"`
	Member    string          `json:"member"`
	Key       string          `json:"key"`
	Value     string          `json:"value"`
	Min       *int64          `json:"min"`
	Max       *int64          `json:"max"`
	Pattern   string          `json:"pattern"`
	Enum      []string        `json:"enum"`
	Sensitive bool            `json:"sensitive"`
	Document  bool            `json:"document"`
	Error     *fault          `json:"error"`
}

// fault marks a shape as an error.
type fault struct {
	Code   string `json:"code"`
	Status int    `json:"status"`
	Fault  string `json:"fault"`
}

// ordered is a JSON object whose members keep their order, because the order
// of members is the order in which replies print them and checks name them.
type ordered[T any] struct {
	names  []string
	values map[string]T
}

// UnmarshalJSON reads an object.
func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return err
	}
	o.values = make(map[string]T)
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		name, ok := tok.(string)
		if !ok {
			return fmt.Errorf("object key is %v", tok)
		}
		var v T
		if err := dec.Decode(&v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := o.values[name]; twice {
			return fmt.Errorf("%s appears twice", name)
		}
		o.names = append(o.names, name)
		o.values[name] = v
	}
	return nil
}

func loadModel(path string) (*model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(model)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, m.verify()
}

// verify refuses a table that names a shape it does not have.
func (m *model) verify() error {
	known := func(where, name string) error {
		if _, ok := m.Shapes.values[name]; !ok && name != "" {
			return fmt.Errorf("%s: no shape %q", where, name)
		}
		return nil
	}
	for _, n := range m.Operations.names {
		op := m.Operations.values[n]
		for _, s := range append([]string{op.Input, op.Output}, op.Errors...) {
			if err := known(n, s); err != nil {
				return err
			}
		}
	}
	for _, n := range m.Shapes.names {
		s := m.Shapes.values[n]
		for _, other := range []string{s.Member, s.Key, s.Value} {
			if err := known(n, other); err != nil {
				return err
			}
		}
		for _, member := range s.Members.names {
			if err := known(n+"."+member, s.Members.values[member]); err != nil {
				return err
			}
		}
		for _, r := range s.Required {
			if _, ok := s.Members.values[r]; !ok {
				return fmt.Errorf("%s: required member %q does not exist", n, r)
			}
		}
	}
	return nil
}
