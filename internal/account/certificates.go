package account

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

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

// ServerCertificateKind is the kind of server certificates.
const ServerCertificateKind Kind = "server-certificate"

// ServerCertificate is a certificate of a web server with its chain. The
// private key is looked at when it is uploaded and not kept: nothing here
// serves with it.
type ServerCertificate struct {
	Entity
	Body      string // PEM
	Chain     string // PEM; empty: none
	ExpiresAt time.Time
	Tags      []Tag
}

// ARN names the certificate.
func (c *ServerCertificate) ARN() string { return ServerCertificateARN(c.Account, c.Path, c.Name) }

// ServerCertificateARN names a server certificate of an account.
func ServerCertificateARN(account, path, name string) string {
	return entityARN(account, ServerCertificateKind, path, name)
}

// NewServerCertificate is a server certificate to be kept.
type NewServerCertificate struct {
	Account, Name string
	Path          string // empty: "/"
	Body          string
	PrivateKey    string
	Chain         string // empty: none
	Tags          []Tag
}

// UploadServerCertificate keeps a certificate whose private key belongs to it
// and whose chain leads on from it.
func (s *Service) UploadServerCertificate(ctx context.Context, n NewServerCertificate) (*ServerCertificate, error) {
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	own, err := parseCertificates(n.Body, 1)
	if err != nil || len(own) != 1 {
		return nil, iam.MalformedCertificateException(textCertificateMalformed)
	}
	public, err := parseKey(n.PrivateKey)
	if err != nil {
		return nil, err
	}
	if same, ok := own[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !same.Equal(public) {
		return nil, iam.KeyPairMismatchException(textKeyMismatch)
	}
	chain, err := parseCertificates(n.Chain, maxChain)
	if err != nil {
		return nil, err
	}
	below := own[0]
	for i, issuer := range chain {
		if err := below.CheckSignatureFrom(issuer); err != nil {
			return nil, iam.MalformedCertificateException(textChain, i)
		}
		below = issuer
	}
	c := &ServerCertificate{
		Entity: s.newEntity(serverCertificatePrefix, n.Account, n.Name, n.Path),
		Body:   strings.TrimSpace(n.Body), Chain: strings.TrimSpace(n.Chain), ExpiresAt: own[0].NotAfter.UTC(), Tags: n.Tags,
	}
	return c, s.change(ctx, n.Account, func(ctx context.Context) error {
		return insert(ctx, s.stores.ServerCertificates, c, ServerCertificateKind, "ServerCertificatesPerAccount", maxServerCertificates)
	})
}

// ServerCertificate returns a server certificate by name.
func (s *Service) ServerCertificate(ctx context.Context, account, name string) (*ServerCertificate, error) {
	c, err := s.stores.ServerCertificates.ByName(ctx, account, name)
	return c, absent(err, noSuch(ServerCertificateKind, name))
}

// ListServerCertificates lists server certificates by name.
func (s *Service) ListServerCertificates(ctx context.Context, account string, p Page) (List[*ServerCertificate], error) {
	return s.stores.ServerCertificates.List(ctx, account, p)
}

// UpdateServerCertificate renames a server certificate.
func (s *Service) UpdateServerCertificate(ctx context.Context, r Rename) error {
	return s.change(ctx, r.Account, func(ctx context.Context) error {
		return rename(ctx, s.stores.ServerCertificates, ServerCertificateKind, r)
	})
}

// DeleteServerCertificate deletes a server certificate.
func (s *Service) DeleteServerCertificate(ctx context.Context, account, name string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		c, err := s.ServerCertificate(ctx, account, name)
		if err != nil {
			return err
		}
		return s.stores.ServerCertificates.Delete(ctx, account, c.ID)
	})
}
