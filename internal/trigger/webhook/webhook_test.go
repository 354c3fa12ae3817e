package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

var (
	now    = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	secret = []byte("a secret of more than 16 bytes")
)

func server(url string, secret []byte) *webhook.Server {
	return webhook.New(webhook.Config{URL: url, Client: outbound.New(nil), Secret: secret, Now: func() time.Time { return now }})
}

func TestEventInEventOut(t *testing.T) {
	for _, secret := range [][]byte{secret, nil} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.RawQuery != "code=1" {
				t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
			}
			header := r.Header.Get(webhook.Header)
			if secret == nil && header != "" || secret != nil && !webhook.Verify(secret, header, body, now, time.Minute) {
				t.Errorf("signature is %q", header)
			}
			fmt.Fprintf(w, "reply to %s", body)
		}))
		reply, err := server(s.URL+"/hook?code=1", secret).Invoke(t.Context(), "", []byte("event"))
		if err != nil || string(reply) != "reply to event" {
			t.Errorf("reply %q, %v", reply, err)
		}
		s.Close()
	}
}

func TestSignature(t *testing.T) {
	body := []byte(`{"version":"1"}`)
	header := webhook.Sign(secret, now, body)
	if want := "t=1795341600,v1=641070fae36d8838ce63a6239fae5f78df623879420f6d9179e632998102690c"; header != want { // by openssl dgst -hmac
		t.Errorf("signature is %s, want %s", header, want)
	}
	for name, ok := range map[string]bool{
		"as sent":            webhook.Verify(secret, header, body, now, time.Minute),
		"a minute later":     webhook.Verify(secret, header, body, now.Add(time.Minute), time.Minute),
		"clock behind":       webhook.Verify(secret, header, body, now.Add(-time.Minute), time.Minute),
		"too late":           !webhook.Verify(secret, header, body, now.Add(time.Minute+time.Second), time.Minute),
		"too early":          !webhook.Verify(secret, header, body, now.Add(-time.Minute-time.Second), time.Minute),
		"another body":       !webhook.Verify(secret, header, []byte(`{"version":"2"}`), now, time.Minute),
		"another secret":     !webhook.Verify([]byte("another secret of 16"), header, body, now, time.Minute),
		"another time":       !webhook.Verify(secret, "t=1795341601"+header[12:], body, now, time.Minute),
		"none":               !webhook.Verify(secret, "", body, now, time.Minute),
		"time alone":         !webhook.Verify(secret, header[:12], body, now, time.Minute),
		"signature cut":      !webhook.Verify(secret, header[:40], body, now, time.Minute),
		"signature of a sum": !webhook.Verify(secret, header+"00", body, now, time.Minute),
	} {
		if !ok {
			t.Error(name)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		own    string // message of the function's own error
		code   string // of a refusal
		again  bool
	}{
		{name: "own error", status: 400, body: `{"errorMessage":"X"}`, own: "X"},
		{name: "own error of a framework", status: 500, body: `{"errorType":"Boom"}`, own: "Boom"},
		{name: "no function", status: 404, body: "not found", code: "ResourceNotFoundException"},
		{name: "not let in", status: 403, code: "AccessDeniedException"},
		{name: "broken", status: 502, body: "<html>", code: "ServiceException", again: true},
		{name: "created", status: 201, body: `{"response":{}}`, code: "ServiceException"},
		{name: "redirect", status: 307, code: "ServiceException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					t.Error("a redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer s.Close()
			reply, err := server(s.URL+"/", secret).Invoke(t.Context(), "", []byte("{}"))
			own, isOwn := errors.AsType[*trigger.FunctionError](err)
			refused, isRefused := errors.AsType[*trigger.Refused](err)
			switch {
			case reply != nil:
				t.Errorf("reply is %s", reply)
			case c.own != "" && (!isOwn || own.Message != c.own):
				t.Errorf("error is %#v", err)
			case c.code != "" && (!isRefused || refused.Code != c.code || refused.Again != c.again):
				t.Errorf("error is %#v", err)
			}
		})
	}
}

func TestEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := server(s.URL, nil).Invoke(ctx, "", []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}
