package smshook_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/message/smshook"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

var (
	secret = []byte("a secret of more than 16 bytes")
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// gateway is an HTTPS server that answers with a status and a text.
func gateway(t *testing.T, status int, text string, see func(r *http.Request, body []byte)) *smshook.Hook {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if see != nil {
			see(r, body)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return smshook.New(smshook.Config{URL: s.URL + "/sms?key=hidden", Client: outbound.New(roots), Secret: secret, Now: func() time.Time { return noon }})
}

var text = message.Message{
	ID: "7d0a", Account: "123456789012", Region: "us-west-2", Pool: "us-west-2_a", Medium: message.SMS, Destination: "+12065550123",
	Body: "Your code is 123456", ExpiresAt: noon.Add(3 * time.Minute),
}

func TestTextMessagesAreSigned(t *testing.T) {
	var got smshook.Message
	hook := gateway(t, http.StatusAccepted, "", func(r *http.Request, body []byte) {
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s, %v", r.Method, r.Header)
		}
		if !webhook.Verify(secret, r.Header.Get(webhook.Header), body, noon, time.Minute) {
			t.Errorf("signature %q does not fit %s", r.Header.Get(webhook.Header), body)
		}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
	})
	if err := hook.SendText(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	want := smshook.Message{
		ID: "7d0a", To: "+12065550123", Text: "Your code is 123456", Pool: "us-west-2_a", Account: "123456789012", Region: "us-west-2", Expires: noon.Add(3 * time.Minute),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	for status, final := range map[int]bool{
		400: true, 401: false, 403: false, 404: false, 410: true, 413: true, 422: true, 429: false, 500: false, 503: false, 302: false,
	} {
		hook := gateway(t, status, "cannot send 123456 to +12065550123, sorry", nil)
		f, ok := errors.AsType[*message.Failure](hook.SendText(t.Context(), text))
		if !ok || f.Final != final || !strings.HasPrefix(f.Reason, "the webhook answered HTTP status ") {
			t.Errorf("%d: %+v", status, f)
			continue
		}
		if f.Detail != "cannot send … to … sorry" {
			t.Errorf("%d: %q", status, f.Detail)
		}
	}
	strangers := smshook.New(smshook.Config{URL: "https://127.0.0.1:1/sms?key=hidden", Client: outbound.New(nil), Secret: secret, Now: func() time.Time { return noon }})
	f, ok := errors.AsType[*message.Failure](strangers.SendText(t.Context(), text))
	if !ok || f.Final || f.Error() != "the webhook did not answer" {
		t.Errorf("nobody there: %+v", f)
	}
}
