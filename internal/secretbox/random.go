package secretbox

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
)

// Alphabets for String.
const (
	Decimal      = "0123456789"
	Lower        = "abcdefghijklmnopqrstuvwxyz"
	Upper        = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	LowerDecimal = Lower + Decimal
	UpperDecimal = Upper + Decimal
	Alphanumeric = Upper + Lower + Decimal
	Base32       = Upper + "234567" // RFC 4648
)

// Bytes returns n random bytes.
func Bytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: it ends the process instead
	return b
}

// UUID returns a random UUID (version 4, RFC 9562) in its usual spelling.
func UUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// String returns n characters, each drawn evenly from an alphabet of 2 to 256
// single-byte characters.
func String(n int, alphabet string) string {
	size := len(alphabet)
	if size < 2 || size > 256 {
		panic("secretbox: alphabet of unusable size")
	}
	// Bytes at or above the largest multiple of the alphabet's size are thrown
	// away: a plain remainder would favour the first characters.
	limit := 256 - 256%size
	out := make([]byte, 0, n)
	for len(out) < n {
		for _, b := range Bytes((n-len(out))*256/limit + 8) {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%size])
			}
		}
	}
	return string(out)
}

// Digits returns n random decimal digits, such as a confirmation code.
func Digits(n int) string { return String(n, Decimal) }

// Int returns an even random number in [0, n). n must be positive.
func Int(n int64) int64 {
	if n <= 0 {
		panic("secretbox: Int of nothing")
	}
	limit := (1<<63 - 1) - (1<<63-1)%uint64(n)
	for {
		if v := binary.BigEndian.Uint64(Bytes(8)) >> 1; v < limit {
			return int64(v % uint64(n))
		}
	}
}
