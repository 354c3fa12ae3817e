package iam_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestRoleLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		trust := "{\"Version\": \"2012-10-17\",\n\t\"Statement\": [{\"Sid\": \"50%3A/é~\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111111111111\"}, \"Action\": \"sts:AssumeRole\"}]}"
		created := must(c.CreateRole(ctx, &awsiam.CreateRoleInput{
			RoleName: ptr("App"), Path: ptr("/svc/"), AssumeRolePolicyDocument: &trust, Description: ptr("for the app"),
			MaxSessionDuration: ptr(int32(7200)), Tags: []types.Tag{{Key: ptr("Team"), Value: ptr("red")}},
		}))(t).Role
		reply := w.lastReply()
		if aws.ToString(created.Arn) != "arn:aws:iam::111111111111:role/svc/App" || aws.ToString(created.Path) != "/svc/" ||
			!strings.HasPrefix(aws.ToString(created.RoleId), "AROA") || len(*created.RoleId) != 21 ||
			!created.CreateDate.Equal(w.now().Truncate(time.Second)) || aws.ToString(created.Description) != "for the app" {
			t.Errorf("created %+v", created)
		}
		if got := decoded(t, created.AssumeRolePolicyDocument); got != trust {
			t.Errorf("trust policy came back as %q", got)
		}
		if !strings.Contains(reply, "50%253A%2F%C3%A9~") || strings.Contains(reply, "MaxSessionDuration") || strings.Contains(reply, "RoleLastUsed") {
			t.Errorf("reply of CreateRole: %s", reply)
		}

		got := must(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("aPP")}))(t).Role
		if aws.ToString(got.RoleName) != "App" || aws.ToInt32(got.MaxSessionDuration) != 7200 || got.RoleLastUsed == nil || len(got.Tags) != 1 {
			t.Errorf("got %+v", got)
		}
		if reply := w.lastReply(); !strings.Contains(reply, "<RoleLastUsed></RoleLastUsed>") && !strings.Contains(reply, "<RoleLastUsed/>") {
			t.Errorf("reply of GetRole: %s", reply)
		}

		must(c.UpdateRole(ctx, &awsiam.UpdateRoleInput{RoleName: ptr("App"), Description: ptr(""), MaxSessionDuration: ptr(int32(3600))}))(t)
		described := must(c.UpdateRoleDescription(ctx, &awsiam.UpdateRoleDescriptionInput{RoleName: ptr("App"), Description: ptr("again")}))(t).Role
		if aws.ToString(described.Description) != "again" || aws.ToInt32(described.MaxSessionDuration) != 3600 {
			t.Errorf("described %+v", described)
		}
		must(c.UpdateAssumeRolePolicy(ctx, &awsiam.UpdateAssumeRolePolicyInput{RoleName: ptr("App"), PolicyDocument: ptr(trustAlpha)}))(t)
		got = must(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("App")}))(t).Role
		if decoded(t, got.AssumeRolePolicyDocument) != trustAlpha {
			t.Errorf("trust policy %s", *got.AssumeRolePolicyDocument)
		}
		profiles := must(c.ListInstanceProfilesForRole(ctx, &awsiam.ListInstanceProfilesForRoleInput{RoleName: ptr("App")}))(t)
		if len(profiles.InstanceProfiles) != 0 || profiles.IsTruncated {
			t.Errorf("profiles %+v", profiles)
		}
		must(c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: ptr("App")}))(t)
		_, err := c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("App")})
		wantError(t, err, "NoSuchEntity", "The role with name App cannot be found.")
	})
}

func TestRoleDefaultsStayAbsent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("bare"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		for _, absent := range []string{"Description", "Tags", "PermissionsBoundary", "MaxSessionDuration", "RoleLastUsed"} {
			if strings.Contains(w.lastReply(), absent) {
				t.Errorf("CreateRole answers %s: %s", absent, w.lastReply())
			}
		}
		got := must(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("bare")}))(t).Role
		if got.Description != nil || got.Tags != nil || got.PermissionsBoundary != nil || aws.ToInt32(got.MaxSessionDuration) != 3600 {
			t.Errorf("GetRole %+v", got)
		}
		must(c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: ptr("bare"), Tags: []types.Tag{{Key: ptr("a"), Value: ptr("")}}}))(t)
		must(c.ListRoles(ctx, &awsiam.ListRolesInput{}))(t)
		for _, absent := range []string{"Tags", "PermissionsBoundary", "RoleLastUsed", "Marker"} {
			if strings.Contains(w.lastReply(), absent) {
				t.Errorf("ListRoles answers %s: %s", absent, w.lastReply())
			}
		}
		if !strings.Contains(w.lastReply(), "<IsTruncated>false</IsTruncated>") || !strings.Contains(w.lastReply(), "<MaxSessionDuration>3600<") {
			t.Errorf("ListRoles: %s", w.lastReply())
		}
	})
}

func TestRoleRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		create := func(in awsiam.CreateRoleInput) error {
			if in.RoleName == nil {
				in.RoleName = ptr("r")
			}
			if in.AssumeRolePolicyDocument == nil {
				in.AssumeRolePolicyDocument = ptr(trustAlpha)
			}
			_, err := c.CreateRole(ctx, &in)
			return err
		}
		if err := create(awsiam.CreateRoleInput{RoleName: ptr("Taken")}); err != nil {
			t.Fatal(err)
		}
		trust := func(principal string) *string {
			return ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}}`)
		}
		for _, tt := range []struct {
			name       string
			in         awsiam.CreateRoleInput
			code, text string
		}{
			{"name taken", awsiam.CreateRoleInput{RoleName: ptr("tAKEN")}, "EntityAlreadyExists", "Role with name tAKEN already exists."},
			{"no JSON", awsiam.CreateRoleInput{AssumeRolePolicyDocument: ptr("x")}, "MalformedPolicyDocument", "This policy contains invalid Json"},
			{"resource", awsiam.CreateRoleInput{AssumeRolePolicyDocument: ptr(strings.Replace(trustAlpha, `"Action"`, `"Resource":"*","Action"`, 1))}, "MalformedPolicyDocument", "Has prohibited field Resource"},
			{"user missing", awsiam.CreateRoleInput{AssumeRolePolicyDocument: trust(`{"AWS":"arn:aws:iam::111111111111:user/nobody"}`)}, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/nobody"`},
			{"account missing", awsiam.CreateRoleInput{AssumeRolePolicyDocument: trust(`{"AWS":"333333333333"}`)}, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"333333333333"`},
			{"provider missing", awsiam.CreateRoleInput{AssumeRolePolicyDocument: ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/x.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)}, "MalformedPolicyDocument", `Invalid principal in policy: "FEDERATED":"arn:aws:iam::111111111111:oidc-provider/x.example.com"`},
			{"cognito unscoped", awsiam.CreateRoleInput{AssumeRolePolicyDocument: ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)}, "MalformedPolicyDocument", "A condition block must be present for the Cognito provider"},
			{"tag twice", awsiam.CreateRoleInput{Tags: []types.Tag{{Key: ptr("a"), Value: ptr("1")}, {Key: ptr("A"), Value: ptr("2")}}}, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
			{"boundary is no policy", awsiam.CreateRoleInput{PermissionsBoundary: ptr("arn:aws:iam::111111111111:role/x")}, "InvalidParameterValue", "Value (arn:aws:iam::111111111111:role/x) for parameter PermissionsBoundary is invalid."},
			{"boundary missing", awsiam.CreateRoleInput{PermissionsBoundary: ptr("arn:aws:iam::111111111111:policy/x")}, "NoSuchEntity", "Scope ARN: arn:aws:iam::111111111111:policy/x does not exist or is not attachable."},
			{"too long a trust policy", awsiam.CreateRoleInput{AssumeRolePolicyDocument: trust(`{"AWS":["` + strings.Repeat(`111111111111","`, 160) + `111111111111"]}`)}, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
			{"session too short", awsiam.CreateRoleInput{MaxSessionDuration: ptr(int32(60))}, "ValidationError", "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"},
		} {
			t.Run(tt.name, func(t *testing.T) { wantError(t, create(tt.in), tt.code, tt.text) })
		}
		if err := create(awsiam.CreateRoleInput{RoleName: ptr("spaced"), AssumeRolePolicyDocument: ptr(trustAlpha + strings.Repeat(" ", 4000))}); err != nil {
			t.Errorf("white space counts: %v", err)
		}
	})
}

func TestDeleteRoleConflicts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		del := func() error { _, err := c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: ptr("r")}); return err }
		wantError(t, del(), "NoSuchEntity", "The role with name r cannot be found.")
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		must(c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: ptr("r"), PolicyName: ptr("p"), PolicyDocument: ptr(readAll)}))(t)
		must(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: ptr("r"), PolicyArn: ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}))(t)
		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must detach all policies first.")
		must(c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: ptr("r"), PolicyArn: ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}))(t)
		wantError(t, del(), "DeleteConflict", "Cannot delete entity, must delete policies first.")
		must(c.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: ptr("r"), PolicyName: ptr("p")}))(t)
		if err := del(); err != nil {
			t.Error(err)
		}
	})
}

func TestTrustPolicyFollowsItsPrincipals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		user := must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("ann")}))(t).User
		doc := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + *user.Arn + `"},"Action":"sts:AssumeRole"}}`
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: &doc}))(t)
		shown := func() string {
			return decoded(t, must(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: ptr("r")}))(t).Role.AssumeRolePolicyDocument)
		}
		if shown() != doc {
			t.Errorf("at first %s", shown())
		}
		must(c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: ptr("ann"), NewUserName: ptr("anna"), NewPath: ptr("/x/")}))(t)
		if got, want := shown(), strings.Replace(doc, "user/ann", "user/x/anna", 1); got != want {
			t.Errorf("after the rename %s", got)
		}
		must(c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ptr("anna")}))(t)
		must(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ptr("ann")}))(t)
		if got, want := shown(), strings.Replace(doc, *user.Arn, *user.UserId, 1); got != want {
			t.Errorf("after the deletion %s", got)
		}
		// The other account's users are found too.
		other := must(w.asRoot(beta).CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("far"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t).Role
		must(c.UpdateAssumeRolePolicy(ctx, &awsiam.UpdateAssumeRolePolicyInput{RoleName: ptr("r"), PolicyDocument: ptr(strings.Replace(doc, *user.Arn, *other.Arn, 1))}))(t)
		must(w.asRoot(beta).DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: ptr("far")}))(t)
		if got, want := shown(), strings.Replace(doc, *user.Arn, *other.RoleId, 1); got != want {
			t.Errorf("after the deletion in the other account %s", got)
		}
	})
}

func TestListRolesPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		for i := range 7 {
			path := "/a/"
			if i%2 == 1 {
				path = "/b/"
			}
			must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr(fmt.Sprintf("r%d", i)), Path: &path, AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		}
		must(w.asRoot(beta).CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r00"), AssumeRolePolicyDocument: ptr(trustAlpha)}))(t)
		var names []string
		in := &awsiam.ListRolesInput{MaxItems: ptr(int32(3))}
		for pages := awsiam.NewListRolesPaginator(c, in); pages.HasMorePages(); {
			page := must(pages.NextPage(ctx))(t)
			if len(page.Roles) > 3 || page.IsTruncated != (page.Marker != nil) {
				t.Errorf("page of %d, truncated %v, marker %v", len(page.Roles), page.IsTruncated, page.Marker)
			}
			for _, r := range page.Roles {
				names = append(names, *r.RoleName)
			}
		}
		if got := strings.Join(names, " "); got != "r0 r1 r2 r3 r4 r5 r6" {
			t.Errorf("roles %s", got)
		}
		under := must(c.ListRoles(ctx, &awsiam.ListRolesInput{PathPrefix: ptr("/b/")}))(t)
		if len(under.Roles) != 3 {
			t.Errorf("%d roles under /b/", len(under.Roles))
		}
		first := must(c.ListRoles(ctx, in))(t)
		for name, in := range map[string]*awsiam.ListRolesInput{
			"made up":              {Marker: ptr("AAAA")},
			"of another list":      {Marker: first.Marker, PathPrefix: ptr("/a/")},
			"with another account": {Marker: first.Marker},
		} {
			client := c
			if name == "with another account" {
				client = w.asRoot(beta)
			}
			_, err := client.ListRoles(ctx, in)
			if code, text := apiError(err); code != "ValidationError" || text != "Invalid Marker." {
				t.Errorf("marker %s: %s: %s", name, code, text)
			}
		}
	})
}
