package cognitoidp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func TestGroups(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		pool, neighbour := w.pool(c), w.pool(c)
		admins := aws.String("admins")

		ok(c.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &pool, GroupName: aws.String("plain")}))(t)
		w.wantReply(t, `{"Group":{"GroupName":"plain","UserPoolId":"POOL","LastModifiedDate":1795341600.123,"CreationDate":1795341600.123}}`)
		const full = `{"Group":{"GroupName":"admins","UserPoolId":"POOL","Description":"in\u0000 charge","RoleArn":"arn:aws:iam::111111111111:role/admin","Precedence":0,"LastModifiedDate":1795341600.123,"CreationDate":1795341600.123}}`
		ok(c.CreateGroup(t.Context(), &idp.CreateGroupInput{
			UserPoolId: &pool, GroupName: admins, Description: aws.String("in\x00 charge"), RoleArn: aws.String("arn:aws:iam::111111111111:role/admin"), Precedence: aws.Int32(0),
		}))(t)
		w.wantReply(t, full)
		ok(c.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &pool, GroupName: admins}))(t)
		w.wantReply(t, full)
		_, err := c.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &pool, GroupName: admins})
		want(t, err, "GroupExistsException", "A group with the name already exists")
		_, err = c.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &pool, GroupName: aws.String("x"), RoleArn: aws.String("arn:aws:iam::222222222222:role/admin")})
		want(t, err, "InvalidParameterException", "Cross-account pass role is not allowed.")

		w.pass(time.Second)
		ok(c.UpdateGroup(t.Context(), &idp.UpdateGroupInput{UserPoolId: &pool, GroupName: admins, Precedence: aws.Int32(7)}))(t)
		updated := strings.NewReplacer(`"Precedence":0,"LastModifiedDate":1795341600.123`, `"Precedence":7,"LastModifiedDate":1795341601.123`).Replace(full)
		w.wantReply(t, updated)
		_, err = c.UpdateGroup(t.Context(), &idp.UpdateGroupInput{UserPoolId: &pool, GroupName: admins, RoleArn: aws.String("arn:aws:iam::222222222222:role/admin")})
		want(t, err, "InvalidParameterException", "Cross-account pass role is not allowed.")
		ok(c.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &pool, GroupName: admins}))(t)
		w.wantReply(t, updated)

		for _, missing := range []func() error{
			func() error {
				_, err := c.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &neighbour, GroupName: admins})
				return err
			},
			func() error {
				_, err := c.UpdateGroup(t.Context(), &idp.UpdateGroupInput{UserPoolId: &neighbour, GroupName: admins})
				return err
			},
			func() error {
				_, err := c.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &neighbour, GroupName: admins})
				return err
			},
		} {
			want(t, missing(), "ResourceNotFoundException", "Group not found.")
		}
		other := w.root(beta, west)
		_, err = other.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &pool, GroupName: aws.String("x")})
		want(t, err, "ResourceNotFoundException", "User pool "+pool+" does not exist.")
		_, err = other.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &pool, GroupName: admins})
		want(t, err, "ResourceNotFoundException", "User pool "+pool+" does not exist.")
		_, err = other.UpdateGroup(t.Context(), &idp.UpdateGroupInput{UserPoolId: &pool, GroupName: admins})
		want(t, err, "ResourceNotFoundException", "User pool "+pool+" does not exist.")
		_, err = other.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &pool, GroupName: admins})
		want(t, err, "ResourceNotFoundException", "User pool "+pool+" does not exist.")
		_, err = other.ListGroups(t.Context(), &idp.ListGroupsInput{UserPoolId: &pool})
		want(t, err, "ResourceNotFoundException", "User pool "+pool+" does not exist.")

		ok(c.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &pool, GroupName: aws.String("staff")}))(t)
		var names []string
		pages := idp.NewListGroupsPaginator(c, &idp.ListGroupsInput{UserPoolId: &pool, Limit: aws.Int32(2)})
		for pages.HasMorePages() {
			for _, g := range ok(pages.NextPage(t.Context()))(t).Groups {
				names = append(names, *g.GroupName)
			}
		}
		if wanted := []string{"admins", "plain", "staff"}; !slices.Equal(names, wanted) {
			t.Errorf("groups are %v", names)
		}
		if got := ok(c.ListGroups(t.Context(), &idp.ListGroupsInput{UserPoolId: &pool, Limit: aws.Int32(0)}))(t).Groups; len(got) != 3 {
			t.Errorf("a limit of 0 lists %d groups", len(got))
		}

		ok(c.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &pool, GroupName: admins}))(t)
		_, err = c.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &pool, GroupName: admins})
		want(t, err, "ResourceNotFoundException", "Group not found.")
	})
}
