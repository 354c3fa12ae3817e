package awslambda_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/awslambda"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
)

const arn = "arn:aws:lambda:us-west-2:111111111111:function:guard:live"

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// keys has the one key that the fake Lambda knows.
type keys struct{}

func (keys) Key(_ context.Context, id, token string) (sigv4.Key, error) {
	if id != "ASIAEXAMPLE" || token != "session" {
		return sigv4.Key{}, sigv4.ErrUnknownKey
	}
	return sigv4.Key{Secret: "secret"}, nil
}

// fakeLambda is an Invoke API that verifies signatures and runs one function.
type fakeLambda struct {
	t        *testing.T
	verifier *sigv4.Verifier
	path     string // of the last request, escaped
	function func(event string) (status int, header http.Header, reply string)
}

func newLambda(t *testing.T, f func(event string) (int, http.Header, string)) (*fakeLambda, *httptest.Server) {
	l := &fakeLambda{t: t, verifier: sigv4.New(sigv4.Config{Keys: keys{}, Now: func() time.Time { return now }}), function: f}
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	return l, s
}

func (l *fakeLambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		l.t.Error(err)
	}
	l.path = r.URL.EscapedPath()
	service := &awsapi.Service{Name: "lambda", Protocol: awsapi.JSON, MaxSkew: 5 * time.Minute}
	if _, err := l.verifier.Verify(r.Context(), r, body, service, "us-west-2"); err != nil {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException:http://internal.amazon.com/")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"Message":"no"}`)
		return
	}
	status, header, reply := l.function(string(body))
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	fmt.Fprint(w, reply)
}

func endpoint(url string, c *sigv4.Credentials) *awslambda.Endpoint {
	return awslambda.New(awslambda.Config{
		URL: url, Client: outbound.New(nil), Now: func() time.Time { return now },
		Credentials: func() (*sigv4.Credentials, error) { return c, nil },
	})
}

var good = &sigv4.Credentials{AccessKeyID: "ASIAEXAMPLE", Secret: "secret", SessionToken: "session"}

func TestInvoke(t *testing.T) {
	l, s := newLambda(t, func(event string) (int, http.Header, string) { return 200, nil, "reply to " + event })
	reply, err := endpoint(s.URL+"/", good).Invoke(t.Context(), arn, []byte("event"))
	if err != nil || string(reply) != "reply to event" {
		t.Errorf("reply %q, %v", reply, err)
	}
	if want := "/2015-03-31/functions/" + strings.ReplaceAll(arn, ":", "%3A") + "/invocations"; l.path != want {
		t.Errorf("path is %s, want %s", l.path, want)
	}
}

func TestInvokeOneRuntime(t *testing.T) {
	var path string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		if r.Header.Get("Authorization") != "" {
			t.Error("signed without credentials")
		}
		fmt.Fprint(w, "reply")
	}))
	defer s.Close()
	e := awslambda.New(awslambda.Config{URL: s.URL + "/2015-03-31/functions/function/invocations", Client: outbound.New(nil)})
	if reply, err := e.Invoke(t.Context(), arn, nil); err != nil || string(reply) != "reply" {
		t.Errorf("reply %q, %v", reply, err)
	}
	if path != "/2015-03-31/functions/function/invocations" {
		t.Errorf("path is %s", path)
	}
}

func TestRegionOfTheFunction(t *testing.T) {
	// The test has no wildcard host, so the placeholder stands in a path.
	l, s := newLambda(t, func(string) (int, http.Header, string) { return 200, nil, "{}" })
	if _, err := endpoint(s.URL+"/{region}", good).Invoke(t.Context(), arn, nil); err != nil || !strings.HasPrefix(l.path, "/us-west-2/") {
		t.Errorf("path is %s, %v", l.path, err)
	}
	for _, region := range []string{"", "evil.example.com/", "us-west-2@evil", "US-WEST-2", "../x-1"} {
		hostile := strings.Replace(arn, "us-west-2", region, 1)
		_, err := endpoint("http://lambda.{region}.invalid", nil).Invoke(t.Context(), hostile, nil)
		refused, ok := errors.AsType[*trigger.Refused](err)
		if !ok || refused.Code != "ResourceNotFoundException" || refused.Again {
			t.Errorf("region %q: %v", region, err)
		}
	}
}

func TestOutcomes(t *testing.T) {
	failed := http.Header{"X-Amz-Function-Error": {"Unhandled"}}
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		reply  string
		want   error
	}{
		{"error of the function", 200, failed, `{"errorMessage":"X","errorType":"Error"}`, &trigger.FunctionError{Message: "X"}},
		{"time-out of the function", 200, failed, `{"errorMessage":"Task timed out after 3.00 seconds"}`, &trigger.FunctionError{Message: "Task timed out after 3.00 seconds"}},
		{"error without words", 200, failed, `null`, &trigger.FunctionError{Message: "null"}},
		{"no such function", 404, http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}, `{}`, &trigger.Refused{Code: "ResourceNotFoundException"}},
		{"no such path", 404, nil, ``, &trigger.Refused{Code: "ResourceNotFoundException"}},
		{"too many", 429, nil, ``, &trigger.Refused{Code: "TooManyRequestsException"}},
		{"not allowed", 401, nil, ``, &trigger.Refused{Code: "AccessDeniedException"}},
		{"error of the service", 500, http.Header{"X-Amzn-Errortype": {"ServiceException"}}, ``, &trigger.Refused{Code: "ServiceException", Again: true}},
		{"hostile code", 400, http.Header{"X-Amzn-Errortype": {"<script>"}}, ``, &trigger.Refused{Code: "ServiceException"}},
		{"redirect", 302, http.Header{"Location": {"http://169.254.169.254/"}}, ``, &trigger.Refused{Code: "ServiceException"}},
		{"asynchronous", 202, nil, `{}`, &trigger.Refused{Code: "ServiceException"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := newLambda(t, func(string) (int, http.Header, string) { return c.status, c.header, c.reply })
			reply, err := endpoint(s.URL, good).Invoke(t.Context(), arn, []byte("{}"))
			if reply != nil {
				t.Errorf("reply is %s", reply)
			}
			switch want := c.want.(type) {
			case *trigger.FunctionError:
				if got, ok := errors.AsType[*trigger.FunctionError](err); !ok || *got != *want {
					t.Errorf("error is %v", err)
				}
			case *trigger.Refused:
				if got, ok := errors.AsType[*trigger.Refused](err); !ok || got.Code != want.Code || got.Again != want.Again {
					t.Errorf("error is %v", err)
				}
			}
		})
	}
}

func TestWrongCredentialsAreRefused(t *testing.T) {
	_, s := newLambda(t, func(string) (int, http.Header, string) {
		t.Error("the function was run")
		return 200, nil, "{}"
	})
	for name, c := range map[string]*sigv4.Credentials{
		"none":          nil,
		"wrong secret":  {AccessKeyID: "ASIAEXAMPLE", Secret: "other", SessionToken: "session"},
		"wrong session": {AccessKeyID: "ASIAEXAMPLE", Secret: "secret"},
	} {
		_, err := endpoint(s.URL, c).Invoke(t.Context(), arn, []byte("{}"))
		if refused, ok := errors.AsType[*trigger.Refused](err); !ok || refused.Code != "AccessDeniedException" || refused.Again {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := awslambda.New(awslambda.Config{
		URL: s.URL, Client: outbound.New(nil),
		Credentials: func() (*sigv4.Credentials, error) { return nil, errors.New("file is gone") },
	})
	_, err := broken.Invoke(t.Context(), arn, []byte("{}"))
	if refused, ok := errors.AsType[*trigger.Refused](err); !ok || refused.Code != "AccessDeniedException" {
		t.Errorf("credentials that cannot be read: %v", err)
	}
}

func TestBoundsAndSilence(t *testing.T) {
	const secret = "key-in-the-url"
	_, s := newLambda(t, func(string) (int, http.Header, string) { return 200, nil, strings.Repeat("x", trigger.MaxReply+1) })
	if _, err := endpoint(s.URL, good).Invoke(t.Context(), arn, nil); !errors.Is(err, trigger.ErrReplyTooLarge) {
		t.Errorf("error is %v", err)
	}
	s.Close()
	_, err := endpoint(s.URL+"/"+secret, good).Invoke(t.Context(), arn, nil)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("error is %v", err)
	}
}
