package awsapi

import (
	"context"
	"net/netip"
	"time"
)

// PrincipalKind is the value of aws:PrincipalType.
type PrincipalKind string

// Kinds of caller.
const (
	Root          PrincipalKind = "Account"
	User          PrincipalKind = "User"
	AssumedRole   PrincipalKind = "AssumedRole"
	FederatedUser PrincipalKind = "FederatedUser"
	Anonymous     PrincipalKind = "Anonymous"
)

// Caller is who signed a request.
type Caller struct {
	Kind         PrincipalKind
	Account      string // 12 digits; empty for Anonymous
	ARN          string // as GetCallerIdentity prints it; the session ARN for roles
	PrincipalARN string // as aws:PrincipalArn has it; the role ARN for roles
	UserID       string // aws:userid
	Name         string // user, role or federated-user name
	EntityID     string // AIDA… or AROA…; empty for root
	AccessKeyID  string
	Session      *Session // nil for long-term keys
}

// Session is what temporary credentials carry beyond the caller's name.
type Session struct {
	Name              string
	IssuedAt          time.Time
	ExpiresAt         time.Time
	Policies          []string // session policy documents
	PolicyARNs        []string // managed session policies
	Restricted        bool     // the two lists above bound the session even when empty
	Tags              map[string]string
	TransitiveTags    []string
	SourceIdentity    string
	FederatedProvider string              // aws:FederatedProvider
	Context           map[string][]string // federation keys that live on, such as cognito-identity.amazonaws.com:sub
	MFAAuthenticated  bool
	MFAAt             time.Time
	ChainDepth        int
}

// Request holds the facts of one API call. The kernel fills it step by step
// and logs it once; handlers read it through RequestFrom.
type Request struct {
	ID        string // x-amzn-RequestId
	Time      time.Time
	Operation *Operation
	Region    string
	Caller    Caller
	SourceIP  netip.Addr
	UserAgent string
	Referer   string
	Secure    bool // arrived over TLS

	// What the call is about, for the audit record: the kernel knows it for
	// signed calls, doors say it for the others with About.
	Owner    string // account that owns the resource
	Resource string // ARN, or "*"
	Audited  bool   // the record is written

	// Denial is what a refusal tells the account that was refused, sealed;
	// STS decodes it. Empty until a question of permission was answered with
	// no.
	Denial string
}

// About says what an unsigned call is about.
func (r *Request) About(owner, region, resource string) {
	r.Owner, r.Region, r.Resource = owner, region, resource
}

type requestKey struct{}

// WithRequest returns a context that carries r.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom returns the request that ctx belongs to. Outside of a request
// it returns an empty one, never nil.
func RequestFrom(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &Request{Caller: Caller{Kind: Anonymous}}
}
