// Package sdktest helps tests that call a server of theirs with AWS's Go SDK.
package sdktest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// Client is an HTTP client for SDK clients. It has read a reply whole before it
// returns it: the SDK closes a request's body as soon as a reply begins, and if
// that happens before the transport has seen the body's end, as it may with a
// server in the same process, the transport gives up the connection with the
// reply still on it.
type Client struct {
	Keep func(reply []byte) // gets the body of each reply; may be nil
}

// Do sends a request with http.DefaultClient.
func (c Client) Do(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if c.Keep != nil {
		c.Keep(body)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}
