package iam_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/cenote-id/cenote/internal/awsapi"
)

func TestUserLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		u := must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("Ann"), Path: ptr("/team/"), Tags: []types.Tag{{Key: ptr("k"), Value: ptr("v")}}}))(t).User
		if aws.ToString(u.Arn) != "arn:aws:iam::111111111111:user/team/Ann" || !strings.HasPrefix(*u.UserId, "AIDA") || len(u.Tags) != 1 || u.PasswordLastUsed != nil {
			t.Errorf("created %+v", u)
		}
		_, err := c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("aNN")})
		wantError(t, err, "EntityAlreadyExists", "User with name aNN already exists.")
		must(w.asRoot(beta).CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("Ann")}))(t)

		must(c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: ptr("Ann"), NewUserName: ptr("ANN")}))(t) // the same name in other letters
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("Bob")}))(t)
		_, err = c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: ptr("Bob"), NewUserName: ptr("ann")})
		wantError(t, err, "EntityAlreadyExists", "User with name ann already exists.")
		_, err = c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: ptr("nobody"), NewPath: ptr("/x/")})
		wantError(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")

		got := must(c.GetUser(ctx, &awsiam.GetUserInput{UserName: ptr("ann")}))(t).User
		if *got.UserName != "ANN" || *got.UserId != *u.UserId || *got.Path != "/team/" {
			t.Errorf("got %+v", got)
		}
		list := must(c.ListUsers(ctx, &awsiam.ListUsersInput{PathPrefix: ptr("/team/")}))(t)
		if len(list.Users) != 1 || list.Users[0].Tags != nil || list.IsTruncated {
			t.Errorf("list %+v", list.Users)
		}
		must(c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ptr("ANN")}))(t)
		_, err = c.GetUser(ctx, &awsiam.GetUserInput{UserName: ptr("ANN")})
		wantError(t, err, "NoSuchEntity", "The user with name ANN cannot be found.")
		again := must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("Ann")}))(t).User
		if *again.UserId == *u.UserId {
			t.Error("a unique id was given twice")
		}
	})
}

func TestDeleteUserConflicts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		del := func() error { _, err := c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ptr("u")}); return err }
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u")}))(t)
		key := must(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("u")}))(t).AccessKey
		must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("g")}))(t)
		must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("g"), UserName: ptr("u")}))(t)
		must(c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ptr("u"), PolicyArn: ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}))(t)
		must(c.PutUserPolicy(ctx, &awsiam.PutUserPolicyInput{UserName: ptr("u"), PolicyName: ptr("p"), PolicyDocument: ptr(readAll)}))(t)

		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must delete access keys first.")
		must(c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: ptr("u"), AccessKeyId: key.AccessKeyId}))(t)
		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must remove users from group first.")
		must(c.RemoveUserFromGroup(ctx, &awsiam.RemoveUserFromGroupInput{GroupName: ptr("g"), UserName: ptr("u")}))(t)
		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must detach all policies first.")
		must(c.DetachUserPolicy(ctx, &awsiam.DetachUserPolicyInput{UserName: ptr("u"), PolicyArn: ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}))(t)
		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must delete policies first.")
		must(c.DeleteUserPolicy(ctx, &awsiam.DeleteUserPolicyInput{UserName: ptr("u"), PolicyName: ptr("p")}))(t)
		if err := del(); err != nil {
			t.Error(err)
		}
	})
}

// TestUserNameLeftOut: the caller is meant, whoever that is.
func TestUserNameLeftOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		root := must(w.asRoot(alpha).GetUser(ctx, &awsiam.GetUserInput{}))(t).User
		if aws.ToString(root.Arn) != "arn:aws:iam::111111111111:root" || aws.ToString(root.UserId) != alpha || root.UserName != nil || root.CreateDate == nil {
			t.Errorf("root %+v", root)
		}
		self := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetUser","iam:*AccessKey*"],"Resource":"arn:aws:iam::*:user/${aws:username}"}}`
		ann := w.asUser("ann", self)
		if u := must(ann.GetUser(ctx, &awsiam.GetUserInput{}))(t).User; *u.UserName != "ann" {
			t.Errorf("ann is %+v", u)
		}
		key := must(ann.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{}))(t).AccessKey
		if *key.UserName != "ann" {
			t.Errorf("key %+v", key)
		}
		if keys := must(ann.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{}))(t).AccessKeyMetadata; len(keys) != 2 {
			t.Errorf("keys %+v", keys)
		}
		w.asUser("bob", "")
		_, err := ann.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("bob")})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: iam:CreateAccessKey on resource: user bob because no identity-based policy allows the iam:CreateAccessKey action")

		role := must(w.asRoot(alpha).CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t).Role
		must(w.asRoot(alpha).AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: ptr("arn:aws:iam::aws:policy/AdministratorAccess")}))(t)
		session := w.asCaller(awsapi.Caller{
			Kind: awsapi.AssumedRole, Account: alpha, ARN: "arn:aws:sts::111111111111:assumed-role/r/s", PrincipalARN: *role.Arn,
			UserID: *role.RoleId + ":s", Name: "r", EntityID: *role.RoleId, Session: &awsapi.Session{Name: "s", IssuedAt: time.Now()},
		})
		_, err = session.GetUser(ctx, &awsiam.GetUserInput{})
		wantError(t, err, "ValidationError", "Must specify userName when calling with non-User credentials")
	})
}

func TestAccessKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("u")}))(t)
		must(c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ptr("u"), PolicyArn: ptr("arn:aws:iam::aws:policy/IAMReadOnlyAccess")}))(t)
		key := must(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("u")}))(t).AccessKey
		if !strings.HasPrefix(*key.AccessKeyId, "AKIA") || len(*key.AccessKeyId) != 20 || len(*key.SecretAccessKey) != 40 || key.Status != types.StatusTypeActive {
			t.Errorf("key %+v", key)
		}
		as := w.client(*key.AccessKeyId, *key.SecretAccessKey)
		must(as.ListRoles(ctx, &awsiam.ListRolesInput{}))(t)
		_, err := w.client(*key.AccessKeyId, "another secret").ListRoles(ctx, &awsiam.ListRolesInput{})
		if code, _ := apiError(err); code != "SignatureDoesNotMatch" {
			t.Errorf("wrong secret: %v", err)
		}

		w.pass(time.Minute)
		must(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("u")}))(t)
		_, err = c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: ptr("u")})
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
		must(c.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{UserName: ptr("u")}))(t)
		if strings.Contains(w.lastReply(), *key.SecretAccessKey) || strings.Contains(w.lastReply(), "Secret") {
			t.Errorf("a list shows secrets: %s", w.lastReply())
		}
		var listed []string
		for pages := awsiam.NewListAccessKeysPaginator(c, &awsiam.ListAccessKeysInput{UserName: ptr("u"), MaxItems: ptr(int32(1))}); pages.HasMorePages(); {
			for _, k := range must(pages.NextPage(ctx))(t).AccessKeyMetadata {
				listed = append(listed, *k.AccessKeyId)
			}
		}
		if len(listed) != 2 || listed[0] != *key.AccessKeyId {
			t.Errorf("listed %v", listed)
		}

		must(c.UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{UserName: ptr("u"), AccessKeyId: key.AccessKeyId, Status: types.StatusTypeInactive}))(t)
		_, err = as.ListRoles(ctx, &awsiam.ListRolesInput{})
		if code, _ := apiError(err); code != "InvalidClientTokenId" {
			t.Errorf("inactive key: %v", err)
		}
		must(c.UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{UserName: ptr("u"), AccessKeyId: key.AccessKeyId, Status: types.StatusTypeActive}))(t)
		must(as.ListRoles(ctx, &awsiam.ListRolesInput{}))(t)

		used := must(c.GetAccessKeyLastUsed(ctx, &awsiam.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKeyId}))(t)
		if *used.UserName != "u" || *used.AccessKeyLastUsed.ServiceName != "N/A" || *used.AccessKeyLastUsed.Region != "N/A" || used.AccessKeyLastUsed.LastUsedDate != nil {
			t.Errorf("never used: %+v", used.AccessKeyLastUsed)
		}

		// A user's key is not another user's, nor another account's.
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("v")}))(t)
		gone := "The Access Key with id " + *key.AccessKeyId + " cannot be found."
		_, err = c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: ptr("v"), AccessKeyId: key.AccessKeyId})
		wantError(t, err, "NoSuchEntity", gone)
		_, err = w.asRoot(beta).UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{AccessKeyId: key.AccessKeyId, Status: types.StatusTypeInactive})
		wantError(t, err, "NoSuchEntity", gone)
		_, err = w.asRoot(beta).GetAccessKeyLastUsed(ctx, &awsiam.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKeyId})
		if code, _ := apiError(err); code == "" {
			t.Error("another account's key is shown")
		}

		must(c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: ptr("u"), AccessKeyId: key.AccessKeyId}))(t)
		_, err = as.ListRoles(ctx, &awsiam.ListRolesInput{})
		if code, _ := apiError(err); code != "InvalidClientTokenId" {
			t.Errorf("deleted key: %v", err)
		}
	})
}

func TestGroups(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		g := must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("Staff"), Path: ptr("/org/")}))(t).Group
		if *g.Arn != "arn:aws:iam::111111111111:group/org/Staff" || !strings.HasPrefix(*g.GroupId, "AGPA") {
			t.Errorf("created %+v", g)
		}
		_, err := c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: ptr("staff")})
		wantError(t, err, "EntityAlreadyExists", "Group with name staff already exists.")

		ann := w.asUser("ann", "")
		_, err = ann.ListGroups(ctx, &awsiam.ListGroupsInput{})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: iam:ListGroups on resource: arn:aws:iam::111111111111:group/ because no identity-based policy allows the iam:ListGroups action")
		must(c.PutGroupPolicy(ctx, &awsiam.PutGroupPolicyInput{GroupName: ptr("Staff"), PolicyName: ptr("p"), PolicyDocument: ptr(allowAll)}))(t)
		must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("Staff"), UserName: ptr("ann")}))(t)
		must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("Staff"), UserName: ptr("ann")}))(t)
		if groups := must(ann.ListGroups(ctx, &awsiam.ListGroupsInput{}))(t).Groups; len(groups) != 1 {
			t.Errorf("groups %+v", groups)
		}
		if mine := must(ann.ListGroupsForUser(ctx, &awsiam.ListGroupsForUserInput{UserName: ptr("ann")}))(t).Groups; len(mine) != 1 || *mine[0].GroupName != "Staff" {
			t.Errorf("groups of ann %+v", mine)
		}
		w.asUser("bob", "")
		must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("Staff"), UserName: ptr("bob")}))(t)
		members := 0
		for pages := awsiam.NewGetGroupPaginator(c, &awsiam.GetGroupInput{GroupName: ptr("Staff"), MaxItems: ptr(int32(1))}); pages.HasMorePages(); {
			page := must(pages.NextPage(ctx))(t)
			members += len(page.Users)
			if *page.Group.GroupName != "Staff" {
				t.Errorf("group %+v", page.Group)
			}
		}
		if members != 2 {
			t.Errorf("%d members", members)
		}

		_, err = c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("Staff"), UserName: ptr("nobody")})
		wantError(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")
		_, err = c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: ptr("none"), UserName: ptr("ann")})
		wantError(t, err, "NoSuchEntity", "The group with name none cannot be found.")
		_, err = c.DeleteGroup(ctx, &awsiam.DeleteGroupInput{GroupName: ptr("Staff")})
		wantError(t, err, "DeleteConflict", "Cannot delete entity, must remove users from group first.")
		must(c.RemoveUserFromGroup(ctx, &awsiam.RemoveUserFromGroupInput{GroupName: ptr("Staff"), UserName: ptr("ann")}))(t)
		must(c.RemoveUserFromGroup(ctx, &awsiam.RemoveUserFromGroupInput{GroupName: ptr("Staff"), UserName: ptr("bob")}))(t)
		if _, err = ann.ListGroups(ctx, &awsiam.ListGroupsInput{}); err == nil {
			t.Error("the group's policies outlive the membership")
		}
		_, err = c.DeleteGroup(ctx, &awsiam.DeleteGroupInput{GroupName: ptr("Staff")})
		wantError(t, err, "DeleteConflict", "Cannot delete entity, must delete policies first.")
		must(c.DeleteGroupPolicy(ctx, &awsiam.DeleteGroupPolicyInput{GroupName: ptr("Staff"), PolicyName: ptr("p")}))(t)
		must(c.UpdateGroup(ctx, &awsiam.UpdateGroupInput{GroupName: ptr("Staff"), NewGroupName: ptr("Crew")}))(t)
		must(c.DeleteGroup(ctx, &awsiam.DeleteGroupInput{GroupName: ptr("crew")}))(t)
		_, err = c.GetGroup(ctx, &awsiam.GetGroupInput{GroupName: ptr("Staff")})
		wantError(t, err, "NoSuchEntity", "The group with name Staff cannot be found.")

		for i := range 11 {
			name := "g" + strings.Repeat("x", i)
			must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: &name}))(t)
			_, err = c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: &name, UserName: ptr("ann")})
		}
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
	})
}
