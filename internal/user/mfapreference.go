package user

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Preference is what is wanted of one factor. Factors that no preference
// names stay as they are.
type Preference struct {
	Factor    Factor
	Enabled   bool
	Preferred bool
}

// PasskeyMFA names in lists that a user's passkeys count as both factors.
const PasskeyMFA = "WEB_AUTHN_MFA"

// errPasskeyAlone has been seen on the service: what is turned on already does
// not count, the other factor has to be in the same request.
var errPasskeyAlone = cognitoidp.InvalidParameterException("WebAuthn MFA requires enabling an additional MFA setting.")

// Sentences that are UNCONFIRMED.
var (
	errPreferredOff   = cognitoidp.InvalidParameterException("A factor that is not enabled cannot be the preferred MFA.")
	errPreferredTwice = cognitoidp.InvalidParameterException("Only one factor can be the preferred MFA.")
	errPasskeyMFA     = cognitoidp.InvalidParameterException("User does not have delivery config set to turn on %s", PasskeyMFA)
	errMFAOption      = cognitoidp.InvalidParameterException("MFAOptions can set up SMS to the attribute phone_number alone.")
)

func errNoDelivery(x Factor) *awsapi.Error {
	return cognitoidp.InvalidParameterException("User does not have delivery config set to turn on %s", string(x))
}

// SetMFAPreference says which factors a sign-in of a user asks for, and whether
// the user's passkeys count as two; nil leaves that as it is. A factor that
// could not be asked for cannot be turned on: the user would believe in a
// protection that is not there. Passkeys can be lost, so they count only beside
// another factor.
func (s *Service) SetMFAPreference(ctx context.Context, p *userpool.Pool, name string, wanted []Preference, passkeys *bool) error {
	preferred, beside := Factor(""), false
	for _, w := range wanted {
		beside = beside || w.Enabled
		switch {
		case w.Preferred && !w.Enabled:
			return errPreferredOff
		case w.Preferred && preferred != "":
			return errPreferredTwice
		case w.Preferred:
			preferred = w.Factor
		}
	}
	if awsapi.Value(passkeys) {
		switch {
		case !passkeysAreTwoFactors(p):
			return errPasskeyMFA
		case !beside:
			return errPasskeyAlone
		}
	}
	return s.changeFactors(ctx, p, name, func(u *User) error {
		if passkeys != nil {
			u.Factors.PasskeyMFA = *passkeys
		}
		for _, w := range wanted {
			if w.Enabled && !u.mayTurnOn(p, w.Factor) {
				return errNoDelivery(w.Factor)
			}
			u.Factors.set(w.Factor, w.Enabled)
			if w.Factor == SMSFactor {
				u.Factors.LegacySMS = false
			}
			if u.Factors.Preferred == w.Factor {
				u.Factors.Preferred = ""
			}
		}
		if preferred != "" {
			u.Factors.Preferred = preferred
		}
		return nil
	})
}

func (u *User) mayTurnOn(p *userpool.Pool, x Factor) bool {
	return u.CanUse(x) && (x == SoftwareTokenFactor || Offers(p, x))
}

// MFAOption is a setting of SetUserSettings, which is older than the other
// factors: a medium and the attribute that codes go to.
type MFAOption struct {
	Medium    string
	Attribute string
}

// SetMFAOptions turns SMS on in the old way, or off with no option.
func (s *Service) SetMFAOptions(ctx context.Context, p *userpool.Pool, name string, options []MFAOption) error {
	for _, o := range options {
		if o.Medium != "SMS" || o.Attribute != attrPhone {
			return errMFAOption
		}
	}
	return s.changeFactors(ctx, p, name, func(u *User) error {
		u.Factors.LegacySMS = len(options) > 0
		if u.Factors.LegacySMS && !u.mayTurnOn(p, SMSFactor) {
			return errNoDelivery(SMSFactor)
		}
		return nil
	})
}

// MFAOptions returns what SetMFAOptions has set.
func (u *User) MFAOptions() []MFAOption {
	if !u.Factors.LegacySMS {
		return nil
	}
	return []MFAOption{{Medium: "SMS", Attribute: attrPhone}}
}
