package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

var clientReadback = readback{
	left: []string{"GenerateSecret"},
	added: []string{
		"ClientId", "CreationDate", "LastModifiedDate", "RefreshTokenValidity", "TokenValidityUnits", "AllowedOAuthFlowsUserPoolClient",
		"EnableTokenRevocation", "EnablePropagateAdditionalUserContextData", "AuthSessionValidity",
	},
}

func fullClient(pool string) idp.CreateUserPoolClientInput {
	return idp.CreateUserPoolClientInput{
		UserPoolId: &pool, ClientName: aws.String("full"), GenerateSecret: true,
		RefreshTokenValidity: 20, AccessTokenValidity: aws.Int32(10), IdTokenValidity: aws.Int32(3600),
		TokenValidityUnits: &types.TokenValidityUnitsType{
			AccessToken: types.TimeUnitsTypeMinutes, IdToken: types.TimeUnitsTypeSeconds, RefreshToken: types.TimeUnitsTypeHours,
		},
		ReadAttributes: []string{"email", "email_verified", "name"}, WriteAttributes: []string{"name", "email"},
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserSrpAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth, types.ExplicitAuthFlowsTypeAllowCustomAuth,
		},
		SupportedIdentityProviders: []string{"COGNITO"},
		CallbackURLs:               []string{"https://app.example.com/cb", "myapp://signed-in", "http://localhost:3000/cb"},
		LogoutURLs:                 []string{"https://app.example.com/"},
		DefaultRedirectURI:         aws.String("https://app.example.com/cb"),
		AllowedOAuthFlows:          []types.OAuthFlowType{types.OAuthFlowTypeCode, types.OAuthFlowTypeImplicit},
		AllowedOAuthScopes:         []string{"openid", "email", "aws.cognito.signin.user.admin"}, AllowedOAuthFlowsUserPoolClient: true,
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled, EnableTokenRevocation: aws.Bool(false),
		EnablePropagateAdditionalUserContextData: aws.Bool(true), AuthSessionValidity: aws.Int32(5),
	}
}

func TestUserPoolClientLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := w.idp(w.alpha.keys, west)
		pool := *must(admin.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("demo")}))(t).UserPool.Id
		describe := func(id string) []byte {
			t.Helper()
			must(admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &id}))(t)
			return inner(t, w.wire.reply, "UserPoolClient")
		}
		create := func(what string, in *idp.CreateUserPoolClientInput) string {
			t.Helper()
			out, err := admin.CreateUserPoolClient(t.Context(), in)
			if err != nil {
				t.Errorf("create %s: %v", what, err)
				return ""
			}
			var more []string
			if in.GenerateSecret {
				more = []string{"ClientSecret"}
			}
			created := inner(t, w.wire.reply, "UserPoolClient")
			clientReadback.check(t, what, w.wire.request, created, more...)
			if diff := cmp.Diff(string(created), string(describe(*out.UserPoolClient.ClientId))); diff != "" {
				t.Errorf("%s: what was created reads differently: %s", what, diff)
			}
			return *out.UserPoolClient.ClientId
		}
		least, most := idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("least")}, fullClient(pool)
		small := create("nothing", &least)
		oneByOne(least, most, map[string][]string{
			"DefaultRedirectURI":              {"CallbackURLs", "SupportedIdentityProviders"},
			"AllowedOAuthFlowsUserPoolClient": {"AllowedOAuthFlows", "AllowedOAuthScopes", "CallbackURLs"},
			"TokenValidityUnits":              {"RefreshTokenValidity", "AccessTokenValidity", "IdTokenValidity"},
			"IdTokenValidity":                 {"TokenValidityUnits", "RefreshTokenValidity", "AccessTokenValidity"},

			"EnablePropagateAdditionalUserContextData": {"GenerateSecret"},
		}, func(name string, in *idp.CreateUserPoolClientInput) { create(name, in) })
		id := create("everything", &most)

		// The same again changes nothing, the secret neither; less is less.
		update := &idp.UpdateUserPoolClientInput{
			UserPoolId: &pool, ClientId: &id, ClientName: most.ClientName, RefreshTokenValidity: most.RefreshTokenValidity,
			AccessTokenValidity: most.AccessTokenValidity, IdTokenValidity: most.IdTokenValidity, TokenValidityUnits: most.TokenValidityUnits,
			ReadAttributes: most.ReadAttributes, WriteAttributes: most.WriteAttributes, ExplicitAuthFlows: most.ExplicitAuthFlows,
			SupportedIdentityProviders: most.SupportedIdentityProviders, CallbackURLs: most.CallbackURLs, LogoutURLs: most.LogoutURLs,
			DefaultRedirectURI: most.DefaultRedirectURI, AllowedOAuthFlows: most.AllowedOAuthFlows, AllowedOAuthScopes: most.AllowedOAuthScopes,
			AllowedOAuthFlowsUserPoolClient: true, PreventUserExistenceErrors: most.PreventUserExistenceErrors, EnableTokenRevocation: most.EnableTokenRevocation,
			EnablePropagateAdditionalUserContextData: most.EnablePropagateAdditionalUserContextData, AuthSessionValidity: most.AuthSessionValidity,
		}
		before := object(t, describe(id))
		must(admin.UpdateUserPoolClient(t.Context(), update))(t)
		answered := object(t, inner(t, w.wire.reply, "UserPoolClient"))
		after := object(t, describe(id))
		if diff := cmp.Diff(after, answered); diff != "" {
			t.Errorf("what the update answers reads differently: %s", diff)
		}
		delete(before, "LastModifiedDate")
		delete(after, "LastModifiedDate")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after the same settings again: %s", diff)
		}
		must(admin.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{UserPoolId: &pool, ClientId: &id}))(t)
		after, fresh := object(t, describe(id)), object(t, describe(small))
		for _, own := range []string{"ClientId", "ClientName", "CreationDate", "LastModifiedDate", "ClientSecret"} {
			delete(after, own)
			delete(fresh, own)
		}
		if diff := cmp.Diff(fresh, after); diff != "" {
			t.Errorf("after an update with nothing in it: %s", diff)
		}
		if s := object(t, describe(id))["ClientSecret"]; s != before["ClientSecret"] || s == nil {
			t.Error("the secret has changed")
		}

		must(admin.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &pool, ClientId: &id}))(t)
		for call, f := range map[string]func() error{
			"DescribeUserPoolClient": func() error {
				_, err := admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &id})
				return err
			},
			"UpdateUserPoolClient": func() error {
				_, err := admin.UpdateUserPoolClient(t.Context(), update)
				return err
			},
			"DeleteUserPoolClient": func() error {
				_, err := admin.DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &pool, ClientId: &id})
				return err
			},
		} {
			refused[*types.ResourceNotFoundException](t, call+" of a deleted client", f(), "User pool client "+id+" does not exist.")
		}
	})
}

// Groups and users are resources as well.
func TestGroupAndUserLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		role := aws.String("arn:aws:iam::" + w.alpha.account + ":role/staff")
		groups := readback{added: []string{"CreationDate", "LastModifiedDate"}}
		least := idp.CreateGroupInput{UserPoolId: &p.pool, GroupName: aws.String("least")}
		most := idp.CreateGroupInput{UserPoolId: &p.pool, GroupName: aws.String("full"), Description: aws.String("All of it"), Precedence: aws.Int32(0), RoleArn: role}
		create := func(what string, in *idp.CreateGroupInput) {
			t.Helper()
			must(p.admin.CreateGroup(t.Context(), in))(t)
			created := inner(t, w.wire.reply, "Group")
			groups.check(t, what, w.wire.request, created)
			must(p.admin.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &p.pool, GroupName: in.GroupName}))(t)
			if diff := cmp.Diff(string(created), string(inner(t, w.wire.reply, "Group"))); diff != "" {
				t.Errorf("%s: what was created reads differently: %s", what, diff)
			}
		}
		create("nothing", &least)
		oneByOne(least, most, nil, func(name string, in *idp.CreateGroupInput) {
			in.GroupName = &name
			create(name, in)
		})
		create("everything", &most)
		must(p.admin.UpdateGroup(t.Context(), &idp.UpdateGroupInput{UserPoolId: &p.pool, GroupName: most.GroupName, Description: aws.String("Less")}))(t)
		must(p.admin.DeleteGroup(t.Context(), &idp.DeleteGroupInput{UserPoolId: &p.pool, GroupName: most.GroupName}))(t)
		_, err := p.admin.GetGroup(t.Context(), &idp.GetGroupInput{UserPoolId: &p.pool, GroupName: most.GroupName})
		refused[*types.ResourceNotFoundException](t, "GetGroup of a deleted group", err, "Group not found.")

		must(p.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &p.pool, Username: aws.String("carol"), MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("carol@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
		}))(t)
		got := must(p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("carol")}))(t)
		attributes := map[string]string{}
		for _, a := range got.UserAttributes {
			attributes[*a.Name] = *a.Value
		}
		if len(attributes["sub"]) != 36 {
			t.Errorf("sub %q", attributes["sub"])
		}
		delete(attributes, "sub")
		if diff := cmp.Diff(map[string]string{"email": "carol@example.com", "email_verified": "true"}, attributes); diff != "" {
			t.Errorf("attributes: %s", diff)
		}
		for member := range object(t, w.wire.reply) {
			switch member {
			case "Username", "UserAttributes", "UserCreateDate", "UserLastModifiedDate", "Enabled", "UserStatus":
			default:
				t.Errorf("AdminGetUser has %s, which was not set", member)
			}
		}
		must(p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("carol")}))(t)
		_, err = p.admin.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: aws.String("carol")})
		refused[*types.UserNotFoundException](t, "AdminGetUser of a deleted user", err, "User does not exist.")
	})
}
