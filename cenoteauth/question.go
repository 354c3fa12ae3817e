package cenoteauth

import "time"

// Path is where a deployment takes questions.
const Path = "/_cenote/authorize"

// SigningName is the service name in the signatures of questions, and
// Permission the action that whoever asks must be allowed to do.
const (
	SigningName = "cenote"
	Permission  = "cenote:Authorize"
)

// Bounds of a question. Cenote refuses what exceeds them.
const (
	MaxQuestion       = 64 << 10 // bytes of the whole
	MaxHeaders        = 100      // header fields
	MaxContextKeys    = 50
	MaxContextValues  = 250   // of all keys together
	MaxContextValue   = 1024  // bytes
	MaxResource       = 2048  // bytes
	MaxAction         = 128   // bytes
	MaxResourcePolicy = 20480 // bytes
)

// Question is the body of a POST to Path, as JSON.
type Question struct {
	Request Signed `json:"request"`
	Access
}

// Access is what a request wants to do. The zero value asks only who signed.
type Access struct {
	// Action is a service prefix and a name, such as "notes:GetNote".
	Action string `json:"action,omitempty"`

	// Resource is an ARN, or "*" for actions that are about nothing in
	// particular. It belongs to the account of the asking service: an ARN
	// names that account, or none.
	Resource string `json:"resource,omitempty"`

	// Context holds condition keys with their values: keys with the prefix of
	// the action, such as "notes:Label", and aws:ResourceTag/…,
	// aws:RequestTag/… and aws:TagKeys. All others are for Cenote to know.
	Context map[string][]string `json:"context,omitempty"`

	// ResourcePolicy is the resource's own policy document, if it has one.
	// Callers of other accounts can do nothing without.
	ResourcePolicy string `json:"resourcePolicy,omitempty"`
}

// Signed is what a signature was made of, and what the service knows of the
// request besides.
type Signed struct {
	// Service is the name that the signature must be scoped to.
	Service string `json:"service"`

	// Signing is "s3" for services whose clients sign as those of S3 do: the
	// path as it is, presigned requests without a body as UNSIGNED-PAYLOAD.
	Signing string `json:"signing,omitempty"`

	Method  string              `json:"method"`
	Target  string              `json:"target"` // of the request line: path and query as they arrived
	Host    string              `json:"host"`
	Headers map[string][]string `json:"headers"`

	// PayloadHash is the SHA-256 of the body in lower-case hexadecimal digits.
	// Whoever asks has computed it: no header of the request is believed.
	PayloadHash string `json:"payloadHash"`

	// MaxPresign is how many seconds a presigned request may be good for,
	// whatever it asks; 900 if it is left out, a week at most.
	MaxPresign int `json:"maxPresign,omitempty"`

	SourceIP string `json:"sourceIp,omitempty"` // aws:SourceIp
	Secure   bool   `json:"secure,omitempty"`   // aws:SecureTransport
}

// SigningS3 is the value of Signed.Signing for services that sign as S3 does.
const SigningS3 = "s3"

// Answer is what Cenote says. One of Caller and Error is set.
type Answer struct {
	// RequestID finds the decision again: cenote why ID.
	RequestID string `json:"requestId"`

	// Caller signed the request.
	Caller *Caller `json:"caller,omitempty"`

	// Decision is empty if the question named no action.
	Decision Decision `json:"decision,omitempty"`

	// Reason says why it was refused, such as "because no identity-based
	// policy allows the notes:GetNote action"; Message is AWS's whole sentence.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`

	// EncodedMessage is the decision with everything that led to it, for
	// sts:DecodeAuthorizationMessage in the caller's account.
	EncodedMessage string `json:"encodedMessage,omitempty"`

	// Error says why nobody is believed to have signed the request, or why
	// the question was not answered.
	Error *Error `json:"error,omitempty"`
}

// Allowed reports whether the caller is known and may do what was asked.
func (a *Answer) Allowed() bool {
	return a.Error == nil && a.Caller != nil && a.Decision == Allowed
}

// Decision is the outcome of a policy evaluation, in the words of IAM's
// policy simulator.
type Decision string

// Decisions.
const (
	Allowed      Decision = "allowed"
	ExplicitDeny Decision = "explicitDeny" // a statement forbids it
	ImplicitDeny Decision = "implicitDeny" // nothing allows it
)

// Error is a failure with an error code of AWS's, such as
// InvalidSignatureException or ExpiredTokenException.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Caller is who signed a request.
type Caller struct {
	Type         CallerType `json:"type"`
	Account      string     `json:"account"`        // twelve digits
	ARN          string     `json:"arn"`            // as sts:GetCallerIdentity prints it
	PrincipalARN string     `json:"principalArn"`   // as aws:PrincipalArn has it: the role's, for a session of a role
	UserID       string     `json:"userId"`         // as aws:userid has it
	Name         string     `json:"name,omitempty"` // of the user, role or federated user
	AccessKeyID  string     `json:"accessKeyId"`

	// What only temporary credentials have.

	SessionName       string              `json:"sessionName,omitempty"`
	SessionTags       map[string]string   `json:"sessionTags,omitempty"`
	SourceIdentity    string              `json:"sourceIdentity,omitempty"`
	FederatedProvider string              `json:"federatedProvider,omitempty"` // who vouched for the person
	Federation        map[string][]string `json:"federation,omitempty"`        // condition keys of that provider
	MFA               bool                `json:"mfa,omitempty"`
	ExpiresAt         *time.Time          `json:"expiresAt,omitempty"`

	// Identity is set for credentials from an identity pool.
	Identity *Identity `json:"identity,omitempty"`

	// Unverified is set by development servers alone, for access keys that
	// nobody issued: there, any key is root.
	Unverified bool `json:"unverified,omitempty"`
}

// CallerType is the value of aws:PrincipalType.
type CallerType string

// Types of caller.
const (
	Root          CallerType = "Account"
	User          CallerType = "User"
	AssumedRole   CallerType = "AssumedRole"
	FederatedUser CallerType = "FederatedUser"
)

// Identity is an identity of an identity pool.
type Identity struct {
	ID     string   `json:"id"`     // such as us-east-1:6b1c…: the same for a person every time
	PoolID string   `json:"poolId"` // such as us-east-1:0f3a…
	AMR    []string `json:"amr"`    // how: "authenticated" and the provider, or "unauthenticated"
}
