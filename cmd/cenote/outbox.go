package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type outboxCmd struct {
	URL    string        `help:"The development server's URL, or that of a production server's --admin-listen, which tells states and problems alone." default:"http://localhost:2366" env:"CENOTE_URL"`
	To     string        `help:"Only messages to this address or phone number." placeholder:"ADDRESS"`
	Code   bool          `help:"Print only the newest message's code, or the link in its place."`
	Failed bool          `help:"Only messages that could not be sent."`
	Wait   time.Duration `help:"Wait this long for a message." placeholder:"DURATION"`
	JSON   bool          `help:"Print JSON." name:"json"`
}

// outboxMessage is one message as GET /_cenote/outbox prints it.
type outboxMessage struct {
	ID          string
	Created     time.Time
	Account     string
	Region      string
	UserPoolID  string `json:"UserPoolId"`
	Medium      string
	Destination string
	Subject     string
	Body        string
	Code        string
	Link        string
	State       string
	Attempts    int
	Problem     string
}

// Run prints the messages, newest last.
func (c *outboxCmd) Run(ctx context.Context, s streams) error {
	query := url.Values{}
	if c.To != "" {
		query.Set("to", c.To)
	}
	if c.Failed {
		query.Set("failed", "1")
	}
	if c.Wait > 0 {
		query.Set("wait", c.Wait.String())
	}
	body, err := get(ctx, c.URL+"/_cenote/outbox?"+query.Encode(), c.Wait+10*time.Second)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = fmt.Fprintln(s.out, strings.TrimSpace(string(body)))
		return err
	}
	var reply struct{ Messages []outboxMessage }
	if err := json.Unmarshal(body, &reply); err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	if c.Code {
		for i := len(reply.Messages) - 1; i >= 0; i-- {
			if code := cmp.Or(reply.Messages[i].Code, reply.Messages[i].Link); code != "" {
				_, err = fmt.Fprintln(s.out, code)
				return err
			}
		}
		return fmt.Errorf("no message with a code; wait for one with --wait 10s")
	}
	if len(reply.Messages) == 0 {
		fmt.Fprintln(s.err, "The outbox is empty.")
	}
	for _, m := range reply.Messages {
		fmt.Fprintf(s.out, "%s  %s to %s  %s%s\n", m.Created.Local().Format("15:04:05"), m.Medium, m.Destination, m.UserPoolID, m.fate())
		for _, text := range []string{m.Subject, m.Body, m.Problem} {
			if text != "" {
				fmt.Fprintf(s.out, "  %s\n", strings.ReplaceAll(text, "\n", "\n  "))
			}
		}
		if m.Body == "" && m.Code != "" { // for a function of the pool
			fmt.Fprintf(s.out, "  %s\n", m.Code)
		}
	}
	return nil
}

// fate tells what became of a message, unless that is nothing.
func (m *outboxMessage) fate() string {
	switch {
	case m.State == "" || m.State == "KEPT":
		return ""
	case m.Attempts < 2:
		return "  " + m.State
	}
	return fmt.Sprintf("  %s after %d attempts", m.State, m.Attempts)
}

// maxReply bounds what the command line reads from a server.
const maxReply = 16 << 20

// get fetches a URL of a running server.
func get(ctx context.Context, address string, timeout time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w; is the server running, and is this its URL?", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}
