// Package smshook hands text messages to a URL of the operator's: a POST with
// a JSON object, which what stands behind it turns into a text message.
//
//	{"id": "…", "to": "+81…", "text": "…", "userPoolId": "…", "accountId": "…", "region": "…", "expires": "…"}
//
// Every request is signed as package webhook signs events. Any status of 200
// to 299 means that the message was taken. The id is the same for each attempt,
// so that a receiver can tell a message that it has from a new one.
package smshook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
	"github.com/cenote-id/cenote/internal/trigger/webhook"
)

// Config says where text messages go. All fields are required.
type Config struct {
	URL    string
	Client *outbound.Client
	Secret []byte
	Now    func() time.Time
}

// Hook takes text messages. It is safe for concurrent use.
type Hook struct{ Config }

var _ message.Texter = (*Hook)(nil)

// New returns a Hook.
func New(c Config) *Hook { return &Hook{c} }

// Message is the body of a request.
type Message struct {
	ID      string    `json:"id"`
	To      string    `json:"to"` // E.164
	Text    string    `json:"text"`
	Pool    string    `json:"userPoolId"`
	Account string    `json:"accountId"`
	Region  string    `json:"region"`
	Expires time.Time `json:"expires"` // of the code in it
}

// timeout of one request.
const timeout = 15 * time.Second

// SendText implements message.Texter.
func (h *Hook) SendText(ctx context.Context, m message.Message) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(Message{
		ID: m.ID, To: m.Destination, Text: m.Body, Pool: m.Pool, Account: m.Account, Region: m.Region, Expires: m.ExpiresAt,
	})
	if err != nil {
		return err
	}
	reply, err := h.Client.Post(ctx, h.URL, body, func(r *http.Request) error {
		r.Header.Set(webhook.Header, webhook.Sign(h.Secret, h.Now(), body))
		return nil
	})
	if err != nil {
		return &message.Failure{Reason: "the webhook did not answer", Cause: err}
	}
	if reply.Status >= 200 && reply.Status < 300 {
		return nil
	}
	return &message.Failure{
		Reason: fmt.Sprintf("the webhook answered HTTP status %d", reply.Status), Detail: message.Scrub(string(reply.Body[:min(len(reply.Body), 1000)])),
		Final: final(reply.Status),
	}
}

// final reports whether a status is about the message itself. A receiver that
// is not there, does not know the secret or asks for patience can be put right.
func final(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}
