package iam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/account"
)

// result is what a test looks at of an evaluation.
type result struct {
	Action, Resource string
	Decision         types.PolicyEvaluationDecisionType
	Sources, Missing []string
	Boundary         string // "", "yes" or "no"
}

func results(all []types.EvaluationResult) []result {
	var out []result
	for _, r := range all {
		got := result{Action: *r.EvalActionName, Resource: *r.EvalResourceName, Decision: r.EvalDecision, Missing: r.MissingContextValues}
		for _, m := range r.MatchedStatements {
			got.Sources = append(got.Sources, *m.SourcePolicyId)
		}
		for _, specific := range r.ResourceSpecificResults {
			got.Missing = append(got.Missing, specific.MissingContextValues...)
		}
		if d := r.PermissionsBoundaryDecisionDetail; d != nil {
			got.Boundary = map[bool]string{true: "yes", false: "no"}[d.AllowedByPermissionsBoundary]
		}
		if len(got.Missing) == 0 {
			got.Missing = nil
		}
		out = append(out, got)
	}
	return out
}

const (
	allowed  = types.PolicyEvaluationDecisionTypeAllowed
	explicit = types.PolicyEvaluationDecisionTypeExplicitDeny
	implicit = types.PolicyEvaluationDecisionTypeImplicitDeny
)

func policyOf(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

func TestSimulateCustomPolicy(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		c := w.asRoot(alpha)
		bucket, other := "arn:aws:s3:::reports/a", "arn:aws:s3:::private/a"
		in := &awsiam.SimulateCustomPolicyInput{
			PolicyInputList: []string{
				policyOf(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::reports/*"},{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`),
				policyOf(`{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}`),
			},
			ActionNames: []string{"s3:GetObject", "s3:DeleteObject", "sqs:SendMessage"}, ResourceArns: []string{bucket, other},
			ContextEntries: []types.ContextEntry{{
				ContextKeyName: aws.String("aws:MultiFactorAuthPresent"), ContextKeyType: types.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"false"},
			}},
		}
		want := []result{
			{"s3:GetObject", bucket, allowed, []string{"PolicyInputList.1"}, []string{"aws:PrincipalTag/team"}, ""},
			{"s3:GetObject", other, implicit, nil, []string{"aws:PrincipalTag/team"}, ""},
			{"s3:DeleteObject", bucket, explicit, []string{"PolicyInputList.2"}, nil, ""},
			{"s3:DeleteObject", other, explicit, []string{"PolicyInputList.2"}, nil, ""},
			{"sqs:SendMessage", bucket, implicit, nil, nil, ""},
			{"sqs:SendMessage", other, implicit, nil, nil, ""},
		}
		// In one piece, and page by page.
		for _, most := range []int32{100, 1, 4} {
			var got []types.EvaluationResult
			pages := awsiam.NewSimulateCustomPolicyPaginator(c, in, func(o *awsiam.SimulateCustomPolicyPaginatorOptions) { o.Limit = most })
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, page.EvaluationResults...)
			}
			if diff := cmp.Diff(want, results(got)); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", most, diff)
			}
		}
		// A marker is good for its own list only.
		in.MaxItems = aws.Int32(1)
		page, err := c.SimulateCustomPolicy(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		in.Marker, in.ActionNames = page.Marker, []string{"s3:GetObject"}
		_, err = c.SimulateCustomPolicy(t.Context(), in)
		wantError(t, err, "ValidationError", "Invalid Marker.")

		for _, bad := range []struct {
			change func(*awsiam.SimulateCustomPolicyInput)
			want   string
		}{
			{func(in *awsiam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{policyOf("")} }, "Invalid policy PolicyInputList.1: Syntax errors in policy."},
			{func(in *awsiam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:*"} }, "Invalid action name: s3:*"},
			{func(in *awsiam.SimulateCustomPolicyInput) { in.ResourcePolicy = aws.String("{}") }, "CallerArn is required when a ResourcePolicy is simulated for something other than a user."},
			{func(in *awsiam.SimulateCustomPolicyInput) {
				in.CallerArn = aws.String("arn:aws:iam::" + alpha + ":role/r")
			}, "CallerArn must be the ARN of a user: arn:aws:iam::" + alpha + ":role/r"},
			{func(in *awsiam.SimulateCustomPolicyInput) { in.ResourceOwner = aws.String("me") }, "ResourceOwner must be an account: me"},
			{func(in *awsiam.SimulateCustomPolicyInput) {
				in.PermissionsBoundaryPolicyInputList = []string{in.PolicyInputList[0], in.PolicyInputList[0]}
			}, "Only one permissions boundary can be simulated."},
			{func(in *awsiam.SimulateCustomPolicyInput) {
				in.ContextEntries = []types.ContextEntry{{ContextKeyName: aws.String("aws:username"), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{"a", "b"}}}
			}, "The type of context key aws:username takes one value."},
		} {
			in := &awsiam.SimulateCustomPolicyInput{PolicyInputList: []string{policyOf(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}, ActionNames: []string{"s3:GetObject"}}
			bad.change(in)
			_, err := c.SimulateCustomPolicy(t.Context(), in)
			wantError(t, err, "InvalidInput", bad.want)
		}
	})
}

// A resource's own policy counts with the caller that is named, in the account
// of the resource or across.
func TestSimulateResourcePolicy(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		c := w.asRoot(alpha)
		arn := "arn:aws:iam::" + alpha + ":user/ann"
		simulate := func(identity, resourceOwner string) types.EvaluationResult {
			t.Helper()
			in := &awsiam.SimulateCustomPolicyInput{
				PolicyInputList: []string{policyOf(`{"Effect":"` + identity + `","Action":"s3:*","Resource":"*"}`)}, CallerArn: &arn,
				ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::b/k"},
				ResourcePolicy: aws.String(policyOf(`{"Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":"s3:GetObject","Resource":"*"}`)),
			}
			if resourceOwner != "" {
				in.ResourceOwner = &resourceOwner
			}
			out, err := c.SimulateCustomPolicy(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			return out.EvaluationResults[0]
		}
		r := simulate("Allow", "")
		if r.EvalDecision != allowed || len(r.MatchedStatements) != 2 || len(r.EvalDecisionDetails) != 0 {
			t.Errorf("same account: %+v", r)
		}
		r = simulate("Allow", "arn:aws:iam::"+beta+":root")
		if want := map[string]types.PolicyEvaluationDecisionType{"IAM Policy": allowed, "Resource Policy": allowed}; r.EvalDecision != allowed || cmp.Diff(want, r.EvalDecisionDetails) != "" {
			t.Errorf("across: %+v", r)
		}
		r = simulate("Deny", beta)
		if want := map[string]types.PolicyEvaluationDecisionType{"IAM Policy": explicit, "Resource Policy": allowed}; r.EvalDecision != explicit || cmp.Diff(want, r.EvalDecisionDetails) != "" {
			t.Errorf("across, denied: %+v", r)
		}
	})
}

func TestSimulatePrincipalPolicy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.asRoot(alpha)
		ctx := t.Context()
		ok := func(_ any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ok(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: aws.String("ann"), Path: aws.String("/dev/"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}))
		ok(c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: aws.String("devs")}))
		ok(c.AddUserToGroup(ctx, &awsiam.AddUserToGroupInput{UserName: aws.String("ann"), GroupName: aws.String("devs")}))
		put := func(kind account.Kind, name, policy, document string) {
			ok(nil, w.accounts.PutInline(ctx, alpha, kind, name, account.InlinePolicy{Name: policy, Document: document}))
		}
		put(account.UserKind, "ann", "own", policyOf(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/*"}`))
		put(account.GroupKind, "devs", "shared", policyOf(`{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`))
		ok(c.AttachGroupPolicy(ctx, &awsiam.AttachGroupPolicyInput{GroupName: aws.String("devs"), PolicyArn: aws.String("arn:aws:iam::aws:policy/IAMReadOnlyAccess")}))
		arn := "arn:aws:iam::" + alpha + ":user/dev/ann"
		simulate := func(in *awsiam.SimulatePrincipalPolicyInput) []result {
			t.Helper()
			out, err := c.SimulatePrincipalPolicy(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			return results(out.EvaluationResults)
		}
		check := func(what string, got []result, want ...result) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		all := &awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject", "sqs:SendMessage", "iam:GetUser"}, ResourceArns: []string{"arn:aws:s3:::ann/x"}}
		check("a user with a group", simulate(all),
			result{"s3:GetObject", "arn:aws:s3:::ann/x", allowed, []string{"user_ann_own"}, nil, ""},
			result{"sqs:SendMessage", "arn:aws:s3:::ann/x", allowed, []string{"group_devs_shared"}, nil, ""},
			result{"iam:GetUser", "arn:aws:s3:::ann/x", allowed, []string{"IAMReadOnlyAccess"}, nil, ""})
		all.ActionNames, all.ResourceArns = []string{"s3:GetObject"}, nil
		check("on nothing in particular", simulate(all), result{"s3:GetObject", "*", implicit, nil, nil, ""})

		all.PermissionsBoundaryPolicyInputList = []string{policyOf(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`)}
		all.ActionNames = []string{"sqs:SendMessage", "s3:ListBucket"}
		all.ResourceArns = []string{"arn:aws:s3:::ann/x"}
		check("bounded", simulate(all),
			result{"sqs:SendMessage", "arn:aws:s3:::ann/x", allowed, []string{"group_devs_shared"}, nil, "yes"},
			result{"s3:ListBucket", "arn:aws:s3:::ann/x", implicit, nil, nil, "no"})
		all.PermissionsBoundaryPolicyInputList = nil
		all.PolicyInputList = []string{policyOf(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)}
		all.PolicyExclusionList = []types.PolicyIdentifier{&types.PolicyIdentifierMemberInlinePolicyIdentifier{Value: types.InlinePolicyIdentifierType{
			PolicyName: aws.String("shared"), AttachmentType: types.AttachmentTypeGroup, AttachmentName: aws.String("devs"),
		}}}
		check("with one policy more and one less", simulate(all),
			result{"sqs:SendMessage", "arn:aws:s3:::ann/x", implicit, nil, nil, ""},
			result{"s3:ListBucket", "arn:aws:s3:::ann/x", explicit, []string{"PolicyInputList.1"}, nil, ""})

		all.PolicyInputList, all.ActionNames = nil, []string{"iam:GetUser", "s3:ListBucket"}
		all.PolicyExclusionList = []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyType{Value: types.PolicyIdentifierPolicyTypeAwsManaged}}
		check("without those of AWS", simulate(all),
			result{"iam:GetUser", "arn:aws:s3:::ann/x", implicit, nil, nil, ""},
			result{"s3:ListBucket", "arn:aws:s3:::ann/x", allowed, []string{"user_ann_own"}, nil, ""})

		group := "arn:aws:iam::" + alpha + ":group/devs"
		check("a group alone", simulate(&awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: &group, ActionNames: []string{"sqs:SendMessage"}}),
			result{"sqs:SendMessage", "*", implicit, nil, []string{"aws:PrincipalTag/team"}, ""})

		keys, err := c.GetContextKeysForPrincipalPolicy(ctx, &awsiam.GetContextKeysForPrincipalPolicyInput{
			PolicySourceArn: &arn, PolicyInputList: []string{policyOf(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"s3:prefix":"true","AWS:USERNAME":"true"}}}`)},
		})
		ok(nil, err)
		if diff := cmp.Diff([]string{"aws:username", "aws:PrincipalTag/team", "s3:prefix"}, keys.ContextKeyNames); diff != "" {
			t.Errorf("context keys (-want +got):\n%s", diff)
		}

		for bad, want := range map[string]string{
			"arn:aws:iam::" + alpha + ":root":             "InvalidInput: Invalid Entity Arn: arn:aws:iam::" + alpha + ":root does not clearly define entity type and name.",
			"arn:aws:sts::" + alpha + ":assumed-role/r/s": "InvalidInput: Invalid Entity Arn: arn:aws:sts::" + alpha + ":assumed-role/r/s does not clearly define entity type and name.",
			"arn:aws:iam::" + alpha + ":user/ann":         "NoSuchEntity: The user with name ann cannot be found.", // her path is another
			"arn:aws:iam::" + alpha + ":role/nobody":      "NoSuchEntity: The role with name nobody cannot be found.",
			strings.Replace(arn, alpha, beta, 1):          "NoSuchEntity: The user with name ann cannot be found.",
		} {
			code, message, _ := strings.Cut(want, ": ")
			_, err := c.SimulatePrincipalPolicy(ctx, &awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: &bad, ActionNames: []string{"s3:GetObject"}})
			wantError(t, err, code, message)
		}

		// Who may simulate whom is a permission on whom.
		cara := w.asUser("cara", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"arn:aws:iam::`+alpha+`:user/dev/*"}}`)
		if _, err := cara.SimulatePrincipalPolicy(ctx, &awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject"}}); err != nil {
			t.Error(err)
		}
		_, err = cara.SimulatePrincipalPolicy(ctx, &awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: &group, ActionNames: []string{"s3:GetObject"}})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::"+alpha+":user/cara is not authorized to perform: iam:SimulatePrincipalPolicy on resource: "+group+
			" because no identity-based policy allows the iam:SimulatePrincipalPolicy action")
	})
}

// Policies of an organization bound what is simulated: every level must allow.
func TestSimulateOrganization(t *testing.T) {
	inMemory(t, func(t *testing.T, w *world) {
		all := policyOf(`{"Effect":"Allow","Action":"*","Resource":"*"}`)
		noDelete := policyOf(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/admin":"yes"}}}`)
		onlySQS := policyOf(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"}`)
		level := func(documents ...string) types.OrderedOrganizationPolicyType {
			return types.OrderedOrganizationPolicyType{ServiceControlPolicyInputList: documents}
		}
		for _, c := range []struct {
			what         string
			levels       []types.OrderedOrganizationPolicyType
			want         []types.PolicyEvaluationDecisionType
			organization []bool
			source       string // of the last result's statement
		}{
			{"none", nil, []types.PolicyEvaluationDecisionType{allowed, allowed}, nil, "PolicyInputList.1"},
			{"all allow", []types.OrderedOrganizationPolicyType{level(all), level(onlySQS, all)}, []types.PolicyEvaluationDecisionType{allowed, allowed}, []bool{true, true}, "PolicyInputList.1"},
			{"one does not", []types.OrderedOrganizationPolicyType{level(all), level(onlySQS)}, []types.PolicyEvaluationDecisionType{implicit, implicit}, []bool{false, false}, ""},
			{"one denies", []types.OrderedOrganizationPolicyType{level(all), level(all, noDelete)}, []types.PolicyEvaluationDecisionType{allowed, explicit}, []bool{true, false}, "OrderedOrganizationPolicyInputList.2.ServiceControlPolicyInputList.2"},
		} {
			out := must(w.asRoot(alpha).SimulateCustomPolicy(t.Context(), &awsiam.SimulateCustomPolicyInput{
				PolicyInputList: []string{policyOf(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}, OrderedOrganizationPolicyInputList: c.levels,
				ActionNames: []string{"s3:GetObject", "s3:DeleteObject"},
			}))(t)
			for i, r := range out.EvaluationResults {
				if r.EvalDecision != c.want[i] {
					t.Errorf("%s: %s is %s", c.what, *r.EvalActionName, r.EvalDecision)
				}
				if d := r.OrganizationsDecisionDetail; (d == nil) != (c.organization == nil) || d != nil && d.AllowedByOrganizations != c.organization[i] {
					t.Errorf("%s: %s, organization %+v", c.what, *r.EvalActionName, d)
				}
			}
			source := ""
			if m := out.EvaluationResults[1].MatchedStatements; len(m) > 0 {
				source = *m[0].SourcePolicyId
			}
			if source != c.source {
				t.Errorf("%s: decided by %q, want %q", c.what, source, c.source)
			}
		}
	})
}
