package sigv4_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// anyCall draws a request with odd but legal contents.
func anyCall(t *rapid.T) call {
	value := rapid.StringMatching(`[!-~]([ -~]{0,20}[!-~])?`)
	c := call{
		method:  rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE"}).Draw(t, "method"),
		body:    rapid.StringN(0, 40, 100).Draw(t, "body"),
		presign: rapid.Bool().Draw(t, "presign"),
		header:  http.Header{},
	}
	path := rapid.StringMatching(`(/[A-Za-z0-9 ~!'()*:@&=+$,;%-]{1,6}){0,4}/?`).Draw(t, "path")
	query := url.Values{}
	for range rapid.IntRange(0, 4).Draw(t, "params") {
		query.Add(rapid.StringMatching(`[A-Za-z0-9/é +-]{1,5}`).Draw(t, "param"), rapid.StringN(0, 8, 30).Draw(t, "value"))
	}
	c.url = "http://h.example:2366" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	for _, name := range []string{"X-Amz-Meta", "X-Amz-Target", "Content-Type"} {
		for range rapid.IntRange(0, 2).Draw(t, name) {
			c.header[name] = append(c.header[name], value.Draw(t, "header"))
		}
	}
	return c
}

// TestAnyChangedByteIsRefused flips one byte of the method, the path, the
// query, a signed header or the body of a good request.
func TestAnyChangedByteIsRefused(t *testing.T) {
	v := newVerifier()
	rapid.Check(t, func(rt *rapid.T) {
		c := anyCall(rt)
		r := c.sign(t)
		if _, err := verify(t, v, c, r); err != nil {
			rt.Fatalf("before the change: %v\n%s %s %v", err, r.Method, r.URL, r.Header)
		}

		var names []string
		for name := range r.Header {
			if signedList(r)[strings.ToLower(name)] {
				names = append(names, name)
			}
		}
		part := rapid.SampledFrom([]string{"method", "path", "query", "host", "header", "body"}).Draw(rt, "part")
		switch part {
		case "method":
			r.Method = flip(rt, r.Method)
		case "path":
			escaped := r.URL.EscapedPath()
			changed, err := url.ParseRequestURI(flip(rt, escaped))
			if err != nil || sameSegments(changed.EscapedPath(), escaped) {
				rt.Skip("not a path any more, or another spelling of the same")
			}
			r.URL.Path, r.URL.RawPath = changed.Path, changed.RawPath
			if changed.RawQuery != "" || changed.Host != "" {
				rt.Skip("the byte became a delimiter")
			}
		case "query":
			before, _ := url.ParseQuery(r.URL.RawQuery)
			r.URL.RawQuery = flip(rt, r.URL.RawQuery)
			if after, err := url.ParseQuery(r.URL.RawQuery); err == nil && sameParams(before, after) {
				rt.Skip("another spelling of the same query")
			}
		case "host":
			r.Host = flip(rt, r.Host)
		case "header":
			if len(names) == 0 {
				rt.Skip("no signed header beside host")
			}
			name := rapid.SampledFrom(names).Draw(rt, "name")
			i := rapid.IntRange(0, len(r.Header[name])-1).Draw(rt, "which")
			before := r.Header[name][i]
			r.Header[name][i] = flip(rt, before)
			if strings.Join(strings.Fields(r.Header[name][i]), " ") == strings.Join(strings.Fields(before), " ") {
				rt.Skip("only blanks changed")
			}
		case "body":
			c.body = flip(rt, c.body)
		}
		if got, err := verify(t, v, c, r); err == nil {
			rt.Errorf("changed %s accepted as %+v: %s %s", part, got.Caller, r.Method, r.URL)
		}
	})
}

// flip changes one byte of s, or adds one to an empty string.
func flip(t *rapid.T, s string) string {
	if s == "" {
		return "x"
	}
	b := []byte(s)
	i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
	b[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
	return string(b)
}

func signedList(r *http.Request) map[string]bool {
	list := r.URL.Query().Get("X-Amz-SignedHeaders")
	if _, after, ok := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders="); ok {
		list, _, _ = strings.Cut(after, ",")
	}
	names := map[string]bool{}
	for n := range strings.SplitSeq(list, ";") {
		names[n] = true
	}
	return names
}

// sameSegments reports whether two paths differ only by empty and dot segments.
func sameSegments(a, b string) bool {
	clean := func(p string) string {
		u, err := url.Parse("http://h" + p)
		if err != nil {
			return "?" + p
		}
		return u.JoinPath().EscapedPath()
	}
	return clean(a) == clean(b)
}

func sameParams(a, b url.Values) bool {
	norm := func(v url.Values) map[string]map[string]int {
		m := map[string]map[string]int{}
		for k, values := range v {
			m[k] = map[string]int{}
			for _, s := range values {
				m[k][s]++
			}
		}
		return m
	}
	return reflect.DeepEqual(norm(a), norm(b))
}

// FuzzAuthorization feeds the header parser: whatever comes in, the answer is
// an error that a client may see, never a panic and never a caller.
func FuzzAuthorization(f *testing.F) {
	f.Add(header(goodID+"/"+scope, "host;x-amz-date", anySig), "20150830T123600Z", "Action=X")
	f.Add("AWS4-HMAC-SHA256 Credential=a,Credential=b , SignedHeaders=;;, Signature", "", "%")
	f.Add("AWS4-HMAC-SHA256", "20150830T123600Z", "X-Amz-Algorithm=AWS4-HMAC-SHA256")
	f.Add(header("////", "host", ""), "Sun, 30 Aug 2015 12:36:00 GMT", "a=%e2%28&b=+")
	v := newVerifier()
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header = http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}, "Date": {date}}
		r.URL.RawQuery = query
		got, err := v.Verify(t.Context(), r, nil, stsService, "")
		if err == nil {
			t.Fatalf("accepted as %+v", got)
		}
		if _, ok := awsapi.AsError(err); !ok {
			t.Fatalf("internal failure: %v", err)
		}
	})
}
