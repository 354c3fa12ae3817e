package account

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Sealer seals for the deployment alone; *secretbox.Ring is one.
type Sealer interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
}

const (
	// denialPurpose binds sealed denials to what they are.
	denialPurpose = "authorization message"
	// maxDenial bounds a sealed denial in characters. It travels in a header,
	// and proxies take few kilobytes of them.
	maxDenial = 2048
	// maxDenialText bounds what a sealed denial may unpack to, in bytes.
	maxDenialText = 64 << 10
)

// ErrDenial says that a text is not a sealed denial of this deployment.
var ErrDenial = errors.New("account: not an authorization message")

// sealedDenial is the content of a sealed denial.
type sealedDenial struct {
	Account string          `json:"account"` // who may read it
	Text    json.RawMessage `json:"text"`    // as STS decodes it
}

// sealDenial seals a denial for the account of who was refused. Parts are left
// out of one that would be too long.
func sealDenial(s Sealer, d *Decision) string {
	doc := denialDocument(d)
	for _, less := range []func(){
		func() {},
		func() { doc.Context.Conditions.Items = nil },
		func() { doc.Matched.Items = nil },
	} {
		less()
		text, err := json.Marshal(doc)
		if err != nil {
			return ""
		}
		plain, err := json.Marshal(sealedDenial{Account: d.Account, Text: text})
		if err != nil {
			return ""
		}
		sealed := base64.RawURLEncoding.EncodeToString(s.Seal(deflate(plain), []byte(denialPurpose)))
		if len(sealed) <= maxDenial {
			return sealed
		}
	}
	return ""
}

// OpenDenial opens a sealed denial and returns its text and whose it is.
func OpenDenial(s Sealer, encoded string) (account, text string, err error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") { // which the decoder would skip
		return "", "", ErrDenial
	}
	packed, err := s.Open(sealed, []byte(denialPurpose))
	if err != nil {
		return "", "", ErrDenial
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxDenialText))
	if err != nil {
		return "", "", ErrDenial
	}
	var d sealedDenial
	if err := json.Unmarshal(plain, &d); err != nil {
		return "", "", ErrDenial
	}
	return d.Account, string(d.Text), nil
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func deflate(plain []byte) []byte {
	var out bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(plain) // a Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// items is how decoded messages write lists.
type items[T any] struct {
	Items []T `json:"items"`
}

// MarshalJSON writes an absent list as an empty one.
func (l items[T]) MarshalJSON() ([]byte, error) {
	type plain items[T]
	if l.Items == nil {
		l.Items = []T{}
	}
	return json.Marshal(plain(l))
}

type messageValue struct {
	Value string `json:"value"`
}

type messageCondition struct {
	Key    string              `json:"key"`
	Values items[messageValue] `json:"values"`
}

const (
	effectAllow = "ALLOW"
	effectDeny  = "DENY"
)

type messageStatement struct {
	ID         string                  `json:"statementId"`
	Effect     string                  `json:"effect"`
	Principals items[messageValue]     `json:"principals"`
	Groups     items[messageValue]     `json:"principalGroups"`
	Actions    items[messageValue]     `json:"actions"`
	Resources  items[messageValue]     `json:"resources"`
	Conditions items[messageCondition] `json:"conditions"`
}

// message is the document that DecodeAuthorizationMessage answers (STS API
// reference, and the examples of the EC2 user guide).
type message struct {
	Allowed      bool                    `json:"allowed"`
	ExplicitDeny bool                    `json:"explicitDeny"`
	Matched      items[messageStatement] `json:"matchedStatements"`
	Failures     items[messageValue]     `json:"failures"`
	Context      struct {
		Principal struct {
			ID  string `json:"id"`
			ARN string `json:"arn"`
		} `json:"principal"`
		Action     string                  `json:"action"`
		Resource   string                  `json:"resource"`
		Conditions items[messageCondition] `json:"conditions"`
	} `json:"context"`
}

// denialDocument writes a denial for the account of who was refused. What a
// resource of another account says in its policy, and its tags, are that
// account's affair; so is whether a role of its refuses by a word or by silence:
// a role that there is not can only be silent.
func denialDocument(d *Decision) *message {
	m := &message{ExplicitDeny: d.Outcome == OutcomeExplicitDeny}
	m.Context.Principal.ARN, m.Context.Action, m.Context.Resource = d.Principal, d.Action, d.Resource
	if id := d.Context["aws:userid"]; len(id) == 1 {
		m.Context.Principal.ID = id[0]
	}
	abroad := slices.ContainsFunc(d.Context["aws:ResourceAccount"], func(a string) bool { return a != d.Account })
	for _, key := range slices.Sorted(maps.Keys(d.Context)) {
		if abroad && strings.Contains(strings.ToLower(key), ":resourcetag/") {
			continue
		}
		m.Context.Conditions.Items = append(m.Context.Conditions.Items, messageCondition{key, valuesOf(d.Context[key])})
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Matched && !(abroad && (s.Layer == iampolicy.TrustLayer || s.Layer == iampolicy.ResourceLayer)) {
			m.Matched.Items = append(m.Matched.Items, statementOf(s))
		}
	}
	if abroad && d.Layer == iampolicy.TrustLayer {
		m.ExplicitDeny = slices.ContainsFunc(m.Matched.Items, func(s messageStatement) bool { return s.Effect == effectDeny })
	}
	return m
}

func statementOf(s *iampolicy.StatementTrace) messageStatement {
	out := messageStatement{ID: s.Sid, Effect: effectAllow}
	if s.Deny {
		out.Effect = effectDeny
	}
	var written struct{ Action, NotAction, Resource, NotResource oneOrMore }
	if err := json.Unmarshal([]byte(s.Text), &written); err == nil {
		out.Actions = valuesOf(append(written.Action, written.NotAction...))
		out.Resources = valuesOf(append(written.Resource, written.NotResource...))
	}
	for i := range s.Conditions {
		out.Conditions.Items = append(out.Conditions.Items, messageCondition{s.Conditions[i].Key, valuesOf(s.Conditions[i].Wanted)})
	}
	return out
}

func valuesOf(texts []string) (l items[messageValue]) {
	for _, v := range texts {
		l.Items = append(l.Items, messageValue{v})
	}
	return l
}

// oneOrMore reads a text or a list of them, as policies have both.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(o))
	}
	*o = []string{""}
	return json.Unmarshal(b, &(*o)[0])
}
