package credential

import "github.com/cenote-id/cenote/internal/awsapi"

// STS's sentences. Those with two blanks in a row have them on AWS too.
const (
	msgRootAssumes      = "Roles may not be assumed by root accounts."
	msgInvalidARN       = "%s is invalid"
	msgNotAuthorized    = "User: %s is not authorized to perform: %s on resource: %s"
	msgFederationDenied = "Not authorized to perform %s"

	msgDurationExceeds = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
	msgChainedDuration = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."

	msgMFAIncomplete = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	msgMFAWrongCode  = "MultiFactorAuthentication failed with invalid MFA one time pass code."
	msgMFAUnknown    = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."

	msgNoContextProvider = "The context provider %s is not known."    // UNCONFIRMED
	msgReservedTag       = "System tags cannot be added by requester" // UNCONFIRMED

	msgDuplicateTags     = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
	msgTransitiveMissing = "The specified transitive tag key must be included in the requested tags."
	msgTransitiveTaken   = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
	// UNCONFIRMED: the text for a tag that would override an inherited one.
	msgTagTaken = msgTransitiveTaken

	// UNCONFIRMED: the texts about managed session policies and the length of all session policies.
	msgNoSuchPolicy   = "Policy %s does not exist or is not attachable."
	msgPoliciesLength = "The combined plaintext of the session policies must have length less than or equal to 2048"

	msgBadMessage    = "Message is not valid"                                                                                                                           // UNCONFIRMED
	msgBadAlgorithm  = "1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]" // UNCONFIRMED
	msgNoOutbound    = "Outbound web identity federation is not enabled for this account. Enable it with iam:EnableOutboundWebIdentityFederation."                      // UNCONFIRMED
	msgOutlives      = "The requested token would outlive the session of its caller."                                                                                   // UNCONFIRMED
	msgPayloadLength = "The token's payload is %d bytes long; it may have %d."                                                                                          // UNCONFIRMED

	// Refusals that say why: what AWS answers is not known.
	msgTargetPrincipal = "%s is invalid"
	msgTaskPolicy      = "%s is not a task policy for root sessions"
	msgNoOrganization  = "%s is not a member account of an organization: this deployment has no organizations."
	msgNoDelegation    = "The trade-in token is not one of this deployment, which has no delegation requests."

	msgTokenSize = "1 validation error detected: Value '%d' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value %s"

	msgSessionCallsSessionToken    = "Cannot call GetSessionToken with session credentials"
	msgSessionCallsFederationToken = "Cannot call GetFederationToken with session credentials"
	msgNotAKey                     = "The access key ID %s is not valid" // UNCONFIRMED

	msgNoProvider           = "No OpenIDConnect provider found in your account for %s"
	msgWrongAudience        = "Incorrect token audience"
	msgNotJWT               = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	msgNoKey                = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	msgNotValidated         = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
	msgManyAudiences        = "Token audience contains more than one audience while authorized party is not present"
	msgMissingClaim         = "Missing a required claim: %s."
	msgRoleNotInClaim       = "The target role ARN is not present in the roles claim of the identity token"
	msgTokenExpired         = "Token expired: current date/time %d must be before the expiration date/time %d"
	msgProviderAway         = "Couldn't connect to the identity provider of the web identity token" // UNCONFIRMED
	msgInvalidTagClaim      = "The tags claim of the identity token is not valid"                   // UNCONFIRMED
	msgInvalidIdentityClaim = "The source identity claim of the identity token is not valid"        // UNCONFIRMED
)

// STS's sentences about SAML responses.
const (
	msgSAMLSessionName    = "RoleSessionName is required in AuthnResponse"
	msgSAMLSessionForm    = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
	msgSAMLSourceIdentity = "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\""
	msgSAMLSignature      = "Response signature invalid"
	msgSAMLIssuer         = "Issuer not present in specified provider"
	msgSAMLProvider       = "Specified provider doesn't exist."
	msgSAMLAudience       = "Response does not contain the required audience."
	msgSAMLOld            = "Token must be redeemed within 5 minutes of issuance"

	// UNCONFIRMED: the texts below.
	msgSAMLForm      = "Invalid SAML response"
	msgSAMLEncrypted = "Encrypted SAML assertions are not supported"
	msgSAMLFailed    = "The identity provider reports that authentication failed"
	msgSAMLEarly     = "SAML assertion is not yet valid"
	msgSAMLExpired   = "SAML assertion has expired"
	msgSAMLRecipient = "Response does not contain the required recipient."
	msgSAMLUsed      = "SAML assertion has already been used for this role"
	msgSAMLDuration  = "SessionDuration in AuthnResponse must be between 900 and 43200"
	msgSAMLTags      = "PrincipalTag in AuthnResponse is not valid"
)

// invalidParameterValue answers faulty tags. No model declares it.
var invalidParameterValue = &awsapi.ErrorShape{Name: "InvalidParameterValueException", Code: "InvalidParameterValue", Status: 400, Front: true}

// denied is the short form of AWS's sentence, which STS answers without a reason.
func denied(caller, action, resource string) *awsapi.Error {
	return awsapi.AccessDenied.New(msgNotAuthorized, caller, action, resource)
}

func invalid(format string, args ...any) *awsapi.Error { return awsapi.Validation.New(format, args...) }
