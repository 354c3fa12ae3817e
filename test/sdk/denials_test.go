package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// TestDenialsSayWhy asks the same of a JSON and of a Query service, refused by
// every kind of policy in turn: the sentence names the one that refused.
func TestDenialsSayWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, account, admin := t.Context(), w.alpha.account, w.iam(w.alpha.keys)
		document := func(effect string) string {
			return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"` + effect + `","Action":["cognito-idp:ListUserPools","iam:ListUsers"],"Resource":"*"}]}`
		}
		managed := func(name, document string) string {
			return *must(admin.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document}))(t).Policy.Arn
		}
		denies, narrow := managed("Denies", document("Deny")), managed("Narrow", allow("sts:*", "*"))
		user := func(name, policy string) aws.Credentials { return w.userKeys(t, w.alpha, name, policy) }
		bounded := func(name, boundary string) aws.Credentials {
			keys := user(name, allow("*", "*"))
			must(admin.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &boundary}))(t)
			return keys
		}
		grouped := user("grouped", allow("*", "*"))
		must(admin.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("shut")}))(t)
		must(admin.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("shut"), PolicyArn: &denies}))(t)
		must(admin.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("shut"), UserName: aws.String("grouped")}))(t)
		role := w.newRole(t, w.alpha, "app", trustAccount(account, ""), allow("*", "*"))
		boss := user("boss", allow("*", "*"))
		session := func(in sts.AssumeRoleInput) aws.Credentials {
			in.RoleArn, in.RoleSessionName = &role, aws.String("session")
			return w.assumed(t, boss, &in)
		}
		me := func(name string) string { return "arn:aws:iam::" + account + ":user/" + name }
		assumed := "arn:aws:sts::" + account + ":assumed-role/app/session"

		for name, tt := range map[string]struct {
			keys   aws.Credentials
			arn    string
			reason func(action string) string
		}{
			"nothing allows it":     {user("none", allow("sts:*", "*")), me("none"), func(a string) string { return "because no identity-based policy allows the " + a + " action" }},
			"no policy at all":      {user("bare", ""), me("bare"), func(a string) string { return "because no identity-based policy allows the " + a + " action" }},
			"an inline policy":      {user("inline", document("Deny")), me("inline"), func(string) string { return "with an explicit deny in an identity-based policy" }},
			"a group's policy":      {grouped, me("grouped"), func(string) string { return "with an explicit deny in an identity-based policy: " + denies }},
			"the boundary":          {bounded("bounded", narrow), me("bounded"), func(a string) string { return "because no permissions boundary allows the " + a + " action" }},
			"a deny in it":          {bounded("denied", denies), me("denied"), func(string) string { return "with an explicit deny in a permissions boundary: " + denies }},
			"the session policy":    {session(sts.AssumeRoleInput{Policy: aws.String(allow("sts:*", "*"))}), assumed, func(a string) string { return "because no session policy allows the " + a + " action" }},
			"a deny in it, inline":  {session(sts.AssumeRoleInput{Policy: aws.String(document("Deny"))}), assumed, func(string) string { return "with an explicit deny in a session policy" }},
			"a deny in it, managed": {session(sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &denies}}}), assumed, func(string) string { return "with an explicit deny in a session policy: " + denies }},
		} {
			_, err := w.idp(tt.keys, tokyo).ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
			refusedCode(t, name, err, "AccessDeniedException", "User: "+tt.arn+" is not authorized to perform: cognito-idp:ListUserPools on resource: * "+tt.reason("cognito-idp:ListUserPools"))
			_, err = w.iam(tt.keys).ListUsers(ctx, &iam.ListUsersInput{})
			refusedCode(t, name, err, "AccessDenied", "User: "+tt.arn+" is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+account+":user/ "+tt.reason("iam:ListUsers"))
		}
		_, err := w.idp(nobody, tokyo).ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		refusedCode(t, "unsigned", err, "MissingAuthenticationTokenException", "Missing Authentication Token")
	})
}
