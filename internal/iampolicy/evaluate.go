package iampolicy

// Layer is a type of policy, in the words of an access-denied message.
type Layer string

// Layers that Evaluate knows.
const (
	IdentityLayer Layer = "identity-based policy"
	BoundaryLayer Layer = "permissions boundary"
	SessionLayer  Layer = "session policy"
	ResourceLayer Layer = "resource-based policy"
	TrustLayer    Layer = "role trust policy"
)

// Source is a policy and where it comes from.
type Source struct {
	Policy *Policy
	Name   string // of an inline or managed policy
	ARN    string // of a managed policy; empty for others
}

// Set holds the policies that apply to one question.
type Set struct {
	Root     bool     // the principal is a root user, who needs no policy
	Identity []Source // of the user and the user's groups, or of the role
	Boundary *Source  // nil: the principal has none
	Session  []Source // any of them may allow
	Bounded  bool     // session policies limit the session, even when there are none
	Resource *Source  // policy of the resource; nil: it has none
	Trust    bool     // Resource is a trust policy: without its consent there is no access
}

// Question asks whether a principal may do an action on a resource.
type Question struct {
	Principal *Principal
	Action    string // such as "s3:GetObject"
	Resource  string // an ARN, or "*" for actions without a resource
	Account   string // that owns the resource; empty: the principal's own
	Keys      Keys
}

// Outcome is the result of an evaluation.
type Outcome uint8

// Outcomes.
const (
	ImplicitDeny Outcome = iota // nothing allows it
	ExplicitDeny                // a Deny statement matched
	Allowed
)

// Decision is an outcome and where it comes from.
type Decision struct {
	Outcome
	Layer     Layer   // that denied
	Source    *Source // of an explicit deny: the policy that has the statement
	Statement int     // of an explicit deny: its index in that policy
}

// asked is a question prepared for matching.
type asked struct {
	*Question
	action   action
	resource arn
	bounded  bool
}

// Evaluate answers q from the policies in set.
func Evaluate(q *Question, set *Set) Decision {
	a := asked{Question: q, action: cutAction(q.Action), resource: cutARN(q.Resource), bounded: set.Boundary != nil}
	if set.Root {
		grants, deny := a.resourceGrants(set)
		switch {
		case deny != nil:
			return *deny
		case set.Trust && grants == 0:
			return Decision{Layer: TrustLayer}
		case a.crosses() && grants == 0:
			return Decision{Layer: ResourceLayer}
		}
		return Decision{Outcome: Allowed}
	}

	// An explicit deny anywhere ends it.
	identity, deny := a.allows(set.Identity, IdentityLayer)
	if deny != nil {
		return *deny
	}
	boundary := true
	if set.Boundary != nil {
		if boundary, deny = a.allow(set.Boundary, BoundaryLayer); deny != nil {
			return *deny
		}
	}
	session, deny := a.allows(set.Session, SessionLayer)
	if deny != nil {
		return *deny
	}
	session = session || !set.Bounded
	grants, deny := a.resourceGrants(set)
	if deny != nil {
		return *deny
	}

	if a.decide(set, grants, identity, boundary, session) {
		return Decision{Outcome: Allowed}
	}
	return Decision{Layer: a.missing(set, grants, identity, boundary, session)}
}

// crosses reports whether the resource belongs to somebody else's account.
func (a *asked) crosses() bool {
	return a.Account != "" && a.Account != a.Principal.Account
}

// decide combines the layers when none of them denies.
func (a *asked) decide(set *Set, grants grant, identity, boundary, session bool) bool {
	own := identity && boundary && session
	switch {
	case a.Principal.Account == "": // anonymous, or vouched for by a provider
		return grants != 0
	case a.crosses():
		return own && grants != 0
	case grants == 0:
		return own && !set.Trust
	case grants&namesSession != 0:
		// UNCONFIRMED: that a grant to the session itself is not limited by
		// its session policies; the guide says so.
		return true
	case grants&namesUser != 0:
		return true
	case grants&namesEveryone != 0 && session:
		return true
	case grants&(namesRole|namesIssuer) != 0 && boundary && session:
		return true
	}
	return own
}

// missing names the layer that a refusal without an explicit deny is put
// down to. UNCONFIRMED: the order, when several layers lack an Allow.
func (a *asked) missing(set *Set, grants grant, identity, boundary, session bool) Layer {
	switch {
	case set.Trust && grants == 0:
		return TrustLayer
	case a.Principal.Account == "":
		return ResourceLayer
	case !boundary:
		return BoundaryLayer
	case !session:
		return SessionLayer
	case !identity:
		return IdentityLayer
	}
	return ResourceLayer
}

// allows reports whether any of the policies allows, or the first deny.
func (a *asked) allows(sources []Source, layer Layer) (bool, *Decision) {
	allowed := false
	for i := range sources {
		ok, deny := a.allow(&sources[i], layer)
		if deny != nil {
			return false, deny
		}
		allowed = allowed || ok
	}
	return allowed, nil
}

func (a *asked) allow(s *Source, layer Layer) (bool, *Decision) {
	allowed := false
	for i := range s.Policy.statements {
		st := &s.Policy.statements[i]
		if allowed && !st.deny || !a.covers(st) || !a.meets(st) {
			continue
		}
		if st.deny {
			return false, &Decision{Outcome: ExplicitDeny, Layer: layer, Source: s, Statement: i}
		}
		allowed = true
	}
	return allowed, nil
}

// resourceGrants collects the ways in which the resource's policy names the
// principal in statements that allow.
func (a *asked) resourceGrants(set *Set) (grant, *Decision) {
	if set.Resource == nil {
		return 0, nil
	}
	layer := ResourceLayer
	if set.Trust {
		layer = TrustLayer
	}
	var all grant
	for i := range set.Resource.Policy.statements {
		st := &set.Resource.Policy.statements[i]
		named := st.principals.grants(a.Principal, st.deny, a.bounded)
		if named == 0 || !a.covers(st) || !a.meets(st) {
			continue
		}
		if st.deny {
			return 0, &Decision{Outcome: ExplicitDeny, Layer: layer, Source: set.Resource, Statement: i}
		}
		all |= named
	}
	return all, nil
}

// covers reports whether a statement is about the action and the resource.
func (a *asked) covers(s *statement) bool {
	return a.coversAction(s) && a.coversResource(s)
}

func (a *asked) coversAction(s *statement) bool {
	for i := range s.actions {
		if s.actions[i].matches(&a.action) {
			return !s.notAction
		}
	}
	return s.notAction
}

func (a *asked) coversResource(s *statement) bool {
	if s.resource == anyResource {
		return true
	}
	for i := range s.resources {
		if s.resources[i].matches(&a.resource, a.Keys) {
			return s.resource == onlyListed
		}
	}
	return s.resource == allButListed
}

// meets reports whether all conditions of a statement hold.
func (a *asked) meets(s *statement) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(a.Keys) {
			return false
		}
	}
	return true
}
