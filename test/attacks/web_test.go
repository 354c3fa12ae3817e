package attacks

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A page of a stranger, open in the browser of somebody who develops with
// Cenote, must not become root of the development server: not by a script, a
// form, an image or a link, nor by a name of the stranger's own that now
// points to loopback.
func TestWebPagesDriveNoDevelopmentServer(t *testing.T) {
	w := develop(t, options{})
	stranger := aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}
	const foreign = "https://evil.example"
	create := func() *http.Request {
		return w.sign(w.formRequest("Action=CreateUser&UserName=mallory&Version=2010-05-08"), stranger, "iam", "us-east-1")
	}
	image := func() *http.Request {
		r := w.formRequest("")
		r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
		r.URL.RawQuery = "Action=CreateUser&UserName=mallory&Version=2010-05-08&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=" +
			w.now().UTC().Format("20060102T150405Z") + "&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Credential=test%2F" +
			w.now().UTC().Format("20060102") + "%2Fus-east-1%2Fiam%2Faws4_request"
		return r
	}
	for name, r := range map[string]struct {
		request *http.Request
		change  func(*http.Request)
	}{
		"script":            {create(), func(r *http.Request) { r.Header.Set("Origin", foreign) }},
		"form":              {create(), func(r *http.Request) { r.Header.Set("Origin", "null"); r.Header.Set("Content-Type", "text/plain") }},
		"image":             {image(), func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"rebound name":      {create(), func(r *http.Request) { r.Host = "evil.example" }},
		"rebound name, GET": {image(), func(r *http.Request) { r.Host = "evil.example" }},
		"preflight": {create(), func(r *http.Request) {
			r.Method = http.MethodOptions
			r.Header.Set("Origin", foreign)
			r.Header.Set("Access-Control-Request-Method", "POST")
		}},
	} {
		r.change(r.request)
		if got := w.send(r.request); got.status != http.StatusForbidden || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: answered %d %v %s", name, got.status, got.header, got.body)
		}
	}
	for _, path := range []string{"/_cenote/outbox", "/_cenote/reset"} {
		r := w.formRequest("")
		r.URL.Path = path
		r.Header.Set("Origin", foreign)
		if got := w.send(r); got.status != http.StatusForbidden {
			t.Errorf("%s: answered %d %s", path, got.status, got.body)
		}
	}
	if got := w.query(stranger, "iam", "Action=ListUsers"); got.status != http.StatusOK || strings.Contains(string(got.body), "mallory") {
		t.Errorf("users after the attacks: %d %s", got.status, got.body)
	}

	// What developers do goes on: their own page, and programs.
	own := create()
	own.Header.Set("Origin", "http://localhost:3000")
	if got := w.send(own); got.status != http.StatusOK || got.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("page on this machine: answered %d %s", got.status, got.body)
	}
	if got := w.send(image()); got.code != "EntityAlreadyExists" {
		t.Errorf("program: answered %d %s", got.status, got.body)
	}
}
