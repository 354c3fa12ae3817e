package otp_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/otp"
)

// secret is that of the appendices of both RFCs.
var secret = []byte("12345678901234567890")

// RFC 4226, appendix D.
func TestHOTP(t *testing.T) {
	for counter, want := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		if got := otp.HOTP(secret, uint64(counter), 6); got != want {
			t.Errorf("HOTP of %d is %s, want %s", counter, got, want)
		}
	}
}

// RFC 6238, appendix B, the rows of SHA-1. They have eight digits, of which
// six are the last.
func TestTOTP(t *testing.T) {
	for _, c := range []struct {
		unix int64
		want string
	}{
		{59, "94287082"},
		{1111111109, "07081804"},
		{1111111111, "14050471"},
		{1234567890, "89005924"},
		{2000000000, "69279037"},
		{20000000000, "65353130"},
	} {
		at := time.Unix(c.unix, 0)
		if got := otp.HOTP(secret, uint64(otp.Step(at)), 8); got != c.want {
			t.Errorf("TOTP at %d is %s, want %s", c.unix, got, c.want)
		}
		if step, ok := otp.Verify(secret, c.want[2:], at); !ok || step != c.unix/30 {
			t.Errorf("Verify at %d: step %d, %t", c.unix, step, ok)
		}
	}
}

func TestVerifyAllowsOneStepEitherWay(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	step := otp.Step(now)
	for off := int64(-3); off <= 3; off++ {
		got, ok := otp.Verify(secret, otp.Code(secret, step+off), now)
		if near := off >= -1 && off <= 1; ok != near || ok && got != step+off {
			t.Errorf("%d steps off: step %+d, %t", off, got-step, ok)
		}
	}
}

func TestVerifyRefusesOtherForms(t *testing.T) {
	now := time.Unix(1111111109, 0)
	for _, code := range []string{"", "0", "81804", "081804 ", "0081804", "07081804", "０８１８０４", "08180a", "+81804"} {
		if _, ok := otp.Verify(secret, code, now); ok {
			t.Errorf("%q is accepted", code)
		}
	}
}

func TestSecretsAreText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), otp.SecretSize, otp.SecretSize).Draw(t, "secret")
		text := otp.Encode(secret)
		if len(text) != 52 {
			t.Errorf("%d characters", len(text))
		}
		if back, err := otp.Decode(text); err != nil || !bytes.Equal(back, secret) {
			t.Errorf("decoded to %x: %v", back, err)
		}
	})
}

func TestSynchronize(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	at := otp.Step(now)
	for _, tt := range []struct {
		name          string
		first, second int64 // steps from now
		ok            bool
	}{
		{"the last two", -1, 0, true},
		{"a clock that is late", -20, -19, true},
		{"a clock that is early", 19, 20, true},
		{"too late", -22, -21, false},
		{"too early", 20, 21, false},
		{"the same twice", 0, 0, false},
		{"the wrong way round", 0, -1, false},
		{"one left out", -2, 0, false},
	} {
		step, ok := otp.Synchronize(secret, otp.Code(secret, at+tt.first), otp.Code(secret, at+tt.second), now, 20)
		if ok != tt.ok || ok && step != at+tt.second {
			t.Errorf("%s: step %+d, %t", tt.name, step-at, ok)
		}
	}
	for _, code := range []string{"", "000000", otp.Code(secret, at)[1:]} {
		if _, ok := otp.Synchronize(secret, otp.Code(secret, at-1), code, now, 20); ok {
			t.Errorf("%q is accepted", code)
		}
	}
}
