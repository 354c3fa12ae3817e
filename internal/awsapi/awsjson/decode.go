// Package awsjson reads and writes the AWS JSON 1.1 protocol: JSON bodies for
// the generated shapes, and the error envelope.
//
// Reading is strict, because a body that two programs read differently is how
// checks are walked around: names are case-sensitive, a name may stand once,
// text must be UTF-8, and what does not fit its type is refused. Members that
// the model does not know are skipped, null means absent, and timestamps may
// be numbers or ISO 8601 strings.
package awsjson

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// maxDepth bounds how deep arrays and objects may nest.
const maxDepth = 64

// Decode reads a request body into a new value of the operation's input type
// and returns a pointer to it. An empty body stands for an empty object. What
// cannot be read is answered with a SerializationException.
func Decode(op *awsapi.Operation, body []byte) (any, error) {
	in := reflect.New(op.Input)
	if len(body) == 0 {
		return in.Interface(), nil
	}
	d := scanner{data: body}
	d.space()
	switch d.peek() {
	case '{':
		d.structure(shape.Of(op.Service, op.Input), in.Elem())
	default:
		d.mismatch("structure")
	}
	d.space()
	if d.err == nil && d.pos != len(d.data) {
		d.malformed()
	}
	if d.err != nil {
		return nil, d.err
	}
	return in.Interface(), nil
}

// value decodes the value at hand, which is not null, into v.
func (d *scanner) value(p *shape.Plan, v reflect.Value) {
	c := d.peek()
	switch p.Kind {
	case shape.String:
		if c != '"' {
			d.mismatch("String")
			return
		}
		v.SetString(d.text())
	case shape.Integer:
		d.integer(p, v)
	case shape.Boolean:
		switch {
		case c == 't' && d.literal("true"):
			v.SetBool(true)
		case c == 'f' && d.literal("false"):
			v.SetBool(false)
		default:
			d.mismatch("Boolean")
		}
	case shape.Timestamp:
		d.timestamp(v)
	case shape.Blob:
		d.blob(v)
	case shape.Document:
		from := d.pos
		d.skip()
		if d.err == nil {
			v.SetBytes(append([]byte(nil), d.data[from:d.pos]...))
		}
	case shape.Structure:
		if c != '{' {
			d.mismatch("structure")
			return
		}
		d.structure(p, v)
	case shape.List:
		if c != '[' {
			d.mismatch("list")
			return
		}
		d.list(p, v)
	case shape.Map:
		if c != '{' {
			d.mismatch("map")
			return
		}
		d.entries(p, v)
	}
}

func (d *scanner) structure(p *shape.Plan, v reflect.Value) {
	var few [64]bool
	seen := few[:]
	if len(p.Fields) > len(few) {
		seen = make([]bool, len(p.Fields))
	}
	for d.open('{'); d.more('}'); {
		i := p.Field(d.name())
		if i < 0 {
			d.skip()
			continue
		}
		if seen[i] {
			d.fail("The member %s appears twice.", p.Fields[i].Name)
			return
		}
		seen[i] = true
		if d.null() {
			continue
		}
		d.value(p.Fields[i].Plan, p.Fields[i].Make(v))
	}
}

func (d *scanner) list(p *shape.Plan, v reflect.Value) {
	n := 0
	for d.open('['); d.more(']'); n++ {
		if d.null() {
			d.fail("A list must not contain null.")
			return
		}
		v.Grow(1)
		v.SetLen(n + 1)
		d.value(p.Elem, v.Index(n))
	}
	if n == 0 && d.err == nil {
		v.Set(reflect.MakeSlice(p.Type, 0, 0))
	}
}

func (d *scanner) entries(p *shape.Plan, v reflect.Value) {
	v.Set(reflect.MakeMap(p.Type))
	plain, _ := v.Addr().Interface().(*map[string]string)
	seen := 0
	for d.open('{'); d.more('}'); {
		key := string(d.name())
		if d.null() {
			continue
		}
		if plain != nil && p.Elem.Kind == shape.String && d.peek() == '"' {
			(*plain)[key] = d.text()
		} else {
			item := reflect.New(p.Elem.Type).Elem()
			d.value(p.Elem, item)
			v.SetMapIndex(reflect.ValueOf(key), item)
		}
		if seen++; d.err == nil && v.Len() != seen {
			d.fail("A key appears twice.")
		}
	}
}

func (d *scanner) integer(p *shape.Plan, v reflect.Value) {
	kind := "Long"
	low, high := float64(math.MinInt64), float64(math.MaxInt64)
	if p.Int32 {
		kind, low, high = "Integer", math.MinInt32, math.MaxInt32
	}
	text, ok := d.number(kind)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		// The service truncates fractions; 1e2 is a hundred.
		f, ferr := strconv.ParseFloat(string(text), 64)
		if ferr != nil || f <= low-1 || f >= high+1 {
			d.fail("NUMBER_VALUE can not be converted to %s", article(kind))
			return
		}
		n = int64(f)
	}
	if float64(n) < low || float64(n) > high {
		d.fail("NUMBER_VALUE can not be converted to %s", article(kind))
		return
	}
	v.SetInt(n)
}

// maxSeconds is the last second of the year 9999.
const maxSeconds = 253402300799

func (d *scanner) timestamp(v reflect.Value) {
	if d.peek() == '"' {
		t, err := time.Parse(time.RFC3339Nano, d.text())
		if err != nil {
			d.fail("STRING_VALUE can not be converted to a Timestamp")
			return
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return
	}
	text, ok := d.number("Timestamp")
	if !ok {
		return
	}
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(seconds) > maxSeconds {
		d.fail("NUMBER_VALUE can not be converted to a Timestamp")
		return
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
}

func (d *scanner) blob(v reflect.Value) {
	if d.peek() != '"' {
		d.mismatch("Blob")
		return
	}
	text := d.bytes()
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(out, text)
	if err != nil {
		d.fail("STRING_VALUE can not be converted to a Blob")
		return
	}
	v.SetBytes(out[:n])
}
