package iampolicy_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/iampolicy"
)

// says is what one layer has to say.
type says string

const (
	absent     says = "absent"
	silent     says = "silent"
	allows     says = "allows"
	denies     says = "denies"
	account    says = "allows the account"
	entity     says = "allows the user or role"
	oneSession says = "allows the session"
	all        says = "allows everyone"
)

// asking is one combination of layers.
type asking struct {
	identity, boundary, session, resource says
	role, crosses                         bool
}

// naiveOutcome is the table of the IAM user guide's "policy evaluation logic",
// read row by row.
func (a asking) naiveOutcome() iampolicy.Outcome {
	for _, layer := range []says{a.identity, a.boundary, a.session, a.resource} {
		if layer == denies {
			return iampolicy.ExplicitDeny
		}
	}
	within := func(layer says) bool { return layer == absent || layer == allows }
	own := a.identity == allows && within(a.boundary) && within(a.session)
	granted := a.resource == account || a.resource == entity || a.resource == oneSession || a.resource == all
	allowed := own
	switch {
	case a.crosses:
		allowed = own && granted
	case a.resource == oneSession, a.resource == entity && !a.role:
		allowed = true
	case a.resource == entity:
		allowed = within(a.boundary) && within(a.session)
	case a.resource == all:
		allowed = within(a.session) // with own as with less
	}
	if allowed {
		return iampolicy.Allowed
	}
	return iampolicy.ImplicitDeny
}

// TestEveryCombinationOfLayers goes through every combination of layers.
func TestEveryCombinationOfLayers(t *testing.T) {
	const mine, theirs = "111122223333", "444455556666"
	load := func(statement string) *iampolicy.Policy {
		p, err := iampolicy.Load(doc(statement))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	own := map[says]*iampolicy.Policy{
		silent: load(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`),
		allows: load(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`),
		denies: load(`[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}]`),
	}
	user := iampolicy.Principal{Account: mine, ARN: "arn:aws:iam::" + mine + ":user/u", ID: "AIDAU"}
	role := iampolicy.Principal{Account: mine, ARN: "arn:aws:sts::" + mine + ":assumed-role/r/s", RoleARN: "arn:aws:iam::" + mine + ":role/r", ID: "AROAR"}
	resources := map[bool]map[says]*iampolicy.Policy{}
	for _, isRole := range []bool{false, true} {
		of := func(effect, principal string) *iampolicy.Policy {
			return load(`{"Effect":"` + effect + `","Principal":{"AWS":"` + principal + `"},"Action":"s3:GetObject","Resource":"*"}`)
		}
		named := user.ARN
		if isRole {
			named = role.RoleARN
		}
		resources[isRole] = map[says]*iampolicy.Policy{
			silent: of("Allow", "arn:aws:iam::"+theirs+":root"), account: of("Allow", mine), entity: of("Allow", named), all: of("Allow", "*"), denies: of("Deny", mine),
		}
		if isRole {
			resources[isRole][oneSession] = of("Allow", role.ARN)
		}
	}
	n := 0
	for _, identity := range []says{silent, allows, denies} {
		for _, boundary := range []says{absent, silent, allows, denies} {
			for _, bound := range []says{absent, silent, allows, denies} {
				for _, resource := range []says{absent, silent, account, entity, oneSession, all, denies} {
					for _, isRole := range []bool{false, true} {
						for _, crosses := range []bool{false, true} {
							if !isRole && (bound != absent || resource == oneSession) {
								continue // a user has no session here
							}
							a := asking{identity, boundary, bound, resource, isRole, crosses}
							set := iampolicy.Set{Identity: []iampolicy.Source{{Policy: own[identity]}}}
							if boundary != absent {
								set.Boundary = &iampolicy.Source{Policy: own[boundary]}
							}
							if bound != absent {
								set.Bounded, set.Session = true, []iampolicy.Source{{Policy: own[bound]}}
							}
							if resource != absent {
								set.Resource = &iampolicy.Source{Policy: resources[isRole][resource]}
							}
							q := iampolicy.Question{Principal: &user, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Account: mine, Keys: iampolicy.Values{}}
							if isRole {
								q.Principal = &role
							}
							if crosses {
								q.Account = theirs
							}
							if got := iampolicy.Evaluate(&q, &set); got.Outcome != a.naiveOutcome() {
								t.Errorf("%+v: %+v, want outcome %d", a, got, a.naiveOutcome())
							}
							n++
						}
					}
				}
			}
		}
	}
	if n < 700 {
		t.Errorf("only %d combinations", n)
	}
}
