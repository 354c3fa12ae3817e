package iam

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

func (a *API) simulationHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.SimulateCustomPolicy.Bind(a.SimulateCustomPolicy),
		iam.SimulatePrincipalPolicy.Bind(a.SimulatePrincipalPolicy),
		iam.GetContextKeysForCustomPolicy.Bind(a.GetContextKeysForCustomPolicy),
		iam.GetContextKeysForPrincipalPolicy.Bind(a.GetContextKeysForPrincipalPolicy),
	}
}

// Sentences of the simulator. UNCONFIRMED, all of them.
const (
	textBadInputPolicy   = "Invalid policy %s: %s"
	textBadAction        = "Invalid action name: %s"
	textNoCaller         = "CallerArn is required when a ResourcePolicy is simulated for something other than a user."
	textBadCaller        = "CallerArn must be the ARN of a user: %s"
	textBadOwner         = "ResourceOwner must be an account: %s"
	textOneBoundary      = "Only one permissions boundary can be simulated."
	textBadContext       = "The type of context key %s takes one value."
	resourcePolicySource = "ResourcePolicy"
)

// Keys of EvalDecisionDetails, which only questions across accounts have.
// UNCONFIRMED.
const (
	detailIdentity = "IAM Policy"
	detailResource = "Resource Policy"
)

// policySourceType is what the simulator prints for identity policies, which is
// no value of its own model. (Seen in recorded answers of AWS.)
const policySourceType iam.PolicySourceType = "IAM Policy"

// simulationBudget is how many statements are looked at for one page. A page
// that would take more ends early, which the API lets it.
const simulationBudget = 200_000

// simulation is what both operations come to.
type simulation struct {
	set          iampolicy.Set
	organization []iampolicy.Set // one a level
	principal    iampolicy.Principal
	keys         iampolicy.Values
	actions      []string
	resources    []string
	owner        string // account of resources whose ARN names none
}

// SimulateCustomPolicy evaluates policies that nobody has yet.
func (a *API) SimulateCustomPolicy(ctx context.Context, in *iam.SimulateCustomPolicyRequest) (*iam.SimulatePolicyResponse, error) {
	organization, err := organizationLevels(in.OrderedOrganizationPolicyInputList)
	if err != nil {
		return nil, err
	}
	s := &simulation{organization: organization, principal: iampolicy.Principal{Account: owner(ctx)}, keys: iampolicy.Values{}}
	err = s.read(&iam.SimulatePrincipalPolicyRequest{
		PolicyInputList: in.PolicyInputList, PermissionsBoundaryPolicyInputList: in.PermissionsBoundaryPolicyInputList,
		ActionNames: in.ActionNames, ResourceArns: in.ResourceArns, ResourcePolicy: in.ResourcePolicy, ResourceOwner: in.ResourceOwner,
		CallerArn: in.CallerArn, ContextEntries: in.ContextEntries,
	})
	if err != nil {
		return nil, err
	}
	return a.simulate(ctx, s, in.Marker, in.MaxItems)
}

// SimulatePrincipalPolicy evaluates the policies of a user, group or role,
// with others beside them.
func (a *API) SimulatePrincipalPolicy(ctx context.Context, in *iam.SimulatePrincipalPolicyRequest) (*iam.SimulatePolicyResponse, error) {
	s, err := a.simulated(ctx, awsapi.Value(in.PolicySourceArn), in.PolicyExclusionList)
	if err != nil {
		return nil, err
	}
	if err := s.read(in); err != nil {
		return nil, err
	}
	return a.simulate(ctx, s, in.Marker, in.MaxItems)
}

// simulated gathers the policies of an entity, and who it is. The keys that
// tell who asks are the entity's own unless the request gives others.
func (a *API) simulated(ctx context.Context, arn string, without []iam.PolicyIdentifier) (*simulation, error) {
	acct := owner(ctx)
	ref, entity, err := a.accounts.EntityByARN(ctx, acct, arn)
	if err != nil {
		return nil, err
	}
	held, err := a.accounts.HeldPolicies(ctx, acct, ref)
	if err != nil {
		return nil, err
	}
	s := &simulation{principal: iampolicy.Principal{Account: acct, ID: entity.ID}, keys: iampolicy.Values{}}
	for i := range held {
		if excluded(&held[i], without) {
			continue
		}
		source, err := held[i].Source()
		if err != nil {
			return nil, err
		}
		s.set.Identity = append(s.set.Identity, source)
	}
	boundary, err := a.accounts.BoundaryOf(ctx, acct, ref)
	if err != nil {
		return nil, err
	}
	if boundary != "" && !slices.ContainsFunc(without, func(p iam.PolicyIdentifier) bool {
		return awsapi.Value(p.PolicyType) == iam.PolicyIdentifierPolicyTypePermissionBoundary || awsapi.Value(p.PolicyArn) == boundary
	}) {
		d, err := a.accounts.DefaultDocument(ctx, acct, boundary)
		if err != nil {
			return nil, err
		}
		source, err := d.Source()
		if err != nil {
			return nil, err
		}
		s.set.Boundary = &source
	}
	if ref.Kind == account.GroupKind {
		return s, nil // a group does nothing itself
	}
	s.principal.ARN = arn
	kind, tags := string(awsapi.User), []account.Tag(nil)
	if ref.Kind == account.RoleKind {
		s.principal.RoleARN, kind = arn, string(awsapi.AssumedRole)
		r, err := a.accounts.Role(ctx, acct, ref.Name)
		if err != nil {
			return nil, err
		}
		tags = r.Tags
	} else {
		u, err := a.accounts.User(ctx, acct, ref.Name)
		if err != nil {
			return nil, err
		}
		tags = u.Tags
		s.keys["aws:username"], s.keys["aws:userid"] = []string{u.Name}, []string{u.ID}
	}
	s.keys["aws:principalarn"], s.keys["aws:principalaccount"], s.keys["aws:principaltype"] = []string{arn}, []string{acct}, []string{kind}
	for _, t := range tags {
		s.keys["aws:principaltag/"+strings.ToLower(t.Key)] = []string{t.Value}
	}
	return s, nil
}

// excluded reports whether a policy is among those to leave out: by its ARN, by
// whose inline policy it is, or by its type.
func excluded(h *account.HeldPolicy, without []iam.PolicyIdentifier) bool {
	kind := iam.PolicyIdentifierPolicyTypeUserManaged
	if h.ARN == "" {
		kind = iam.PolicyIdentifierPolicyTypeInline
	} else if _, ok := account.AWSDocument(h.ARN); ok {
		kind = iam.PolicyIdentifierPolicyTypeAwsManaged
	}
	return slices.ContainsFunc(without, func(p iam.PolicyIdentifier) bool {
		if id := p.InlinePolicyIdentifier; id != nil {
			return h.ARN == "" && awsapi.Value(id.PolicyName) == h.Name && strings.EqualFold(string(awsapi.Value(id.AttachmentType)), string(h.Kind)) &&
				strings.EqualFold(awsapi.Value(id.AttachmentName), h.Owner)
		}
		return awsapi.Value(p.PolicyType) == kind || h.ARN != "" && awsapi.Value(p.PolicyArn) == h.ARN
	})
}

// read takes over what a request says.
func (s *simulation) read(in *iam.SimulatePrincipalPolicyRequest) error {
	more, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return err
	}
	s.set.Identity = append(s.set.Identity, more...)
	boundary, err := inputPolicies("PermissionsBoundaryPolicyInputList", in.PermissionsBoundaryPolicyInputList)
	switch {
	case err != nil:
		return err
	case len(boundary) > 1:
		return iam.InvalidInputException(textOneBoundary)
	case len(boundary) == 1:
		s.set.Boundary = &boundary[0]
	}
	if err := s.readCaller(in); err != nil {
		return err
	}
	for _, e := range in.ContextEntries {
		name := awsapi.Value(e.ContextKeyName)
		if len(e.ContextKeyValues) > 1 && e.ContextKeyType != nil && !strings.HasSuffix(string(*e.ContextKeyType), "List") {
			return iam.InvalidInputException(textBadContext, name)
		}
		s.keys[strings.ToLower(name)] = e.ContextKeyValues
	}
	for _, action := range in.ActionNames {
		vendor, name, _ := strings.Cut(action, ":")
		if vendor == "" || name == "" || strings.ContainsAny(action, "*? ") || strings.Contains(name, ":") {
			return iam.InvalidInputException(textBadAction, action)
		}
	}
	s.actions, s.resources = in.ActionNames, in.ResourceArns
	return nil
}

// readCaller finds out who asks and whose the resources are.
func (s *simulation) readCaller(in *iam.SimulatePrincipalPolicyRequest) error {
	if in.CallerArn != nil {
		arn, ok := awsapi.ParseARN(*in.CallerArn)
		if !ok || arn.Service != "iam" || !account.ValidID(arn.Account) || !strings.HasPrefix(arn.Resource, "user/") {
			return iam.InvalidInputException(textBadCaller, *in.CallerArn)
		}
		s.principal = iampolicy.Principal{Account: arn.Account, ARN: *in.CallerArn}
		s.keys["aws:principalarn"], s.keys["aws:principalaccount"], s.keys["aws:principaltype"] = []string{*in.CallerArn}, []string{arn.Account}, []string{string(awsapi.User)}
	}
	s.owner = s.principal.Account
	if in.ResourceOwner != nil {
		s.owner = *in.ResourceOwner
		if arn, ok := awsapi.ParseARN(s.owner); ok {
			s.owner = arn.Account
		}
		if !account.ValidID(s.owner) {
			return iam.InvalidInputException(textBadOwner, *in.ResourceOwner)
		}
	}
	if in.ResourcePolicy == nil {
		return nil
	}
	if s.principal.ARN == "" || s.principal.RoleARN != "" {
		return iam.InvalidInputException(textNoCaller)
	}
	p, err := iampolicy.Load(*in.ResourcePolicy)
	if err != nil {
		return iam.InvalidInputException(textBadInputPolicy, resourcePolicySource, err)
	}
	s.set.Resource = &iampolicy.Source{Policy: p, Name: resourcePolicySource}
	return nil
}

// inputPolicies compiles documents that a request brings, under the names that
// the answer calls them.
func inputPolicies(list string, documents []string) ([]iampolicy.Source, error) {
	out := make([]iampolicy.Source, len(documents))
	for i, d := range documents {
		name := fmt.Sprintf("%s.%d", list, i+1)
		p, err := iampolicy.Parse(d, iampolicy.Inline)
		if err != nil {
			return nil, iam.InvalidInputException(textBadInputPolicy, name, err)
		}
		out[i] = iampolicy.Source{Policy: p, Name: name}
	}
	return out, nil
}

// simulate evaluates one page: each action on each resource.
func (a *API) simulate(ctx context.Context, s *simulation, marker *string, maxItems *int64) (*iam.SimulatePolicyResponse, error) {
	l, err := a.list(ctx, marker, maxItems, slices.Concat(s.actions, []string{""}, s.resources)...)
	if err != nil {
		return nil, err
	}
	resources, wholeAction := s.resources, len(s.resources) == 0
	if wholeAction {
		resources = []string{"*"}
	}
	first, _ := strconv.Atoi(l.page.After) // empty at the beginning; markers are sealed
	simulator := iampolicy.NewSimulator(&s.set)
	out := &iam.SimulatePolicyResponse{EvaluationResults: []iam.EvaluationResult{}}
	cost, next := 0, ""
	for i := first; i < len(s.actions)*len(resources); i++ {
		if len(out.EvaluationResults) == l.page.Limit || cost > simulationBudget {
			next = strconv.Itoa(i)
			break
		}
		cost += simulator.Statements() + 1
		for i := range s.organization {
			cost += iampolicy.NewSimulator(&s.organization[i]).Statements()
		}
		r := s.evaluate(simulator, s.actions[i/len(resources)], resources[i%len(resources)])
		if !wholeAction {
			r.ResourceSpecificResults = []iam.ResourceSpecificResult{{
				EvalResourceName: r.EvalResourceName, EvalResourceDecision: r.EvalDecision, MatchedStatements: r.MatchedStatements,
				MissingContextValues: r.MissingContextValues, EvalDecisionDetails: r.EvalDecisionDetails,
				PermissionsBoundaryDecisionDetail: r.PermissionsBoundaryDecisionDetail,
			}}
			if r.ResourceSpecificResults[0].MissingContextValues != nil && *r.EvalResourceName != "*" {
				r.MissingContextValues = []string{}
			}
		}
		out.EvaluationResults = append(out.EvaluationResults, r)
	}
	out.IsTruncated, out.Marker, err = l.end(next)
	return out, err
}

// decisionTypes are outcomes as the API spells them.
var decisionTypes = map[iampolicy.Outcome]iam.PolicyEvaluationDecisionType{
	iampolicy.Allowed:      iam.PolicyEvaluationDecisionTypeAllowed,
	iampolicy.ExplicitDeny: iam.PolicyEvaluationDecisionTypeExplicitDeny,
	iampolicy.ImplicitDeny: iam.PolicyEvaluationDecisionTypeImplicitDeny,
}

// evaluate asks one question.
func (s *simulation) evaluate(simulator *iampolicy.Simulator, action, resource string) iam.EvaluationResult {
	q := &iampolicy.Question{Principal: &s.principal, Action: action, Resource: resource, Account: s.owner, Keys: s.keys}
	if arn, ok := awsapi.ParseARN(resource); ok && account.ValidID(arn.Account) {
		q.Account = arn.Account
	}
	got := simulator.Ask(q)
	var organization *iam.OrganizationsDecisionDetail
	if len(s.organization) > 0 {
		var allowed bool
		got, allowed = s.withinOrganization(q, got)
		organization = &iam.OrganizationsDecisionDetail{AllowedByOrganizations: &allowed}
	}
	r := iam.EvaluationResult{
		EvalActionName: &action, EvalResourceName: &resource, EvalDecision: new(decisionTypes[got.Outcome]),
		OrganizationsDecisionDetail: organization,
		MatchedStatements:           []iam.Statement{}, MissingContextValues: append([]string{}, got.Missing...),
	}
	for _, m := range got.Matched {
		kind := policySourceType
		if m.Layer == iampolicy.ResourceLayer {
			kind = iam.PolicySourceTypeResource
		}
		r.MatchedStatements = append(r.MatchedStatements, iam.Statement{
			SourcePolicyId: &m.Source.Name, SourcePolicyType: &kind, StartPosition: wirePosition(m.Start), EndPosition: wirePosition(m.End),
		})
	}
	if got.Bounded {
		r.PermissionsBoundaryDecisionDetail = &iam.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &got.WithinBoundary}
	}
	if q.Account != s.principal.Account {
		r.EvalDecisionDetails = s.details(q)
	}
	return r
}

// details tells, of a question across accounts, what each side says.
func (s *simulation) details(q *iampolicy.Question) map[string]iam.PolicyEvaluationDecisionType {
	own, alone := *q, s.set
	own.Account, alone.Resource = s.principal.Account, nil
	there := iampolicy.Set{Root: true, Resource: s.set.Resource} // who needs nothing but the other side's consent
	return map[string]iam.PolicyEvaluationDecisionType{
		detailIdentity: decisionTypes[iampolicy.Evaluate(&own, &alone).Outcome],
		detailResource: decisionTypes[iampolicy.Evaluate(q, &there).Outcome],
	}
}

func wirePosition(p iampolicy.Position) *iam.Position {
	return &iam.Position{Line: new(int64(p.Line)), Column: new(int64(p.Column))}
}

// GetContextKeysForCustomPolicy lists the condition keys of documents.
func (a *API) GetContextKeysForCustomPolicy(_ context.Context, in *iam.GetContextKeysForCustomPolicyRequest) (*iam.GetContextKeysForPolicyResponse, error) {
	sources, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return contextKeys(sources), nil
}

// GetContextKeysForPrincipalPolicy lists the condition keys of the policies of
// a user, group or role, and of documents beside them.
func (a *API) GetContextKeysForPrincipalPolicy(ctx context.Context, in *iam.GetContextKeysForPrincipalPolicyRequest) (*iam.GetContextKeysForPolicyResponse, error) {
	more, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	s, err := a.simulated(ctx, awsapi.Value(in.PolicySourceArn), nil)
	if err != nil {
		return nil, err
	}
	return contextKeys(append(s.set.Identity, more...)), nil
}

func contextKeys(sources []iampolicy.Source) *iam.GetContextKeysForPolicyResponse {
	out := &iam.GetContextKeysForPolicyResponse{ContextKeyNames: []string{}}
	seen := map[string]bool{}
	for i := range sources {
		for _, key := range sources[i].Policy.ContextKeys() {
			if lower := strings.ToLower(key); !seen[lower] {
				seen[lower] = true
				out.ContextKeyNames = append(out.ContextKeyNames, key)
			}
		}
	}
	return out
}
