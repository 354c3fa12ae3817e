package devtools_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/devtools"
)

type fixture struct {
	messages []devtools.Message
	resets   int
}

func (f *fixture) handler() http.Handler {
	return devtools.New(devtools.Config{
		Messages: func(_ context.Context, want devtools.Filter) ([]devtools.Message, error) {
			var out []devtools.Message
			for _, m := range f.messages {
				if (want.To == "" || m.Destination == want.To) && (!want.Failed || m.State == "FAILED") {
					out = append(out, m)
				}
			}
			return out, nil
		},
		Reset:      func(context.Context) error { f.resets++; f.messages = nil; return nil },
		PublicHost: "id.test",
		Logger:     slog.New(slog.DiscardHandler),
	})
}

func TestOutbox(t *testing.T) {
	f := &fixture{messages: []devtools.Message{
		{ID: "1", Destination: "a@example.com", Body: "Your code is 123456", Code: "123456"},
		{ID: "2", Destination: "b@example.com", Body: "Your code is 654321", Code: "654321"},
	}}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://localhost:2366/_cenote/outbox?to=b@example.com", nil)
	f.handler().ServeHTTP(w, r)
	var got struct{ Messages []devtools.Message }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != 200 || len(got.Messages) != 1 || got.Messages[0].Code != "654321" {
		t.Errorf("got %d %+v", w.Code, got)
	}

	w = httptest.NewRecorder()
	f.handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/_cenote/outbox?to=nobody&wait=1ms", nil))
	if body := strings.Join(strings.Fields(w.Body.String()), ""); body != `{"Messages":[]}` {
		t.Errorf("empty outbox: %s", body)
	}
	w = httptest.NewRecorder()
	f.handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/_cenote/outbox?wait=long", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("bad wait: %d", w.Code)
	}
}

func TestWhoMayAsk(t *testing.T) {
	for _, tt := range []struct {
		name, method, host string
		header             map[string]string
		want               int
	}{
		{"local program", "POST", "localhost:2366", nil, 204},
		{"local program by address", "POST", "127.0.0.1:2366", nil, 204},
		{"IPv6", "POST", "[::1]:2366", nil, 204},
		{"public host", "POST", "id.test", nil, 204},
		{"rebound name", "POST", "evil.example:2366", nil, 403},
		{"rebound name reads", "GET", "evil.example:2366", nil, 403},
		{"page of another site", "POST", "localhost:2366", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"page of another port", "POST", "localhost:2366", map[string]string{"Origin": "http://localhost:3000"}, 403},
		{"reset by link", "GET", "localhost:2366", nil, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{}
			path := "/_cenote/reset"
			if tt.want == 403 && tt.method == "GET" {
				path = "/_cenote/outbox"
			}
			r := httptest.NewRequest(tt.method, "http://"+tt.host+path, nil)
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			f.handler().ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("answered %d, want %d", w.Code, tt.want)
			}
			if (f.resets == 1) != (tt.want == 204) {
				t.Errorf("%d resets", f.resets)
			}
		})
	}
}
