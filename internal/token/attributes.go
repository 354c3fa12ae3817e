package token

import (
	"encoding/json"
	"strings"
)

// attributes are a user's attributes by where they stand in an ID token.
type attributes struct {
	byName map[string]string // the ones with a place of their own
	others []Attribute
}

// placed are the attributes that stand somewhere else than among the rest.
var placed = map[string]bool{
	"sub": true, "email": true, "email_verified": true, "phone_number_verified": true, "identities": true,
}

func splitAttributes(list []Attribute) attributes {
	a := attributes{byName: make(map[string]string, len(placed))}
	for _, at := range list {
		switch {
		case placed[at.Name]:
			a.byName[at.Name] = at.Value
		case strings.HasPrefix(at.Name, "cognito:"):
			// Status and MFA flags show in trigger events and to administrators,
			// never in tokens; and nobody may write a cognito: claim.
		default:
			a.others = append(a.others, at)
		}
	}
	return a
}

// verified writes one of the two claims that are JSON booleans. The attribute
// is text, which administrators may have written as "True".
func (a attributes) verified(o *object, name string) {
	if v, there := a.byName[name]; there {
		o.boolean(name, strings.EqualFold(v, "true"))
	}
}

// rest writes standard and custom attributes: texts, whatever the type that
// the pool's schema gives them. Whether updated_at, a Number, is written as a
// JSON number instead is UNCONFIRMED.
func (a attributes) rest(o *object) {
	for _, at := range a.others {
		o.text(at.Name, at.Value)
	}
}

func (a attributes) email(o *object) {
	if v, there := a.byName["email"]; there {
		o.text("email", v)
	}
}

// federated is one element of the attribute "identities". Its members are
// JSON values in the attribute and texts in a token, but for issuer.
type federated struct {
	UserID       string          `json:"userId"`
	ProviderName string          `json:"providerName"`
	ProviderType string          `json:"providerType"`
	Issuer       *string         `json:"issuer"`
	Primary      json.RawMessage `json:"primary"`
	DateCreated  json.RawMessage `json:"dateCreated"`
}

// identities writes the accounts that a user signs in with elsewhere.
func (a attributes) identities(o *object) {
	var list []federated
	if err := json.Unmarshal([]byte(a.byName["identities"]), &list); err != nil || len(list) == 0 {
		return // absent
	}
	o.name("identities")
	*o = append(*o, '[')
	for i, f := range list {
		if i > 0 {
			*o = append(*o, ',')
		}
		*o = append(*o, '{')
		o.text("userId", f.UserID)
		o.text("providerName", f.ProviderName)
		o.text("providerType", f.ProviderType)
		if f.Issuer == nil {
			o.name("issuer")
			*o = append(*o, "null"...)
		} else {
			o.text("issuer", *f.Issuer)
		}
		o.text("primary", bare(f.Primary))
		o.text("dateCreated", bare(f.DateCreated))
		*o = append(*o, '}')
	}
	*o = append(*o, ']')
}

// bare returns a JSON scalar as text: true and "true" alike.
func bare(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }
