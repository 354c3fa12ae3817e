package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxDocument  = 1 << 20
	timeout      = 5 * time.Second
	maxRedirects = 3
)

// ErrRefused means that a URL or address is one that may not be fetched.
var ErrRefused = errors.New("address refused")

// Config says whom a Client may reach beyond the open internet.
type Config struct {
	Peers []*url.URL     // whose scheme, host and port the operator named
	Roots *x509.CertPool // nil for the system's
}

// Client fetches documents. It is safe for concurrent use.
type Client struct {
	http  *http.Client
	roots *x509.CertPool
	peers map[string]string // scheme by host:port
}

// New returns a Client. It opens no connection.
func New(c Config) *Client {
	client := &Client{roots: c.Roots, peers: map[string]string{}}
	for _, p := range c.Peers {
		client.peers[hostPort(p)] = p.Scheme
	}
	plain := &net.Dialer{Timeout: timeout}
	guarded := &net.Dialer{Timeout: timeout, Control: refuseInner}
	client.http = &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if _, named := client.peers[address]; named {
					return plain.DialContext(ctx, network, address)
				}
				return guarded.DialContext(ctx, network, address)
			},
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    timeout,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			first := via[0].URL
			if len(via) > maxRedirects || req.URL.Scheme != first.Scheme || hostPort(req.URL) != hostPort(first) {
				return fmt.Errorf("redirect to %s: %w", req.URL.Host, ErrRefused)
			}
			return nil
		},
	}
	return client
}

// Fetch implements issuer.Fetcher.
func (c *Client) Fetch(ctx context.Context, rawURL string) (document []byte, maxAge time.Duration, err error) {
	return c.fetch(ctx, c.http, rawURL)
}

func (c *Client) fetch(ctx context.Context, by *http.Client, rawURL string) (document []byte, maxAge time.Duration, err error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, 0, fmt.Errorf("%q is not a URL to fetch: %w", rawURL, ErrRefused)
	}
	if err := c.admit(u); err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "cenote")
	res, document, err := send(by, req)
	if err != nil {
		return nil, 0, fmt.Errorf("GET %s: %w", rawURL, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("GET %s: %s", rawURL, res.Status)
	}
	return document, cacheAge(res.Header), nil
}

// Ask sends a request of the caller's own and returns status and body,
// whatever the status is. Errors say nothing of the URL, which may hold a
// secret.
func (c *Client) Ask(req *http.Request) (status int, document []byte, err error) {
	if err := c.admit(req.URL); err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "cenote")
	res, document, err := send(c.http, req)
	if err != nil {
		return 0, nil, err
	}
	return res.StatusCode, document, nil
}

// send returns a response with its body read. Errors leave the URL out.
func send(by *http.Client, req *http.Request) (*http.Response, []byte, error) {
	res, err := by.Do(req)
	if with, ok := errors.AsType[*url.Error](err); ok {
		err = with.Err
	}
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	document, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil {
		return nil, nil, err
	}
	if len(document) > maxDocument {
		return nil, nil, fmt.Errorf("more than %d bytes", maxDocument)
	}
	return res, document, nil
}

// admit refuses URLs that may not be asked.
func (c *Client) admit(u *url.URL) error {
	if scheme, named := c.peers[hostPort(u)]; named {
		if u.Scheme != scheme {
			return fmt.Errorf("%s is named as a peer with %s: %w", u.Host, scheme, ErrRefused)
		}
	} else if u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") {
		return fmt.Errorf("%s is neither HTTPS on its usual port nor a peer: %w", u.Host, ErrRefused)
	}
	return nil
}

// cacheAge reads Cache-Control; -1 means that it says nothing.
func cacheAge(h http.Header) time.Duration {
	age := time.Duration(-1)
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if n, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				age = time.Duration(n) * time.Second
			}
		}
	}
	return age
}

// hostPort returns where a URL connects to.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
