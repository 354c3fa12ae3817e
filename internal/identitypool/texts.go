package identitypool

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// Sentences of the service that were observed (Cognito developer guide,
// issues of the SDKs).
const (
	textPoolNotFound       = "IdentityPool '%s' not found."
	textIdentityNotFound   = "Identity '%s' not found."
	textNoGuests           = "Unauthenticated access is not supported for this identity pool."
	textNoProviders        = "Identity pool - %s does not have identity providers configured."
	textUnsupportedToken   = "Token is not from a supported provider of this identity pool."
	textLoginsDontMatch    = "Logins don't match. Please include at least one valid login for this identity or identity pool."
	textIdentityForbidden  = "Access to Identity '%s' is forbidden."
	textPoolForbidden      = "Access to IdentityPool '%s' is forbidden"
	textRoleForbidden      = "Access to Role '%s' is forbidden."
	textAmbiguousRoles     = "The ambiguous role mapping rules for: %s denied this request."
	textPublicProvider     = "Please provide a valid public provider"
	textInvalidUserPool    = "Invalid Cognito Identity Provider"
	textInvalidRoleMapping = "(%s) is not a valid RoleMapping ProviderName or is not a configured provider."
	textClassicDisabled    = "Basic (classic) flow is not enabled, please use enhanced flow."
	textClassicMappings    = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
	textInvalidPool        = "Invalid identity pool configuration. Check assigned IAM roles for this pool."

	textTokenIssuer  = "Invalid login token. Issuer doesn't match providerName"
	textTokenExpired = "Invalid login token. Token expired: %d >= %d"
	textTokenForm    = "Invalid login token. Not a valid OpenId Connect identity token."
	textTokenVerify  = "Invalid login token. Couldn't verify signed token."
	textTokenOwn     = "Invalid login token. Can't pass in a Cognito token."
	textTokenNoClaim = "Invalid login token. Missing a required claim: %s"
	textTokenOld     = "Invalid login token. Token is expired."

	textDeveloperProvider = "This identity pool does not support the specified developer provider"
)

// Sentences that were not observed: what is refused is certain, how the
// service says it is not.
const (
	textClassicSAML       = "Basic (classic) flow is not supported with SAML providers, please use enhanced flow."
	textTokenSAML         = "Invalid login token. Not a valid SAML response."
	textTokenEncrypted    = "Invalid login token. Encrypted SAML assertions are not supported."
	textTokenUse          = textTokenForm // a token with an audience that is not an ID token
	textTokenEarly        = "Invalid login token. Token is not yet valid."
	textTokenSignedOut    = "Invalid login token. Token has been revoked or its user is disabled."
	textKeysUnreachable   = "Couldn't reach the identity provider %s."
	textProviderUnready   = "Logins of %s are not supported by this deployment."
	textCustomRole        = "Access to Role '%s' is forbidden."
	textLoginTaken        = "Logins are already linked to another account."
	textTooManyLogins     = "An identity has at most %d logins."
	textDeveloperName     = "Developer provider name cannot be changed."
	textServerCheckRemote = "ServerSideTokenCheck needs a user pool of this deployment: %s is not one."

	textDeveloperNamePublic = "Developer provider name %s is that of a public provider."
	textDeveloperUserTaken  = "Developer user is already registered with a different identity."
	textDeveloperUserOther  = "Developer user identifier does not belong to the identity."
	textDeveloperUserGone   = "Developer user identifier not found."
	textDeveloperUserForm   = "A developer user identifier has 1 to %d bytes."
	textDeveloperLookup     = "Either IdentityId or DeveloperUserIdentifier is required."

	textTooManyUserPools   = "An identity pool has at most %d user pools."
	textOpenIDProvider     = "%s is not an OpenID Connect provider of this account."
	textSAMLProvider       = "%s is not a SAML provider of this account."
	textMappingType        = "%s: AmbiguousRoleResolution is required for role mappings of type %s."
	textMappingRules       = "%s: RulesConfiguration is required for type Rules and not allowed for type Token."
	textMappingTooMany     = "%s: a role mapping has at most %d rules."
	textTooManyPools       = "An account has at most %d identity pools in a region."
	textTooManyTags        = "A resource has at most %d tags."
	textTagReserved        = "Tag keys that begin with aws: are reserved."
	textPageToken          = "Invalid pagination token given."
	textResourceNotFound   = "Resource '%s' not found."
	textTagMapNotFound     = "No principal tags are configured for provider %s."
	textTagMapProvider     = "%s is not a provider of this identity pool."
	textUnlinkUnknownLogin = "The identity has no login with %s."
)

// Short names for the errors of the API.
func notAuthorized(text string, args ...any) *awsapi.Error {
	return cognitoidentity.NotAuthorizedException(text, args...)
}

func invalid(text string, args ...any) *awsapi.Error {
	return cognitoidentity.InvalidParameterException(text, args...)
}

func notFound(text string, args ...any) *awsapi.Error {
	return cognitoidentity.ResourceNotFoundException(text, args...)
}

func conflict(text string, args ...any) *awsapi.Error {
	return cognitoidentity.ResourceConflictException(text, args...)
}
