package sdk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const trustMachines = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`

// user makes an IAM user with an inline policy, unless that is empty, and
// returns a client with the user's keys.
func (w *world) user(t *testing.T, in owner, name, policy string) *iam.Client {
	t.Helper()
	return w.iam(w.userKeys(t, in, name, policy))
}

func (w *world) userKeys(t *testing.T, in owner, name, policy string) aws.Credentials {
	t.Helper()
	admin := w.iam(in.keys)
	must(admin.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))(t)
	if policy != "" {
		must(admin.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("p"), PolicyDocument: &policy}))(t)
	}
	key := must(admin.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name}))(t).AccessKey
	return aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
}

func TestInstanceProfiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("Machine"), Path: aws.String("/app/"), AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		name := aws.String("Web")
		p := must(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
			InstanceProfileName: name, Path: aws.String("/tier/"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		}))(t).InstanceProfile
		if *p.Arn != "arn:aws:iam::"+w.alpha.account+":instance-profile/tier/Web" || !strings.HasPrefix(*p.InstanceProfileId, "AIPA") || len(*p.InstanceProfileId) != 21 || len(p.Roles) != 0 || len(p.Tags) != 1 {
			t.Errorf("created %+v", p)
		}
		_, err := c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("WEB")})
		refused[*types.EntityAlreadyExistsException](t, "the same name in other letters", err, "Instance Profile WEB already exists.")
		must(other.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: name}))(t)

		_, err = c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("none")})
		refused[*types.NoSuchEntityException](t, "no such role", err, "The role with name none cannot be found.")
		_, err = other.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("Machine")})
		refused[*types.NoSuchEntityException](t, "another account's role", err, "The role with name Machine cannot be found.")
		must(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("Machine")}))(t)
		_, err = c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("Machine")})
		refused[*types.LimitExceededException](t, "a second role", err, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		got := must(c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String("web")}))(t).InstanceProfile
		if len(got.Roles) != 1 || *got.Roles[0].Arn != "arn:aws:iam::"+w.alpha.account+":role/app/Machine" || decoded(t, got.Roles[0].AssumeRolePolicyDocument) != trustMachines {
			t.Errorf("got %+v", got)
		}
		forRole := must(c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("Machine")}))(t).InstanceProfiles
		if len(forRole) != 1 || *forRole[0].InstanceProfileName != "Web" || forRole[0].Tags != nil {
			t.Errorf("of the role: %+v", forRole)
		}

		_, err = c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("Machine")})
		refused[*types.DeleteConflictException](t, "delete a role in a profile", err, "Cannot delete entity, must remove roles from instance profile first.")
		_, err = c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name})
		refused[*types.DeleteConflictException](t, "delete a profile with a role", err, "Cannot delete entity, must remove roles from instance profile first.")
		must(c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("machine")}))(t)
		_, err = c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("Machine")})
		refused[*types.NoSuchEntityException](t, "remove it twice", err, "The role with name Machine cannot be found in instance profile Web.")
		must(c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name}))(t)
		_, err = c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: name})
		refused[*types.NoSuchEntityException](t, "after deletion", err, "Instance Profile Web cannot be found.")
		if list := must(other.ListInstanceProfiles(ctx, &iam.ListInstanceProfilesInput{}))(t).InstanceProfiles; len(list) != 1 {
			t.Errorf("the other account has %+v", list)
		}
		must(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("Machine")}))(t)

		// Pages and paths.
		for i := range 3 {
			path := aws.String("/a/")
			if i == 2 {
				path = aws.String("/b/")
			}
			must(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(fmt.Sprint("p", i)), Path: path}))(t)
		}
		var names []string
		for pages := iam.NewListInstanceProfilesPaginator(c, &iam.ListInstanceProfilesInput{MaxItems: aws.Int32(1), PathPrefix: aws.String("/a")}); pages.HasMorePages(); {
			for _, p := range must(pages.NextPage(ctx))(t).InstanceProfiles {
				names = append(names, *p.InstanceProfileName)
			}
		}
		if fmt.Sprint(names) != "[p0 p1]" {
			t.Errorf("below /a: %v", names)
		}
	})
}

// Who puts a role into a profile hands it to whoever runs the machine.
func TestInstanceProfileNeedsPassRole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		for _, role := range []string{"app", "admin"} {
			must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		}
		must(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("web")}))(t)
		ops := w.user(t, w.alpha, "ops", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*InstanceProfile","Resource":"arn:aws:iam::*:instance-profile/web"},
			{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/app","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}]}`)
		_, err := ops.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("web"), RoleName: aws.String("admin")})
		refusedCode(t, "a role that may not be passed", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ops is not authorized to perform: iam:PassRole on resource: arn:aws:iam::"+
			w.alpha.account+":role/admin because no identity-based policy allows the iam:PassRole action")
		must(ops.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("web"), RoleName: aws.String("app")}))(t)
		_, err = ops.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("other")})
		refusedCode(t, "another profile", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ops is not authorized to perform: iam:CreateInstanceProfile on resource: arn:aws:iam::"+
			w.alpha.account+":instance-profile/other because no identity-based policy allows the iam:CreateInstanceProfile action")

		// Tags decide as they do for roles.
		must(c.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: aws.String("web"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("red")}}}))(t)
		red := w.user(t, w.alpha, "red", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*InstanceProfile*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}`)
		must(red.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String("web")}))(t)
		tags := must(red.ListInstanceProfileTags(ctx, &iam.ListInstanceProfileTagsInput{InstanceProfileName: aws.String("web")}))(t)
		if len(tags.Tags) != 1 || *tags.Tags[0].Key != "Team" || tags.IsTruncated {
			t.Errorf("tags %+v", tags)
		}
		must(c.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: aws.String("web"), TagKeys: []string{"team"}}))(t)
		_, err = red.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String("web")})
		refusedCode(t, "without the tag", err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/red is not authorized to perform: iam:GetInstanceProfile on resource: "+
			"instance profile web because no identity-based policy allows the iam:GetInstanceProfile action")

		var many []types.Tag
		for i := range 50 {
			many = append(many, types.Tag{Key: aws.String(fmt.Sprint("t", i)), Value: aws.String("")})
		}
		must(c.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: aws.String("web"), Tags: many}))(t)
		_, err = c.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: aws.String("web"), Tags: []types.Tag{{Key: aws.String("more"), Value: aws.String("")}}})
		refused[*types.LimitExceededException](t, "a tag too many", err, "Cannot exceed quota for TagsPerResource: 50")
	})
}
