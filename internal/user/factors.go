package user

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cenote-id/cenote/internal/passkey"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Factor is a second factor, by the name of its challenge and in
// UserMFASettingList.
type Factor string

// Second factors, in the order in which they are listed.
const (
	SMSFactor           Factor = "SMS_MFA"
	SoftwareTokenFactor Factor = "SOFTWARE_TOKEN_MFA"
	EmailFactor         Factor = "EMAIL_OTP"
)

var everyFactor = []Factor{SMSFactor, SoftwareTokenFactor, EmailFactor}

// Factors is what a user has set up to sign in with beside a password. It
// holds secrets: it is stored sealed, and never logged.
type Factors struct {
	Token     *SoftwareToken `json:"token,omitzero"`     // verified; nil without one
	Pending   []byte         `json:"pending,omitempty"`  // secret of a token that was handed out and not verified yet
	Enabled   []Factor       `json:"enabled,omitempty"`  // turned on, whether usable now or not
	Preferred Factor         `json:"preferred,omitzero"` // one of Enabled; empty for none
	LegacySMS bool           `json:"legacySms,omitzero"` // turned on by SetUserSettings

	// Passkeys are a first factor, kept here because a sign-in reads them in
	// the same row.
	Passkeys     []passkey.Credential `json:"passkeys,omitempty"`
	PasskeyMFA   bool                 `json:"passkeyMfa,omitzero"`   // a passkey counts as both factors, where the pool admits it
	Registration *Registration        `json:"registration,omitzero"` // begun and not completed
}

// Encode writes factors for sealing; nil for a user who has set up none.
func (f *Factors) Encode() ([]byte, error) {
	if f.Token == nil && f.Pending == nil && len(f.Enabled) == 0 && !f.LegacySMS && len(f.Passkeys) == 0 && f.Registration == nil && !f.PasskeyMFA {
		return nil, nil
	}
	return json.Marshal(f)
}

// DecodeFactors reads what Encode wrote.
func DecodeFactors(b []byte) (f Factors, err error) {
	if b == nil {
		return f, nil
	}
	return f, json.Unmarshal(b, &f)
}

// set turns a factor on or off.
func (f *Factors) set(x Factor, on bool) {
	f.Enabled = slices.DeleteFunc(slices.Clone(f.Enabled), func(y Factor) bool { return x == y })
	if on {
		f.Enabled = append(f.Enabled, x)
	} else if f.Preferred == x {
		f.Preferred = ""
	}
}

// FactorStore keeps second factors.
type FactorStore interface {
	// SaveFactors writes the factors of a user alone, whose Version is the one
	// that was read.
	SaveFactors(ctx context.Context, u *User) error
}

// Address returns the attribute that codes of a factor go to; empty for
// software tokens.
func (x Factor) Address() string {
	switch x {
	case SMSFactor:
		return attrPhone
	case EmailFactor:
		return attrEmail
	}
	return ""
}

// CanUse reports whether u has what a factor needs: a verified token, or an
// address.
func (u *User) CanUse(x Factor) bool {
	if x == SoftwareTokenFactor {
		return u.Factors.Token != nil
	}
	return u.Attributes.Value(x.Address()) != ""
}

// MFASettings lists the factors that u has turned on and can use
// (UserMFASettingList), and which of them is preferred, empty for none.
func (u *User) MFASettings() (list []Factor, preferred Factor) {
	for _, x := range everyFactor {
		if slices.Contains(u.Factors.Enabled, x) && u.CanUse(x) {
			list = append(list, x)
		}
	}
	if slices.Contains(list, u.Factors.Preferred) {
		preferred = u.Factors.Preferred
	}
	return list, preferred
}

// ActiveFactors lists the factors that a sign-in of u asks for, one of which
// may be preferred. A software token stays in force when the pool stops
// offering new ones; codes that the pool cannot send do not.
func ActiveFactors(p *userpool.Pool, u *User) (list []Factor, preferred Factor) {
	enabled, preferred := u.MFASettings()
	if u.Factors.LegacySMS && u.CanUse(SMSFactor) && !slices.Contains(enabled, SMSFactor) {
		enabled = slices.Insert(enabled, 0, SMSFactor)
	}
	for _, x := range enabled {
		if x == SoftwareTokenFactor || Offers(p, x) {
			list = append(list, x)
		}
	}
	if !slices.Contains(list, preferred) {
		preferred = ""
	}
	return list, preferred
}

// Offers reports whether users of a pool may set up a factor.
func Offers(p *userpool.Pool, x Factor) bool {
	switch x {
	case SMSFactor:
		return p.Factors.SMS
	case SoftwareTokenFactor:
		return p.Factors.SoftwareToken != nil
	case EmailFactor:
		return p.Factors.Email != nil
	}
	return false
}

// changeFactors finds a user, changes their factors and writes them back, in
// one transaction.
func (s *Service) changeFactors(ctx context.Context, p *userpool.Pool, name string, change func(*User) error) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, name)
		if err != nil {
			return err
		}
		if err := change(u); err != nil {
			return err
		}
		return s.factors.SaveFactors(ctx, u)
	})
}
