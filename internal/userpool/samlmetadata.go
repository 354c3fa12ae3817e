package userpool

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// samlMetadata is what a provider's metadata document must tell (OASIS
// "Metadata for SAML V2.0", 2.3 and 2.4.3).
type samlMetadata struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	Roles    []struct {
		Keys []struct {
			Use          string   `xml:"use,attr"`
			Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
		SignOn  []samlEndpoint `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleSignOnService"`
		SignOut []samlEndpoint `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleLogoutService"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type samlEndpoint struct {
	Binding  string `xml:"Binding,attr"`
	Location string `xml:"Location,attr"`
}

const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

// checkSAML wants one way to the metadata, and metadata that a sign-in could
// use. A document behind a URL is not fetched here.
func checkSAML(d ProviderDetails) error {
	if (d[detailMetadataURL] == "") == (d[detailMetadataFile] == "") {
		return cognitoidp.InvalidParameterException(textMetadataChoice)
	}
	for _, name := range []string{detailSignOut, detailInit, detailEncrypted} {
		if v := strings.ToLower(d[name]); v != "" && v != "true" && v != "false" {
			return cognitoidp.InvalidParameterException(textDetailInvalid, name)
		}
	}
	if v := d[detailSigning]; v != "" && v != signingAlgorithm {
		return cognitoidp.InvalidParameterException(textDetailInvalid, detailSigning)
	}
	if u := d[detailMetadataURL]; u != "" && !endpoint(u) {
		return cognitoidp.InvalidParameterException(textDetailInvalid, detailMetadataURL)
	}
	if f := d[detailMetadataFile]; f != "" && !readMetadata(f).usable() {
		return cognitoidp.InvalidParameterException(textDetailInvalid, detailMetadataFile)
	}
	return nil
}

// samlEndpoints returns the addresses that a metadata file names.
func samlEndpoints(d ProviderDetails) map[string]string {
	m := readMetadata(d[detailMetadataFile])
	out := map[string]string{}
	if u := m.signOn(); u != "" {
		out[detailSSO] = u
	}
	if u := m.signOut(); u != "" {
		out[detailSLO] = u
	}
	return out
}

// readMetadata reads a document; what cannot be read says nothing. The parser
// resolves no entities, and the API bounds the length.
func readMetadata(document string) *samlMetadata {
	var m samlMetadata
	if document == "" || xml.Unmarshal([]byte(document), &m) != nil {
		return &samlMetadata{}
	}
	return &m
}

// usable reports whether a browser can be sent to the provider, and its
// answers be verified.
func (m *samlMetadata) usable() bool {
	return m.EntityID != "" && endpoint(m.signOn()) && (m.signOut() == "" || endpoint(m.signOut())) && m.hasCertificate()
}

func (m *samlMetadata) signOn() string {
	for _, r := range m.Roles {
		for _, e := range r.SignOn {
			if e.Binding == redirectBinding {
				return e.Location
			}
		}
	}
	return ""
}

func (m *samlMetadata) signOut() string {
	for _, r := range m.Roles {
		for _, e := range r.SignOut {
			if e.Binding == redirectBinding {
				return e.Location
			}
		}
	}
	return ""
}

// hasCertificate reports whether there is a key to verify signatures with.
func (m *samlMetadata) hasCertificate() bool {
	for _, r := range m.Roles {
		for _, k := range r.Keys {
			if k.Use == "encryption" {
				continue
			}
			for _, text := range k.Certificates {
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
				if err != nil {
					continue
				}
				if _, err := x509.ParseCertificate(der); err == nil {
					return true
				}
			}
		}
	}
	return false
}
