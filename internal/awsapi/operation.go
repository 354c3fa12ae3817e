package awsapi

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// Protocol is how a service's requests and replies are written.
type Protocol string

// The two wire protocols of the four services.
const (
	JSON  Protocol = "awsJson1.1"
	Query Protocol = "awsQuery"
)

// Service describes one AWS API. The values are generated.
type Service struct {
	Name         string // signing name and IAM action prefix, such as "cognito-idp"
	APIVersion   string // such as "2016-04-18"
	Protocol     Protocol
	TargetPrefix string // of X-Amz-Target, JSON services only
	XMLNamespace string // Query services only
	Global       bool   // one endpoint for all regions (IAM)
	HidesValues  bool   // sentences about a violated constraint leave strings out (IAM)
	MaxSkew      time.Duration
	MaxPresign   time.Duration // longest life of a presigned request; 0 for the verifier's own
	FixedPresign bool          // presigned requests live as long as they may, whatever less they ask for (STS)
	S3Signing    bool          // signatures are made by the rules of S3, which differ in paths and payloads
	Invalid      *ErrorShape   // what a violated input constraint is answered with
	Internal     *ErrorShape   // what an unexpected failure is answered with
	Throttled    *ErrorShape   // what a caller who asks too often is answered with
	Shapes       []Shape       // sorted by name
	Operations   []*Operation
}

// Shape is what an API model says about the values of a named shape beyond
// their Go type. Shapes without such facts are not listed.
type Shape struct {
	Name      string
	Range     string   // "1..128", either end may be missing: code points, bytes, items, entries, or the number itself
	Pattern   string   // as the model has it: Java's flavour, for the whole string
	Enum      []string // in the model's order
	Sensitive bool     // never echoed, never logged
	Member    string   // shape of a list's items or a map's values, when that is listed too
	Key       string   // shape of a map's keys, when that is listed too
}

// Auth says what proves a caller's right to an operation.
type Auth string

// Kinds of proof.
const (
	Signed   Auth = "sigv4" // SigV4 and IAM
	Unsigned Auth = "none"  // nothing, or a token inside the body
)

// Operation describes one API call. The values are generated.
type Operation struct {
	Service       *Service
	Name          string
	Auth          Auth
	Input         reflect.Type // a struct
	Output        reflect.Type // nil where the model has no output shape
	ResultWrapper string       // Query services: element around the result; empty for none
	Errors        []string     // exception names that the model declares
	MaxBody       int64        // bytes; 0 for the kernel's default
}

// Action is the IAM action that permits the operation.
func (o *Operation) Action() string { return o.Service.Name + ":" + o.Name }

// Op ties an operation to its Go input and output types.
type Op[In, Out any] struct{ *Operation }

// Define adds an operation to its service and ties it to its types. Only
// generated code calls it, while packages are initialized.
func Define[In, Out any](op Operation) Op[In, Out] {
	op.Input = reflect.TypeFor[In]()
	if out := reflect.TypeFor[Out](); out != reflect.TypeFor[None]() {
		op.Output = out
	}
	op.Service.Operations = append(op.Service.Operations, &op)
	return Op[In, Out]{&op}
}

// None is the input of operations that ask nothing and the output of those
// that answer nothing.
type None struct{}

// Bind makes a handler of a function. The kernel calls it with an input that
// has been decoded, checked, authenticated and authorized.
func (op Op[In, Out]) Bind(h func(context.Context, *In) (*Out, error)) Handler {
	return Handler{Operation: op.Operation, Invoke: func(ctx context.Context, in any) (any, error) {
		typed, ok := in.(*In)
		if !ok {
			return nil, fmt.Errorf("%s: input is %T", op.Name, in)
		}
		out, err := h(ctx, typed)
		if err != nil {
			return nil, err
		}
		return out, nil
	}}
}

// Refuse makes a handler for an operation that has no meaning without the rest
// of AWS. Whoever may call it is told why, a part of a sentence that ends
// without a full stop.
func (op Op[In, Out]) Refuse(why string) Handler {
	return Handler{Operation: op.Operation, Refusal: why, Invoke: func(context.Context, any) (any, error) {
		return nil, NotImplemented.New("Cenote refuses %s: %s.", op.Action(), why)
	}}
}

// Handler is an operation with code behind it.
type Handler struct {
	*Operation
	Invoke  func(ctx context.Context, in any) (any, error)
	Refusal string // why every call is refused; empty: not all are
}

// Access is one IAM question: may the caller do Action on Resource?
type Access struct {
	Action   string              // such as "cognito-idp:AdminGetUser"
	Resource string              // an ARN, or "*"
	Context  map[string][]string // condition keys beyond the global ones
	Shown    string              // how a denial names the resource; empty: by Resource
}

// Value returns what p points to, or the zero value for nil.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
