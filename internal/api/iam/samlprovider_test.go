package iam_test

import (
	"strings"
	"testing"
	"time"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/cenote-id/cenote/internal/saml/samltest"
)

func TestSAMLProviders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, c := t.Context(), w.asRoot(alpha)
		doc := samltest.New(t, "https://idp.example.com", 0, w.now()).Metadata()
		next := strings.Replace(samltest.New(t, "https://idp.example.com", 1, w.now()).Metadata(), "entityID=", `validUntil="2030-01-02T03:04:05Z" entityID=`, 1)
		const arn = "arn:aws:iam::111111111111:saml-provider/Corp"
		out := must(c.CreateSAMLProvider(ctx, &awsiam.CreateSAMLProviderInput{
			Name: ptr("Corp"), SAMLMetadataDocument: &doc, Tags: []types.Tag{{Key: ptr("k"), Value: ptr("v")}},
		}))(t)
		if *out.SAMLProviderArn != arn || len(out.Tags) != 1 {
			t.Errorf("created %+v", out)
		}
		_, err := c.CreateSAMLProvider(ctx, &awsiam.CreateSAMLProviderInput{Name: ptr("corp"), SAMLMetadataDocument: &doc})
		wantError(t, err, "EntityAlreadyExists", "Saml provider with name corp already exists.")
		must(w.asRoot(beta).CreateSAMLProvider(ctx, &awsiam.CreateSAMLProviderInput{Name: ptr("Corp"), SAMLMetadataDocument: &doc}))(t)

		p := must(c.GetSAMLProvider(ctx, &awsiam.GetSAMLProviderInput{SAMLProviderArn: ptr(arn)}))(t)
		if *p.SAMLMetadataDocument != doc || len(*p.SAMLProviderUUID) != 36 || !p.ValidUntil.Equal(p.CreateDate.AddDate(100, 0, 0)) || len(p.Tags) != 1 {
			t.Errorf("got %+v", p)
		}
		updated := must(c.UpdateSAMLProvider(ctx, &awsiam.UpdateSAMLProviderInput{SAMLProviderArn: ptr(arn), SAMLMetadataDocument: &next}))(t)
		if *updated.SAMLProviderArn != arn {
			t.Errorf("updated %+v", updated)
		}
		again := must(c.GetSAMLProvider(ctx, &awsiam.GetSAMLProviderInput{SAMLProviderArn: ptr(arn)}))(t)
		if *again.SAMLMetadataDocument != next || *again.SAMLProviderUUID != *p.SAMLProviderUUID || again.ValidUntil.Format(time.RFC3339) != "2030-01-02T03:04:05Z" {
			t.Errorf("after an update %+v", again)
		}
		list := must(c.ListSAMLProviders(ctx, &awsiam.ListSAMLProvidersInput{}))(t).SAMLProviderList
		if len(list) != 1 || *list[0].Arn != arn || !list[0].ValidUntil.Equal(*again.ValidUntil) || !list[0].CreateDate.Equal(*p.CreateDate) {
			t.Errorf("list %+v", list)
		}
		must(c.TagSAMLProvider(ctx, &awsiam.TagSAMLProviderInput{SAMLProviderArn: ptr(arn), Tags: []types.Tag{{Key: ptr("l"), Value: ptr("w")}}}))(t)
		must(c.UntagSAMLProvider(ctx, &awsiam.UntagSAMLProviderInput{SAMLProviderArn: ptr(arn), TagKeys: []string{"k"}}))(t)
		if tags := must(c.ListSAMLProviderTags(ctx, &awsiam.ListSAMLProviderTagsInput{SAMLProviderArn: ptr(arn)}))(t).Tags; len(tags) != 1 || *tags[0].Key != "l" {
			t.Errorf("tags %+v", tags)
		}

		for name, in := range map[string]awsiam.CreateSAMLProviderInput{
			"no metadata":     {SAMLMetadataDocument: ptr(strings.Repeat("x", 1000))},
			"a document type": {SAMLMetadataDocument: ptr(strings.Replace(doc, "<md:EntityDescriptor ", "<!DOCTYPE x><md:EntityDescriptor ", 1))},
			"no certificate":  {SAMLMetadataDocument: ptr(strings.Replace(doc, "signing", "encryption", 1))},
		} {
			in.Name = ptr("Other")
			_, err := c.CreateSAMLProvider(ctx, &in)
			if code, text := apiError(err); code != "InvalidInput" || text != "Could not parse metadata" {
				t.Errorf("%s: %s: %s", name, code, text)
			}
		}
		_, err = c.UpdateSAMLProvider(ctx, &awsiam.UpdateSAMLProviderInput{SAMLProviderArn: ptr(arn), SAMLMetadataDocument: ptr(strings.Repeat("x", 1000))})
		wantError(t, err, "InvalidInput", "Could not parse metadata")
		_, err = c.CreateSAMLProvider(ctx, &awsiam.CreateSAMLProviderInput{Name: ptr("Other"), SAMLMetadataDocument: &doc, AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired})
		wantError(t, err, "InvalidInput", "Encrypted SAML assertions are not supported")

		// A trust policy may name the provider, and no other.
		trust := func(provider string) *string {
			return ptr(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`)
		}
		must(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("corp"), AssumeRolePolicyDocument: trust(arn)}))(t)
		for _, provider := range []string{arn + "2", "arn:aws:iam::222222222222:saml-provider/Corp"} {
			_, err := c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: ptr("none"), AssumeRolePolicyDocument: trust(provider)})
			if code, _ := apiError(err); code != "MalformedPolicyDocument" {
				t.Errorf("trust in %s: %v", provider, err)
			}
		}

		// Permissions are by provider and by tag.
		clerk := w.asUser("clerk", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*SAMLProvider*","Resource":"`+arn+`","Condition":{"StringEquals":{"aws:ResourceTag/l":"w"}}}]}`)
		must(clerk.GetSAMLProvider(ctx, &awsiam.GetSAMLProviderInput{SAMLProviderArn: ptr(arn)}))(t)
		for what, try := range map[string]func() error{
			"create": func() error {
				_, err := clerk.CreateSAMLProvider(ctx, &awsiam.CreateSAMLProviderInput{Name: ptr("Other"), SAMLMetadataDocument: &doc})
				return err
			},
			"delete another": func() error {
				_, err := clerk.DeleteSAMLProvider(ctx, &awsiam.DeleteSAMLProviderInput{SAMLProviderArn: ptr(arn + "2")})
				return err
			},
			"list": func() error {
				_, err := clerk.ListSAMLProviders(ctx, &awsiam.ListSAMLProvidersInput{})
				return err
			},
		} {
			if code, _ := apiError(try()); code != "AccessDenied" {
				t.Errorf("a clerk may %s: %s", what, code)
			}
		}

		must(c.DeleteSAMLProvider(ctx, &awsiam.DeleteSAMLProviderInput{SAMLProviderArn: ptr(arn)}))(t)
		for _, gone := range []string{arn, "arn:aws:iam::222222222222:saml-provider/Corp", "arn:aws:iam::111111111111:oidc-provider/Corp"} {
			_, err = c.GetSAMLProvider(ctx, &awsiam.GetSAMLProviderInput{SAMLProviderArn: ptr(gone)})
			wantError(t, err, "NoSuchEntity", "SAMLProvider not found for arn "+gone)
			_, err = c.DeleteSAMLProvider(ctx, &awsiam.DeleteSAMLProviderInput{SAMLProviderArn: ptr(gone)})
			wantError(t, err, "NoSuchEntity", "SAMLProvider not found for arn "+gone)
		}
		must(w.asRoot(beta).GetSAMLProvider(ctx, &awsiam.GetSAMLProviderInput{SAMLProviderArn: ptr("arn:aws:iam::222222222222:saml-provider/Corp")}))(t)
	})
}

const ownSAML = "arn:aws:iam::111111111111:saml-provider/Own"

// samlOperations lists the operations on SAML providers.
func samlOperations() []operation {
	const gone = "SAMLProvider not found for arn " + ownSAML
	arn, tags := ptr(ownSAML), []types.Tag{{Key: ptr("k"), Value: ptr("v")}}
	junk := ptr(strings.Repeat("x", 1000))
	return []operation{
		{"CreateSAMLProvider", "arn:aws:iam::111111111111:saml-provider/Fresh", call((*awsiam.Client).CreateSAMLProvider, awsiam.CreateSAMLProviderInput{Name: ptr("Fresh"), SAMLMetadataDocument: junk}), "Could not parse metadata"},
		{"GetSAMLProvider", ownSAML, call((*awsiam.Client).GetSAMLProvider, awsiam.GetSAMLProviderInput{SAMLProviderArn: arn}), gone},
		{"ListSAMLProviders", "arn:aws:iam::111111111111:saml-provider/*", call((*awsiam.Client).ListSAMLProviders, awsiam.ListSAMLProvidersInput{}), ""},
		{"UpdateSAMLProvider", ownSAML, call((*awsiam.Client).UpdateSAMLProvider, awsiam.UpdateSAMLProviderInput{SAMLProviderArn: arn}), gone},
		{"DeleteSAMLProvider", ownSAML, call((*awsiam.Client).DeleteSAMLProvider, awsiam.DeleteSAMLProviderInput{SAMLProviderArn: arn}), gone},
		{"TagSAMLProvider", ownSAML, call((*awsiam.Client).TagSAMLProvider, awsiam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: tags}), gone},
		{"UntagSAMLProvider", ownSAML, call((*awsiam.Client).UntagSAMLProvider, awsiam.UntagSAMLProviderInput{SAMLProviderArn: arn, TagKeys: []string{"k"}}), gone},
		{"ListSAMLProviderTags", ownSAML, call((*awsiam.Client).ListSAMLProviderTags, awsiam.ListSAMLProviderTagsInput{SAMLProviderArn: arn}), gone},
	}
}

// furnishSAML puts a SAML provider into account alpha.
func (w *world) furnishSAML() {
	w.t.Helper()
	doc := samltest.New(w.t, "https://idp.example.com", 0, w.now()).Metadata()
	must(w.asRoot(alpha).CreateSAMLProvider(w.t.Context(), &awsiam.CreateSAMLProviderInput{Name: ptr("Own"), SAMLMetadataDocument: &doc}))(w.t)
}
