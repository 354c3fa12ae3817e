package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// AccessJob is a report on the use of services that was asked for. What it
// says is found out when it is read.
type AccessJob struct {
	Account     string
	ID          string
	ARN         string // of a user, group, role or policy
	Granularity string // SERVICE_LEVEL or ACTION_LEVEL
	CreatedAt   time.Time
}

// UseTracking is for how long uses are remembered, as on AWS.
const UseTracking = 400 * 24 * time.Hour

// textNoJob is UNCONFIRMED.
const textNoJob = "Job %s was not found."

// AskLastAccessed asks for a report on a user, group, role or policy.
func (s *Service) AskLastAccessed(ctx context.Context, account, arn, granularity string) (id string, err error) {
	if _, _, err := s.subjects(ctx, account, arn); err != nil {
		return "", err
	}
	return s.stores.Reports.PutAccessJob(ctx, AccessJob{
		Account: account, ID: secretbox.UUID(), ARN: arn, Granularity: granularity, CreatedAt: s.now(),
	})
}

// ServiceAccess is what a report says about one service.
type ServiceAccess struct {
	Service  string      // namespace
	Last     *EntityUse  // nil: nobody has used it
	Entities []EntityUse // who has, the latest first
	Actions  []ActionUse // by name
}

// EntityUse is when a user or role last used a service.
type EntityUse struct {
	PolicyUser
	At     time.Time
	Region string
}

// ActionUse is when an action was last tried, and by whom.
type ActionUse struct {
	Action string
	By     EntityUse
}

// LastAccessed answers a report: the services that the policies open, and
// those that were used whatever the policies say now, by namespace.
func (s *Service) LastAccessed(ctx context.Context, account, id string) (AccessJob, []ServiceAccess, error) {
	job, err := s.stores.Reports.AccessJob(ctx, account, id)
	if err != nil {
		return job, nil, absent(err, iam.NoSuchEntityException(textNoJob, id))
	}
	policies, entities, err := s.subjects(ctx, account, job.ARN)
	if err != nil {
		return job, nil, err
	}
	byService := map[string]*ServiceAccess{}
	service := func(name string) *ServiceAccess {
		if byService[name] == nil {
			byService[name] = &ServiceAccess{Service: name}
		}
		return byService[name]
	}
	for _, p := range policies {
		for _, name := range granted(p, ownServices) {
			service(name)
		}
	}
	for _, e := range entities {
		uses, err := s.stores.Reports.ServiceUses(ctx, account, e.ID)
		if err != nil {
			return job, nil, fmt.Errorf("uses of services: %w", err)
		}
		for _, u := range uses {
			service(u.Service).add(EntityUse{e, u.At, u.Region}, u.Action)
		}
	}
	all := make([]ServiceAccess, 0, len(byService))
	for _, a := range byService {
		slices.SortFunc(a.Entities, func(x, y EntityUse) int { return y.At.Compare(x.At) })
		slices.SortFunc(a.Actions, func(x, y ActionUse) int { return strings.Compare(x.Action, y.Action) })
		if len(a.Entities) > 0 {
			a.Last = &a.Entities[0]
		}
		all = append(all, *a)
	}
	slices.SortFunc(all, func(x, y ServiceAccess) int { return strings.Compare(x.Service, y.Service) })
	return job, all, nil
}

// add counts a use.
func (a *ServiceAccess) add(u EntityUse, action string) {
	if i := slices.IndexFunc(a.Entities, func(e EntityUse) bool { return e.ID == u.ID }); i < 0 {
		a.Entities = append(a.Entities, u)
	} else if u.At.After(a.Entities[i].At) {
		a.Entities[i] = u
	}
	if action == "" {
		return
	}
	if i := slices.IndexFunc(a.Actions, func(x ActionUse) bool { return x.Action == action }); i < 0 {
		a.Actions = append(a.Actions, ActionUse{action, u})
	} else if u.At.After(a.Actions[i].By.At) {
		a.Actions[i].By = u
	}
}

// subjects returns the policies that an ARN stands for, and the users and roles
// whose uses count.
func (s *Service) subjects(ctx context.Context, account, arn string) ([]*iampolicy.Policy, []PolicyUser, error) {
	if a, ok := awsapi.ParseARN(arn); ok && a.Service == "iam" && strings.HasPrefix(a.Resource, string(PolicyKind)+"/") {
		return s.policySubjects(ctx, account, arn)
	}
	ref, entity, err := s.EntityByARN(ctx, account, arn)
	if err != nil {
		return nil, nil, err
	}
	held, err := s.HeldPolicies(ctx, account, ref)
	if err != nil {
		return nil, nil, err
	}
	policies := make([]*iampolicy.Policy, len(held))
	for i := range held {
		source, err := held[i].Source()
		if err != nil {
			return nil, nil, err
		}
		policies[i] = source.Policy
	}
	entities := []PolicyUser{{ref.Kind, entity.ID, entity.Name, entity.Path}}
	if ref.Kind == GroupKind {
		entities, err = s.membersOf(ctx, account, entity.Name)
	}
	return policies, entities, err
}

func (s *Service) policySubjects(ctx context.Context, account, arn string) ([]*iampolicy.Policy, []PolicyUser, error) {
	users, err := s.PolicyUsers(ctx, account, arn, UseAttached)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.DefaultDocument(ctx, account, arn)
	if err != nil {
		return nil, nil, err
	}
	source, err := d.Source()
	if err != nil {
		return nil, nil, err
	}
	var entities []PolicyUser
	for _, u := range users {
		more := []PolicyUser{u}
		if u.Kind == GroupKind {
			if more, err = s.membersOf(ctx, account, u.Name); err != nil {
				return nil, nil, err
			}
		}
		for _, e := range more {
			if !slices.ContainsFunc(entities, func(have PolicyUser) bool { return have.ID == e.ID }) {
				entities = append(entities, e)
			}
		}
	}
	return []*iampolicy.Policy{source.Policy}, entities, nil
}

// readAtOnce is how many rows a report reads at once.
const readAtOnce = 500

// membersOf lists the users of a group; quotas bound them.
func (s *Service) membersOf(ctx context.Context, account, group string) ([]PolicyUser, error) {
	var all []PolicyUser
	page := Page{Limit: readAtOnce}
	for {
		_, list, err := s.GroupMembers(ctx, account, group, page)
		if err != nil {
			return nil, err
		}
		for _, u := range list.Items {
			all = append(all, PolicyUser{UserKind, u.ID, u.Name, u.Path})
		}
		if list.Next == "" {
			return all, nil
		}
		page.After = list.Next
	}
}

// ARN names the entity in an account.
func (u *PolicyUser) ARN(account string) string { return entityARN(account, u.Kind, u.Path, u.Name) }

// ServiceGrant is the policies of an entity that open a service.
type ServiceGrant struct {
	Service  string
	Policies []HeldPolicy
}

// ServiceGrants tells for each namespace which policies of a user, group or
// role allow something of it, under whatever conditions.
func (s *Service) ServiceGrants(ctx context.Context, account, arn string, namespaces []string) ([]ServiceGrant, error) {
	ref, _, err := s.EntityByARN(ctx, account, arn)
	if err != nil {
		return nil, err
	}
	held, err := s.HeldPolicies(ctx, account, ref)
	if err != nil {
		return nil, err
	}
	grants := make([]ServiceGrant, len(namespaces))
	for j, name := range namespaces {
		grants[j].Service = name
	}
	for i := range held {
		source, err := held[i].Source()
		if err != nil {
			return nil, err
		}
		for j, name := range namespaces {
			if source.Policy.GrantsService(name) {
				grants[j].Policies = append(grants[j].Policies, held[i])
			}
		}
	}
	return grants, nil
}
