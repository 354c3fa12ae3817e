package sdk

import (
	"encoding/xml"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// elements lists the elements inside one element of an XML reply, in order,
// with their text: Role > Path=/ becomes "Path=/".
func elements(t *testing.T, raw []byte, name string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(raw)))
	var list []string
	var path []string
	inside := -1
	text := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			if token.Name.Local == name && inside < 0 {
				inside = len(path)
			}
			text = ""
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			if inside >= 0 && len(path) == inside+1 {
				list = append(list, path[len(path)-1]+"="+strings.TrimSpace(text))
				text = ""
			}
			if len(path) == inside {
				return list
			}
			path = path[:len(path)-1]
		}
	}
}

// names are the names of elements without those that change from run to run.
func names(list []string) []string {
	var out []string
	for _, e := range list {
		name, _, _ := strings.Cut(e, "=")
		out = append(out, name)
	}
	return out
}

func decoded(t *testing.T, document *string) string {
	t.Helper()
	return must(url.QueryUnescape(aws.ToString(document)))(t)
}

// Documents come back character by character, however they are laid out.
const oddTrust = "{\n  \"Version\": \"2012-10-17\",\n\t\"Statement\": { \"Sid\": \"a%3Ab+c\", \"Effect\": \"Allow\", \"Principal\": { \"Service\": \"cognito-idp.amazonaws.com\" }, \"Action\": \"sts:AssumeRole\" }\n}\n"

func TestRoleLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := w.iam(w.alpha.keys)
		ctx := t.Context()
		oddTrust := strings.Replace(oddTrust, "a%3Ab+c", "aB3", 1) // a Sid is letters and digits
		least := &iam.CreateRoleInput{RoleName: aws.String("least"), AssumeRolePolicyDocument: &oddTrust}
		created := must(client.CreateRole(ctx, least))(t).Role
		if diff := cmp.Diff([]string{"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}, names(elements(t, w.wire.reply, "Role"))); diff != "" {
			t.Errorf("CreateRole: %s", diff)
		}
		get := func(name *string) *types.Role {
			t.Helper()
			return must(client.GetRole(ctx, &iam.GetRoleInput{RoleName: name}))(t).Role
		}
		read := get(least.RoleName)
		if diff := cmp.Diff([]string{"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "MaxSessionDuration", "RoleLastUsed"}, names(elements(t, w.wire.reply, "Role"))); diff != "" {
			t.Errorf("GetRole: %s", diff)
		}
		if decoded(t, read.AssumeRolePolicyDocument) != oddTrust || *read.MaxSessionDuration != 3600 || *read.Path != "/" ||
			*read.Arn != "arn:aws:iam::"+w.alpha.account+":role/least" || *read.RoleId != *created.RoleId || !strings.HasPrefix(*read.RoleId, "AROA") {
			t.Errorf("least: %s", w.wire.reply)
		}

		boundary := *must(client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("boundary"), PolicyDocument: aws.String(allow("*", "*"))}))(t).Policy.Arn
		most := &iam.CreateRoleInput{
			RoleName: aws.String("full"), Path: aws.String("/app/web/"), AssumeRolePolicyDocument: &oddTrust, Description: aws.String("Everything there is"),
			MaxSessionDuration: aws.Int32(7200), PermissionsBoundary: &boundary, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("people")}, {Key: aws.String("b"), Value: aws.String("")}},
		}
		must(client.CreateRole(ctx, most))(t)
		read = get(most.RoleName)
		if diff := cmp.Diff(&types.Role{
			Path: most.Path, RoleName: most.RoleName, Arn: aws.String("arn:aws:iam::" + w.alpha.account + ":role/app/web/full"), Description: most.Description,
			MaxSessionDuration:  most.MaxSessionDuration,
			PermissionsBoundary: &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy"},
			Tags:                most.Tags, RoleLastUsed: &types.RoleLastUsed{},
			RoleId: read.RoleId, CreateDate: read.CreateDate, AssumeRolePolicyDocument: read.AssumeRolePolicyDocument,
		}, read, ignoreUnexported); diff != "" {
			t.Errorf("full: %s", diff)
		}
		if decoded(t, read.AssumeRolePolicyDocument) != oddTrust {
			t.Errorf("trust policy %q", *read.AssumeRolePolicyDocument)
		}

		// Every setting changes by itself.
		name := most.RoleName
		must(client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, Description: aws.String("New"), MaxSessionDuration: aws.Int32(3600)}))(t)
		must(client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trust(elsewhere, "authenticated"))}))(t)
		must(client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name}))(t)
		must(client.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("ops")}}}))(t)
		must(client.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"b"}}))(t)
		read = get(name)
		if *read.Description != "New" || *read.MaxSessionDuration != 3600 || read.PermissionsBoundary != nil || decoded(t, read.AssumeRolePolicyDocument) != trust(elsewhere, "authenticated") ||
			len(read.Tags) != 1 || *read.Tags[0].Value != "ops" {
			t.Errorf("updated: %s", w.wire.reply)
		}

		// Inline and attached policies.
		document := " " + strings.ReplaceAll(allow("s3:GetObject", "arn:aws:s3:::b/%41+${aws:userid}/*"), ",", ",\n  ")
		must(client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("inline"), PolicyDocument: &document}))(t)
		inline := must(client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("inline")}))(t)
		if got := decoded(t, inline.PolicyDocument); got != document {
			t.Errorf("inline policy %q, want %q", got, document)
		}
		must(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &boundary}))(t)
		awsManaged := "arn:aws:iam::aws:policy/AmazonCognitoReadOnly"
		must(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &awsManaged}))(t)
		var attached []string
		for _, a := range must(client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name}))(t).AttachedPolicies {
			attached = append(attached, *a.PolicyName+" "+*a.PolicyArn)
		}
		slices.Sort(attached)
		if diff := cmp.Diff([]string{"AmazonCognitoReadOnly " + awsManaged, "boundary " + boundary}, attached); diff != "" {
			t.Errorf("attached: %s", diff)
		}

		// The order in which Terraform takes it down, after trying without.
		_, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
		refused[*types.DeleteConflictException](t, "delete a role with policies", err, "Cannot delete entity, must detach all policies first.")
		if p := must(client.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: name}))(t); len(p.InstanceProfiles) != 0 || p.IsTruncated {
			t.Errorf("instance profiles: %s", w.wire.reply)
		}
		for _, arn := range []string{boundary, awsManaged} {
			must(client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: &arn}))(t)
		}
		_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
		refused[*types.DeleteConflictException](t, "delete a role with an inline policy", err, "Cannot delete entity, must delete policies first.")
		must(client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("inline")}))(t)
		_, err = client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("inline")})
		refused[*types.NoSuchEntityException](t, "GetRolePolicy of a deleted policy", err, "The role policy with name inline cannot be found.")
		must(client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}))(t)
		for call, f := range map[string]func() error{
			"GetRole": func() error { _, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: name}); return err },
			"ListRolePolicies": func() error {
				_, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: name})
				return err
			},
			"ListAttachedRolePolicies": func() error {
				_, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
				return err
			},
			"DeleteRole": func() error { _, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}); return err },
			"AttachRolePolicy": func() error {
				_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &boundary})
				return err
			},
		} {
			refused[*types.NoSuchEntityException](t, call+" of a deleted role", f(), "The role with name full cannot be found.")
		}
	})
}

func TestPolicyLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := w.iam(w.alpha.keys)
		ctx := t.Context()
		document := func(n string) *string { return aws.String(allow("s3:GetObject", "arn:aws:s3:::bucket"+n+"/*")) }
		created := must(client.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: aws.String("app"), Path: aws.String("/app/"), Description: aws.String("What the app may"), PolicyDocument: document("1"),
			Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("people")}},
		}))(t).Policy
		if *created.Arn != "arn:aws:iam::"+w.alpha.account+":policy/app/app" || !strings.HasPrefix(*created.PolicyId, "ANPA") || *created.AttachmentCount != 0 ||
			*created.PermissionsBoundaryUsageCount != 0 || !created.IsAttachable || *created.DefaultVersionId != "v1" {
			t.Errorf("created: %s", w.wire.reply)
		}
		arn := created.Arn
		get := func() *types.Policy {
			t.Helper()
			return must(client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn}))(t).Policy
		}
		version := func(id string) string {
			t.Helper()
			return decoded(t, must(client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: &id}))(t).PolicyVersion.Document)
		}
		if p := get(); *p.Description != "What the app may" || *p.Path != "/app/" || len(p.Tags) != 1 || *p.Tags[0].Value != "people" {
			t.Errorf("read: %s", w.wire.reply)
		}
		if version("v1") != *document("1") {
			t.Errorf("v1: %s", w.wire.reply)
		}

		// A change is a version that becomes the default; of more than five
		// the tool deletes the oldest.
		for n := range 4 {
			must(client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document(string(rune('2' + n))), SetAsDefault: true}))(t)
		}
		_, err := client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document("6"), SetAsDefault: true})
		refused[*types.LimitExceededException](t, "a sixth version", err, "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		must(client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")}))(t)
		must(client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document("6"), SetAsDefault: true}))(t)
		if p := get(); *p.DefaultVersionId != "v6" || version("v6") != *document("6") {
			t.Errorf("after six versions: %s", w.wire.reply)
		}
		var versions []string
		for _, v := range must(client.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn}))(t).Versions {
			versions = append(versions, *v.VersionId)
			if v.IsDefaultVersion != (*v.VersionId == "v6") {
				t.Errorf("version %s: default is %v", *v.VersionId, v.IsDefaultVersion)
			}
		}
		slices.Sort(versions)
		if diff := cmp.Diff([]string{"v2", "v3", "v4", "v5", "v6"}, versions); diff != "" {
			t.Errorf("versions: %s", diff)
		}

		// Attached, it counts and cannot go.
		must(client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("u")}))(t)
		must(client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("u"), PolicyArn: arn}))(t)
		if p := get(); *p.AttachmentCount != 1 {
			t.Errorf("attached: %s", w.wire.reply)
		}
		_, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
		refused[*types.DeleteConflictException](t, "delete an attached policy", err, "Cannot delete a policy attached to entities.")
		must(client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("u"), PolicyArn: arn}))(t)
		_, err = client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v6")})
		refused[*types.DeleteConflictException](t, "delete the default version", err, "Cannot delete the default version of a policy.")
		for _, v := range versions[:4] {
			must(client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: &v}))(t)
		}
		must(client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn}))(t)
		_, err = client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
		refused[*types.NoSuchEntityException](t, "GetPolicy of a deleted policy", err, "Policy "+*arn+" was not found.")
		_, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
		refused[*types.NoSuchEntityException](t, "DeletePolicy of a deleted policy", err, "Policy "+*arn+" was not found.")
		_, err = client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("u"), PolicyArn: arn})
		refused[*types.NoSuchEntityException](t, "attach a deleted policy", err, "Policy "+*arn+" does not exist or is not attachable.")
	})
}

func TestOpenIDProviderLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := w.iam(w.alpha.keys)
		ctx := t.Context()
		thumbprint := strings.Repeat("ab", 20)
		arn := must(client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
			Url: aws.String("https://id.example.com/tenant"), ClientIDList: []string{"one"}, ThumbprintList: []string{thumbprint},
			Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("people")}},
		}))(t).OpenIDConnectProviderArn
		if *arn != "arn:aws:iam::"+w.alpha.account+":oidc-provider/id.example.com/tenant" {
			t.Errorf("ARN %s", *arn)
		}
		get := func() *iam.GetOpenIDConnectProviderOutput {
			t.Helper()
			return must(client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}))(t)
		}
		if p := get(); *p.Url != "id.example.com/tenant" || !slices.Equal(p.ClientIDList, []string{"one"}) || !slices.Equal(p.ThumbprintList, []string{thumbprint}) || len(p.Tags) != 1 || p.CreateDate == nil {
			t.Errorf("read: %s", w.wire.reply)
		}
		must(client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("two")}))(t)
		must(client.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("one")}))(t)
		other := strings.Repeat("cd", 20)
		must(client.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{other}}))(t)
		if p := get(); !slices.Equal(p.ClientIDList, []string{"two"}) || !slices.Equal(p.ThumbprintList, []string{other}) {
			t.Errorf("updated: %s", w.wire.reply)
		}
		must(client.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}))(t)
		_, err := client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
		refused[*types.NoSuchEntityException](t, "a deleted provider", err, "OpenIDConnect Provider not found for arn "+*arn)
	})
}
