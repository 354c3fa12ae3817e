package cenoteauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/cenoteauth"
)

func config() cenoteauth.Config {
	return cenoteauth.Config{Endpoint: "https://cenote.example.com", Service: "notes", Credentials: cenoteauth.Static("AKIDEXAMPLE", "secret")}
}

func TestNewChecksItsConfiguration(t *testing.T) {
	if _, err := cenoteauth.New(config()); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*cenoteauth.Config){
		"no endpoint":            func(c *cenoteauth.Config) { c.Endpoint = "" },
		"an endpoint of no host": func(c *cenoteauth.Config) { c.Endpoint = "https:///x" },
		"another scheme":         func(c *cenoteauth.Config) { c.Endpoint = "ftp://cenote.example.com" },
		"no service":             func(c *cenoteauth.Config) { c.Service = "" },
		"a service of Cenote's":  func(c *cenoteauth.Config) { c.Service = "sts" },
		"Cenote itself":          func(c *cenoteauth.Config) { c.Service = "cenote" },
		"a service in capitals":  func(c *cenoteauth.Config) { c.Service = "Notes" },
		"a pattern":              func(c *cenoteauth.Config) { c.Service = "*" },
		"no credentials":         func(c *cenoteauth.Config) { c.Credentials = nil },
		"more than a week":       func(c *cenoteauth.Config) { c.MaxPresign = 8 * 24 * time.Hour },
		"less than nothing":      func(c *cenoteauth.Config) { c.MaxPresign = -1 },
	} {
		c := config()
		change(&c)
		if _, err := cenoteauth.New(c); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

// serve answers every question with that status and body, and returns what a
// client of a guarded service is answered.
func serve(t *testing.T, status int, answer string, change func(*cenoteauth.Config)) *httptest.ResponseRecorder {
	t.Helper()
	cenote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(cenote.Close)
	c := config()
	c.Endpoint = cenote.URL
	if change != nil {
		change(&c)
	}
	auth, err := cenoteauth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	guarded := auth.Require(func(*http.Request) cenoteauth.Access {
		return cenoteauth.Access{Action: "notes:GetNote", Resource: "*"}
	},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "served to "+cenoteauth.CallerFrom(r.Context()).Name)
		}))
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 …")
	guarded.ServeHTTP(w, r)
	return w
}

// Nothing but a whole answer that allows lets a request through.
func TestAnswersThatLetNobodyThrough(t *testing.T) {
	const caller = `"caller":{"type":"User","name":"ann"}`
	if w := serve(t, 200, `{`+caller+`,"decision":"allowed"}`, nil); w.Code != 200 || w.Body.String() != "served to ann" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for answer, want := range map[string]int{
		`{` + caller + `,"decision":"implicitDeny"}`:                      403,
		`{` + caller + `,"decision":"explicitDeny"}`:                      403,
		`{` + caller + `}`:                                                403,
		`{` + caller + `,"decision":"Allowed"}`:                           403,
		`{` + caller + `,"decision":"allowed","error":{"code":"x"}}`:      503,
		`{"decision":"allowed"}`:                                          503,
		`{"error":{"code":"ExpiredTokenException","message":"m"}}`:        403,
		`{"error":{"code":"ExpiredTokenException"},"decision":"allowed"}`: 403,
		`{}`:                    503,
		``:                      503,
		`null`:                  503,
		`<html>allowed</html>`:  503,
		`{"decision":"allowed"`: 503,
	} {
		if w := serve(t, 200, answer, nil); w.Code != want || strings.Contains(w.Body.String(), "served") {
			t.Errorf("%s: %d %s, want %d", answer, w.Code, w.Body, want)
		}
	}
	for _, status := range []int{201, 302, 307, 400, 403, 429, 500} {
		if w := serve(t, status, `{`+caller+`,"decision":"allowed"}`, nil); w.Code != 503 {
			t.Errorf("status %d: %d %s", status, w.Code, w.Body)
		}
	}
}

// What went wrong is for the service's log, not for its clients.
func TestCausesStayInside(t *testing.T) {
	var refused *cenoteauth.Refusal
	secret := errors.New("the vault at 10.0.0.7 is sealed")
	w := serve(t, 200, `{}`, func(c *cenoteauth.Config) {
		c.Credentials = func(context.Context) (cenoteauth.Credentials, error) { return cenoteauth.Credentials{}, secret }
		c.Refuse = func(w http.ResponseWriter, _ *http.Request, why *cenoteauth.Refusal) {
			refused = why
			http.Error(w, why.Message, why.Status)
		}
	})
	if w.Code != 503 || strings.Contains(w.Body.String(), "vault") || refused == nil || !errors.Is(refused.Cause, secret) {
		t.Errorf("%d %s, %+v", w.Code, w.Body, refused)
	}
	if cenoteauth.CallerFrom(t.Context()) != nil {
		t.Error("there is a caller outside of a request")
	}
}

// A question has what is signed and what conditions can be about, and nothing
// that is neither.
func TestQuestion(t *testing.T) {
	c := config()
	c.S3Signing, c.MaxPresign = true, time.Hour
	c.Source = func(*http.Request) (netip.Addr, bool) { return netip.MustParseAddr("203.0.113.7"), true }
	auth, err := cenoteauth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPut, "http://notes.example.com/a%2Fb?x=%20", strings.NewReader("text"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k, SignedHeaders=host;x-label, Signature=0")
	r.Header["X-Label"] = []string{"a", "b"}
	r.Header.Set("Cookie", "session=secret")
	r.Header.Set("User-Agent", "test")
	q := auth.Question(r, [32]byte{1}, cenoteauth.Access{Action: "notes:PutNote", Resource: "*"})
	want := &cenoteauth.Question{
		Access: cenoteauth.Access{Action: "notes:PutNote", Resource: "*"},
		Request: cenoteauth.Signed{
			Service: "notes", Signing: "s3", Method: "PUT", Target: "http://notes.example.com/a%2Fb?x=%20", Host: "notes.example.com",
			Headers: map[string][]string{
				"Authorization": r.Header["Authorization"], "X-Label": {"a", "b"}, "User-Agent": {"test"}, "Content-Length": {"4"},
			},
			PayloadHash: "01" + strings.Repeat("0", 62), MaxPresign: 3600, SourceIP: "203.0.113.7", Secure: true,
		},
	}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
