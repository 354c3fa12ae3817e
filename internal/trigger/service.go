package trigger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Figures of calls (Amazon Cognito developer guide, "Lambda triggers").
const (
	Timeout  = 5 * time.Second // of one attempt
	attempts = 3               // where there is no answer
	// MaxReply is how many bytes a function may return.
	MaxReply = 256 << 10
)

// Function is something that can be called under an ARN. Invoke is safe for
// concurrent use, ends when ctx does, and fails with
//
//   - a *FunctionError if the function ended with an error (one that stands in
//     the reply is found here, see ReplyError),
//   - a *Refused if it was not run,
//   - ErrReplyTooLarge if it returned more than MaxReply bytes,
//   - any other error if there was no answer; then it may be called again.
//
// Its errors hold nothing of event and reply but what a FunctionError says.
type Function interface {
	Invoke(ctx context.Context, arn string, event []byte) (reply []byte, err error)
}

// Config is what a Service works with. Routes, Senders and Log are required.
type Config struct {
	Routes  *Routes
	Senders SenderKeys
	Log     *slog.Logger
	// InTransaction reports whether ctx belongs to a transaction of the store.
	// nil means that there is no store.
	InTransaction func(ctx context.Context) bool
	// Timeout of one attempt; the service's own five seconds if zero.
	Timeout time.Duration
}

// Service asks functions. It is safe for concurrent use. A nil Service has no
// function to ask: to a pool that names one it is as one that cannot be called.
type Service struct {
	routes        *Routes
	senders       SenderKeys
	log           *slog.Logger
	inTransaction func(context.Context) bool
	timeout       time.Duration
	gate          gate
}

// New returns a Service.
func New(c Config) *Service {
	s := &Service{routes: c.Routes, senders: c.Senders, log: c.Log, inTransaction: c.InTransaction, timeout: c.Timeout}
	if s.inTransaction == nil {
		s.inTransaction = func(context.Context) bool { return false }
	}
	if s.timeout == 0 {
		s.timeout = Timeout
	}
	return s
}

// Names reports whether the pool names a function for t.
func Names(p *userpool.Pool, t userpool.Trigger) bool { return p.TriggerARN(t) != "" }

// call asks the function of a trigger and takes its reply apart. The response
// is nil if the pool names no function.
func (s *Service) call(ctx context.Context, t userpool.Trigger, about About, e event) (*fields, error) {
	if !Names(about.Pool, t) {
		return nil, nil
	}
	reply, err := s.run(ctx, t, about, e)
	if err != nil {
		return nil, err
	}
	response, err := readReply(reply, e)
	if err != nil {
		s.note(ctx, t, about, e.Source, err)
	}
	return response, err
}

// run asks the function of a trigger, which the pool names.
func (s *Service) run(ctx context.Context, t userpool.Trigger, about About, e event) ([]byte, error) {
	if s == nil {
		return nil, notConfigured(t)
	}
	if s.inTransaction(ctx) {
		return nil, fmt.Errorf("%s: %w", t, errInTransaction)
	}
	reply, err := s.ask(ctx, t, about.Pool.Account, about.Pool.TriggerARN(t), e)
	switch {
	case err == nil:
		return reply, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // the client is gone, nothing failed
	}
	err = told(t, err)
	s.note(ctx, t, about, e.Source, err)
	return nil, err
}

// checked ends the reading of a response.
func (s *Service) checked(ctx context.Context, t userpool.Trigger, about About, source string, response *fields) error {
	err := response.done()
	if err != nil {
		s.note(ctx, t, about, source, err)
	}
	return err
}

// note tells the operator why a function did not decide.
func (s *Service) note(ctx context.Context, t userpool.Trigger, about About, source string, err error) {
	s.log.WarnContext(ctx, "trigger", "trigger", string(t), "source", source, "pool", about.Pool.ID,
		"function", about.Pool.TriggerARN(t), "err", cause(err))
}

// Refuse is for replies that were in order, and decide what cannot be done. It
// tells the operator why, and returns what the client is told.
func (s *Service) Refuse(ctx context.Context, t userpool.Trigger, about About, why error) error {
	err := errUnrecognizable.WithCause(why)
	s.note(ctx, t, about, "", err)
	return err
}

// cause is what the log says of a failure: not the function's own words.
func cause(err error) error {
	if e, ok := awsapi.AsError(err); ok && errors.Unwrap(e) != nil {
		return errors.Unwrap(e)
	}
	return err
}

func (s *Service) ask(ctx context.Context, t userpool.Trigger, account, arn string, e event) ([]byte, error) {
	f, err := s.routes.find(account, arn)
	if err != nil {
		return nil, notConfigured(t).WithCause(err)
	}
	body, err := encode(e)
	if err != nil {
		return nil, err
	}
	var reply []byte
	for n := range attempts {
		if reply, err = s.attempt(ctx, f, arn, body); err == nil {
			return reply, nil
		}
		if n == attempts-1 || ctx.Err() != nil || !again(err) {
			break
		}
	}
	return nil, err
}

func (s *Service) attempt(ctx context.Context, f Function, arn string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	leave, err := s.gate.enter(ctx, arn)
	if err != nil {
		return nil, err
	}
	defer leave()
	reply, err := f.Invoke(ctx, arn, body)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	switch {
	case err != nil:
		return nil, err
	case len(reply) > MaxReply:
		return nil, ErrReplyTooLarge
	}
	return reply, ReplyError(reply)
}

// again reports whether an attempt that failed may be repeated: not where the
// function has answered, or was refused for good.
func again(err error) bool {
	if _, ended := errors.AsType[*FunctionError](err); ended || errors.Is(err, ErrReplyTooLarge) {
		return false
	}
	if refused, ok := errors.AsType[*Refused](err); ok {
		return refused.Again
	}
	return true
}

// encode writes an event as the service does, without escapes for HTML.
func encode(e event) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
