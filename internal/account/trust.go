package account

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// TrustQuestion asks whether somebody may take on a role.
type TrustQuestion struct {
	Role   *Principal
	Action string // such as "sts:AssumeRole" or "sts:TagSession"
	// Federated is the provider that vouches for a web-identity or SAML
	// caller: iampolicy.CognitoProvider, another built-in one, or the ARN of
	// an IAM provider. Empty: the caller of the request asks.
	Federated string
	// Context holds condition keys beyond the global ones, such as
	// "sts:ExternalId" or "cognito-identity.amazonaws.com:aud".
	Context map[string][]string
}

// MayAssume evaluates a role's trust policy together with the policies of the
// caller of the request in ctx, if the question has no provider instead. It
// returns the decision; the error sentence is for STS to choose.
func (a *Authorizer) MayAssume(ctx context.Context, q TrustQuestion) (iampolicy.Decision, error) {
	r := awsapi.RequestFrom(ctx)
	who := &policySet{named: iampolicy.Principal{Federated: q.Federated}}
	if q.Federated == "" {
		var err error
		if who, err = a.policiesOf(ctx, &r.Caller); err != nil {
			return iampolicy.Decision{}, err
		}
	} else {
		outside := *r
		outside.Caller = awsapi.Caller{Kind: awsapi.Anonymous, UserID: "anonymous"}
		r = &outside
	}
	set := who.policies
	set.Trust = true
	set.Resource = &iampolicy.Source{Policy: q.Role.Trust, Name: q.Role.Name}
	question := iampolicy.Question{
		Principal: &who.named, Action: q.Action, Resource: q.Role.ARN(), Account: q.Role.Account,
		Keys: &conditionKeys{request: r, principal: who.principal, account: q.Role.Account, context: q.Context},
	}
	d := iampolicy.Evaluate(&question, &set)
	if d.Outcome == iampolicy.Allowed && q.Federated == "" && r.Caller.EntityID == q.Role.ID && !namesItself(&question, set) {
		d = iampolicy.Decision{Layer: iampolicy.TrustLayer}
	}
	a.recent.add(record{request: r, question: question, set: &set, decision: d})
	return d, nil
}

// namesItself reports whether a role may take on itself because its trust
// policy names it. That the policy trusts the whole account and the role has
// the permission has not been enough on AWS since 2023 ("Announcing an update
// to IAM role trust policy behavior", AWS Security Blog).
func namesItself(q *iampolicy.Question, set iampolicy.Set) bool {
	set.Identity = nil
	return iampolicy.Evaluate(q, &set).Outcome == iampolicy.Allowed
}
