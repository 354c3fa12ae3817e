package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

func (a *API) detailHandlers() []awsapi.Handler {
	return []awsapi.Handler{iam.GetAccountAuthorizationDetails.Bind(a.GetAccountAuthorizationDetails)}
}

// detailed is one part of GetAccountAuthorizationDetails: it adds a page of
// its entries and returns their number and where it goes on.
type detailed func(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (n int, next string, err error)

// GetAccountAuthorizationDetails returns users, groups, roles and policies
// with everything that decides what they allow. A page may hold entries of
// several kinds; a position is a kind and the key in it.
func (a *API) GetAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsRequest) (*iam.GetAccountAuthorizationDetailsResponse, error) {
	var filter []string
	for _, t := range in.Filter {
		filter = append(filter, string(t))
	}
	slices.Sort(filter)
	l, err := a.list(ctx, in.Marker, in.MaxItems, filter...)
	if err != nil {
		return nil, err
	}
	out := &iam.GetAccountAuthorizationDetailsResponse{
		UserDetailList: []iam.UserDetail{}, GroupDetailList: []iam.GroupDetail{}, RoleDetailList: []iam.RoleDetail{}, Policies: []iam.ManagedPolicyDetail{},
	}
	from, after, _ := strings.Cut(l.page.After, "/")
	left := l.page.Limit
	for _, part := range []struct {
		kind iam.EntityType
		add  detailed
	}{
		{iam.EntityTypeUser, a.addUserDetails},
		{iam.EntityTypeGroup, a.addGroupDetails},
		{iam.EntityTypeRole, a.addRoleDetails},
		{iam.EntityTypeLocalManagedPolicy, a.addLocalPolicies},
		{iam.EntityTypeAWSManagedPolicy, a.addAWSPolicies},
	} {
		if from != "" && from != string(part.kind) || in.Filter != nil && !slices.Contains(in.Filter, part.kind) {
			continue
		}
		from = ""
		if left == 0 {
			out.IsTruncated, out.Marker, err = l.end(string(part.kind) + "/")
			return out, err
		}
		n, next, err := part.add(ctx, out, account.Page{After: after, Limit: left})
		if err != nil {
			return nil, err
		}
		if next != "" {
			out.IsTruncated, out.Marker, err = l.end(string(part.kind) + "/" + next)
			return out, err
		}
		after, left = "", left-n
	}
	out.IsTruncated, out.Marker, err = l.end("")
	return out, err
}

func (a *API) addUserDetails(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (int, string, error) {
	users, err := a.accounts.ListUsers(ctx, owner(ctx), p)
	if err != nil {
		return 0, "", err
	}
	for _, u := range users.Items {
		inline, attached, err := a.policiesDetailed(ctx, account.UserKind, u.Name)
		if err != nil {
			return 0, "", err
		}
		groups, err := a.accounts.GroupsForUser(ctx, owner(ctx), u.Name)
		if err != nil {
			return 0, "", err
		}
		names := []string{}
		for _, g := range groups {
			names = append(names, g.Name)
		}
		out.UserDetailList = append(out.UserDetailList, iam.UserDetail{
			Path: &u.Path, UserName: &u.Name, UserId: &u.ID, Arn: new(u.ARN()), CreateDate: &u.CreatedAt, UserPolicyList: inline,
			GroupList: names, AttachedManagedPolicies: attached, PermissionsBoundary: wireBoundary(u.Boundary), Tags: wireTags(u.Tags),
		})
	}
	return len(users.Items), users.Next, nil
}

func (a *API) addGroupDetails(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (int, string, error) {
	groups, err := a.accounts.ListGroups(ctx, owner(ctx), p)
	if err != nil {
		return 0, "", err
	}
	for _, g := range groups.Items {
		inline, attached, err := a.policiesDetailed(ctx, account.GroupKind, g.Name)
		if err != nil {
			return 0, "", err
		}
		out.GroupDetailList = append(out.GroupDetailList, iam.GroupDetail{
			Path: &g.Path, GroupName: &g.Name, GroupId: &g.ID, Arn: new(g.ARN()), CreateDate: &g.CreatedAt,
			GroupPolicyList: inline, AttachedManagedPolicies: attached,
		})
	}
	return len(groups.Items), groups.Next, nil
}

func (a *API) addRoleDetails(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (int, string, error) {
	roles, err := a.accounts.ListRoles(ctx, owner(ctx), p)
	if err != nil {
		return 0, "", err
	}
	for _, r := range roles.Items {
		d, err := a.roleDetail(ctx, r)
		if err != nil {
			return 0, "", err
		}
		out.RoleDetailList = append(out.RoleDetailList, *d)
	}
	return len(roles.Items), roles.Next, nil
}

func (a *API) roleDetail(ctx context.Context, r *account.Role) (*iam.RoleDetail, error) {
	inline, attached, err := a.policiesDetailed(ctx, account.RoleKind, r.Name)
	if err != nil {
		return nil, err
	}
	trust, err := a.accounts.ShownTrust(ctx, r)
	if err != nil {
		return nil, err
	}
	profiles, err := a.accounts.InstanceProfilesOf(ctx, owner(ctx), r.Name)
	if err != nil {
		return nil, err
	}
	wireProfiles := []iam.InstanceProfile{}
	for _, p := range profiles {
		w, err := a.wireInstanceProfile(ctx, p)
		if err != nil {
			return nil, err
		}
		wireProfiles = append(wireProfiles, w)
	}
	used, err := a.accounts.RoleUse(ctx, r)
	if err != nil {
		return nil, err
	}
	d := &iam.RoleDetail{
		Path: &r.Path, RoleName: &r.Name, RoleId: &r.ID, Arn: new(r.ARN()), CreateDate: &r.CreatedAt,
		AssumeRolePolicyDocument: encodeDocument(trust), InstanceProfileList: wireProfiles, RolePolicyList: inline, AttachedManagedPolicies: attached,
		PermissionsBoundary: wireBoundary(r.Boundary), Tags: wireTags(r.Tags), RoleLastUsed: &iam.RoleLastUsed{},
	}
	if !used.At.IsZero() {
		d.RoleLastUsed = &iam.RoleLastUsed{LastUsedDate: &used.At, Region: &used.Region}
	}
	return d, nil
}

// policiesDetailed returns what an entity has itself.
func (a *API) policiesDetailed(ctx context.Context, kind account.Kind, name string) ([]iam.PolicyDetail, []iam.AttachedPolicy, error) {
	inline, err := a.accounts.Inlines(ctx, owner(ctx), kind, name)
	if err != nil {
		return nil, nil, err
	}
	attached, err := a.accounts.Attached(ctx, owner(ctx), kind, name)
	if err != nil {
		return nil, nil, err
	}
	details, policies := []iam.PolicyDetail{}, []iam.AttachedPolicy{}
	for _, p := range inline {
		details = append(details, iam.PolicyDetail{PolicyName: &p.Name, PolicyDocument: encodeDocument(p.Document)})
	}
	for _, p := range attached {
		policies = append(policies, iam.AttachedPolicy{PolicyName: &p.Name, PolicyArn: &p.ARN})
	}
	return details, policies, nil
}

func (a *API) addLocalPolicies(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (int, string, error) {
	list, err := a.accounts.ListPolicies(ctx, owner(ctx), p)
	if err != nil {
		return 0, "", err
	}
	_, err = a.addPolicies(ctx, out, list.Items, true)
	return len(list.Items), list.Next, err
}

// unusedAWSPolicies says that AWS's policies are listed although nothing has
// them. UNCONFIRMED.
const unusedAWSPolicies = false

func (a *API) addAWSPolicies(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, p account.Page) (int, string, error) {
	n := 0
	for {
		list := a.accounts.ListAWSPolicies(account.Page{After: p.After, Limit: p.Limit - n})
		added, err := a.addPolicies(ctx, out, list.Items, unusedAWSPolicies)
		if n += added; err != nil || list.Next == "" || n == p.Limit {
			return n, list.Next, err
		}
		p.After = list.Next
	}
}

// addPolicies adds policies, all of them or those in use, with all versions.
func (a *API) addPolicies(ctx context.Context, out *iam.GetAccountAuthorizationDetailsResponse, list []*account.ManagedPolicy, all bool) (n int, err error) {
	for _, p := range list {
		w, err := a.wirePolicy(ctx, p)
		if err != nil {
			return n, err
		}
		if !all && *w.AttachmentCount+*w.PermissionsBoundaryUsageCount == 0 {
			continue
		}
		_, versions, err := a.accounts.PolicyVersions(ctx, owner(ctx), p.ARN())
		if err != nil {
			return n, err
		}
		d := iam.ManagedPolicyDetail{
			PolicyName: w.PolicyName, PolicyId: w.PolicyId, Arn: w.Arn, Path: w.Path, DefaultVersionId: w.DefaultVersionId,
			AttachmentCount: w.AttachmentCount, PermissionsBoundaryUsageCount: w.PermissionsBoundaryUsageCount, IsAttachable: w.IsAttachable,
			Description: optional(p.Description), CreateDate: w.CreateDate, UpdateDate: w.UpdateDate, PolicyVersionList: []iam.PolicyVersion{},
		}
		for i := range versions {
			v := wireVersion(&versions[i], versions[i].Number == p.DefaultVersion)
			v.Document = encodeDocument(versions[i].Document)
			d.PolicyVersionList = append(d.PolicyVersionList, v)
		}
		out.Policies = append(out.Policies, d)
		n++
	}
	return n, nil
}
