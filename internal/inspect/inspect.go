package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/audit"
)

// Source knows the answers; *app.Deployment does.
type Source interface {
	// Explain explains a request by its id. What is not known is an empty list.
	Explain(ctx context.Context, requestID string) ([]account.Decision, error)
	// Ask answers a question that no request asks. It fails with
	// account.ErrPrincipal where the principal is nobody.
	Ask(ctx context.Context, q Question) (account.Decision, error)
	// Changes lists audit records, Denials refused requests, the newest first.
	Changes(ctx context.Context, l List) ([]audit.Record, error)
	Denials(ctx context.Context, l List) ([]audit.Denial, error)
}

// Question asks what a principal may do.
type Question struct {
	Principal string // ARN, or the number of an account for its root user
	Action    string
	Resource  string // ARN, or "*"
	Context   map[string][]string
}

// List asks for part of a list.
type List struct {
	audit.Filter
	After audit.Cursor
	Limit int
}

// Bounds of a list.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Paths of the endpoints.
const (
	WhyPath   = "/_cenote/why"
	AuditPath = "/_cenote/audit"
)

// Decisions is the answer of WhyPath.
type Decisions struct{ Decisions []account.Decision }

// Records is the answer of AuditPath; Denials where those are asked for.
type Records struct {
	Records []audit.Record `json:",omitempty"`
	Denials []audit.Denial `json:",omitempty"`
}

// Handler serves the endpoints.
type Handler struct {
	source Source
	log    *slog.Logger
}

// New returns a Handler.
func New(source Source, log *slog.Logger) *Handler { return &Handler{source, log} }

// Mount adds the endpoints to a mux.
func (h *Handler) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET "+WhyPath, h.why)
	mux.HandleFunc("GET "+AuditPath, h.audit)
}

func (h *Handler) why(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if id := query.Get("request"); id != "" {
		list, err := h.source.Explain(r.Context(), id)
		h.answer(w, r, Decisions{list}, err)
		return
	}
	q, err := readQuestion(query)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d, err := h.source.Ask(r.Context(), q)
	if errors.Is(err, account.ErrPrincipal) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	h.answer(w, r, Decisions{[]account.Decision{d}}, err)
}

func (h *Handler) audit(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	l, err := readList(query)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var out Records
	if query.Has("denied") {
		out.Denials, err = h.source.Denials(r.Context(), l)
	} else {
		out.Records, err = h.source.Changes(r.Context(), l)
	}
	h.answer(w, r, out, err)
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		h.log.ErrorContext(r.Context(), "inspect", "path", r.URL.Path, "err", err)
		http.Error(w, "the store cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		h.log.Debug("write answer", "path", r.URL.Path, "err", err)
	}
}

// Values writes a question as a query.
func (q *Question) Values() url.Values {
	v := url.Values{"principal": {q.Principal}, "action": {q.Action}, "resource": {q.Resource}}
	for key, values := range q.Context {
		for _, value := range values {
			v.Add("context", key+"="+value)
		}
	}
	return v
}

func readQuestion(v url.Values) (Question, error) {
	q := Question{Principal: v.Get("principal"), Action: v.Get("action"), Resource: v.Get("resource")}
	if q.Principal == "" || q.Action == "" {
		return q, errors.New("name a request, or a principal and an action")
	}
	var err error
	q.Context, err = ReadContext(v["context"])
	return q, q.check(err)
}

// check completes a question; err is what went wrong before.
func (q *Question) check(err error) error {
	if err != nil {
		return err
	}
	if q.Resource == "" {
		q.Resource = "*"
	}
	if service, name, ok := strings.Cut(q.Action, ":"); !ok || service == "" || name == "" || strings.ContainsAny(q.Action, "*?") {
		return errors.New("an action has a service and a name, such as iam:GetRole, and no asterisk")
	}
	return nil
}

// ReadContext reads condition keys of the form key=value. A key that is given
// several times has several values.
func ReadContext(pairs []string) (map[string][]string, error) {
	context := make(map[string][]string, len(pairs))
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, errors.New("context " + strconv.Quote(pair) + " is not key=value")
		}
		context[key] = append(context[key], value)
	}
	return context, nil
}

// Check completes a question and says what is wrong with it.
func (q *Question) Check() error { return q.check(nil) }

// Values writes a list as a query.
func (l *List) Values() url.Values {
	v := url.Values{}
	put := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	putTime := func(name string, t time.Time) {
		if !t.IsZero() {
			v.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	put("account", l.Account)
	put("principal", l.Principal)
	put("operation", l.Operation)
	put("resource", l.Resource)
	put("request", l.RequestID)
	putTime("since", l.Since)
	putTime("until", l.Until)
	putTime("after", l.After.Time)
	put("after-id", l.After.ID)
	v.Set("limit", strconv.Itoa(l.Limit))
	return v
}

func readList(v url.Values) (List, error) {
	l := List{
		Filter: audit.Filter{
			Account: v.Get("account"), Principal: v.Get("principal"), Operation: v.Get("operation"),
			Resource: v.Get("resource"), RequestID: v.Get("request"),
		},
		After: audit.Cursor{ID: v.Get("after-id")},
		Limit: DefaultLimit,
	}
	var err error
	readTime := func(name string) (t time.Time) {
		if s := v.Get(name); s != "" && err == nil {
			if t, err = time.Parse(time.RFC3339Nano, s); err != nil {
				err = errors.New(name + " is not a time such as 2026-11-22T20:00:00Z")
			}
		}
		return t
	}
	l.Since, l.Until, l.After.Time = readTime("since"), readTime("until"), readTime("after")
	if s := v.Get("limit"); s != "" && err == nil {
		if l.Limit, err = strconv.Atoi(s); err != nil || l.Limit < 1 || l.Limit > MaxLimit {
			err = errors.New("limit is a number from 1 to " + strconv.Itoa(MaxLimit))
		}
	}
	return l, err
}
