package user

import "slices"

// Attribute is one name and value of a profile. Values are strings in every
// reply, whatever the schema's type.
type Attribute struct {
	Name  string
	Value string
}

// Attributes is a profile, in the order in which names were first written.
// The methods that change something return a changed copy.
type Attributes []Attribute

// Get returns the value of name and whether there is one.
func (a Attributes) Get(name string) (string, bool) {
	if i := a.index(name); i >= 0 {
		return a[i].Value, true
	}
	return "", false
}

// Value returns the value of name, empty when there is none.
func (a Attributes) Value(name string) string {
	v, _ := a.Get(name)
	return v
}

// Has reports whether name has a value, empty or not.
func (a Attributes) Has(name string) bool { return a.index(name) >= 0 }

// True reports whether name has the value "true".
func (a Attributes) True(name string) bool { return a.Value(name) == "true" }

// With returns the profile with name set to value.
func (a Attributes) With(name, value string) Attributes {
	b := slices.Clone(a)
	if i := b.index(name); i >= 0 {
		b[i].Value = value
		return b
	}
	return append(b, Attribute{Name: name, Value: value})
}

// Without returns the profile without name.
func (a Attributes) Without(name string) Attributes {
	return slices.DeleteFunc(slices.Clone(a), func(x Attribute) bool { return x.Name == name })
}

// Only returns the named attributes of the profile.
func (a Attributes) Only(names []string) Attributes {
	return slices.DeleteFunc(slices.Clone(a), func(x Attribute) bool { return !slices.Contains(names, x.Name) })
}

func (a Attributes) index(name string) int {
	return slices.IndexFunc(a, func(x Attribute) bool { return x.Name == name })
}
