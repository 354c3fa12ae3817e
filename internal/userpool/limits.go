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

// TriggerARN returns the function that the pool names for a trigger; empty if
// it names none.
func (p *Pool) TriggerARN(t Trigger) string {
	if p.Description.LambdaConfig == nil {
		return ""
	}
	return triggers(p.Description.LambdaConfig)[t]
}

// triggers lists the functions that a configuration names.
func triggers(c *cognitoidp.LambdaConfigType) map[Trigger]string {
	arns := map[Trigger]string{
		PreSignUp:                   awsapi.Value(c.PreSignUp),
		PostConfirmation:            awsapi.Value(c.PostConfirmation),
		PreAuthentication:           awsapi.Value(c.PreAuthentication),
		PostAuthentication:          awsapi.Value(c.PostAuthentication),
		DefineAuthChallenge:         awsapi.Value(c.DefineAuthChallenge),
		CreateAuthChallenge:         awsapi.Value(c.CreateAuthChallenge),
		VerifyAuthChallengeResponse: awsapi.Value(c.VerifyAuthChallengeResponse),
		PreTokenGeneration:          awsapi.Value(c.PreTokenGeneration),
		UserMigration:               awsapi.Value(c.UserMigration),
		CustomMessage:               awsapi.Value(c.CustomMessage),
	}
	if v := c.PreTokenGenerationConfig; v != nil {
		arns[PreTokenGeneration] = awsapi.Value(v.LambdaArn)
	}
	if v := c.CustomSMSSender; v != nil {
		arns[CustomSMSSender] = awsapi.Value(v.LambdaArn)
	}
	if v := c.CustomEmailSender; v != nil {
		arns[CustomEmailSender] = awsapi.Value(v.LambdaArn)
	}
	if v := c.InboundFederation; v != nil {
		arns[InboundFederation] = awsapi.Value(v.LambdaArn)
	}
	return arns
}

// CheckTriggers refuses to go on where the pool wants one of these functions
// asked and Cenote cannot ask it. A PreSignUp function may exist to keep
// people out: skipping it would let them in. The answer is the service's own
// for a function that cannot be invoked.
func (p *Pool) CheckTriggers(needed ...Trigger) error {
	for _, t := range needed {
		if p.TriggerARN(t) != "" {
			return cognitoidp.UnexpectedLambdaException("%s invocation failed due to configuration.", t)
		}
	}
	return nil
}

// CheckSignIn refuses sign-in to a pool that asks for more than Cenote can
// check yet: a second factor from everybody, or functions that may deny a
// sign-in or change its tokens. Where a second factor is optional nobody can
// have set one up, so nobody is let in past one.
//
// A UserMigration function is not looked at: on the service, too, a function
// that fails leaves the user unknown.
func (p *Pool) CheckSignIn() error {
	if p.MFA() == cognitoidp.UserPoolMfaTypeOn {
		return cognitoidp.InvalidUserPoolConfigurationException(
			"User pool %s requires multi-factor authentication, which this deployment cannot perform yet.", p.ID)
	}
	return p.CheckTriggers(PreAuthentication, PostAuthentication, PreTokenGeneration)
}
