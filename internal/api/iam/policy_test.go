package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestInlinePolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u")}))(t)
		must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("g")}))(t)
		type kind struct {
			name   string
			put    func(policy, doc string) error
			get    func(policy string) (*string, error)
			list   func(max int32, marker *string) ([]string, *string, error)
			delete func(policy string) error
			limit  int
			holder string
		}
		for _, k := range []kind{
			{
				"role",
				func(p, d string) error {
					_, err := c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: ptr("r"), PolicyName: &p, PolicyDocument: &d})
					return err
				},
				func(p string) (*string, error) {
					out, err := c.GetRolePolicy(ctx, &awsiam.GetRolePolicyInput{RoleName: ptr("r"), PolicyName: &p})
					if err != nil {
						return nil, err
					}
					return out.PolicyDocument, nil
				},
				func(max int32, m *string) ([]string, *string, error) {
					out, err := c.ListRolePolicies(ctx, &awsiam.ListRolePoliciesInput{RoleName: ptr("r"), MaxItems: &max, Marker: m})
					if err != nil {
						return nil, nil, err
					}
					return out.PolicyNames, out.Marker, nil
				},
				func(p string) error {
					_, err := c.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: ptr("r"), PolicyName: &p})
					return err
				},
				10240, "r",
			},
			{
				"user",
				func(p, d string) error {
					_, err := c.PutUserPolicy(ctx, &awsiam.PutUserPolicyInput{UserName: ptr("u"), PolicyName: &p, PolicyDocument: &d})
					return err
				},
				func(p string) (*string, error) {
					out, err := c.GetUserPolicy(ctx, &awsiam.GetUserPolicyInput{UserName: ptr("u"), PolicyName: &p})
					if err != nil {
						return nil, err
					}
					return out.PolicyDocument, nil
				},
				func(max int32, m *string) ([]string, *string, error) {
					out, err := c.ListUserPolicies(ctx, &awsiam.ListUserPoliciesInput{UserName: ptr("u"), MaxItems: &max, Marker: m})
					if err != nil {
						return nil, nil, err
					}
					return out.PolicyNames, out.Marker, nil
				},
				func(p string) error {
					_, err := c.DeleteUserPolicy(ctx, &awsiam.DeleteUserPolicyInput{UserName: ptr("u"), PolicyName: &p})
					return err
				},
				2048, "u",
			},
			{
				"group",
				func(p, d string) error {
					_, err := c.PutGroupPolicy(ctx, &awsiam.PutGroupPolicyInput{GroupName: ptr("g"), PolicyName: &p, PolicyDocument: &d})
					return err
				},
				func(p string) (*string, error) {
					out, err := c.GetGroupPolicy(ctx, &awsiam.GetGroupPolicyInput{GroupName: ptr("g"), PolicyName: &p})
					if err != nil {
						return nil, err
					}
					return out.PolicyDocument, nil
				},
				func(max int32, m *string) ([]string, *string, error) {
					out, err := c.ListGroupPolicies(ctx, &awsiam.ListGroupPoliciesInput{GroupName: ptr("g"), MaxItems: &max, Marker: m})
					if err != nil {
						return nil, nil, err
					}
					return out.PolicyNames, out.Marker, nil
				},
				func(p string) error {
					_, err := c.DeleteGroupPolicy(ctx, &awsiam.DeleteGroupPolicyInput{GroupName: ptr("g"), PolicyName: &p})
					return err
				},
				5120, "g",
			},
		} {
			t.Run(k.name, func(t *testing.T) {
				for _, name := range []string{"c", "a", "b"} {
					if err := k.put(name, readAll); err != nil {
						t.Fatal(err)
					}
				}
				spaced := strings.ReplaceAll(allowAll, ",", ",\n  ")
				if err := k.put("a", spaced); err != nil {
					t.Fatal(err)
				}
				if got := decoded(t, must(k.get("a"))(t)); got != spaced {
					t.Errorf("document %q", got)
				}
				names, marker, err := k.list(2, nil)
				if err != nil || fmt.Sprint(names) != "[a b]" || marker == nil {
					t.Fatalf("first page %v %v %v", names, marker, err)
				}
				names, marker, err = k.list(2, marker)
				if err != nil || fmt.Sprint(names) != "[c]" || marker != nil {
					t.Fatalf("second page %v %v %v", names, marker, err)
				}
				wantError(t, k.put("x", "{"), "MalformedPolicyDocument", "Syntax errors in policy.")
				_, err = k.get("x")
				wantError(t, err, "NoSuchEntity", "The "+k.name+" policy with name x cannot be found.")
				wantError(t, k.delete("x"), "NoSuchEntity", "The "+k.name+" policy with name x cannot be found.")
				big := strings.Replace(readAll, "s3:Get*", "s3:"+strings.Repeat("x", k.limit), 1)
				wantError(t, k.put("big", big), "LimitExceeded", fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s %s", k.limit, k.name, k.holder))
				for _, name := range []string{"a", "b", "c"} {
					if err := k.delete(name); err != nil {
						t.Error(err)
					}
				}
			})
		}
	})
}

func TestManagedPolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		p := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("Read"), Path: ptr("/svc/"), PolicyDocument: ptr(readAll), Description: ptr("reads")}))(t).Policy
		arn := "arn:aws:iam::111111111111:policy/svc/Read"
		if *p.Arn != arn || !strings.HasPrefix(*p.PolicyId, "ANPA") || *p.DefaultVersionId != "v1" || !p.IsAttachable ||
			aws.ToInt32(p.AttachmentCount) != 0 || aws.ToInt32(p.PermissionsBoundaryUsageCount) != 0 || !p.CreateDate.Equal(*p.UpdateDate) {
			t.Errorf("created %+v", p)
		}
		if strings.Contains(w.lastReply(), "Description") || strings.Contains(w.lastReply(), "Tags") {
			t.Errorf("reply of CreatePolicy: %s", w.lastReply())
		}
		_, err := c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("read"), PolicyDocument: ptr(readAll)})
		wantError(t, err, "EntityAlreadyExists", "A policy called read already exists. Duplicate names are not allowed.")
		_, err = c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("Old"), PolicyDocument: ptr(strings.Replace(readAll, "2012-10-17", "2008-10-17", 1))})
		wantError(t, err, "MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.")
		_, err = c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("Big"), PolicyDocument: ptr(strings.Replace(readAll, "s3:Get*", "s3:"+strings.Repeat("x", 6144), 1))})
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")

		got := must(c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: &arn}))(t).Policy
		if *got.Description != "reads" || got.Tags == nil || len(got.Tags) != 0 {
			t.Errorf("got %+v", got)
		}

		// Versions.
		for i := 2; i <= 5; i++ {
			must(c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: ptr(allowAll), SetAsDefault: i == 3}))(t)
		}
		_, err = c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: ptr(allowAll)})
		wantError(t, err, "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		var shown []string
		for pages := awsiam.NewListPolicyVersionsPaginator(c, &awsiam.ListPolicyVersionsInput{PolicyArn: &arn, MaxItems: ptr(int32(2))}); pages.HasMorePages(); {
			for _, v := range must(pages.NextPage(ctx))(t).Versions {
				shown = append(shown, fmt.Sprintf("%s %v %v", *v.VersionId, v.IsDefaultVersion, v.Document != nil))
			}
		}
		if got := strings.Join(shown, " "); got != "v5 false false v4 false false v3 true false v2 false false v1 false false" {
			t.Errorf("versions %s", got)
		}
		v := must(c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v1")}))(t).PolicyVersion
		if decoded(t, v.Document) != readAll || v.IsDefaultVersion {
			t.Errorf("version %+v", v)
		}
		_, err = c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v3")})
		wantError(t, err, "DeleteConflict", "Cannot delete the default version of a policy.")
		_, err = c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v9")})
		wantError(t, err, "NoSuchEntity", "Policy "+arn+" version v9 does not exist or is not attachable.")
		must(c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v5")}))(t)
		next := must(c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: ptr(readAll)}))(t).PolicyVersion
		if *next.VersionId != "v6" {
			t.Errorf("the number of a deleted version came again: %s", *next.VersionId)
		}
		must(c.SetDefaultPolicyVersion(ctx, &awsiam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v1")}))(t)
		_, err = c.SetDefaultPolicyVersion(ctx, &awsiam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: ptr("v5")})
		wantError(t, err, "NoSuchEntity", "Policy "+arn+" version v5 does not exist or is not attachable.")

		// Deleting it.
		_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: &arn})
		wantError(t, err, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		for _, id := range []string{"v2", "v3", "v4", "v6"} {
			must(c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: &id}))(t)
		}
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u"), PermissionsBoundary: &arn}))(t)
		_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: &arn})
		wantError(t, err, "DeleteConflict", "Cannot delete a policy attached to entities.")
		must(c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ptr("u")}))(t)
		must(c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: &arn}))(t)
		_, err = c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: &arn})
		wantError(t, err, "NoSuchEntity", "Policy "+arn+" was not found.")
	})
}

func TestAWSPolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		arn := "arn:aws:iam::aws:policy/AmazonCognitoPowerUser"
		p := must(c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: &arn}))(t).Policy
		v := must(c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.DefaultVersionId}))(t).PolicyVersion
		if !v.IsDefaultVersion || !strings.Contains(decoded(t, v.Document), "cognito-idp:*") {
			t.Errorf("version %+v", v)
		}
		for name, err := range map[string]error{
			"delete": func() error { _, err := c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: &arn}); return err }(),
			"version": func() error {
				_, err := c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: ptr(allowAll)})
				return err
			}(),
			"tag": func() error {
				_, err := c.TagPolicy(ctx, &awsiam.TagPolicyInput{PolicyArn: &arn, Tags: []types.Tag{{Key: ptr("a"), Value: ptr("b")}}})
				return err
			}(),
		} {
			if code, _ := apiError(err); code != "AccessDenied" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAttachments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u")}))(t)
		must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("g")}))(t)
		own := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("ReadOnlyAccess"), Path: ptr("/own/"), PolicyDocument: ptr(readAll)}))(t).Policy.Arn
		aws1 := ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")
		for _, arn := range []*string{own, aws1} {
			must(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: arn}))(t)
			must(c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ptr("u"), PolicyArn: arn}))(t)
			must(c.AttachGroupPolicy(ctx, &awsiam.AttachGroupPolicyInput{GroupName: ptr("g"), PolicyArn: arn}))(t)
		}
		must(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: own}))(t) // again
		seen := map[string]bool{}
		for pages := awsiam.NewListAttachedRolePoliciesPaginator(c, &awsiam.ListAttachedRolePoliciesInput{RoleName: ptr("r"), MaxItems: ptr(int32(1))}); pages.HasMorePages(); {
			for _, p := range must(pages.NextPage(ctx))(t).AttachedPolicies {
				seen[*p.PolicyArn] = true
				if *p.PolicyName != "ReadOnlyAccess" {
					t.Errorf("name %s", *p.PolicyName)
				}
			}
		}
		if len(seen) != 2 {
			t.Errorf("attached %v", seen)
		}
		if under := must(c.ListAttachedUserPolicies(ctx, &awsiam.ListAttachedUserPoliciesInput{UserName: ptr("u"), PathPrefix: ptr("/own/")}))(t); len(under.AttachedPolicies) != 1 {
			t.Errorf("under /own/: %+v", under.AttachedPolicies)
		}
		if all := must(c.ListAttachedGroupPolicies(ctx, &awsiam.ListAttachedGroupPoliciesInput{GroupName: ptr("g")}))(t); len(all.AttachedPolicies) != 2 {
			t.Errorf("group: %+v", all.AttachedPolicies)
		}
		if n := aws.ToInt32(must(c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: own}))(t).Policy.AttachmentCount); n != 3 {
			t.Errorf("attached %d times", n)
		}
		who := must(c.ListEntitiesForPolicy(ctx, &awsiam.ListEntitiesForPolicyInput{PolicyArn: own}))(t)
		if len(who.PolicyRoles) != 1 || len(who.PolicyUsers) != 1 || len(who.PolicyGroups) != 1 || *who.PolicyRoles[0].RoleName != "r" {
			t.Errorf("entities %+v", who)
		}
		if who = must(c.ListEntitiesForPolicy(ctx, &awsiam.ListEntitiesForPolicyInput{PolicyArn: own, EntityFilter: types.EntityTypeRole}))(t); len(who.PolicyUsers) != 0 || len(who.PolicyRoles) != 1 {
			t.Errorf("roles only %+v", who)
		}

		refused := func(arn string) error {
			_, err := c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: &arn})
			return err
		}
		wantError(t, refused("not an ARN at all, really"), "ValidationError", "Invalid ARN:  Could not be parsed!")
		for _, arn := range []string{"arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::222222222222:policy/other", "arn:aws:iam::111111111111:role/not-a-policy", "arn:aws:iam::111111111111:policy/ReadOnlyAccess"} {
			wantError(t, refused(arn), "NoSuchEntity", "Policy "+arn+" does not exist or is not attachable.")
		}
		must(c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: ptr("r"), PolicyArn: own}))(t)
		_, err := c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: ptr("r"), PolicyArn: own})
		wantError(t, err, "NoSuchEntity", "Policy "+*own+" was not found.")
		for i := range 10 {
			arn := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr(fmt.Sprint("p", i)), PolicyDocument: ptr(readAll)}))(t).Policy.Arn
			_, err = c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: arn})
		}
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
	})
}

func TestListPolicies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		for _, name := range []string{"zeta", "AdministratorAccess", "mid"} {
			must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: &name, PolicyDocument: ptr(readAll)}))(t)
		}
		must(w.asRoot(beta).CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("foreign"), PolicyDocument: ptr(readAll)}))(t)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u"), PermissionsBoundary: ptr("arn:aws:iam::111111111111:policy/mid")}))(t)
		must(c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ptr("u"), PolicyArn: ptr("arn:aws:iam::aws:policy/IAMFullAccess")}))(t)
		count := func(in awsiam.ListPoliciesInput) (arns []string) {
			for pages := awsiam.NewListPoliciesPaginator(c, &in); pages.HasMorePages(); {
				for _, p := range must(pages.NextPage(ctx))(t).Policies {
					arns = append(arns, *p.Arn)
				}
			}
			return arns
		}
		whole := count(awsiam.ListPoliciesInput{})
		for _, size := range []int32{1, 2, 7, 1000} {
			if got := count(awsiam.ListPoliciesInput{MaxItems: &size}); strings.Join(got, " ") != strings.Join(whole, " ") {
				t.Errorf("pages of %d: %v, want %v", size, got, whole)
			}
		}
		if got := count(awsiam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal, MaxItems: ptr(int32(2))}); len(got) != 3 {
			t.Errorf("local %v", got)
		}
		if got := count(awsiam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws}); len(got) != len(whole)-3 {
			t.Errorf("AWS's %v", got)
		}
		if got := count(awsiam.ListPoliciesInput{OnlyAttached: true}); fmt.Sprint(got) != "[arn:aws:iam::aws:policy/IAMFullAccess]" {
			t.Errorf("attached %v", got)
		}
		if got := count(awsiam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary}); fmt.Sprint(got) != "[arn:aws:iam::111111111111:policy/mid]" {
			t.Errorf("boundaries %v", got)
		}
	})
}

func TestBoundaries(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		bound := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("Bound"), PolicyDocument: ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}}`)}))(t).Policy.Arn
		ann := w.asUser("ann", allowAll)
		must(ann.ListRoles(ctx, &awsiam.ListRolesInput{}))(t)
		must(c.PutUserPermissionsBoundary(ctx, &awsiam.PutUserPermissionsBoundaryInput{UserName: ptr("ann"), PermissionsBoundary: bound}))(t)
		_, err := ann.ListRoles(ctx, &awsiam.ListRolesInput{})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::111111111111:role/ because no permissions boundary allows the iam:ListRoles action")
		u := must(ann.GetUser(ctx, &awsiam.GetUserInput{}))(t).User
		if u.PermissionsBoundary == nil || *u.PermissionsBoundary.PermissionsBoundaryArn != *bound || u.PermissionsBoundary.PermissionsBoundaryType != "Policy" {
			t.Errorf("boundary %+v", u.PermissionsBoundary)
		}
		// Another document in force at once.
		must(c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: bound, PolicyDocument: ptr(allowAll), SetAsDefault: true}))(t)
		must(ann.ListRoles(ctx, &awsiam.ListRolesInput{}))(t)
		must(c.DeleteUserPermissionsBoundary(ctx, &awsiam.DeleteUserPermissionsBoundaryInput{UserName: ptr("ann")}))(t)
		_, err = c.DeleteUserPermissionsBoundary(ctx, &awsiam.DeleteUserPermissionsBoundaryInput{UserName: ptr("ann")})
		if code, _ := apiError(err); code != "NoSuchEntity" {
			t.Errorf("no boundary: %v", err)
		}

		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha), PermissionsBoundary: bound}))(t)
		if r := must(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("r")}))(t).Role; *r.PermissionsBoundary.PermissionsBoundaryArn != *bound {
			t.Errorf("role %+v", r)
		}
		must(c.PutRolePermissionsBoundary(ctx, &awsiam.PutRolePermissionsBoundaryInput{RoleName: ptr("r"), PermissionsBoundary: ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}))(t)
		must(c.DeleteRolePermissionsBoundary(ctx, &awsiam.DeleteRolePermissionsBoundaryInput{RoleName: ptr("r")}))(t)
		_, err = c.PutRolePermissionsBoundary(ctx, &awsiam.PutRolePermissionsBoundaryInput{RoleName: ptr("none"), PermissionsBoundary: bound})
		wantError(t, err, "NoSuchEntity", "The role with name none cannot be found.")
		must(c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: ptr("r")}))(t)
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u")}))(t)
		arn := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("p"), PolicyDocument: ptr(readAll), Tags: []types.Tag{{Key: ptr("x"), Value: ptr("y")}}}))(t).Policy.Arn
		tags := []types.Tag{{Key: ptr("Team"), Value: ptr("red")}, {Key: ptr("stage"), Value: ptr("")}}
		must(c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: ptr("r"), Tags: tags}))(t)
		must(c.TagUser(ctx, &awsiam.TagUserInput{UserName: ptr("u"), Tags: tags}))(t)
		must(c.TagPolicy(ctx, &awsiam.TagPolicyInput{PolicyArn: arn, Tags: tags}))(t)
		must(c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: ptr("r"), Tags: []types.Tag{{Key: ptr("TEAM"), Value: ptr("blue")}}}))(t)
		text := func(tags []types.Tag) string {
			var parts []string
			for _, t := range tags {
				parts = append(parts, *t.Key+"="+*t.Value)
			}
			return strings.Join(parts, " ")
		}
		if got := text(must(c.ListRoleTags(ctx, &awsiam.ListRoleTagsInput{RoleName: ptr("r")}))(t).Tags); got != "TEAM=blue stage=" {
			t.Errorf("role tags %s", got)
		}
		page := must(c.ListUserTags(ctx, &awsiam.ListUserTagsInput{UserName: ptr("u"), MaxItems: ptr(int32(1))}))(t)
		rest := must(c.ListUserTags(ctx, &awsiam.ListUserTagsInput{UserName: ptr("u"), Marker: page.Marker}))(t)
		if got := text(append(page.Tags, rest.Tags...)); got != "Team=red stage=" || !page.IsTruncated || rest.IsTruncated {
			t.Errorf("user tags %s", got)
		}
		must(c.UntagPolicy(ctx, &awsiam.UntagPolicyInput{PolicyArn: arn, TagKeys: []string{"TEAM", "absent"}}))(t)
		if got := text(must(c.ListPolicyTags(ctx, &awsiam.ListPolicyTagsInput{PolicyArn: arn}))(t).Tags); got != "stage= x=y" {
			t.Errorf("policy tags %s", got)
		}
		must(c.UntagRole(ctx, &awsiam.UntagRoleInput{RoleName: ptr("r"), TagKeys: []string{"team", "stage"}}))(t)
		must(c.UntagUser(ctx, &awsiam.UntagUserInput{UserName: ptr("u"), TagKeys: []string{"team"}}))(t)
		if got := must(c.ListRoleTags(ctx, &awsiam.ListRoleTagsInput{RoleName: ptr("r")}))(t); len(got.Tags) != 0 || got.IsTruncated {
			t.Errorf("role tags %+v", got.Tags)
		}
		_, err := c.TagUser(ctx, &awsiam.TagUserInput{UserName: ptr("u"), Tags: []types.Tag{{Key: ptr("a"), Value: ptr("1")}, {Key: ptr("A"), Value: ptr("2")}}})
		wantError(t, err, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		for i := range 6 {
			var many []types.Tag
			for j := range 10 {
				many = append(many, types.Tag{Key: ptr(fmt.Sprint("k", i, "-", j)), Value: ptr("v")})
			}
			_, err = c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: ptr("r"), Tags: many})
		}
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for TagsPerResource: 50")
	})
}
