package issuer

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Claims are what a verified token says. Only Verify makes them.
type Claims struct {
	Issuer          string
	Subject         string
	Audience        []string
	AuthorizedParty string // azp
	TokenUse        string // token_use, user pools only
	Expiry          int64  // exp, epoch seconds
	NotBefore       int64  // nbf, epoch seconds; 0 for absent
	IssuedAt        int64  // iat, epoch seconds; 0 for absent
	AuthTime        int64  // auth_time, epoch seconds; 0 for absent

	all map[string]json.RawMessage
}

// Raw returns a claim as its JSON text, or nil.
func (c *Claims) Raw(name string) json.RawMessage { return c.all[name] }

// Values returns a claim as strings: one for a string, number or boolean, one
// an element for an array of those, none for anything else or nothing.
func (c *Claims) Values(name string) []string { return values(c.all[name]) }

// Names returns the names of all claims, in no order.
func (c *Claims) Names() []string {
	names := make([]string, 0, len(c.all))
	for name := range c.all {
		names = append(names, name)
	}
	return names
}

// Party is the client that the token was made for: azp where present, else
// the audience if there is exactly one.
func (c *Claims) Party() string {
	switch {
	case c.AuthorizedParty != "":
		return c.AuthorizedParty
	case len(c.Audience) == 1:
		return c.Audience[0]
	}
	return ""
}

func values(raw json.RawMessage) []string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	if raw[0] != '[' {
		if s, ok := scalar(raw); ok {
			return []string{s}
		}
		return nil
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil
	}
	out := make([]string, 0, len(elements))
	for _, e := range elements {
		if s, ok := scalar(bytes.TrimSpace(e)); ok {
			out = append(out, s)
		}
	}
	return out
}

// scalar renders a JSON string, number or boolean as policies compare it.
func scalar(raw json.RawMessage) (string, bool) {
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return "", false
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	}
	return string(raw), true
}

// number reads a NumericDate; fractions are cut off.
func number(raw json.RawMessage) (int64, bool) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f < 0 || f > 1<<52 {
		return 0, false
	}
	return int64(f), true
}

// parseClaims reads a payload; ok is false when it is not a JSON object or a
// registered claim has the wrong type.
func parseClaims(payload []byte) (c *Claims, ok bool) {
	c = &Claims{}
	if json.Unmarshal(payload, &c.all) != nil || c.all == nil {
		return nil, false
	}
	for name, to := range map[string]*string{"iss": &c.Issuer, "sub": &c.Subject, "azp": &c.AuthorizedParty, "token_use": &c.TokenUse} {
		if raw, present := c.all[name]; present && json.Unmarshal(raw, to) != nil {
			return nil, false
		}
	}
	for name, to := range map[string]*int64{"exp": &c.Expiry, "nbf": &c.NotBefore, "iat": &c.IssuedAt, "auth_time": &c.AuthTime} {
		if raw, present := c.all[name]; present {
			if *to, ok = number(raw); !ok {
				return nil, false
			}
		}
	}
	c.Audience = values(c.all["aud"])
	return c, true
}
