package sdk

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Groups of a user pool: made, joined, left, and what tokens say of them.
func TestUserPoolGroups(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.people(t, w.alpha, west), t.Context()
		p.add("bob")
		role := func(name string) *string { return aws.String("arn:aws:iam::" + w.alpha.account + ":role/" + name) }
		create := func(name string, r *string, precedence int32) error {
			_, err := p.admin.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &p.pool, GroupName: &name, RoleArn: r, Precedence: &precedence})
			return err
		}
		for i, name := range []string{"staff", "editors", "readers"} {
			if err := create(name, role(name), int32(i)); err != nil {
				t.Fatal(err)
			}
		}
		refused[*types.GroupExistsException](t, "the name again", create("staff", nil, 0), "A group with the name already exists")
		refused[*types.InvalidParameterException](t, "a role of others", create("x", aws.String("arn:aws:iam::"+w.beta.account+":role/x"), 0), "Cross-account pass role is not allowed.")

		join := func(user, group string) error {
			_, err := p.admin.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &p.pool, Username: &user, GroupName: &group})
			return err
		}
		leave := func(user, group string) error {
			_, err := p.admin.AdminRemoveUserFromGroup(ctx, &idp.AdminRemoveUserFromGroupInput{UserPoolId: &p.pool, Username: &user, GroupName: &group})
			return err
		}
		for _, pair := range [][2]string{{"alice", "readers"}, {"alice", "staff"}, {"alice", "staff"}, {"bob", "staff"}} {
			if err := join(pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		const noGroup = "Group not found."
		refused[*types.ResourceNotFoundException](t, "join no group", join("alice", "none"), noGroup)
		refused[*types.UserNotFoundException](t, "nobody joins", join("nobody", "staff"), textNoUser)
		refused[*types.ResourceNotFoundException](t, "leave no group", leave("alice", "none"), noGroup)
		refused[*types.UserNotFoundException](t, "nobody leaves", leave("nobody", "staff"), textNoUser)

		// Lists, by pages.
		var names []string
		groups := idp.NewListGroupsPaginator(p.admin, &idp.ListGroupsInput{UserPoolId: &p.pool, Limit: aws.Int32(2)})
		for groups.HasMorePages() {
			for _, g := range must(groups.NextPage(ctx))(t).Groups {
				names = append(names, *g.GroupName)
			}
		}
		if want := []string{"editors", "readers", "staff"}; !slices.Equal(names, want) {
			t.Errorf("groups %v", names)
		}
		names = nil
		members := idp.NewListUsersInGroupPaginator(p.admin, &idp.ListUsersInGroupInput{UserPoolId: &p.pool, GroupName: aws.String("staff"), Limit: aws.Int32(1)})
		for members.HasMorePages() {
			for _, u := range must(members.NextPage(ctx))(t).Users {
				names = append(names, *u.Username)
			}
		}
		if slices.Sort(names); !slices.Equal(names, []string{"alice", "bob"}) {
			t.Errorf("members %v", names)
		}
		names = nil
		of := idp.NewAdminListGroupsForUserPaginator(p.admin, &idp.AdminListGroupsForUserInput{UserPoolId: &p.pool, Username: aws.String("alice"), Limit: aws.Int32(1)})
		for of.HasMorePages() {
			for _, g := range must(of.NextPage(ctx))(t).Groups {
				names = append(names, *g.GroupName)
			}
		}
		if slices.Sort(names); !slices.Equal(names, []string{"readers", "staff"}) {
			t.Errorf("alice's groups %v", names)
		}
		_, err := p.admin.ListUsersInGroup(ctx, &idp.ListUsersInGroupInput{UserPoolId: &p.pool, GroupName: aws.String("none")})
		refused[*types.ResourceNotFoundException](t, "members of no group", err, noGroup)
		_, err = p.admin.AdminListGroupsForUser(ctx, &idp.AdminListGroupsForUserInput{UserPoolId: &p.pool, Username: aws.String("nobody")})
		refused[*types.UserNotFoundException](t, "nobody's groups", err, textNoUser)

		// What tokens say: the groups by precedence, their roles, the first one's.
		said := func() string {
			t.Helper()
			j := parse(t, *p.signIn("alice").IdToken)
			var s []string
			for _, claim := range []string{"cognito:groups", "cognito:roles"} {
				for _, v := range j.value(t, claim).([]any) {
					s = append(s, strings.TrimPrefix(v.(string), *role("")))
				}
			}
			return strings.Join(s, " ") + " " + strings.TrimPrefix(j.value(t, "cognito:preferred_role").(string), *role(""))
		}
		if got := said(); got != "staff readers staff readers staff" {
			t.Errorf("claims %s", got)
		}
		update := func(name string) (*idp.UpdateGroupOutput, error) {
			return p.admin.UpdateGroup(ctx, &idp.UpdateGroupInput{UserPoolId: &p.pool, GroupName: &name, Precedence: aws.Int32(9)})
		}
		if g := must(update("staff"))(t).Group; *g.Precedence != 9 || *g.RoleArn != *role("staff") {
			t.Errorf("reply %s", w.wire.reply)
		}
		if got := said(); got != "readers staff readers staff readers" {
			t.Errorf("claims %s", got)
		}

		if err := leave("alice", "readers"); err != nil {
			t.Fatal(err)
		}
		remove := func(name string) error {
			_, err := p.admin.DeleteGroup(ctx, &idp.DeleteGroupInput{UserPoolId: &p.pool, GroupName: &name})
			return err
		}
		if err := remove("staff"); err != nil {
			t.Fatal(err)
		}
		if j := parse(t, *p.signIn("alice").IdToken); strings.Contains(string(j.payload), "cognito:groups") {
			t.Errorf("claims %s", j.payload)
		}
		refused[*types.ResourceNotFoundException](t, "delete again", remove("staff"), noGroup)
		_, err = update("staff")
		refused[*types.ResourceNotFoundException](t, "update none", err, noGroup)
		_, err = p.admin.GetGroup(ctx, &idp.GetGroupInput{UserPoolId: &p.pool, GroupName: aws.String("staff")})
		refused[*types.ResourceNotFoundException](t, "get none", err, noGroup)
		if g := must(p.admin.GetGroup(ctx, &idp.GetGroupInput{UserPoolId: &p.pool, GroupName: aws.String("readers")}))(t).Group; *g.Precedence != 2 {
			t.Errorf("reply %s", w.wire.reply)
		}
	})
}
