package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/otp"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/userpool"
)

// SoftwareToken is an authenticator app of a user, which has shown that it
// knows the secret.
type SoftwareToken struct {
	Secret []byte `json:"secret"`
	Name   string `json:"name,omitzero"` // FriendlyDeviceName
	// Step is the newest time step of which a code was used. No code of it or
	// of an earlier one is accepted again.
	Step int64 `json:"step"`
}

// Failures of software tokens.
var (
	ErrNoSoftwareToken   = cognitoidp.SoftwareTokenMFANotFoundException("Software Token MFA has not been enabled by the userPool")
	errTokenNotConfirmed = cognitoidp.EnableSoftwareTokenMFAException("Code mismatch and fail enable Software Token MFA")
	ErrFactorCode        = cognitoidp.CodeMismatchException("Invalid code received for user")
	errTokenUsed         = cognitoidp.ExpiredCodeException("Your software token has already been used once.")
)

// NewSoftwareToken draws the secret of a token. Where the pool does not offer
// software tokens there is none.
func NewSoftwareToken(p *userpool.Pool) ([]byte, error) {
	if !Offers(p, SoftwareTokenFactor) {
		return nil, ErrNoSoftwareToken
	}
	return secretbox.Bytes(otp.SecretSize), nil
}

// AssociateSoftwareToken hands out the secret of a new token. A token that is
// in use stays so until the new one is verified.
func (s *Service) AssociateSoftwareToken(ctx context.Context, p *userpool.Pool, sub string) ([]byte, error) {
	secret, err := NewSoftwareToken(p)
	if err != nil {
		return nil, err
	}
	err = s.changeFactors(ctx, p, sub, func(u *User) error {
		u.Factors.Pending = secret
		return nil
	})
	return secret, err
}

// TokenProof is what a person brings along to have a new token verified.
type TokenProof struct {
	Code string
	Name string // FriendlyDeviceName; empty for none
}

// Verified returns the token of a secret that has been handed out, if the code
// proves it. The code counts as used.
func (s *Service) Verified(secret []byte, proof TokenProof) (*SoftwareToken, error) {
	step, ok := otp.Verify(secret, proof.Code, s.now())
	if !ok {
		return nil, errTokenNotConfirmed
	}
	return &SoftwareToken{Secret: secret, Name: proof.Name, Step: step}, nil
}

// VerifySoftwareToken puts the token that was associated last in the place of
// the one before, if there is one. It becomes active by SetMFAPreference.
func (s *Service) VerifySoftwareToken(ctx context.Context, p *userpool.Pool, sub string, proof TokenProof) error {
	if !Offers(p, SoftwareTokenFactor) {
		return ErrNoSoftwareToken
	}
	return s.changeFactors(ctx, p, sub, func(u *User) error {
		if u.Factors.Pending == nil {
			return errTokenNotConfirmed
		}
		token, err := s.Verified(u.Factors.Pending, proof)
		if err != nil {
			return err
		}
		u.Factors.Token, u.Factors.Pending = token, nil
		return nil
	})
}

// ActivateSoftwareToken stores a token that was verified during a sign-in, and
// turns it on at once. u is the row as ctx's transaction has read it.
func (s *Service) ActivateSoftwareToken(ctx context.Context, u *User, token *SoftwareToken) error {
	u.Factors.Token, u.Factors.Pending = token, nil
	u.Factors.set(SoftwareTokenFactor, true)
	return s.factors.SaveFactors(ctx, u)
}

// CheckSoftwareToken compares a code with u's token and returns the step that
// it is of, for UseSoftwareToken. It answers ErrFactorCode for a wrong code.
func (s *Service) CheckSoftwareToken(u *User, code string) (step int64, err error) {
	if u.Factors.Token == nil {
		return 0, ErrFactorCode
	}
	step, ok := otp.Verify(u.Factors.Token.Secret, code, s.now())
	switch {
	case !ok:
		return 0, ErrFactorCode
	case step <= u.Factors.Token.Step:
		return 0, errTokenUsed
	}
	return step, nil
}

// UseSoftwareToken uses a step of u's token up, in ctx's transaction, which
// has read u: of two sign-ins with one code only one gets past here.
func (s *Service) UseSoftwareToken(ctx context.Context, u *User, step int64) error {
	if u.Factors.Token == nil {
		return ErrFactorCode
	}
	if step <= u.Factors.Token.Step {
		return errTokenUsed
	}
	u.Factors.Token.Step = step
	return s.factors.SaveFactors(ctx, u)
}

// DeleteSoftwareToken takes a user's token away, and one that was handed out
// and not verified yet.
func (s *Service) DeleteSoftwareToken(ctx context.Context, p *userpool.Pool, name string) error {
	return s.changeFactors(ctx, p, name, func(u *User) error {
		u.Factors.Token, u.Factors.Pending = nil, nil
		u.Factors.set(SoftwareTokenFactor, false)
		return nil
	})
}
