package identitypool

import (
	"encoding/json"
	"strings"
)

// GuestLimits bound what guests can do in the enhanced flow, whatever their
// role allows: a session gets the role's permissions that one of these allows
// too. Operators add the prefixes of services of their own.
type GuestLimits struct {
	Actions    []string // allowed on every resource by an inline session policy
	PolicyARNs []string // managed session policies
}

// guestActions are the service's own (developer guide, "Services that
// unauthenticated users can access").
const guestActions = `
	cloudwatch:* logs:* dynamodb:* kinesis:* mobileanalytics:* s3:* ses:* sns:* sqs:* lambda:* machinelearning:* execute-api:*
	iot:* gamelift:* cognito-identity:* cognito-idp:* lex:* polly:* comprehend:* translate:* transcribe:* rekognition:*
	mobiletargeting:* firehose:* appsync:* personalize:* sagemaker:InvokeEndpoint cognito-sync:* codewhisperer:*
	textract:DetectDocumentText textract:AnalyzeDocument sdb:*`

// DefaultGuestLimits are those of the service.
func DefaultGuestLimits() *GuestLimits {
	return &GuestLimits{
		Actions:    strings.Fields(guestActions),
		PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy"},
	}
}

// maxGuestPolicies bounds the session policies of guests, ARNs included, in
// bytes: STS takes no longer ones.
const maxGuestPolicies = 2048

// Allow adds actions of services that AWS does not know. It reports whether
// the session policies still fit.
func (g *GuestLimits) Allow(actions ...string) bool {
	g.Actions = append(g.Actions, actions...)
	length := len(g.policy())
	for _, arn := range g.PolicyARNs {
		length += len(arn)
	}
	return length <= maxGuestPolicies
}

// policy is the inline session policy.
func (g *GuestLimits) policy() string {
	type statement struct {
		Effect   string
		Action   []string
		Resource string
	}
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"Allow", g.Actions, "*"}}})
	if err != nil {
		panic(err) // strings always encode
	}
	return string(text)
}
