package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/account/awsmanaged"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// PolicyKind is the kind of managed policies. They have no policies of their
// own.
const PolicyKind Kind = "policy"

// ManagedPolicy is a customer-managed policy, or one of AWS's.
type ManagedPolicy struct {
	Entity
	Description    string
	Tags           []Tag
	DefaultVersion int
	LastVersion    int // numbers are never given again
	UpdatedAt      time.Time
}

// ARN names the policy.
func (p *ManagedPolicy) ARN() string { return PolicyARN(p.Account, p.Path, p.Name) }

// PolicyARN names a managed policy of an account.
func PolicyARN(account, path, name string) string {
	return entityARN(account, PolicyKind, path, name)
}

// AWS reports whether the policy is one of AWS's own.
func (p *ManagedPolicy) AWS() bool { return p.Account == awsmanaged.Owner }

// PolicyVersion is one document of a managed policy.
type PolicyVersion struct {
	Number    int
	Document  string
	CreatedAt time.Time
}

// VersionID is how the API writes a version number.
func VersionID(number int) string { return "v" + strconv.Itoa(number) }

// policyName is a policy ARN taken apart.
type policyName struct{ account, path, name string }

// parsePolicyARN takes the ARN of a policy apart that an account may use: its
// own or AWS's.
func parsePolicyARN(account, arn string) (policyName, bool) {
	a, ok := awsapi.ParseARN(arn)
	rest, isPolicy := strings.CutPrefix(a.Resource, string(PolicyKind)+"/")
	if !ok || !isPolicy || a.Partition != awsapi.Partition || a.Service != "iam" || a.Region != "" ||
		a.Account != account && a.Account != awsmanaged.Owner {
		return policyName{}, false
	}
	slash := strings.LastIndexByte(rest, '/') + 1
	return policyName{account: a.Account, path: "/" + rest[:slash], name: rest[slash:]}, rest[slash:] != ""
}

// managed finds a managed policy by ARN; absence is fs.ErrNotExist.
func (s *Service) managed(ctx context.Context, account, arn string) (*ManagedPolicy, error) {
	n, ok := parsePolicyARN(account, arn)
	switch {
	case !ok:
		return nil, fs.ErrNotExist
	case n.account == awsmanaged.Owner:
		p, ok := awsmanaged.ByARN(arn)
		if !ok {
			return nil, fs.ErrNotExist
		}
		return fromCatalogue(p), nil
	}
	p, err := s.stores.Policies.ByName(ctx, account, n.name)
	if err == nil && p.ARN() != arn {
		return nil, fs.ErrNotExist
	}
	return p, err
}

func fromCatalogue(p *awsmanaged.Policy) *ManagedPolicy {
	return &ManagedPolicy{
		Entity: Entity{
			Account: awsmanaged.Owner, ID: p.ID(), Name: p.Name, Path: p.Path, CreatedAt: p.Created, Version: 1,
		},
		Description: p.Description, DefaultVersion: p.Version, LastVersion: p.Version, UpdatedAt: p.Updated,
	}
}

// NewPolicy is a customer-managed policy to be created.
type NewPolicy struct {
	Account, Name string
	Path          string // empty: "/"
	Description   string
	Document      string
	Tags          []Tag
}

// CreatePolicy creates a managed policy with its first version.
func (s *Service) CreatePolicy(ctx context.Context, n NewPolicy) (*ManagedPolicy, error) {
	if err := checkManaged(n.Document); err != nil {
		return nil, err
	}
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	p := &ManagedPolicy{
		Entity:      s.newEntity(policyPrefix, n.Account, n.Name, n.Path),
		Description: n.Description, Tags: n.Tags, DefaultVersion: 1, LastVersion: 1,
	}
	p.UpdatedAt = p.CreatedAt
	told := iam.EntityAlreadyExistsException("A policy called %s already exists. Duplicate names are not allowed.", n.Name)
	err := s.change(ctx, n.Account, func(ctx context.Context) error {
		if err := insert(ctx, s.stores.Policies, p, PolicyKind, "CustomerManagedPoliciesPerAccount", maxPolicies); err != nil {
			if errors.Is(err, told) {
				return told
			}
			return err
		}
		return s.stores.Versions.InsertVersion(ctx, n.Account, p.ID, PolicyVersion{1, n.Document, p.CreatedAt})
	})
	return p, err
}

func checkManaged(document string) error {
	if _, err := iampolicy.Parse(document, iampolicy.Managed); err != nil {
		return malformed(err)
	}
	if iampolicy.Size(document) > maxManagedSize {
		return quota("PolicySize", maxManagedSize)
	}
	return nil
}

// Policy returns a managed policy, the account's or AWS's.
func (s *Service) Policy(ctx context.Context, account, arn string) (*ManagedPolicy, error) {
	p, err := s.managed(ctx, account, arn)
	return p, absent(err, noSuchPolicy(arn))
}

// PolicyUses counts the entities that use a policy.
func (s *Service) PolicyUses(ctx context.Context, account, arn string, use Use) (int, error) {
	return s.stores.Attachments.CountOwners(ctx, account, use, arn)
}

// ListPolicies lists the account's own policies by name.
func (s *Service) ListPolicies(ctx context.Context, account string, p Page) (List[*ManagedPolicy], error) {
	return s.stores.Policies.List(ctx, account, p)
}

// ListAWSPolicies lists AWS's policies by name.
func (s *Service) ListAWSPolicies(p Page) List[*ManagedPolicy] {
	var out List[*ManagedPolicy]
	for _, c := range awsmanaged.All() {
		if NameKey(c.Name) <= p.After || !strings.HasPrefix(c.Path, p.Path) {
			continue
		}
		if len(out.Items) == p.Limit {
			out.Next = NameKey(out.Items[p.Limit-1].Name)
			break
		}
		out.Items = append(out.Items, fromCatalogue(c))
	}
	return out
}

// DeletePolicy deletes a policy that nothing uses and that has no version
// beside the default one.
func (s *Service) DeletePolicy(ctx context.Context, account, arn string) error {
	return s.changePolicy(ctx, account, arn, func(ctx context.Context, p *ManagedPolicy) error {
		for _, use := range []Use{UseAttached, UseBoundary} {
			n, err := s.stores.Attachments.CountOwners(ctx, account, use, arn)
			if err != nil {
				return fmt.Errorf("uses of policy: %w", err)
			}
			if n > 0 {
				return iam.DeleteConflictException("Cannot delete a policy attached to entities.")
			}
		}
		versions, err := s.stores.Versions.Versions(ctx, account, p.ID)
		if err != nil {
			return fmt.Errorf("versions of policy: %w", err)
		}
		if len(versions) > 1 {
			return iam.DeleteConflictException("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		if err := s.stores.Versions.DeleteVersion(ctx, account, p.ID, p.DefaultVersion); err != nil {
			return err
		}
		return s.stores.Policies.Delete(ctx, account, p.ID)
	})
}

// changePolicy runs fn with a policy of the account's own. AWS's policies
// cannot be changed.
func (s *Service) changePolicy(ctx context.Context, account, arn string, fn func(context.Context, *ManagedPolicy) error) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		p, err := s.Policy(ctx, account, arn)
		if err != nil {
			return err
		}
		if p.AWS() {
			return awsapi.AccessDenied.New("Cannot modify AWS managed policy %s.", arn) // UNCONFIRMED
		}
		return fn(ctx, p)
	})
}

// CreatePolicyVersion adds a version, and makes it the default one if asked.
func (s *Service) CreatePolicyVersion(ctx context.Context, account, arn, document string, asDefault bool) (PolicyVersion, error) {
	if err := checkManaged(document); err != nil {
		return PolicyVersion{}, err
	}
	v := PolicyVersion{Document: document, CreatedAt: s.now()}
	err := s.changePolicy(ctx, account, arn, func(ctx context.Context, p *ManagedPolicy) error {
		versions, err := s.stores.Versions.Versions(ctx, account, p.ID)
		if err != nil {
			return fmt.Errorf("versions of policy: %w", err)
		}
		if len(versions) >= maxVersions {
			return iam.LimitExceededException("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
		}
		p.LastVersion++
		v.Number = p.LastVersion
		p.UpdatedAt = v.CreatedAt
		if asDefault {
			p.DefaultVersion = v.Number
		}
		if err := s.stores.Policies.Update(ctx, p); err != nil {
			return err
		}
		return s.stores.Versions.InsertVersion(ctx, account, p.ID, v)
	})
	return v, err
}

// PolicyVersion returns one version of a policy and whether it is the default.
func (s *Service) PolicyVersion(ctx context.Context, account, arn, id string) (v PolicyVersion, isDefault bool, err error) {
	p, err := s.Policy(ctx, account, arn)
	if err != nil {
		return v, false, err
	}
	number, ok := parseVersion(id)
	if p.AWS() {
		c, _ := awsmanaged.ByARN(arn)
		if number != c.Version {
			return v, false, noSuchVersion(arn, id)
		}
		return PolicyVersion{c.Version, c.Document, c.Updated}, true, nil
	}
	if !ok {
		return v, false, noSuchVersion(arn, id)
	}
	v, err = s.stores.Versions.Version(ctx, account, p.ID, number)
	return v, number == p.DefaultVersion, absent(err, noSuchVersion(arn, id))
}

func parseVersion(id string) (int, bool) {
	digits, found := strings.CutPrefix(id, "v")
	digits, _, _ = strings.Cut(digits, ".") // the API's pattern admits a suffix
	n, err := strconv.Atoi(digits)
	return n, found && err == nil && VersionID(n) == id
}

// PolicyVersions returns all versions of a policy, the newest first.
func (s *Service) PolicyVersions(ctx context.Context, account, arn string) (*ManagedPolicy, []PolicyVersion, error) {
	p, err := s.Policy(ctx, account, arn)
	if err != nil {
		return nil, nil, err
	}
	if p.AWS() {
		c, _ := awsmanaged.ByARN(arn)
		return p, []PolicyVersion{{c.Version, c.Document, c.Updated}}, nil
	}
	versions, err := s.stores.Versions.Versions(ctx, account, p.ID)
	return p, versions, err
}

// DeletePolicyVersion deletes a version that is not the default one.
func (s *Service) DeletePolicyVersion(ctx context.Context, account, arn, id string) error {
	return s.changePolicy(ctx, account, arn, func(ctx context.Context, p *ManagedPolicy) error {
		number, ok := parseVersion(id)
		switch {
		case !ok:
			return noSuchVersion(arn, id)
		case number == p.DefaultVersion:
			return iam.DeleteConflictException("Cannot delete the default version of a policy.")
		}
		return absent(s.stores.Versions.DeleteVersion(ctx, account, p.ID, number), noSuchVersion(arn, id))
	})
}

// SetDefaultPolicyVersion makes a version the one that counts.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, account, arn, id string) error {
	now := s.now()
	return s.changePolicy(ctx, account, arn, func(ctx context.Context, p *ManagedPolicy) error {
		number, ok := parseVersion(id)
		if !ok {
			return noSuchVersion(arn, id)
		}
		if _, err := s.stores.Versions.Version(ctx, account, p.ID, number); err != nil {
			return absent(err, noSuchVersion(arn, id))
		}
		p.DefaultVersion, p.UpdatedAt = number, now
		return s.stores.Policies.Update(ctx, p)
	})
}

// PolicyUser is an entity that uses a policy.
type PolicyUser struct {
	Kind     Kind
	ID, Name string
	Path     string
}

// PolicyUsers returns the users, groups and roles that use a policy, by kind
// and name.
func (s *Service) PolicyUsers(ctx context.Context, account, arn string, use Use) ([]PolicyUser, error) {
	if _, err := s.Policy(ctx, account, arn); err != nil {
		return nil, err
	}
	ids, err := s.stores.Attachments.Owners(ctx, account, use, arn)
	if err != nil {
		return nil, fmt.Errorf("uses of policy: %w", err)
	}
	var users []PolicyUser
	for _, id := range ids {
		u, err := s.policyUser(ctx, account, id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted between the two reads
		case err != nil:
			return nil, err
		default:
			users = append(users, u)
		}
	}
	slices.SortFunc(users, func(a, b PolicyUser) int {
		return strings.Compare(string(a.Kind)+"/"+NameKey(a.Name), string(b.Kind)+"/"+NameKey(b.Name))
	})
	return users, nil
}

func (s *Service) policyUser(ctx context.Context, account, id string) (PolicyUser, error) {
	var head *Entity
	kind := UserKind
	switch {
	case IsRole(id):
		r, err := s.stores.Roles.ByID(ctx, account, id)
		if err != nil {
			return PolicyUser{}, err
		}
		kind, head = RoleKind, &r.Entity
	case strings.HasPrefix(id, groupPrefix):
		g, err := s.stores.Groups.ByID(ctx, account, id)
		if err != nil {
			return PolicyUser{}, err
		}
		kind, head = GroupKind, &g.Entity
	default:
		u, err := s.stores.Users.ByID(ctx, account, id)
		if err != nil {
			return PolicyUser{}, err
		}
		head = &u.Entity
	}
	return PolicyUser{kind, head.ID, head.Name, head.Path}, nil
}
