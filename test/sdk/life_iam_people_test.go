package sdk

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// TestUserLife is a user as an infrastructure tool makes, compares, changes,
// renames and destroys one, with everything that hangs on it.
func TestUserLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client, ctx := w.iam(w.alpha.keys), t.Context()
		boundary := *must(client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("boundary"), PolicyDocument: aws.String(allow("*", "*"))}))(t).Policy.Arn
		tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("people")}}
		created := must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Ann"), Path: aws.String("/dev/"), PermissionsBoundary: &boundary, Tags: tags}))(t).User
		get := func(name string) *types.User {
			t.Helper()
			return must(client.GetUser(ctx, &iam.GetUserInput{UserName: &name}))(t).User
		}
		want := &types.User{
			Path: aws.String("/dev/"), UserName: aws.String("Ann"), Arn: aws.String("arn:aws:iam::" + w.alpha.account + ":user/dev/Ann"), UserId: created.UserId,
			CreateDate: created.CreateDate, Tags: tags,
			PermissionsBoundary: &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy"},
		}
		if diff := cmp.Diff(want, get("Ann"), ignoreUnexported); diff != "" {
			t.Errorf("read (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, get("aNN"), ignoreUnexported); diff != "" {
			t.Errorf("read by another spelling (-want +got):\n%s", diff)
		}
		_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ANN")})
		refused[*types.EntityAlreadyExistsException](t, "the name in capitals", err, "User with name ANN already exists.")

		// Everything that a configuration can say of a user.
		key := must(client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("Ann")}))(t).AccessKey
		keys := aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
		document := allow("iam:GetUser", "*")
		must(client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("Ann"), PolicyName: aws.String("own"), PolicyDocument: &document}))(t)
		must(client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("Ann"), PolicyArn: &boundary}))(t)
		for _, g := range []string{"one", "two"} {
			must(client.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &g}))(t)
			must(client.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &g, UserName: aws.String("Ann")}))(t)
		}

		// A change of name and path keeps the id, and with it everything else.
		must(client.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("Ann"), NewUserName: aws.String("anna"), NewPath: aws.String("/ops/")}))(t)
		must(client.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("anna"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("ops")}, {Key: aws.String("b"), Value: aws.String("")}}}))(t)
		must(client.UntagUser(ctx, &iam.UntagUserInput{UserName: aws.String("anna"), TagKeys: []string{"B"}}))(t)
		must(client.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String("anna")}))(t)
		want.UserName, want.Path, want.Arn, want.PermissionsBoundary = aws.String("anna"), aws.String("/ops/"), aws.String("arn:aws:iam::"+w.alpha.account+":user/ops/anna"), nil
		want.Tags = []types.Tag{{Key: aws.String("Team"), Value: aws.String("ops")}}
		if diff := cmp.Diff(want, get("anna"), ignoreUnexported); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		_, err = client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("Ann")})
		refused[*types.NoSuchEntityException](t, "the former name", err, "The user with name Ann cannot be found.")
		if own := must(w.iam(keys).GetUser(ctx, &iam.GetUserInput{}))(t).User; *own.Arn != *want.Arn {
			t.Errorf("the key is %s's", *own.Arn)
		}
		if got := must(client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: aws.String("anna"), PolicyName: aws.String("own")}))(t); decoded(t, got.PolicyDocument) != document {
			t.Errorf("inline policy %q", *got.PolicyDocument)
		}
		var groups []string
		for _, g := range must(client.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: aws.String("anna")}))(t).Groups {
			groups = append(groups, *g.GroupName)
		}
		if !slices.Equal(groups, []string{"one", "two"}) {
			t.Errorf("groups %v", groups)
		}

		// A key that is switched off is off at once, and on again.
		status := func(s types.StatusType) {
			t.Helper()
			must(client.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("anna"), AccessKeyId: key.AccessKeyId, Status: s}))(t)
			if got := must(client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("anna")}))(t).AccessKeyMetadata; len(got) != 1 || got[0].Status != s || *got[0].UserName != "anna" {
				t.Errorf("keys %+v", got)
			}
		}
		status(types.StatusTypeInactive)
		if _, err := w.iam(keys).GetUser(ctx, &iam.GetUserInput{}); err == nil {
			t.Error("an inactive key signs")
		}
		status(types.StatusTypeActive)
		must(w.iam(keys).GetUser(ctx, &iam.GetUserInput{}))(t)

		// Destroyed in the only order that works, trying each time.
		destroy := func(want string) {
			t.Helper()
			_, err := client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")})
			refused[*types.DeleteConflictException](t, "delete the user", err, want)
		}
		destroy("Cannot delete entity, must delete access keys first.")
		must(client.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("anna"), AccessKeyId: key.AccessKeyId}))(t)
		destroy("Cannot delete entity, must remove users from group first.")
		for _, g := range groups {
			must(client.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: &g, UserName: aws.String("anna")}))(t)
		}
		destroy("Cannot delete entity, must detach all policies first.")
		must(client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("anna"), PolicyArn: &boundary}))(t)
		destroy("Cannot delete entity, must delete policies first.")
		must(client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("anna"), PolicyName: aws.String("own")}))(t)
		must(client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("anna")}))(t)
		_, err = client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("anna")})
		refused[*types.NoSuchEntityException](t, "a deleted user", err, "The user with name anna cannot be found.")

		// Made again under the same name, it is somebody else.
		again := must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("anna")}))(t).User
		if *again.UserId == *created.UserId {
			t.Error("the id was given again")
		}
		if got := get("anna"); len(got.Tags) != 0 || got.PermissionsBoundary != nil || *got.Path != "/" {
			t.Errorf("made again: %+v", got)
		}
	})
}

func TestGroupLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client, ctx := w.iam(w.alpha.keys), t.Context()
		created := must(client.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("staff"), Path: aws.String("/a/")}))(t).Group
		users := []string{"ann", "bob", "cara"}
		for _, u := range users {
			must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: &u}))(t)
			must(client.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: &u}))(t)
		}
		must(client.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("staff"), NewGroupName: aws.String("people"), NewPath: aws.String("/b/")}))(t)
		var members []string
		var group *types.Group
		pages := iam.NewGetGroupPaginator(client, &iam.GetGroupInput{GroupName: aws.String("people")}, func(o *iam.GetGroupPaginatorOptions) { o.Limit = 1 })
		for pages.HasMorePages() {
			page := must(pages.NextPage(ctx))(t)
			group = page.Group
			for _, u := range page.Users {
				members = append(members, *u.UserName)
			}
		}
		slices.Sort(members)
		if !slices.Equal(members, users) {
			t.Errorf("members %v", members)
		}
		if diff := cmp.Diff(&types.Group{
			GroupName: aws.String("people"), Path: aws.String("/b/"), GroupId: created.GroupId, CreateDate: created.CreateDate,
			Arn: aws.String("arn:aws:iam::" + w.alpha.account + ":group/b/people"),
		}, group, ignoreUnexported); diff != "" {
			t.Errorf("group (-want +got):\n%s", diff)
		}
		document := strings.ReplaceAll(allow("s3:GetObject", "*"), ",", ",\t")
		must(client.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("people"), PolicyName: aws.String("p"), PolicyDocument: &document}))(t)
		if got := must(client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: aws.String("people"), PolicyName: aws.String("p")}))(t); decoded(t, got.PolicyDocument) != document {
			t.Errorf("inline policy %q", *got.PolicyDocument)
		}

		_, err := client.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("people")})
		if err == nil {
			t.Fatal("a group with users is gone")
		}
		for _, u := range users {
			must(client.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: aws.String("people"), UserName: &u}))(t)
		}
		_, err = client.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("people")})
		refused[*types.DeleteConflictException](t, "a group with a policy", err, "Cannot delete entity, must delete policies first.")
		must(client.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: aws.String("people"), PolicyName: aws.String("p")}))(t)
		must(client.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("people")}))(t)
		_, err = client.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String("people")})
		refused[*types.NoSuchEntityException](t, "a deleted group", err, "The group with name people cannot be found.")
	})
}

// What a policy document says about a principal before it is applied, and what
// the principal then can do, agree: the simulator is the evaluator.
func TestSimulationAgreesWithCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client, ctx := w.iam(w.alpha.keys), t.Context()
		must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}))(t)
		must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}))(t)
		key := must(client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")}))(t).AccessKey
		ann := w.iam(aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey})
		arn := func(name string) string { return "arn:aws:iam::" + w.alpha.account + ":user/" + name }
		for _, c := range []struct{ name, statements string }{
			{"nothing", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`},
			{"everybody", `{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}`},
			{"one", `{"Effect":"Allow","Action":"iam:GetUser","Resource":"` + arn("bob") + `"}`},
			{"oneself", `{"Effect":"Allow","Action":"iam:GetUser","Resource":"` + arn("${aws:username}") + `"}`},
			{"all but one", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:GetUser","Resource":"` + arn("b*") + `"}`},
			{"by tag of the principal", `{"Effect":"Allow","Action":"iam:GetUser","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`},
			{"by another tag", `{"Effect":"Allow","Action":"iam:GetUser","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}}`},
		} {
			document := `{"Version":"2012-10-17","Statement":[` + c.statements + `]}`
			before := must(client.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
				PolicySourceArn: aws.String(arn("ann")), PolicyInputList: []string{document}, ActionNames: []string{"iam:GetUser"}, ResourceArns: []string{arn("ann"), arn("bob")},
			}))(t)
			must(client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p"), PolicyDocument: &document}))(t)
			for i, name := range []string{"ann", "bob"} {
				_, err := ann.GetUser(ctx, &iam.GetUserInput{UserName: &name})
				r := before.EvaluationResults[i]
				if *r.EvalResourceName != arn(name) || (r.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed) != (err == nil) {
					t.Errorf("%s: %s on %s is simulated as %s, and answered with %v", c.name, *r.EvalActionName, *r.EvalResourceName, r.EvalDecision, err)
				}
			}
			must(client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p")}))(t)
		}
	})
}
