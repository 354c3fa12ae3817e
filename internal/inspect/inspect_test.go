package inspect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/inspect"
)

// source notes what it was asked.
type source struct {
	request  string
	question inspect.Question
	list     inspect.List
	denied   bool
	err      error
}

func (s *source) Explain(_ context.Context, id string) ([]account.Decision, error) {
	s.request = id
	return []account.Decision{{RequestID: id}}, s.err
}

func (s *source) Ask(_ context.Context, q inspect.Question) (account.Decision, error) {
	s.question = q
	return account.Decision{Principal: q.Principal}, s.err
}

func (s *source) Changes(_ context.Context, l inspect.List) ([]audit.Record, error) {
	s.list = l
	return []audit.Record{{ID: "1"}}, s.err
}

func (s *source) Denials(_ context.Context, l inspect.List) ([]audit.Denial, error) {
	s.list, s.denied = l, true
	return []audit.Denial{{ID: "2"}}, s.err
}

func (s *source) get(path string, query url.Values) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	inspect.New(s, slog.New(slog.DiscardHandler)).Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?"+query.Encode(), nil))
	return w
}

// What a client asks arrives as it was asked.
func TestQueriesArrive(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 123456000, time.UTC)
	list := inspect.List{
		Filter: audit.Filter{Account: "1", Principal: "2", Operation: "iam:*", Resource: "4", RequestID: "5", Since: at, Until: at.Add(time.Hour)},
		After:  audit.Cursor{Time: at.Add(time.Minute), ID: "6"}, Limit: 7,
	}
	var s source
	if w := s.get(inspect.AuditPath, list.Values()); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `{"Records":[{"ID":"1"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff(list, s.list); diff != "" || s.denied {
		t.Error(diff)
	}
	query := list.Values()
	query.Set("denied", "true")
	if w := s.get(inspect.AuditPath, query); w.Code != http.StatusOK || !s.denied || !strings.Contains(w.Body.String(), `{"Denials":[{"ID":"2"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if s.get(inspect.AuditPath, nil); s.list.Limit != inspect.DefaultLimit || !s.list.Since.IsZero() {
		t.Errorf("nothing asked: %+v", s.list)
	}

	q := inspect.Question{Principal: "p", Action: "s3:GetObject", Resource: "*", Context: map[string][]string{"a": {"1", "2=3"}, "b": {""}}}
	if w := s.get(inspect.WhyPath, q.Values()); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff(q, s.question); diff != "" {
		t.Error(diff)
	}
	w := s.get(inspect.WhyPath, url.Values{"request": {"r"}})
	var answer inspect.Decisions
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || s.request != "r" || len(answer.Decisions) != 1 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v, %s", err, w.Body)
	}
}

func TestFaultyQueries(t *testing.T) {
	for _, tt := range []struct{ path, query, says string }{
		{inspect.WhyPath, "", "name a request"},
		{inspect.WhyPath, "principal=p", "name a request"},
		{inspect.WhyPath, "principal=p&action=Get", "no asterisk"},
		{inspect.WhyPath, "principal=p&action=s3:Get*", "no asterisk"},
		{inspect.WhyPath, "principal=p&action=:Get", "no asterisk"},
		{inspect.WhyPath, "principal=p&action=s3:Get&context=x", `context "x" is not key=value`},
		{inspect.WhyPath, "principal=p&action=s3:Get&context==x", "is not key=value"},
		{inspect.AuditPath, "since=yesterday", "since is not a time"},
		{inspect.AuditPath, "until=1", "until is not a time"},
		{inspect.AuditPath, "after=x", "after is not a time"},
		{inspect.AuditPath, "limit=0", "limit is a number from 1 to 1000"},
		{inspect.AuditPath, "limit=1001", "limit is a number"},
		{inspect.AuditPath, "limit=many", "limit is a number"},
	} {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if w := new(source).get(tt.path, query); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s?%s: %d %s", tt.path, tt.query, w.Code, w.Body)
		}
	}
}

// What goes wrong inside stays inside.
func TestFailures(t *testing.T) {
	ask := url.Values{"principal": {"p"}, "action": {"s3:Get"}}
	if w := (&source{err: fmt.Errorf("p: %w", account.ErrPrincipal)}).get(inspect.WhyPath, ask); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "p: no such principal") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for path, query := range map[string]url.Values{inspect.WhyPath: ask, inspect.AuditPath: nil} {
		if w := (&source{err: errors.New("secret of the database")}).get(path, query); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
