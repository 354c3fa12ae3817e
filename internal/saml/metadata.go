package saml

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// maxCertificates is how many signing certificates a provider may have, old
// and new ones during a rotation.
const maxCertificates = 16

// Metadata is what an identity provider publishes about itself.
type Metadata struct {
	EntityID     string              // its name as the issuer of assertions
	Certificates []*x509.Certificate // of the keys that it may sign with
	ValidUntil   time.Time           // zero: for ever
}

// ParseMetadata reads the metadata document of one identity provider.
func ParseMetadata(doc []byte) (*Metadata, error) {
	root, err := parse(doc, true)
	if err != nil {
		return nil, fmt.Errorf("saml metadata: %w", err)
	}
	m, err := readMetadata(root)
	if err != nil {
		return nil, fmt.Errorf("saml metadata: %w", err)
	}
	return m, nil
}

func readMetadata(root *etree.Element) (*Metadata, error) {
	if !is(root, nsMetadata, "EntityDescriptor") {
		return nil, errors.New("not an EntityDescriptor")
	}
	m := &Metadata{EntityID: attribute(root, "entityID")}
	if m.EntityID == "" {
		return nil, errors.New("no entityID")
	}
	var err error
	if m.ValidUntil, err = instant(root, "validUntil"); err != nil {
		return nil, err
	}
	roles := children(root, nsMetadata, "IDPSSODescriptor")
	if len(roles) == 0 {
		return nil, errors.New("no IDPSSODescriptor")
	}
	for _, role := range roles {
		for _, key := range children(role, nsMetadata, "KeyDescriptor") {
			if use := attribute(key, "use"); use != "" && use != "signing" {
				continue
			}
			if err := m.readKey(key); err != nil {
				return nil, err
			}
		}
	}
	switch n := len(m.Certificates); {
	case n == 0:
		return nil, errors.New("no signing certificate")
	case n > maxCertificates:
		return nil, errors.New("too many certificates")
	}
	return m, nil
}

func (m *Metadata) readKey(key *etree.Element) error {
	for _, info := range children(key, nsSignature, "KeyInfo") {
		for _, data := range children(info, nsSignature, "X509Data") {
			for _, el := range children(data, nsSignature, "X509Certificate") {
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(el.Text()), ""))
				if err != nil {
					return errors.New("a certificate that is not base64")
				}
				c, err := x509.ParseCertificate(der)
				if err != nil {
					return fmt.Errorf("certificate: %w", err)
				}
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	return nil
}
