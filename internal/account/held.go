package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// HeldPolicy is an identity policy that counts for a user, group or role, and
// through whom: a user has the policies of all the user's groups.
type HeldPolicy struct {
	Kind     Kind
	Owner    string // name of the user, group or role that has it
	Name     string
	ARN      string // of a managed policy; empty for an inline one
	Document string
}

// SourceID is what the policy simulator calls the policy. (Seen in recorded
// answers of AWS.)
func (h *HeldPolicy) SourceID() string {
	if h.ARN != "" {
		return h.Name
	}
	return string(h.Kind) + "_" + h.Owner + "_" + h.Name
}

// Source compiles the policy under the name that the simulator gives it.
func (h *HeldPolicy) Source() (iampolicy.Source, error) {
	p, err := iampolicy.Load(h.Document)
	if err != nil {
		return iampolicy.Source{}, fmt.Errorf("policy %s: %w", h.SourceID(), err)
	}
	return iampolicy.Source{Policy: p, Name: h.SourceID(), ARN: h.ARN}, nil
}

// EntityRef is the ARN of a user, group or role taken apart.
type EntityRef struct {
	Kind Kind
	Name string
}

// textVagueARN is what an ARN that names no user, group or role is refused
// with.
const textVagueARN = "Invalid Entity Arn: %s does not clearly define entity type and name."

// ParseEntityARN takes an ARN apart that must name a user, group or role of
// the account.
func ParseEntityARN(account, arn string) (EntityRef, error) {
	a, ok := awsapi.ParseARN(arn)
	kind, rest, _ := strings.Cut(a.Resource, "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	if !ok || a.Partition != awsapi.Partition || a.Service != "iam" || a.Region != "" || name == "" {
		return EntityRef{}, iam.InvalidInputException(textVagueARN, arn)
	}
	switch Kind(kind) {
	case UserKind, GroupKind, RoleKind:
	default:
		return EntityRef{}, iam.InvalidInputException(textVagueARN, arn)
	}
	ref := EntityRef{Kind(kind), name}
	if a.Account != account {
		return EntityRef{}, noSuch(ref.Kind, name)
	}
	return ref, nil
}

// EntityByARN finds a user, group or role of the account by its ARN, of which
// every part must be right.
func (s *Service) EntityByARN(ctx context.Context, account, arn string) (EntityRef, *Entity, error) {
	ref, err := ParseEntityARN(account, arn)
	if err != nil {
		return ref, nil, err
	}
	e, err := s.holder(ctx, account, ref.Kind, ref.Name)
	if err == nil && entityARN(account, ref.Kind, e.Path, e.Name) != arn {
		err = noSuch(ref.Kind, ref.Name)
	}
	return ref, e, err
}

// HeldPolicies lists the identity policies that count for a user, group or
// role.
func (s *Service) HeldPolicies(ctx context.Context, account string, of EntityRef) ([]HeldPolicy, error) {
	held, err := s.ownPolicies(ctx, account, of.Kind, of.Name)
	if err != nil || of.Kind != UserKind {
		return held, err
	}
	groups, err := s.GroupsForUser(ctx, account, of.Name)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		more, err := s.ownPolicies(ctx, account, GroupKind, g.Name)
		if err != nil {
			return nil, err
		}
		held = append(held, more...)
	}
	return held, nil
}

// ownPolicies lists what an entity has itself.
func (s *Service) ownPolicies(ctx context.Context, account string, kind Kind, name string) ([]HeldPolicy, error) {
	inline, err := s.Inlines(ctx, account, kind, name)
	if err != nil {
		return nil, err
	}
	attached, err := s.Attached(ctx, account, kind, name)
	if err != nil {
		return nil, err
	}
	held := make([]HeldPolicy, 0, len(inline)+len(attached))
	for _, p := range inline {
		held = append(held, HeldPolicy{Kind: kind, Owner: name, Name: p.Name, Document: p.Document})
	}
	for _, p := range attached {
		d, err := s.DefaultDocument(ctx, account, p.ARN)
		if err != nil {
			return nil, err
		}
		held = append(held, HeldPolicy{Kind: kind, Owner: name, Name: p.Name, ARN: p.ARN, Document: d.Text})
	}
	return held, nil
}

// DefaultDocument returns the version of a managed policy that counts.
func (s *Service) DefaultDocument(ctx context.Context, account, arn string) (Document, error) {
	if d, ok := AWSDocument(arn); ok {
		return d, nil
	}
	p, err := s.Policy(ctx, account, arn)
	if err != nil {
		return Document{}, err
	}
	v, err := s.stores.Versions.Version(ctx, account, p.ID, p.DefaultVersion)
	if err != nil {
		return Document{}, fmt.Errorf("version of %s: %w", arn, err)
	}
	return Document{ARN: arn, Name: p.Name, Text: v.Document}, nil
}

// BoundaryOf returns the ARN of an entity's permissions boundary; empty: none.
func (s *Service) BoundaryOf(ctx context.Context, account string, of EntityRef) (string, error) {
	switch of.Kind {
	case UserKind:
		u, err := s.User(ctx, account, of.Name)
		if err != nil {
			return "", err
		}
		return u.Boundary, nil
	case RoleKind:
		r, err := s.Role(ctx, account, of.Name)
		if err != nil {
			return "", err
		}
		return r.Boundary, nil
	}
	return "", nil
}
