package iam_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/api/iam"
	"github.com/cenote-id/cenote/internal/awsapi"
)

// operation is a call that has something to act on in account alpha.
type operation struct {
	name  string
	shown string // how a denial names the resource
	call  func(context.Context, *awsiam.Client) error
	other string // what the root user of account beta is answered; "" for success
}

func call[I, O any](f func(*awsiam.Client, context.Context, *I, ...func(*awsiam.Options)) (*O, error), in I) func(context.Context, *awsiam.Client) error {
	return func(ctx context.Context, c *awsiam.Client) error {
		_, err := f(c, ctx, &in)
		return err
	}
}

const (
	ownPolicy   = "arn:aws:iam::111111111111:policy/svc/Own"
	ownProvider = "arn:aws:iam::111111111111:oidc-provider/login.example.com"
)

// operations lists every operation that the door has.
func operations(key string) []operation {
	const (
		noRole, noUser, noGroup = "The role with name app cannot be found.", "The user with name ann cannot be found.", "The group with name staff cannot be found."
		noPolicy, noProvider    = "Policy " + ownPolicy + " was not found.", "OpenIDConnect Provider not found for arn " + ownProvider
	)
	noKey := "The Access Key with id " + key + " cannot be found."
	app, ann, staff, doc, name := ptr("app"), ptr("ann"), ptr("staff"), ptr(readAll), ptr("p")
	policy, provider := ptr(ownPolicy), ptr(ownProvider)
	tags := []types.Tag{{Key: ptr("k"), Value: ptr("v")}}
	return append(slices.Concat(resourceOperations(), samlOperations(), reportOperations()), []operation{
		{"CreateRole", "arn:aws:iam::111111111111:role/new/fresh", call((*awsiam.Client).CreateRole, awsiam.CreateRoleInput{RoleName: ptr("fresh"), Path: ptr("/new/"), AssumeRolePolicyDocument: ptr(trustAlpha)}), ""},
		{"GetRole", "role app", call((*awsiam.Client).GetRole, awsiam.GetRoleInput{RoleName: app}), noRole},
		{"ListRoles", "arn:aws:iam::111111111111:role/", call((*awsiam.Client).ListRoles, awsiam.ListRolesInput{}), ""},
		{"UpdateRole", "role app", call((*awsiam.Client).UpdateRole, awsiam.UpdateRoleInput{RoleName: app}), noRole},
		{"UpdateRoleDescription", "role app", call((*awsiam.Client).UpdateRoleDescription, awsiam.UpdateRoleDescriptionInput{RoleName: app, Description: ptr("d")}), noRole},
		{"UpdateAssumeRolePolicy", "role app", call((*awsiam.Client).UpdateAssumeRolePolicy, awsiam.UpdateAssumeRolePolicyInput{RoleName: app, PolicyDocument: ptr(trustAlpha)}), noRole},
		{"DeleteRole", "role app", call((*awsiam.Client).DeleteRole, awsiam.DeleteRoleInput{RoleName: app}), noRole},
		{"ListInstanceProfilesForRole", "role app", call((*awsiam.Client).ListInstanceProfilesForRole, awsiam.ListInstanceProfilesForRoleInput{RoleName: app}), noRole},
		{"CreateUser", "arn:aws:iam::111111111111:user/fresh", call((*awsiam.Client).CreateUser, awsiam.CreateUserInput{UserName: ptr("fresh")}), ""},
		{"GetUser", "user ann", call((*awsiam.Client).GetUser, awsiam.GetUserInput{UserName: ann}), noUser},
		{"ListUsers", "arn:aws:iam::111111111111:user/", call((*awsiam.Client).ListUsers, awsiam.ListUsersInput{}), ""},
		{"UpdateUser", "user ann", call((*awsiam.Client).UpdateUser, awsiam.UpdateUserInput{UserName: ann, NewPath: ptr("/x/")}), noUser},
		{"DeleteUser", "user ann", call((*awsiam.Client).DeleteUser, awsiam.DeleteUserInput{UserName: ann}), noUser},
		{"CreateGroup", "arn:aws:iam::111111111111:group/fresh", call((*awsiam.Client).CreateGroup, awsiam.CreateGroupInput{GroupName: ptr("fresh")}), ""},
		{"GetGroup", "group staff", call((*awsiam.Client).GetGroup, awsiam.GetGroupInput{GroupName: staff}), noGroup},
		{"ListGroups", "arn:aws:iam::111111111111:group/", call((*awsiam.Client).ListGroups, awsiam.ListGroupsInput{}), ""},
		{"UpdateGroup", "group staff", call((*awsiam.Client).UpdateGroup, awsiam.UpdateGroupInput{GroupName: staff, NewPath: ptr("/x/")}), noGroup},
		{"DeleteGroup", "group staff", call((*awsiam.Client).DeleteGroup, awsiam.DeleteGroupInput{GroupName: staff}), noGroup},
		{"AddUserToGroup", "group staff", call((*awsiam.Client).AddUserToGroup, awsiam.AddUserToGroupInput{GroupName: staff, UserName: ann}), noGroup},
		{"RemoveUserFromGroup", "group staff", call((*awsiam.Client).RemoveUserFromGroup, awsiam.RemoveUserFromGroupInput{GroupName: staff, UserName: ann}), noGroup},
		{"ListGroupsForUser", "user ann", call((*awsiam.Client).ListGroupsForUser, awsiam.ListGroupsForUserInput{UserName: ann}), noUser},
		{"PutRolePolicy", "role app", call((*awsiam.Client).PutRolePolicy, awsiam.PutRolePolicyInput{RoleName: app, PolicyName: name, PolicyDocument: doc}), noRole},
		{"GetRolePolicy", "role app", call((*awsiam.Client).GetRolePolicy, awsiam.GetRolePolicyInput{RoleName: app, PolicyName: name}), noRole},
		{"ListRolePolicies", "role app", call((*awsiam.Client).ListRolePolicies, awsiam.ListRolePoliciesInput{RoleName: app}), noRole},
		{"DeleteRolePolicy", "role app", call((*awsiam.Client).DeleteRolePolicy, awsiam.DeleteRolePolicyInput{RoleName: app, PolicyName: name}), noRole},
		{"PutUserPolicy", "user ann", call((*awsiam.Client).PutUserPolicy, awsiam.PutUserPolicyInput{UserName: ann, PolicyName: name, PolicyDocument: doc}), noUser},
		{"GetUserPolicy", "user ann", call((*awsiam.Client).GetUserPolicy, awsiam.GetUserPolicyInput{UserName: ann, PolicyName: name}), noUser},
		{"ListUserPolicies", "user ann", call((*awsiam.Client).ListUserPolicies, awsiam.ListUserPoliciesInput{UserName: ann}), noUser},
		{"DeleteUserPolicy", "user ann", call((*awsiam.Client).DeleteUserPolicy, awsiam.DeleteUserPolicyInput{UserName: ann, PolicyName: name}), noUser},
		{"PutGroupPolicy", "group staff", call((*awsiam.Client).PutGroupPolicy, awsiam.PutGroupPolicyInput{GroupName: staff, PolicyName: name, PolicyDocument: doc}), noGroup},
		{"GetGroupPolicy", "group staff", call((*awsiam.Client).GetGroupPolicy, awsiam.GetGroupPolicyInput{GroupName: staff, PolicyName: name}), noGroup},
		{"ListGroupPolicies", "group staff", call((*awsiam.Client).ListGroupPolicies, awsiam.ListGroupPoliciesInput{GroupName: staff}), noGroup},
		{"DeleteGroupPolicy", "group staff", call((*awsiam.Client).DeleteGroupPolicy, awsiam.DeleteGroupPolicyInput{GroupName: staff, PolicyName: name}), noGroup},
		{"AttachRolePolicy", "role app", call((*awsiam.Client).AttachRolePolicy, awsiam.AttachRolePolicyInput{RoleName: app, PolicyArn: policy}), noRole},
		{"DetachRolePolicy", "role app", call((*awsiam.Client).DetachRolePolicy, awsiam.DetachRolePolicyInput{RoleName: app, PolicyArn: policy}), noRole},
		{"ListAttachedRolePolicies", "role app", call((*awsiam.Client).ListAttachedRolePolicies, awsiam.ListAttachedRolePoliciesInput{RoleName: app}), noRole},
		{"AttachUserPolicy", "user ann", call((*awsiam.Client).AttachUserPolicy, awsiam.AttachUserPolicyInput{UserName: ann, PolicyArn: policy}), noUser},
		{"DetachUserPolicy", "user ann", call((*awsiam.Client).DetachUserPolicy, awsiam.DetachUserPolicyInput{UserName: ann, PolicyArn: policy}), noUser},
		{"ListAttachedUserPolicies", "user ann", call((*awsiam.Client).ListAttachedUserPolicies, awsiam.ListAttachedUserPoliciesInput{UserName: ann}), noUser},
		{"AttachGroupPolicy", "group staff", call((*awsiam.Client).AttachGroupPolicy, awsiam.AttachGroupPolicyInput{GroupName: staff, PolicyArn: policy}), noGroup},
		{"DetachGroupPolicy", "group staff", call((*awsiam.Client).DetachGroupPolicy, awsiam.DetachGroupPolicyInput{GroupName: staff, PolicyArn: policy}), noGroup},
		{"ListAttachedGroupPolicies", "group staff", call((*awsiam.Client).ListAttachedGroupPolicies, awsiam.ListAttachedGroupPoliciesInput{GroupName: staff}), noGroup},
		{"PutRolePermissionsBoundary", "role app", call((*awsiam.Client).PutRolePermissionsBoundary, awsiam.PutRolePermissionsBoundaryInput{RoleName: app, PermissionsBoundary: policy}), noRole},
		{"DeleteRolePermissionsBoundary", "role app", call((*awsiam.Client).DeleteRolePermissionsBoundary, awsiam.DeleteRolePermissionsBoundaryInput{RoleName: app}), noRole},
		{"PutUserPermissionsBoundary", "user ann", call((*awsiam.Client).PutUserPermissionsBoundary, awsiam.PutUserPermissionsBoundaryInput{UserName: ann, PermissionsBoundary: policy}), noUser},
		{"DeleteUserPermissionsBoundary", "user ann", call((*awsiam.Client).DeleteUserPermissionsBoundary, awsiam.DeleteUserPermissionsBoundaryInput{UserName: ann}), noUser},
		{"TagRole", "role app", call((*awsiam.Client).TagRole, awsiam.TagRoleInput{RoleName: app, Tags: tags}), noRole},
		{"UntagRole", "role app", call((*awsiam.Client).UntagRole, awsiam.UntagRoleInput{RoleName: app, TagKeys: []string{"k"}}), noRole},
		{"ListRoleTags", "role app", call((*awsiam.Client).ListRoleTags, awsiam.ListRoleTagsInput{RoleName: app}), noRole},
		{"TagUser", "user ann", call((*awsiam.Client).TagUser, awsiam.TagUserInput{UserName: ann, Tags: tags}), noUser},
		{"UntagUser", "user ann", call((*awsiam.Client).UntagUser, awsiam.UntagUserInput{UserName: ann, TagKeys: []string{"k"}}), noUser},
		{"ListUserTags", "user ann", call((*awsiam.Client).ListUserTags, awsiam.ListUserTagsInput{UserName: ann}), noUser},
		{"TagPolicy", "policy " + ownPolicy, call((*awsiam.Client).TagPolicy, awsiam.TagPolicyInput{PolicyArn: policy, Tags: tags}), noPolicy},
		{"UntagPolicy", "policy " + ownPolicy, call((*awsiam.Client).UntagPolicy, awsiam.UntagPolicyInput{PolicyArn: policy, TagKeys: []string{"k"}}), noPolicy},
		{"ListPolicyTags", "policy " + ownPolicy, call((*awsiam.Client).ListPolicyTags, awsiam.ListPolicyTagsInput{PolicyArn: policy}), noPolicy},
		{"CreatePolicy", "policy fresh", call((*awsiam.Client).CreatePolicy, awsiam.CreatePolicyInput{PolicyName: ptr("fresh"), PolicyDocument: doc}), ""},
		{"GetPolicy", "policy " + ownPolicy, call((*awsiam.Client).GetPolicy, awsiam.GetPolicyInput{PolicyArn: policy}), noPolicy},
		{"ListPolicies", "policy path /", call((*awsiam.Client).ListPolicies, awsiam.ListPoliciesInput{}), ""},
		{"DeletePolicy", "policy " + ownPolicy, call((*awsiam.Client).DeletePolicy, awsiam.DeletePolicyInput{PolicyArn: policy}), noPolicy},
		{"ListEntitiesForPolicy", "policy " + ownPolicy, call((*awsiam.Client).ListEntitiesForPolicy, awsiam.ListEntitiesForPolicyInput{PolicyArn: policy}), noPolicy},
		{"CreatePolicyVersion", "policy " + ownPolicy, call((*awsiam.Client).CreatePolicyVersion, awsiam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: doc}), noPolicy},
		{"GetPolicyVersion", "policy " + ownPolicy, call((*awsiam.Client).GetPolicyVersion, awsiam.GetPolicyVersionInput{PolicyArn: policy, VersionId: ptr("v1")}), noPolicy},
		{"ListPolicyVersions", "policy " + ownPolicy, call((*awsiam.Client).ListPolicyVersions, awsiam.ListPolicyVersionsInput{PolicyArn: policy}), noPolicy},
		{"SetDefaultPolicyVersion", "policy " + ownPolicy, call((*awsiam.Client).SetDefaultPolicyVersion, awsiam.SetDefaultPolicyVersionInput{PolicyArn: policy, VersionId: ptr("v1")}), noPolicy},
		{"DeletePolicyVersion", "policy " + ownPolicy, call((*awsiam.Client).DeletePolicyVersion, awsiam.DeletePolicyVersionInput{PolicyArn: policy, VersionId: ptr("v1")}), noPolicy},
		{"CreateAccessKey", "user ann", call((*awsiam.Client).CreateAccessKey, awsiam.CreateAccessKeyInput{UserName: ann}), noUser},
		{"ListAccessKeys", "user ann", call((*awsiam.Client).ListAccessKeys, awsiam.ListAccessKeysInput{UserName: ann}), noUser},
		{"UpdateAccessKey", "user ann", call((*awsiam.Client).UpdateAccessKey, awsiam.UpdateAccessKeyInput{UserName: ann, AccessKeyId: &key, Status: types.StatusTypeInactive}), noUser},
		{"DeleteAccessKey", "user ann", call((*awsiam.Client).DeleteAccessKey, awsiam.DeleteAccessKeyInput{UserName: ann, AccessKeyId: &key}), noUser},
		{"GetAccessKeyLastUsed", "user ann", call((*awsiam.Client).GetAccessKeyLastUsed, awsiam.GetAccessKeyLastUsedInput{AccessKeyId: &key}), noKey},
		{"CreateOpenIDConnectProvider", "arn:aws:iam::111111111111:oidc-provider/fresh.example.com", call((*awsiam.Client).CreateOpenIDConnectProvider, awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://fresh.example.com")}), ""},
		{"GetOpenIDConnectProvider", ownProvider, call((*awsiam.Client).GetOpenIDConnectProvider, awsiam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}), noProvider},
		{"ListOpenIDConnectProviders", "arn:aws:iam::111111111111:oidc-provider/*", call((*awsiam.Client).ListOpenIDConnectProviders, awsiam.ListOpenIDConnectProvidersInput{}), ""},
		{"DeleteOpenIDConnectProvider", ownProvider, call((*awsiam.Client).DeleteOpenIDConnectProvider, awsiam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}), "OpenId connect Provider " + ownProvider + " cannot be found."},
		{"AddClientIDToOpenIDConnectProvider", ownProvider, call((*awsiam.Client).AddClientIDToOpenIDConnectProvider, awsiam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, ClientID: ptr("c")}), noProvider},
		{"RemoveClientIDFromOpenIDConnectProvider", ownProvider, call((*awsiam.Client).RemoveClientIDFromOpenIDConnectProvider, awsiam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, ClientID: ptr("c")}), noProvider},
		{"UpdateOpenIDConnectProviderThumbprint", ownProvider, call((*awsiam.Client).UpdateOpenIDConnectProviderThumbprint, awsiam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: provider, ThumbprintList: []string{strings.Repeat("0", 40)}}), noProvider},
		{"TagOpenIDConnectProvider", ownProvider, call((*awsiam.Client).TagOpenIDConnectProvider, awsiam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, Tags: tags}), noProvider},
		{"UntagOpenIDConnectProvider", ownProvider, call((*awsiam.Client).UntagOpenIDConnectProvider, awsiam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, TagKeys: []string{"k"}}), noProvider},
		{"ListOpenIDConnectProviderTags", ownProvider, call((*awsiam.Client).ListOpenIDConnectProviderTags, awsiam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: provider}), noProvider},
	}...)
}

// furnish puts one of everything into account alpha and returns a key of ann.
func (w *world) furnish() string {
	w.t.Helper()
	ctx, c := w.t.Context(), w.asRoot(alpha)
	must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("app"), Path: ptr("/svc/"), AssumeRolePolicyDocument: ptr(trustAlpha), Tags: []types.Tag{{Key: ptr("Team"), Value: ptr("red")}}}))(w.t)
	must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("ann"), Path: ptr("/team/")}))(w.t)
	must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("staff")}))(w.t)
	must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: ptr("Own"), Path: ptr("/svc/"), PolicyDocument: ptr(readAll)}))(w.t)
	must(c.CreateOpenIDConnectProvider(ctx, &awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://login.example.com")}))(w.t)
	w.furnishResources()
	w.furnishSAML()
	return *must(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("ann")}))(w.t).AccessKey.AccessKeyId
}

func TestEveryOperationIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, op := range operations("") {
		listed[op.name] = true
	}
	for _, h := range iam.New(iam.Config{}).Handlers() {
		if h.Refusal == "" && !listed[h.Name] {
			t.Errorf("%s is not in the table of operations", h.Name)
		}
		delete(listed, h.Name)
	}
	for name := range listed {
		t.Errorf("%s has no handler", name)
	}
}

func TestWithoutPermission(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		key := w.furnish()
		nobody := w.asUser("nobody", "")
		for _, op := range operations(key) {
			wantError(t, op.call(t.Context(), nobody), "AccessDenied", "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: iam:"+op.name+
				" on resource: "+op.shown+" because no identity-based policy allows the iam:"+op.name+" action")
		}
		// Nothing has happened.
		if _, err := w.accounts.Role(t.Context(), alpha, "app"); err != nil {
			t.Error(err)
		}
		if roles := must(w.accounts.ListRoles(t.Context(), alpha, account.Page{Limit: 10}))(t); len(roles.Items) != 1 {
			t.Errorf("roles %+v", roles.Items)
		}
	})
}

// TestFromAnotherAccount: what account alpha has does not exist for beta.
func TestFromAnotherAccount(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		key := w.furnish()
		stranger := w.asRoot(beta)
		for _, op := range operations(key) {
			err := op.call(t.Context(), stranger)
			if _, text := apiError(err); text != op.other {
				t.Errorf("%s: %q, want %q", op.name, text, op.other)
			}
		}
	})
}

func TestPoliciesSeeTheRequest(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.furnish()
		statement := func(s string) string { return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + s + `}}` }
		for i, tt := range []struct {
			name, policy string
			call         func(context.Context, *awsiam.Client) error
			want         bool
		}{
			{"path in the ARN", statement(`"Action":"iam:GetRole","Resource":"arn:aws:iam::*:role/svc/*"`), call((*awsiam.Client).GetRole, awsiam.GetRoleInput{RoleName: ptr("APP")}), true},
			{"another path", statement(`"Action":"iam:GetRole","Resource":"arn:aws:iam::*:role/app"`), call((*awsiam.Client).GetRole, awsiam.GetRoleInput{RoleName: ptr("app")}), false},
			{"resource tag", statement(`"Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}`), call((*awsiam.Client).GetRole, awsiam.GetRoleInput{RoleName: ptr("app")}), true},
			{"IAM's resource tag", statement(`"Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/Team":"blue"}}`), call((*awsiam.Client).GetRole, awsiam.GetRoleInput{RoleName: ptr("app")}), false},
			{"policy ARN", statement(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::*:policy/svc/*"}}`), call((*awsiam.Client).AttachRolePolicy, awsiam.AttachRolePolicyInput{RoleName: ptr("app"), PolicyArn: ptr(ownPolicy)}), true},
			{"another policy ARN", statement(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::*:policy/svc/*"}}`), call((*awsiam.Client).AttachRolePolicy, awsiam.AttachRolePolicyInput{RoleName: ptr("app"), PolicyArn: ptr("arn:aws:iam::aws:policy/AdministratorAccess")}), false},
			{"boundary demanded and given", statement(`"Action":"iam:CreateRole","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"` + ownPolicy + `"}}`), call((*awsiam.Client).CreateRole, awsiam.CreateRoleInput{RoleName: ptr("bounded"), AssumeRolePolicyDocument: ptr(trustAlpha), PermissionsBoundary: ptr(ownPolicy)}), true},
			{"boundary demanded and missing", statement(`"Action":"iam:CreateRole","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"` + ownPolicy + `"}}`), call((*awsiam.Client).CreateRole, awsiam.CreateRoleInput{RoleName: ptr("free"), AssumeRolePolicyDocument: ptr(trustAlpha)}), false},
			{"boundary that the role has", statement(`"Action":"iam:PutRolePolicy","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"` + ownPolicy + `"}}`), call((*awsiam.Client).PutRolePolicy, awsiam.PutRolePolicyInput{RoleName: ptr("bounded"), PolicyName: ptr("p"), PolicyDocument: ptr(allowAll)}), true},
			{"boundary that the role lacks", statement(`"Action":"iam:PutRolePolicy","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"` + ownPolicy + `"}}`), call((*awsiam.Client).PutRolePolicy, awsiam.PutRolePolicyInput{RoleName: ptr("app"), PolicyName: ptr("p"), PolicyDocument: ptr(allowAll)}), false},
			{"tags at birth without the right to tag", statement(`"Action":"iam:CreateUser","Resource":"*"`), call((*awsiam.Client).CreateUser, awsiam.CreateUserInput{UserName: ptr("tagged"), Tags: []types.Tag{{Key: ptr("a"), Value: ptr("b")}}}), false},
			{"tags at birth", statement(`"Action":["iam:CreateUser","iam:TagUser"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"},"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`), call((*awsiam.Client).CreateUser, awsiam.CreateUserInput{UserName: ptr("tagged"), Tags: []types.Tag{{Key: ptr("a"), Value: ptr("b")}}}), true},
			{"tag key not allowed", statement(`"Action":"iam:TagUser","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`), call((*awsiam.Client).TagUser, awsiam.TagUserInput{UserName: ptr("ann"), Tags: []types.Tag{{Key: ptr("c"), Value: ptr("d")}}}), false},
			{"region", statement(`"Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`), call((*awsiam.Client).ListUsers, awsiam.ListUsersInput{}), true},
			{"address", statement(`"Action":"iam:ListUsers","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`), call((*awsiam.Client).ListUsers, awsiam.ListUsersInput{}), true},
			{"no TLS", statement(`"Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`), call((*awsiam.Client).ListUsers, awsiam.ListUsersInput{}), false},
			{"no MFA key on long-term keys", statement(`"Action":"iam:ListUsers","Resource":"*","Condition":{"Null":{"aws:MultiFactorAuthPresent":"true"}}`), call((*awsiam.Client).ListUsers, awsiam.ListUsersInput{}), true},
			{"rename to a forbidden path", statement(`"Action":"iam:UpdateUser","Resource":"arn:aws:iam::*:user/team/*"`), call((*awsiam.Client).UpdateUser, awsiam.UpdateUserInput{UserName: ptr("ann"), NewPath: ptr("/admin/")}), false},
			{"rename within the path", statement(`"Action":"iam:UpdateUser","Resource":"arn:aws:iam::*:user/team/*"`), call((*awsiam.Client).UpdateUser, awsiam.UpdateUserInput{UserName: ptr("ann"), NewUserName: ptr("anna")}), true},
		} {
			err := tt.call(ctx, w.asUser("caller"+string(rune('a'+i)), tt.policy))
			if code, text := apiError(err); (err == nil) != tt.want || err != nil && code != "AccessDenied" {
				t.Errorf("%s: %s: %s, want allowed %v", tt.name, code, text, tt.want)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.furnish()
		role := must(w.accounts.Role(ctx, alpha, "app"))(t)
		if err := w.accounts.PutInline(ctx, alpha, account.RoleKind, "app", account.InlinePolicy{Name: "p", Document: `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"iam:*","Resource":"*"},
			{"Effect":"Deny","Action":"iam:ListGroups","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}},
			{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00Z"}}}]}`}); err != nil {
			t.Fatal(err)
		}
		caller := func(s awsapi.Session) *awsiam.Client {
			s.Name = "s"
			if s.IssuedAt.IsZero() {
				s.IssuedAt = time.Now()
			}
			return w.asCaller(awsapi.Caller{
				Kind: awsapi.AssumedRole, Account: alpha, ARN: "arn:aws:sts::111111111111:assumed-role/app/s", PrincipalARN: role.ARN(),
				UserID: role.ID + ":s", Name: "app", EntityID: role.ID, Session: &s,
			})
		}
		listGroups := call((*awsiam.Client).ListGroups, awsiam.ListGroupsInput{})
		const denied = "User: arn:aws:sts::111111111111:assumed-role/app/s is not authorized to perform: iam:ListGroups on resource: arn:aws:iam::111111111111:group/ "
		for _, tt := range []struct {
			name    string
			session awsapi.Session
			reason  string
		}{
			{"plain", awsapi.Session{}, ""},
			{"session policy allows", awsapi.Session{Policies: []string{allowAll}}, ""},
			{"session policy is silent", awsapi.Session{Policies: []string{readAll}}, "because no session policy allows the iam:ListGroups action"},
			{"managed session policy", awsapi.Session{PolicyARNs: []string{"arn:aws:iam::aws:policy/IAMReadOnlyAccess"}}, ""},
			{"managed session policy that is gone", awsapi.Session{PolicyARNs: []string{"arn:aws:iam::111111111111:policy/gone"}}, "because no session policy allows the iam:ListGroups action"},
			{"restricted to nothing", awsapi.Session{Restricted: true}, "because no session policy allows the iam:ListGroups action"},
			{"session tag", awsapi.Session{Tags: map[string]string{"TEAM": "blue"}}, "with an explicit deny in an identity-based policy"},
			{"old session", awsapi.Session{IssuedAt: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)}, "with an explicit deny in an identity-based policy"},
		} {
			err := listGroups(ctx, caller(tt.session))
			if tt.reason == "" && err != nil {
				t.Errorf("%s: %v", tt.name, err)
			} else if tt.reason != "" {
				wantError(t, err, "AccessDenied", denied+tt.reason)
			}
		}

		// The sessions of a role die with it, and its namesake does not revive them.
		for _, step := range []func() error{
			func() error { return w.accounts.DeleteInline(ctx, alpha, account.RoleKind, "app", "p") },
			func() error { return w.accounts.DeleteRole(ctx, alpha, "app") },
			func() error {
				_, err := w.accounts.CreateRole(ctx, account.NewRole{Account: alpha, Name: "app", Path: "/svc/", Trust: trustAlpha})
				return err
			},
			func() error {
				return w.accounts.PutInline(ctx, alpha, account.RoleKind, "app", account.InlinePolicy{Name: "p", Document: allowAll})
			},
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, listGroups(ctx, caller(awsapi.Session{})), "AccessDenied", denied+"because no identity-based policy allows the iam:ListGroups action")
	})
}

func TestDenialsCanBeExplained(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		key := must(w.asRoot(alpha).CreatePolicy(t.Context(), &awsiam.CreatePolicyInput{PolicyName: ptr("NoLists"), PolicyDocument: ptr(`{"Version":"2012-10-17","Statement":{"Sid":"No","Effect":"Deny","Action":"iam:List*","Resource":"*","Condition":{"StringLike":{"aws:username":"a*"}}}}`)}))(t).Policy
		ann := w.asUser("ann", allowAll)
		must(w.asRoot(alpha).AttachUserPolicy(t.Context(), &awsiam.AttachUserPolicyInput{UserName: ptr("ann"), PolicyArn: key.Arn}))(t)
		_, err := ann.ListRoles(t.Context(), &awsiam.ListRolesInput{})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::111111111111:role/ with an explicit deny in an identity-based policy: arn:aws:iam::111111111111:policy/NoLists")

		_, id, _ := strings.Cut(w.lastReply(), "<RequestId>")
		id, _, _ = strings.Cut(id, "<")
		why := w.decides.Explain(id)
		if len(why) != 1 || why[0].Operation != "iam:ListRoles" || why[0].Principal != "arn:aws:iam::111111111111:user/ann" || len(why[0].Statements) != 2 {
			t.Fatalf("explained %+v", why)
		}
		s := why[0].Statements[1]
		if s.Sid != "No" || !s.Matched || s.PolicyARN != *key.Arn || len(s.Conditions) != 1 || s.Conditions[0].Actual[0] != "ann" || why[0].Outcome != account.OutcomeExplicitDeny {
			t.Errorf("statement %+v", s)
		}
		if got := w.decides.Explain("no such request"); len(got) != 0 {
			t.Errorf("explained %+v", got)
		}
	})
}
