package attacks

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The address of operators asks nobody who they are. On a machine where people
// browse, pages of strangers reach it by a name that they point at loopback.
func TestOperatorsAddressAnswersNoStrangersPage(t *testing.T) {
	w := serve(t, options{})
	s := httptest.NewServer(w.dep.Admin())
	t.Cleanup(s.Close)
	for _, path := range []string{"/_cenote/audit", "/_cenote/why?request=x", "/_cenote/outbox", "/_cenote/metrics", "/debug/pprof/"} {
		for name, c := range map[string]struct {
			host, header, value string
			want                int
		}{
			"a program":          {"", "", "", http.StatusOK},
			"a program, by name": {"localhost:9000", "", "", http.StatusOK},
			"a rebound name":     {"evil.example:9000", "", "", http.StatusForbidden},
			"a stranger's page":  {"", "Origin", "https://evil.example", http.StatusForbidden},
			"a stranger's image": {"", "Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = c.host
			if c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			reply, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = reply.Body.Close()
			if reply.StatusCode != c.want {
				t.Errorf("%s, %s: %d, want %d", path, name, reply.StatusCode, c.want)
			}
		}
	}
}
