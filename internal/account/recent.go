package account

import (
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// recentKept is how many decisions can be explained afterwards.
const recentKept = 2048

// record is a decision with everything that it was made from.
type record struct {
	request  *awsapi.Request
	question iampolicy.Question
	set      *iampolicy.Set
	decision iampolicy.Decision
}

// ring keeps the latest records.
type ring struct {
	mu      sync.Mutex // guards what follows
	records [recentKept]record
	next    int
}

func (r *ring) add(rec record) {
	r.mu.Lock()
	r.records[r.next] = rec
	r.next = (r.next + 1) % recentKept
	r.mu.Unlock()
}

// Explained is one decision of a request.
type Explained struct {
	RequestID string
	Time      time.Time
	Operation string // such as "iam:GetRole"
	Caller    string // ARN
	Policies  iampolicy.Explanation
}

// Explain returns the decisions of a request in the order in which they were
// made, while they are among the latest that this process made.
func (a *Authorizer) Explain(requestID string) []Explained {
	var found []record
	a.recent.mu.Lock()
	for i := range recentKept {
		rec := &a.recent.records[(a.recent.next+i)%recentKept]
		if rec.request != nil && rec.request.ID == requestID {
			found = append(found, *rec)
		}
	}
	a.recent.mu.Unlock()

	out := make([]Explained, len(found))
	for i, rec := range found {
		out[i] = Explained{
			RequestID: requestID,
			Time:      rec.request.Time,
			Caller:    rec.request.Caller.ARN,
			Policies:  iampolicy.Explain(&rec.question, rec.set),
		}
		if op := rec.request.Operation; op != nil {
			out[i].Operation = op.Action()
		}
	}
	return out
}
