package iampolicy

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Years that a policy may name: those that 64-bit milliseconds can hold,
// which is where AWS draws the line.
const minYear, maxYear = -292275054, 292278993

// parseDate reads what the Date operators take: seconds since the epoch, or
// ISO 8601 with any part after the year left out. It is as generous as AWS is
// when a policy is written ("01T" is the first of January of year 1).
func parseDate(s string) (time.Time, bool) {
	s = strings.ToLower(s)
	if !strings.ContainsAny(s, "t-") {
		return parseEpoch(s)
	}
	date, clock, _ := strings.Cut(s, "t")
	year, month, day, ok := parseDay(date)
	if !ok {
		return time.Time{}, false
	}
	c, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nano, time.UTC)
	return t.Add(-c.offset), true
}

// parseEpoch reads whole or fractional seconds.
func parseEpoch(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec < 0 || whole[0] == '+' {
		return time.Time{}, false
	}
	nano, ok := parseFraction(fraction)
	// Far beyond this the time package would wrap around; such a date is
	// simply "later than anything".
	return time.Unix(min(sec, math.MaxInt64/2), int64(nano)).UTC(), ok
}

func parseDay(s string) (year, month, day int, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	parts := strings.Split(s, "-")
	if len(parts) > 3 {
		return 0, 0, 0, false
	}
	month, day = 1, 1
	if year, ok = decimal(parts[0], 0, maxYear); !ok {
		return 0, 0, 0, false
	}
	if negative {
		year = -year
	}
	if len(parts) > 1 {
		month, ok = decimal(parts[1], 1, 12)
	}
	if ok && len(parts) > 2 {
		day, ok = decimal(parts[2], 1, 31)
	}
	return year, month, day, ok && year >= minYear
}

type clock struct {
	hour, minute, second, nano int
	offset                     time.Duration
}

// parseClock reads "hh", "hh:mm" or "hh:mm:ss.fff", each with "z" or an
// offset behind it; nothing at all is midnight.
func parseClock(s string) (c clock, ok bool) {
	if s == "" {
		return c, true
	}
	if rest, zulu := strings.CutSuffix(s, "z"); zulu {
		s = rest
	} else if at := strings.LastIndexAny(s, "+-"); at >= 0 {
		if c.offset, ok = parseOffset(s[at+1:]); !ok {
			return c, false
		}
		if s[at] == '-' {
			c.offset = -c.offset
		}
		s = s[:at]
	}
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return c, false
	}
	if c.hour, ok = decimal(parts[0], 0, 23); ok && len(parts) > 1 {
		c.minute, ok = decimal(parts[1], 0, 59)
	}
	if ok && len(parts) > 2 {
		second, fraction, _ := strings.Cut(parts[2], ".")
		if c.second, ok = decimal(second, 0, 59); ok {
			c.nano, ok = parseFraction(fraction)
		}
	}
	return c, ok
}

// parseOffset reads "hh", "hhmm" or "hh:mm".
func parseOffset(s string) (time.Duration, bool) {
	hours, minutes, found := strings.Cut(s, ":")
	if !found && len(s) == 4 {
		hours, minutes, found = s[:2], s[2:], true
	}
	if len(hours) != 2 || found && len(minutes) != 2 {
		return 0, false
	}
	h, ok := decimal(hours, 0, 23)
	m := 0
	if ok && found {
		m, ok = decimal(minutes, 0, 59)
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, ok
}

// parseFraction reads up to nine digits as nanoseconds.
func parseFraction(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	if len(s) > 9 {
		return 0, false
	}
	return decimal(s+"000000000"[len(s):], 0, 999999999)
}

// decimal reads plain digits within bounds.
func decimal(s string, low, high int) (int, bool) {
	if s == "" || len(s) > 10 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high
}
