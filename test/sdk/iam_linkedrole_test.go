package sdk

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestServiceLinkedRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		const service, name = "email.cognito-idp.amazonaws.com", "AWSServiceRoleForAmazonCognitoIdpEmailService"
		made := must(c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(service), Description: aws.String("mail")}))(t).Role
		if *made.RoleName != name || *made.Arn != "arn:aws:iam::"+w.alpha.account+":role/aws-service-role/"+service+"/"+name ||
			decoded(t, made.AssumeRolePolicyDocument) != `{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["`+service+`"]}}]}` {
			t.Errorf("made %+v", made)
		}
		_, err := c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(service)})
		refused[*types.InvalidInputException](t, "a second one", err, "Service role name "+name+" has been taken in this account, please try a different suffix.")
		_, err = c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(service), CustomSuffix: aws.String("x")})
		refused[*types.InvalidInputException](t, "with a suffix", err, "Custom suffix is not allowed for "+service)
		_, err = c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("nothing.example.com")})
		refused[*types.InvalidInputException](t, "no such service", err, "nothing.example.com is not a service that has service-linked roles.")
		second := must(c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("autoscaling.amazonaws.com"), CustomSuffix: aws.String("blue")}))(t).Role
		if *second.RoleName != "AWSServiceRoleForAutoScaling_blue" {
			t.Errorf("with a suffix %+v", second)
		}
		must(other.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(service)}))(t)

		// Only the service may change it.
		policies := must(c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(name)}))(t).AttachedPolicies
		if len(policies) != 1 || *policies[0].PolicyName != "AmazonCognitoIdpEmailServiceRolePolicy" {
			t.Errorf("policies %+v", policies)
		}
		arn := policies[0].PolicyArn
		for what, f := range map[string]func() error{
			"DeleteRole": func() error {
				_, err := c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
				return err
			},
			"PutRolePolicy": func() error {
				_, err := c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("*", "*"))})
				return err
			},
			"DeleteRolePolicy": func() error {
				_, err := c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("p")})
				return err
			},
			"AttachRolePolicy": func() error {
				_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(name), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
				return err
			},
			"DetachRolePolicy": func() error {
				_, err := c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String(name), PolicyArn: arn})
				return err
			},
			"UpdateAssumeRolePolicy": func() error {
				_, err := c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(name), PolicyDocument: aws.String(trustMachines)})
				return err
			},
			"UpdateRole": func() error {
				_, err := c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String(name), MaxSessionDuration: aws.Int32(7200)})
				return err
			},
			"PutRolePermissionsBoundary": func() error {
				_, err := c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String(name), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
				return err
			},
			"DeleteRolePermissionsBoundary": func() error {
				_, err := c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String(name)})
				return err
			},
		} {
			refused[*types.UnmodifiableEntityException](t, what, f(), "Cannot perform the operation on the protected role '"+name+"' - this role is only modifiable by AWS")
		}
		must(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String(name), Description: aws.String("post"), MaxSessionDuration: aws.Int32(3600)}))(t)
		_, err = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("mine"), Path: aws.String("/aws-service-role/x/"), AssumeRolePolicyDocument: aws.String(trustMachines)})
		refused[*types.InvalidInputException](t, "a role below the path", err, "Roles with path /aws-service-role/ can only be created by CreateServiceLinkedRole.")
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("mine"), AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		_, err = c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("mine"), PolicyArn: arn})
		refused[*types.PolicyNotAttachableException](t, "its policy on another role", err, "Cannot attach a Service Role Policy to a Customer Role.")

		_, err = c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String("mine")})
		refused[*types.NoSuchEntityException](t, "delete another role", err, "The role with name mine is not a service-linked role.")
		task := must(c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String(name)}))(t).DeletionTaskId
		if !strings.HasPrefix(*task, "task/aws-service-role/"+service+"/"+name+"/") {
			t.Errorf("task %s", *task)
		}
		if status := must(c.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}))(t); status.Status != types.DeletionTaskStatusTypeSucceeded {
			t.Errorf("status %+v", status)
		}
		_, err = other.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task})
		refused[*types.NoSuchEntityException](t, "from another account", err, "Deletion task "+*task+" cannot be found.")
		_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
		refused[*types.NoSuchEntityException](t, "the role", err, "The role with name "+name+" cannot be found.")
		must(other.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)}))(t)
	})
}

func TestServiceLinkedRolesForOneService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ops := w.user(t, w.alpha, "ops", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"arn:aws:iam::*:role/aws-service-role/*",
			"Condition":{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"}}},
			{"Effect":"Allow","Action":["iam:DeleteServiceLinkedRole","iam:GetServiceLinkedRoleDeletionStatus"],"Resource":"arn:aws:iam::*:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"}]}`)
		denied := func(what, action, resource string, err error) {
			t.Helper()
			refusedCode(t, what, err, "AccessDenied", "User: arn:aws:iam::"+w.alpha.account+":user/ops is not authorized to perform: iam:"+action+" on resource: "+resource+" because no identity-based policy allows the iam:"+action+" action")
		}
		made := must(ops.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")}))(t).Role
		_, err := ops.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("rds.amazonaws.com")})
		denied("another service", "CreateServiceLinkedRole", "arn:aws:iam::"+w.alpha.account+":role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", err)
		task := must(ops.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: made.RoleName}))(t).DeletionTaskId
		must(ops.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}))(t)
		_, err = ops.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: aws.String("task/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS/1")})
		denied("another service's task", "GetServiceLinkedRoleDeletionStatus", "arn:aws:iam::"+w.alpha.account+":role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", err)
	})
}

func TestRoleLastUsed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		ann := w.userKeys(t, w.alpha, "ann", allow("sts:AssumeRole", "*"))
		role := must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + w.alpha.account + `:user/ann"},"Action":"sts:AssumeRole"}}`)}))(t).Role
		used := func() *types.RoleLastUsed {
			t.Helper()
			return must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("app")}))(t).Role.RoleLastUsed
		}
		session := must(w.sts(ann).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role.Arn, RoleSessionName: aws.String("session")}))(t).Credentials
		if u := used(); u.LastUsedDate != nil || u.Region != nil {
			t.Errorf("taken on and not used: %+v", u)
		}
		keys := aws.Credentials{AccessKeyID: *session.AccessKeyId, SecretAccessKey: *session.SecretAccessKey, SessionToken: *session.SessionToken}
		w.caller(t, keys)
		first := used()
		if first.LastUsedDate == nil || first.LastUsedDate.Sub(w.Clock().Now()).Abs() > time.Minute || aws.ToString(first.Region) != "us-east-1" {
			t.Fatalf("used %+v", first)
		}
		w.Clock().Advance(10 * time.Minute)
		w.caller(t, keys)
		if u := used(); !u.LastUsedDate.After(*first.LastUsedDate) {
			t.Errorf("used again %+v", u)
		}

		// A namesake has a life of its own.
		must(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("app")}))(t)
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		if u := used(); u.LastUsedDate != nil {
			t.Errorf("of the role before: %+v", u)
		}
	})
}
