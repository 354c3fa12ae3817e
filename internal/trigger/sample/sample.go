// Package sample asks functions about a person who does not exist, so that
// somebody who writes a function sees what it gets and what becomes of what it
// returns.
package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Code is what the events of custom senders have, encrypted.
const Code = "123456"

// Question is one that can be asked. Ask returns what the function decided.
type Question struct {
	Name string // of the trigger; PreTokenGeneration has one for each version
	Ask  func(ctx context.Context, s *trigger.Service, a trigger.About) (decision any, err error)
}

// Find returns the question of a name, whatever its case.
func Find(name string) (Question, error) {
	for _, q := range questions {
		if strings.EqualFold(q.Name, name) {
			return q, nil
		}
	}
	return Question{}, fmt.Errorf("%s is not a trigger; it must be one of %s", name, strings.Join(Names(), ", "))
}

// Names lists all questions.
func Names() []string {
	var out []string
	for _, q := range questions {
		out = append(out, q.Name)
	}
	return out
}

// About is the sample person, in a pool that names one function for all
// triggers.
func About(function awsapi.ARN, question string) trigger.About {
	arn := new(function.String())
	c := &cognitoidp.LambdaConfigType{
		PreSignUp: arn, CustomMessage: arn, PostConfirmation: arn, PreAuthentication: arn, PostAuthentication: arn,
		DefineAuthChallenge: arn, CreateAuthChallenge: arn, VerifyAuthChallengeResponse: arn, PreTokenGeneration: arn, UserMigration: arn,
		CustomSMSSender:   &cognitoidp.CustomSMSLambdaVersionConfigType{LambdaArn: arn},
		CustomEmailSender: &cognitoidp.CustomEmailLambdaVersionConfigType{LambdaArn: arn},
		InboundFederation: &cognitoidp.InboundFederationLambdaType{LambdaArn: arn},
	}
	if v, versioned := strings.CutPrefix(question, preTokenPrefix); versioned {
		c.PreTokenGenerationConfig = &cognitoidp.PreTokenGenerationVersionConfigType{
			LambdaArn: arn, LambdaVersion: new(cognitoidp.PreTokenGenerationLambdaVersionType(v)),
		}
	}
	return trigger.About{
		Pool: &userpool.Pool{
			Owner: userpool.Owner{Account: function.Account, Region: function.Region}, ID: function.Region + "_SAMPLE000",
			Description: cognitoidp.UserPoolType{LambdaConfig: c},
		},
		Client: "1sample23sample45sample67s", Username: "sample",
	}
}

const preTokenPrefix = "PreTokenGeneration"

var (
	attributes = map[string]string{
		"sub": "5a3b1c00-0000-4000-8000-000000000000", "cognito:user_status": "CONFIRMED",
		"email": "sample@example.com", "email_verified": "true",
	}
	metadata = map[string]string{"sample": "true"}
	past     = []trigger.PastChallenge{{Name: string(cognitoidp.ChallengeNameTypeCustomChallenge), Metadata: new("SAMPLE")}}
	document = json.RawMessage(`{"sub":"248289761001","email":"sample@example.com"}`)
)

// yes is the decision of functions that only return.
type yes struct{}

var questions = []Question{
	{"PreSignUp", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.PreSignUp(ctx, a, trigger.PreSignUp{
			Source: trigger.PreSignUpSignUp, Attributes: map[string]string{"email": "sample@example.com"}, ValidationData: metadata, ClientMetadata: metadata,
		})
	}},
	{"PostConfirmation", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return yes{}, s.PostConfirmation(ctx, a, trigger.PostConfirmation{
			Source: trigger.PostConfirmationConfirmSignUp, Attributes: attributes, ClientMetadata: metadata,
		})
	}},
	{"PreAuthentication", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return yes{}, s.PreAuthentication(ctx, a, trigger.PreAuthentication{Attributes: attributes, ValidationData: metadata, NotFound: new(false)})
	}},
	{"PostAuthentication", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return yes{}, s.PostAuthentication(ctx, a, trigger.PostAuthentication{Attributes: attributes, ClientMetadata: metadata})
	}},
	{"DefineAuthChallenge", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.DefineAuthChallenge(ctx, a, trigger.DefineAuthChallenge{Attributes: attributes, Session: past, ClientMetadata: metadata})
	}},
	{"CreateAuthChallenge", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.CreateAuthChallenge(ctx, a, trigger.CreateAuthChallenge{
			Attributes: attributes, Challenge: past[0].Name, Session: past, ClientMetadata: metadata,
		})
	}},
	{"VerifyAuthChallengeResponse", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		correct, err := s.VerifyAuthChallengeResponse(ctx, a, trigger.VerifyAuthChallengeResponse{
			Attributes: attributes, Private: map[string]string{"answer": "sample"}, Answer: "sample", ClientMetadata: metadata,
		})
		return struct{ Correct bool }{correct}, err
	}},
	preToken("V1_0"), preToken("V2_0"), preToken("V3_0"),
	{"UserMigration", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.UserMigration(ctx, a, trigger.UserMigration{
			Source: trigger.MigrationAuthentication, Password: new("Sample-Password-1"), ValidationData: metadata,
		})
	}},
	{"CustomMessage", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.CustomMessage(ctx, a, trigger.CustomMessage{Occasion: trigger.ForSignUp, Attributes: attributes, ClientMetadata: metadata})
	}},
	{"CustomEmailSender", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		sent, err := s.CustomEmailSender(ctx, a, sending)
		return struct{ Sent bool }{sent}, err
	}},
	{"CustomSMSSender", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		sent, err := s.CustomSMSSender(ctx, a, sending)
		return struct{ Sent bool }{sent}, err
	}},
	{"InboundFederation", func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.InboundFederation(ctx, a, trigger.InboundFederation{Provider: "Sample", Type: "OIDC", IDToken: document, UserInfo: document})
	}},
}

var sending = trigger.Sending{Occasion: trigger.ForSignUp, Code: Code, Attributes: attributes, ClientMetadata: metadata}

func preToken(version string) Question {
	return Question{preTokenPrefix + version, func(ctx context.Context, s *trigger.Service, a trigger.About) (any, error) {
		return s.PreTokenGeneration(ctx, a, trigger.PreTokenGeneration{
			Source: trigger.TokensAuthentication, Attributes: attributes, ClientMetadata: metadata,
			Groups: trigger.Groups{Names: []string{"samples"}}, Scopes: []string{"aws.cognito.signin.user.admin"},
		})
	}}
}
