package awsquery

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/shape"
)

// What replies call themselves.
const (
	XMLContentType  = "text/xml"
	JSONContentType = "application/json"
)

// faultNamespace is that of errors which no service has raised.
const faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"

// AppendOutput appends the XML reply of an operation. Operations without an
// output have no result element.
func AppendOutput(dst []byte, op *awsapi.Operation, out any, requestID string) []byte {
	dst = append(dst, '<')
	dst = append(dst, op.Name...)
	dst = append(dst, `Response xmlns="`...)
	dst = append(dst, op.Service.XMLNamespace...)
	dst = append(dst, `">`...)
	if op.Output != nil {
		dst = appendElement(dst, op.ResultWrapper, shape.Of(op.Service, op.Output), reflect.ValueOf(out).Elem())
	}
	dst = append(dst, "<ResponseMetadata><RequestId>"...)
	dst = appendText(dst, requestID)
	dst = append(dst, "</RequestId></ResponseMetadata></"...)
	dst = append(dst, op.Name...)
	return append(dst, "Response>"...)
}

func appendElement(dst []byte, name string, p *shape.Plan, v reflect.Value) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = appendContent(dst, p, v)
	return append(append(append(dst, "</"...), name...), '>')
}

func appendContent(dst []byte, p *shape.Plan, v reflect.Value) []byte {
	switch p.Kind {
	case shape.String:
		return appendText(dst, v.String())
	case shape.Integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case shape.Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case shape.Timestamp:
		t, _ := v.Addr().Interface().(*time.Time)
		return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
	case shape.Blob:
		return base64.StdEncoding.AppendEncode(dst, v.Bytes())
	case shape.List:
		for i := range v.Len() {
			dst = appendElement(dst, "member", p.Elem, v.Index(i))
		}
	case shape.Map:
		dst = appendEntries(dst, p, v)
	case shape.Structure:
		for i := range p.Fields {
			f := &p.Fields[i]
			if member, present := f.Get(v); present {
				dst = appendElement(dst, f.Name, f.Plan, member)
			}
		}
	}
	return dst
}

// appendEntries sorts the keys, so that equal values have equal texts.
func appendEntries(dst []byte, p *shape.Plan, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	item := reflect.New(p.Elem.Type).Elem()
	for _, key := range keys {
		dst = append(dst, "<entry><key>"...)
		dst = appendText(dst, key.String())
		dst = append(dst, "</key>"...)
		item.Set(v.MapIndex(key))
		dst = appendElement(dst, "value", p.Elem, item)
		dst = append(dst, "</entry>"...)
	}
	return dst
}

// appendText writes character data. What XML 1.0 cannot hold becomes U+FFFD.
func appendText(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		instead := ""
		switch {
		case r == '&':
			instead = "&amp;"
		case r == '<':
			instead = "&lt;"
		case r == '>':
			instead = "&gt;"
		case r == '"':
			instead = "&quot;"
		case r == '\'':
			instead = "&#39;"
		case r == '\r':
			instead = "&#xD;"
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\t' && r != '\n', r == '\ufffe', r == '\uffff':
			instead = "\ufffd"
		}
		if instead != "" {
			dst = append(append(dst, s[from:i]...), instead...)
			from = i + n
		}
		i += n
	}
	return append(dst, s[from:]...)
}

// AppendError appends the XML body of an error reply.
func AppendError(dst []byte, service *awsapi.Service, e *awsapi.Error, requestID string) []byte {
	namespace := service.XMLNamespace
	if e.Shape == awsapi.InvalidAction {
		namespace = faultNamespace
	}
	dst = append(dst, `<ErrorResponse xmlns="`...)
	dst = append(dst, namespace...)
	dst = append(dst, `"><Error><Type>`...)
	dst = append(dst, fault(e)...)
	dst = append(dst, "</Type><Code>"...)
	dst = appendText(dst, e.Shape.Code)
	dst = append(dst, "</Code><Message>"...)
	dst = appendText(dst, e.Message)
	dst = append(dst, "</Message></Error><RequestId>"...)
	dst = appendText(dst, requestID)
	return append(dst, "</RequestId></ErrorResponse>"...)
}

func fault(e *awsapi.Error) string {
	if e.Shape.Server {
		return "Receiver"
	}
	return "Sender"
}

// AppendOutputJSON appends the reply for a client that accepts
// application/json.
func AppendOutputJSON(dst []byte, op *awsapi.Operation, out any, requestID string) []byte {
	dst = append(append(append(dst, `{"`...), op.Name...), `Response":{`...)
	if op.Output != nil {
		dst = append(append(append(dst, '"'), op.ResultWrapper...), `":`...)
		dst = append(awsjson.AppendOutput(dst, op, out), ',')
	}
	dst = append(dst, `"ResponseMetadata":{"RequestId":`...)
	dst = awsjson.AppendString(dst, requestID)
	return append(dst, "}}}"...)
}

// AppendErrorJSON appends the body of an error reply for a client that accepts
// application/json.
func AppendErrorJSON(dst []byte, e *awsapi.Error, requestID string) []byte {
	dst = append(dst, `{"Error":{"Code":`...)
	dst = awsjson.AppendString(dst, e.Shape.Code)
	dst = append(dst, `,"Message":`...)
	dst = awsjson.AppendString(dst, e.Message)
	dst = append(dst, `,"Type":"`...)
	dst = append(append(dst, fault(e)...), `"},"RequestId":`...)
	dst = awsjson.AppendString(dst, requestID)
	return append(dst, '}')
}
