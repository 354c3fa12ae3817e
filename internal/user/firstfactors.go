package user

import (
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// FirstFactors lists what u may begin to sign in with. A code to an address
// cannot be the first factor of a user who is asked for a second one: it
// would prove no more than that. Nor can a passkey, unless the pool and the
// user count it as two factors. Who comes in through an identity provider alone has none.
func FirstFactors(p *userpool.Pool, u *User) []cognitoidp.AuthFactorType {
	var list []cognitoidp.AuthFactorType
	if u.Status == ExternalProvider {
		return nil
	}
	if u.Credential != nil {
		list = append(list, cognitoidp.AuthFactorTypePassword)
	}
	active, _ := ActiveFactors(p, u)
	second := p.MFA() == cognitoidp.UserPoolMfaTypeOn || p.MFA() == cognitoidp.UserPoolMfaTypeOptional && len(active) > 0
	for _, code := range []struct {
		factor  cognitoidp.AuthFactorType
		address string
	}{
		{cognitoidp.AuthFactorTypeEmailOtp, attrEmail},
		{cognitoidp.AuthFactorTypeSmsOtp, attrPhone},
	} {
		if !second && slices.Contains(p.FirstFactors(), code.factor) && u.Attributes.Value(code.address) != "" {
			list = append(list, code.factor)
		}
	}
	if hasPasskey(p, u) && (!second || passkeysAreTwoFactors(p) && u.Factors.PasskeyMFA) {
		list = append(list, cognitoidp.AuthFactorTypeWebAuthn)
	}
	return list
}
