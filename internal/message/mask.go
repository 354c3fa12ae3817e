package message

import (
	"strings"
	"unicode/utf8"
)

// Mask hides most of an address: the first letters of an e-mail address's two
// halves stay ("t***@e***"), the last four digits of a phone number
// ("+*******1234").
func Mask(medium Medium, address string) string {
	if medium == SMS {
		return "+*******" + address[max(0, len(address)-4):]
	}
	local, domain, _ := strings.Cut(address, "@")
	return first(local) + "***@" + first(domain) + "***"
}

func first(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}
