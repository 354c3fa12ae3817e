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
	// MFA says that the request itself proves a second factor.
	MFA bool

	absent string // ARN of the role if there is none
}

// MayAssume evaluates a role's trust policy together with the policies of the
// caller of the request in ctx, if the question has no provider instead. It
// returns the decision; the error sentence is for STS to choose.
func (a *Authorizer) MayAssume(ctx context.Context, q TrustQuestion) (iampolicy.Decision, error) {
	r := awsapi.RequestFrom(ctx)
	rec, err := a.askRole(ctx, r, &q, nil)
	if err != nil {
		return iampolicy.Decision{}, err
	}
	a.note(rec)
	r.Denial = rec.request.Denial
	return rec.decision, nil
}

// NoRole answers a question about a role that there is not, as MayAssume
// answers one about a role that lets nobody in, and remembers why. The role of
// the question is nil; arn names it.
func (a *Authorizer) NoRole(ctx context.Context, arn string, q TrustQuestion) error {
	r := awsapi.RequestFrom(ctx)
	name, _ := awsapi.ParseARN(arn)
	q.Role, q.absent = &Principal{Account: name.Account}, arn
	rec, err := a.askRole(ctx, r, &q, nil)
	if err != nil {
		return err
	}
	a.note(rec)
	r.Denial = rec.request.Denial
	return nil
}

// outsider is a request whose caller a provider vouches for.
func outsider(r *awsapi.Request) *awsapi.Request {
	outside := *r
	outside.Caller = awsapi.Caller{Kind: awsapi.Anonymous, UserID: "anonymous"}
	return &outside
}

// askRole is MayAssume for any request, with condition keys that stand in
// front of all others.
func (a *Authorizer) askRole(ctx context.Context, r *awsapi.Request, q *TrustQuestion, given map[string][]string) (rec record, err error) {
	who := &policySet{named: iampolicy.Principal{Federated: q.Federated}}
	asked := r
	if q.Federated == "" {
		if who, err = a.policiesOf(ctx, &r.Caller); err != nil {
			return rec, err
		}
	} else {
		asked = outsider(r)
	}
	set := who.policies
	set.Trust = true
	if q.Role.Trust != nil {
		set.Resource = &iampolicy.Source{Policy: q.Role.Trust, Name: q.Role.Name}
	}
	resource := q.absent
	if resource == "" {
		resource = q.Role.ARN()
	}
	rec = record{
		request: asked, set: &set, absent: q.absent != "",
		question: iampolicy.Question{
			Principal: &who.named, Action: q.Action, Resource: resource, Account: q.Role.Account,
			Keys: &conditionKeys{
				request: asked, principal: who.principal, account: q.Role.Account, context: q.Context, given: given, mfa: q.MFA,
			},
		},
	}
	rec.decision = iampolicy.Evaluate(&rec.question, &set)
	if rec.decision.Outcome == iampolicy.Allowed && q.absent == "" && q.Federated == "" && r.Caller.EntityID == q.Role.ID && !namesItself(&rec.question, set) {
		rec.decision = iampolicy.Decision{Layer: iampolicy.TrustLayer}
	}
	return rec, nil
}

// namesItself reports whether a role may take on itself because its trust
// policy names it. That the policy trusts the whole account and the role has
// the permission has not been enough on AWS since 2023 ("Announcing an update
// to IAM role trust policy behavior", AWS Security Blog).
func namesItself(q *iampolicy.Question, set iampolicy.Set) bool {
	set.Identity = nil
	return iampolicy.Evaluate(q, &set).Outcome == iampolicy.Allowed
}
