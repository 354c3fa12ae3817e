package iam_test

import (
	"fmt"
	"strings"
	"testing"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestOpenIDConnectProviders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		thumb := strings.Repeat("aB", 20)
		out := must(c.CreateOpenIDConnectProvider(ctx, &awsiam.CreateOpenIDConnectProviderInput{
			Url: ptr("https://login.example.com/tenant/"), ClientIDList: []string{"b", "a", "b"}, ThumbprintList: []string{thumb},
			Tags: []types.Tag{{Key: ptr("k"), Value: ptr("v")}},
		}))(t)
		arn := "arn:aws:iam::111111111111:oidc-provider/login.example.com/tenant/"
		if *out.OpenIDConnectProviderArn != arn || len(out.Tags) != 1 {
			t.Errorf("created %+v", out)
		}
		_, err := c.CreateOpenIDConnectProvider(ctx, &awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://login.example.com/tenant/")})
		wantError(t, err, "EntityAlreadyExists", "Provider with url https://login.example.com/tenant/ already exists.")
		must(w.asRoot(beta).CreateOpenIDConnectProvider(ctx, &awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://login.example.com/tenant/")}))(t)

		get := func() *awsiam.GetOpenIDConnectProviderOutput {
			return must(c.GetOpenIDConnectProvider(ctx, &awsiam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}))(t)
		}
		if p := get(); *p.Url != "login.example.com/tenant/" || fmt.Sprint(p.ClientIDList) != "[a b]" || p.ThumbprintList[0] != strings.ToLower(thumb) || p.CreateDate == nil {
			t.Errorf("got %+v", p)
		}
		must(c.AddClientIDToOpenIDConnectProvider(ctx, &awsiam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("c")}))(t)
		must(c.AddClientIDToOpenIDConnectProvider(ctx, &awsiam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("c")}))(t)
		must(c.RemoveClientIDFromOpenIDConnectProvider(ctx, &awsiam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("a")}))(t)
		must(c.RemoveClientIDFromOpenIDConnectProvider(ctx, &awsiam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("a")}))(t)
		must(c.UpdateOpenIDConnectProviderThumbprint(ctx, &awsiam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &arn, ThumbprintList: []string{strings.Repeat("0", 40)}}))(t)
		must(c.TagOpenIDConnectProvider(ctx, &awsiam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, Tags: []types.Tag{{Key: ptr("l"), Value: ptr("w")}}}))(t)
		must(c.UntagOpenIDConnectProvider(ctx, &awsiam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, TagKeys: []string{"k"}}))(t)
		if p := get(); fmt.Sprint(p.ClientIDList) != "[b c]" || p.ThumbprintList[0] != strings.Repeat("0", 40) || len(p.Tags) != 1 || *p.Tags[0].Key != "l" {
			t.Errorf("after changes %+v", p)
		}
		if tags := must(c.ListOpenIDConnectProviderTags(ctx, &awsiam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: &arn}))(t).Tags; len(tags) != 1 {
			t.Errorf("tags %+v", tags)
		}
		if list := must(c.ListOpenIDConnectProviders(ctx, &awsiam.ListOpenIDConnectProvidersInput{}))(t).OpenIDConnectProviderList; len(list) != 1 || *list[0].Arn != arn {
			t.Errorf("list %+v", list)
		}

		for _, tt := range []struct {
			name       string
			in         awsiam.CreateOpenIDConnectProviderInput
			code, text string
		}{
			{"http", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("http://x.example.com")}, "ValidationError", "Invalid Open ID Connect Provider URL"},
			{"no host", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https:///x")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
			{"query", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://x.example.com/?a=b")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
			{"pattern", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://*.example.com")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
			{"user", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://u:p@x.example.com")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
			{"thumbprint", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://x.example.com"), ThumbprintList: []string{strings.Repeat("g", 40)}}, "ValidationError", "Thumbprint must be exactly 40 characters."},
			{"thumbprints", awsiam.CreateOpenIDConnectProviderInput{Url: ptr("https://x.example.com"), ThumbprintList: []string{thumb, thumb, thumb, thumb, thumb, thumb}}, "InvalidInput", "Thumbprint list must contain fewer than 5 entries."},
		} {
			t.Run(tt.name, func(t *testing.T) {
				_, err := c.CreateOpenIDConnectProvider(ctx, &tt.in)
				wantError(t, err, tt.code, tt.text)
			})
		}

		// A trust policy may name a provider of its own account only.
		trust := func(arn string) *string {
			return ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + arn + `"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)
		}
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("r"), AssumeRolePolicyDocument: trust(arn)}))(t)
		far := strings.Replace(arn, alpha, beta, 1)
		_, err = c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("s"), AssumeRolePolicyDocument: trust(far)})
		wantError(t, err, "MalformedPolicyDocument", `Invalid principal in policy: "FEDERATED":"`+far+`"`)

		must(c.DeleteOpenIDConnectProvider(ctx, &awsiam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}))(t)
		_, err = c.GetOpenIDConnectProvider(ctx, &awsiam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
		wantError(t, err, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+arn)
		_, err = c.DeleteOpenIDConnectProvider(ctx, &awsiam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
		wantError(t, err, "NoSuchEntity", "OpenId connect Provider "+arn+" cannot be found.")
		_, err = c.GetOpenIDConnectProvider(ctx, &awsiam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &far})
		wantError(t, err, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+far)
	})
}
