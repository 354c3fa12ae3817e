package user

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Sentences that the service's own texts for could not be found: UNCONFIRMED.
var (
	errAttributeTwice    = cognitoidp.InvalidParameterException("Attributes were given twice.")
	errEarlyPreferred    = cognitoidp.InvalidParameterException("preferred_username is an alias and cannot be set before the user is confirmed.")
	errUsernameAttribute = cognitoidp.InvalidParameterException("Username and the attribute that it stands for are not the same.")
)

func errNoType(name string) error {
	return cognitoidp.InvalidParameterException("Type for attribute {%s} could not be determined", name)
}

// normalize brings the values that a request gives into the form that is
// stored, and refuses what no pool stores. The model does not bound how many
// there are, so this must not take longer than in proportion.
func normalize(given []Attribute) (Attributes, error) {
	out := make(Attributes, 0, len(given))
	seen := make(map[string]bool, len(given))
	for _, a := range given {
		if seen[a.Name] {
			return nil, errAttributeTwice
		}
		seen[a.Name] = true
		switch {
		case a.Value == "":
		case a.Name == attrEmail && !isEmail(a.Value):
			return nil, errEmailFormat
		case a.Name == attrPhone && !isPhone(a.Value):
			return nil, errPhoneFormat
		case a.Name == attrEmailVerified, a.Name == attrPhoneVerified:
			a.Value = strings.ToLower(a.Value) // administrators may write "True"
		}
		out = append(out, a)
	}
	return out, nil
}

// values returns a profile as the schema's checks take it.
func (a Attributes) values() map[string]string {
	m := make(map[string]string, len(a))
	for _, x := range a {
		m[x.Name] = x.Value
	}
	return m
}

// names returns the names of a profile.
func (a Attributes) names() []string {
	names := make([]string, len(a))
	for i, x := range a {
		names[i] = x.Name
	}
	return names
}

// present returns a profile without the names that were given no value.
func (a Attributes) present() Attributes {
	return slices.DeleteFunc(slices.Clone(a), func(x Attribute) bool { return x.Value == "" })
}

// signUpProfile checks what a person who signs up says of themselves.
func signUpProfile(p *userpool.Pool, c *userpool.Client, given []Attribute) (Attributes, error) {
	attrs, err := normalize(given)
	if err != nil {
		return nil, err
	}
	if err := c.CheckWrite(attrs.names()); err != nil {
		return nil, err
	}
	if p.AliasIs(attrPreferredUsername) && attrs.Value(attrPreferredUsername) != "" {
		return nil, errEarlyPreferred
	}
	return attrs.present(), nil
}

// adminProfile checks what an administrator says of a user: anything that the
// schema knows, proofs of addresses included.
func adminProfile(p *userpool.Pool, given []Attribute) (Attributes, error) {
	attrs, err := normalize(given)
	if err != nil {
		return nil, err
	}
	for _, a := range attrs {
		if p.Attribute(a.Name) == nil {
			return nil, errNoType(a.Name)
		}
	}
	return attrs, p.CheckValues(attrs.values())
}

// withUsername sets the attribute that a new user's chosen name is.
func withUsername(attrs Attributes, attribute, name string) (Attributes, error) {
	if v := attrs.Value(attribute); v != "" && v != name {
		return nil, errUsernameAttribute
	}
	return attrs.With(attribute, name), nil
}

// merge writes changes into a profile. An empty value takes the attribute
// away. A changed address is not proven any more, unless the same change says
// that it is.
func merge(p *userpool.Pool, old, changes Attributes) (Attributes, error) {
	out, gone := old, []string(nil)
	for _, a := range changes {
		if v, had := old.Get(a.Name); a.Value == "" && had {
			gone = append(gone, a.Name)
		} else if v != a.Value {
			if err := p.CheckMutable([]string{a.Name}); err != nil {
				return nil, err
			}
		}
		if proof := VerifiedFlag(a.Name); proof != "" && old.Value(a.Name) != a.Value && !changes.Has(proof) {
			out = out.With(proof, "false")
		}
		out = out.With(a.Name, a.Value)
	}
	if err := p.CheckDeletable(gone); err != nil {
		return nil, err
	}
	out = out.present()
	for _, address := range []string{attrEmail, attrPhone} {
		if !out.Has(address) {
			if changes.Value(VerifiedFlag(address)) != "" {
				return nil, errNothingToVerify[address]
			}
			out = out.Without(VerifiedFlag(address))
		}
	}
	return out, nil
}
