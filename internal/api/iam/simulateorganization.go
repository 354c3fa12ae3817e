package iam

import (
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// organizationList names the policies of organizations in answers.
// UNCONFIRMED.
const organizationList = "OrderedOrganizationPolicyInputList.%d.ServiceControlPolicyInputList"

// organizationLevels compiles the service control policies of a request: those
// of the root first, those of the account last.
func organizationLevels(in []iam.OrderedOrganizationPolicyType) ([]iampolicy.Set, error) {
	var levels []iampolicy.Set
	for i, level := range in {
		sources, err := inputPolicies(fmt.Sprintf(organizationList, i+1), level.ServiceControlPolicyInputList)
		if err != nil {
			return nil, err
		}
		levels = append(levels, iampolicy.Set{Identity: sources})
	}
	return levels, nil
}

// withinOrganization adds to a result what an organization would say: every
// level must allow, and none may deny. There are no organizations here; their
// policies exist in simulations alone.
func (s *simulation) withinOrganization(q *iampolicy.Question, got iampolicy.Simulation) (_ iampolicy.Simulation, allowed bool) {
	own := *q
	own.Account = s.principal.Account // whose organization it is
	allowed = true
	for i := range s.organization {
		level := iampolicy.NewSimulator(&s.organization[i]).Ask(&own)
		got.Missing = append(got.Missing, level.Missing...)
		if level.Outcome == iampolicy.Allowed {
			continue
		}
		allowed = false
		if got.Outcome == iampolicy.ExplicitDeny {
			continue
		}
		got.Outcome, got.Matched = level.Outcome, level.Matched
	}
	return got, allowed
}
