package account

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Inquiry is the question of a service that is not one of Cenote's own: may
// the caller do this with a resource of the service's?
type Inquiry struct {
	awsapi.Access
	Owner  string            // account that the resource belongs to, whatever its ARN says
	Policy *iampolicy.Policy // of the resource; nil: it has none
}

// Verdict is a decision and how it is told.
type Verdict struct {
	iampolicy.Outcome
	Reason  string // such as "because no identity-based policy allows the s3:GetObject action"
	Message string // AWS's sentence; empty if it is allowed
}

// Decide answers an inquiry about the caller of the request in ctx, who must
// be known. The decision can be explained afterwards like any other. Only the
// account that a policy belongs to learns its name.
func (a *Authorizer) Decide(ctx context.Context, q Inquiry) (Verdict, error) {
	r := awsapi.RequestFrom(ctx)
	who, err := a.policiesOf(ctx, &r.Caller)
	if err != nil {
		return Verdict{}, err
	}
	set := who.policies
	if q.Policy != nil {
		set.Resource = &iampolicy.Source{Policy: q.Policy}
	}
	question := iampolicy.Question{
		Principal: &who.named, Action: q.Action, Resource: q.Resource, Account: q.Owner,
		Keys: &conditionKeys{request: r, principal: who.principal, account: q.Owner, context: q.Context},
	}
	d := iampolicy.Evaluate(&question, &set)
	a.note(record{request: r, question: question, set: &set, decision: d})
	if d.Outcome == iampolicy.Allowed {
		return Verdict{Outcome: d.Outcome}, nil
	}
	if r.Caller.Account != q.Owner {
		d.Source = nil
	}
	reason := d.Reason(q.Action)
	return Verdict{d.Outcome, reason, denied(r.Caller.ARN, &q.Access, reason).Message}, nil
}
