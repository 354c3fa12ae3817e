package awsapi

import (
	"errors"
	"fmt"
)

// ErrorShape is an error as an API model declares it. Both protocols read it:
// AWS JSON prints Name and answers 400 (500 for a server fault), AWS Query
// prints Code and answers Status.
type ErrorShape struct {
	Name   string // exception name, such as "UserNotFoundException"
	Code   string // Query wire code, such as "NoSuchEntity"
	Status int    // Query HTTP status
	Server bool   // the service's fault, not the caller's
	Front  bool   // raised in front of the service: AWS JSON spells the member "Message"
}

// New returns an error of this shape. The text goes to the client as it is.
func (s *ErrorShape) New(format string, args ...any) *Error {
	return &Error{Shape: s, Message: fmt.Sprintf(format, args...)}
}

// Error is a failure that a client is meant to see. Any other error that
// reaches the kernel is answered as an internal error and logged once.
type Error struct {
	Shape   *ErrorShape
	Message string
	Fields  map[string]string // further members of the modelled shape, such as reasonCode
	cause   error
}

// Error returns the exception name and the message, never the cause.
func (e *Error) Error() string { return e.Shape.Name + ": " + e.Message }

// Unwrap returns the private cause, for logs only.
func (e *Error) Unwrap() error { return e.cause }

// WithCause returns a copy that carries a private cause for the log.
func (e *Error) WithCause(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// Is reports whether two errors have the same shape, so that
// errors.Is(err, cognitoidp.UserNotFoundException("")) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Shape.Name == e.Shape.Name
}

// AsError finds the client-visible error in a chain.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// Errors that stand in front of every service. No model declares them.
var (
	AccessDenied        = &ErrorShape{Name: "AccessDeniedException", Code: "AccessDenied", Status: 403, Front: true}
	ExpiredToken        = &ErrorShape{Name: "ExpiredTokenException", Code: "ExpiredToken", Status: 403, Front: true}
	IncompleteSignature = &ErrorShape{Name: "IncompleteSignatureException", Code: "IncompleteSignature", Status: 400, Front: true}
	InvalidSignature    = &ErrorShape{Name: "InvalidSignatureException", Code: "SignatureDoesNotMatch", Status: 403, Front: true}
	InvalidAction       = &ErrorShape{Name: "UnknownOperationException", Code: "InvalidAction", Status: 400, Front: true}
	MalformedQuery      = &ErrorShape{Name: "MalformedQueryStringException", Code: "MalformedQueryString", Status: 400, Front: true}
	MissingToken        = &ErrorShape{Name: "MissingAuthenticationTokenException", Code: "MissingAuthenticationToken", Status: 403, Front: true}
	NotImplemented      = &ErrorShape{Name: "UnknownOperationException", Code: "NotImplemented", Status: 501, Front: true}
	RequestTooLarge     = &ErrorShape{Name: "RequestEntityTooLargeException", Code: "RequestEntityTooLarge", Status: 413, Front: true}
	Serialization       = &ErrorShape{Name: "SerializationException", Code: "MalformedInput", Status: 400, Front: true}
	Throttling          = &ErrorShape{Name: "ThrottlingException", Code: "Throttling", Status: 400}
	UnrecognizedClient  = &ErrorShape{Name: "UnrecognizedClientException", Code: "InvalidClientTokenId", Status: 403, Front: true}
	Validation          = &ErrorShape{Name: "ValidationException", Code: "ValidationError", Status: 400}
	InternalFailure     = &ErrorShape{Name: "InternalFailure", Code: "InternalFailure", Status: 500, Server: true}
)
