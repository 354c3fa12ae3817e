package passkey

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

// descriptor names a credential.
type descriptor struct {
	ID         string   `json:"id"`
	Transports []string `json:"transports,omitempty"`
	Type       string   `json:"type"`
}

const publicKey = "public-key"

func describe(list []Credential, relyingParty string, withTransports bool) []descriptor {
	out := []descriptor{}
	for _, c := range list {
		if c.RelyingParty != relyingParty {
			continue
		}
		d := descriptor{ID: c.Text(), Type: publicKey}
		if withTransports {
			d.Transports = c.Transports
		}
		out = append(out, d)
	}
	return out
}

// verification is what an authenticator is told to do about the person.
func (c Ceremony) verification() string {
	if c.Verified {
		return "required"
	}
	return "preferred"
}

type creation struct {
	Selection  selection    `json:"authenticatorSelection"`
	Challenge  string       `json:"challenge"`
	Exclude    []descriptor `json:"excludeCredentials"`
	Parameters []parameter  `json:"pubKeyCredParams"`
	Party      party        `json:"rp"`
	Timeout    int64        `json:"timeout"` // ms
	User       account      `json:"user"`
}

type selection struct {
	RequireResidentKey bool   `json:"requireResidentKey"`
	ResidentKey        string `json:"residentKey"`
	UserVerification   string `json:"userVerification"`
}

type parameter struct {
	Algorithm int    `json:"alg"`
	Type      string `json:"type"`
}

type party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type account struct {
	DisplayName string `json:"displayName"`
	ID          string `json:"id"`
	Name        string `json:"name"`
}

// Creation writes the options to register a passkey with
// (PublicKeyCredentialCreationOptionsJSON). known are those that the person
// has already.
func (c Ceremony) Creation(name string, known []Credential) (json.RawMessage, error) {
	o := creation{
		Selection: selection{RequireResidentKey: true, ResidentKey: "required", UserVerification: c.verification()},
		Challenge: c.text(), Exclude: describe(known, c.RelyingParty, false),
		Party: party{c.RelyingParty, c.RelyingParty}, Timeout: int64(CreationWait / time.Millisecond),
		User: account{DisplayName: name, ID: base64.RawURLEncoding.EncodeToString(c.User), Name: name},
	}
	for _, a := range algorithms {
		o.Parameters = append(o.Parameters, parameter{int(a.Algorithm), publicKey})
	}
	return json.Marshal(o)
}

type request struct {
	Challenge        string       `json:"challenge"`
	Timeout          int64        `json:"timeout"` // ms
	Party            string       `json:"rpId"`
	Allow            []descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
}

// Request writes the options to sign in with a passkey with
// (PublicKeyCredentialRequestOptionsJSON).
func (c Ceremony) Request(known []Credential) (string, error) {
	b, err := json.Marshal(request{
		Challenge: c.text(), Timeout: int64(RequestWait / time.Millisecond), Party: c.RelyingParty,
		Allow: describe(known, c.RelyingParty, true), UserVerification: c.verification(),
	})
	return string(b), err
}
