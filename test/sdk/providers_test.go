package sdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// oidc are the details of a provider of somebody's own.
func oidc(change ...string) map[string]string {
	d := map[string]string{
		"client_id": "ours", "client_secret": "theirs", "authorize_scopes": "openid email",
		"attributes_request_method": "GET", "oidc_issuer": "https://login.example.org",
	}
	for i := 0; i < len(change); i += 2 {
		d[change[i]] = change[i+1]
		if change[i+1] == "" {
			delete(d, change[i])
		}
	}
	return d
}

// metadata is a SAML provider's document.
func metadata(t *testing.T, location string) string {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))(t)
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://saml.example.org"><md:IDPSSODescriptor>` +
		`<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(der) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + location + `"/>` +
		`</md:IDPSSODescriptor></md:EntityDescriptor>`
}

func (p *people) newProvider(kind types.IdentityProviderTypeType, name string, details map[string]string, identifiers ...string) *types.IdentityProviderType {
	p.t.Helper()
	out := must(p.admin.CreateIdentityProvider(p.t.Context(), &idp.CreateIdentityProviderInput{
		UserPoolId: &p.pool, ProviderName: &name, ProviderType: kind, ProviderDetails: details, IdpIdentifiers: identifiers,
	}))(p.t)
	return out.IdentityProvider
}

func TestIdentityProviders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		made := p.newProvider(types.IdentityProviderTypeTypeOidc, "Okta", oidc(), "okta.example.com", "example.com")
		want := oidc("attributes_url_add_attributes", "false")
		if diff := cmp.Diff(want, made.ProviderDetails); diff != "" {
			t.Errorf("details (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"username": "sub"}, made.AttributeMapping); diff != "" {
			t.Errorf("mapping (-want +got):\n%s", diff)
		}
		byName := must(p.admin.DescribeIdentityProvider(t.Context(), &idp.DescribeIdentityProviderInput{UserPoolId: &p.pool, ProviderName: aws.String("Okta")}))(t)
		byOther := must(p.admin.GetIdentityProviderByIdentifier(t.Context(), &idp.GetIdentityProviderByIdentifierInput{UserPoolId: &p.pool, IdpIdentifier: aws.String("example.com")}))(t)
		ignore := cmp.Comparer(func(a, b types.IdentityProviderType) bool {
			return *a.ProviderName == *b.ProviderName && cmp.Equal(a.IdpIdentifiers, b.IdpIdentifiers)
		})
		for _, got := range []*types.IdentityProviderType{byName.IdentityProvider, byOther.IdentityProvider} {
			if !cmp.Equal(*made, *got, ignore) || !got.CreationDate.Equal(*made.CreationDate) {
				t.Errorf("described as %+v, made as %+v", got, made)
			}
		}

		// Social providers know their own addresses, and have their own names.
		google := p.newProvider(types.IdentityProviderTypeTypeGoogle, "Google", map[string]string{"client_id": "g", "client_secret": "s", "authorize_scopes": "email"})
		if google.ProviderDetails["oidc_issuer"] != "https://accounts.google.com" || google.AttributeMapping["username"] != "sub" {
			t.Errorf("Google is %v, %v", google.ProviderDetails, google.AttributeMapping)
		}
		facebook := p.newProvider(types.IdentityProviderTypeTypeFacebook, "Facebook",
			map[string]string{"client_id": "f", "client_secret": "s", "authorize_scopes": "email", "api_version": "v20.0"})
		if facebook.ProviderDetails["token_url"] != "https://graph.facebook.com/v20.0/oauth/access_token" || facebook.AttributeMapping["username"] != "id" {
			t.Errorf("Facebook is %v, %v", facebook.ProviderDetails, facebook.AttributeMapping)
		}

		// A private key goes in and never comes out, and an update that leaves
		// it out, as it must, keeps it.
		apple := map[string]string{"client_id": "a", "team_id": "t", "key_id": "k", "private_key": "-----KEY-----", "authorize_scopes": "email name"}
		p.newProvider(types.IdentityProviderTypeTypeSignInWithApple, "SignInWithApple", apple)
		delete(apple, "private_key")
		updated := must(p.admin.UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
			UserPoolId: &p.pool, ProviderName: aws.String("SignInWithApple"), ProviderDetails: apple,
			AttributeMapping: map[string]string{"email": "email"},
		}))(t)
		if d := updated.IdentityProvider.ProviderDetails; strings.Contains(string(p.w.wire.reply), "KEY") || d["private_key"] != "" {
			t.Errorf("the private key came out: %v", d)
		}
		if diff := cmp.Diff(map[string]string{"email": "email", "username": "sub"}, updated.IdentityProvider.AttributeMapping); diff != "" {
			t.Errorf("mapping (-want +got):\n%s", diff)
		}

		saml := p.newProvider(types.IdentityProviderTypeTypeSaml, "Corp", map[string]string{"MetadataFile": metadata(t, "https://saml.example.org/sso")})
		if got := saml.ProviderDetails["SSORedirectBindingURI"]; got != "https://saml.example.org/sso" {
			t.Errorf("sign-on address %q", got)
		}

		// Lists are in pages, in the order of names.
		var names []string
		for token := (*string)(nil); ; {
			page := must(p.admin.ListIdentityProviders(t.Context(), &idp.ListIdentityProvidersInput{UserPoolId: &p.pool, MaxResults: aws.Int32(2), NextToken: token}))(t)
			for _, x := range page.Providers {
				names = append(names, *x.ProviderName)
			}
			if token = page.NextToken; token == nil {
				break
			}
		}
		if diff := cmp.Diff([]string{"Corp", "Facebook", "Google", "Okta", "SignInWithApple"}, names); diff != "" {
			t.Errorf("list (-want +got):\n%s", diff)
		}

		// Identifiers can be handed on; a client may name what there is.
		must(p.admin.UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
			UserPoolId: &p.pool, ProviderName: aws.String("Okta"), IdpIdentifiers: []string{"okta.example.com"},
		}))(t)
		must(p.admin.UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
			UserPoolId: &p.pool, ProviderName: aws.String("Corp"), IdpIdentifiers: []string{"example.com"},
		}))(t)
		client := func(names ...string) error {
			_, err := p.admin.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &p.pool, ClientName: aws.String("c"), SupportedIdentityProviders: names})
			return err
		}
		if err := client("COGNITO", "Okta", "Corp"); err != nil {
			t.Error(err)
		}
		must(p.admin.DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &p.pool, ProviderName: aws.String("Corp")}))(t)
		refused[*types.InvalidParameterException](t, "a client with a provider that is gone", client("Corp"),
			"The provider Corp does not exist for User Pool "+p.pool+".")
		_, err := p.admin.DescribeIdentityProvider(t.Context(), &idp.DescribeIdentityProviderInput{UserPoolId: &p.pool, ProviderName: aws.String("Corp")})
		refused[*types.ResourceNotFoundException](t, "a provider that is gone", err, "Identity provider Corp does not exist.")
		_, err = p.admin.GetIdentityProviderByIdentifier(t.Context(), &idp.GetIdentityProviderByIdentifierInput{UserPoolId: &p.pool, IdpIdentifier: aws.String("example.com")})
		refused[*types.ResourceNotFoundException](t, "its identifier", err, "Identity provider with identifier example.com does not exist.")

		// Nobody else's.
		stranger := w.idp(w.beta.keys, west)
		_, err = stranger.DescribeIdentityProvider(t.Context(), &idp.DescribeIdentityProviderInput{UserPoolId: &p.pool, ProviderName: aws.String("Okta")})
		refused[*types.ResourceNotFoundException](t, "another account's provider", err, "User pool "+p.pool+" does not exist.")
	})
}

func TestIdentityProvidersThatCannotBe(t *testing.T) {
	w := development(t)
	p := w.people(t, w.alpha, west)
	p.newProvider(types.IdentityProviderTypeTypeOidc, "Okta", oidc(), "taken")
	type in = idp.CreateIdentityProviderInput
	create := func(change func(*in)) error {
		request := &in{UserPoolId: &p.pool, ProviderName: aws.String("Mine"), ProviderType: types.IdentityProviderTypeTypeOidc, ProviderDetails: oidc()}
		change(request)
		_, err := p.admin.CreateIdentityProvider(t.Context(), request)
		return err
	}
	refused[*types.DuplicateProviderException](t, "a name twice", create(func(r *in) { r.ProviderName = aws.String("Okta") }), "A provider with the name Okta already exists.")
	saml := func(d map[string]string) func(*in) {
		return func(r *in) { r.ProviderType, r.ProviderDetails = types.IdentityProviderTypeTypeSaml, d }
	}
	for what, c := range map[string]struct {
		change  func(*in)
		message string
	}{
		"the pool's own name":        {func(r *in) { r.ProviderName = aws.String("Cognito") }, "The provider name COGNITO is reserved."},
		"a social one by another":    {func(r *in) { r.ProviderType = types.IdentityProviderTypeTypeGoogle }, "The name of a provider of type Google must be Google."},
		"no client id":               {func(r *in) { r.ProviderDetails = oidc("client_id", "") }, "Invalid provider details: client_id is required for a provider of type OIDC."},
		"an issuer without TLS":      {func(r *in) { r.ProviderDetails = oidc("oidc_issuer", "http://login.example.org") }, "Invalid provider details: oidc_issuer is not valid."},
		"a method that is none":      {func(r *in) { r.ProviderDetails = oidc("attributes_request_method", "PUT") }, "Invalid provider details: attributes_request_method is not valid."},
		"a detail of another type":   {func(r *in) { r.ProviderDetails = oidc("team_id", "t") }, "Invalid provider details: team_id is not a detail of a provider of this type."},
		"an unknown attribute":       {func(r *in) { r.AttributeMapping = map[string]string{"custom:x": "x"} }, "Attribute mapping is invalid: custom:x is not an attribute of the user pool."},
		"the sub":                    {func(r *in) { r.AttributeMapping = map[string]string{"sub": "x"} }, "Attribute mapping is invalid: sub is not an attribute of the user pool."},
		"an identifier of another":   {func(r *in) { r.IdpIdentifiers = []string{"taken"} }, "taken already exists in user pool " + p.pool + "."},
		"an identifier twice":        {func(r *in) { r.IdpIdentifiers = []string{"a", "b", "a"} }, "IdpIdentifiers must not be given twice."},
		"no metadata":                {saml(map[string]string{}), "Invalid provider details: exactly one of MetadataURL and MetadataFile is required."},
		"two kinds of metadata":      {saml(map[string]string{"MetadataURL": "https://x.example.org", "MetadataFile": "<x/>"}), "Invalid provider details: exactly one of MetadataURL and MetadataFile is required."},
		"metadata of something else": {saml(map[string]string{"MetadataFile": "<html/>"}), "Invalid provider details: MetadataFile is not valid."},
		"metadata for a script":      {saml(map[string]string{"MetadataFile": metadata(t, "javascript:alert(1)")}), "Invalid provider details: MetadataFile is not valid."},
		"metadata without a key":     {saml(map[string]string{"MetadataFile": strings.ReplaceAll(metadata(t, "https://x.example.org"), "signing", "encryption")}), "Invalid provider details: MetadataFile is not valid."},
		"another signature":          {saml(map[string]string{"MetadataURL": "https://x.example.org", "RequestSigningAlgorithm": "rsa-sha1"}), "Invalid provider details: RequestSigningAlgorithm is not valid."},
	} {
		refused[*types.InvalidParameterException](t, what, create(c.change), c.message)
	}
}

func (p *people) link(to, provider, attribute, value string) error {
	p.t.Helper()
	_, err := p.admin.AdminLinkProviderForUser(p.t.Context(), &idp.AdminLinkProviderForUserInput{
		UserPoolId:      &p.pool,
		DestinationUser: &types.ProviderUserIdentifierType{ProviderName: aws.String("Cognito"), ProviderAttributeValue: &to},
		SourceUser:      &types.ProviderUserIdentifierType{ProviderName: &provider, ProviderAttributeName: &attribute, ProviderAttributeValue: &value},
	})
	return err
}

func (p *people) disableProvider(provider, attribute, value string) error {
	p.t.Helper()
	_, err := p.admin.AdminDisableProviderForUser(p.t.Context(), &idp.AdminDisableProviderForUserInput{
		UserPoolId: &p.pool,
		User:       &types.ProviderUserIdentifierType{ProviderName: &provider, ProviderAttributeName: &attribute, ProviderAttributeValue: &value},
	})
	return err
}

// elsewhere returns the identities of a user as their attribute has them.
func (p *people) elsewhere(name string) []map[string]any {
	p.t.Helper()
	u := must(p.admin.AdminGetUser(p.t.Context(), &idp.AdminGetUserInput{UserPoolId: &p.pool, Username: &name}))(p.t)
	for _, a := range u.UserAttributes {
		if *a.Name == "identities" {
			var list []map[string]any
			if err := json.Unmarshal([]byte(*a.Value), &list); err != nil {
				p.t.Fatal(err)
			}
			return list
		}
	}
	return nil
}

func TestLinkedIdentities(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		p.add("bob")
		refused[*types.ResourceNotFoundException](t, "a provider that there is not", p.link("alice", "Google", "Cognito_Subject", "123"),
			"Identity provider Google does not exist.")
		p.newProvider(types.IdentityProviderTypeTypeGoogle, "Google", map[string]string{"client_id": "g", "client_secret": "s", "authorize_scopes": "email"})
		must(p.admin.CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
			UserPoolId: &p.pool, ProviderName: aws.String("Okta"), ProviderType: types.IdentityProviderTypeTypeOidc, ProviderDetails: oidc(),
			AttributeMapping: map[string]string{"email": "mail", "name": "n", "nickname": "k", "family_name": "f", "given_name": "g", "website": "w"},
		}))(t)

		if err := p.link("alice", "Google", "Cognito_Subject", "123"); err != nil {
			t.Fatal(err)
		}
		got := p.elsewhere("alice")
		if len(got) != 1 {
			t.Fatalf("identities are %v", got)
		}
		created := got[0]["dateCreated"].(float64)
		want := map[string]any{"userId": "123", "providerName": "Google", "providerType": "Google", "issuer": nil, "primary": false, "dateCreated": created}
		if diff := cmp.Diff(want, got[0]); diff != "" || created < 1e12 {
			t.Errorf("identity (-want +got):\n%s", diff)
		}
		// The ID token has texts where the attribute has a boolean and a number.
		tokens := p.signIn("alice")
		claim := parse(t, *tokens.IdToken).value(t, "identities").([]any)[0].(map[string]any)
		if claim["primary"] != "false" || claim["userId"] != "123" || claim["providerName"] != "Google" {
			t.Errorf("identities claim %v", claim)
		}
		me := must(p.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken}))(t)
		if !has(me.UserAttributes, "identities") {
			t.Error("GetUser does not show identities")
		}
		listed := must(p.admin.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &p.pool, Filter: aws.String(`username = "alice"`)}))(t)
		if !has(listed.Users[0].Attributes, "identities") {
			t.Error("ListUsers does not show identities")
		}
		listed = must(p.admin.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &p.pool, AttributesToGet: []string{"identities"}}))(t)
		for _, u := range listed.Users {
			if has(u.Attributes, "identities") != (*u.Username == "alice") || has(u.Attributes, "sub") {
				t.Errorf("of %s ListUsers shows %d attributes", *u.Username, len(u.Attributes))
			}
		}

		// Who may be linked, and to whom.
		bad := func(what string, err error, message string) {
			t.Helper()
			refused[*types.InvalidParameterException](t, what, err, message)
		}
		bad("again", p.link("alice", "Google", "Cognito_Subject", "123"), "SourceUser is already linked to DestinationUser")
		bad("to somebody else", p.link("bob", "Google", "Cognito_Subject", "123"), "SourceUser is already linked to DestinationUser")
		bad("a native user", p.link("bob", "Cognito", "Cognito_Subject", "alice"), "SourceUser must be a user of an identity provider.")
		bad("a social user by an attribute", p.link("bob", "Google", "email", "b@example.com"), "ProviderAttributeName must be Cognito_Subject for a social identity provider.")
		bad("by an attribute that is not mapped", p.link("bob", "Okta", "phone_number", "1"), "ProviderAttributeName must be Cognito_Subject or a mapped attribute of the identity provider.")
		bad("no value", p.link("bob", "Okta", "email", ""), "ProviderName, ProviderAttributeName and ProviderAttributeValue are required.")
		refused[*types.UserNotFoundException](t, "to nobody", p.link("nobody", "Google", "Cognito_Subject", "9"), "User does not exist.")
		p.add("Google_77")
		bad("one who has signed up", p.link("bob", "Google", "Cognito_Subject", "77"),
			"Merging is not currently supported, provide a SourceUser that has not been signed up in order to link")
		if got := p.elsewhere("bob"); got != nil {
			t.Errorf("bob has %v", got)
		}

		// Five identities, by five attributes.
		for _, attribute := range []string{"email", "name", "nickname", "family_name"} {
			if err := p.link("alice", "Okta", attribute, "same"); err != nil {
				t.Fatal(attribute, err)
			}
		}
		refused[*types.LimitExceededException](t, "a sixth identity", p.link("alice", "Okta", "email", "other"), "A user can have 5 linked identities.")
		if err := p.link("bob", "Okta", "given_name", "b"); err != nil {
			t.Fatal(err)
		}
		refused[*types.LimitExceededException](t, "a sixth attribute", p.link("bob", "Okta", "website", "b"), "Users of an identity provider can be linked by 5 attributes.")
		if n := len(p.elsewhere("alice")); n != 5 {
			t.Errorf("alice has %d identities", n)
		}

		// A link ends, and the identity is free again.
		if err := p.disableProvider("Google", "Cognito_Subject", "123"); err != nil {
			t.Fatal(err)
		}
		refused[*types.UserNotFoundException](t, "a link that is gone", p.disableProvider("Google", "Cognito_Subject", "123"), "User does not exist.")
		if n := len(p.elsewhere("alice")); n != 4 {
			t.Errorf("alice has %d identities", n)
		}
		if err := p.link("bob", "Google", "Cognito_Subject", "123"); err != nil {
			t.Error(err)
		}
		// So it is when its user is deleted.
		must(p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("bob")}))(t)
		if err := p.link("alice", "Google", "Cognito_Subject", "123"); err != nil {
			t.Error(err)
		}
		// And when another provider takes the name: its people are others.
		must(p.admin.DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &p.pool, ProviderName: aws.String("Okta")}))(t)
		refused[*types.ResourceNotFoundException](t, "a link of a provider that is gone", p.disableProvider("Okta", "email", "same"), "Identity provider Okta does not exist.")
		p.newProvider(types.IdentityProviderTypeTypeOidc, "Okta", oidc())
		p.add("carol")
		if err := p.link("carol", "Okta", "Cognito_Subject", "same"); err != nil {
			t.Error(err)
		}
	})
}

func has(attributes []types.AttributeType, name string) bool {
	for _, a := range attributes {
		if *a.Name == name {
			return true
		}
	}
	return false
}

// A user whose own sign-in is taken away does not get it back by themselves.
func TestDisabledNativeUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.people(t, w.alpha, west)
		must(p.admin.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), UserAttributes: []types.AttributeType{
				{Name: aws.String("email"), Value: aws.String("a@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")},
			},
		}))(t)
		p.signIn("alice")
		if err := p.disableProvider("Cognito", "Cognito_Subject", "alice"); err != nil {
			t.Fatal(err)
		}
		_, err := p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
			UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminNoSrpAuth,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password},
		})
		refused[*types.NotAuthorizedException](t, "the password", err, "Incorrect username or password.")
		_, err = p.public.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("alice")})
		refused[*types.NotAuthorizedException](t, "a new password", err, "User password cannot be reset in the current state.")
		// An administrator may give it back.
		must(p.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), Password: aws.String(password), Permanent: true,
		}))(t)
		p.signIn("alice")
	})
}
