package account

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Sentences about certificates. All but those about missing and taken ones and
// the chain are UNCONFIRMED.
const (
	textCertificateMissing   = "The Certificate with id %s cannot be found."
	textCertificateTwice     = "The certificate is already associated with this user."
	textCertificateMalformed = "Unable to parse certificate. Please ensure the certificate is in PEM format."
	textCertificateExpired   = "The certificate is expired or not valid yet."
	textKeyMalformed         = "Unable to parse private key. Please ensure it is in PEM format and not encrypted."
	textKeyMismatch          = "The public key certificate and the private key do not match."
	textChain                = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, " +
		"followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d"
)

// maxChain bounds the certificates of a chain.
const maxChain = 10

func noSuchCertificate(id string) error { return iam.NoSuchEntityException(textCertificateMissing, id) }

// UploadCertificate gives a user a signing certificate.
func (s *Service) UploadCertificate(ctx context.Context, account, user, body string) (Credential, error) {
	list, err := parseCertificates(body, 1)
	if err != nil || len(list) != 1 {
		return Credential{}, iam.MalformedCertificateException(textCertificateMalformed)
	}
	c := s.newCredential(account, SigningCertificate)
	if list[0].NotAfter.Before(c.CreatedAt) || list[0].NotBefore.After(c.CreatedAt) {
		return Credential{}, iam.InvalidCertificateException(textCertificateExpired)
	}
	c.Body = strings.TrimSpace(body)
	err = s.addCredential(ctx, user, &c, "SigningCertificatesPerUser", maxSigningCertificates, func(have []Credential) error {
		for _, other := range have {
			if same, err := parseCertificates(other.Body, 1); err == nil && same[0].Equal(list[0]) {
				return iam.DuplicateCertificateException(textCertificateTwice)
			}
		}
		return nil
	})
	return c, err
}

// parseCertificates reads at most so many certificates in PEM, and nothing
// else.
func parseCertificates(text string, most int) ([]*x509.Certificate, error) {
	malformed := iam.MalformedCertificateException(textCertificateMalformed)
	var list []*x509.Certificate
	for rest := []byte(text); len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" || len(list) == most {
			return nil, malformed
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, malformed
		}
		list = append(list, c)
	}
	return list, nil
}

// parseKey reads the public half of a private key in PEM.
func parseKey(text string) (crypto.PublicKey, error) {
	malformed := iam.MalformedCertificateException(textKeyMalformed)
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, malformed
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	private, ok := key.(interface{ Public() crypto.PublicKey })
	if err != nil || !ok {
		return nil, malformed
	}
	return private.Public(), nil
}
