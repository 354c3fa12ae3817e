package sdk

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

// tagged is an identity pool that turns the attribute custom:dept into a
// session tag, with a role that may describe the identity pool that the tag
// names.
func tagged(t *testing.T, w *world) (*people, *identities) {
	t.Helper()
	p := w.people(t, w.alpha, west)
	must(p.admin.AddCustomAttributes(t.Context(), &idp.AddCustomAttributesInput{
		UserPoolId: &p.pool, CustomAttributes: []types.SchemaAttributeType{{Name: aws.String("dept"), AttributeDataType: types.AttributeDataTypeString}},
	}))(t)
	p.client = p.clientReading("custom:dept")
	i := w.identities(t, w.alpha, tokyo, p)
	i.role(authRole, strings.Replace(trust(i.pool, "authenticated"), `"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, 1),
		allow("cognito-identity:DescribeIdentityPool", strings.TrimSuffix(i.arn(), i.pool)+"${aws:PrincipalTag/dept}"))
	must(i.admin.SetPrincipalTagAttributeMap(t.Context(), &ci.SetPrincipalTagAttributeMapInput{
		IdentityPoolId: &i.pool, IdentityProviderName: &p.provider, PrincipalTags: map[string]string{"dept": "custom:dept"},
	}))(t)
	return p, i
}

func (p *people) clientReading(attributes ...string) string {
	p.t.Helper()
	out := must(p.admin.CreateUserPoolClient(p.t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &p.pool, ClientName: aws.String("reading"), ReadAttributes: attributes,
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	}))(p.t)
	return *out.UserPoolClient.ClientId
}

// A claim becomes a tag, the tag a variable of a policy: as a value, never as
// a pattern.
func TestTagsArePatternsOfNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, i := tagged(t, w)
		other := must(i.admin.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("other")}))(t)
		describe := func(dept string) (mine, others error) {
			t.Helper()
			must(p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
				UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: []types.AttributeType{{Name: aws.String("custom:dept"), Value: &dept}},
			}))(t)
			login := p.login(p.signIn("alice").IdToken)
			client := w.identity(i.keys(i.id(login), login), tokyo)
			_, mine = client.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &i.pool})
			_, others = client.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: other.IdentityPoolId})
			return mine, others
		}
		denied := func(err error) bool {
			e, ok := errors.AsType[smithy.APIError](err)
			return ok && e.ErrorCode() == "AccessDeniedException"
		}
		if mine, others := describe(i.pool); mine != nil || !denied(others) {
			t.Errorf("the pool that the tag names: %v, and the other: %v", mine, others)
		}
		for _, dept := range []string{"*", tokyo + ":*", strings.Repeat("?", len(i.pool)), "${*}", "${aws:PrincipalTag/dept}", "sales"} {
			if mine, others := describe(dept); !denied(mine) || !denied(others) {
				t.Errorf("dept %q: %v and %v", dept, mine, others)
			}
		}
	})
}

// A role that does not let itself be tagged is not taken with tags.
func TestTagsNeedPermission(t *testing.T) {
	w := development(t)
	p, i := tagged(t, w)
	i.role(authRole, trust(i.pool, "authenticated"), allow("*", "*"))
	login := p.login(p.signIn("alice").IdToken)
	i.keys(i.id(login), login) // there is no tag, because she has no department
	must(p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: []types.AttributeType{{Name: aws.String("custom:dept"), Value: aws.String("sales")}},
	}))(t)
	login = p.login(p.signIn("alice").IdToken)
	_, err := i.tryKeys(i.id(login), login)
	refused[*citypes.InvalidIdentityPoolConfigurationException](t, "with a tag", err, textRoles)
}

// A group's role reaches the token, and the identity pool gives it.
func TestGroupRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		for n, name := range []string{"staff", "leads"} {
			i.role(name, trust(i.pool, "authenticated"), allow("iam:GetRole", "*"))
			must(p.admin.CreateGroup(t.Context(), &idp.CreateGroupInput{
				UserPoolId: &p.pool, GroupName: &name, RoleArn: aws.String(i.roleARN(name)), Precedence: aws.Int32(int32(10 - n)),
			}))(t)
		}
		must(i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
			IdentityPoolId: &i.pool, Roles: map[string]string{"authenticated": i.roleARN(authRole)},
			RoleMappings: map[string]citypes.RoleMapping{
				p.provider + ":" + p.client: {Type: citypes.RoleMappingTypeToken, AmbiguousRoleResolution: citypes.AmbiguousRoleResolutionTypeDeny},
			},
		}))(t)
		join := func(group string) {
			t.Helper()
			must(p.admin.AdminAddUserToGroup(t.Context(), &idp.AdminAddUserToGroupInput{UserPoolId: &p.pool, GroupName: &group, Username: aws.String("alice")}))(t)
		}
		login := p.login(p.signIn("alice").IdToken)
		alice := i.id(login)
		_, err := i.tryKeys(alice, login)
		refused[*citypes.NotAuthorizedException](t, "without a group", err, "The ambiguous role mapping rules for: "+p.provider+":"+p.client+" denied this request.")

		role := func(what, custom, want string) {
			t.Helper()
			login := p.login(p.signIn("alice").IdToken)
			in := &ci.GetCredentialsForIdentityInput{IdentityId: &alice, Logins: login}
			if custom != "" {
				in.CustomRoleArn = aws.String(i.roleARN(custom))
			}
			out := must(i.public.GetCredentialsForIdentity(t.Context(), in))(t)
			keys := aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretKey, SessionToken: *out.Credentials.SessionToken}
			if who := w.caller(t, keys); !strings.Contains(*who.Arn, "/"+want+"/") {
				t.Errorf("%s: %s, want %s", what, *who.Arn, want)
			}
		}
		join("staff")
		role("one group", "", "staff")
		join("leads")
		role("two groups", "", "leads")
		role("two groups and a choice", "staff", "staff")
		login = p.login(p.signIn("alice").IdToken)
		_, err = i.public.GetCredentialsForIdentity(t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &alice, Logins: login, CustomRoleArn: aws.String(i.roleARN(authRole))})
		refused[*citypes.NotAuthorizedException](t, "a choice that no group gives", err, "Access to Role '"+i.roleARN(authRole)+"' is forbidden.")
	})
}
