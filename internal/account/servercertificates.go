package account

import (
	"context"
	"crypto"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

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
