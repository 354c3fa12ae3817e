package saml

import "fmt"

// Reason is why a response was refused.
type Reason string

// Reasons, about in the order in which Verify finds them.
const (
	Malformed      Reason = "not a SAML response"
	Encrypted      Reason = "assertion is encrypted"
	Failed         Reason = "provider reports a failure"
	Unsigned       Reason = "neither response nor assertion is signed"
	BadSignature   Reason = "signature does not verify"
	WrongIssuer    Reason = "issuer is not the provider"
	Stale          Reason = "metadata of the provider expired"
	NotYetValid    Reason = "assertion not valid yet"
	Expired        Reason = "assertion expired"
	WrongAudience  Reason = "audience is somebody else"
	WrongRecipient Reason = "no bearer confirmation for this recipient"
)

// Error is a refused response. It holds nothing of the response.
type Error struct {
	Reason Reason
	detail string
	cause  error
}

// Error describes the refusal for logs; clients get their service's own text.
func (e *Error) Error() string {
	text := "saml: " + string(e.Reason)
	if e.detail != "" {
		text += ": " + e.detail
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause, such as the library's error.
func (e *Error) Unwrap() error { return e.cause }

func refuse(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, detail: fmt.Sprintf(format, args...)}
}
