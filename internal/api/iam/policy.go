package iam

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) policyHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		iam.CreatePolicy.Bind(a.CreatePolicy),
		iam.GetPolicy.Bind(a.GetPolicy),
		iam.ListPolicies.Bind(a.ListPolicies),
		iam.DeletePolicy.Bind(a.DeletePolicy),
		iam.ListEntitiesForPolicy.Bind(a.ListEntitiesForPolicy),
	}
}

// wirePolicy has what every reply about a managed policy has.
func (a *API) wirePolicy(ctx context.Context, p *account.ManagedPolicy) (iam.Policy, error) {
	attached, err := a.accounts.PolicyUses(ctx, owner(ctx), p.ARN(), account.UseAttached)
	if err != nil {
		return iam.Policy{}, err
	}
	boundaries, err := a.accounts.PolicyUses(ctx, owner(ctx), p.ARN(), account.UseBoundary)
	if err != nil {
		return iam.Policy{}, err
	}
	return iam.Policy{
		PolicyName: &p.Name, PolicyId: &p.ID, Arn: new(p.ARN()), Path: &p.Path,
		DefaultVersionId: new(account.VersionID(p.DefaultVersion)),
		AttachmentCount:  new(int64(attached)), PermissionsBoundaryUsageCount: new(int64(boundaries)),
		IsAttachable: new(true), CreateDate: &p.CreatedAt, UpdateDate: &p.UpdatedAt,
	}, nil
}

// CreatePolicy creates a managed policy. Its reply has no description.
// UNCONFIRMED.
func (a *API) CreatePolicy(ctx context.Context, in *iam.CreatePolicyRequest) (*iam.CreatePolicyResponse, error) {
	p, err := a.accounts.CreatePolicy(ctx, account.NewPolicy{
		Account: owner(ctx), Name: awsapi.Value(in.PolicyName), Path: awsapi.Value(in.Path),
		Description: awsapi.Value(in.Description), Document: awsapi.Value(in.PolicyDocument), Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	out, err := a.wirePolicy(ctx, p)
	if err != nil {
		return nil, err
	}
	out.Tags = wireTags(p.Tags)
	return &iam.CreatePolicyResponse{Policy: &out}, nil
}

// GetPolicy returns a managed policy without its document. Its tags are there
// even when there are none.
func (a *API) GetPolicy(ctx context.Context, in *iam.GetPolicyRequest) (*iam.GetPolicyResponse, error) {
	p, err := a.accounts.Policy(ctx, owner(ctx), awsapi.Value(in.PolicyArn))
	if err != nil {
		return nil, err
	}
	out, err := a.wirePolicy(ctx, p)
	if err != nil {
		return nil, err
	}
	out.Description = optional(p.Description)
	if out.Tags = wireTags(p.Tags); out.Tags == nil {
		out.Tags = []iam.Tag{}
	}
	return &iam.GetPolicyResponse{Policy: &out}, nil
}

// The two halves of a list of policies: AWS's come first. A position is the
// half and the name key in it.
const (
	awsHalf   = "a"
	localHalf = "l"
)

// ListPolicies lists AWS's policies and the account's own.
func (a *API) ListPolicies(ctx context.Context, in *iam.ListPoliciesRequest) (*iam.ListPoliciesResponse, error) {
	prefix, scope := awsapi.Value(in.PathPrefix), awsapi.Value(in.Scope)
	l, err := a.list(ctx, in.Marker, in.MaxItems, prefix, string(scope), string(awsapi.Value(in.PolicyUsageFilter)))
	if err != nil {
		return nil, err
	}
	half, after := awsHalf, ""
	if l.page.After != "" {
		half, after = l.page.After[:1], l.page.After[1:]
	}
	out := &iam.ListPoliciesResponse{Policies: []iam.Policy{}}
	next := ""
	for next == "" {
		if half == awsHalf && scope == iam.PolicyScopeTypeLocal || half == localHalf && scope == iam.PolicyScopeTypeAws {
			if half == localHalf {
				break
			}
			half, after = localHalf, ""
			continue
		}
		page := account.Page{After: after, Limit: l.page.Limit, Path: prefix}
		batch := a.accounts.ListAWSPolicies(page)
		if half == localHalf {
			if batch, err = a.accounts.ListPolicies(ctx, owner(ctx), page); err != nil {
				return nil, err
			}
		}
		for _, p := range batch.Items {
			if len(out.Policies) == l.page.Limit {
				next = half + after
				break
			}
			after = account.NameKey(p.Name)
			wire, err := a.wirePolicy(ctx, p)
			if err != nil {
				return nil, err
			}
			if wanted(in, &wire) {
				out.Policies = append(out.Policies, wire)
			}
		}
		switch {
		case next != "" || batch.Next != "":
		case half == awsHalf:
			half, after = localHalf, ""
		default:
			out.IsTruncated = new(false)
			return out, nil
		}
	}
	out.IsTruncated, out.Marker, err = l.end(next)
	return out, err
}

// wanted applies the filters that depend on who uses a policy.
func wanted(in *iam.ListPoliciesRequest, p *iam.Policy) bool {
	switch awsapi.Value(in.PolicyUsageFilter) {
	case iam.PolicyUsageTypePermissionsPolicy:
		if *p.AttachmentCount == 0 {
			return false
		}
	case iam.PolicyUsageTypePermissionsBoundary:
		if *p.PermissionsBoundaryUsageCount == 0 {
			return false
		}
	}
	return !awsapi.Value(in.OnlyAttached) || *p.AttachmentCount > 0
}

// DeletePolicy deletes a managed policy.
func (a *API) DeletePolicy(ctx context.Context, in *iam.DeletePolicyRequest) (*awsapi.None, error) {
	return &awsapi.None{}, a.accounts.DeletePolicy(ctx, owner(ctx), awsapi.Value(in.PolicyArn))
}

// ListEntitiesForPolicy lists who uses a managed policy.
func (a *API) ListEntitiesForPolicy(ctx context.Context, in *iam.ListEntitiesForPolicyRequest) (*iam.ListEntitiesForPolicyResponse, error) {
	arn := awsapi.Value(in.PolicyArn)
	l, err := a.list(ctx, in.Marker, in.MaxItems, arn, string(awsapi.Value(in.EntityFilter)), awsapi.Value(in.PathPrefix), string(awsapi.Value(in.PolicyUsageFilter)))
	if err != nil {
		return nil, err
	}
	var all []account.PolicyUser
	for _, u := range usesWanted(in) {
		users, err := a.accounts.PolicyUsers(ctx, owner(ctx), arn, u)
		if err != nil {
			return nil, err
		}
		all = append(all, users...)
	}
	seen := map[string]bool{}
	var users []account.PolicyUser
	for _, u := range all {
		kind := string(u.Kind)
		if f := awsapi.Value(in.EntityFilter); f != "" && !strings.EqualFold(string(f), kind) {
			continue
		}
		if !seen[u.ID] && strings.HasPrefix(u.Path, awsapi.Value(in.PathPrefix)) {
			seen[u.ID] = true
			users = append(users, u)
		}
	}
	page := cut(l, users, func(u account.PolicyUser) string { return string(u.Kind) + "/" + account.NameKey(u.Name) })
	out := &iam.ListEntitiesForPolicyResponse{
		PolicyGroups: []iam.PolicyGroup{}, PolicyUsers: []iam.PolicyUser{}, PolicyRoles: []iam.PolicyRole{},
	}
	for _, u := range page.Items {
		switch u.Kind {
		case account.GroupKind:
			out.PolicyGroups = append(out.PolicyGroups, iam.PolicyGroup{GroupName: &u.Name, GroupId: &u.ID})
		case account.RoleKind:
			out.PolicyRoles = append(out.PolicyRoles, iam.PolicyRole{RoleName: &u.Name, RoleId: &u.ID})
		default:
			out.PolicyUsers = append(out.PolicyUsers, iam.PolicyUser{UserName: &u.Name, UserId: &u.ID})
		}
	}
	out.IsTruncated, out.Marker, err = l.end(page.Next)
	return out, err
}

func usesWanted(in *iam.ListEntitiesForPolicyRequest) []account.Use {
	switch awsapi.Value(in.PolicyUsageFilter) {
	case iam.PolicyUsageTypePermissionsPolicy:
		return []account.Use{account.UseAttached}
	case iam.PolicyUsageTypePermissionsBoundary:
		return []account.Use{account.UseBoundary}
	}
	return []account.Use{account.UseAttached, account.UseBoundary}
}
