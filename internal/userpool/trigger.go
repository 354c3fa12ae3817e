package userpool

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Trigger names a Lambda trigger as LambdaConfig and error messages do.
type Trigger string

// Triggers.
const (
	PreSignUp                   Trigger = "PreSignUp"
	PostConfirmation            Trigger = "PostConfirmation"
	PreAuthentication           Trigger = "PreAuthentication"
	PostAuthentication          Trigger = "PostAuthentication"
	DefineAuthChallenge         Trigger = "DefineAuthChallenge"
	CreateAuthChallenge         Trigger = "CreateAuthChallenge"
	VerifyAuthChallengeResponse Trigger = "VerifyAuthChallengeResponse"
	PreTokenGeneration          Trigger = "PreTokenGeneration"
	UserMigration               Trigger = "UserMigration"
	CustomMessage               Trigger = "CustomMessage"
	CustomSMSSender             Trigger = "CustomSMSSender"
	CustomEmailSender           Trigger = "CustomEmailSender"
	InboundFederation           Trigger = "InboundFederation"
)

// everyTrigger lists them all.
var everyTrigger = []Trigger{
	PreSignUp, PostConfirmation, PreAuthentication, PostAuthentication, DefineAuthChallenge, CreateAuthChallenge,
	VerifyAuthChallengeResponse, PreTokenGeneration, UserMigration, CustomMessage, CustomSMSSender, CustomEmailSender,
	InboundFederation,
}

// TriggerARN returns the function that the pool names for a trigger; empty if
// it names none.
func (p *Pool) TriggerARN(t Trigger) string { return functionOf(p.Description.LambdaConfig, t) }

func functionOf(c *cognitoidp.LambdaConfigType, t Trigger) string {
	if c == nil {
		return ""
	}
	var arn *string
	switch t {
	case PreSignUp:
		arn = c.PreSignUp
	case PostConfirmation:
		arn = c.PostConfirmation
	case PreAuthentication:
		arn = c.PreAuthentication
	case PostAuthentication:
		arn = c.PostAuthentication
	case DefineAuthChallenge:
		arn = c.DefineAuthChallenge
	case CreateAuthChallenge:
		arn = c.CreateAuthChallenge
	case VerifyAuthChallengeResponse:
		arn = c.VerifyAuthChallengeResponse
	case UserMigration:
		arn = c.UserMigration
	case CustomMessage:
		arn = c.CustomMessage
	case PreTokenGeneration:
		arn = c.PreTokenGeneration
		if arn == nil && c.PreTokenGenerationConfig != nil {
			arn = c.PreTokenGenerationConfig.LambdaArn
		}
	case CustomSMSSender:
		if c.CustomSMSSender != nil {
			arn = c.CustomSMSSender.LambdaArn
		}
	case CustomEmailSender:
		if c.CustomEmailSender != nil {
			arn = c.CustomEmailSender.LambdaArn
		}
	case InboundFederation:
		if c.InboundFederation != nil {
			arn = c.InboundFederation.LambdaArn
		}
	}
	return awsapi.Value(arn)
}
