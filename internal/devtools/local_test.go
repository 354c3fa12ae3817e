package devtools_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cenote-id/cenote/internal/devtools"
)

func TestLocalOnly(t *testing.T) {
	const page, foreign = "http://localhost:3000", "https://evil.example"
	for _, tt := range []struct {
		name, host string
		header     map[string]string
		want       bool
	}{
		{"program", "localhost:2366", nil, true},
		{"program, by address", "127.0.0.1:2366", nil, true},
		{"program, IPv6", "[::1]:2366", nil, true},
		{"program in another container", "cenote:2366", nil, true},
		{"program in a container", "host.docker.internal:2366", nil, true},
		{"program in a cluster", "cenote.default.svc.cluster.local:2366", nil, true},
		{"program on the network", "192.168.1.5:2366", nil, true},
		{"program, AWS name", "cognito-idp.us-west-2.amazonaws.com", nil, true},
		{"program, public URL", "id.example.com", nil, true},
		{"program, trailing dot", "LOCALHOST.:2366", nil, true},

		{"page on this machine", "localhost:2366", map[string]string{"Origin": page, "Sec-Fetch-Site": "same-site"}, true},
		{"page on this machine, by address", "localhost:2366", map[string]string{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "cross-site"}, true},
		{"page under .localhost", "localhost:2366", map[string]string{"Origin": "http://app.localhost:3000"}, true},
		{"page of the machine asked", "192.168.1.5:2366", map[string]string{"Origin": "http://192.168.1.5:3000"}, true},
		{"page in a web view", "localhost:2366", map[string]string{"Origin": "capacitor://localhost"}, true},
		{"page of the public host", "id.example.com", map[string]string{"Origin": "https://id.example.com"}, true},

		{"rebound name", "evil.example:2366", nil, false},
		{"rebound name, page's own", "evil.example:2366", map[string]string{"Origin": "http://evil.example:2366"}, false},
		{"name that ends alike", "notlocalhost.example", nil, false},
		{"name of another AWS customer", "evil.execute-api.us-west-2.amazonaws.com", nil, false},
		{"no name", "", nil, false},
		{"page of a stranger", "localhost:2366", map[string]string{"Origin": foreign, "Sec-Fetch-Site": "cross-site"}, false},
		{"page of a stranger, old browser", "localhost:2366", map[string]string{"Origin": foreign}, false},
		{"page of a stranger's address", "127.0.0.1:2366", map[string]string{"Origin": "http://203.0.113.9"}, false},
		{"page of another machine", "127.0.0.1:2366", map[string]string{"Origin": "http://192.168.1.66"}, false},
		{"page named like here", "localhost:2366", map[string]string{"Origin": "https://localhost.evil.example"}, false},
		{"page without an origin", "localhost:2366", map[string]string{"Origin": "null"}, false},
		{"browser extension", "localhost:2366", map[string]string{"Origin": "chrome-extension://abcdefgh"}, false},
		{"image on a stranger's page", "localhost:2366", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, false},
	} {
		called := false
		h := devtools.LocalOnly("id.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
		r := httptest.NewRequest("POST", "http://localhost/", nil)
		r.Host = tt.host
		for k, v := range tt.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if called != tt.want || (w.Code == http.StatusForbidden) == tt.want {
			t.Errorf("%s: answered %d, want %v", tt.name, w.Code, tt.want)
		}
	}
	two := httptest.NewRequest("POST", "http://localhost/", nil)
	two.Header["Origin"] = []string{page, foreign}
	w := httptest.NewRecorder()
	devtools.LocalOnly("", http.NotFoundHandler()).ServeHTTP(w, two)
	if w.Code != http.StatusForbidden {
		t.Errorf("two origins: answered %d", w.Code)
	}
}
