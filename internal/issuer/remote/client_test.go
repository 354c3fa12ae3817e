package remote_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/issuer/remote"
)

// site is a server on loopback that counts its visitors.
type site struct {
	*httptest.Server
	url    *url.URL
	visits atomic.Int64
}

func newSite(t *testing.T, tls bool, h http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	count := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.visits.Add(1)
		h(w, r)
	})
	if tls {
		s.Server = httptest.NewTLSServer(count)
	} else {
		s.Server = httptest.NewServer(count)
	}
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	var err error
	if s.url, err = url.Parse(s.URL); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	if c := s.Certificate(); c != nil {
		pool.AddCert(c)
	}
	return pool
}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	fmt.Fprint(w, `{"ok":true}`)
}

func TestPeerOverTLS(t *testing.T) {
	s := newSite(t, true, hello)
	c := remote.New(remote.Config{Peers: []*url.URL{s.url}, Roots: s.roots()})
	body, age, err := c.Fetch(t.Context(), s.URL+"/x")
	if err != nil || string(body) != `{"ok":true}` || age != time.Hour {
		t.Errorf("%q %v %v", body, age, err)
	}
}

func TestUnknownCertificate(t *testing.T) {
	s := newSite(t, true, hello)
	c := remote.New(remote.Config{Peers: []*url.URL{s.url}})
	if _, _, err := c.Fetch(t.Context(), s.URL); err == nil || s.visits.Load() != 0 {
		t.Errorf("%v after %d visits", err, s.visits.Load())
	}
}

func TestPlainHTTPOnlyWhereTheOperatorWroteIt(t *testing.T) {
	plain, secure := newSite(t, false, hello), newSite(t, true, hello)
	c := remote.New(remote.Config{Peers: []*url.URL{plain.url, secure.url}, Roots: secure.roots()})
	if _, _, err := c.Fetch(t.Context(), plain.URL); err != nil {
		t.Error(err)
	}
	_, _, err := c.Fetch(t.Context(), "http://"+secure.url.Host)
	if !errors.Is(err, remote.ErrRefused) || secure.visits.Load() != 0 {
		t.Errorf("%v after %d visits", err, secure.visits.Load())
	}
}

func TestInnerAddressesAreRefused(t *testing.T) {
	s := newSite(t, true, hello)
	c := remote.New(remote.Config{Roots: s.roots()})
	_, port, _ := strings.Cut(s.url.Host, ":")
	for _, u := range []string{
		s.URL, "http://" + s.url.Host, "https://localhost:" + port, // not named, wrong port
		"https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://0.0.0.0/", "https://10.0.0.1/",
		"https://169.254.169.254/latest", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://[fe80::1%25lo]/",
		"https://user@example.com/", "file:///etc/passwd", "https://", "gopher://example.com/", "https://127.1/",
	} {
		if _, _, err := c.Fetch(t.Context(), u); err == nil {
			t.Errorf("%s fetched", u)
		} else if strings.HasPrefix(u, "https://localhost/") && !errors.Is(err, remote.ErrRefused) {
			t.Errorf("%s: %v", u, err)
		}
	}
	if n := s.visits.Load(); n != 0 {
		t.Errorf("%d visits", n)
	}
}

// A peer is a host and a port: naming one opens no other door of that host.
func TestPeerOpensOnePort(t *testing.T) {
	named, inner := newSite(t, true, hello), newSite(t, true, hello)
	c := remote.New(remote.Config{Peers: []*url.URL{named.url}, Roots: inner.roots()})
	if _, _, err := c.Fetch(t.Context(), inner.URL); !errors.Is(err, remote.ErrRefused) || inner.visits.Load() != 0 {
		t.Errorf("%v after %d visits", err, inner.visits.Load())
	}
}

func TestRedirects(t *testing.T) {
	inner := newSite(t, true, hello)
	s := newSite(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, inner.URL, http.StatusFound)
		case "/plain":
			http.Redirect(w, r, "http://"+r.Host+"/here", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			hello(w, r)
		}
	})
	// Both are peers, and still one may not send us to the other.
	c := remote.New(remote.Config{Peers: []*url.URL{s.url, inner.url}, Roots: s.roots()})
	if _, _, err := c.Fetch(t.Context(), s.URL+"/near"); err != nil {
		t.Errorf("on the same host: %v", err)
	}
	for _, path := range []string{"/away", "/plain", "/loop"} {
		if _, _, err := c.Fetch(t.Context(), s.URL+path); !errors.Is(err, remote.ErrRefused) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if n := inner.visits.Load(); n != 0 {
		t.Errorf("%d visits elsewhere", n)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	s := newSite(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			for range 1<<20/1024 + 1 {
				w.Write(make([]byte, 1024))
			}
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
		case "/headers":
			w.Header().Set("X-Fill", strings.Repeat("x", 128<<10))
		}
	})
	c := remote.New(remote.Config{Peers: []*url.URL{s.url}, Roots: s.roots()})
	for _, path := range []string{"/big", "/error", "/headers"} {
		if _, _, err := c.Fetch(t.Context(), s.URL+path); err == nil {
			t.Errorf("%s fetched", path)
		}
	}
}

func TestCacheControl(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": -1, "public": -1, "max-age=60": time.Minute, "Public, Max-Age=\"60\"": time.Minute, "no-store": 0,
		"max-age=60, no-cache": 0, "max-age=x": -1, "max-age=-5": -1, "max-age=99999999999999": -1,
	} {
		s := newSite(t, true, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", header) })
		c := remote.New(remote.Config{Peers: []*url.URL{s.url}, Roots: s.roots()})
		if _, age, err := c.Fetch(t.Context(), s.URL); err != nil || age != want {
			t.Errorf("%q: %v %v", header, age, err)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "52.94.236.248", "2606:4700:4700::1111", "::ffff:1.1.1.1"} {
		if !remote.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s refused", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1",
	} {
		if remote.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s let through", a)
		}
	}
}
