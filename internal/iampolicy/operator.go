package iampolicy

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is one condition operator without prefix and suffix. A negated
// operator holds where its positive twin does not.
type operator struct {
	negated bool
	special syntax // what is special in the values that the policy lists
	prepare func(*operand)
	match   func(o *operand, value string, keys Keys) bool
	date    bool // values are checked when the policy is written
	null    bool
}

// operand is one value that a policy lists, prepared for its operator. An
// operand that is not ok, such as a number that is none, never matches.
type operand struct {
	written string // as in the document
	pattern pattern
	arn     [6]pattern // ARN operators, when whole is false
	whole   bool       // ARN operators: match the value in one piece
	number  float64
	instant time.Time
	octets  []byte
	network netip.Prefix
	truth   bool
	ok      bool
}

// operators holds every operator by its exact spelling.
var operators = map[string]*operator{
	"StringEquals":              {special: variables, match: matchEqual},
	"StringNotEquals":           {special: variables, match: matchEqual, negated: true},
	"StringEqualsIgnoreCase":    {special: variables, match: matchEqualFold},
	"StringNotEqualsIgnoreCase": {special: variables, match: matchEqualFold, negated: true},
	"StringLike":                {special: variables | wildcards, match: matchLike},
	"StringNotLike":             {special: variables | wildcards, match: matchLike, negated: true},

	"NumericEquals":            {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v == o })},
	"NumericNotEquals":         {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v == o }), negated: true},
	"NumericLessThan":          {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v < o })},
	"NumericLessThanEquals":    {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v <= o })},
	"NumericGreaterThan":       {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v > o })},
	"NumericGreaterThanEquals": {prepare: prepareNumber, match: numeric(func(v, o float64) bool { return v >= o })},

	"DateEquals":            {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c == 0 })},
	"DateNotEquals":         {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c == 0 }), negated: true},
	"DateLessThan":          {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c < 0 })},
	"DateLessThanEquals":    {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c <= 0 })},
	"DateGreaterThan":       {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c > 0 })},
	"DateGreaterThanEquals": {date: true, prepare: prepareDate, match: dated(func(c int) bool { return c >= 0 })},

	"Bool":         {special: variables, match: matchBool},
	"BinaryEquals": {prepare: prepareBinary, match: matchBinary},
	"IpAddress":    {prepare: prepareNetwork, match: matchNetwork},
	"NotIpAddress": {prepare: prepareNetwork, match: matchNetwork, negated: true},

	"ArnEquals":    {special: variables | wildcards, prepare: prepareARN, match: matchARN},
	"ArnLike":      {special: variables | wildcards, prepare: prepareARN, match: matchARN},
	"ArnNotEquals": {special: variables | wildcards, prepare: prepareARN, match: matchARN, negated: true},
	"ArnNotLike":   {special: variables | wildcards, prepare: prepareARN, match: matchARN, negated: true},

	"Null": {null: true, prepare: prepareBool},
}

func newOperand(op *operator, text string) operand {
	o := operand{written: text, pattern: compilePattern(text, op.special), ok: true}
	if op.prepare != nil {
		op.prepare(&o)
	}
	return o
}

func matchEqual(o *operand, value string, keys Keys) bool {
	want, ok := o.pattern.text(keys)
	return ok && want == value
}

func matchEqualFold(o *operand, value string, keys Keys) bool {
	want, ok := o.pattern.text(keys)
	return ok && strings.EqualFold(want, value)
}

func matchLike(o *operand, value string, keys Keys) bool {
	return o.pattern.matches(value, keys)
}

func prepareNumber(o *operand) { o.number, o.ok = parseNumber(o.written) }

// parseNumber reads an integer or a decimal, nothing else that
// strconv.ParseFloat knows (hexadecimal, underscores, infinities).
func parseNumber(s string) (float64, bool) {
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func numeric(holds func(value, operand float64) bool) func(*operand, string, Keys) bool {
	return func(o *operand, value string, _ Keys) bool {
		n, ok := parseNumber(value)
		return ok && o.ok && holds(n, o.number)
	}
}

func prepareDate(o *operand) { o.instant, o.ok = parseDate(o.written) }

func dated(holds func(compared int) bool) func(*operand, string, Keys) bool {
	return func(o *operand, value string, _ Keys) bool {
		t, ok := parseDate(value)
		return ok && o.ok && holds(t.Compare(o.instant))
	}
}

func parseBool(s string) (truth, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

func prepareBool(o *operand) { o.truth, o.ok = parseBool(o.written) }

func matchBool(o *operand, value string, keys Keys) bool {
	text, resolved := o.pattern.text(keys)
	want, ok := parseBool(text)
	got, gotOK := parseBool(value)
	return resolved && ok && gotOK && want == got
}

func prepareBinary(o *operand) {
	octets, err := base64.StdEncoding.DecodeString(o.written)
	o.octets, o.ok = octets, err == nil
}

func matchBinary(o *operand, value string, _ Keys) bool {
	got, err := base64.StdEncoding.DecodeString(value)
	return err == nil && o.ok && bytes.Equal(got, o.octets)
}

// prepareNetwork reads a CIDR block or a bare address, which stands for itself.
func prepareNetwork(o *operand) {
	if p, err := netip.ParsePrefix(o.written); err == nil {
		o.network = p.Masked()
		return
	}
	a, err := netip.ParseAddr(o.written)
	if err != nil {
		o.ok = false
		return
	}
	o.network = netip.PrefixFrom(a, a.BitLen())
}

func matchNetwork(o *operand, value string, _ Keys) bool {
	a, err := netip.ParseAddr(value)
	return err == nil && o.ok && o.network.Contains(a.Unmap())
}

// prepareARN cuts the value into the six segments that are matched one by
// one. A lone asterisk or a lone variable stands for a whole ARN.
func prepareARN(o *operand) {
	if parts, ok := o.pattern.splitAtColons(6); ok {
		copy(o.arn[:], parts)
		return
	}
	o.whole = len(o.pattern.tokens) == 1
	o.ok = o.whole
}

func matchARN(o *operand, value string, keys Keys) bool {
	if !o.ok {
		return false
	}
	if o.whole {
		return o.pattern.matches(value, keys)
	}
	for i := range o.arn {
		segment := value
		if i < 5 {
			var found bool
			if segment, value, found = strings.Cut(value, ":"); !found {
				return false
			}
		}
		if !o.arn[i].matches(segment, keys) {
			return false
		}
	}
	return true
}
