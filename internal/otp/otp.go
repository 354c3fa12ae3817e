// Package otp computes one-time passwords: HOTP (RFC 4226) and, on top of it,
// TOTP (RFC 6238) in the one form that authenticator apps all understand and
// the service uses: SHA-1, steps of thirty seconds, six digits.
//
// A code is good for its step and, for clocks that are off, for the step
// before and the one after. Within that time it is good as often as it is
// asked about: [Verify] tells which step a code belongs to, and the caller must
// remember the newest step that was used and refuse what is not newer.
package otp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// Figures of a TOTP. SecretSize is that of a secret in bytes; it makes 52
// characters of text.
const (
	Period     = 30 * time.Second
	Digits     = 6
	SecretSize = 32
)

// drift is how many steps a clock may be off, either way.
const drift = 1

// HOTP returns the one-time password of a counter, with leading zeros. digits
// is between 6 and 9.
func HOTP(secret []byte, counter uint64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, counter))
	sum := mac.Sum(nil)
	// Dynamic truncation, RFC 4226 §5.3: 31 bits from where the last nibble
	// points to.
	offset := sum[len(sum)-1] & 0x0f
	number := uint64(binary.BigEndian.Uint32(sum[offset:]) & 0x7fff_ffff)
	modulus := uint64(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, number%modulus)
}

// Step returns the step that a time lies in, counted since 1970.
func Step(t time.Time) int64 { return t.Unix() / int64(Period/time.Second) }

// Code returns the TOTP of a step.
func Code(secret []byte, step int64) string { return HOTP(secret, uint64(step), Digits) }

// Verify reports whether code is good at a time, and the step that it belongs
// to. How long it takes depends on neither.
func Verify(secret []byte, code string, now time.Time) (step int64, ok bool) {
	found := 0
	for at := Step(now) - drift; at <= Step(now)+drift; at++ {
		same := subtle.ConstantTimeCompare([]byte(Code(secret, at)), []byte(code))
		step = int64(subtle.ConstantTimeSelect(same, int(at), int(step)))
		found |= same
	}
	return step, found == 1
}

var text = base32.StdEncoding.WithPadding(base32.NoPadding)

// Encode writes a secret as authenticator apps read it: base32 without padding
// (the form of AssociateSoftwareToken's SecretCode).
func Encode(secret []byte) string { return text.EncodeToString(secret) }

// Decode reads what Encode wrote.
func Decode(s string) ([]byte, error) { return text.DecodeString(s) }

// Synchronize finds two codes in a row near a time, at most window steps off
// either way, and returns the step of the second. Two codes tell how far off a
// clock is; one would be found by chance too often.
func Synchronize(secret []byte, first, second string, now time.Time, window int64) (step int64, ok bool) {
	found := 0
	for at := Step(now) - window; at <= Step(now)+window; at++ {
		same := subtle.ConstantTimeCompare([]byte(Code(secret, at-1)), []byte(first)) &
			subtle.ConstantTimeCompare([]byte(Code(secret, at)), []byte(second))
		step = int64(subtle.ConstantTimeSelect(same, int(at), int(step)))
		found |= same
	}
	return step, found == 1
}
