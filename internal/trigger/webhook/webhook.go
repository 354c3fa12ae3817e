// Package webhook calls functions that are plain HTTP servers: the event is
// the body of a POST, the event with its response filled in is the body of the
// reply, with status 200. A reply with another status and a body of
//
//	{"errorMessage": "…"}
//
// is the function's own error, and its message is told to the client. Any
// other reply means that the function could not be asked.
//
// # Signature
//
// Where the operator has set a secret every request carries
//
//	Cenote-Signature: t=1795341600,v1=641070fae36d8838ce63a6239fae5f78df623879420f6d9179e632998102690c
//
// t is the time in seconds since 1970, v1 the hexadecimal HMAC-SHA-256, under
// the secret, of the text of t, a full stop and the body. A server must compute
// it over the bytes that it received, compare in constant time, and refuse
// times that are more than a few minutes away: [Verify] does all three.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/outbound"
)

// Header is where the signature is.
const Header = "Cenote-Signature"

// Config says how a Server is called. URL, Client and Now are required.
type Config struct {
	URL    string
	Client *outbound.Client
	Now    func() time.Time
	Secret []byte // nil for no signature
}

// Server is a function. It is safe for concurrent use.
type Server struct{ Config }

var _ trigger.Function = (*Server)(nil)

// New returns a Server.
func New(c Config) *Server { return &Server{c} }

// Invoke implements trigger.Function.
func (s *Server) Invoke(ctx context.Context, _ string, event []byte) ([]byte, error) {
	reply, err := s.Client.Post(ctx, s.URL, event, func(r *http.Request) error {
		if s.Secret != nil {
			r.Header.Set(Header, Sign(s.Secret, s.Now(), event))
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case reply.Status == http.StatusOK:
		return reply.Body, nil
	}
	if own := trigger.ReplyError(reply.Body); own != nil {
		return nil, own
	}
	return nil, reply.Refusal()
}

// Sign returns the value of Header for a body.
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(sum(secret, t, body))
}

func sum(secret []byte, t string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Verify reports whether a value of Header is the signature of body and not
// older or newer than tolerance.
func Verify(secret []byte, header string, body []byte, now time.Time, tolerance time.Duration) bool {
	t, v1, found := strings.Cut(header, ",")
	t, isTime := strings.CutPrefix(t, "t=")
	v1, isSum := strings.CutPrefix(v1, "v1=")
	given, err := hex.DecodeString(v1)
	if !found || !isTime || !isSum || err != nil || !hmac.Equal(given, sum(secret, t, body)) {
		return false
	}
	seconds, err := strconv.ParseInt(t, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= tolerance
}
