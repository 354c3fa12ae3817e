package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/google/go-cmp/cmp"
)

func TestIdentityPoolLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		admin := w.identity(w.alpha.keys, tokyo)
		pools := readback{added: []string{"IdentityPoolId", "IdentityPoolTags"}}
		least := ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("least")}
		most := ci.CreateIdentityPoolInput{
			IdentityPoolName: aws.String("full"), AllowUnauthenticatedIdentities: true, AllowClassicFlow: aws.Bool(false),
			SupportedLoginProviders: map[string]string{"accounts.google.com": "123.apps.googleusercontent.com", "graph.facebook.com": "7346241598935552"},
			DeveloperProviderName:   aws.String("login.example.app"),
			CognitoIdentityProviders: []types.CognitoIdentityProvider{
				{ProviderName: &p.provider, ClientId: &p.client, ServerSideTokenCheck: aws.Bool(false)},
				{ProviderName: &p.provider, ClientId: aws.String(p.newClient("second")), ServerSideTokenCheck: aws.Bool(true)},
			},
			OpenIdConnectProviderARNs: []string{"arn:aws:iam::" + w.alpha.account + ":oidc-provider/id.example.com"},
			SamlProviderARNs:          []string{"arn:aws:iam::" + w.alpha.account + ":saml-provider/office"},
			IdentityPoolTags:          map[string]string{"team": "people"},
		}
		describe := func(id string) []byte {
			t.Helper()
			must(admin.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &id}))(t)
			return w.wire.reply
		}
		create := func(what string, in *ci.CreateIdentityPoolInput) string {
			t.Helper()
			out, err := admin.CreateIdentityPool(t.Context(), in)
			if err != nil {
				t.Errorf("create %s: %v", what, err)
				return ""
			}
			created := string(w.wire.reply)
			pools.check(t, what, w.wire.request, w.wire.reply)
			if diff := cmp.Diff(created, string(describe(*out.IdentityPoolId))); diff != "" {
				t.Errorf("%s: what was created reads differently: %s", what, diff)
			}
			return *out.IdentityPoolId
		}
		create("nothing", &least)
		oneByOne(least, most, nil, func(name string, in *ci.CreateIdentityPoolInput) { create(name, in) })
		id := create("everything", &most)

		// As the provider of Terraform updates: without the developer
		// provider's name and without tags, which stay.
		before := string(describe(id))
		must(admin.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: &id, IdentityPoolName: most.IdentityPoolName, AllowUnauthenticatedIdentities: true, AllowClassicFlow: most.AllowClassicFlow,
			SupportedLoginProviders: most.SupportedLoginProviders, CognitoIdentityProviders: most.CognitoIdentityProviders,
			OpenIdConnectProviderARNs: most.OpenIdConnectProviderARNs, SamlProviderARNs: most.SamlProviderARNs,
		}))(t)
		if diff := cmp.Diff(before, string(w.wire.reply)); diff != "" {
			t.Errorf("the same settings again: %s", diff)
		}
		if diff := cmp.Diff(before, string(describe(id))); diff != "" {
			t.Errorf("after the same settings again: %s", diff)
		}
		must(admin.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &id, IdentityPoolName: aws.String("less")}))(t)
		if diff := cmp.Diff(map[string]any{
			"IdentityPoolId": id, "IdentityPoolName": "less", "AllowUnauthenticatedIdentities": false,
			"DeveloperProviderName": "login.example.app", "IdentityPoolTags": map[string]any{"team": "people"},
		}, object(t, describe(id))); diff != "" {
			t.Errorf("after an update with nothing in it: %s", diff)
		}
		arn := "arn:aws:cognito-identity:" + tokyo + ":" + w.alpha.account + ":identitypool/" + id
		must(admin.TagResource(t.Context(), &ci.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"new": ""}}))(t)
		must(admin.UntagResource(t.Context(), &ci.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"team"}}))(t)
		tags := must(admin.ListTagsForResource(t.Context(), &ci.ListTagsForResourceInput{ResourceArn: &arn}))(t).Tags
		if diff := cmp.Diff(map[string]string{"new": ""}, tags); diff != "" {
			t.Errorf("tags: %s", diff)
		}

		must(admin.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &id}))(t)
		gone := "IdentityPool '" + id + "' not found."
		for call, f := range map[string]func() error{
			"DescribeIdentityPool": func() error {
				_, err := admin.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &id})
				return err
			},
			"GetIdentityPoolRoles": func() error {
				_, err := admin.GetIdentityPoolRoles(t.Context(), &ci.GetIdentityPoolRolesInput{IdentityPoolId: &id})
				return err
			},
			"DeleteIdentityPool": func() error {
				_, err := admin.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &id})
				return err
			},
			"GetPrincipalTagAttributeMap": func() error {
				_, err := admin.GetPrincipalTagAttributeMap(t.Context(), &ci.GetPrincipalTagAttributeMapInput{IdentityPoolId: &id, IdentityProviderName: &p.provider})
				return err
			},
		} {
			refused[*types.ResourceNotFoundException](t, call+" of a deleted pool", f(), gone)
		}
	})
}

func TestRolesAttachmentLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		i := w.identities(t, w.alpha, tokyo, p)
		auth, guest := i.roleARN(authRole), i.roleARN(guestRole)
		read := func() []byte {
			t.Helper()
			must(i.admin.GetIdentityPoolRoles(t.Context(), &ci.GetIdentityPoolRolesInput{IdentityPoolId: &i.pool}))(t)
			return w.wire.reply
		}
		rule := func(match types.MappingRuleMatchType) types.MappingRule {
			return types.MappingRule{Claim: aws.String("custom:dept"), MatchType: match, Value: aws.String("ops"), RoleARN: &auth}
		}
		for what, in := range map[string]ci.SetIdentityPoolRolesInput{
			"nothing":  {Roles: map[string]string{}},
			"one role": {Roles: map[string]string{"authenticated": auth}},
			"both":     {Roles: map[string]string{"authenticated": auth, "unauthenticated": guest}},
			"mappings": {
				Roles: map[string]string{"authenticated": auth},
				RoleMappings: map[string]types.RoleMapping{
					p.provider + ":" + p.client: {Type: types.RoleMappingTypeToken, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeDeny},
				},
			},
			"rules": {
				Roles: map[string]string{"authenticated": auth},
				RoleMappings: map[string]types.RoleMapping{
					p.provider + ":" + p.client: {
						Type: types.RoleMappingTypeRules, AmbiguousRoleResolution: types.AmbiguousRoleResolutionTypeAuthenticatedRole,
						RulesConfiguration: &types.RulesConfigurationType{Rules: []types.MappingRule{
							rule(types.MappingRuleMatchTypeNotEqual), rule(types.MappingRuleMatchTypeEquals), rule(types.MappingRuleMatchTypeContains), rule(types.MappingRuleMatchTypeStartsWith),
						}},
					},
				},
			},
		} {
			in.IdentityPoolId = &i.pool
			must(i.admin.SetIdentityPoolRoles(t.Context(), &in))(t)
			sent := w.wire.request
			if len(in.Roles) == 0 {
				// What is empty is absent.
				sent = []byte(`{"IdentityPoolId":"` + i.pool + `"}`)
			}
			readback{}.check(t, what, sent, read())
		}
		// Terraform destroys by setting nothing.
		must(i.admin.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
			IdentityPoolId: &i.pool, Roles: map[string]string{}, RoleMappings: map[string]types.RoleMapping{},
		}))(t)
		if diff := cmp.Diff(map[string]any{"IdentityPoolId": i.pool}, object(t, read())); diff != "" {
			t.Errorf("after destroying: %s", diff)
		}

		tags := &ci.SetPrincipalTagAttributeMapInput{IdentityPoolId: &i.pool, IdentityProviderName: &p.provider, PrincipalTags: map[string]string{"dept": "custom:dept"}, UseDefaults: aws.Bool(false)}
		must(i.admin.SetPrincipalTagAttributeMap(t.Context(), tags))(t)
		readback{}.check(t, "principal tags, set", w.wire.request, w.wire.reply)
		sent := w.wire.request
		must(i.admin.GetPrincipalTagAttributeMap(t.Context(), &ci.GetPrincipalTagAttributeMapInput{IdentityPoolId: &i.pool, IdentityProviderName: &p.provider}))(t)
		readback{}.check(t, "principal tags", sent, w.wire.reply)
	})
}
