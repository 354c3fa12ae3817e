package cognitoidp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// newGroup adds a group to the pool; role is the name of one, or empty, and
// precedence is negative for none.
func (p *people) newGroup(name, role string, precedence int32) {
	p.t.Helper()
	in := &idp.CreateGroupInput{UserPoolId: &p.poolID, GroupName: &name}
	if role != "" {
		in.RoleArn = aws.String("arn:aws:iam::" + alpha + ":role/" + role)
	}
	if precedence >= 0 {
		in.Precedence = &precedence
	}
	ok(p.admin.CreateGroup(p.t.Context(), in))(p.t)
}

func (p *people) join(c *idp.Client, user, group string) error {
	_, err := c.AdminAddUserToGroup(p.t.Context(), &idp.AdminAddUserToGroupInput{UserPoolId: &p.poolID, Username: &user, GroupName: &group})
	return err
}

func (p *people) leave(c *idp.Client, user, group string) error {
	_, err := c.AdminRemoveUserFromGroup(p.t.Context(), &idp.AdminRemoveUserFromGroupInput{UserPoolId: &p.poolID, Username: &user, GroupName: &group})
	return err
}

// groupsOf lists a user's groups, two a page.
func (p *people) groupsOf(user string) string {
	p.t.Helper()
	names := []string{}
	pages := idp.NewAdminListGroupsForUserPaginator(p.admin, &idp.AdminListGroupsForUserInput{UserPoolId: &p.poolID, Username: &user, Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, g := range ok(pages.NextPage(p.t.Context()))(p.t).Groups {
			names = append(names, *g.GroupName)
		}
	}
	return strings.Join(names, " ")
}

// members lists the users of a group, two a page, by name.
func (p *people) members(group string) string {
	p.t.Helper()
	names := []string{}
	pages := idp.NewListUsersInGroupPaginator(p.admin, &idp.ListUsersInGroupInput{UserPoolId: &p.poolID, GroupName: &group, Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, u := range ok(pages.NextPage(p.t.Context()))(p.t).Users {
			names = append(names, *u.Username)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// groupClaims are what an ID token and its access token say of groups.
func (p *people) groupClaims(name string) string {
	p.t.Helper()
	r := p.tokensOf(name, goodPassword)
	_, id := claims(p.t, *r.IdToken)
	_, access := claims(p.t, *r.AccessToken)
	if string(id["cognito:groups"]) != string(access["cognito:groups"]) {
		p.t.Errorf("groups are %s and %s", id["cognito:groups"], access["cognito:groups"])
	}
	s := fmt.Sprintf("%s %s %s", id["cognito:groups"], id["cognito:roles"], id["cognito:preferred_role"])
	return strings.ReplaceAll(s, "arn:aws:iam::"+alpha+":role/", "")
}

func TestGroupMembers(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		for _, name := range []string{"alice", "bob", "carol"} {
			p.confirmed(name, attr("email", name+"@example.com"))
			p.newGroup("g-"+name, "", -1)
		}
		for _, pair := range [][2]string{{"alice", "g-alice"}, {"alice", "g-bob"}, {"alice", "g-carol"}, {"bob", "g-bob"}, {"carol", "g-bob"}, {"alice", "g-bob"}} {
			if err := p.join(p.admin, pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.groupsOf("alice"); got != "g-alice g-bob g-carol" {
			t.Errorf("alice is in %s", got)
		}
		if got := p.members("g-bob"); got != "alice bob carol" {
			t.Errorf("g-bob has %s", got)
		}
		p.pass(time.Second)
		for range 2 { // leaving twice is leaving
			if err := p.leave(p.admin, "alice", "g-bob"); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.groupsOf("alice"); got != "g-alice g-carol" {
			t.Errorf("alice is still in %s", got)
		}

		// A group that comes again under its name has nobody.
		ok(p.admin.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &p.poolID, GroupName: aws.String("g-bob")}))(t)
		if got := p.groupsOf("bob"); got != "" {
			t.Errorf("bob is in the deleted %s", got)
		}
		p.newGroup("g-bob", "", -1)
		if got := p.members("g-bob"); got != "" {
			t.Errorf("the new group has %s", got)
		}
		if got := p.groupClaims("bob"); got != "  " {
			t.Errorf("bob's tokens say %s", got)
		}
		if err := p.db.Users().Sweep(t.Context(), p.now()); err != nil {
			t.Fatal(err)
		}
		if got := p.groupsOf("alice"); got != "g-alice g-carol" {
			t.Errorf("after the clean-up alice is in %s", got)
		}

		// A deleted user leaves no trace in groups, nor does a deleted pool.
		ok(p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}))(t)
		if got := p.members("g-alice"); got != "" {
			t.Errorf("g-alice has %s", got)
		}
	})
}

func TestGroupsInTokens(t *testing.T) {
	eachPeople(t, setup{}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		for _, g := range []struct {
			name, role string
			precedence int32
		}{
			{"last", "reader", -1}, {"b-first", "writer", 1}, {"zero", "", 0}, {"a-first", "writer", 1}, {"c-first", "admin", 1},
		} {
			p.newGroup(g.name, g.role, g.precedence)
		}
		for _, step := range []struct{ join, leave, claims string }{
			{"", "", "  "},
			{"last", "", `["last"] ["reader"] "reader"`},
			{"b-first", "", `["b-first","last"] ["writer","reader"] "writer"`},
			{"zero", "", `["zero","b-first","last"] ["writer","reader"] "writer"`},
			{"a-first", "", `["zero","a-first","b-first","last"] ["writer","reader"] "writer"`}, // a tie of one role
			{"c-first", "", `["zero","a-first","b-first","c-first","last"] ["writer","admin","reader"] `},
			{"", "c-first", `["zero","a-first","b-first","last"] ["writer","reader"] "writer"`},
		} {
			if step.join != "" {
				if err := p.join(p.admin, "alice", step.join); err != nil {
					t.Fatal(err)
				}
			}
			if step.leave != "" {
				if err := p.leave(p.admin, "alice", step.leave); err != nil {
					t.Fatal(err)
				}
			}
			if got := p.groupClaims("alice"); got != step.claims {
				t.Errorf("claims are %s\nwant %s", got, step.claims)
			}
		}

		// A refresh tells what is so now.
		first := p.tokensOf("alice", goodPassword)
		for _, g := range []string{"zero", "a-first", "b-first", "last"} {
			if err := p.leave(p.admin, "alice", g); err != nil {
				t.Fatal(err)
			}
		}
		out := ok(p.refresh(*first.RefreshToken))(t)
		if _, c := claims(t, *out.AuthenticationResult.IdToken); c["cognito:groups"] != nil || c["cognito:roles"] != nil {
			t.Errorf("claims after leaving: %v", c)
		}
	})
}

func TestGroupMembersRefused(t *testing.T) {
	p := onePeople(t, setup{})
	p.confirmed("alice")
	p.newGroup("staff", "", -1)
	list := func(c *idp.Client, user string, token *string) error {
		_, err := c.AdminListGroupsForUser(t.Context(), &idp.AdminListGroupsForUserInput{UserPoolId: &p.poolID, Username: &user, NextToken: token})
		return err
	}
	members := func(c *idp.Client, group string, token *string) error {
		_, err := c.ListUsersInGroup(t.Context(), &idp.ListUsersInGroupInput{UserPoolId: &p.poolID, GroupName: &group, NextToken: token})
		return err
	}
	for _, err := range []error{p.join(p.admin, "alice", "nothing"), p.leave(p.admin, "alice", "nothing"), members(p.admin, "nothing", nil)} {
		want(t, err, "ResourceNotFoundException", "Group not found.")
	}
	for _, err := range []error{p.join(p.admin, "nobody", "staff"), p.leave(p.admin, "nobody", "staff"), list(p.admin, "nobody", nil)} {
		want(t, err, "UserNotFoundException", "User does not exist.")
	}
	for _, other := range []*idp.Client{p.root(beta, west), p.root(alpha, tokyo)} {
		for _, err := range []error{p.join(other, "alice", "staff"), p.leave(other, "alice", "staff"), list(other, "alice", nil), members(other, "staff", nil)} {
			want(t, err, "ResourceNotFoundException", "User pool "+p.poolID+" does not exist.")
		}
	}
	for _, err := range []error{list(p.admin, "alice", aws.String("x")), members(p.admin, "staff", aws.String("x"))} {
		want(t, err, "InvalidParameterException", "Invalid pagination token given.")
	}
	for i := range 100 {
		name := fmt.Sprintf("group-%02d", i)
		p.newGroup(name, "", -1)
		if err := p.join(p.admin, "alice", name); err != nil {
			t.Fatal(err)
		}
	}
	want(t, p.join(p.admin, "alice", "staff"), "InvalidParameterException", "User cannot be in more than 100 groups.")
	if err := p.join(p.admin, "alice", "group-00"); err != nil {
		t.Errorf("joining a group twice: %v", err)
	}
}
