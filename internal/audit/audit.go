package audit

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Record is one audited event.
type Record struct {
	ID        string // UUID
	Time      time.Time
	Account   string // that owns the resource
	Region    string
	Operation string // such as "cognito-idp:AdminDeleteUser"
	Principal string // ARN of the caller; empty for unsigned calls
	Resource  string // ARN
	RequestID string
	SourceIP  string
	Code      string // error code; empty for success
	Details   map[string]string
}

// Event is what a domain package knows of a record; the rest comes from the
// request.
type Event struct {
	Account  string // the caller's if empty
	Region   string // the request's if empty
	Resource string
	Code     string
	Details  map[string]string
}

// Store appends records. Append joins the transaction of ctx.
type Store interface {
	Append(ctx context.Context, r Record) error
	// List returns records of an account, the newest first, that are older
	// than a time and an id. The zero time begins with the newest.
	List(ctx context.Context, account string, before time.Time, beforeID string, limit int) ([]Record, error)
}

// Log writes records.
type Log struct {
	store Store
	now   func() time.Time
}

// New returns a log that appends to a store.
func New(store Store, now func() time.Time) *Log { return &Log{store: store, now: now} }

// Prepare makes the record of an event in the request of ctx. It must be
// called before the transaction: ids and times do not change when that runs
// again.
func (l *Log) Prepare(ctx context.Context, e Event) Record {
	r := awsapi.RequestFrom(ctx)
	record := Record{
		ID:        secretbox.UUID(),
		Time:      l.now().UTC().Truncate(time.Microsecond),
		Account:   e.Account,
		Region:    e.Region,
		Principal: r.Caller.ARN,
		Resource:  e.Resource,
		RequestID: r.ID,
		Code:      e.Code,
		Details:   e.Details,
	}
	if record.Account == "" {
		record.Account = r.Caller.Account
	}
	if record.Region == "" {
		record.Region = r.Region
	}
	if r.Operation != nil {
		record.Operation = r.Operation.Action()
	}
	if r.SourceIP.IsValid() {
		record.SourceIP = r.SourceIP.String()
	}
	return record
}

// Append writes a record in the transaction of ctx.
func (l *Log) Append(ctx context.Context, r Record) error { return l.store.Append(ctx, r) }
