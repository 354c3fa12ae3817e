package userpool

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Sentences about one attribute value. All but the first three are
// UNCONFIRMED.
const (
	textRequired     = "The attribute is required"
	textUnknown      = "Attribute does not exist in the schema."
	textTooShort     = "String must be no shorter than %d characters"
	textTooLong      = "String must be no longer than %d characters"
	textNotBoolean   = "Value must be true or false"
	textNotNumber    = "Value must be a whole number"
	textNumberTooLow = "Number must be no smaller than %d"
	textNumberTooBig = "Number must be no greater than %d"
	textNotTime      = "Value must be a date and time in ISO 8601 form"
)

// violations gathers what is wrong with a set of attributes. The service
// prints one line a violation and ends every line, the last one too.
type violations struct{ text strings.Builder }

func (v *violations) add(name, sentence string) { v.text.WriteString(name + ": " + sentence + "\n") }

func (v *violations) err() error {
	if v.text.Len() == 0 {
		return nil
	}
	return cognitoidp.InvalidParameterException("Attributes did not conform to the schema: %s", v.text.String())
}

// CheckValues checks that every attribute is in the schema and that its value
// fits type and constraints. An empty value means "no value" and fits.
func (p *Pool) CheckValues(values map[string]string) error {
	var v violations
	p.conform(&v, values)
	return v.err()
}

// CheckNewUser checks a whole new user: CheckValues, and nothing that the
// schema requires is missing.
func (p *Pool) CheckNewUser(values map[string]string) error {
	var v violations
	for _, name := range p.RequiredAttributes() {
		if values[name] == "" {
			v.add(name, textRequired)
		}
	}
	p.conform(&v, values)
	return v.err()
}

func (p *Pool) conform(v *violations, values map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		a := p.Attribute(name)
		if a == nil {
			v.add(name, textUnknown)
			continue
		}
		if sentence := misfit(a, values[name]); sentence != "" && values[name] != "" {
			v.add(name, sentence)
		}
	}
}

// misfit says what is wrong with a value; empty if nothing is.
func misfit(a *cognitoidp.SchemaAttributeType, value string) string {
	switch *a.AttributeDataType {
	case cognitoidp.AttributeDataTypeBoolean:
		// Administrators may write email_verified as "True" (seen on the service).
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return textNotBoolean
		}
	case cognitoidp.AttributeDataTypeNumber:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return textNotNumber
		}
		if c := a.NumberAttributeConstraints; c != nil {
			return outside(n, c.MinValue, c.MaxValue, textNumberTooLow, textNumberTooBig)
		}
	case cognitoidp.AttributeDataTypeDateTime:
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return textNotTime
		}
	default:
		if c := a.StringAttributeConstraints; c != nil {
			return outside(int64(utf8.RuneCountInString(value)), c.MinLength, c.MaxLength, textTooShort, textTooLong)
		}
	}
	return ""
}

// outside compares n with bounds that checkConstraints has let through.
func outside(n int64, lo, hi *string, tooLow, tooHigh string) string {
	if min, set, _ := bound("", lo); set && n < min {
		return strings.Replace(tooLow, "%d", strconv.FormatInt(min, 10), 1)
	}
	if max, set, _ := bound("", hi); set && n > max {
		return strings.Replace(tooHigh, "%d", strconv.FormatInt(max, 10), 1)
	}
	return ""
}

// CheckMutable refuses a change to an attribute that was fixed when the user
// was made. sub is one of them.
func (p *Pool) CheckMutable(names []string) error {
	for _, name := range names {
		if a := p.Attribute(name); a != nil && !awsapi.Value(a.Mutable) {
			return cognitoidp.InvalidParameterException("user.%s: Attribute cannot be updated. (changing an immutable attribute)", name)
		}
	}
	return nil
}

// CheckDeletable refuses to take away an attribute that a user must have or
// that cannot change: required and immutable ones, and those that stand in
// for the user name.
func (p *Pool) CheckDeletable(names []string) error {
	for _, name := range names {
		a := p.Attribute(name)
		switch {
		case a == nil:
			return cognitoidp.InvalidParameterException("Invalid user attributes: %s: %s", name, textUnknown)
		case awsapi.Value(a.Required), p.UsernameIs(name):
			return cognitoidp.InvalidParameterException("Invalid user attributes: %s: Required attribute cannot be deleted.", name)
		}
	}
	return p.CheckMutable(names)
}

// customByDefault says whether a client that lists no attributes reaches
// custom ones. UNCONFIRMED in part: the API reference says that such a client
// reads and writes the standard attributes, and one measurement agrees; older
// text says "all".
const customByDefault = false

// neverWritable are the attributes that no client may set, whatever it lists.
var neverWritable = []string{"sub", "email_verified", "phone_number_verified", "identities"}

// MayRead reports whether the client may see that attribute of its user.
func (c *Client) MayRead(name string) bool {
	if strings.HasPrefix(name, "dev:") {
		return false
	}
	if name == "sub" || name == "identities" {
		return true // no list can name them
	}
	if c.Description.ReadAttributes == nil {
		return customByDefault || !strings.HasPrefix(name, customPrefix)
	}
	return slices.Contains(c.Description.ReadAttributes, name)
}

// MayWrite reports whether the client may set that attribute of its user.
func (c *Client) MayWrite(name string) bool {
	if strings.HasPrefix(name, "dev:") || slices.Contains(neverWritable, name) {
		return false
	}
	if c.Description.WriteAttributes == nil {
		return customByDefault || !strings.HasPrefix(name, customPrefix)
	}
	return slices.Contains(c.Description.WriteAttributes, name)
}

// CheckWrite refuses the first attribute that the client may not set.
func (c *Client) CheckWrite(names []string) error {
	for _, name := range names {
		if !c.MayWrite(name) {
			return cognitoidp.NotAuthorizedException("A client attempted to write unauthorized attribute")
		}
	}
	return nil
}
