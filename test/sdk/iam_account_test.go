package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

func TestAccountAliases(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c, other := t.Context(), w.iam(w.alpha.keys), w.iam(w.beta.keys)
		aliases := func(c *iam.Client) []string {
			t.Helper()
			out := must(c.ListAccountAliases(ctx, &iam.ListAccountAliasesInput{}))(t)
			if out.IsTruncated || out.Marker != nil {
				t.Errorf("one alias on pages: %+v", out)
			}
			return out.AccountAliases
		}
		if got := aliases(c); len(got) != 0 {
			t.Errorf("a new account has %v", got)
		}
		must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("wide-river")}))(t)
		_, err := c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("wide-river")})
		refused[*types.EntityAlreadyExistsException](t, "one's own alias", err, "The account alias wide-river already exists.")
		_, err = other.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("wide-river")})
		refused[*types.EntityAlreadyExistsException](t, "another account's alias", err, "The account alias wide-river already exists.")
		_, err = c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("two--dashes")})
		if code, _ := apiCode(err); code != "ValidationError" {
			t.Errorf("two dashes: %v", err)
		}
		_, err = other.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("wide-river")})
		refused[*types.NoSuchEntityException](t, "delete another account's alias", err, "The account alias wide-river cannot be found.")

		// A second one takes the place of the first, which is free then.
		must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("deep-lake")}))(t)
		must(other.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("wide-river")}))(t)
		if diff := cmp.Diff([]string{"deep-lake"}, aliases(c)); diff != "" {
			t.Error(diff)
		}
		must(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("deep-lake")}))(t)
		if got := aliases(c); len(got) != 0 {
			t.Errorf("after deletion %v", got)
		}
	})
}

func TestAccountSummary(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.iam(w.alpha.keys)
		before := must(c.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{}))(t).SummaryMap
		w.user(t, w.alpha, "ann", allow("*", "*"))
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("staff")}))(t)
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trustMachines)}))(t)
		must(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("p")}))(t)
		policy := must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("*", "*"))}))(t).Policy
		must(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: policy.Arn, PolicyDocument: aws.String(allow("s3:*", "*"))}))(t)
		w.newDevice(t, c, "phone")
		must(c.SetSecurityTokenServicePreferences(ctx, &iam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: types.GlobalEndpointTokenVersionV2Token}))(t)
		after := must(c.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{}))(t).SummaryMap
		changed := map[string]int32{}
		for name, n := range after {
			if n != before[name] {
				changed[name] = n - before[name]
			}
		}
		if diff := cmp.Diff(map[string]int32{
			"Users": 1, "Groups": 1, "Roles": 1, "InstanceProfiles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "MFADevices": 1, "GlobalEndpointTokenVersion": 1,
		}, changed); diff != "" {
			t.Errorf("what changed: %s", diff)
		}
		if after["UsersQuota"] != 5000 || after["AccessKeysPerUserQuota"] != 2 || after["GlobalEndpointTokenVersion"] != 2 {
			t.Errorf("summary %v", after)
		}
		other := must(w.iam(w.beta.keys).GetAccountSummary(ctx, &iam.GetAccountSummaryInput{}))(t).SummaryMap
		if other["Users"] != 0 || other["GlobalEndpointTokenVersion"] != 1 {
			t.Errorf("the other account: %v", other)
		}
	})
}
