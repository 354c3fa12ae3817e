package token

import (
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Why an access token is refused. Clients match on the texts.
var (
	ErrAccessInvalid   = cognitoidp.NotAuthorizedException("Invalid Access Token")
	ErrAccessSignature = cognitoidp.NotAuthorizedException("Could not verify signature for Access Token")
	ErrAccessExpired   = cognitoidp.NotAuthorizedException("Access Token has expired")
	ErrAccessRevoked   = cognitoidp.NotAuthorizedException("Access Token has been revoked")
	ErrAccessScope     = cognitoidp.NotAuthorizedException("Access Token does not have required scopes")
	errUserGone        = cognitoidp.UserNotFoundException("User does not exist.")
)

// Why a refresh token is refused.
var (
	// ErrRefreshInvalid is the text of InitiateAuth, ErrRefreshInvalidToken
	// that of GetTokensFromRefreshToken. Public reports show both; which
	// operation says which is UNCONFIRMED.
	ErrRefreshInvalid      = cognitoidp.NotAuthorizedException("Invalid Refresh Token")
	ErrRefreshInvalidToken = cognitoidp.NotAuthorizedException("Invalid Refresh Token.")
	ErrRefreshRevoked      = cognitoidp.NotAuthorizedException("Refresh Token has been revoked")
	ErrRefreshExpired      = cognitoidp.NotAuthorizedException("Refresh Token has expired")
	// ErrRefreshReused is the answer to a token that was rotated away, after
	// its grace. The text is UNCONFIRMED.
	ErrRefreshReused = cognitoidp.RefreshTokenReuseException("Refresh token has been reused")
	// ErrNotRefresh is the answer of RevokeToken to tokens of other kinds. The
	// text is UNCONFIRMED.
	ErrNotRefresh = cognitoidp.UnsupportedTokenTypeException("Only refresh tokens can be revoked")
)

// ErrNoKey means that a pool has no key to sign with: it was deleted.
var ErrNoKey = errors.New("token: no signing key")
