package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"github.com/cenote-id/cenote/cenoteauth"
)

// Bounds of what is kept. It is all in memory.
const (
	maxNote     = 64 << 10 // bytes
	maxNotes    = 100      // of one owner
	maxKeepers  = 1000
	namePattern = `^[A-Za-z0-9 ._:@-]{1,100}$`
)

// validName keeps what the characters of an ARN and its patterns mean out of
// names: a note called "x/public-y" would be at home in two places.
var validName = regexp.MustCompile(namePattern)

// notes keeps notes by owner and name.
type notes struct {
	arn string // that the resource of every note begins with

	mu  sync.Mutex
	all map[string]map[string]string
}

func newNotes(arn string) *notes { return &notes{arn: arn, all: map[string]map[string]string{}} }

// mount adds the service to a mux. Each route names its action; which notes it
// is good for, and for whom, is written in no line of this program.
func (n *notes) mount(mux *http.ServeMux, auth *cenoteauth.Authorizer) {
	for route, r := range map[string]struct {
		action string
		do     http.HandlerFunc
	}{
		"GET /notes/{owner}":           {"notes:ListNotes", n.list},
		"GET /notes/{owner}/{name}":    {"notes:GetNote", n.get},
		"PUT /notes/{owner}/{name}":    {"notes:PutNote", n.put},
		"DELETE /notes/{owner}/{name}": {"notes:DeleteNote", n.remove},
	} {
		guarded := auth.Require(func(req *http.Request) cenoteauth.Access {
			return cenoteauth.Access{Action: r.action, Resource: n.arn + req.PathValue("owner") + "/" + req.PathValue("name")}
		}, r.do)
		mux.HandleFunc(route, func(w http.ResponseWriter, req *http.Request) {
			name := req.PathValue("name")
			if !validName.MatchString(req.PathValue("owner")) || name != "" && !validName.MatchString(name) {
				http.Error(w, "names match "+namePattern, http.StatusBadRequest)
				return
			}
			guarded.ServeHTTP(w, req)
		})
	}
}

func (n *notes) list(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	names := slices.Sorted(maps.Keys(n.all[r.PathValue("owner")]))
	n.mu.Unlock()
	reply(w, struct {
		Caller string   `json:"caller"`
		Names  []string `json:"names"`
	}{cenoteauth.CallerFrom(r.Context()).ARN, append([]string{}, names...)})
}

func (n *notes) get(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	text, ok := n.all[r.PathValue("owner")][r.PathValue("name")]
	n.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, struct {
		Text string `json:"text"`
	}{text})
}

func (n *notes) put(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body) // read and verified already, and bounded
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	owner, name := r.PathValue("owner"), r.PathValue("name")
	n.mu.Lock()
	defer n.mu.Unlock()
	own := n.all[owner]
	if own == nil {
		own = map[string]string{}
	}
	_, replaces := own[name]
	if !replaces && (len(own) >= maxNotes || len(own) == 0 && len(n.all) >= maxKeepers) {
		http.Error(w, "no more room", http.StatusInsufficientStorage)
		return
	}
	own[name] = string(text)
	n.all[owner] = own
	w.WriteHeader(http.StatusNoContent)
}

func (n *notes) remove(w http.ResponseWriter, r *http.Request) {
	owner := r.PathValue("owner")
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.all[owner], r.PathValue("name"))
	if len(n.all[owner]) == 0 {
		delete(n.all, owner)
	}
	w.WriteHeader(http.StatusNoContent)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client is gone, and nobody is left to tell
}
