package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// ChallengeStore remembers which challenges have been answered.
type ChallengeStore interface {
	// Spend notes that a challenge has been answered and reports whether this
	// was the first time. It joins the transaction of ctx.
	Spend(ctx context.Context, pool, region, id string, expires time.Time) (first bool, err error)
	// Spent reports whether a challenge has been answered.
	Spent(ctx context.Context, pool, id string) (bool, error)
}

// Sealer encrypts and authenticates; a *secretbox.Ring is one.
type Sealer interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
}

// Config is what a Service works with. All fields are required.
type Config struct {
	Now        func() time.Time
	Tx         func(context.Context, func(context.Context) error) error
	Users      *user.Service
	Passwords  *password.Checker
	Challenges ChallengeStore
	Devices    PendingDevices
	Sessions   *token.Sessions
	Keys       *token.Keys
	Issuer     func(*userpool.Pool) string
	Sealer     Sealer
	Messages   *message.Desk
	Access     AccessTokens
	// Triggers asks the functions of pools. With nil there are none to ask, and
	// a pool that names one is denied what it would decide.
	Triggers *trigger.Service
}

// Service signs people in. It is safe for concurrent use.
type Service struct {
	now        func() time.Time
	tx         func(context.Context, func(context.Context) error) error
	users      *user.Service
	passwords  *password.Checker
	challenges ChallengeStore
	devices    PendingDevices
	sessions   *token.Sessions
	keys       *token.Keys
	issuer     func(*userpool.Pool) string
	sealer     Sealer
	messages   *message.Desk
	access     AccessTokens
	triggers   *trigger.Service
}

// New returns a Service.
func New(c Config) *Service {
	return &Service{
		now: c.Now, tx: c.Tx, users: c.Users, passwords: c.Passwords, challenges: c.Challenges, devices: c.Devices,
		sessions: c.Sessions, keys: c.Keys, issuer: c.Issuer, sealer: c.Sealer, messages: c.Messages, access: c.Access, triggers: c.Triggers,
	}
}

// App is where a person signs in: a client and its pool.
type App struct {
	Pool   *userpool.Pool
	Client *userpool.Client
	// Metadata is what the client says beside the answer to a challenge, for the
	// functions of the pool (ClientMetadata). What it says beside the first step
	// is Validation.
	Metadata map[string]string
	// Device is the key of the device that the person signs in on, empty where
	// the client names none. [Service.Start] and [Service.Answer] take it from
	// the parameters.
	Device string
}

// after returns where a person goes on who has answered to a state: on the
// device that they named before, unless they have named one now.
func (a App) after(to *state) App {
	if a.Device == "" && to != nil {
		a.Device = to.device
	}
	return a
}

// Start asks for the first step of a flow.
type Start struct {
	App
	Admin      bool // the caller has signed the request and is allowed to
	Flow       cognitoidp.AuthFlowType
	Parameters map[string]string // AuthParameters
	Validation map[string]string // ClientMetadata, which other functions do not get
	Session    string            // of a sign-up that was confirmed; empty for none
}

// Answer is the answer to a challenge.
type Answer struct {
	App
	Challenge cognitoidp.ChallengeNameType
	Session   string            // as the challenge came with; empty if it came with none
	Responses map[string]string // ChallengeResponses
}

// Result is how a step ends well: exactly one of its fields is set.
type Result struct {
	Challenge *Challenge
	Tokens    *Tokens
}

// Challenge is what a person has to answer next.
type Challenge struct {
	Name       cognitoidp.ChallengeNameType
	Session    string // empty for challenges that carry their state otherwise
	Parameters map[string]string
	Available  []cognitoidp.ChallengeNameType // to choose from, where the person chooses
}

// Tokens are what a person gets who is signed in.
type Tokens struct {
	token.Tokens
	Refresh string     // empty where the one in use stays
	Device  *NewDevice // nil where the device is known, or not tracked
}

// Parameters of requests and challenges.
const (
	parUsername    = "USERNAME"
	parPassword    = "PASSWORD"
	parSRPA        = "SRP_A"
	parSRPB        = "SRP_B"
	parSalt        = "SALT"
	parSecretBlock = "SECRET_BLOCK"
	parUserID      = "USER_ID_FOR_SRP"
	parClaimBlock  = "PASSWORD_CLAIM_SECRET_BLOCK"
	parClaim       = "PASSWORD_CLAIM_SIGNATURE"
	parTimestamp   = "TIMESTAMP"
	parNewPassword = "NEW_PASSWORD"
	parSecretHash  = "SECRET_HASH"
	parRefresh     = "REFRESH_TOKEN"
	parDeviceKey   = "DEVICE_KEY"
	parFirst       = "CHALLENGE_NAME"

	parSMSCode      = "SMS_MFA_CODE"
	parEmailCode    = "EMAIL_OTP_CODE"
	parEmailMFACode = "EMAIL_MFA_CODE" // as the guide has it, too
	parTokenCode    = "SOFTWARE_TOKEN_MFA_CODE"
	parSMSOTP       = "SMS_OTP_CODE"
	parAnswer       = "ANSWER"
	parPreferred    = "PREFERRED_CHALLENGE"
	parCredential   = "CREDENTIAL"

	parRequestOptions = "CREDENTIAL_REQUEST_OPTIONS"

	parEmail        = "EMAIL"
	parEmailLower   = "email" // as the guide has it
	parMedium       = "CODE_DELIVERY_DELIVERY_MEDIUM"
	parDestination  = "CODE_DELIVERY_DESTINATION"
	parFriendlyName = "FRIENDLY_DEVICE_NAME"
	parCanChoose    = "MFAS_CAN_CHOOSE"
	parCanSetUp     = "MFAS_CAN_SETUP"

	parRequired       = "requiredAttributes"
	parUserAttributes = "userAttributes"
)

// need returns the values of parameters, or the error for the first that is
// missing.
func need(parameters map[string]string, names ...string) ([]string, error) {
	values := make([]string, len(names))
	for i, name := range names {
		if values[i] = parameters[name]; values[i] == "" {
			return nil, cognitoidp.InvalidParameterException("Missing required parameter %s", name)
		}
	}
	return values, nil
}

// optional returns a parameter, nil if it is absent.
func optional(parameters map[string]string, name string) *string {
	if v, given := parameters[name]; given {
		return &v
	}
	return nil
}

// Start takes the first step of a flow.
func (s *Service) Start(ctx context.Context, r Start) (*Result, error) {
	if err := enabled(r); err != nil {
		return nil, err
	}
	r.Device = r.Parameters[parDeviceKey]
	switch r.Flow {
	case cognitoidp.AuthFlowTypeUserPasswordAuth, cognitoidp.AuthFlowTypeAdminUserPasswordAuth, cognitoidp.AuthFlowTypeAdminNoSrpAuth:
		return s.byPassword(ctx, r)
	case cognitoidp.AuthFlowTypeUserSrpAuth:
		return s.bySRP(ctx, r)
	case cognitoidp.AuthFlowTypeRefreshToken, cognitoidp.AuthFlowTypeRefreshTokenAuth:
		return s.byRefreshToken(ctx, r)
	case cognitoidp.AuthFlowTypeCustomAuth:
		return s.byCustom(ctx, r)
	case cognitoidp.AuthFlowTypeUserAuth:
		return s.byChoice(ctx, r)
	}
	return nil, errNotYet(r.Flow)
}

func errNotYet(f cognitoidp.AuthFlowType) error {
	return cognitoidp.UnsupportedOperationException("This deployment cannot perform the flow %s yet.", f)
}

// Answer takes the next step of a sign-in. No challenge but those below ever
// goes out, so no session is of the step that another name asks for.
func (s *Service) Answer(ctx context.Context, r Answer) (*Result, error) {
	r.Device = r.Responses[parDeviceKey]
	switch r.Challenge {
	case cognitoidp.ChallengeNameTypePasswordVerifier:
		return s.verifySRP(ctx, r)
	case cognitoidp.ChallengeNameTypeNewPasswordRequired:
		return s.newPassword(ctx, r)
	case cognitoidp.ChallengeNameTypeSoftwareTokenMfa:
		return s.answerSoftwareToken(ctx, r)
	case cognitoidp.ChallengeNameTypeEmailOtp:
		if s.isFirst(r) {
			return s.answerFirstCode(ctx, r)
		}
		return s.answerCode(ctx, r)
	case cognitoidp.ChallengeNameTypeSmsMfa:
		return s.answerCode(ctx, r)
	case cognitoidp.ChallengeNameTypeSmsOtp:
		return s.answerFirstCode(ctx, r)
	case cognitoidp.ChallengeNameTypeWebAuthn:
		return s.answerPasskey(ctx, r)
	case cognitoidp.ChallengeNameTypeSelectChallenge, cognitoidp.ChallengeNameTypePassword, cognitoidp.ChallengeNameTypePasswordSrp:
		return s.answerChoice(ctx, r)
	case cognitoidp.ChallengeNameTypeCustomChallenge:
		return s.answerCustom(ctx, r)
	case cognitoidp.ChallengeNameTypeSelectMfaType:
		return s.selectFactor(ctx, r)
	case cognitoidp.ChallengeNameTypeMfaSetup:
		return s.answerSetup(ctx, r)
	case cognitoidp.ChallengeNameTypeDeviceSrpAuth:
		return s.answerDevice(ctx, r)
	case cognitoidp.ChallengeNameTypeDevicePasswordVerifier:
		return s.verifyDevice(ctx, r)
	}
	values, err := need(r.Responses, parUsername)
	if err != nil {
		return nil, err
	}
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, values[0], optional(r.Responses, parSecretHash)); err != nil {
		return nil, err
	}
	_, err = s.openState(r.App, string(r.Challenge), r.Session)
	if err == nil {
		err = ErrSession
	}
	return nil, err
}

// enabled checks that the operation serves the flow and the client allows it.
func enabled(r Start) error {
	admin := r.Flow == cognitoidp.AuthFlowTypeAdminUserPasswordAuth || r.Flow == cognitoidp.AuthFlowTypeAdminNoSrpAuth
	if admin && !r.Admin {
		return cognitoidp.InvalidParameterException("Initiate Auth method not supported.")
	}
	if r.Client.Allows(r.Flow) {
		return nil
	}
	text := "%s is not enabled for the client."
	switch r.Flow {
	case cognitoidp.AuthFlowTypeUserPasswordAuth:
		text = "%s flow not enabled for this client"
	case cognitoidp.AuthFlowTypeAdminUserPasswordAuth, cognitoidp.AuthFlowTypeAdminNoSrpAuth:
		return cognitoidp.InvalidParameterException("Auth flow not enabled for this client")
	case cognitoidp.AuthFlowTypeRefreshToken, cognitoidp.AuthFlowTypeRefreshTokenAuth:
		return errRefreshFlow
	}
	return cognitoidp.InvalidParameterException(text, r.Flow)
}
