package issuer

import "fmt"

// Reason is why a token was refused.
type Reason string

// Reasons, in the order in which Verify finds them.
const (
	NotJWT         Reason = "not a JSON web token"
	WrongAlgorithm Reason = "signature algorithm not accepted"
	WrongIssuer    Reason = "issuer does not match the provider"
	MissingClaim   Reason = "a required claim is missing"
	Unreachable    Reason = "keys of the issuer could not be fetched"
	UnknownKey     Reason = "no key of the issuer has this key id"
	BadSignature   Reason = "signature does not verify"
	Expired        Reason = "token expired"
	NotYetValid    Reason = "token not valid yet"
	WrongAudience  Reason = "audience is not listed for the provider"
	ManyAudiences  Reason = "several audiences and no authorized party"
	WrongUse       Reason = "not an identity token"
	Untrusted      Reason = "nobody vouches for this issuer"
	Rejected       Reason = "the provider does not know this token"
)

// Error is a refused token. It never holds any part of the token but the
// issuer's name and times.
type Error struct {
	Reason Reason
	Issuer string // canonical provider name
	Claim  string // of MissingClaim
	Now    int64  // of Expired and NotYetValid, epoch seconds
	At     int64  // of Expired and NotYetValid: exp or nbf
	cause  error
}

// Error describes the refusal for logs; clients get their service's own text.
func (e *Error) Error() string {
	switch e.Reason {
	case MissingClaim:
		return fmt.Sprintf("token of %s: %s: %s", e.Issuer, e.Reason, e.Claim)
	case Expired, NotYetValid:
		return fmt.Sprintf("token of %s: %s: now %d, limit %d", e.Issuer, e.Reason, e.Now, e.At)
	}
	if e.cause != nil {
		return fmt.Sprintf("token of %s: %s: %v", e.Issuer, e.Reason, e.cause)
	}
	return fmt.Sprintf("token of %s: %s", e.Issuer, e.Reason)
}

// Unwrap returns the cause, such as the network error of Unreachable.
func (e *Error) Unwrap() error { return e.cause }
