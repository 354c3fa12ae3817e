package saml

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/beevik/etree"
)

// Assertion is what a provider vouches for. Only Verify makes them.
type Assertion struct {
	ID            string // unique at its issuer
	Issuer        string
	Subject       string // NameID
	SubjectFormat string // of the NameID, a URI; empty for unspecified
	Recipient     string // of the confirmation that counted
	InResponseTo  string // of that confirmation; empty for sign-ins that the provider began
	Audiences     []string
	Attributes    []Attribute

	IssuedAt   time.Time
	NotBefore  time.Time // zero: at once
	Until      time.Time // the earliest end of conditions and confirmation
	SessionEnd time.Time // when the provider wants the session to end; zero: it does not say
}

// Attribute is something that a provider says about a person.
type Attribute struct {
	Name   string
	Values []string
}

// Values returns all values of an attribute.
func (a *Assertion) Values(name string) []string {
	var values []string
	for _, attr := range a.Attributes {
		if attr.Name == name {
			values = append(values, attr.Values...)
		}
	}
	return values
}

// maxName is the length of the longest ID and NameID, in bytes. SAML gives
// persistent names 256 characters.
const maxName = 1024

const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// confirmation says to whom the bearer may show the assertion.
type confirmation struct {
	recipient, inResponseTo string
	until                   time.Time
}

// statement is an assertion as it was read, before anything was compared.
type statement struct {
	Assertion
	confirmations []confirmation
	restrictions  [][]string // audiences; one of each list must be us
}

// readAssertion reads an assertion that a signature covers.
func readAssertion(el *etree.Element) (*statement, error) {
	s := &statement{}
	s.ID = attribute(el, "ID")
	if attribute(el, "Version") != "2.0" || s.ID == "" || len(s.ID) > maxName {
		return nil, errors.New("not an assertion of version 2.0 with a short ID")
	}
	var err error
	if s.IssuedAt, err = instant(el, "IssueInstant"); err != nil {
		return nil, err
	}
	if s.IssuedAt.IsZero() {
		return nil, errors.New("an assertion without time")
	}
	issuer, err := only(el, nsAssertion, "Issuer")
	if err != nil {
		return nil, err
	}
	if s.Issuer, err = text(issuer); err != nil {
		return nil, err
	}
	for _, read := range []func(*etree.Element) error{s.readSubject, s.readConditions, s.readSession, s.readAttributes} {
		if err := read(el); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *statement) readSubject(el *etree.Element) error {
	subject, err := only(el, nsAssertion, "Subject")
	if err != nil {
		return err
	}
	name, err := only(subject, nsAssertion, "NameID")
	if err != nil {
		return err
	}
	if s.Subject, err = text(name); err != nil {
		return err
	}
	if s.Subject == "" || len(s.Subject) > maxName {
		return errors.New("a NameID that is empty or too long")
	}
	s.SubjectFormat = attribute(name, "Format")
	for _, c := range children(subject, nsAssertion, "SubjectConfirmation") {
		if attribute(c, "Method") != bearer {
			continue
		}
		data, err := only(c, nsAssertion, "SubjectConfirmationData")
		if err != nil {
			return err
		}
		until, err := instant(data, "NotOnOrAfter")
		if err != nil {
			return err
		}
		if until.IsZero() || attribute(data, "NotBefore") != "" {
			continue // no bearer confirmation as the profile has it
		}
		s.confirmations = append(s.confirmations, confirmation{attribute(data, "Recipient"), attribute(data, "InResponseTo"), until})
	}
	return nil
}

// conditions that are understood; an assertion with any other is invalid.
var conditions = []string{"AudienceRestriction", "OneTimeUse", "ProxyRestriction"}

func (s *statement) readConditions(el *etree.Element) error {
	c, err := only(el, nsAssertion, "Conditions")
	if err != nil {
		return err
	}
	if s.NotBefore, err = instant(c, "NotBefore"); err != nil {
		return err
	}
	if s.Until, err = instant(c, "NotOnOrAfter"); err != nil {
		return err
	}
	for _, child := range c.ChildElements() {
		if child.NamespaceURI() != nsAssertion || !slices.Contains(conditions, child.Tag) {
			return fmt.Errorf("condition %s is not understood", child.Tag)
		}
		if child.Tag != "AudienceRestriction" {
			continue
		}
		list := []string{}
		for _, audience := range children(child, nsAssertion, "Audience") {
			name, err := text(audience)
			if err != nil {
				return err
			}
			list = append(list, name)
		}
		s.restrictions = append(s.restrictions, list)
		s.Audiences = append(s.Audiences, list...)
	}
	return nil
}

func (s *statement) readSession(el *etree.Element) error {
	for _, authn := range children(el, nsAssertion, "AuthnStatement") {
		end, err := instant(authn, "SessionNotOnOrAfter")
		if err != nil {
			return err
		}
		s.SessionEnd = earliest(s.SessionEnd, end)
	}
	return nil
}

func (s *statement) readAttributes(el *etree.Element) error {
	for _, list := range children(el, nsAssertion, "AttributeStatement") {
		for _, a := range children(list, nsAssertion, "Attribute") {
			read := Attribute{Name: attribute(a, "Name")}
			for _, v := range children(a, nsAssertion, "AttributeValue") {
				if value, err := text(v); err == nil { // one that is XML is of no use to us
					read.Values = append(read.Values, value)
				}
			}
			s.Attributes = append(s.Attributes, read)
		}
	}
	return nil
}

// earliest returns the earlier of two times, of which a zero one is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
