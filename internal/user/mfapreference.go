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

// Sentences that are UNCONFIRMED.
var (
	errPreferredOff   = cognitoidp.InvalidParameterException("A factor that is not enabled cannot be the preferred MFA.")
	errPreferredTwice = cognitoidp.InvalidParameterException("Only one factor can be the preferred MFA.")
	errMFAOption      = cognitoidp.InvalidParameterException("MFAOptions can set up SMS to the attribute phone_number alone.")
)

func errNoDelivery(x Factor) *awsapi.Error {
	return cognitoidp.InvalidParameterException("User does not have delivery config set to turn on %s", string(x))
}

// SetMFAPreference says which factors a sign-in of a user asks for. A factor
// that could not be asked for cannot be turned on: the user would believe in a
// protection that is not there.
func (s *Service) SetMFAPreference(ctx context.Context, p *userpool.Pool, name string, wanted []Preference) error {
	preferred := Factor("")
	for _, w := range wanted {
		switch {
		case w.Preferred && !w.Enabled:
			return errPreferredOff
		case w.Preferred && preferred != "":
			return errPreferredTwice
		case w.Preferred:
			preferred = w.Factor
		}
	}
	return s.changeFactors(ctx, p, name, func(u *User) error {
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
