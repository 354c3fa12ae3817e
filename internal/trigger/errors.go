package trigger

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// FunctionError is what a function ended with in place of a reply. Message is
// the function's own, and is told to the client.
type FunctionError struct{ Message string }

// Error leaves the message out: it is the function's, and may say anything.
func (e *FunctionError) Error() string { return "function ended with an error" }

// Refused means that a function was not run. Code says why, in the words of
// the Lambda API: AccessDeniedException, ResourceNotFoundException,
// TooManyRequestsException.
type Refused struct {
	Code  string
	Again bool // worth another attempt
	Cause error
}

// Error names the code and the cause.
func (e *Refused) Error() string {
	if e.Cause == nil {
		return e.Code
	}
	return e.Code + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Refused) Unwrap() error { return e.Cause }

// ErrReplyTooLarge means that a function returned more than MaxReply bytes.
var ErrReplyTooLarge = errors.New("reply of a function is too large")

// errInTransaction is a fault of the caller.
var errInTransaction = errors.New("a function must not be asked inside a transaction")

// errUnrecognizable is the answer to every reply that is not the event with its
// response filled in. The cause, for the log, says what is wrong with it.
var errUnrecognizable = cognitoidp.InvalidLambdaResponseException("Unrecognizable lambda output")

// errNoCustomAuth is UNCONFIRMED.
var errNoCustomAuth = cognitoidp.InvalidUserPoolConfigurationException("Custom auth lambda trigger is not configured for the user pool.")

// Codes of refusals that are not the Lambda API's. That the service says so is
// UNCONFIRMED.
const (
	codeUnreachable = "ServiceException"
	codeBusy        = "TooManyRequestsException"
)

// textTimeout has been seen on the service.
const textTimeout = "Socket timeout while invoking Lambda function"

// maxMessage bounds what is told of a function's own error, in bytes.
const maxMessage = 2048

// told turns the error of a call into what the client is told.
func told(t userpool.Trigger, err error) error {
	if own, ok := errors.AsType[*FunctionError](err); ok {
		return cognitoidp.UserLambdaValidationException("%s failed with error %s.", t, shorten(own.Message)).WithCause(err)
	}
	if _, ok := errors.AsType[*awsapi.Error](err); ok {
		return err
	}
	refused, ok := errors.AsType[*Refused](err)
	switch {
	case errors.Is(err, ErrReplyTooLarge):
		return errUnrecognizable.WithCause(err)
	case errors.Is(err, context.DeadlineExceeded):
		return failed(t, textTimeout).WithCause(err)
	case ok:
		return failed(t, refused.Code).WithCause(err)
	}
	return failed(t, codeUnreachable).WithCause(err)
}

func failed(t userpool.Trigger, why string) *awsapi.Error {
	return cognitoidp.UnexpectedLambdaException("%s invocation failed due to error %s.", t, why)
}

// notConfigured is the answer where an ARN stands for nothing that could be
// called.
func notConfigured(t userpool.Trigger) *awsapi.Error {
	return cognitoidp.UnexpectedLambdaException("%s invocation failed due to configuration.", t)
}

func shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.ToValidUTF8(s[:end], "")
}
