package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsjson"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

// internalText is all that a client learns of an unexpected failure.
const internalText = "The service failed to answer this request."

// denialHeader carries, on every denial, what STS's DecodeAuthorizationMessage
// takes. AWS puts it into the sentence, for EC2 and few others; none of the
// four services here has it there, and clients compare their sentences.
const denialHeader = "x-cenote-authorization-message"

// codes of the log line that are no error of any API.
const (
	codeOK   = "OK"
	codeGone = "ClientGone"
)

// reply encodes the outcome, writes it at once, and logs and counts it.
func (c *call) reply(w http.ResponseWriter, out any, err error) {
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	status, code := http.StatusOK, codeOK
	var failure *awsapi.Error
	if err != nil {
		failure = c.visible(err)
		code = failure.Shape.Name
		if c.r.Context().Err() != nil && errors.Is(err, context.Canceled) {
			code = codeGone
		}
		*buf, status = c.appendError((*buf)[:0], failure)
	} else {
		*buf = c.appendOutput((*buf)[:0], out)
	}
	h := w.Header()
	c.k.common(h, c.req.ID)
	h["Content-Type"] = c.contentType()
	h["Content-Length"] = []string{strconv.Itoa(len(*buf))}
	if failure != nil {
		if c.json {
			h["x-amzn-ErrorType"] = []string{failure.Shape.Name + ":"}
			h["x-amzn-ErrorMessage"] = []string{headerText(failure.Message)}
		}
		if c.req.Denial != "" && failure.Shape == awsapi.AccessDenied {
			h[denialHeader] = []string{c.req.Denial}
		}
		if failure.Shape == awsapi.RequestTooLarge {
			h.Set("Connection", "close")
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(*buf) // the client is gone, and nobody is left to tell
	c.finish(code, status, err)
}

// visible is what the client may see of an error.
func (c *call) visible(err error) *awsapi.Error {
	if e, ok := awsapi.AsError(err); ok {
		return e
	}
	shape := awsapi.InternalFailure
	if c.service != nil {
		shape = c.service.Internal
	}
	if c.k.cfg.Strict {
		return shape.New("%s", err)
	}
	return shape.New(internalText)
}

func (c *call) appendOutput(dst []byte, out any) []byte {
	switch {
	case c.json:
		return awsjson.AppendOutput(dst, c.route.Operation, out)
	case c.wantsJSON():
		return awsquery.AppendOutputJSON(dst, c.route.Operation, out, c.req.ID)
	default:
		return awsquery.AppendOutput(dst, c.route.Operation, out, c.req.ID)
	}
}

func (c *call) appendError(dst []byte, e *awsapi.Error) (body []byte, status int) {
	switch {
	case c.json:
		return awsjson.AppendError(dst, e), awsjson.Status(e)
	case c.wantsJSON():
		return awsquery.AppendErrorJSON(dst, e, c.req.ID), e.Shape.Status
	default:
		service := c.service
		if service == nil {
			service = sts.Service
		}
		return awsquery.AppendError(dst, service, e, c.req.ID), e.Shape.Status
	}
}

func (c *call) wantsJSON() bool {
	return strings.Contains(c.r.Header.Get("Accept"), awsquery.JSONContentType)
}

// Header values that never change; net/http only reads them.
var (
	amzJSON1   = []string{awsjson.ContentType}
	xml1       = []string{awsquery.XMLContentType}
	json1      = []string{awsquery.JSONContentType}
	plainText1 = []string{"text/plain; charset=utf-8"}
)

func (c *call) contentType() []string {
	switch {
	case c.json:
		return amzJSON1
	case c.wantsJSON():
		return json1
	default:
		return xml1
	}
}

// headerText makes a message fit for a header: printable ASCII, and short
// enough for every client's limit.
func headerText(s string) string {
	const most = 1024
	s = s[:min(len(s), most)]
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// finish logs and counts the call. The line holds no name, no token and
// nothing else that a client wrote; the private cause of an unexpected failure
// is added where it happened.
func (c *call) finish(code string, status int, err error) {
	took := c.k.cfg.Now().Sub(c.start)
	op, level := "-", slog.LevelInfo
	if c.route != nil {
		op = c.route.Action()
	}
	attrs := make([]slog.Attr, 0, 8)
	if status == http.StatusInternalServerError && code != codeGone {
		level = slog.LevelError
		attrs = append(attrs, slog.String("err", cause(err)))
	}
	attrs = append(attrs,
		slog.String("op", op),
		slog.String("code", code),
		slog.Duration("dur", took),
		slog.String("req", c.req.ID),
		slog.String("ip", c.req.SourceIP.String()),
		slog.String("account", c.req.Caller.Account),
		slog.String("region", c.req.Region),
	)
	c.k.cfg.Log.LogAttrs(c.r.Context(), level, "call", attrs...)
	if c.k.cfg.Metrics != nil {
		var operation *awsapi.Operation
		if c.route != nil {
			operation = c.route.Operation
		}
		c.k.cfg.Metrics.Observe(operation, code, took)
	}
}

// cause is the text of an unexpected failure, with the private cause of an
// error that a handler made visible on purpose.
func cause(err error) string {
	if e, ok := awsapi.AsError(err); ok && e.Unwrap() != nil {
		return err.Error() + ": " + e.Unwrap().Error()
	}
	return err.Error()
}

// noCall answers a request that calls no API: somebody's browser, or a client
// with a wrong endpoint.
func (k *Kernel) noCall(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		k.plain(w, http.StatusOK, "Cenote answers the AWS APIs of Cognito, STS and IAM here. Point an AWS client at this URL.")
		return
	}
	k.plain(w, http.StatusNotFound, "Nothing here. AWS API calls name their operation in X-Amz-Target, or in Action and Version.")
}

func (k *Kernel) plain(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	k.common(h, k.cfg.NewID())
	h["Content-Type"] = plainText1
	h["Content-Length"] = []string{strconv.Itoa(len(text) + 1)}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
