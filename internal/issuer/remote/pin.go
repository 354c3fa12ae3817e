package remote

import (
	"context"
	"crypto/sha1" // what thumbprints of IAM are made with
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// FetchPinned implements issuer.PinnedFetcher. Thumbprints come second, as on
// AWS: a server that the usual authorities vouch for needs none, and none that
// is wrong harms it. A chain that nobody vouches for is good for its host and in
// its time alone, like any other.
func (c *Client) FetchPinned(ctx context.Context, rawURL string, thumbprints []string) (document []byte, maxAge time.Duration, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, 0, fmt.Errorf("%q is not a URL to fetch: %w", rawURL, ErrRefused)
	}
	transport := c.http.Transport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections() // what was pinned for one account is not reused for another
	transport.DisableKeepAlives = true
	transport.TLSClientConfig.InsecureSkipVerify = true // VerifyConnection does it
	transport.TLSClientConfig.VerifyConnection = func(s tls.ConnectionState) error { return c.verify(s, u.Hostname(), thumbprints) }
	pinned := *c.http
	pinned.Transport = transport
	return c.fetch(ctx, &pinned, rawURL)
}

var errNoCertificate = errors.New("server shows no certificate")

// verify checks a chain against the usual authorities, then against each of
// its certificates that has one of the thumbprints.
// The host comes from the URL, which no redirect leaves: the state of the
// connection has no name where that is an address.
func (c *Client) verify(s tls.ConnectionState, host string, thumbprints []string) error {
	if len(s.PeerCertificates) == 0 {
		return errNoCertificate
	}
	between := x509.NewCertPool()
	for _, cert := range s.PeerCertificates[1:] {
		between.AddCert(cert)
	}
	leaf := s.PeerCertificates[0]
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: c.roots, Intermediates: between})
	if err == nil {
		return nil
	}
	for _, cert := range s.PeerCertificates {
		sum := sha1.Sum(cert.Raw)
		if !slices.Contains(thumbprints, hex.EncodeToString(sum[:])) {
			continue
		}
		root := x509.NewCertPool()
		root.AddCert(cert)
		if _, pinned := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: root, Intermediates: between}); pinned == nil {
			return nil
		}
	}
	return err
}
