package awsquery_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/awsquery"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
)

func read(op *awsapi.Operation, query, body string) (any, error) {
	f, err := awsquery.Parse(query, body)
	if err != nil {
		return nil, err
	}
	return awsquery.Decode(op, f)
}

func TestDecode(t *testing.T) {
	for _, tc := range []struct {
		name        string
		op          *awsapi.Operation
		query, body string
		want        any
	}{
		{
			"scalars, lists of structures and of strings", sts.AssumeRole.Operation, "",
			"Action=AssumeRole&Version=2011-06-15&RoleSessionName=s%3D1+2&DurationSeconds=900" +
				"&Tags.member.2.Key=b&Tags.member.2.Value=&Tags.member.1.Key=a&Tags.member.1.Value=1" +
				"&TransitiveTagKeys.member.1=a&PolicyArns.member.1.arn=x",
			&sts.AssumeRoleRequest{
				RoleSessionName: new("s=1 2"), DurationSeconds: new(int64(900)),
				Tags:              []sts.Tag{{Key: new("a"), Value: new("1")}, {Key: new("b"), Value: new("")}},
				TransitiveTagKeys: []string{"a"}, PolicyArns: []sts.PolicyDescriptorType{{Arn: new("x")}},
			},
		},
		{
			"an empty list is present", sts.AssumeRole.Operation, "", "Tags=&RoleArn=",
			&sts.AssumeRoleRequest{Tags: []sts.Tag{}, RoleArn: new("")},
		},
		{
			"more than nine items", iam.TagUser.Operation, "", tags(12),
			&iam.TagUserRequest{Tags: func() (list []iam.Tag) {
				for i := range 12 {
					list = append(list, iam.Tag{Key: new(fmt.Sprintf("k%d", i+1))})
				}
				return list
			}()},
		},
		{
			"a presigned GET", sts.GetCallerIdentity.Operation,
			"Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", "",
			&sts.GetCallerIdentityRequest{},
		},
		{
			"query and body together", sts.AssumeRole.Operation, "RoleArn=a", "RoleSessionName=b",
			&sts.AssumeRoleRequest{RoleArn: new("a"), RoleSessionName: new("b")},
		},
		{
			"unknown parameters", sts.AssumeRole.Operation, "", "RoleArn=a&rolearn=b&What.Is.This=1&=x&&",
			&sts.AssumeRoleRequest{RoleArn: new("a")},
		},
		{
			"booleans and no value", iam.CreatePolicyVersion.Operation, "", "SetAsDefault=true&PolicyDocument",
			&iam.CreatePolicyVersionRequest{SetAsDefault: new(true), PolicyDocument: new("")},
		},
		{
			"no input", iam.GetAccountSummary.Operation, "", "Action=GetAccountSummary&Version=2010-05-08",
			&awsapi.None{},
		},
		{
			"semicolons are text", iam.CreatePolicyVersion.Operation, "", "PolicyDocument=a;b",
			&iam.CreatePolicyVersionRequest{PolicyDocument: new("a;b")},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := read(tc.op, tc.query, tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func tags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&Tags.member.%d.Key=k%d", i+1, i+1)
	}
	return b.String()
}

func TestMapsTimesAndBytes(t *testing.T) {
	got, err := read(iam.AcquireRole.Operation, "", "ReplacementValues.entry.1.key=a&ReplacementValues.entry.1.value.Values.member.1=x&ReplacementValues.entry.2.key=b&ReplacementValues.entry.2.value=")
	if err != nil {
		t.Fatal(err)
	}
	in := got.(*iam.AcquireRoleRequest)
	if len(in.ReplacementValues) != 2 {
		t.Errorf("read as %+v", in.ReplacementValues)
	}
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":      time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.25Z":   time.Date(2026, 1, 2, 3, 4, 5, 250_000_000, time.UTC),
		"2026-01-02T04:04:05+01:00": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	} {
		op := &awsapi.Operation{Service: sts.Service, Input: typeOf[sts.Credentials]()}
		got, err := read(op, "", "Expiration="+url.QueryEscape(text))
		if err != nil {
			t.Fatal(err)
		}
		if at := awsapi.Value(got.(*sts.Credentials).Expiration); !at.Equal(want) {
			t.Errorf("%s read as %v", text, at)
		}
	}
}

func TestRefusals(t *testing.T) {
	many := strings.Builder{}
	for i := range 10_001 {
		fmt.Fprintf(&many, "p%d=&", i)
	}
	for _, tc := range []struct{ name, query, body, want string }{
		{"same parameter twice", "", "RoleArn=a&RoleArn=a", "Parameter RoleArn appears twice."},
		{"same parameter in query and body", "RoleArn=a", "RoleArn=b", "Parameter RoleArn appears twice."},
		{"same parameter twice, once escaped", "", "RoleArn=a&Role%41rn=b", "Parameter RoleArn appears twice."},
		{"same action twice", "Action=AssumeRole", "Action=AssumeRole", "Parameter Action appears twice."},
		{"bad escape in a name", "", "Role%zz=a", "not URL-encoded"},
		{"bad escape in a value", "", "RoleArn=%4", "not URL-encoded"},
		{"not UTF-8", "", "RoleArn=%ff", "UTF-8"},
		{"too many parameters", "", many.String(), "at most 10000 parameters"},
		{"too deep", "", strings.Repeat("a.", 30) + "b=1", "nests deeper"},
		{"word for a number", "", "DurationSeconds=soon", "The value of parameter DurationSeconds has the wrong type."},
		{"empty number", "", "DurationSeconds=", "The value of parameter DurationSeconds has the wrong type."},
		{"33 bits", "", "DurationSeconds=2147483648", "The value of parameter DurationSeconds has the wrong type."},
		{"members below a scalar", "", "RoleArn.x=1", "Parameter RoleArn stands for a single value."},
		{"a scalar and a nameless member below it", "", "RoleArn=1&RoleArn.=", "Parameter RoleArn stands for a single value."},
		{"a scalar and members below it", "", "RoleArn=1&RoleArn.x=1", "Parameter RoleArn stands for a single value."},
		{"a value for a list", "", "Tags=x", "Parameter Tags stands for a list"},
		{"a value and items of a list", "", "Tags=&Tags.member.1.Key=a", "has no value of its own"},
		{"a value for the items", "", "Tags.member=&Tags.member.1.Key=a", "has no value of its own"},
		{"flattened list", "", "Tags.1.Key=a", "Parameter Tags stands for a list"},
		{"gap", "", "Tags.member.1.Key=a&Tags.member.3.Key=b", "without a gap"},
		{"zero", "", "Tags.member.0.Key=a", "without a gap"},
		{"huge number", "", "Tags.member.99999999999999999999.Key=a", "without a gap"},
		{"leading zero", "", "Tags.member.01.Key=a", "without a gap"},
		{"no number", "", "Tags.member.x.Key=a", "without a gap"},
		{"a value for a structure", "", "Tags.member.1=a", "stands for a structure"},
		{"members below an item", "", "TransitiveTagKeys.member.1.x=a", "stands for a single value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := read(sts.AssumeRole.Operation, tc.query, tc.body)
			e, ok := awsapi.AsError(err)
			if !ok || e.Shape != awsapi.Serialization || !strings.Contains(e.Message, tc.want) {
				t.Fatalf("answered %+v, %v; want %q", v, err, tc.want)
			}
		})
	}
	for _, body := range []string{
		"ReplacementValues=x", "ReplacementValues.entry.1.key=a", "ReplacementValues.entry.1.value=", "ReplacementValues.entry.2.key=a&ReplacementValues.entry.2.value=",
		"ReplacementValues.entry.1.key=a&ReplacementValues.entry.1.value=&ReplacementValues.entry.2.key=a&ReplacementValues.entry.2.value=",
	} {
		if v, err := read(iam.AcquireRole.Operation, "", body); err == nil {
			t.Errorf("%s read as %+v", body, v)
		}
	}
	if v, err := read(iam.CreatePolicyVersion.Operation, "", "SetAsDefault=1"); err == nil {
		t.Errorf("1 read as a boolean: %+v", v)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"Action=AssumeRole&RoleArn=a&Tags.member.1.Key=k&Tags.member.1.Value=v", "Tags=", "a=%41+b&&=;", "Tags.member.1=",
		"PolicyArns.member.1.arn=x&DurationSeconds=900&ProvidedContexts.member.1.ProviderArn=p",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, err := read(sts.AssumeRole.Operation, "", body)
		if err != nil {
			if e, ok := awsapi.AsError(err); !ok || e.Shape != awsapi.Serialization {
				t.Fatalf("failed with %v", err)
			}
			return
		}
		// What was taken agrees with the standard library, where that can read
		// it, and says each thing once.
		values, err := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
		if err != nil {
			t.Fatalf("took %q: %v", body, err)
		}
		in := v.(*sts.AssumeRoleRequest)
		if len(values["RoleArn"]) > 1 || awsapi.Value(in.RoleArn) != values.Get("RoleArn") || len(in.Tags) > len(body) {
			t.Fatalf("%q read as %+v", body, in)
		}
	})
}
