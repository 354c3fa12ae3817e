// Package sample asks functions about a person who does not exist, so that
// somebody who writes a function sees what it gets and what becomes of what it
// returns.
package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Code is what the events of custom senders have, encrypted.
const Code = "123456"

// Question is one that can be asked.
type Question struct {
	Name    string   // of the trigger; PreTokenGeneration has one for each version
	Sources []string // that the trigger has, the most usual one first
	// Ask returns what the function decided. The source is one of Sources.
	Ask func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (decision any, err error)
}

// Source returns the source of a name, whatever its case; the empty name is
// that of the most usual one.
func (q Question) Source(name string) (string, error) {
	if name == "" {
		return q.Sources[0], nil
	}
	for _, s := range q.Sources {
		if strings.EqualFold(s, name) {
			return s, nil
		}
	}
	return "", fmt.Errorf("%s has no source %s; it must be one of %s", q.Name, name, strings.Join(q.Sources, ", "))
}

// Find returns the question of a name, whatever its case.
func Find(name string) (Question, error) {
	for _, q := range questions {
		if strings.EqualFold(q.Name, name) {
			return q, nil
		}
	}
	return Question{}, fmt.Errorf("%s is not a trigger; it must be one of %s", name, strings.Join(names(), ", "))
}

// All returns all questions.
func All() []Question { return slices.Clone(questions) }

func names() []string {
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

// challenge is the source of a trigger that has one only.
func challenge(name string) []string { return []string{name + "_Authentication"} }

// occasions are the sources of a trigger that is asked about messages.
func occasions(name string, all ...trigger.Occasion) []string {
	var out []string
	for _, o := range all {
		out = append(out, name+"_"+string(o))
	}
	return out
}

// occasion is what a source of occasions was made of.
func occasion(source string) trigger.Occasion {
	_, o, _ := strings.Cut(source, "_")
	return trigger.Occasion(o)
}

// messages are the occasions on which people are written to.
var messages = []trigger.Occasion{
	trigger.ForSignUp, trigger.ForAdminCreateUser, trigger.ForResendCode, trigger.ForForgotPassword,
	trigger.ForUpdateUserAttribute, trigger.ForVerifyUserAttribute, trigger.ForAuthentication,
}

var questions = []Question{
	{
		"PreSignUp",
		[]string{string(trigger.PreSignUpSignUp), string(trigger.PreSignUpAdminCreateUser), string(trigger.PreSignUpExternalProvider)},
		func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
			return s.PreSignUp(ctx, a, trigger.PreSignUp{
				Source: trigger.PreSignUpSource(source), Attributes: map[string]string{"email": "sample@example.com"}, ValidationData: metadata, ClientMetadata: metadata,
			})
		},
	},
	{
		"PostConfirmation",
		[]string{string(trigger.PostConfirmationConfirmSignUp), string(trigger.PostConfirmationConfirmForgotPassword)},
		func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
			return yes{}, s.PostConfirmation(ctx, a, trigger.PostConfirmation{
				Source: trigger.PostConfirmationSource(source), Attributes: attributes, ClientMetadata: metadata,
			})
		},
	},
	{"PreAuthentication", challenge("PreAuthentication"), func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
		return yes{}, s.PreAuthentication(ctx, a, trigger.PreAuthentication{Attributes: attributes, ValidationData: metadata, NotFound: new(false)})
	}},
	{"PostAuthentication", challenge("PostAuthentication"), func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
		return yes{}, s.PostAuthentication(ctx, a, trigger.PostAuthentication{Attributes: attributes, ClientMetadata: metadata})
	}},
	{"DefineAuthChallenge", challenge("DefineAuthChallenge"), func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
		return s.DefineAuthChallenge(ctx, a, trigger.DefineAuthChallenge{Attributes: attributes, Session: past, ClientMetadata: metadata})
	}},
	{"CreateAuthChallenge", challenge("CreateAuthChallenge"), func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
		return s.CreateAuthChallenge(ctx, a, trigger.CreateAuthChallenge{
			Attributes: attributes, Challenge: past[0].Name, Session: past, ClientMetadata: metadata,
		})
	}},
	{
		"VerifyAuthChallengeResponse", challenge("VerifyAuthChallengeResponse"),
		func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
			correct, err := s.VerifyAuthChallengeResponse(ctx, a, trigger.VerifyAuthChallengeResponse{
				Attributes: attributes, Private: map[string]string{"answer": "sample"}, Answer: "sample", ClientMetadata: metadata,
			})
			return struct{ Correct bool }{correct}, err
		},
	},
	preToken("V1_0"), preToken("V2_0"), preToken("V3_0", trigger.TokensClientCredentials),
	{
		"UserMigration",
		[]string{string(trigger.MigrationAuthentication), string(trigger.MigrationForgotPassword)},
		func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
			in := trigger.UserMigration{Source: trigger.UserMigrationSource(source), ValidationData: metadata}
			if in.Source == trigger.MigrationAuthentication {
				in.Password = new("Sample-Password-1")
			}
			return s.UserMigration(ctx, a, in)
		},
	},
	{"CustomMessage", occasions("CustomMessage", messages...), func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
		return s.CustomMessage(ctx, a, trigger.CustomMessage{Occasion: occasion(source), Attributes: attributes, ClientMetadata: metadata})
	}},
	{
		"CustomEmailSender", occasions("CustomEmailSender", append(messages[:len(messages):len(messages)], trigger.ForAccountTakeOver)...),
		func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
			sent, err := s.CustomEmailSender(ctx, a, sending(source))
			return struct{ Sent bool }{sent}, err
		},
	},
	{"CustomSMSSender", occasions("CustomSMSSender", messages...), func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
		sent, err := s.CustomSMSSender(ctx, a, sending(source))
		return struct{ Sent bool }{sent}, err
	}},
	{
		"InboundFederation",
		[]string{"InboundFederation_ExternalProvider"},
		func(ctx context.Context, s *trigger.Service, a trigger.About, _ string) (any, error) {
			return s.InboundFederation(ctx, a, trigger.InboundFederation{Provider: "Sample", Type: "OIDC", IDToken: document, UserInfo: document})
		},
	},
}

func sending(source string) trigger.Sending {
	in := trigger.Sending{Occasion: occasion(source), Code: Code, Attributes: attributes, ClientMetadata: metadata}
	if in.Occasion == trigger.ForAccountTakeOver {
		in.Code = "" // a notice has none
	}
	return in
}

// preToken is asked about sign-ins of people and, in some versions, of more.
func preToken(version string, more ...trigger.TokenSource) Question {
	var sources []string
	for _, s := range append([]trigger.TokenSource{
		trigger.TokensAuthentication, trigger.TokensHostedAuth, trigger.TokensNewPasswordChallenge, trigger.TokensAuthenticateDevice, trigger.TokensRefresh,
	}, more...) {
		sources = append(sources, string(s))
	}
	return Question{preTokenPrefix + version, sources, func(ctx context.Context, s *trigger.Service, a trigger.About, source string) (any, error) {
		in := trigger.PreTokenGeneration{
			Source: trigger.TokenSource(source), Attributes: attributes, ClientMetadata: metadata,
			Groups: trigger.Groups{Names: []string{"samples"}}, Scopes: []string{"aws.cognito.signin.user.admin"},
		}
		if in.Source == trigger.TokensClientCredentials { // a client is no user
			a.Username, in.Attributes, in.Groups, in.Scopes = trigger.ClientCredentials, nil, trigger.Groups{}, []string{"samples/read"}
		}
		return s.PreTokenGeneration(ctx, a, in)
	}}
}
