package cognitoidentity_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var equal = cmp.Options{cmpopts.IgnoreTypes(middleware.Metadata{}), cmpopts.IgnoreUnexported(
	ci.CreateIdentityPoolOutput{}, ci.DescribeIdentityPoolOutput{}, ci.UpdateIdentityPoolOutput{}, ci.GetIdentityPoolRolesOutput{},
	ci.SetPrincipalTagAttributeMapOutput{}, ci.GetPrincipalTagAttributeMapOutput{}, ci.DescribeIdentityOutput{},
	types.CognitoIdentityProvider{}, types.RoleMapping{}, types.RulesConfigurationType{}, types.MappingRule{})}

func TestPoolsComeBackAsTheyWereSet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		bare, err := c.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("bare")})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(*bare.IdentityPoolId, west+":") || len(*bare.IdentityPoolId) != len(west)+1+36 {
			t.Errorf("id %s", *bare.IdentityPoolId)
		}
		wantBare := &ci.CreateIdentityPoolOutput{IdentityPoolId: bare.IdentityPoolId, IdentityPoolName: aws.String("bare"), IdentityPoolTags: map[string]string{}}
		if diff := cmp.Diff(wantBare, bare, equal); diff != "" {
			t.Error(diff)
		}

		in := &ci.CreateIdentityPoolInput{
			IdentityPoolName: aws.String("full pool"), AllowUnauthenticatedIdentities: true, AllowClassicFlow: aws.Bool(false),
			SupportedLoginProviders: map[string]string{"graph.facebook.com": "7346241598935552"}, DeveloperProviderName: aws.String("login.example"),
			OpenIdConnectProviderARNs: []string{"arn:aws:iam::" + alpha + ":oidc-provider/idp.example.com/x"},
			SamlProviderARNs:          []string{"arn:aws:iam::" + alpha + ":saml-provider/corp"},
			CognitoIdentityProviders: []types.CognitoIdentityProvider{
				{ProviderName: aws.String(westName), ClientId: aws.String(client), ServerSideTokenCheck: aws.Bool(true)},
				{ProviderName: aws.String(tokyoName), ClientId: aws.String(client2), ServerSideTokenCheck: aws.Bool(false)},
			},
			IdentityPoolTags: map[string]string{"team": "blue", "empty": ""},
		}
		full, err := c.CreateIdentityPool(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		wantFull := &ci.CreateIdentityPoolOutput{
			IdentityPoolId: full.IdentityPoolId, IdentityPoolName: in.IdentityPoolName, AllowUnauthenticatedIdentities: true, AllowClassicFlow: in.AllowClassicFlow,
			SupportedLoginProviders: in.SupportedLoginProviders, DeveloperProviderName: in.DeveloperProviderName, OpenIdConnectProviderARNs: in.OpenIdConnectProviderARNs,
			SamlProviderARNs: in.SamlProviderARNs, CognitoIdentityProviders: in.CognitoIdentityProviders, IdentityPoolTags: in.IdentityPoolTags,
		}
		if diff := cmp.Diff(wantFull, full, equal); diff != "" {
			t.Error(diff)
		}
		described, err := c.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: full.IdentityPoolId})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ci.DescribeIdentityPoolOutput(*wantFull), *described, equal); diff != "" {
			t.Error(diff)
		}

		// As Terraform updates: without tags and developer provider.
		updated, err := c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: full.IdentityPoolId, IdentityPoolName: aws.String("full pool"), AllowClassicFlow: aws.Bool(true),
			CognitoIdentityProviders: []types.CognitoIdentityProvider{{ProviderName: aws.String(westName), ClientId: aws.String(client)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantUpdated := &ci.UpdateIdentityPoolOutput{
			IdentityPoolId: full.IdentityPoolId, IdentityPoolName: in.IdentityPoolName, AllowClassicFlow: aws.Bool(true),
			DeveloperProviderName: in.DeveloperProviderName, IdentityPoolTags: in.IdentityPoolTags,
			CognitoIdentityProviders: []types.CognitoIdentityProvider{{ProviderName: aws.String(westName), ClientId: aws.String(client), ServerSideTokenCheck: aws.Bool(false)}},
		}
		if diff := cmp.Diff(wantUpdated, updated, equal); diff != "" {
			t.Error(diff)
		}
		_, err = c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: full.IdentityPoolId, IdentityPoolName: aws.String("x"), DeveloperProviderName: aws.String("other"),
		})
		want(t, "developer provider", err, "InvalidParameterException", "Developer provider name cannot be changed.")
	})
}

func TestProvidersAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.root(alpha, west)
		const invalid = "Invalid Cognito Identity Provider"
		for _, tc := range []struct {
			what    string
			change  func(*ci.CreateIdentityPoolInput)
			message string // empty for accepted
		}{
			{"AWS name of nobody yet", trusting("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Nobody000", client), ""},
			{"alias of a local pool", trusting("id.example.com/"+westPool, client), ""},
			{"alias of another account's pool", trusting("id.example.com/"+tokyoPool, client), ""},
			{"with scheme", trusting("https:/"+"/"+westName, client), invalid},
			{"region mismatch", trusting("cognito-idp.eu-west-1.amazonaws.com/"+westPool, client), invalid},
			{"other host", trusting("evil.example.com/"+westPool, client), invalid},
			{"pool id alone", trusting(westPool, client), invalid},
			{"no name", func(in *ci.CreateIdentityPoolInput) {
				in.CognitoIdentityProviders = []types.CognitoIdentityProvider{{ClientId: aws.String(client)}}
			}, invalid},
			{"no client", func(in *ci.CreateIdentityPoolInput) {
				in.CognitoIdentityProviders = []types.CognitoIdentityProvider{{ProviderName: aws.String(westName)}}
			}, invalid},
			{"OIDC provider of another account", func(in *ci.CreateIdentityPoolInput) {
				in.OpenIdConnectProviderARNs = []string{"arn:aws:iam::" + beta + ":oidc-provider/idp.example.com"}
			}, "arn:aws:iam::" + beta + ":oidc-provider/idp.example.com is not an OpenID Connect provider of this account."},
			{
				"role as SAML provider", func(in *ci.CreateIdentityPoolInput) {
					in.SamlProviderARNs = []string{"arn:aws:iam::" + alpha + ":role/x"}
				},
				"arn:aws:iam::" + alpha + ":role/x is not a SAML provider of this account.",
			},
			{
				"reserved tag", func(in *ci.CreateIdentityPoolInput) { in.IdentityPoolTags = map[string]string{"AWS:x": "y"} },
				"Tag keys that begin with aws: are reserved.",
			},
		} {
			in := &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("app")}
			tc.change(in)
			_, err := c.CreateIdentityPool(t.Context(), in)
			if tc.message == "" {
				if err != nil {
					t.Errorf("%s: %v", tc.what, err)
				}
				continue
			}
			want(t, tc.what, err, "InvalidParameterException", tc.message)
		}
	})
}

func TestPoolsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pool(alpha, west)
		missing := west + ":00000000-0000-4000-8000-000000000000"
		for _, tc := range []struct {
			what, acct, region, id, code, message string
		}{
			{"another account", beta, west, id, "NotAuthorizedException", "Access to IdentityPool '" + id + "' is forbidden"},
			{"another region", alpha, tokyo, id, "ResourceNotFoundException", "IdentityPool '" + id + "' not found."},
			{"missing", alpha, west, missing, "ResourceNotFoundException", "IdentityPool '" + missing + "' not found."},
		} {
			c := w.root(tc.acct, tc.region)
			_, err := c.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &tc.id})
			want(t, tc.what+": describe", err, tc.code, tc.message)
			_, err = c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &tc.id, IdentityPoolName: aws.String("mine")})
			want(t, tc.what+": update", err, tc.code, tc.message)
			_, err = c.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &tc.id})
			want(t, tc.what+": delete", err, tc.code, tc.message)
			_, err = c.GetIdentityPoolRoles(t.Context(), &ci.GetIdentityPoolRolesInput{IdentityPoolId: &tc.id})
			want(t, tc.what+": roles", err, tc.code, tc.message)
			_, err = c.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{IdentityPoolId: &tc.id, Roles: map[string]string{}})
			want(t, tc.what+": set roles", err, tc.code, tc.message)
			_, err = c.ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &tc.id, MaxResults: aws.Int32(1)})
			want(t, tc.what+": identities", err, tc.code, tc.message)
			arn := "arn:aws:cognito-identity:" + tc.region + ":" + tc.acct + ":identitypool/" + tc.id
			for _, arn := range []string{arn, "arn:aws:cognito-identity:" + west + ":" + alpha + ":identitypool/" + tc.id} {
				_, err = c.ListTagsForResource(t.Context(), &ci.ListTagsForResourceInput{ResourceArn: &arn})
				want(t, tc.what+": tags", err, "ResourceNotFoundException", "Resource '"+arn+"' not found.")
			}
		}
		out, err := w.root(alpha, west).DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &id})
		if err != nil || *out.IdentityPoolName != "app" {
			t.Errorf("after all that: %+v, %v", out, err)
		}
	})
}

func TestListAndDeletePools(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := map[string]bool{}
		for range 5 {
			made[w.pool(alpha, west)] = true
		}
		w.pool(beta, west)
		w.pool(alpha, tokyo)
		c := w.root(alpha, west)
		seen := map[string]bool{}
		var token *string
		pages := 0
		for {
			out, err := c.ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(2), NextToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range out.IdentityPools {
				seen[*p.IdentityPoolId] = true
			}
			pages++
			if token = out.NextToken; token == nil {
				break
			}
			_, err = w.root(beta, west).ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(2), NextToken: token})
			want(t, "another account's page", err, "InvalidParameterException", "Invalid pagination token given.")
		}
		if diff := cmp.Diff(made, seen); diff != "" || pages != 3 {
			t.Errorf("%d pages: %s", pages, diff)
		}
		_, err := c.ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(2), NextToken: aws.String("made-up")})
		want(t, "made-up page", err, "InvalidParameterException", "Invalid pagination token given.")

		for id := range made {
			if _, err := c.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &id}); err != nil {
				t.Fatal(err)
			}
			_, err := c.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &id})
			want(t, "deleted twice", err, "ResourceNotFoundException", "IdentityPool '"+id+"' not found.")
		}
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, id := w.root(alpha, west), w.pool(alpha, west)
		arn := "arn:aws:cognito-identity:" + west + ":" + alpha + ":identitypool/" + id
		tags := func() map[string]string {
			out, err := c.ListTagsForResource(t.Context(), &ci.ListTagsForResourceInput{ResourceArn: &arn})
			if err != nil {
				t.Fatal(err)
			}
			return out.Tags
		}
		if got := tags(); len(got) != 0 {
			t.Errorf("new pool: %v", got)
		}
		if _, err := c.TagResource(t.Context(), &ci.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.TagResource(t.Context(), &ci.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"b": "3", "c": ""}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"a": "1", "b": "3", "c": ""}, tags()); diff != "" {
			t.Error(diff)
		}
		if _, err := c.UntagResource(t.Context(), &ci.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a", "never"}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"b": "3", "c": ""}, tags()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPermissions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		blue := w.pool(alpha, west, func(in *ci.CreateIdentityPoolInput) { in.IdentityPoolTags = map[string]string{"team": "blue"} })
		red := w.pool(alpha, west, func(in *ci.CreateIdentityPoolInput) { in.IdentityPoolTags = map[string]string{"team": "red"} })
		c := w.user("bea", west, `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["cognito-identity:DescribeIdentityPool","cognito-identity:UpdateIdentityPool"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}},
			{"Effect":"Allow","Action":"cognito-identity:CreateIdentityPool","Resource":"*"},
			{"Effect":"Allow","Action":"cognito-identity:DeleteIdentities","Resource":"*","Condition":{"StringEquals":{"cognito-identity:IdentityPoolArn":"arn:aws:cognito-identity:us-west-2:111111111111:identitypool/`+blue+`"}}}]}`)
		arn := "arn:aws:iam::" + alpha + ":user/bea"
		denied := func(what, action, resource string, err error) {
			t.Helper()
			want(t, what, err, "AccessDeniedException", "User: "+arn+" is not authorized to perform: cognito-identity:"+action+
				" on resource: "+resource+" because no identity-based policy allows the cognito-identity:"+action+" action")
		}
		if _, err := c.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &blue}); err != nil {
			t.Error(err)
		}
		redARN := "arn:aws:cognito-identity:" + west + ":" + alpha + ":identitypool/" + red
		_, err := c.DescribeIdentityPool(t.Context(), &ci.DescribeIdentityPoolInput{IdentityPoolId: &red})
		denied("other tag", "DescribeIdentityPool", redARN, err)
		_, err = c.DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &blue})
		denied("other action", "DeleteIdentityPool", strings.Replace(redARN, red, blue, 1), err)
		_, err = c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &blue, IdentityPoolName: aws.String("x"), IdentityPoolTags: map[string]string{"team": "blue", "more": "1"}})
		denied("update that tags", "TagResource", strings.Replace(redARN, red, blue, 1), err)
		_, err = c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &blue, IdentityPoolName: aws.String("x"), IdentityPoolTags: map[string]string{}})
		denied("update that untags", "UntagResource", strings.Replace(redARN, red, blue, 1), err)
		if _, err = c.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &blue, IdentityPoolName: aws.String("x"), IdentityPoolTags: map[string]string{"team": "blue"}}); err != nil {
			t.Errorf("update with the same tags: %v", err)
		}
		if _, err := c.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("y")}); err != nil {
			t.Error(err)
		}
		_, err = c.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: aws.String("y"), IdentityPoolTags: map[string]string{"a": "b"}})
		denied("create with tags", "TagResource", "*", err)

		for _, id := range []string{blue, red} {
			_, err := w.root(alpha, west).UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{IdentityPoolId: &id, IdentityPoolName: aws.String("x"), AllowUnauthenticatedIdentities: true})
			if err != nil {
				t.Fatal(err)
			}
		}
		mine, other := w.getID(blue, nil), w.getID(red, nil)
		if _, err := c.DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{mine}}); err != nil {
			t.Error(err)
		}
		_, err = c.DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{w.getID(blue, nil), other}})
		denied("identities of two pools", "DeleteIdentities", "*", err)
		if _, err := w.root(alpha, west).DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &other}); err != nil {
			t.Errorf("the other pool's identity: %v", err)
		}
	})
}
