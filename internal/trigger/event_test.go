package trigger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
)

var update = flag.Bool("update", false, "rewrite testdata/events.txtar")

// sample asks for one event of the archives in testdata.
type sample struct {
	name string // of the event in the archives
	ask  func(ctx context.Context, s *trigger.Service, a trigger.About) error
}

var metadata = map[string]string{"k": "v"}

// documented are the events that testdata/service.txtar has.
var documented = []sample{
	{"PreSignUp_SignUp", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.PreSignUp(ctx, a, trigger.PreSignUp{Source: trigger.PreSignUpSignUp, Attributes: map[string]string{"email": "a@example.com"}})
		return err
	}},
	{"PostConfirmation_ConfirmSignUp", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		return s.PostConfirmation(ctx, a, trigger.PostConfirmation{Source: trigger.PostConfirmationConfirmSignUp, Attributes: attributes()})
	}},
	{"PreAuthentication_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		return s.PreAuthentication(ctx, a, trigger.PreAuthentication{Attributes: attributes()})
	}},
	{"PostAuthentication_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		return s.PostAuthentication(ctx, a, trigger.PostAuthentication{Attributes: attributes()})
	}},
	{"DefineAuthChallenge_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.DefineAuthChallenge(ctx, a, trigger.DefineAuthChallenge{
			Attributes: attributes(), Session: []trigger.PastChallenge{{Name: "SRP_A", Result: true}},
		})
		return err
	}},
	{"CreateAuthChallenge_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.CreateAuthChallenge(ctx, a, trigger.CreateAuthChallenge{Attributes: attributes(), Challenge: "CUSTOM_CHALLENGE"})
		return err
	}},
	{"VerifyAuthChallengeResponse_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.VerifyAuthChallengeResponse(ctx, a, trigger.VerifyAuthChallengeResponse{
			Attributes: attributes(), Private: map[string]string{"answer": "1"}, Answer: "1",
		})
		return err
	}},
	{"TokenGeneration_Authentication V1", preToken("")},
	{"TokenGeneration_Authentication V2", preToken(cognitoidp.PreTokenGenerationLambdaVersionTypeV20)},
	{"TokenGeneration_ClientCredentials V3", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		a.Pool, a.Username = versioned(cognitoidp.PreTokenGenerationLambdaVersionTypeV30), trigger.ClientCredentials
		_, err := s.PreTokenGeneration(ctx, a, trigger.PreTokenGeneration{
			Source: trigger.TokensClientCredentials, Scopes: []string{"api/read"}, ClientMetadata: metadata,
		})
		return err
	}},
	{"UserMigration_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.UserMigration(ctx, a, trigger.UserMigration{Source: trigger.MigrationAuthentication, Password: new("P@ssw0rd!")})
		return err
	}},
	{"CustomMessage_SignUp", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.CustomMessage(ctx, a, trigger.CustomMessage{Occasion: trigger.ForSignUp, Attributes: attributes()})
		return err
	}},
	{"CustomEmailSender_SignUp", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.CustomEmailSender(ctx, a, trigger.Sending{Occasion: trigger.ForSignUp, Code: "123456", Attributes: attributes()})
		return err
	}},
	{"InboundFederation_ExternalProvider", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		none := json.RawMessage("{}")
		_, err := s.InboundFederation(ctx, a, trigger.InboundFederation{
			Provider: "Okta", Type: "OIDC", TokenResponse: none, IDToken: none, UserInfo: none,
		})
		return err
	}},
}

func preToken(version cognitoidp.PreTokenGenerationLambdaVersionType) func(context.Context, *trigger.Service, trigger.About) error {
	return func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		if version != "" {
			a.Pool = versioned(version)
		}
		_, err := s.PreTokenGeneration(ctx, a, trigger.PreTokenGeneration{
			Source: trigger.TokensAuthentication, Attributes: attributes(), Scopes: []string{"aws.cognito.signin.user.admin"},
		})
		return err
	}
}

// further are events with the members that documented ones leave out.
var further = []sample{
	{"PreSignUp_AdminCreateUser", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		a.Client = ""
		_, err := s.PreSignUp(ctx, a, trigger.PreSignUp{
			Source: trigger.PreSignUpAdminCreateUser, ValidationData: map[string]string{}, ClientMetadata: metadata,
		})
		return err
	}},
	{"PreAuthentication_Authentication of nobody", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		return s.PreAuthentication(ctx, a, trigger.PreAuthentication{ValidationData: metadata, NotFound: new(true)})
	}},
	{"DefineAuthChallenge_Authentication of somebody", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.DefineAuthChallenge(ctx, a, trigger.DefineAuthChallenge{
			Attributes: attributes(), ClientMetadata: metadata, NotFound: new(false),
			Session: []trigger.PastChallenge{{Name: "CUSTOM_CHALLENGE", Metadata: new("CAPTCHA <1> & \"2\"")}},
		})
		return err
	}},
	{"TokenGeneration_RefreshTokens V1", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.PreTokenGeneration(ctx, a, trigger.PreTokenGeneration{
			Source: trigger.TokensRefresh, Attributes: attributes(),
			Groups: trigger.Groups{Names: []string{"admins"}, Roles: []string{"arn:aws:iam::111111111111:role/a"}, Preferred: "arn:aws:iam::111111111111:role/a"},
		})
		return err
	}},
	{"UserMigration_ForgotPassword", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.UserMigration(ctx, a, trigger.UserMigration{Source: trigger.MigrationForgotPassword, ClientMetadata: metadata})
		return err
	}},
	{"CustomMessage_AdminCreateUser", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.CustomMessage(ctx, a, trigger.CustomMessage{Occasion: trigger.ForAdminCreateUser, Attributes: attributes()})
		return err
	}},
	{"CustomSMSSender_Authentication", func(ctx context.Context, s *trigger.Service, a trigger.About) error {
		_, err := s.CustomSMSSender(ctx, a, trigger.Sending{Occasion: trigger.ForAuthentication, ClientMetadata: metadata})
		return err
	}},
}

// eventOf returns the event that a sample sends. The code, which no two
// events share, is replaced.
func eventOf(t *testing.T, x sample) []byte {
	t.Helper()
	s, made := service(t, func(_ context.Context, event []byte) ([]byte, error) {
		return replying(minimal(event))(t.Context(), event)
	})
	if err := x.ask(t.Context(), s, about()); err != nil {
		t.Fatal(err)
	}
	var e struct{ Request struct{ Code *string } }
	if err := json.Unmarshal(made.event, &e); err != nil {
		t.Fatal(err)
	}
	if e.Request.Code != nil {
		return bytes.Replace(made.event, []byte(*e.Request.Code), []byte("CODE"), 1)
	}
	return made.event
}

// minimal is a response that every trigger takes.
func minimal(event []byte) string {
	if bytes.Contains(event, []byte("DefineAuthChallenge_")) {
		return `{"failAuthentication":true}`
	}
	return `{}`
}

// TestEventsAreTheServices compares what functions get, whatever the order of
// members, with events of the service.
func TestEventsAreTheServices(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/service.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) != len(documented) {
		t.Errorf("%d events in the archive, %d samples", len(archive.Files), len(documented))
	}
	wanted := map[string][]byte{}
	for _, f := range archive.Files {
		wanted[f.Name] = f.Data
	}
	for _, x := range documented {
		t.Run(x.name, func(t *testing.T) {
			var got, want any
			if err := json.Unmarshal(eventOf(t, x), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(wanted[x.name], &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEventsStayAsTheyAre compares them byte for byte with what they were.
func TestEventsStayAsTheyAre(t *testing.T) {
	const golden = "testdata/events.txtar"
	var got txtar.Archive
	for _, x := range append(documented[:len(documented):len(documented)], further...) {
		got.Files = append(got.Files, txtar.File{Name: x.name, Data: append(eventOf(t, x), '\n')})
	}
	if *update {
		if err := os.WriteFile(golden, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
		t.Errorf("events have changed; look at it, then run go test ./internal/trigger -update\n%s", diff)
	}
}

func TestCallerContextNamesTheSDK(t *testing.T) {
	for agent, want := range map[string]string{
		"aws-sdk-go-v2/1.47.7 ua/2.1 os/linux lang/go#1.26": "aws-sdk-go-v2-1.47.7",
		"aws-sdk-js/3.490.0 os/macOS":                       "aws-sdk-js-3.490.0",
		"Boto3/1.28 md/Botocore#1.31":                       "aws-sdk-unknown-unknown",
		"":                                                  "aws-sdk-unknown-unknown",
		"aws-sdk-js":                                        "aws-sdk-unknown-unknown",
		"aws-sdk-js/\"}":                                    "aws-sdk-unknown-unknown",
	} {
		s, made := service(t, echo)
		ctx := awsapi.WithRequest(t.Context(), &awsapi.Request{UserAgent: agent})
		if err := s.PreAuthentication(ctx, about(), trigger.PreAuthentication{}); err != nil {
			t.Fatal(err)
		}
		var e struct {
			CallerContext struct{ AwsSdkVersion, ClientId string }
		}
		if err := json.Unmarshal(made.event, &e); err != nil {
			t.Fatal(err)
		}
		if e.CallerContext.AwsSdkVersion != want || e.CallerContext.ClientId != clientID {
			t.Errorf("%q: %+v, want %s", agent, e.CallerContext, want)
		}
	}
}
