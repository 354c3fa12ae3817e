package remote_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/issuer"
	"github.com/cenote-id/cenote/internal/issuer/remote"
)

var _ issuer.PinnedFetcher = (*remote.Client)(nil)

// authority signs certificates that no system trusts.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(t, template, template, &key.PublicKey)
	return a
}

func (a *authority) sign(t *testing.T, template, parent *x509.Certificate, key *ecdsa.PublicKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// serve runs a server on loopback with a certificate for an address.
func (a *authority) serve(t *testing.T, address string, until time.Time) (*url.URL, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.ParseIP(address)}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, &key.PublicKey)
	s := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, a.cert.Raw}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u, leaf
}

func thumbprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	return hex.EncodeToString(sum[:])
}

func TestThumbprints(t *testing.T) {
	ours, others := newAuthority(t, "ours"), newAuthority(t, "others")
	soon := time.Now().Add(time.Hour)
	at, leaf := ours.serve(t, "127.0.0.1", soon)
	elsewhere, _ := ours.serve(t, "127.0.0.2", soon)
	old, _ := ours.serve(t, "127.0.0.1", time.Now().Add(-time.Hour))
	roots := x509.NewCertPool()
	trusting := x509.NewCertPool()
	trusting.AddCert(ours.cert)
	none := strings.Repeat("0", 40)
	for _, c := range []struct {
		name  string
		at    *url.URL
		roots *x509.CertPool
		pins  []string
		ok    bool
	}{
		{"the authority", at, roots, []string{none, thumbprint(ours.cert)}, true},
		{"the certificate itself", at, roots, []string{thumbprint(leaf)}, true},
		{"a wrong one", at, roots, []string{none}, false},
		{"another authority", at, roots, []string{thumbprint(others.cert)}, false},
		{"none", at, roots, nil, false},
		{"a wrong one of a trusted server", at, trusting, []string{none}, true},
		{"another host", elsewhere, roots, []string{thumbprint(ours.cert)}, false},
		{"an old certificate", old, roots, []string{thumbprint(ours.cert)}, false},
	} {
		client := remote.New(remote.Config{Peers: []*url.URL{c.at}, Roots: c.roots})
		if _, _, err := client.FetchPinned(t.Context(), c.at.String(), c.pins); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		// What was admitted once is not admitted without the thumbprint.
		if _, _, err := client.Fetch(t.Context(), c.at.String()); (err == nil) != (c.roots == trusting) {
			t.Errorf("%s, then without thumbprints: %v", c.name, err)
		}
	}
	// Thumbprints admit certificates, not addresses.
	if _, _, err := remote.New(remote.Config{Roots: roots}).FetchPinned(t.Context(), "https://127.0.0.1/", []string{thumbprint(ours.cert)}); err == nil {
		t.Error("an inner address was asked")
	}
}
