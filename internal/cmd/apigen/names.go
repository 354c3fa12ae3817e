package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// exported upper-cases the first letter and leaves the rest alone.
func exported(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// constant names an enumeration value: the type's name, then the value in
// camel case (USER_SRP_AUTH becomes UserSrpAuth, InProgress stays).
func constant(typ, value string) string {
	var b strings.Builder
	b.WriteString(exported(typ))
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !strings.ContainsFunc(word, unicode.IsLower) {
			word = strings.ToLower(word)
		}
		b.WriteString(exported(word))
	}
	return b.String()
}

// goType is the Go type of a value of the shape.
func (m *model) goType(name string) (string, error) {
	s := m.Shapes.values[name]
	if s.Document {
		return "json.RawMessage", nil
	}
	switch s.Type {
	case "string":
		if len(s.Enum) > 0 {
			return exported(name), nil
		}
		return "string", nil
	case "structure":
		return exported(name), nil
	case "integer", "long":
		return "int64", nil
	case "boolean":
		return "bool", nil
	case "timestamp":
		return "time.Time", nil
	case "blob":
		return "[]byte", nil
	case "list":
		t, err := m.goType(s.Member)
		return "[]" + t, err
	case "map":
		if m.Shapes.values[s.Key].Type != "string" {
			return "", fmt.Errorf("%s: key is not a string", name)
		}
		t, err := m.goType(s.Value)
		return "map[string]" + t, err
	}
	return "", fmt.Errorf("%s: unknown type %q", name, s.Type)
}

// memberType is the Go type of a structure member, which can be absent.
func (m *model) memberType(name string) (string, error) {
	t, err := m.goType(name)
	if err != nil {
		return "", err
	}
	if t == "json.RawMessage" || strings.HasPrefix(t, "[]") || strings.HasPrefix(t, "map[") {
		return t, nil
	}
	return "*" + t, nil
}

// tag is the struct tag of a member: its shape, then what only the member
// knows.
func (m *model) tag(owner shape, member, name string) string {
	parts := []string{name}
	if slices.Contains(owner.Required, member) {
		parts = append(parts, "required")
	}
	if m.Shapes.values[name].Type == "integer" {
		parts = append(parts, "int32")
	}
	if exported(member) != member {
		parts = append(parts, "name="+member)
	}
	return "`api:\"" + strings.Join(parts, ",") + "\"`"
}

// checkNames refuses a model whose Go names collide.
func (m *model) checkNames() error {
	owner := map[string]string{"Service": "the service"}
	claim := func(name, who string) error {
		if prev, taken := owner[name]; taken {
			return fmt.Errorf("%s and %s are both named %s", prev, who, name)
		}
		owner[name] = who
		return nil
	}
	for _, n := range m.Operations.names {
		if err := claim(n, "operation "+n); err != nil {
			return err
		}
	}
	for _, n := range m.Shapes.names {
		s := m.Shapes.values[n]
		if s.Type == "structure" && !s.Document || len(s.Enum) > 0 {
			if err := claim(exported(n), "shape "+n); err != nil {
				return err
			}
		}
		for _, v := range s.Enum {
			if err := claim(constant(n, v), "value "+v+" of "+n); err != nil {
				return err
			}
		}
	}
	return nil
}
