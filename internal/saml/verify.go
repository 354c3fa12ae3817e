package saml

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// maxResponse is the longest response that is looked at, in bytes of XML. AWS
// takes 100,000 characters of base64.
const maxResponse = 75_000

// clockSkew is how far ahead the clock of a provider may be.
const clockSkew = 5 * time.Minute

// Expect is what a response must be, for somebody to honour it.
type Expect struct {
	// Us reports whether a name is one of ours: as an audience, or as the
	// recipient of a bearer's confirmation.
	Us  func(name string) bool
	Now time.Time
}

const statusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"

// Verify reads a response of an identity provider, in base64 as browsers post
// it, and returns its assertion if a key of the provider signed it and it is
// meant for us, now. A signed assertion alone will do for a response. All
// failures are *Error.
func Verify(response string, idp *Metadata, want Expect) (*Assertion, error) {
	s, err := read(response, idp, want.Now)
	if err != nil {
		return nil, err
	}
	if err := s.check(idp, want); err != nil {
		return nil, err
	}
	return &s.Assertion, nil
}

// read returns what the provider signed.
func read(response string, idp *Metadata, now time.Time) (*statement, error) {
	doc, err := decode(response)
	if err != nil {
		return nil, err
	}
	root, err := parse(doc, false)
	if err != nil {
		return nil, &Error{Reason: Malformed, cause: err}
	}
	if err := checkPlaces(root); err != nil {
		return nil, err
	}
	assertion, covered := root, false
	if !is(root, nsAssertion, "Assertion") {
		if covered = signed(root); covered {
			if root, err = verified(root, idp.Certificates, now); err != nil {
				return nil, err
			}
		}
		if err := checkStatus(root); err != nil {
			return nil, err
		}
		if assertion, err = only(root, nsAssertion, "Assertion"); err != nil {
			return nil, &Error{Reason: Malformed, cause: err}
		}
	}
	if signed(assertion) {
		if assertion, err = verified(assertion, idp.Certificates, now); err != nil {
			return nil, err
		}
		covered = true
	}
	if !covered {
		return nil, &Error{Reason: Unsigned}
	}
	s, err := readAssertion(assertion)
	if err != nil {
		return nil, &Error{Reason: Malformed, cause: err}
	}
	return s, nil
}

// decode reads base64, which providers break into lines.
func decode(response string) ([]byte, error) {
	text := strings.Join(strings.Fields(response), "")
	if len(text) > base64.StdEncoding.EncodedLen(maxResponse) {
		return nil, refuse(Malformed, "more than %d bytes", maxResponse)
	}
	doc, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, refuse(Malformed, "not base64")
	}
	return doc, nil
}

// checkPlaces refuses documents that hold what a signature could be wrapped
// around: a second assertion or one elsewhere, a signature elsewhere, an ID
// that two elements have.
func checkPlaces(root *etree.Element) error {
	response := is(root, nsProtocol, "Response")
	if !response && !is(root, nsAssertion, "Assertion") {
		return refuse(Malformed, "neither response nor assertion")
	}
	ids := map[string]struct{}{}
	assertions := 0
	return walk(root, func(el *etree.Element) error {
		for _, a := range el.Attr {
			if !strings.EqualFold(a.Key, "ID") {
				continue
			}
			if _, twice := ids[a.Value]; twice {
				return refuse(Malformed, "an ID twice")
			}
			ids[a.Value] = struct{}{}
		}
		parent := el.Parent()
		switch el.Tag {
		case "EncryptedAssertion", "EncryptedID", "EncryptedAttribute":
			return refuse(Encrypted, "")
		case "Response":
			if el != root {
				return refuse(Malformed, "a response in another")
			}
		case "Assertion":
			if assertions++; assertions > 1 || response && parent != root || el.NamespaceURI() != nsAssertion {
				return refuse(Malformed, "an assertion where none belongs")
			}
		case "Signature":
			if el.NamespaceURI() != nsSignature || parent != root && (parent.Tag != "Assertion" || parent.Parent() != root) {
				return refuse(Malformed, "a signature where none belongs")
			}
		}
		return nil
	})
}

func checkStatus(root *etree.Element) error {
	if attribute(root, "Version") != "2.0" {
		return refuse(Malformed, "not version 2.0")
	}
	status, err := only(root, nsProtocol, "Status")
	if err != nil {
		return &Error{Reason: Malformed, cause: err}
	}
	code, err := only(status, nsProtocol, "StatusCode")
	if err != nil {
		return &Error{Reason: Malformed, cause: err}
	}
	if attribute(code, "Value") != statusSuccess {
		return &Error{Reason: Failed}
	}
	return nil
}

// check compares what was signed with what is expected.
func (s *statement) check(idp *Metadata, want Expect) error {
	switch {
	case s.Issuer != idp.EntityID:
		return &Error{Reason: WrongIssuer}
	case !idp.ValidUntil.IsZero() && !want.Now.Before(idp.ValidUntil):
		return &Error{Reason: Stale}
	case want.Now.Before(s.NotBefore.Add(-clockSkew)), want.Now.Before(s.IssuedAt.Add(-clockSkew)):
		return &Error{Reason: NotYetValid}
	case !s.Until.IsZero() && !want.Now.Before(s.Until):
		return &Error{Reason: Expired}
	case len(s.restrictions) == 0:
		return &Error{Reason: WrongAudience, cause: errors.New("none named")}
	}
	for _, restriction := range s.restrictions {
		if !slices.ContainsFunc(restriction, want.Us) {
			return &Error{Reason: WrongAudience}
		}
	}
	return s.confirm(want)
}

// confirm finds the confirmation that lets the bearer show the assertion to
// us now.
func (s *statement) confirm(want Expect) error {
	late := false
	for _, c := range s.confirmations {
		if !want.Us(c.recipient) {
			continue
		}
		if !want.Now.Before(c.until) {
			late = true
			continue
		}
		s.Recipient, s.InResponseTo = c.recipient, c.inResponseTo
		s.Until = earliest(s.Until, c.until)
		return nil
	}
	if late {
		return &Error{Reason: Expired}
	}
	return &Error{Reason: WrongRecipient}
}
