package cenotetest

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/devtools"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// Message is an e-mail or a text message that the server would have sent.
type Message struct {
	ID          string
	Created     time.Time // by the server's clock
	Account     string
	Region      string
	UserPoolID  string
	Medium      string // EMAIL or SMS
	Destination string
	Subject     string // empty for text messages
	Body        string
	Code        string // the confirmation code in it, if there is one
	Link        string // the URL in it that confirms a sign-up, if there is one
	State       string // PENDING, SENT, FAILED, or KEPT where nobody sends it
	Attempts    int    // to send it
	Problem     string // why the last attempt failed
}

// Outbox returns the newest 200 messages, the oldest first; to narrows them to
// an address or a phone number unless it is empty.
func (s *Server) Outbox(ctx context.Context, to string) []Message {
	s.tb.Helper()
	list, err := s.deployment.Messages(ctx, devtools.Filter{To: to})
	if err != nil {
		s.tb.Fatalf("cenotetest: read outbox: %v", err)
	}
	out := make([]Message, len(list))
	for i, m := range list {
		out[i] = Message(m)
	}
	return out
}

// How often WaitCode looks, and how long it waits at the most.
const (
	lookEvery = 5 * time.Millisecond
	lookFor   = 10 * time.Second
)

// WaitCode returns the code in the newest message to an address or a phone
// number that has one. It waits for such a message for up to ten seconds and
// fails the test if there is none by then.
func (s *Server) WaitCode(ctx context.Context, to string) string {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	for {
		for _, m := range slices.Backward(s.Outbox(context.WithoutCancel(ctx), to)) {
			if m.Code != "" {
				return m.Code
			}
		}
		select {
		case <-ctx.Done():
			s.tb.Fatalf("cenotetest: no code for %s: %v", to, ctx.Err())
		case <-time.After(lookEvery):
		}
	}
}

// DecryptCode opens the code in an event of CustomEmailSender or
// CustomSMSSender: of an account, under the KMSKeyID of its user pool.
func (s *Server) DecryptCode(account, kmsKeyID, code string) string {
	s.tb.Helper()
	sealed, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		s.tb.Fatalf("cenotetest: code: %v", err)
	}
	plain, _, err := esdk.Decrypt(s.deployment.SenderKey(account, kmsKeyID), sealed)
	if err != nil {
		s.tb.Fatalf("cenotetest: code: %v", err)
	}
	return string(plain)
}
