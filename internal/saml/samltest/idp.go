// Package samltest is an identity provider for tests: it has keys and
// metadata, and signs responses, good ones and whatever a test makes of them.
package samltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// Namespaces.
const (
	NSProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	NSAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
)

// IDP is an identity provider.
type IDP struct {
	EntityID string
	Key      *rsa.PrivateKey
	Cert     []byte // DER
	t        testing.TB
	n        int // of assertions
}

// keys take long to make; tests share a few.
var (
	mu   sync.Mutex
	keys []*rsa.PrivateKey
)

func key(t testing.TB, n int) *rsa.PrivateKey {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	for len(keys) <= n {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys[n]
}

// New returns a provider with the nth key and a certificate that is good from
// an hour before now for a year.
func New(t testing.TB, entityID string, n int, now time.Time) *IDP {
	t.Helper()
	i := &IDP{EntityID: entityID, Key: key(t, n), t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(n + 1)), Subject: pkix.Name{CommonName: entityID},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(365 * 24 * time.Hour),
	}
	var err error
	if i.Cert, err = x509.CreateCertificate(rand.Reader, template, template, &i.Key.PublicKey, i.Key); err != nil {
		t.Fatal(err)
	}
	return i
}

// Metadata is the provider's document; it is as long as IAM asks for.
func (i *IDP) Metadata() string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!-- %s -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID=%q>
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="%s">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="%s/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`, strings.Repeat("metadata ", 30), i.EntityID, NSProtocol, base64.StdEncoding.EncodeToString(i.Cert), i.EntityID)
}

// Statement is what a response says.
type Statement struct {
	ID         string // of the assertion; made up if empty
	Issuer     string // the provider if empty
	Subject    string
	Format     string // URI of the subject's format; persistent if empty
	Audience   string
	Recipient  string
	Attributes map[string][]string
	IssuedAt   time.Time
	NotBefore  time.Time // a minute before IssuedAt if zero
	Until      time.Time // five minutes after IssuedAt if zero
	SessionEnd time.Time // none if zero
}

// ToAWS is a statement for AWS, issued at a time.
func ToAWS(subject string, at time.Time) Statement {
	const aws = "https://signin.aws.amazon.com/saml"
	return Statement{Subject: subject, Audience: aws, Recipient: aws, IssuedAt: at}
}

// With adds an attribute.
func (s Statement) With(name string, values ...string) Statement {
	attributes := map[string][]string{name: values}
	for k, v := range s.Attributes {
		if k != name {
			attributes[k] = v
		}
	}
	s.Attributes = attributes
	return s
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Assertion builds an assertion that is not signed.
func (i *IDP) Assertion(s Statement) *etree.Element {
	i.n++
	if s.ID == "" {
		s.ID = fmt.Sprintf("_a%d-%d", i.n, s.IssuedAt.UnixNano())
	}
	if s.Issuer == "" {
		s.Issuer = i.EntityID
	}
	if s.Format == "" {
		s.Format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	}
	if s.NotBefore.IsZero() {
		s.NotBefore = s.IssuedAt.Add(-time.Minute)
	}
	if s.Until.IsZero() {
		s.Until = s.IssuedAt.Add(5 * time.Minute)
	}
	a := etree.NewElement("saml:Assertion")
	a.CreateAttr("xmlns:saml", NSAssertion)
	a.CreateAttr("ID", s.ID)
	a.CreateAttr("Version", "2.0")
	a.CreateAttr("IssueInstant", stamp(s.IssuedAt))
	a.CreateElement("saml:Issuer").SetText(s.Issuer)
	subject := a.CreateElement("saml:Subject")
	name := subject.CreateElement("saml:NameID")
	name.CreateAttr("Format", s.Format)
	name.SetText(s.Subject)
	confirmation := subject.CreateElement("saml:SubjectConfirmation")
	confirmation.CreateAttr("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")
	data := confirmation.CreateElement("saml:SubjectConfirmationData")
	data.CreateAttr("NotOnOrAfter", stamp(s.Until))
	data.CreateAttr("Recipient", s.Recipient)
	conditions := a.CreateElement("saml:Conditions")
	conditions.CreateAttr("NotBefore", stamp(s.NotBefore))
	conditions.CreateAttr("NotOnOrAfter", stamp(s.Until))
	conditions.CreateElement("saml:AudienceRestriction").CreateElement("saml:Audience").SetText(s.Audience)
	authn := a.CreateElement("saml:AuthnStatement")
	authn.CreateAttr("AuthnInstant", stamp(s.IssuedAt))
	if !s.SessionEnd.IsZero() {
		authn.CreateAttr("SessionNotOnOrAfter", stamp(s.SessionEnd))
	}
	if len(s.Attributes) > 0 {
		list := a.CreateElement("saml:AttributeStatement")
		for key, values := range s.Attributes {
			attribute := list.CreateElement("saml:Attribute")
			attribute.CreateAttr("Name", key)
			for _, v := range values {
				attribute.CreateElement("saml:AttributeValue").SetText(v)
			}
		}
	}
	return a
}

// Wrap puts an assertion into a response that is not signed.
func (i *IDP) Wrap(assertion *etree.Element) *etree.Element {
	r := etree.NewElement("samlp:Response")
	r.CreateAttr("xmlns:samlp", NSProtocol)
	r.CreateAttr("ID", "_r"+assertion.SelectAttrValue("ID", ""))
	r.CreateAttr("Version", "2.0")
	r.CreateAttr("IssueInstant", assertion.SelectAttrValue("IssueInstant", ""))
	r.CreateElement("samlp:Status").CreateElement("samlp:StatusCode").CreateAttr("Value", "urn:oasis:names:tc:SAML:2.0:status:Success")
	r.AddChild(assertion)
	return r
}

// Sign returns a signed copy of an element.
func (i *IDP) Sign(el *etree.Element) *etree.Element {
	return i.SignWith(el, dsig.RSASHA256SignatureMethod, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(""))
}

// SignWith is Sign with a method and a canonicalization of one's own.
func (i *IDP) SignWith(el *etree.Element, method string, c dsig.Canonicalizer) *etree.Element {
	i.t.Helper()
	ctx, err := dsig.NewSigningContext(i.Key, [][]byte{i.Cert})
	if err != nil {
		i.t.Fatal(err)
	}
	ctx.Canonicalizer = c
	if err := ctx.SetSignatureMethod(method); err != nil {
		i.t.Fatal(err)
	}
	signed, err := ctx.SignEnveloped(el)
	if err != nil {
		i.t.Fatal(err)
	}
	return signed
}

// Encode renders a response as browsers post it.
func (i *IDP) Encode(root *etree.Element) string {
	i.t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(root)
	text, err := doc.WriteToBytes()
	if err != nil {
		i.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

// Respond is a good response: the assertion is signed.
func (i *IDP) Respond(s Statement) string {
	i.t.Helper()
	return i.Encode(i.Wrap(i.Sign(i.Assertion(s))))
}
