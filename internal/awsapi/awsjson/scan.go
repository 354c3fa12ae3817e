package awsjson

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// scanner reads JSON text. The first error sticks and moves pos to the end, so
// that every loop stops; callers look at err once, when they are done.
type scanner struct {
	data  []byte
	pos   int
	depth int
	fresh bool // an array or object was opened and nothing read from it yet
	err   error
	word  []byte // space for strings with escapes
}

func (d *scanner) fail(format string, args ...any) {
	if d.err == nil {
		d.err = awsapi.Serialization.New(format, args...)
	}
	d.pos = len(d.data)
}

// malformed never quotes the body, which may hold secrets.
func (d *scanner) malformed() {
	d.fail("The request body is not valid JSON: unexpected text at byte %d.", d.pos)
}

// mismatch refuses a value of another type, in the words that Coral, the
// framework behind these services, was seen to use.
func (d *scanner) mismatch(want string) {
	switch c := d.peek(); {
	case c == '{':
		d.fail("Start of structure or map found where not expected.")
	case c == '[':
		d.fail("Start of list found where not expected")
	case want == "structure" || want == "map" || want == "list":
		d.fail("Unexpected value type in payload")
	case c == '"':
		d.fail("STRING_VALUE can not be converted to %s", article(want))
	case c == '-' || c >= '0' && c <= '9':
		d.fail("NUMBER_VALUE can not be converted to %s", article(want))
	case c == 't' && d.literal("true"):
		d.fail("TRUE_VALUE can not be converted to %s", article(want))
	case c == 'f' && d.literal("false"):
		d.fail("FALSE_VALUE can not be converted to %s", article(want))
	default:
		d.malformed()
	}
}

func article(word string) string {
	if word == "Integer" {
		return "an Integer"
	}
	return "a " + word
}

func (d *scanner) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end, which is never valid.
func (d *scanner) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

// open enters an array or object; the caller has seen its first byte.
func (d *scanner) open(first byte) {
	if d.peek() != first {
		d.malformed()
		return
	}
	if d.depth++; d.depth > maxDepth {
		d.fail("The request body nests deeper than %d levels.", maxDepth)
		return
	}
	d.pos++
	d.fresh = true
}

// more moves to the next item or leaves the array or object. After a comma it
// insists on an item.
func (d *scanner) more(last byte) bool {
	d.space()
	first := d.fresh
	d.fresh = false
	switch c := d.peek(); {
	case c == last:
		d.pos++
		d.depth--
		return false
	case first:
		return d.err == nil
	case c != ',':
		d.malformed()
		return false
	}
	d.pos++
	d.space()
	if d.peek() == last {
		d.malformed()
	}
	return d.err == nil
}

// name reads an object's key and the colon after it. The bytes are good until
// the next call on d.
func (d *scanner) name() []byte {
	if d.peek() != '"' {
		d.malformed()
		return nil
	}
	name := d.bytes()
	d.space()
	if d.peek() != ':' {
		d.malformed()
		return nil
	}
	d.pos++
	d.space()
	return name
}

// null consumes a null, if that is what comes.
func (d *scanner) null() bool { return d.peek() == 'n' && d.literal("null") }

func (d *scanner) literal(word string) bool {
	if end := d.pos + len(word); end <= len(d.data) && string(d.data[d.pos:end]) == word {
		d.pos = end
		return true
	}
	d.malformed()
	return false
}

// number reads a number by JSON's own grammar.
func (d *scanner) number(want string) (text []byte, ok bool) {
	from := d.pos
	if c := d.peek(); c != '-' && (c < '0' || c > '9') {
		d.mismatch(want)
		return nil, false
	}
	if d.peek() == '-' {
		d.pos++
	}
	switch {
	case d.peek() == '0':
		d.pos++
	case !d.digits():
		return nil, false
	}
	if d.peek() == '.' {
		d.pos++
		if !d.digits() {
			return nil, false
		}
	}
	if c := d.peek(); c == 'e' || c == 'E' {
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		if !d.digits() {
			return nil, false
		}
	}
	return d.data[from:d.pos], true
}

func (d *scanner) digits() bool {
	from := d.pos
	for c := d.peek(); c >= '0' && c <= '9'; c = d.peek() {
		d.pos++
	}
	if d.pos == from {
		d.malformed()
	}
	return d.err == nil
}

// text reads a string and copies it.
func (d *scanner) text() string { return string(d.bytes()) }

// bytes reads a string. The result is good until the next call on d.
func (d *scanner) bytes() []byte {
	d.pos++ // the quote, which the caller has seen
	from := d.pos
	ascii := true
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			s := d.data[from:d.pos]
			if !ascii && !utf8.Valid(s) {
				d.malformed()
				return nil
			}
			d.pos++
			return s
		case c == '\\':
			return d.escaped(from)
		case c < ' ':
			d.malformed()
			return nil
		case c >= utf8.RuneSelf:
			ascii = false
		}
		d.pos++
	}
	d.malformed()
	return nil
}

// escaped goes on with a string at its first backslash.
func (d *scanner) escaped(from int) []byte {
	out := append(d.word[:0], d.data[from:d.pos]...)
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			if !utf8.Valid(out) {
				d.malformed()
				return nil
			}
			d.pos++
			d.word = out
			return out
		case c < ' ':
			d.malformed()
			return nil
		case c != '\\':
			out = append(out, c)
			d.pos++
		default:
			d.pos++
			r, ok := d.escape()
			if !ok {
				d.malformed()
				return nil
			}
			out = utf8.AppendRune(out, r)
		}
	}
	d.malformed()
	return nil
}

// escape reads what follows a backslash. Half of a surrogate pair stands for
// no character and is refused.
func (d *scanner) escape() (rune, bool) {
	c := d.peek()
	d.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		r, ok := d.hex4()
		if !ok || !utf16.IsSurrogate(r) {
			return r, ok
		}
		if d.pos+1 >= len(d.data) || d.data[d.pos] != '\\' || d.data[d.pos+1] != 'u' {
			return 0, false
		}
		d.pos += 2
		low, ok := d.hex4()
		r = utf16.DecodeRune(r, low)
		return r, ok && r != utf8.RuneError
	}
	return 0, false
}

func (d *scanner) hex4() (r rune, ok bool) {
	if d.pos+4 > len(d.data) {
		return 0, false
	}
	for _, c := range d.data[d.pos : d.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 4
	return r, true
}

// skip reads any value and keeps nothing, but insists that it is JSON.
func (d *scanner) skip() {
	switch c := d.peek(); {
	case c == '"':
		d.bytes()
	case c == '{':
		for d.open('{'); d.more('}'); {
			d.name()
			d.skip()
		}
	case c == '[':
		for d.open('['); d.more(']'); {
			d.skip()
		}
	case c == 't':
		d.literal("true")
	case c == 'f':
		d.literal("false")
	case c == 'n':
		d.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		d.number("")
	default:
		d.malformed()
	}
}
