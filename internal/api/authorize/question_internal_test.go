package authorize

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/cenoteauth"
	"github.com/cenote-id/cenote/internal/awsapi"
)

const asker = "111122223333"

func good() *cenoteauth.Question {
	return &cenoteauth.Question{
		Request: cenoteauth.Signed{
			Service: "notes", Method: "PUT", Target: "/a%2Fb?x=1", Host: "notes.example.com", PayloadHash: strings.Repeat("0", 64), SourceIP: "203.0.113.7",
			Headers: map[string][]string{"authorization": {"AWS4-HMAC-SHA256 …"}, "X-Amz-Date": {"20261122T100000Z"}},
		},
		Access: cenoteauth.Access{
			Action: "notes:PutNote", Resource: "arn:aws:notes::" + asker + ":note/1",
			Context: map[string][]string{"notes:Label": {"draft"}, "aws:ResourceTag/team": {"red"}},
		},
	}
}

func encoded(t testing.TB, q *cenoteauth.Question) []byte {
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestReadQuestion(t *testing.T) {
	q, err := read(encoded(t, good()), asker)
	if err != nil {
		t.Fatal(err)
	}
	if q.request.URL.EscapedPath() != "/a%2Fb" || q.request.URL.RawQuery != "x=1" || q.request.Header.Get("Authorization") == "" ||
		q.request.Host != "notes.example.com" || q.sourceIP.String() != "203.0.113.7" || q.service.MaxPresign != defaultPresign || q.service.S3Signing {
		t.Errorf("read as %+v", q)
	}
	for what, text := range map[string]string{
		"nothing": "", "a list": "[]", "more": string(encoded(t, good())) + "{}", "an unknown member": `{"action":"a:b","who":"me"}`, "no request": "{}",
		"a number for a text": `{"action":1}`,
	} {
		if _, err := read([]byte(text), asker); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	// A header field that stands under two spellings could be read as either.
	twice := good()
	twice.Request.Headers["AUTHORIZATION"] = []string{"another"}
	if _, err := read(encoded(t, twice), asker); err == nil {
		t.Error("a field that stands twice is accepted")
	}
	for _, resource := range []string{
		"", "note", "arn:aws:notes::444455556666:note/1", "arn:aws:notes", "**", "arn:" + strings.Repeat(":", 5) + strings.Repeat("x", 2048),
	} {
		bad := good()
		bad.Resource = resource
		if _, err := read(encoded(t, bad), asker); err == nil {
			t.Errorf("resource %q is accepted", resource)
		}
	}
}

// FuzzRead holds what everything behind it relies on, whatever is asked.
func FuzzRead(f *testing.F) {
	f.Add(encoded(f, good()))
	f.Add([]byte(`{"request":{"service":"s3","signing":"s3","method":"GET","target":"/b/k?X-Amz-Signature=0","host":"h","headers":null,"payloadHash":""}}`))
	f.Add([]byte(`{"request":{"service":"a","target":"http://h/%zz"},"action":"aws:x","resource":"*","context":{"aws:PrincipalArn":["x"]},"resourcePolicy":"{}"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := read(text, asker)
		if err != nil {
			if _, visible := awsapi.AsError(err); !visible {
				t.Fatalf("failed with %v", err)
			}
			return
		}
		if q.request.URL == nil || q.request.Host == "" || !cenoteauth.ValidService(q.service.Name) || q.service.MaxPresign <= 0 || q.service.MaxPresign > longestPresign {
			t.Fatalf("%s read as %+v", text, q)
		}
		if q.Action == "" {
			if q.Resource != "" || q.policy != nil {
				t.Fatalf("%s has no action", text)
			}
			return
		}
		if strings.ContainsAny(q.Action, "*? ") || strings.Count(q.Action, ":") != 1 {
			t.Fatalf("action %q", q.Action)
		}
		if arn, ok := awsapi.ParseARN(q.Resource); q.Resource != "*" && (!ok || arn.Account != "" && arn.Account != asker) {
			t.Fatalf("resource %q", q.Resource)
		}
		prefix, _, _ := strings.Cut(strings.ToLower(q.Action), ":")
		for key := range q.Context {
			name := strings.ToLower(key)
			if !strings.HasPrefix(name, prefix+":") && !strings.HasPrefix(name, "aws:resourcetag/") && !strings.HasPrefix(name, "aws:requesttag/") && name != "aws:tagkeys" {
				t.Fatalf("context key %q for %q", key, q.Action)
			}
			if strings.HasPrefix(name, "aws:principal") || strings.HasPrefix(name, "sts:") || strings.HasPrefix(name, "saml:") {
				t.Fatalf("context key %q is not for a service to say", key)
			}
		}
	})
}
