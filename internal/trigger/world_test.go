package trigger_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/userpool"
)

const account, poolID, clientID = "111111111111", "eu-west-1_AbCdEfGhI", "1a2b3c4d5e6f7g8h9i0j1k2l3m"

// arnOf is the function that the pools of tests name for a trigger.
func arnOf(t userpool.Trigger) *string {
	return new("arn:aws:lambda:eu-west-1:" + account + ":function:" + string(t))
}

// pool names a function for every trigger.
func pool() *userpool.Pool {
	return &userpool.Pool{
		Owner: userpool.Owner{Account: account, Region: "eu-west-1"}, ID: poolID,
		Description: cognitoidp.UserPoolType{LambdaConfig: &cognitoidp.LambdaConfigType{
			PreSignUp: arnOf(userpool.PreSignUp), CustomMessage: arnOf(userpool.CustomMessage),
			PostConfirmation: arnOf(userpool.PostConfirmation), PreAuthentication: arnOf(userpool.PreAuthentication),
			PostAuthentication: arnOf(userpool.PostAuthentication), DefineAuthChallenge: arnOf(userpool.DefineAuthChallenge),
			CreateAuthChallenge: arnOf(userpool.CreateAuthChallenge), VerifyAuthChallengeResponse: arnOf(userpool.VerifyAuthChallengeResponse),
			PreTokenGeneration: arnOf(userpool.PreTokenGeneration), UserMigration: arnOf(userpool.UserMigration),
			CustomSMSSender:   &cognitoidp.CustomSMSLambdaVersionConfigType{LambdaArn: arnOf(userpool.CustomSMSSender)},
			CustomEmailSender: &cognitoidp.CustomEmailLambdaVersionConfigType{LambdaArn: arnOf(userpool.CustomEmailSender)},
			KMSKeyID:          new(kmsKey),
			InboundFederation: &cognitoidp.InboundFederationLambdaType{LambdaArn: arnOf(userpool.InboundFederation)},
		}},
	}
}

// versioned is pool with functions of that version for PreTokenGeneration.
func versioned(v cognitoidp.PreTokenGenerationLambdaVersionType) *userpool.Pool {
	p := pool()
	p.Description.LambdaConfig.PreTokenGenerationConfig = &cognitoidp.PreTokenGenerationVersionConfigType{
		LambdaVersion: &v, LambdaArn: arnOf(userpool.PreTokenGeneration),
	}
	return p
}

func about() trigger.About {
	return trigger.About{Pool: pool(), Client: clientID, Username: "alice"}
}

func attributes() map[string]string {
	return map[string]string{
		"sub": "34c84488-0000-70ae-d2ee-991ad1a898c8", "email_verified": "true", "cognito:user_status": "CONFIRMED", "email": "a@example.com",
	}
}

const kmsKey = "arn:aws:kms:eu-west-1:111111111111:key/x"

// keys gives every account and KMS key a wrapping key of its own.
type keys struct{}

func (keys) SenderKey(account, arn string) esdk.Key {
	k := esdk.Key{Namespace: "cenote", Name: arn}
	copy(k.Secret[:], account)
	return k
}

// function is a function in this process.
type function func(ctx context.Context, event []byte) ([]byte, error)

func (f function) Invoke(ctx context.Context, _ string, event []byte) ([]byte, error) {
	return f(ctx, event)
}

// calls counts how often a function was asked, and keeps the last event.
type calls struct {
	mu    sync.Mutex
	n     int
	event []byte
}

func (c *calls) note(event []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n, c.event = c.n+1, event
}

func (c *calls) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// service has f behind every ARN.
func service(t *testing.T, f function) (*trigger.Service, *calls) {
	return serviceOf(t, trigger.Config{}, f)
}

func serviceOf(t *testing.T, c trigger.Config, f function) (*trigger.Service, *calls) {
	made := &calls{}
	c.Routes = trigger.NewRoutes(trigger.Route{Name: "arn:*", Function: function(func(ctx context.Context, event []byte) ([]byte, error) {
		made.note(event)
		return f(ctx, event)
	})})
	c.Senders = keys{}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	return trigger.New(c), made
}

// echo returns the event as it is.
func echo(_ context.Context, event []byte) ([]byte, error) { return event, nil }

// replying returns the event with that response.
func replying(response string) function {
	return func(_ context.Context, event []byte) ([]byte, error) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(event, &members); err != nil {
			return nil, err
		}
		members["response"] = json.RawMessage(response)
		return json.Marshal(members)
	}
}

// want fails the test unless err is that error of the API.
func want(t *testing.T, err error, code, message string) {
	t.Helper()
	got, ok := awsapi.AsError(err)
	if !ok {
		t.Errorf("error is %v, want %s: %s", err, code, message)
		return
	}
	if got.Shape.Name != code || got.Message != message {
		t.Errorf("error is %s: %s\nwant %s: %s", got.Shape.Name, got.Message, code, message)
	}
}

const unrecognizable = "Unrecognizable lambda output"

// every asks each trigger once, and returns the errors by name.
func every(ctx context.Context, s *trigger.Service, a trigger.About) map[string]error {
	password := "P@ssw0rd!"
	_, preSignUp := s.PreSignUp(ctx, a, trigger.PreSignUp{Source: trigger.PreSignUpSignUp})
	_, define := s.DefineAuthChallenge(ctx, a, trigger.DefineAuthChallenge{})
	_, create := s.CreateAuthChallenge(ctx, a, trigger.CreateAuthChallenge{Challenge: "CUSTOM_CHALLENGE"})
	_, verify := s.VerifyAuthChallengeResponse(ctx, a, trigger.VerifyAuthChallengeResponse{Answer: "1"})
	_, preToken := s.PreTokenGeneration(ctx, a, trigger.PreTokenGeneration{Source: trigger.TokensAuthentication})
	_, migration := s.UserMigration(ctx, a, trigger.UserMigration{Source: trigger.MigrationAuthentication, Password: &password})
	_, words := s.CustomMessage(ctx, a, trigger.CustomMessage{Occasion: trigger.ForSignUp})
	_, email := s.CustomEmailSender(ctx, a, trigger.Sending{Occasion: trigger.ForSignUp, Code: "123456"})
	_, sms := s.CustomSMSSender(ctx, a, trigger.Sending{Occasion: trigger.ForSignUp, Code: "123456"})
	_, inbound := s.InboundFederation(ctx, a, trigger.InboundFederation{Provider: "Okta", Type: "OIDC"})
	return map[string]error{
		"PreSignUp":           preSignUp,
		"PostConfirmation":    s.PostConfirmation(ctx, a, trigger.PostConfirmation{Source: trigger.PostConfirmationConfirmSignUp}),
		"PreAuthentication":   s.PreAuthentication(ctx, a, trigger.PreAuthentication{}),
		"PostAuthentication":  s.PostAuthentication(ctx, a, trigger.PostAuthentication{}),
		"DefineAuthChallenge": define, "CreateAuthChallenge": create, "VerifyAuthChallengeResponse": verify,
		"PreTokenGeneration": preToken, "UserMigration": migration, "CustomMessage": words,
		"CustomEmailSender": email, "CustomSMSSender": sms, "InboundFederation": inbound,
	}
}

// names lists the triggers that every asks.
var names = strings.Fields("PreSignUp PostConfirmation PreAuthentication PostAuthentication DefineAuthChallenge CreateAuthChallenge " +
	"VerifyAuthChallengeResponse PreTokenGeneration UserMigration CustomMessage CustomEmailSender CustomSMSSender InboundFederation")
