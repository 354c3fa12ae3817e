package account

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// PasswordPolicy says what passwords of an account's users must look like.
type PasswordPolicy struct {
	MinimumLength  int // in characters
	Lowercase      bool
	Uppercase      bool
	Numbers        bool
	Symbols        bool
	UsersMayChange bool  // through the console of AWS; IAM decides here
	MaxAge         int   // in days; 0: passwords do not expire
	Remembered     int   // how many former passwords may not come back; 0: all may
	HardExpiry     *bool // nil: the account did not say
}

// Bounds of a policy; lengths are in characters.
const (
	leastPasswordLength   = 6 // of a policy that does not say
	defaultPasswordLength = 8 // of an account without a policy
	maxRemembered         = 24
)

// Kinds of characters that a policy can ask for (IAM user guide, "Set an
// account password policy for IAM users").
const (
	passwordLower   = "abcdefghijklmnopqrstuvwxyz"
	passwordUpper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	passwordNumbers = "0123456789"
	passwordSymbols = "!@#$%^&*()_+-=[]{}|'"
)

// fits reports whether a password conforms. Without a policy the default one
// counts: eight characters of three kinds, and not the account's name.
func (p *PasswordPolicy) fits(password string, a Account) bool {
	length := utf8.RuneCountInString(password)
	if p == nil {
		kinds := 0
		for _, set := range []string{passwordLower, passwordUpper, passwordNumbers, passwordSymbols} {
			if strings.ContainsAny(password, set) {
				kinds++
			}
		}
		return length >= defaultPasswordLength && kinds >= 3 && password != a.Name && password != a.ID
	}
	for set, asked := range map[string]bool{
		passwordLower: p.Lowercase, passwordUpper: p.Uppercase, passwordNumbers: p.Numbers, passwordSymbols: p.Symbols,
	} {
		if asked && !strings.ContainsAny(password, set) {
			return false
		}
	}
	return length >= p.MinimumLength
}

// SetPasswordPolicy replaces the account's password policy as a whole. A
// length of 0 is the least one. Passwords that are set already stay.
func (s *Service) SetPasswordPolicy(ctx context.Context, account string, p PasswordPolicy) error {
	if p.MinimumLength == 0 {
		p.MinimumLength = leastPasswordLength
	}
	return s.changeSettings(ctx, account, func(settings *Settings) error {
		settings.PasswordPolicy = &p
		return nil
	})
}

// PasswordPolicy returns the policy that the account has set.
func (s *Service) PasswordPolicy(ctx context.Context, account string) (*PasswordPolicy, error) {
	settings, err := s.stores.Settings.Settings(ctx, account)
	if err == nil && settings.PasswordPolicy == nil {
		err = iam.NoSuchEntityException("The Password Policy with domain name %s cannot be found.", account)
	}
	return settings.PasswordPolicy, err
}

// DeletePasswordPolicy brings the default policy back.
func (s *Service) DeletePasswordPolicy(ctx context.Context, account string) error {
	return s.changeSettings(ctx, account, func(settings *Settings) error {
		if settings.PasswordPolicy == nil {
			return iam.NoSuchEntityException("The account policy with name PasswordPolicy cannot be found.")
		}
		settings.PasswordPolicy = nil
		return nil
	})
}
