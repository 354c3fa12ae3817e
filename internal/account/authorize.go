package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Authorizer decides what callers may do. It is safe for concurrent use.
type Authorizer struct {
	directory Directory
	journal   *Journal
	advisor   *Advisor
	sealer    Sealer
	sessions  sessionPolicies
	recent    ring
}

// AuthorizerConfig says what an Authorizer works with. Only Directory is
// required.
type AuthorizerConfig struct {
	Directory Directory
	Journal   *Journal // where denials are written down
	Advisor   *Advisor // where uses of services are written down
	Sealer    Sealer   // seals what a denial tells its owner
}

// NewAuthorizer returns an Authorizer.
func NewAuthorizer(cfg AuthorizerConfig) *Authorizer {
	return &Authorizer{directory: cfg.Directory, journal: cfg.Journal, advisor: cfg.Advisor, sealer: cfg.Sealer}
}

// Authorize asks every question about the caller of the request in ctx. It
// returns nil if all of them are answered with yes, an AccessDenied
// *awsapi.Error for the first that is not.
func (a *Authorizer) Authorize(ctx context.Context, questions []awsapi.Access) error {
	r := awsapi.RequestFrom(ctx)
	if r.Caller.Kind == awsapi.Anonymous || r.Caller.Account == "" {
		for i := range questions {
			return denied(anonymous, &questions[i], "")
		}
		return nil
	}
	who, err := a.policiesOf(ctx, &r.Caller)
	if err != nil {
		return err
	}
	for i := range questions {
		d := a.ask(r, who, &questions[i])
		if d.Outcome != iampolicy.Allowed {
			return denied(r.Caller.ARN, &questions[i], d.Reason(questions[i].Action))
		}
	}
	return nil
}

// policySet is a caller's policies, and who they belong to.
type policySet struct {
	principal *Principal // nil: root, or no IAM entity stands behind the caller
	named     iampolicy.Principal
	policies  iampolicy.Set
}

// administrator is the policy that allows everything.
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"

// policiesOf gathers the policies that apply to a caller.
func (a *Authorizer) policiesOf(ctx context.Context, c *awsapi.Caller) (*policySet, error) {
	w := &policySet{named: iampolicy.Principal{Account: c.Account, ARN: c.ARN, ID: c.EntityID, Root: c.Kind == awsapi.Root}}
	switch c.Kind {
	case awsapi.Root:
		w.policies.Root = true
	case awsapi.AssumedRole:
		w.named.RoleARN = c.PrincipalARN
	}
	if c.EntityID != "" {
		p, err := a.directory.Principal(ctx, c.Account, c.EntityID)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Whoever it was is gone; nothing allows anything any more.
		case err != nil:
			return nil, fmt.Errorf("load principal %s: %w", c.EntityID, err)
		default:
			w.principal = p
			w.policies.Identity, w.policies.Boundary = p.Policies, p.Boundary
			if c.Kind == awsapi.FederatedUser {
				w.named.UserARN = p.ARN()
			}
		}
	}
	if c.Kind == awsapi.FederatedUser && c.EntityID == "" {
		// The root user asked for the session, which has what the root user
		// has, as far as its own policies go.
		d, _ := AWSDocument(administrator)
		source, err := d.Source()
		if err != nil {
			return nil, err
		}
		w.policies.Identity = []iampolicy.Source{source}
	}
	if s := c.Session; s != nil {
		if err := a.addSession(ctx, c, &w.policies); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// addSession adds the policies that bound a session.
func (a *Authorizer) addSession(ctx context.Context, c *awsapi.Caller, set *iampolicy.Set) error {
	s := c.Session
	// A federated user without session policies may do nothing on his own.
	set.Bounded = s.Restricted || len(s.Policies)+len(s.PolicyARNs) > 0 || c.Kind == awsapi.FederatedUser
	for _, doc := range s.Policies {
		p, err := a.sessions.compile(doc)
		if err != nil {
			return fmt.Errorf("session policy: %w", err)
		}
		set.Session = append(set.Session, iampolicy.Source{Policy: p})
	}
	for _, arn := range s.PolicyARNs {
		source, err := a.directory.Policy(ctx, c.Account, arn)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Deleted since; it allows nothing.
		case err != nil:
			return fmt.Errorf("load session policy %s: %w", arn, err)
		default:
			set.Session = append(set.Session, source)
		}
	}
	return nil
}

// ask evaluates one question and remembers it.
func (a *Authorizer) ask(r *awsapi.Request, who *policySet, q *awsapi.Access) iampolicy.Decision {
	rec := a.evaluate(r, who, q, nil)
	a.note(rec)
	return rec.decision
}

// evaluate answers one question, with condition keys that stand in front of
// all others.
func (a *Authorizer) evaluate(r *awsapi.Request, who *policySet, q *awsapi.Access, given map[string][]string) record {
	account := r.Caller.Account
	if arn, ok := awsapi.ParseARN(q.Resource); ok && ValidID(arn.Account) {
		account = arn.Account
	}
	rec := record{request: r, set: &who.policies, question: iampolicy.Question{
		Principal: &who.named, Action: q.Action, Resource: q.Resource, Account: account,
		Keys: &conditionKeys{request: r, principal: who.principal, account: account, context: q.Context, given: given},
	}}
	rec.decision = iampolicy.Evaluate(&rec.question, &who.policies)
	return rec
}

// denied is AWS's access-denied error.
func denied(caller string, q *awsapi.Access, reason string) *awsapi.Error {
	resource := q.Resource
	if q.Shown != "" {
		resource = q.Shown
	}
	if reason != "" {
		reason = " " + reason
	}
	return awsapi.AccessDenied.New("User: %s is not authorized to perform: %s on resource: %s%s", caller, q.Action, resource, reason)
}

// PassRole asks whether the caller may hand a role to a service, such as
// CognitoService. An operation that takes a role ARN adds it to its Access.
func PassRole(roleARN, service string) awsapi.Access {
	return awsapi.Access{
		Action: "iam:PassRole", Resource: roleARN,
		Context: map[string][]string{"iam:PassedToService": {service}},
	}
}

// CognitoService is the service principal that identity pools pass roles to.
const CognitoService = "cognito-identity.amazonaws.com"
