package account

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// Decision is the answer to one question of permission with everything that
// led to it, in a form that can be kept and printed. It holds names of
// policies and values of condition keys, and no secret.
type Decision struct {
	RequestID  string `json:"RequestId,omitempty"` // empty: the question of an operator
	Time       time.Time
	Account    string // of the caller; of the role, where nobody signed
	Region     string `json:",omitempty"`
	Operation  string `json:",omitempty"` // that was called, such as "iam:GetRole"
	Principal  string // ARN, a provider's name, or "anonymous"
	Action     string // that was asked about, such as "iam:PassRole"
	Resource   string // ARN, or "*"
	Outcome    Outcome
	Layer      iampolicy.Layer            `json:",omitempty"` // that refused
	Reason     string                     `json:",omitempty"` // as the end of the error's sentence has it
	Statements []iampolicy.StatementTrace // about the action, in order of evaluation
	Context    map[string][]string        `json:",omitempty"` // condition keys that the request had
	Changes    []string                   `json:",omitempty"` // what would have to change, a sentence a way
	Shortened  bool                       `json:",omitempty"` // part of Statements or Context was too long to be kept
}

// Outcome is how a question was answered, in the words of IAM's policy
// simulator.
type Outcome string

// Outcomes.
const (
	OutcomeAllowed      Outcome = "allowed"
	OutcomeExplicitDeny Outcome = "explicitDeny"
	OutcomeImplicitDeny Outcome = "implicitDeny"
)

var outcomes = map[iampolicy.Outcome]Outcome{
	iampolicy.Allowed: OutcomeAllowed, iampolicy.ExplicitDeny: OutcomeExplicitDeny, iampolicy.ImplicitDeny: OutcomeImplicitDeny,
}

// anonymous is how a decision names a caller who did not sign.
const anonymous = "anonymous"

// What is said of a role that there is not, to operators: the caller is refused
// as if its trust policy had.
const (
	reasonNoRole = "because there is no such role"
	adviceNoRole = "Create the role, or name one that there is; path and letters count."
)

// explain turns a record into a Decision. What was decided stands, even where
// the policies alone would say otherwise.
func (rec *record) explain() Decision {
	e := iampolicy.Explain(&rec.question, rec.set)
	e.Decision = rec.decision
	r := rec.request
	d := Decision{
		RequestID: r.ID, Time: r.Time, Account: r.Caller.Account, Region: r.Region,
		Principal: r.Caller.ARN, Action: e.Action, Resource: e.Resource,
		Outcome: outcomes[e.Decision.Outcome], Layer: e.Decision.Layer, Reason: e.Decision.Reason(e.Action),
		Statements: e.Statements,
	}
	if r.Operation != nil {
		d.Operation = r.Operation.Action()
	} else if r.ID != "" {
		d.Operation = e.Action // somebody else's service asked
	}
	keys, _ := rec.question.Keys.(*conditionKeys)
	if d.Account == "" { // a provider speaks for the caller
		d.Account = rec.question.Account
		d.Principal = rec.question.Principal.Federated
		// What a token claims is the bearer's own affair; the statements show
		// what a policy asked for.
		keys = &conditionKeys{request: r, account: d.Account}
	}
	if d.Principal == "" {
		d.Principal = anonymous
	}
	if keys != nil {
		d.Context = keys.all()
	}
	d.cutReferer()
	e.Statements = d.Statements
	d.Changes = e.Changes()
	if rec.absent {
		d.Reason, d.Changes = reasonNoRole, []string{adviceNoRole}
	}
	return d
}

// cutReferer takes the query off the address of the page that a request came
// from: it may hold somebody's token.
func (d *Decision) cutReferer() {
	const referer = "aws:Referer"
	cut := func(values []string) []string {
		values = slices.Clone(values)
		for i, v := range values {
			values[i], _, _ = strings.Cut(v, "?")
		}
		return values
	}
	if v, ok := d.Context[referer]; ok {
		d.Context[referer] = cut(v)
	}
	for i := range d.Statements {
		for j := range d.Statements[i].Conditions {
			if c := &d.Statements[i].Conditions[j]; strings.EqualFold(c.Key, referer) {
				c.Actual = cut(c.Actual)
			}
		}
	}
}

// maxDecision bounds a decision that is kept, in bytes of JSON.
const maxDecision = 32 << 10

// shorten returns the decision as it is kept. One that is too long loses first
// the statements that did not decide it, then the context, then the rest.
func (d Decision) shorten() Decision {
	for _, less := range []func(){
		func() {},
		func() {
			d.Shortened = true
			d.Statements = slices.DeleteFunc(slices.Clone(d.Statements), func(s iampolicy.StatementTrace) bool {
				return !s.Matched && (s.Layer != d.Layer || s.Miss != iampolicy.MissCondition)
			})
		},
		func() { d.Context = nil },
		func() { d.Statements, d.Changes = nil, nil },
	} {
		less()
		if text, err := json.Marshal(d); err == nil && len(text) <= maxDecision {
			break
		}
	}
	return d
}

// globalKeys are the global keys as they are spelt, in order.
var globalKeys = []string{
	"aws:CurrentTime", "aws:EpochTime", "aws:FederatedProvider", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent",
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalType", "aws:Referer",
	"aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport", "aws:SourceIdentity", "aws:SourceIp",
	"aws:TokenIssueTime", "aws:UserAgent", "aws:userid", "aws:username", "aws:ViaAWSService",
}

// all returns every key that the request has.
func (k *conditionKeys) all() map[string][]string {
	all := maps.Clone(k.context)
	if all == nil {
		all = map[string][]string{}
	}
	put := func(name string) {
		if v, ok := k.Lookup(strings.ToLower(name)); ok {
			all[name] = v
		}
	}
	for _, name := range globalKeys {
		put(name)
	}
	if s := k.request.Caller.Session; s != nil {
		for name := range s.Context {
			put(name)
		}
		for key := range s.Tags {
			put("aws:PrincipalTag/" + key)
		}
	}
	if k.principal != nil {
		for _, t := range k.principal.Tags {
			if !hasFold(all, "aws:PrincipalTag/"+t.Key) {
				put("aws:PrincipalTag/" + t.Key)
			}
		}
	}
	for name, values := range k.given {
		for other := range all {
			if strings.EqualFold(other, name) {
				delete(all, other)
			}
		}
		all[name] = values
	}
	return all
}

func hasFold(m map[string][]string, name string) bool {
	_, ok := lookupFold(m, strings.ToLower(name))
	return ok
}
