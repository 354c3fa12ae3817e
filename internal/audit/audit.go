package audit

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Record is one change: who made it, to what.
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
}

// Denial is one request that was refused for want of permission.
type Denial struct {
	ID        string // UUID
	Time      time.Time
	Account   string // of the caller; of the role, where nobody signed
	Region    string
	Operation string
	Principal string // ARN of the caller, or the provider that spoke for them
	Resource  string // ARN
	RequestID string
}

// Filter narrows a list. Empty members let everything pass.
type Filter struct {
	Account   string
	Principal string // exactly this ARN
	Operation string // this one, or with an asterisk at the end all that begin like it
	Resource  string // exactly this ARN
	RequestID string
	Since     time.Time // this moment and later
	Until     time.Time // before this moment
}

// Cursor is a place in a list: what stands after it is older.
type Cursor struct {
	Time time.Time
	ID   string
}

// signIns are the calls that only begin, go on with or use a session. Each of
// them leaves a row that tells the same (a session, an identity), they are most
// of all calls, and strangers may make them as often as they like.
var signIns = []string{
	"cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge",
	"cognito-idp:InitiateAuth", "cognito-idp:RespondToAuthChallenge", "cognito-idp:GetTokensFromRefreshToken",
	"cognito-identity:GetId", "cognito-identity:GetOpenIdToken", "cognito-identity:GetCredentialsForIdentity",
}

type pendingKey struct{}

// Pending is whether a transaction that is being made will leave its record.
// The store gives each attempt one.
type Pending struct{ skip bool }

// Begin returns a context for the closure of a transaction.
func (p *Pending) Begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, pendingKey{}, p)
}

// Skipped reports whether Skip was called.
func (p *Pending) Skipped() bool { return p.skip }

// Skip keeps the transaction of ctx from leaving a record: it only counts a
// wrong answer, which changes nothing that anybody asked to change.
func Skip(ctx context.Context) {
	if p, ok := ctx.Value(pendingKey{}).(*Pending); ok {
		p.skip = true
	}
}

// Of makes the record of what the request of ctx changes. There is none for
// changes that no request asked for, for sign-ins, and for a request that has
// its record. Of must be called before the transaction: ids and times do not
// change when that runs again.
func Of(ctx context.Context, now time.Time) (Record, bool) {
	r := awsapi.RequestFrom(ctx)
	if r.Operation == nil || r.Audited || slices.Contains(signIns, r.Operation.Action()) {
		return Record{}, false
	}
	record := Record{
		ID:        secretbox.UUID(),
		Time:      now.UTC().Truncate(time.Microsecond),
		Account:   r.Owner,
		Region:    r.Region,
		Operation: r.Operation.Action(),
		Principal: r.Caller.ARN,
		Resource:  r.Resource,
		RequestID: r.ID,
	}
	if r.SourceIP.IsValid() {
		record.SourceIP = r.SourceIP.String()
	}
	return record, true
}
