package awsjson

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// ContentType is what requests and replies call themselves.
const ContentType = "application/x-amz-json-1.1"

// AppendOutput appends the reply of an operation: nothing where the model has
// no output shape. Members that are nil are left out.
func AppendOutput(dst []byte, op *awsapi.Operation, out any) []byte {
	if op.Output == nil {
		return dst
	}
	return Append(dst, shape.Of(op.Service, op.Output), reflect.ValueOf(out).Elem())
}

// Append appends v, a value of the plan's type.
func Append(dst []byte, p *shape.Plan, v reflect.Value) []byte {
	switch p.Kind {
	case shape.String:
		return AppendString(dst, v.String())
	case shape.Integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case shape.Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case shape.Timestamp:
		t, _ := v.Addr().Interface().(*time.Time)
		return appendSeconds(dst, t.UnixMilli())
	case shape.Blob:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	case shape.Document:
		return appendDocument(dst, v.Bytes())
	case shape.List:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, p.Elem, v.Index(i))
		}
		return append(dst, ']')
	case shape.Map:
		return appendMap(dst, p, v)
	default:
		return appendStructure(dst, p, v)
	}
}

func appendStructure(dst []byte, p *shape.Plan, v reflect.Value) []byte {
	dst = append(dst, '{')
	first := true
	for i := range p.Fields {
		f := &p.Fields[i]
		member, present := f.Get(v)
		if !present {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.Quoted...)
		dst = Append(dst, f.Plan, member)
	}
	return append(dst, '}')
}

// appendMap sorts the keys, so that equal values have equal texts.
func appendMap(dst []byte, p *shape.Plan, v reflect.Value) []byte {
	dst = append(dst, '{')
	if plain, ok := v.Interface().(map[string]string); ok {
		for i, key := range slices.Sorted(maps.Keys(plain)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendString(dst, key), ':')
			dst = AppendString(dst, plain[key])
		}
		return append(dst, '}')
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	item := reflect.New(p.Elem.Type).Elem()
	for i, key := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, key.String()), ':')
		item.Set(v.MapIndex(key))
		dst = Append(dst, p.Elem, item)
	}
	return append(dst, '}')
}

// appendDocument writes free JSON as it was stored. Text that is not JSON
// would spoil the reply around it and is a mistake of the handler.
func appendDocument(dst []byte, doc json.RawMessage) []byte {
	if !json.Valid(doc) {
		return append(dst, "null"...)
	}
	return append(dst, doc...)
}

// appendSeconds writes milliseconds as seconds with as many decimals as they
// need.
func appendSeconds(dst []byte, ms int64) []byte {
	if ms < 0 {
		dst = append(dst, '-')
		ms = -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	if ms %= 1000; ms == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && plain8(s[i:i+8]) {
			i += 8
			continue
		}
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// plain8 reports whether the first eight bytes of s stand for themselves in a
// JSON string. It tests them at once: in each byte of a word the highest bit
// is set when the byte is a control character, a quote, a backslash or not
// ASCII. A borrow from a lower byte can only turn a yes into a no.
func plain8(s string) bool {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return (w|(w-' '*ones)|((w^'"'*ones)-ones)|((w^'\\'*ones)-ones))&high == 0
}
