package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// request is a whole HTTP/1.1 request, made before the clock starts.
type request []byte

// conn is one keep-alive connection that carries one call at a time. It knows
// only what Cenote's own replies need: a status line, Content-Length and a
// body.
type conn struct {
	net.Conn
	buf []byte
}

const (
	// replyTimeout is longer than the server keeps anybody waiting.
	replyTimeout = 30 * time.Second
	maxReply     = 1 << 20
)

func dial(ctx context.Context, address string) (*conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, buf: make([]byte, 16<<10)}, nil
}

var (
	headEnd       = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

var errReply = errors.New("not an HTTP/1.1 reply with a length")

// do sends a request and returns the reply. The body is good until the next
// call.
func (c *conn) do(r request) (status int, body []byte, err error) {
	if _, err := c.Write(r); err != nil {
		return 0, nil, err
	}
	n, head := 0, -1
	for head < 0 {
		if n == len(c.buf) && !c.grow() {
			return 0, nil, errReply
		}
		m, err := c.Read(c.buf[n:])
		if err != nil {
			return 0, nil, err
		}
		// The mark may lie across two reads.
		from := max(0, n-len(headEnd))
		n += m
		if i := bytes.Index(c.buf[from:n], headEnd); i >= 0 {
			head = from + i + len(headEnd)
		}
	}
	status, length, err := parseHead(c.buf[:head])
	if err != nil {
		return 0, nil, err
	}
	for n < head+length {
		if n == len(c.buf) && !c.grow() {
			return 0, nil, errReply
		}
		m, err := c.Read(c.buf[n:])
		if err != nil {
			return 0, nil, err
		}
		n += m
	}
	return status, c.buf[head : head+length], nil
}

func (c *conn) grow() bool {
	if len(c.buf) >= maxReply {
		return false
	}
	c.buf = append(c.buf, make([]byte, len(c.buf))...)
	return true
}

// parseHead reads the status and the length of the body.
func parseHead(head []byte) (status, length int, err error) {
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) || len(head) < len("HTTP/1.1 200") {
		return 0, 0, errReply
	}
	status, err1 := strconv.Atoi(string(head[9:12]))
	_, rest, found := bytes.Cut(head, contentLength)
	text, _, _ := bytes.Cut(rest, []byte("\r\n"))
	length, err2 := strconv.Atoi(string(text))
	if err1 != nil || err2 != nil || !found {
		return 0, 0, errReply
	}
	return status, length, nil
}

// callError is a reply that is not the expected one.
type callError struct {
	status int
	body   string
}

func (e *callError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.body) }

// expect sends a request and returns the body of a good reply: status 200, and
// want somewhere in it.
func (c *conn) expect(r request, want []byte) ([]byte, error) {
	status, body, err := c.do(r)
	if err != nil {
		return nil, err
	}
	if status != 200 || !bytes.Contains(body, want) {
		return nil, &callError{status, string(body[:min(len(body), 300)])}
	}
	return body, nil
}
