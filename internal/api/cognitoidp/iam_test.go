package cognitoidp_test

import (
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// allows asks the evaluator one question on behalf of a user with one policy.
func allows(policy *iampolicy.Policy, caller awsapi.Caller, a awsapi.Access) bool {
	keys := iampolicy.Values{}
	for k, v := range a.Context {
		keys[strings.ToLower(k)] = v
	}
	return iampolicy.Evaluate(&iampolicy.Question{
		Principal: &iampolicy.Principal{Account: caller.Account, ARN: caller.ARN, ID: caller.EntityID},
		Action:    a.Action, Resource: a.Resource, Keys: keys,
	}, &iampolicy.Set{Identity: []iampolicy.Source{{Policy: policy, Name: "test"}}}).Outcome == iampolicy.Allowed
}
