package account

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// ServiceUse is when a user or role last tried to do something with a service,
// whether it was allowed or not.
type ServiceUse struct {
	Account   string
	Principal string // AIDA… or AROA…
	Service   string // namespace, such as "iam": what its actions begin with
	Action    string // name of the operation; empty for services that are not Cenote's
	At        time.Time
	Region    string
}

// Reports keeps what the reports on an account are made of, and the reports.
// Absence is fs.ErrNotExist.
type Reports interface {
	// NoteServiceUses records uses. Unlike everything else they do not belong
	// to a change of the account.
	NoteServiceUses(ctx context.Context, uses []ServiceUse) error
	// ServiceUses returns what a principal has used, by service and action.
	ServiceUses(ctx context.Context, account, principal string) ([]ServiceUse, error)
	// PutAccessJob returns the id that the job has from now on: j's, unless
	// its ARN has been asked about before.
	PutAccessJob(ctx context.Context, j AccessJob) (id string, err error)
	AccessJob(ctx context.Context, account, id string) (AccessJob, error)
	PutCredentialReport(ctx context.Context, r CredentialReport) error
	CredentialReport(ctx context.Context, account string) (CredentialReport, error)
}

// What an Advisor remembers and how often it writes.
const (
	// useStep is how exactly the time of a use is known.
	useStep = 5 * time.Minute
	// usesKept bounds what is remembered. When it is full all is forgotten,
	// which costs a few writes.
	usesKept = 65536
	// usesWaiting bounds what waits to be written; uses beyond it are noted at
	// their next time.
	usesWaiting = 4096
	flushEvery  = 10 * time.Second
	usesAtOnce  = 256 // in one transaction
)

// Advisor writes down which principals use which services, behind the requests
// that do: a request costs one look into a map, and the uses of ten seconds
// are written together.
type Advisor struct {
	store Reports
	log   *slog.Logger

	mu      sync.Mutex // guards what follows
	noted   map[useKey]time.Time
	waiting map[useKey]ServiceUse
}

type useKey struct{ principal, service, action string }

// NewAdvisor returns an Advisor. Nothing is written unless Run runs.
func NewAdvisor(store Reports, log *slog.Logger) *Advisor {
	return &Advisor{store: store, log: log, noted: map[useKey]time.Time{}, waiting: map[useKey]ServiceUse{}}
}

// ownServices are the namespaces whose actions are told apart: their number is
// known.
var ownServices = []string{"cognito-idp", "cognito-identity", "sts", "iam"}

// note remembers what a question was about.
func (a *Advisor) note(rec *record) {
	r := rec.request
	if a == nil || r.Caller.EntityID == "" {
		return
	}
	service, action, _ := strings.Cut(rec.question.Action, ":")
	if !slices.Contains(ownServices, service) {
		service, action = strings.ToLower(service), ""
	}
	key := useKey{r.Caller.EntityID, service, action}
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Time.Sub(a.noted[key]) < useStep || len(a.waiting) >= usesWaiting {
		return
	}
	if len(a.noted) >= usesKept {
		clear(a.noted)
	}
	a.noted[key] = r.Time
	a.waiting[key] = ServiceUse{
		Account: r.Caller.Account, Principal: r.Caller.EntityID, Service: service, Action: action, At: r.Time.Truncate(time.Second), Region: r.Region,
	}
}

// Run writes what is noted until ctx ends, and then what is left.
func (a *Advisor) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
			defer cancel()
			a.Flush(last)
			return nil
		case <-tick.C:
			a.Flush(ctx)
		}
	}
}

// Flush writes what is noted now. A use that cannot be written is lost: the
// next one after useStep stands in for it.
func (a *Advisor) Flush(ctx context.Context) {
	a.mu.Lock()
	uses := make([]ServiceUse, 0, len(a.waiting))
	for _, u := range a.waiting {
		uses = append(uses, u)
	}
	clear(a.waiting)
	a.mu.Unlock()
	for batch := range slices.Chunk(uses, usesAtOnce) {
		if err := a.store.NoteServiceUses(apart(ctx), batch); err != nil && !errors.Is(err, context.Canceled) {
			a.log.WarnContext(ctx, "uses of services were not written down", "count", len(batch), "err", err)
		}
	}
}

// granted lists the namespaces of services that a policy may open: those that
// it names, and those among known.
func granted(p *iampolicy.Policy, known []string) []string {
	names := slices.Clone(p.Services())
	for _, n := range known {
		if p.GrantsService(n) {
			names = append(names, n)
		}
	}
	return names
}
