package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

const (
	// firstRead is how much room a body gets before anything of it is seen;
	// nearly all fit.
	firstRead = 4 << 10
	// maxPooled bounds what an idle buffer holds on to. Longer bodies need a
	// place: connections are many, and each may bring its body as slowly as it
	// likes.
	maxPooled = 64 << 10
	// longAtOnce bounds how many bodies beyond maxPooled are in memory, and
	// largeAtOnce how many beyond the usual limit.
	longAtOnce  = 128
	largeAtOnce = 4
	// placeWait is how long a body waits for its place.
	placeWait = 10 * time.Second
)

var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, firstRead)) }}

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

var errTooLarge = errors.New("body exceeds its limit")

// fill appends what r holds to buf, up to limit bytes in all.
func fill(buf []byte, r io.Reader, limit int64) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(len(buf), firstRead))
		}
		n, err := r.Read(buf[len(buf):min(int64(cap(buf)), limit+1)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return buf, errTooLarge
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, awsapi.Serialization.New("The request body could not be read.").WithCause(err)
		}
	}
}

// readBody reads the body into buf. The usual limit grows for the few
// operations that need more; such an operation is told by the header or, for
// AWS Query, by the part of the body that fits the usual limit. done gives
// back whatever place the body took.
func (k *Kernel) readBody(r *http.Request, buf []byte, op *route) (read []byte, done func(), err error) {
	done = func() {}
	if op == nil || op.MaxBody <= k.cfg.MaxBody {
		if r.ContentLength > k.cfg.MaxBody && isJSON(r) {
			return buf, done, tooLarge(k.cfg.MaxBody)
		}
		if read, err = fill(buf, r.Body, min(maxPooled, k.cfg.MaxBody)); err != errTooLarge {
			return read, done, err
		}
		if done, err = k.enter(r.Context(), k.long); err != nil {
			return read, done, err
		}
		if read, err = fill(read, r.Body, k.cfg.MaxBody); err != errTooLarge {
			return read, done, err
		}
		if op = k.peekAction(r, read); op == nil || op.MaxBody <= k.cfg.MaxBody {
			return read, done, tooLarge(k.cfg.MaxBody)
		}
		done()
		buf = read
	}
	if r.ContentLength > op.MaxBody {
		return buf, func() {}, tooLarge(op.MaxBody)
	}
	done, err = k.enter(r.Context(), k.large)
	if err != nil {
		return buf, done, err
	}
	read, err = fill(buf, r.Body, op.MaxBody)
	if err == errTooLarge {
		err = tooLarge(op.MaxBody)
	}
	return read, done, err
}

// enter waits for one of the places.
func (k *Kernel) enter(ctx context.Context, places chan struct{}) (leave func(), err error) {
	wait := time.NewTimer(placeWait)
	defer wait.Stop()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-wait.C:
		return func() {}, errNoPlace
	case <-ctx.Done():
		return func() {}, ctx.Err()
	}
}

// errNoPlace becomes a request to slow down.
var errNoPlace = errors.New("too many long bodies at once")

// peekAction finds the operation in the beginning of a form.
func (k *Kernel) peekAction(r *http.Request, prefix []byte) *route {
	if isJSON(r) {
		return nil
	}
	var action, version string
	for pair := range strings.SplitSeq(string(prefix[:min(len(prefix), firstRead)]), "&") {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "Action":
			action = value
		case "Version":
			version = value
		}
	}
	if version != "" {
		return k.routes.actions[version][action]
	}
	// Some clients sort their parameters, which puts Version behind a long
	// document; no two services share the name of a large operation.
	for _, byName := range k.routes.actions {
		if r := byName[action]; r != nil && r.MaxBody > 0 {
			return r
		}
	}
	return nil
}

func tooLarge(limit int64) error {
	return awsapi.RequestTooLarge.New("The request body exceeds %d bytes.", limit)
}
