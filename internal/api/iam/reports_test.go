package iam_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

func TestCredentialReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ctx := w.asRoot(alpha), t.Context()
		_, err := c.GetCredentialReport(ctx, &awsiam.GetCredentialReportInput{})
		wantError(t, err, "ReportNotPresent", "No credential report is present. Use GenerateCredentialReport to generate one.")

		bob := w.asUser("bob", allowAll)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: aws.String("Ann"), Path: aws.String("/dev/")}))(t)
		must(bob.ListUsers(ctx, &awsiam.ListUsersInput{}))(t)
		w.pass(time.Second)
		second := must(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: aws.String("bob")}))(t)
		must(c.UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{UserName: aws.String("bob"), AccessKeyId: second.AccessKey.AccessKeyId, Status: types.StatusTypeInactive}))(t)

		started := must(c.GenerateCredentialReport(ctx, &awsiam.GenerateCredentialReportInput{}))(t)
		if started.State != types.ReportStateTypeStarted || *started.Description != "No report exists. Starting a new report generation task" {
			t.Errorf("started %+v", started)
		}
		if done := must(c.GenerateCredentialReport(ctx, &awsiam.GenerateCredentialReportInput{}))(t); done.State != types.ReportStateTypeComplete || done.Description != nil {
			t.Errorf("done %+v", done)
		}
		report := must(c.GetCredentialReport(ctx, &awsiam.GetCredentialReportInput{}))(t)
		if report.ReportFormat != types.ReportFormatTypeTextCsv || !report.GeneratedTime.Equal(w.now().Truncate(time.Second)) {
			t.Errorf("report %s of %v", report.ReportFormat, report.GeneratedTime)
		}
		rows := must(csv.NewReader(strings.NewReader(string(report.Content))).ReadAll())(t)
		const at, none = "2026-11-22T10:00:00+00:00", "N/A"
		noKey := []string{"false", none, none, none, none}
		certs := []string{"false", none, "false", none}
		want := [][]string{
			strings.Split("user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"+
				"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"+
				"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"+
				"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated", ","),
			slices.Concat([]string{"<root_account>", "arn:aws:iam::" + alpha + ":root", at, "not_supported", "no_information", "not_supported", "not_supported", "false"},
				[]string{"true", at, none, none, none}, noKey, certs),
			slices.Concat([]string{"Ann", "arn:aws:iam::" + alpha + ":user/dev/Ann", at, "false", none, none, none, "false"}, noKey, noKey, certs),
			slices.Concat([]string{"bob", "arn:aws:iam::" + alpha + ":user/bob", at, "false", none, none, none, "false"},
				[]string{"true", at, none, none, none}, []string{"false", "2026-11-22T10:00:01+00:00", none, none, none}, certs),
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if report := string(must(w.asRoot(beta).GenerateCredentialReport(ctx, &awsiam.GenerateCredentialReportInput{}))(t).State); report != "STARTED" {
			t.Errorf("the other account: %s", report)
		}
		if other := must(w.asRoot(beta).GetCredentialReport(ctx, &awsiam.GetCredentialReportInput{}))(t); strings.Contains(string(other.Content), "bob") {
			t.Error("the other account's report has bob")
		}

		w.pass(4 * time.Hour)
		_, err = c.GetCredentialReport(ctx, &awsiam.GetCredentialReportInput{})
		wantError(t, err, "ReportExpired", "The credential report has expired. Use GenerateCredentialReport to generate a new one.")
		if again := must(c.GenerateCredentialReport(ctx, &awsiam.GenerateCredentialReportInput{}))(t); again.State != types.ReportStateTypeStarted {
			t.Errorf("again %+v", again)
		}
	})
}

// Access advisor knows what principals really do, whether they may or not.
func TestServiceLastAccessed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ctx := w.asRoot(alpha), t.Context()
		ann := w.asUser("ann", policyOf(`{"Effect":"Allow","Action":["iam:Get*","s3:*"],"Resource":"*"}`))
		bob := w.asUser("bob", "")
		must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: aws.String("staff")}))(t)
		for _, name := range []string{"ann", "bob"} {
			must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: &name}))(t)
		}
		shared := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("shared"), PolicyDocument: aws.String(readAll)}))(t).Policy
		must(c.AttachGroupPolicy(ctx, &awsiam.AttachGroupPolicyInput{GroupName: aws.String("staff"), PolicyArn: shared.Arn}))(t)

		must(ann.GetUser(ctx, &awsiam.GetUserInput{UserName: aws.String("bob")}))(t)
		_, err := bob.ListUsers(ctx, &awsiam.ListUsersInput{}) // which he may not
		if err == nil {
			t.Error("bob lists users")
		}
		w.advisor.Flush(ctx)

		ask := func(arn string, granularity types.AccessAdvisorUsageGranularityType) *string {
			t.Helper()
			return must(c.GenerateServiceLastAccessedDetails(ctx, &awsiam.GenerateServiceLastAccessedDetailsInput{Arn: &arn, Granularity: granularity}))(t).JobId
		}
		report := func(id *string) map[string]types.ServiceLastAccessed {
			t.Helper()
			all := map[string]types.ServiceLastAccessed{}
			in := &awsiam.GetServiceLastAccessedDetailsInput{JobId: id, MaxItems: aws.Int32(1)}
			for {
				out := must(c.GetServiceLastAccessedDetails(ctx, in))(t)
				if out.JobStatus != types.JobStatusTypeCompleted || len(out.ServicesLastAccessed) > 1 {
					t.Errorf("job %s, %d services", out.JobStatus, len(out.ServicesLastAccessed))
				}
				for _, s := range out.ServicesLastAccessed {
					all[*s.ServiceNamespace] = s
				}
				if in.Marker = out.Marker; !out.IsTruncated {
					return all
				}
			}
		}
		user := func(name string) string { return "arn:aws:iam::" + alpha + ":user/" + name }
		id := ask(user("ann"), types.AccessAdvisorUsageGranularityTypeActionLevel)
		got := report(id)
		if len(got) != 2 {
			t.Errorf("ann: services %v", got)
		}
		if s := got["iam"]; *s.ServiceName != "AWS Identity and Access Management" || s.LastAuthenticated == nil || *s.LastAuthenticatedEntity != user("ann") ||
			*s.TotalAuthenticatedEntities != 1 || len(s.TrackedActionsLastAccessed) != 1 || *s.TrackedActionsLastAccessed[0].ActionName != "GetUser" {
			t.Errorf("ann in iam: %+v", s)
		}
		if s := got["s3"]; *s.ServiceName != "Amazon S3" || s.LastAuthenticated != nil || s.LastAuthenticatedEntity != nil || *s.TotalAuthenticatedEntities != 0 {
			t.Errorf("ann in s3: %+v", s)
		}
		if again := ask(user("ann"), types.AccessAdvisorUsageGranularityTypeActionLevel); *again != *id {
			t.Errorf("the same question has ids %s and %s", *id, *again)
		}
		// What was tried is there although no policy opens it.
		if s, ok := report(ask(user("bob"), ""))["iam"]; !ok || s.LastAuthenticated == nil || s.TrackedActionsLastAccessed != nil {
			t.Errorf("bob in iam: %+v", s)
		}
		for what, arn := range map[string]string{"group": "arn:aws:iam::" + alpha + ":group/staff", "policy": *shared.Arn} {
			id := ask(arn, "")
			if s := report(id)["iam"]; s.TotalAuthenticatedEntities == nil || *s.TotalAuthenticatedEntities != 2 {
				t.Errorf("%s: %+v", what, s)
			}
			var names []string
			in := &awsiam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: id, ServiceNamespace: aws.String("iam"), MaxItems: aws.Int32(1)}
			for {
				out := must(c.GetServiceLastAccessedDetailsWithEntities(ctx, in))(t)
				for _, e := range out.EntityDetailsList {
					names = append(names, fmt.Sprintf("%s %s %t", e.EntityInfo.Type, *e.EntityInfo.Name, e.LastAuthenticated != nil))
				}
				if in.Marker = out.Marker; !out.IsTruncated {
					break
				}
			}
			slices.Sort(names)
			if diff := cmp.Diff([]string{"USER ann true", "USER bob true"}, names); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}

		_, err = c.GetServiceLastAccessedDetails(ctx, &awsiam.GetServiceLastAccessedDetailsInput{JobId: aws.String("11111111-2222-3333-4444-555555555555")})
		wantError(t, err, "NoSuchEntity", "Job 11111111-2222-3333-4444-555555555555 was not found.")
		_, err = w.asRoot(beta).GetServiceLastAccessedDetails(ctx, &awsiam.GetServiceLastAccessedDetailsInput{JobId: id})
		wantError(t, err, "NoSuchEntity", "Job "+*id+" was not found.")
		_, err = c.GenerateServiceLastAccessedDetails(ctx, &awsiam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String("arn:aws:iam::" + alpha + ":root")})
		wantError(t, err, "InvalidInput", "Invalid Entity Arn: arn:aws:iam::"+alpha+":root does not clearly define entity type and name.")

		grants := must(c.ListPoliciesGrantingServiceAccess(ctx, &awsiam.ListPoliciesGrantingServiceAccessInput{
			Arn: aws.String(user("ann")), ServiceNamespaces: []string{"s3", "iam", "sqs"},
		}))(t)
		var lines []string
		for _, g := range grants.PoliciesGrantingServiceAccess {
			for _, p := range g.Policies {
				lines = append(lines, fmt.Sprintf("%s: %s %s %s %s %s", *g.ServiceNamespace, p.PolicyType, *p.PolicyName, aws.ToString(p.PolicyArn), p.EntityType, aws.ToString(p.EntityName)))
			}
			if len(g.Policies) == 0 {
				lines = append(lines, *g.ServiceNamespace+": none")
			}
		}
		if diff := cmp.Diff([]string{
			"s3: INLINE p  USER ann", "s3: MANAGED shared " + *shared.Arn + "  ", "iam: INLINE p  USER ann", "sqs: none",
		}, lines); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}
	})
}

func TestAccountAuthorizationDetails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ctx := w.asRoot(alpha), t.Context()
		w.asUser("ann", readAll)
		w.asUser("bob", "")
		must(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: aws.String("staff")}))(t)
		must(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: aws.String("ann")}))(t)
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(trustAlpha), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}))(t)
		must(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("app"), PolicyArn: aws.String("arn:aws:iam::aws:policy/IAMReadOnlyAccess")}))(t)
		own := must(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("own"), PolicyDocument: aws.String(readAll)}))(t).Policy
		must(c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: own.Arn, PolicyDocument: aws.String(allowAll)}))(t)

		want := []string{"user ann", "user bob", "group staff", "role app", "policy own", "policy IAMReadOnlyAccess"}
		for _, most := range []int32{100, 1, 2, 4} {
			var got []string
			pages := awsiam.NewGetAccountAuthorizationDetailsPaginator(c, &awsiam.GetAccountAuthorizationDetailsInput{}, func(o *awsiam.GetAccountAuthorizationDetailsPaginatorOptions) { o.Limit = most })
			for pages.HasMorePages() {
				out := must(pages.NextPage(ctx))(t)
				n := len(got)
				for _, u := range out.UserDetailList {
					got = append(got, "user "+*u.UserName)
				}
				for _, g := range out.GroupDetailList {
					got = append(got, "group "+*g.GroupName)
				}
				for _, r := range out.RoleDetailList {
					got = append(got, "role "+*r.RoleName)
				}
				for _, p := range out.Policies {
					got = append(got, "policy "+*p.PolicyName)
				}
				if len(got)-n > int(most) {
					t.Errorf("a page of %d has %d entries", most, len(got)-n)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", most, diff)
			}
		}

		out := must(c.GetAccountAuthorizationDetails(ctx, &awsiam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeUser, types.EntityTypeRole, types.EntityTypeLocalManagedPolicy}}))(t)
		if len(out.GroupDetailList) != 0 || len(out.Policies) != 1 || len(out.UserDetailList) != 2 || len(out.RoleDetailList) != 1 {
			t.Fatalf("filtered: %d groups, %d policies", len(out.GroupDetailList), len(out.Policies))
		}
		ann, role, policy := out.UserDetailList[0], out.RoleDetailList[0], out.Policies[0]
		if decoded(t, ann.UserPolicyList[0].PolicyDocument) != readAll || *ann.UserPolicyList[0].PolicyName != "p" || !slices.Equal(ann.GroupList, []string{"staff"}) {
			t.Errorf("ann: %+v", ann)
		}
		if decoded(t, role.AssumeRolePolicyDocument) != trustAlpha || *role.AttachedManagedPolicies[0].PolicyName != "IAMReadOnlyAccess" || len(role.Tags) != 1 {
			t.Errorf("role: %+v", role)
		}
		if len(policy.PolicyVersionList) != 2 || decoded(t, policy.PolicyVersionList[0].Document) != allowAll || policy.PolicyVersionList[0].IsDefaultVersion ||
			!policy.PolicyVersionList[1].IsDefaultVersion || *policy.DefaultVersionId != "v1" || *policy.AttachmentCount != 0 {
			t.Errorf("policy: %+v", policy)
		}
		if other := must(w.asRoot(beta).GetAccountAuthorizationDetails(ctx, &awsiam.GetAccountAuthorizationDetailsInput{}))(t); len(other.UserDetailList)+len(other.RoleDetailList)+len(other.Policies) != 0 {
			t.Error("the other account sees alpha's")
		}
	})
}
