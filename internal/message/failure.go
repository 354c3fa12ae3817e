package message

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Failure is why a message was not taken. Every error of a Carrier is one, or
// is taken for one without a reason.
type Failure struct {
	Reason string // for the log: holds nothing of the message
	Detail string // what the other side said, see Scrub
	Final  bool   // another attempt would fail as well
	Cause  error  // may be nil; not shown
}

// Error is what the outbox keeps of a failure.
func (f *Failure) Error() string {
	if f.Detail == "" {
		return f.Reason
	}
	return f.Reason + ": " + f.Detail
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// failureOf makes a Failure of any error.
func failureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Reason: "no answer", Cause: err}
}

// maxDetail bounds what is kept of the words of others, in bytes.
const maxDetail = 300

var enhancedStatus = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// Scrub takes out of the other side's words what may be of the message:
// addresses, links, and whatever has a digit in it and is not a status code.
func Scrub(words string) string {
	kept := strings.Fields(words)
	for i, w := range kept {
		long := utf8.RuneCountInString(w) > 3 && strings.ContainsAny(w, "0123456789") && !enhancedStatus.MatchString(w)
		if long || strings.Contains(w, "@") || strings.Contains(w, "://") {
			kept[i] = "…"
		}
	}
	out := strings.ToValidUTF8(strings.Join(kept, " "), "")
	for len(out) > maxDetail {
		_, size := utf8.DecodeLastRuneInString(out)
		out = out[:len(out)-size]
	}
	return oneLine(out)
}
