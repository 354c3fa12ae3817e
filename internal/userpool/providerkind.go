package userpool

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Names of provider details (CreateIdentityProvider, Amazon Cognito API
// reference).
const (
	detailClientID     = "client_id"
	detailClientSecret = "client_secret"
	detailScopes       = "authorize_scopes"
	detailIssuer       = "oidc_issuer"
	detailMethod       = "attributes_request_method"
	detailAuthorize    = "authorize_url"
	detailToken        = "token_url"
	detailTokenMethod  = "token_request_method"
	detailAttributes   = "attributes_url"
	detailAddNames     = "attributes_url_add_attributes"
	detailKeys         = "jwks_uri"
	detailVersion      = "api_version"
	detailTeam         = "team_id"
	detailKeyID        = "key_id"
	detailPrivateKey   = "private_key"

	detailMetadataURL    = "MetadataURL"
	detailMetadataFile   = "MetadataFile"
	detailSSO            = "SSORedirectBindingURI"
	detailSLO            = "SLORedirectBindingURI"
	detailCertificate    = "ActiveEncryptionCertificate"
	detailSignOut        = "IDPSignout"
	detailInit           = "IDPInit"
	detailEncrypted      = "EncryptedResponses"
	detailSigning        = "RequestSigningAlgorithm"
	signingAlgorithm     = "rsa-sha256"
	defaultFacebookGraph = "v17.0" // UNCONFIRMED: the one in the API reference's examples
)

// kind is what all providers of a type have in common.
type kind struct {
	required, optional []string
	subject            string // the claim that names a person; empty where none has to be mapped
	// fixed returns the details that follow from the type and the others.
	fixed func(ProviderDetails) map[string]string
	check func(ProviderDetails) error // what else the details have to be
	kept  []string                    // details that an update may leave out, because nobody can read them
}

var kinds = map[cognitoidp.IdentityProviderTypeType]*kind{
	cognitoidp.IdentityProviderTypeTypeOidc: {
		required: []string{detailClientID, detailScopes, detailMethod, detailIssuer},
		optional: []string{detailClientSecret, detailAuthorize, detailToken, detailAttributes, detailKeys, detailTokenMethod},
		subject:  "sub",
		fixed:    always(map[string]string{detailAddNames: "false"}),
		check:    checkOpenID,
	},
	cognitoidp.IdentityProviderTypeTypeSaml: {
		optional: []string{detailMetadataURL, detailMetadataFile, detailSignOut, detailInit, detailEncrypted, detailSigning},
		fixed:    samlEndpoints,
		check:    checkSAML,
	},
	cognitoidp.IdentityProviderTypeTypeGoogle: {
		required: []string{detailClientID, detailClientSecret, detailScopes},
		subject:  "sub",
		fixed: always(map[string]string{
			detailAttributes: "https://people.googleapis.com/v1/people/me?personFields=", detailAddNames: "true",
			detailAuthorize: "https://accounts.google.com/o/oauth2/v2/auth", detailIssuer: "https://accounts.google.com",
			detailTokenMethod: "POST", detailToken: "https://www.googleapis.com/oauth2/v4/token",
		}),
	},
	cognitoidp.IdentityProviderTypeTypeFacebook: {
		required: []string{detailClientID, detailClientSecret, detailScopes},
		optional: []string{detailVersion},
		subject:  "id",
		fixed:    facebookEndpoints,
	},
	cognitoidp.IdentityProviderTypeTypeLoginWithAmazon: {
		required: []string{detailClientID, detailClientSecret, detailScopes},
		subject:  "user_id",
		fixed: always(map[string]string{
			detailAttributes: "https://api.amazon.com/user/profile", detailAddNames: "false",
			detailAuthorize: "https://www.amazon.com/ap/oa", detailTokenMethod: "POST", detailToken: "https://api.amazon.com/auth/o2/token",
		}),
	},
	cognitoidp.IdentityProviderTypeTypeSignInWithApple: {
		required: []string{detailClientID, detailTeam, detailKeyID, detailPrivateKey, detailScopes},
		subject:  "sub",
		fixed: always(map[string]string{
			detailAddNames: "false", detailAuthorize: "https://appleid.apple.com/auth/authorize", detailIssuer: "https://appleid.apple.com",
			detailTokenMethod: "POST", detailToken: "https://appleid.apple.com/auth/token",
		}),
		kept: []string{detailPrivateKey},
	},
}

// Sentences about provider details. UNCONFIRMED.
const (
	textDetailMissing  = "Invalid provider details: %s is required for a provider of type %s."
	textDetailUnknown  = "Invalid provider details: %s is not a detail of a provider of this type."
	textDetailInvalid  = "Invalid provider details: %s is not valid."
	textMetadataChoice = "Invalid provider details: exactly one of MetadataURL and MetadataFile is required."
	textUnmappable     = "Attribute mapping is invalid: %s is not an attribute of the user pool."
)

func always(m map[string]string) func(ProviderDetails) map[string]string {
	return func(ProviderDetails) map[string]string { return m }
}

// details checks what the owner says, and adds what follows from it. What
// follows may be among what is said, because tools send back what they read.
func (k *kind) details(given ProviderDetails) (ProviderDetails, error) {
	for _, name := range k.required {
		if given[name] == "" {
			return nil, cognitoidp.InvalidParameterException(textDetailMissing, name, k.name())
		}
	}
	if k.check != nil {
		if err := k.check(given); err != nil {
			return nil, err
		}
	}
	fixed := k.fixed(given)
	out := ProviderDetails{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		_, follows := fixed[name]
		switch {
		case slices.Contains(k.required, name), slices.Contains(k.optional, name):
			out[name] = given[name]
		case !follows && name != detailCertificate && name != detailSSO && name != detailSLO:
			return nil, cognitoidp.InvalidParameterException(textDetailUnknown, name)
		}
	}
	maps.Copy(out, fixed)
	return out, nil
}

func (k *kind) name() cognitoidp.IdentityProviderTypeType {
	for name, other := range kinds {
		if other == k {
			return name
		}
	}
	return ""
}

// replace returns new details in the place of old ones.
func (k *kind) replace(old, given ProviderDetails) ProviderDetails {
	out := maps.Clone(given)
	for _, name := range k.kept {
		if out[name] == "" {
			out[name] = old[name]
		}
	}
	return out
}

// mappedUsername is the key that says which claim names a person.
const mappedUsername = "username"

// mapping checks that claims are mapped to attributes that there are. People
// are named by the provider's own identifier unless the owner says otherwise.
func (k *kind) mapping(pool *Pool, given map[string]string) (map[string]string, error) {
	out := maps.Clone(given)
	if out == nil {
		out = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if name != mappedUsername && (pool.Attribute(name) == nil || name == "sub") {
			return nil, cognitoidp.InvalidParameterException(textUnmappable, name)
		}
	}
	if out[mappedUsername] == "" && k.subject != "" {
		out[mappedUsername] = k.subject
	}
	return out, nil
}

// checkOpenID wants addresses to be https URLs.
func checkOpenID(d ProviderDetails) error {
	for _, name := range []string{detailIssuer, detailAuthorize, detailToken, detailAttributes, detailKeys} {
		if d[name] != "" && !endpoint(d[name]) {
			return cognitoidp.InvalidParameterException(textDetailInvalid, name)
		}
	}
	if m := d[detailMethod]; m != "GET" && m != "POST" {
		return cognitoidp.InvalidParameterException(textDetailInvalid, detailMethod)
	}
	return nil
}

// endpoint reports whether s is an address that secrets may be sent to.
func endpoint(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && !strings.Contains(s, "#")
}

func facebookEndpoints(d ProviderDetails) map[string]string {
	version := d[detailVersion]
	if version == "" {
		version = defaultFacebookGraph
	}
	return map[string]string{
		detailAttributes: "https://graph.facebook.com/" + version + "/me?fields=", detailAddNames: "true",
		detailAuthorize: "https://www.facebook.com/" + version + "/dialog/oauth", detailTokenMethod: "GET",
		detailToken: "https://graph.facebook.com/" + version + "/oauth/access_token",
	}
}
