package account

import (
	"sync"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// recentKept is how many decisions, those that allowed included, a process can
// explain from memory.
const recentKept = 2048

// record is a decision with everything that it was made from.
type record struct {
	request  *awsapi.Request
	question iampolicy.Question
	set      *iampolicy.Set
	decision iampolicy.Decision
	absent   bool // the question is about a role that there is not
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

// Explain returns the decisions of a request in the order in which they were
// made, while they are among the latest that this process made.
func (a *Authorizer) Explain(requestID string) []Decision {
	var found []record
	a.recent.mu.Lock()
	for i := range recentKept {
		rec := &a.recent.records[(a.recent.next+i)%recentKept]
		if rec.request != nil && rec.request.ID == requestID {
			found = append(found, *rec)
		}
	}
	a.recent.mu.Unlock()

	out := make([]Decision, len(found))
	for i := range found {
		out[i] = found[i].explain()
	}
	return out
}

// note remembers a decision. A denial is also written down, and its owner gets
// a sealed account of it along with the error; but not if there are too many:
// to explain a decision takes longer than to make it.
func (a *Authorizer) note(rec record) {
	a.recent.add(rec)
	a.advisor.note(&rec)
	if rec.decision.Outcome == iampolicy.Allowed || a.journal == nil && a.sealer == nil {
		return
	}
	if a.journal != nil && !a.journal.admits(&rec) {
		return
	}
	d := rec.explain()
	if a.sealer != nil {
		rec.request.Denial = sealDenial(a.sealer, &d)
	}
	if a.journal != nil {
		a.journal.add(d)
	}
}
