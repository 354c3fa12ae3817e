package authorize

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/cenoteauth"
	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sigv4"
	"github.com/cenote-id/cenote/internal/ratelimit"
)

// Authenticator proves who signed a request.
type Authenticator interface {
	// VerifyHashed checks the signature of r over a body of that SHA-256.
	VerifyHashed(ctx context.Context, r *http.Request, body [sha256.Size]byte, svc *awsapi.Service, region string) (sigv4.Result, error)
}

// Authorizer decides with IAM policies about the caller in
// awsapi.RequestFrom; *account.Authorizer is one.
type Authorizer interface {
	Authorize(ctx context.Context, questions []awsapi.Access) error
	Decide(ctx context.Context, q account.Inquiry) (account.Verdict, error)
}

// Config says what a Door works with. Authenticator, Authorizer, Log, Now and
// NewID are required.
type Config struct {
	Authenticator  Authenticator
	Authorizer     Authorizer
	Log            *slog.Logger
	Now            func() time.Time
	NewID          func() string // request ids
	TrustedProxies []netip.Prefix
	ByAddress      *ratelimit.Limiter[netip.Addr] // nil: no limit
	Metrics        api.Metrics                    // nil: not counted
}

// Door answers questions.
type Door struct{ cfg Config }

// New returns a Door.
func New(c Config) *Door { return &Door{c} }

// clockSkew is how far a signing time may be off, for questions as for the
// requests that they are about: what most of AWS's services allow.
const clockSkew = 5 * time.Minute

// Service and operation that questions are signed for, counted and logged as.
var (
	service = &awsapi.Service{Name: cenoteauth.SigningName, Protocol: awsapi.JSON, MaxSkew: clockSkew}
	asking  = &awsapi.Operation{Service: service, Name: "Authorize", Auth: awsapi.Signed}
)

// Mount adds the endpoint to a mux.
func (d *Door) Mount(mux *http.ServeMux) { mux.Handle("POST "+cenoteauth.Path, d) }

// ServeHTTP answers one question.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := d.cfg.Now()
	addr, secure := api.Source(r, d.cfg.TrustedProxies)
	req := &awsapi.Request{
		ID: d.cfg.NewID(), Time: start.UTC(), Operation: asking, Caller: awsapi.Caller{Kind: awsapi.Anonymous},
		SourceIP: addr, Secure: secure,
	}
	answer, err := d.answer(r, req)
	status, code := http.StatusOK, "OK"
	if err != nil {
		answer, status = &cenoteauth.Answer{}, http.StatusInternalServerError
		failure, visible := awsapi.AsError(err)
		if visible {
			status = failure.Shape.Status
		} else {
			failure = awsapi.InternalFailure.New("The service failed to answer this request.")
		}
		code = failure.Shape.Name
		answer.Error = &cenoteauth.Error{Code: code, Message: failure.Message}
	}
	answer.RequestID = req.ID
	body, _ := json.Marshal(answer) // strings, times and lists of them always marshal
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Amzn-RequestId", req.ID)
	h.Set("Date", d.cfg.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever asked is gone, and nobody is left to tell
	d.finish(r.Context(), req, code, err)
}

// answer runs a question through its checks: the bounds, the outer signature
// over the raw bytes, the form, the permission, the inner signature, the
// decision.
func (d *Door) answer(r *http.Request, req *awsapi.Request) (*cenoteauth.Answer, error) {
	if !d.cfg.ByAddress.Allow(api.LimitKey(req.SourceIP)) {
		return nil, throttled.New("Rate exceeded")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, cenoteauth.MaxQuestion))
	if err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return nil, awsapi.RequestTooLarge.New("The question exceeds %d bytes.", cenoteauth.MaxQuestion)
		}
		return nil, awsapi.Serialization.New("The question could not be read.").WithCause(err)
	}
	who, err := d.cfg.Authenticator.VerifyHashed(r.Context(), r, sha256.Sum256(body), service, "")
	if err != nil {
		return nil, err
	}
	req.Caller, req.Region, req.Owner = who.Caller, who.Region, who.Caller.Account
	q, err := read(body, req.Owner)
	if err != nil {
		return nil, err
	}
	ctx := awsapi.WithRequest(r.Context(), req)
	if err := d.cfg.Authorizer.Authorize(ctx, []awsapi.Access{permission(q)}); err != nil {
		return nil, err
	}
	return d.decide(r.Context(), req, q)
}

// throttled is answered with a status that says so; on the four APIs it is 400.
var throttled = &awsapi.ErrorShape{Name: awsapi.Throttling.Name, Code: awsapi.Throttling.Code, Status: http.StatusTooManyRequests}

// permission is what whoever asks must be allowed: to ask about that resource.
func permission(q *question) awsapi.Access {
	a := awsapi.Access{
		Action: cenoteauth.Permission, Resource: "*",
		Context: map[string][]string{"cenote:Service": {q.service.Name}},
	}
	if q.Action != "" {
		a.Resource = q.Resource
		a.Context["cenote:Action"] = []string{q.Action}
	}
	return a
}

// decide proves the inner signature and asks IAM about its maker.
func (d *Door) decide(ctx context.Context, asker *awsapi.Request, q *question) (*cenoteauth.Answer, error) {
	who, err := d.cfg.Authenticator.VerifyHashed(ctx, q.request, q.payload, q.service, "")
	if err != nil {
		failure, visible := awsapi.AsError(err)
		if !visible {
			return nil, err
		}
		return &cenoteauth.Answer{Error: &cenoteauth.Error{Code: failure.Shape.Name, Message: failure.Message}}, nil
	}
	answer := &cenoteauth.Answer{Caller: describe(&who)}
	if q.Action == "" {
		return answer, nil
	}
	inner := &awsapi.Request{
		ID: asker.ID, Time: asker.Time, Operation: asking, Region: who.Region, Caller: who.Caller,
		SourceIP: q.sourceIP, Secure: q.Request.Secure,
		UserAgent: q.request.UserAgent(), Referer: q.request.Referer(),
		Owner: asker.Owner, Resource: q.Resource,
	}
	verdict, err := d.cfg.Authorizer.Decide(awsapi.WithRequest(ctx, inner), account.Inquiry{
		Access: awsapi.Access{Action: q.Action, Resource: q.Resource, Context: q.Context},
		Owner:  asker.Owner, Policy: q.policy,
	})
	if err != nil {
		return nil, err
	}
	answer.Decision, answer.Reason, answer.Message = decisions[verdict.Outcome], verdict.Reason, verdict.Message
	answer.EncodedMessage = inner.Denial
	return answer, nil
}

// finish logs and counts a question. The line tells nothing of the request
// that it was about.
func (d *Door) finish(ctx context.Context, req *awsapi.Request, code string, err error) {
	took := d.cfg.Now().Sub(req.Time)
	level := slog.LevelInfo
	attrs := make([]slog.Attr, 0, 8)
	if err != nil {
		if _, visible := awsapi.AsError(err); !visible {
			level = slog.LevelError
			attrs = append(attrs, slog.String("err", err.Error()))
		}
	}
	attrs = append(attrs,
		slog.String("op", asking.Action()), slog.String("code", code), slog.Duration("dur", took), slog.String("req", req.ID),
		slog.String("ip", req.SourceIP.String()), slog.String("account", req.Caller.Account), slog.String("region", req.Region),
	)
	d.cfg.Log.LogAttrs(ctx, level, "call", attrs...)
	if d.cfg.Metrics != nil {
		d.cfg.Metrics.Observe(asking, code, took)
	}
}
