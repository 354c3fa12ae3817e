package user

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Failures that a client is meant to see. The texts are the real service's,
// because clients match on them.
var (
	ErrNotFound      = cognitoidp.UserNotFoundException("User does not exist.")
	ErrUnknownAtAll  = cognitoidp.UserNotFoundException("Username/client id combination not found.")
	ErrExists        = cognitoidp.UsernameExistsException("User already exists")
	ErrLimit         = cognitoidp.LimitExceededException("Attempt limit exceeded, please try after some time.")
	ErrCodeMismatch  = cognitoidp.CodeMismatchException("Invalid verification code provided, please try again.")
	ErrCodeExpired   = cognitoidp.ExpiredCodeException("Invalid code provided, please request a code again.")
	errAccountExists = cognitoidp.UsernameExistsException("User account already exists")
	errConfirmed     = cognitoidp.InvalidParameterException("User is already confirmed.")
	errNoAutoVerify  = cognitoidp.InvalidParameterException("Cannot resend codes. Auto verification not turned on.")
	errSignUpClosed  = cognitoidp.NotAuthorizedException("SignUp is not permitted for this user pool")
	errDisabled      = cognitoidp.NotAuthorizedException("User is disabled.")
	errAdminResets   = cognitoidp.NotAuthorizedException("Contact administrator to reset password.")
	errNotResettable = cognitoidp.NotAuthorizedException("User password cannot be reset in the current state.")
	errNoRecovery    = cognitoidp.InvalidParameterException("Cannot reset password for the user as there is no registered/verified email or phone_number")
	errIncorrect     = cognitoidp.NotAuthorizedException("Incorrect username or password.")
	errNotConfirmed  = cognitoidp.UserNotConfirmedException("User is not confirmed.")
	errResetRequired = cognitoidp.PasswordResetRequiredException("Password reset required for the user")
	errFilterSyntax  = cognitoidp.InvalidParameterException("Error while parsing filter")
	errEmailFormat   = cognitoidp.InvalidParameterException("Invalid email address format.")
	errPhoneFormat   = cognitoidp.InvalidParameterException("Invalid phone number format.")

	errUsernameNotEmail = cognitoidp.InvalidParameterException("Username should be an email.")
	errUsernameNotPhone = cognitoidp.InvalidParameterException("Username should be a phone number.")
	errUsernameNeither  = cognitoidp.InvalidParameterException("Username should be either an email or a phone number.")
	errUsernameIsEmail  = cognitoidp.InvalidParameterException("Username cannot be of email format, since user pool is configured for email alias.")
	errUsernameIsPhone  = cognitoidp.InvalidParameterException("Username cannot be of phone number format, since user pool is configured for phone number alias.")
)

var errNothingToVerify = map[string]*awsapi.Error{
	attrEmail: cognitoidp.InvalidParameterException("Email is required to verify/un-verify an email"),
	attrPhone: cognitoidp.InvalidParameterException("Phone number is required to verify/un-verify a phone number"),
}

func errFilterAttribute(name string) *awsapi.Error {
	return cognitoidp.InvalidParameterException("Invalid search attribute: %s", name)
}

func errAttributeTaken(attribute string) *awsapi.Error {
	return cognitoidp.UsernameExistsException("An account with the given %s already exists.", attribute)
}

func errAliasTaken(attribute string) *awsapi.Error {
	return cognitoidp.AliasExistsException("An account with the %s already exists.", attribute)
}

// errAliasHeld is the answer of AdminCreateUser, which does not declare
// AliasExistsException though its documentation names it.
func errAliasHeld(attribute string) *awsapi.Error {
	return cognitoidp.UsernameExistsException("An account with the %s already exists.", attribute)
}

func errNotConfirmable(s Status) *awsapi.Error {
	return cognitoidp.NotAuthorizedException("User cannot be confirmed. Current status is %s", string(s))
}

func errNoResend(username string) *awsapi.Error {
	return cognitoidp.UnsupportedUserStateException("Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", username)
}
