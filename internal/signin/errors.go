package signin

import "github.com/cenote-id/cenote/internal/awsapi/cognitoidp"

// Failures that a client is meant to see, in the service's own words.
var (
	errIncorrect        = cognitoidp.NotAuthorizedException("Incorrect username or password.")
	errDisabled         = cognitoidp.NotAuthorizedException("User is disabled.")
	errResetRequired    = cognitoidp.PasswordResetRequiredException("Password reset required for the user")
	errNotConfirmed     = cognitoidp.UserNotConfirmedException("User is not confirmed.")
	errTemporaryExpired = cognitoidp.NotAuthorizedException("Temporary password has expired and must be reset by an administrator.")
	ErrSession          = cognitoidp.NotAuthorizedException("Invalid session for the user.")
	errSessionExpired   = cognitoidp.NotAuthorizedException("Invalid session for the user, session is expired.")
	errCodeOrState      = cognitoidp.CodeMismatchException("Invalid code or auth state for the user.")
	errSessionSpent     = cognitoidp.NotAuthorizedException("Invalid session for the user, session can only be used once.")
)

// Sentences that are UNCONFIRMED.
var (
	errRefreshFlow  = cognitoidp.InvalidParameterException("Refresh Token flow not enabled for this client")
	errNoCustomAuth = cognitoidp.InvalidUserPoolConfigurationException("Custom auth lambda trigger is not configured for the user pool.")
	errNoFactor     = cognitoidp.InvalidUserPoolConfigurationException("User pool requires a second factor that the user can neither use nor set up.")
	errNoChoice     = cognitoidp.InvalidParameterException("ANSWER is none of the factors to choose from.")
	errTooManyCodes = cognitoidp.TooManyRequestsException("Attempt limit exceeded, please try after some time.")
	errFirst        = cognitoidp.InvalidParameterException("CHALLENGE_NAME is not one that CUSTOM_AUTH can begin with.")
	errSRPA         = cognitoidp.InvalidParameterException("Invalid SRP_A value.")
	errBadSecret    = cognitoidp.UnauthorizedException("Client secret is missing or not valid.")
	errRevokeOff    = cognitoidp.UnsupportedOperationException("Please enable token revocation before revoking tokens for this client")
	errNotTheirs    = cognitoidp.UnauthorizedException("Refresh token was not issued to this client.")
)
