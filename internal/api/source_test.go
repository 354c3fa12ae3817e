package api_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

func TestSource(t *testing.T) {
	var seen awsapi.Request
	d := &door{handlers: []awsapi.Handler{
		cognitoidentity.GetId.Bind(func(ctx context.Context, _ *cognitoidentity.GetIdInput) (*cognitoidentity.GetIdResponse, error) {
			seen = *awsapi.RequestFrom(ctx)
			return &cognitoidentity.GetIdResponse{}, nil
		}),
	}}
	r := start(t, d, func(c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	})
	for _, tc := range []struct {
		name, remote string
		forwarded    []string
		proto        []string
		tls          bool
		addr         string
		secure       bool
	}{
		{name: "direct", remote: "203.0.113.7:1234", addr: "203.0.113.7"},
		{name: "direct over TLS", remote: "203.0.113.7:1234", tls: true, addr: "203.0.113.7", secure: true},
		{name: "a stranger's word is nothing", remote: "203.0.113.7:1234", forwarded: []string{"198.51.100.1"}, proto: []string{"https"}, addr: "203.0.113.7"},
		{name: "through a proxy", remote: "10.1.2.3:1234", forwarded: []string{"198.51.100.1"}, proto: []string{"https"}, addr: "198.51.100.1", secure: true},
		{name: "what the client invented stands left", remote: "10.1.2.3:1", forwarded: []string{"127.0.0.1, 198.51.100.1"}, addr: "198.51.100.1"},
		{name: "through two proxies", remote: "10.1.2.3:1", forwarded: []string{"6.6.6.6, 198.51.100.1 , 10.9.9.9"}, addr: "198.51.100.1"},
		{name: "two header lines", remote: "10.1.2.3:1", forwarded: []string{"198.51.100.1", "10.9.9.9"}, addr: "198.51.100.1"},
		{name: "proxies only", remote: "10.1.2.3:1", forwarded: []string{"10.4.4.4"}, addr: "10.4.4.4"},
		{name: "rubbish ends the walk", remote: "10.1.2.3:1", forwarded: []string{"198.51.100.1, unknown, 10.9.9.9"}, addr: "10.9.9.9"},
		{name: "with a port", remote: "10.1.2.3:1", forwarded: []string{"198.51.100.1:4711"}, addr: "198.51.100.1"},
		{name: "IPv6", remote: "[fd00::1]:1", forwarded: []string{"[2001:db8::5]:80"}, proto: []string{"http, HTTPS"}, addr: "2001:db8::5", secure: true},
		{name: "the last proxy's protocol counts", remote: "10.1.2.3:1", proto: []string{"https", "http"}, tls: true, addr: "10.1.2.3"},
		{name: "IPv4 in IPv6", remote: "[::ffff:10.1.2.3]:1", forwarded: []string{"::ffff:198.51.100.1"}, addr: "198.51.100.1"},
		{name: "no end of hops", remote: "10.1.2.3:1", forwarded: []string{"198.51.100.1" + strings.Repeat(", 10.9.9.9", 100)}, addr: "10.9.9.9"},
		{name: "no address", remote: "@", addr: "invalid IP"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"IdentityPoolId":"us-east-1:0a"}`))
			req.Header.Set("X-Amz-Target", identity+"GetId")
			req.RemoteAddr = tc.remote
			if tc.tls {
				req.TLS = new(tls.ConnectionState)
			}
			for _, v := range tc.forwarded {
				req.Header.Add("X-Forwarded-For", v)
			}
			for _, v := range tc.proto {
				req.Header.Add("X-Forwarded-Proto", v)
			}
			w := httptest.NewRecorder()
			r.kernel.ServeHTTP(w, req)
			if w.Code != http.StatusOK {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			if seen.SourceIP.String() != tc.addr || seen.Secure != tc.secure {
				t.Errorf("from %s, secure %v; want %s, %v", seen.SourceIP, seen.Secure, tc.addr, tc.secure)
			}
		})
	}
}

func BenchmarkUnsignedCall(b *testing.B) {
	r := start(b, plainDoor(), func(c *api.Config) { c.Log = silent })
	benchmark(b, r, `{"AccessToken":"good-token"}`, idp+"GetUser")
}

func benchmark(b *testing.B, r *rig, body, target string) {
	req := httptest.NewRequest(http.MethodPost, "/", nil)
	req.Header.Set("X-Amz-Target", target)
	reader := strings.NewReader(body)
	req.Body = nopCloser{reader}
	req.ContentLength = int64(len(body))
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		w := discard{http.Header{}}
		r.kernel.ServeHTTP(w, req)
	}
}
