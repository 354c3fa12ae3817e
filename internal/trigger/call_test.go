package trigger_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// TestNoDecision goes through everything that can happen to a call. Each row
// holds for every trigger.
func TestNoDecision(t *testing.T) {
	hang := func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	failing := func(err error) function {
		return func(context.Context, []byte) ([]byte, error) { return nil, err }
	}
	for _, c := range []struct {
		name      string
		function  function
		code      string
		message   string // %s is the trigger
		calls     int
		anyReply  bool // triggers whose reply nobody reads are content
		asksNoOne bool
	}{
		{
			name: "the function ends with an error", function: failing(&trigger.FunctionError{Message: "X"}),
			code: "UserLambdaValidationException", message: "%s failed with error X.", calls: 1,
		},
		{
			name: "an emulator returns the error in place of the event",
			function: func(context.Context, []byte) ([]byte, error) {
				return []byte(`{"errorMessage":"X","errorType":"Error"}`), nil
			},
			code: "UserLambdaValidationException", message: "%s failed with error X.", calls: 1,
		},
		{
			name:     "an error without a message",
			function: func(context.Context, []byte) ([]byte, error) { return []byte(`{"errorType":"Runtime.ExitError"}`), nil },
			code:     "UserLambdaValidationException", message: "%s failed with error Runtime.ExitError.", calls: 1,
		},
		{
			name: "no answer in time", function: hang,
			code: "UnexpectedLambdaException", message: "%s invocation failed due to error Socket timeout while invoking Lambda function.", calls: 3,
		},
		{
			name: "no answer at all", function: failing(errors.New("connection reset")),
			code: "UnexpectedLambdaException", message: "%s invocation failed due to error ServiceException.", calls: 3,
		},
		{
			name: "refused", function: failing(&trigger.Refused{Code: "AccessDeniedException"}),
			code: "UnexpectedLambdaException", message: "%s invocation failed due to error AccessDeniedException.", calls: 1,
		},
		{
			name: "refused for now", function: failing(&trigger.Refused{Code: "ServiceException", Again: true}),
			code: "UnexpectedLambdaException", message: "%s invocation failed due to error ServiceException.", calls: 3,
		},
		{
			name: "too large", function: func(context.Context, []byte) ([]byte, error) { return make([]byte, trigger.MaxReply+1), nil },
			code: "InvalidLambdaResponseException", message: unrecognizable, calls: 1,
		},
		{
			name: "nothing returned", function: func(context.Context, []byte) ([]byte, error) { return nil, nil },
			code: "InvalidLambdaResponseException", message: unrecognizable, calls: 1, anyReply: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, made := service(t, c.function)
				errs := every(t.Context(), s, about())
				for _, name := range names {
					if c.anyReply && strings.HasSuffix(name, "Sender") {
						if errs[name] != nil {
							t.Errorf("%s: %v", name, errs[name])
						}
						continue
					}
					want(t, errs[name], c.code, strings.ReplaceAll(c.message, "%s", name))
				}
				if got, most := made.count(), c.calls*len(names); got != most {
					t.Errorf("asked %d times, want %d", got, most)
				}
			})
		})
	}
}

func TestSecondAttemptMayDecide(t *testing.T) {
	var n int
	s, made := service(t, func(ctx context.Context, event []byte) ([]byte, error) {
		if n++; n < 3 {
			return nil, errors.New("connection reset")
		}
		return echo(ctx, event)
	})
	if err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}); err != nil {
		t.Error(err)
	}
	if made.count() != 3 {
		t.Errorf("asked %d times", made.count())
	}
}

func TestAttemptsTakeFiveSecondsEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s, _ := service(t, func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}); err == nil {
			t.Error("no error")
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestClientWhoLeavesIsNotAFailure(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	var log bytes.Buffer
	s, made := serviceOf(t, trigger.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(ctx context.Context, _ []byte) ([]byte, error) {
		leave()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if err := s.PreAuthentication(ctx, about(), trigger.PreAuthentication{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if made.count() != 1 || log.Len() > 0 {
		t.Errorf("asked %d times; log: %s", made.count(), &log)
	}
}

func TestWithoutAFunctionNothingIsAsked(t *testing.T) {
	s, made := service(t, echo)
	a := about()
	a.Pool = &userpool.Pool{Owner: a.Pool.Owner, ID: a.Pool.ID}
	for name, err := range every(t.Context(), s, a) {
		if strings.HasSuffix(name, "Challenge") || strings.HasSuffix(name, "ChallengeResponse") {
			want(t, err, "InvalidUserPoolConfigurationException", "Custom auth lambda trigger is not configured for the user pool.")
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if made.count() > 0 {
		t.Errorf("asked %d times", made.count())
	}
}

func TestWhatCannotBeCalledDenies(t *testing.T) {
	for name, change := range map[string]func(*userpool.Pool){
		"function of another account": func(p *userpool.Pool) { p.Account = "222222222222" },
		"not a function": func(p *userpool.Pool) {
			p.Description.LambdaConfig = &cognitoidp.LambdaConfigType{PreAuthentication: new("arn:aws:sns:eu-west-1:" + account + ":topic")}
		},
		"not an ARN": func(p *userpool.Pool) {
			p.Description.LambdaConfig = &cognitoidp.LambdaConfigType{PreAuthentication: new("PreAuthentication")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, made := service(t, echo)
			a := about()
			change(a.Pool)
			err := s.PreAuthentication(t.Context(), a, trigger.PreAuthentication{})
			want(t, err, "UnexpectedLambdaException", "PreAuthentication invocation failed due to configuration.")
			if made.count() > 0 {
				t.Error("it was called")
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		route string
		fits  bool
	}{
		{"arn:aws:lambda:eu-west-1:111111111111:function:PreAuthentication", true},
		{"PreAuthentication", true},
		{"arn:aws:lambda:*:111111111111:function:*", true},
		{"arn:*", true},
		{"arn:*:Pre*ion", true},
		{"preauthentication", false},
		{"PreAuth", false},
		{"arn:aws:lambda:eu-west-1:111111111111:function:Pre", false},
		{"arn:aws:lambda:eu-west-1:111111111111:function:PreAuthentication*PreAuthentication", false},
		{"arn:*:function:Post*", false},
	} {
		var asked bool
		routes := trigger.NewRoutes(trigger.Route{Name: c.route, Function: function(func(_ context.Context, event []byte) ([]byte, error) {
			asked = true
			return event, nil
		})})
		s := trigger.New(trigger.Config{Routes: routes, Senders: keys{}, Log: slog.New(slog.DiscardHandler)})
		err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{})
		if asked != c.fits || (err == nil) != c.fits {
			t.Errorf("%s: asked %t, %v; want %t", c.route, asked, err, c.fits)
		}
	}
}

func TestTheFirstRouteIsTaken(t *testing.T) {
	refuse := function(func(context.Context, []byte) ([]byte, error) { return nil, &trigger.FunctionError{Message: "second"} })
	versioned := about()
	versioned.Pool.Description.LambdaConfig.PreAuthentication = new(*arnOf(userpool.PreAuthentication) + ":live")
	s := trigger.New(trigger.Config{
		Routes:  trigger.NewRoutes(trigger.Route{Name: "PreAuthentication", Function: function(echo)}, trigger.Route{Name: "arn:*", Function: refuse}),
		Senders: keys{}, Log: slog.New(slog.DiscardHandler),
	})
	if err := s.PreAuthentication(t.Context(), versioned, trigger.PreAuthentication{}); err != nil {
		t.Error(err)
	}
	err := s.PostAuthentication(t.Context(), versioned, trigger.PostAuthentication{})
	want(t, err, "UserLambdaValidationException", "PostAuthentication failed with error second.")
}

func TestNeverInsideATransaction(t *testing.T) {
	s, made := serviceOf(t, trigger.Config{InTransaction: func(context.Context) bool { return true }}, echo)
	for name, err := range every(t.Context(), s, about()) {
		if _, visible := awsapi.AsError(err); err == nil || visible {
			t.Errorf("%s: %v", name, err)
		}
	}
	if made.count() > 0 {
		t.Error("a function was asked")
	}
}

// TestASlowFunctionHasItsShare fills the places of one function: its next
// call is turned away, another function's is not.
func TestASlowFunctionHasItsShare(t *testing.T) {
	const share = 64
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s, made := service(t, func(ctx context.Context, event []byte) ([]byte, error) {
			if bytes.Contains(event, []byte("PreAuthentication_")) {
				select {
				case <-release:
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			return event, nil
		})
		var waiting sync.WaitGroup
		for range share {
			waiting.Go(func() {
				_ = s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{})
			})
		}
		synctest.Wait()
		if made.count() != share {
			t.Fatalf("%d calls are under way", made.count())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.PreAuthentication(ctx, about(), trigger.PreAuthentication{}); err == nil {
			t.Error("a call above the share ended well")
		}
		if made.count() != share {
			t.Error("the function was asked above its share")
		}
		if err := s.PostAuthentication(t.Context(), about(), trigger.PostAuthentication{}); err != nil {
			t.Errorf("another function: %v", err)
		}
		close(release)
		waiting.Wait()
		if err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}); err != nil {
			t.Errorf("once there is room: %v", err)
		}
	})
}

// TestNoPlaceInTime fills a function with calls that do not end: the next one
// waits as long as an attempt takes, and is told so.
func TestNoPlaceInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s, _ := service(t, func(_ context.Context, event []byte) ([]byte, error) {
			<-release
			return event, nil
		})
		var stuck sync.WaitGroup
		for range 64 {
			stuck.Go(func() { _ = s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{}) })
		}
		synctest.Wait()
		err := s.PreAuthentication(t.Context(), about(), trigger.PreAuthentication{})
		want(t, err, "UnexpectedLambdaException", "PreAuthentication invocation failed due to error TooManyRequestsException.")
		close(release)
		stuck.Wait()
	})
}

func TestTheLogTellsWhyButNotWhat(t *testing.T) {
	const secret = "hunter2-secret"
	var log bytes.Buffer
	for _, f := range []function{
		func(context.Context, []byte) ([]byte, error) { return nil, &trigger.FunctionError{Message: secret} },
		func(context.Context, []byte) ([]byte, error) {
			return []byte(`{"response":{"` + `x` + `":"` + secret + `"}}`), nil
		},
		replying(`{"emailMessage":"` + secret + `"}`),
	} {
		s, _ := serviceOf(t, trigger.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, f)
		_, err := s.UserMigration(t.Context(), about(), trigger.UserMigration{Source: trigger.MigrationAuthentication, Password: new(secret)})
		if err == nil {
			t.Error("no error")
		}
		if _, err := s.CustomMessage(t.Context(), about(), trigger.CustomMessage{Occasion: trigger.ForSignUp}); err == nil {
			t.Error("no error")
		}
	}
	if strings.Contains(log.String(), secret) {
		t.Error(log.String())
	}
	for _, hint := range []string{"trigger=UserMigration", "source=UserMigration_Authentication", "pool=" + poolID, "function=" + *arnOf(userpool.UserMigration)} {
		if !strings.Contains(log.String(), hint) {
			t.Errorf("the log lacks %s:\n%s", hint, &log)
		}
	}
}
