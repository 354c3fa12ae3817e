package user

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/passkey"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Figures of passkeys. How long a registration may take is UNCONFIRMED.
const (
	maxPasskeys      = 20
	registrationLife = 5 * time.Minute
)

// Registration is a passkey that a person has begun to register. A user has at
// most one at a time.
type Registration struct {
	Challenge []byte    `json:"challenge"`
	Client    string    `json:"client"` // of the access token that began it
	ExpiresAt time.Time `json:"expiresAt"`
}

// Failures of passkeys. The sentences are UNCONFIRMED.
var (
	errPasskeysOff      = cognitoidp.WebAuthnNotEnabledException("Passkeys are not enabled for the user pool.")
	errNoRelyingParty   = cognitoidp.WebAuthnConfigurationMissingException("The user pool has no relying party ID.")
	errTooManyPasskeys  = cognitoidp.LimitExceededException("The user has the most passkeys that are allowed.")
	errNoRegistration   = cognitoidp.WebAuthnChallengeNotFoundException("No registration of a passkey is pending.")
	errOtherClient      = cognitoidp.WebAuthnClientMismatchException("The registration was begun through another client.")
	errPasskeyOrigin    = cognitoidp.WebAuthnOriginNotAllowedException("The origin is not covered by the relying party ID.")
	errPasskeyParty     = cognitoidp.WebAuthnRelyingPartyMismatchException("The credential is for another relying party ID.")
	errPasskeyKind      = cognitoidp.WebAuthnCredentialNotSupportedException("The credential is of a kind that is not supported.")
	errPasskeyInvalid   = cognitoidp.InvalidParameterException("The credential is not valid.")
	errPasskeyTwice     = cognitoidp.InvalidParameterException("The credential is registered already.")
	errPasskeyUnknown   = cognitoidp.ResourceNotFoundException("The credential does not exist.")
	errOfPasskeyAnswers = []struct{ from, to error }{
		{passkey.ErrChallenge, errNoRegistration},
		{passkey.ErrOrigin, errPasskeyOrigin},
		{passkey.ErrRelyingParty, errPasskeyParty},
		{passkey.ErrUnsupported, errPasskeyKind},
		{passkey.ErrInvalid, errPasskeyInvalid},
	}
)

// ceremony returns what a pool asks of passkeys. There must be a relying
// party.
func ceremony(p *userpool.Pool, sub string, challenge []byte) (passkey.Ceremony, error) {
	if !slices.Contains(p.FirstFactors(), cognitoidp.AuthFactorTypeWebAuthn) {
		return passkey.Ceremony{}, errPasskeysOff
	}
	w := awsapi.Value(p.Factors.WebAuthn)
	id := awsapi.Value(w.RelyingPartyId)
	if id == "" {
		id = awsapi.Value(p.Description.CustomDomain)
	}
	if id == "" {
		return passkey.Ceremony{}, errNoRelyingParty
	}
	return passkey.Ceremony{
		RelyingParty: id, Challenge: challenge, User: []byte(sub),
		Verified: awsapi.Value(w.UserVerification) == cognitoidp.UserVerificationTypeRequired || passkeysAreTwoFactors(p),
	}, nil
}

// passkeysAreTwoFactors reports whether a passkey that has verified its owner
// counts as both factors.
func passkeysAreTwoFactors(p *userpool.Pool) bool {
	return awsapi.Value(awsapi.Value(p.Factors.WebAuthn).FactorConfiguration) == cognitoidp.WebAuthnFactorConfigurationTypeMultiFactorWithUserVerification
}

// StartPasskey begins to register a passkey of the user of an access token,
// and returns what their browser is called with.
func (s *Service) StartPasskey(ctx context.Context, p *userpool.Pool, sub, client string) (json.RawMessage, error) {
	c, err := ceremony(p, sub, secretbox.Bytes(passkey.ChallengeSize))
	if err != nil {
		return nil, err
	}
	var options json.RawMessage
	expires := s.now().Add(registrationLife)
	err = s.changeFactors(ctx, p, sub, func(u *User) (err error) {
		if len(u.Factors.Passkeys) >= maxPasskeys {
			return errTooManyPasskeys
		}
		u.Factors.Registration = &Registration{Challenge: c.Challenge, Client: client, ExpiresAt: expires}
		options, err = c.Creation(u.Username, u.Factors.Passkeys)
		return err
	})
	return options, err
}

// CompletePasskey registers the passkey that a browser has made. A
// registration completes once.
func (s *Service) CompletePasskey(ctx context.Context, p *userpool.Pool, u *User, client string, answer json.RawMessage) error {
	begun := u.Factors.Registration
	if begun == nil || !s.now().Before(begun.ExpiresAt) {
		return errNoRegistration
	}
	if begun.Client != client {
		return errOtherClient
	}
	c, err := ceremony(p, u.Sub, begun.Challenge)
	if err != nil {
		return err
	}
	key, err := c.Register(answer, s.now())
	for _, known := range errOfPasskeyAnswers {
		if errors.Is(err, known.from) {
			return known.to
		}
	}
	if err != nil {
		return err
	}
	return s.changeFactors(ctx, p, u.Sub, func(current *User) error {
		now := current.Factors.Registration
		switch {
		case now == nil || !bytes.Equal(now.Challenge, begun.Challenge):
			return errNoRegistration
		case len(current.Factors.Passkeys) >= maxPasskeys:
			return errTooManyPasskeys
		case current.Factors.passkey(key.ID) >= 0:
			return errPasskeyTwice
		}
		current.Factors.Registration = nil
		current.Factors.Passkeys = append(current.Factors.Passkeys, *key)
		return nil
	})
}

// DeletePasskey takes a passkey away, by its id as the API writes it.
func (s *Service) DeletePasskey(ctx context.Context, p *userpool.Pool, sub, id string) error {
	return s.changeFactors(ctx, p, sub, func(u *User) error {
		i := slices.IndexFunc(u.Factors.Passkeys, func(k passkey.Credential) bool { return k.Text() == id })
		if i < 0 {
			return errPasskeyUnknown
		}
		u.Factors.Passkeys = slices.Delete(u.Factors.Passkeys, i, i+1)
		return nil
	})
}

// passkey returns the index of a passkey by id, -1 for none.
func (f *Factors) passkey(id []byte) int {
	return slices.IndexFunc(f.Passkeys, func(k passkey.Credential) bool { return bytes.Equal(k.ID, id) })
}

// hasPasskey reports whether u can sign in with a passkey.
func hasPasskey(p *userpool.Pool, u *User) bool {
	c, err := ceremony(p, u.Sub, nil)
	return err == nil && slices.ContainsFunc(u.Factors.Passkeys, func(k passkey.Credential) bool { return k.RelyingParty == c.RelyingParty })
}

// PasskeyRequest writes what the browser of a user who signs in is called
// with.
func (s *Service) PasskeyRequest(p *userpool.Pool, u *User, challenge []byte) (string, error) {
	c, err := ceremony(p, u.Sub, challenge)
	if err != nil {
		return "", err
	}
	return c.Request(u.Factors.Passkeys)
}

// CheckPasskey checks what a browser has answered to a PasskeyRequest, and
// returns the passkey as it is after its use.
func (s *Service) CheckPasskey(p *userpool.Pool, u *User, challenge []byte, answer string) (passkey.Credential, error) {
	c, err := ceremony(p, u.Sub, challenge)
	if err != nil {
		return passkey.Credential{}, err
	}
	used, _, err := c.Authenticate([]byte(answer), u.Factors.Passkeys)
	return used, err
}

// UsePasskey stores the counter of a passkey that was used, in the transaction
// that has read u. It answers errPasskeyInvalid if the passkey has gone, or
// has been used with a later counter meanwhile.
func (s *Service) UsePasskey(ctx context.Context, u *User, used passkey.Credential) error {
	i := u.Factors.passkey(used.ID)
	if i < 0 {
		return errPasskeyInvalid
	}
	switch known := &u.Factors.Passkeys[i]; {
	case used.SignCount == 0 && known.SignCount == 0:
		return nil // the authenticator does not count
	case used.SignCount <= known.SignCount:
		return errPasskeyInvalid
	default:
		known.SignCount = used.SignCount
	}
	return s.factors.SaveFactors(ctx, u)
}
