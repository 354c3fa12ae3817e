package userpool

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Prefixes of attributes that the pool's owner defined.
const (
	customPrefix    = "custom:"
	developerPrefix = "dev:custom:"
)

const (
	maxCustomAttributes = 50
	maxStringLength     = 2048
)

// standard lists the attributes that every pool has, in the order in which
// DescribeUserPool prints them. A fresh pool's reply, captured in 2024.
var standard = []cognitoidp.SchemaAttributeType{
	stringAttribute("sub", 1, maxStringLength, false, true),
	text("name"), text("given_name"), text("family_name"), text("middle_name"), text("nickname"),
	text("preferred_username"), text("profile"), text("picture"), text("website"), text("email"),
	flag("email_verified"),
	text("gender"),
	stringAttribute("birthdate", 10, 10, true, false),
	text("zoneinfo"), text("locale"), text("phone_number"),
	flag("phone_number_verified"),
	text("address"),
	{
		Name: new("updated_at"), AttributeDataType: new(cognitoidp.AttributeDataTypeNumber),
		DeveloperOnlyAttribute: new(false), Mutable: new(true), Required: new(false),
		NumberAttributeConstraints: &cognitoidp.NumberAttributeConstraintsType{MinValue: new("0")},
	},
}

// fixed are the standard attributes that a schema cannot name: the service
// keeps them, and takes a schema entry of that name for a custom attribute.
var fixed = []string{"email_verified", "phone_number_verified"}

func text(name string) cognitoidp.SchemaAttributeType {
	return stringAttribute(name, 0, maxStringLength, true, false)
}

func stringAttribute(name string, lo, hi int, mutable, required bool) cognitoidp.SchemaAttributeType {
	return cognitoidp.SchemaAttributeType{
		Name: &name, AttributeDataType: new(cognitoidp.AttributeDataTypeString),
		DeveloperOnlyAttribute: new(false), Mutable: &mutable, Required: &required,
		StringAttributeConstraints: &cognitoidp.StringAttributeConstraintsType{
			MinLength: new(strconv.Itoa(lo)), MaxLength: new(strconv.Itoa(hi)),
		},
	}
}

func flag(name string) cognitoidp.SchemaAttributeType {
	return cognitoidp.SchemaAttributeType{
		Name: &name, AttributeDataType: new(cognitoidp.AttributeDataTypeBoolean),
		DeveloperOnlyAttribute: new(false), Mutable: new(true), Required: new(false),
	}
}

// newSchema returns a fresh pool's schema: the standard attributes as
// declared, followed by the custom ones.
func newSchema(declared []cognitoidp.SchemaAttributeType) ([]cognitoidp.SchemaAttributeType, error) {
	schema := slices.Clone(standard)
	var custom []cognitoidp.SchemaAttributeType
	for _, d := range declared {
		i := find(schema[:len(standard)], awsapi.Value(d.Name))
		if i < 0 || slices.Contains(fixed, *d.Name) {
			custom = append(custom, d)
			continue
		}
		a, err := declareStandard(schema[i], d)
		if err != nil {
			return nil, err
		}
		schema[i] = a
	}
	return addCustom(schema, custom, func(label, _ string) error {
		return cognitoidp.InvalidParameterException("Duplicate custom attribute names %s are not allowed in a user pool schema.", label)
	})
}

// declareStandard applies a schema entry to a standard attribute. Constraints
// take effect only when the entry also repeats the attribute's type.
func declareStandard(a, d cognitoidp.SchemaAttributeType) (cognitoidp.SchemaAttributeType, error) {
	name := *a.Name
	if awsapi.Value(d.DeveloperOnlyAttribute) || (d.AttributeDataType != nil && *d.AttributeDataType != *a.AttributeDataType) {
		return a, cognitoidp.InvalidParameterException(
			"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute %s", name)
	}
	if name == "sub" {
		return a, nil
	}
	if d.Mutable != nil {
		a.Mutable = d.Mutable
	}
	if d.Required != nil {
		a.Required = d.Required
	}
	if d.AttributeDataType != nil {
		if d.StringAttributeConstraints != nil {
			a.StringAttributeConstraints = d.StringAttributeConstraints
		}
		if d.NumberAttributeConstraints != nil {
			a.NumberAttributeConstraints = d.NumberAttributeConstraints
		}
	}
	return a, checkConstraints(name, a)
}

// addCustom appends custom attributes to a schema. taken makes the error for a
// name that is there already.
func addCustom(schema, custom []cognitoidp.SchemaAttributeType, taken func(label, existing string) error) ([]cognitoidp.SchemaAttributeType, error) {
	schema = slices.Clone(schema)
	for _, d := range custom {
		a, err := customAttribute(d)
		if err != nil {
			return nil, err
		}
		if find(schema, *a.Name) >= 0 {
			return nil, taken(customPrefix+strings.TrimPrefix(*a.Name, prefix(a)), *a.Name)
		}
		schema = append(schema, a)
	}
	if len(schema)-len(standard) > maxCustomAttributes {
		return nil, cognitoidp.InvalidParameterException(textTooManyAttributes, maxCustomAttributes)
	}
	return schema, nil
}

// textTooManyAttributes is UNCONFIRMED: the limit is documented, the sentence
// for reaching it by AddCustomAttributes is not.
const textTooManyAttributes = "The user pool cannot have more than %d custom attributes."

func prefix(a cognitoidp.SchemaAttributeType) string {
	if awsapi.Value(a.DeveloperOnlyAttribute) {
		return developerPrefix
	}
	return customPrefix
}

// customAttribute makes the attribute that an entry declares: named with its
// prefix, mutable unless it says otherwise, its constraints as sent.
func customAttribute(d cognitoidp.SchemaAttributeType) (cognitoidp.SchemaAttributeType, error) {
	name := strings.TrimPrefix(awsapi.Value(d.Name), prefix(d))
	if name == "" {
		return d, cognitoidp.InvalidParameterException("1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null")
	}
	if d.AttributeDataType == nil {
		return d, cognitoidp.InvalidParameterException("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
	}
	if awsapi.Value(d.Required) {
		return d, cognitoidp.InvalidParameterException("Required custom attributes are not supported currently.")
	}
	a := cognitoidp.SchemaAttributeType{
		Name:                   new(prefix(d) + name),
		AttributeDataType:      d.AttributeDataType,
		DeveloperOnlyAttribute: new(awsapi.Value(d.DeveloperOnlyAttribute)),
		Mutable:                new(d.Mutable == nil || *d.Mutable),
		Required:               new(false),
	}
	switch *d.AttributeDataType {
	case cognitoidp.AttributeDataTypeString:
		a.StringAttributeConstraints = orEmpty(d.StringAttributeConstraints)
	case cognitoidp.AttributeDataTypeNumber:
		a.NumberAttributeConstraints = orEmpty(d.NumberAttributeConstraints)
	}
	return a, checkConstraints(customPrefix+name, a)
}

// orEmpty returns an empty structure for an absent one: a custom string
// without constraints is described with StringAttributeConstraints {}.
func orEmpty[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// checkConstraints checks that the constraints are numbers in order.
func checkConstraints(name string, a cognitoidp.SchemaAttributeType) error {
	if c := a.StringAttributeConstraints; c != nil {
		lo, loSet, err := bound(name, c.MinLength)
		if err != nil {
			return err
		}
		hi, hiSet, err := bound(name, c.MaxLength)
		if err != nil {
			return err
		}
		if (loSet && lo > maxStringLength) || (hiSet && hi > maxStringLength) {
			return cognitoidp.InvalidParameterException("user.%s: String attributes cannot have a length of more than %d", name, maxStringLength)
		}
		if loSet && hiSet && lo > hi {
			return cognitoidp.InvalidParameterException("Attribute %s cannot have a max length shorter than it's min length", name)
		}
	}
	if c := a.NumberAttributeConstraints; c != nil {
		lo, loSet, err := bound(name, c.MinValue)
		if err != nil {
			return err
		}
		hi, hiSet, err := bound(name, c.MaxValue)
		if err != nil {
			return err
		}
		if loSet && hiSet && lo > hi {
			return cognitoidp.InvalidParameterException("Attribute %s cannot have a max value smaller than it's min value", name)
		}
	}
	return nil
}

// bound reads a constraint. An empty one bounds nothing.
func bound(name string, s *string) (n int64, set bool, err error) {
	if s == nil || *s == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(*s, 10, 64)
	if err != nil {
		return 0, false, cognitoidp.InvalidParameterException(textConstraintNotNumber, name, *s)
	}
	return n, true, nil
}

// textConstraintNotNumber is UNCONFIRMED.
const textConstraintNotNumber = "user.%s: Constraint %s is not a number."

func find(schema []cognitoidp.SchemaAttributeType, name string) int {
	return slices.IndexFunc(schema, func(a cognitoidp.SchemaAttributeType) bool { return *a.Name == name })
}

// Attribute returns the schema entry of that name, "custom:" or "dev:custom:"
// included; nil if there is none.
func (p *Pool) Attribute(name string) *cognitoidp.SchemaAttributeType {
	i := find(p.Description.SchemaAttributes, name)
	if i < 0 {
		return nil
	}
	return &p.Description.SchemaAttributes[i]
}

// RequiredAttributes lists the attributes that every user must have, but for
// sub, in schema order.
func (p *Pool) RequiredAttributes() []string {
	var names []string
	for _, a := range p.Description.SchemaAttributes {
		if awsapi.Value(a.Required) && *a.Name != "sub" {
			names = append(names, *a.Name)
		}
	}
	return names
}
