// Package outbound makes the HTTP calls to functions: POST to a URL that the
// operator has named, with no redirect, no proxy, no cookie, and a bounded
// reply. Its errors leave URLs out, because operators put keys into them.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
)

// Client calls functions. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a Client that trusts roots, or the system's if nil. It opens no
// connection.
func New(roots *x509.CertPool) *Client {
	return &Client{&http.Client{
		Transport: &http.Transport{
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    64,
			IdleConnTimeout:        90 * time.Second,
			ForceAttemptHTTP2:      true,
		},
		// The reply to the event is wanted, not what somebody else would say.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte // at most trigger.MaxReply bytes
}

// Post sends an event. prepare, unless nil, has the last word on the request:
// it signs.
func (c *Client) Post(ctx context.Context, to string, event []byte, prepare func(*http.Request) error) (*Reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(event))
	if err != nil {
		return nil, errors.New("not a URL to call")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "cenote")
	if prepare != nil {
		if err := prepare(r); err != nil {
			return nil, err
		}
	}
	res, err := c.http.Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, trigger.MaxReply+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read reply: %w", err)
	case len(body) > trigger.MaxReply:
		return nil, trigger.ErrReplyTooLarge
	}
	return &Reply{res.StatusCode, res.Header, body}, nil
}

var errorCode = regexp.MustCompile(`^[A-Za-z]{1,64}$`)

// Refusal says why a reply is not that of a function that was run.
func (r *Reply) Refusal() *trigger.Refused {
	refused := &trigger.Refused{
		Code: "ServiceException", Again: r.Status >= http.StatusInternalServerError, Cause: fmt.Errorf("HTTP status %d", r.Status),
	}
	code, _, _ := strings.Cut(r.Header.Get("X-Amzn-Errortype"), ":")
	switch {
	case errorCode.MatchString(code):
		refused.Code = code
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden:
		refused.Code = "AccessDeniedException"
	case r.Status == http.StatusNotFound:
		refused.Code = "ResourceNotFoundException"
	case r.Status == http.StatusTooManyRequests:
		refused.Code = "TooManyRequestsException"
	}
	return refused
}
