package sample_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/trigger/sample"
)

// echo returns the events that it is asked with, decided where something has to
// be, and keeps their sources.
type echo struct{ sources []string }

func (e *echo) Invoke(_ context.Context, _ string, event []byte) ([]byte, error) {
	var in struct {
		Source  string                     `json:"triggerSource"`
		Request map[string]json.RawMessage `json:"request"`
	}
	if err := json.Unmarshal(event, &in); err != nil {
		return nil, err
	}
	if len(in.Request) == 0 {
		return nil, fmt.Errorf("%s asks nothing", in.Source)
	}
	e.sources = append(e.sources, in.Source)
	return bytes.Replace(event, []byte(`"issueTokens":null`), []byte(`"issueTokens":true`), 1), nil
}

type key struct{}

func (key) SenderKey(string, string) esdk.Key { return esdk.Key{Namespace: "test", Name: "sample"} }

// Every source of an event of a user pool.
const everySource = `
PreSignUp_SignUp PreSignUp_AdminCreateUser PreSignUp_ExternalProvider
PostConfirmation_ConfirmSignUp PostConfirmation_ConfirmForgotPassword
PreAuthentication_Authentication PostAuthentication_Authentication
DefineAuthChallenge_Authentication CreateAuthChallenge_Authentication VerifyAuthChallengeResponse_Authentication
TokenGeneration_HostedAuth TokenGeneration_Authentication TokenGeneration_NewPasswordChallenge TokenGeneration_AuthenticateDevice
TokenGeneration_RefreshTokens TokenGeneration_ClientCredentials
UserMigration_Authentication UserMigration_ForgotPassword
CustomMessage_SignUp CustomMessage_AdminCreateUser CustomMessage_ResendCode CustomMessage_ForgotPassword
CustomMessage_UpdateUserAttribute CustomMessage_VerifyUserAttribute CustomMessage_Authentication
CustomEmailSender_SignUp CustomEmailSender_AdminCreateUser CustomEmailSender_ResendCode CustomEmailSender_ForgotPassword
CustomEmailSender_UpdateUserAttribute CustomEmailSender_VerifyUserAttribute CustomEmailSender_Authentication
CustomEmailSender_AccountTakeOverNotification
CustomSMSSender_SignUp CustomSMSSender_AdminCreateUser CustomSMSSender_ResendCode CustomSMSSender_ForgotPassword
CustomSMSSender_UpdateUserAttribute CustomSMSSender_VerifyUserAttribute CustomSMSSender_Authentication
InboundFederation_ExternalProvider`

// Each source of each trigger is asked about, and under its own name.
func TestEverySource(t *testing.T) {
	arn, _ := awsapi.ParseARN("arn:aws:lambda:us-east-1:123456789012:function:sample")
	var seen []string
	for _, q := range sample.All() {
		for _, source := range q.Sources {
			function := new(echo)
			service := trigger.New(trigger.Config{
				Routes: trigger.NewRoutes(trigger.Route{Name: "arn:*", Function: function}), Senders: key{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			})
			if _, err := q.Ask(t.Context(), service, sample.About(arn, q.Name), source); err != nil {
				t.Errorf("%s, %s: %v", q.Name, source, err)
			}
			if !slices.Equal(function.sources, []string{source}) {
				t.Errorf("%s, %s: events are %v", q.Name, source, function.sources)
			}
			seen = append(seen, source)
		}
	}
	want := strings.Fields(everySource)
	slices.Sort(want)
	slices.Sort(seen)
	if seen = slices.Compact(seen); !slices.Equal(seen, want) {
		t.Errorf("sources %v\nwant %v", seen, want)
	}
}

func TestFindSource(t *testing.T) {
	q, err := sample.Find("usermigration")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"": "UserMigration_Authentication", "usermigration_forgotpassword": "UserMigration_ForgotPassword",
	} {
		if got, err := q.Source(name); err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", name, got, err, want)
		}
	}
	if _, err := q.Source("PreSignUp_SignUp"); err == nil {
		t.Error("a source of another trigger was found")
	}
	if _, err := sample.Find("PreSnooze"); err == nil {
		t.Error("a trigger that there is not was found")
	}
}
