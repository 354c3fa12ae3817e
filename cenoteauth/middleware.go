package cenoteauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Refusal is why a request does not go on.
type Refusal struct {
	Status int     // HTTP status
	Answer *Answer // Cenote's; nil if there is none
	Cause  error   // for the log, not for the client; nil if the answer says it all
	Error          // for the client
}

// Require returns a handler that lets requests through to next which are
// signed by somebody who may do what access says. The caller is in
// [CallerFrom]. access sees the request before anything of it is proven.
func (a *Authorizer) Require(access func(*http.Request) Access, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, refusal := a.check(w, r, access)
		if refusal != nil {
			a.cfg.Refuse(w, r, refusal)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, answer.Caller)))
	})
}

// check reads the body of a request, asks about it and puts the body back.
func (a *Authorizer) check(w http.ResponseWriter, r *http.Request, access func(*http.Request) Access) (*Answer, *Refusal) {
	if len(a.cfg.Hosts) > 0 && !slices.ContainsFunc(a.cfg.Hosts, func(h string) bool { return strings.EqualFold(h, r.Host) }) {
		return nil, &Refusal{Status: http.StatusMisdirectedRequest, Error: Error{"MisdirectedRequestException", "This service does not answer to that name."}}
	}
	if !looksSigned(r) {
		return nil, &Refusal{Status: http.StatusForbidden, Error: Error{"MissingAuthenticationTokenException", "Missing Authentication Token"}}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.cfg.MaxBody))
	if err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return nil, &Refusal{
				Status: http.StatusRequestEntityTooLarge, Cause: err,
				Error: Error{"RequestEntityTooLargeException", "The request body exceeds " + strconv.FormatInt(a.cfg.MaxBody, 10) + " bytes."},
			}
		}
		return nil, &Refusal{Status: http.StatusBadRequest, Cause: err, Error: Error{"SerializationException", "The request body could not be read."}}
	}
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := a.Ask(r.Context(), a.Question(r, sha256.Sum256(body), access(r)))
	switch {
	case err != nil:
		return nil, &Refusal{
			Status: http.StatusServiceUnavailable, Cause: err,
			Error: Error{"ServiceUnavailableException", "Permissions cannot be checked at the moment."},
		}
	case answer.Error != nil:
		return nil, &Refusal{Status: http.StatusForbidden, Answer: answer, Error: *answer.Error}
	case !answer.Allowed():
		return nil, &Refusal{Status: http.StatusForbidden, Answer: answer, Error: Error{"AccessDeniedException", answer.Message}}
	}
	return answer, nil
}

// looksSigned spares Cenote the requests that do not even try.
func looksSigned(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || r.URL.Query().Has("X-Amz-Signature")
}

// Question makes the question about a request whose body has that SHA-256.
// The service must have computed the hash from what it received: one that the
// client states proves nothing. [Authorizer.Require] does all of this.
func (a *Authorizer) Question(r *http.Request, body [sha256.Size]byte, access Access) *Question {
	addr, secure := a.cfg.Source(r)
	q := &Question{
		Access: access,
		Request: Signed{
			Service: a.cfg.Service, Method: r.Method, Target: r.RequestURI, Host: r.Host, Headers: signedHeaders(r),
			PayloadHash: hex.EncodeToString(body[:]), MaxPresign: int(a.cfg.MaxPresign / time.Second), Secure: secure,
		},
	}
	if a.cfg.S3Signing {
		q.Request.Signing = SigningS3
	}
	if addr.IsValid() {
		q.Request.SourceIP = addr.String()
	}
	if q.Request.Target == "" { // a request that came over no wire
		q.Request.Target = r.URL.RequestURI()
	}
	return q
}

// carriers are headers that are sent on whether they are signed or not: those
// that a signature is made of, and those that conditions can be about.
var carriers = []string{
	"Authorization", "X-Amz-Date", "Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Target", "X-Amz-Region-Set",
	"User-Agent", "Referer",
}

// signedHeaders picks the headers that the signature is about. Others, such as
// cookies, are not for Cenote to see.
func signedHeaders(r *http.Request) map[string][]string {
	list := r.URL.Query().Get("X-Amz-SignedHeaders")
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders="); ok {
		list, _, _ = strings.Cut(rest, ",")
	}
	headers := map[string][]string{}
	names := slices.Concat(carriers, strings.SplitN(strings.TrimSpace(list), ";", MaxHeaders))
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		if values := r.Header[name]; values != nil && len(headers) < MaxHeaders {
			headers[name] = values
		}
	}
	if r.ContentLength >= 0 { // which the server takes out of the headers
		headers["Content-Length"] = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	return headers
}

// connection is where a request comes from if there is no proxy.
func connection(r *http.Request) (netip.Addr, bool) {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // none is not valid, which says enough
	return peer.Addr().Unmap().WithZone(""), r.TLS != nil
}

// refuse answers as AWS's JSON services do, which SDKs understand.
func refuse(w http.ResponseWriter, _ *http.Request, why *Refusal) {
	body, _ := json.Marshal(struct { // two strings always marshal
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{why.Code, why.Message})
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Amzn-ErrorType", why.Code)
	if why.Answer != nil {
		h.Set("X-Amzn-RequestId", why.Answer.RequestID)
		if m := why.Answer.EncodedMessage; m != "" {
			h.Set("X-Cenote-Authorization-Message", m)
		}
	}
	w.WriteHeader(why.Status)
	_, _ = w.Write(append(body, '\n')) // the client is gone, and nobody is left to tell
}

type callerKey struct{}

// CallerFrom returns who signed the request that ctx belongs to; nil outside
// of handlers behind [Authorizer.Require].
func CallerFrom(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}
