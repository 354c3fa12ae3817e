// Package devtools serves what only development needs: the messages that
// would have been sent, and a reset for test suites. `cenote serve` does not
// mount it.
//
// The endpoints take no signature, so they answer only requests that a program
// makes or a page of this very server. The API itself lets in pages of this
// machine, too (see LocalOnly).
package devtools

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"
)

// Message is one e-mail or text message in the outbox.
type Message struct {
	ID          string
	Created     time.Time
	Account     string
	Region      string
	UserPoolID  string `json:"UserPoolId"`
	Medium      string // EMAIL or SMS
	Destination string
	Subject     string `json:",omitempty"`
	Body        string `json:",omitempty"`
	Code        string `json:",omitempty"` // the confirmation code or temporary password in it
	Link        string `json:",omitempty"` // the URL in it that confirms a sign-up
	State       string // PENDING, SENT, FAILED, or KEPT where nobody sends it
	Attempts    int    `json:",omitempty"`
	Problem     string `json:",omitempty"` // why the last attempt failed
}

// Filter narrows a list of messages.
type Filter struct {
	To     string // a destination; empty for all
	Failed bool   // only those that were given up
}

// Config is what the endpoints work on.
type Config struct {
	// Messages lists the outbox, oldest first.
	Messages func(ctx context.Context, f Filter) ([]Message, error)
	// Reset empties the deployment.
	Reset func(ctx context.Context) error
	// PublicHost is a further Host that requests may name.
	PublicHost string
	Logger     *slog.Logger
}

// pollEvery is how often a waiting outbox call looks again, and maxWait how
// long it waits at the most.
const (
	pollEvery = 50 * time.Millisecond
	maxWait   = time.Minute
)

// New returns the handler of /_cenote/outbox and /_cenote/reset.
func New(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_cenote/outbox", cfg.outbox)
	mux.HandleFunc("POST /_cenote/reset", cfg.reset)
	return LocalOnly(cfg.PublicHost, http.NewCrossOriginProtection().Handler(mux))
}

// Outbox returns the handler of /_cenote/outbox alone, for an address that only
// operators reach.
func Outbox(cfg Config) http.Handler { return http.HandlerFunc(cfg.outbox) }

func (c *Config) outbox(w http.ResponseWriter, r *http.Request) {
	var wait time.Duration
	if s := r.FormValue("wait"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			http.Error(w, "wait must be a duration such as 10s", http.StatusBadRequest)
			return
		}
		wait = min(d, maxWait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	for {
		messages, err := c.Messages(r.Context(), Filter{To: r.FormValue("to"), Failed: r.FormValue("failed") != ""})
		if err != nil {
			c.Logger.ErrorContext(r.Context(), "list outbox", "err", err)
			http.Error(w, "the outbox cannot be read", http.StatusInternalServerError)
			return
		}
		if len(messages) > 0 || ctx.Err() != nil {
			c.write(w, messages)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
}

func (c *Config) write(w http.ResponseWriter, messages []Message) {
	if messages == nil {
		messages = []Message{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct{ Messages []Message }{messages}); err != nil {
		c.Logger.Debug("write outbox", "err", err)
	}
}

func (c *Config) reset(w http.ResponseWriter, r *http.Request) {
	if err := c.Reset(r.Context()); err != nil {
		c.Logger.ErrorContext(r.Context(), "reset", "err", err)
		http.Error(w, "the deployment could not be emptied", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
