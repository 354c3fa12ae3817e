package saml

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// Algorithms that signatures may use.
const (
	exclusive = string(dsig.CanonicalXML10ExclusiveAlgorithmId)
	enveloped = string(dsig.EnvelopedSignatureAltorithmId)
)

var (
	signatureMethods = []string{
		dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}
	digestMethods = []string{
		"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
	}
)

// signed reports whether an element has a signature of its own.
func signed(el *etree.Element) bool { return len(children(el, nsSignature, "Signature")) > 0 }

// verified checks the signature of an element and returns what it covers,
// parsed from the bytes that were digested. The element may be part of a
// larger document.
func verified(el *etree.Element, keys []*x509.Certificate, now time.Time) (*etree.Element, error) {
	if err := checkShape(el); err != nil {
		return nil, &Error{Reason: BadSignature, cause: err}
	}
	around, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, &Error{Reason: Malformed, cause: err}
	}
	alone, err := etreeutils.NSDetatch(around, el)
	if err != nil {
		return nil, &Error{Reason: Malformed, cause: err}
	}
	err = errors.New("no certificate")
	for _, key := range keys {
		c := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{key}})
		c.Clock = dsig.NewFakeClockAt(now)
		var covered *etree.Element
		if covered, err = c.Validate(alone); err != nil {
			continue
		}
		if covered == nil || covered.Tag != el.Tag || covered.NamespaceURI() != el.NamespaceURI() || attribute(covered, "ID") != attribute(el, "ID") {
			return nil, refuse(BadSignature, "it covers something else")
		}
		return covered, nil
	}
	return nil, &Error{Reason: BadSignature, cause: err}
}

// checkShape makes sure that the signature of an element is of the one form
// that is accepted, so that the library has no choice to make.
func checkShape(el *etree.Element) error {
	id := attribute(el, "ID")
	if id == "" {
		return errors.New("a signed element without ID")
	}
	signature, err := only(el, nsSignature, "Signature")
	if err != nil {
		return err
	}
	for _, child := range signature.ChildElements() {
		if !slices.Contains([]string{"SignedInfo", "SignatureValue", "KeyInfo"}, child.Tag) {
			return fmt.Errorf("%s in a signature", child.Tag)
		}
	}
	if _, err := only(signature, nsSignature, "SignatureValue"); err != nil {
		return err
	}
	info, err := only(signature, nsSignature, "SignedInfo")
	if err != nil {
		return err
	}
	if err := algorithm(info, "CanonicalizationMethod", exclusive); err != nil {
		return err
	}
	if err := algorithm(info, "SignatureMethod", signatureMethods...); err != nil {
		return err
	}
	reference, err := only(info, nsSignature, "Reference")
	if err != nil {
		return err
	}
	if attribute(reference, "URI") != "#"+id {
		return errors.New("a reference to another element")
	}
	if err := algorithm(reference, "DigestMethod", digestMethods...); err != nil {
		return err
	}
	if _, err := only(reference, nsSignature, "DigestValue"); err != nil {
		return err
	}
	return checkTransforms(reference)
}

// checkTransforms accepts the enveloped signature followed by exclusive
// canonicalization, and nothing else.
func checkTransforms(reference *etree.Element) error {
	list, err := only(reference, nsSignature, "Transforms")
	if err != nil {
		return err
	}
	var found []string
	for _, child := range list.ChildElements() {
		if !is(child, nsSignature, "Transform") {
			return fmt.Errorf("%s among transforms", child.Tag)
		}
		found = append(found, attribute(child, "Algorithm"))
	}
	if !slices.Equal(found, []string{enveloped, exclusive}) {
		return errors.New("transforms that are not accepted")
	}
	return nil
}

// algorithm checks the one child of a name that names an algorithm.
func algorithm(el *etree.Element, tag string, accepted ...string) error {
	child, err := only(el, nsSignature, tag)
	if err != nil {
		return err
	}
	if !slices.Contains(accepted, attribute(child, "Algorithm")) {
		return fmt.Errorf("%s is not an accepted algorithm", tag)
	}
	return nil
}
