package userpool

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// any reports whether there is a second factor that a user could set up.
func (f Factors) any() bool { return f.SMS || f.SoftwareToken != nil || f.Email != nil }

// settle brings the factors in line with a description that an update made:
// turning MFA off takes the second factors away, turning it on with an SMS
// configuration offers SMS, and SMS cannot outlive its configuration.
func (p *Pool) settle() {
	switch {
	case p.MFA() == cognitoidp.UserPoolMfaTypeOff:
		p.Factors = Factors{WebAuthn: p.Factors.WebAuthn}
	default:
		p.Factors.SMS = p.Description.SmsConfiguration != nil
	}
}

// MFAConfig returns what GetUserPoolMfaConfig prints.
func (p *Pool) MFAConfig() *cognitoidp.GetUserPoolMfaConfigResponse {
	out := &cognitoidp.GetUserPoolMfaConfigResponse{
		SoftwareTokenMfaConfiguration: p.Factors.SoftwareToken,
		EmailMfaConfiguration:         p.Factors.Email,
		MfaConfiguration:              p.Description.MfaConfiguration,
		WebAuthnConfiguration:         p.Factors.WebAuthn,
	}
	if p.Factors.SMS {
		out.SmsMfaConfiguration = &cognitoidp.SmsMfaConfigType{
			SmsAuthenticationMessage: p.Description.SmsAuthenticationMessage,
			SmsConfiguration:         p.Description.SmsConfiguration,
		}
	}
	return out
}

// SetMFA changes whether and how a second factor is asked for. A request that
// names an MfaConfiguration replaces all second factors; one that does not
// (Terraform sends only passkey settings that way) changes only what it names.
func (s *Service) SetMFA(ctx context.Context, owner Owner, in *cognitoidp.SetUserPoolMfaConfigRequest) (*Pool, error) {
	return s.update(ctx, owner, *in.UserPoolId, func(p *Pool) error {
		if err := setMFA(p, in); err != nil {
			return err
		}
		return p.check()
	})
}

func setMFA(p *Pool, in *cognitoidp.SetUserPoolMfaConfigRequest) error {
	totp := in.SoftwareTokenMfaConfiguration
	if totp != nil && !awsapi.Value(totp.Enabled) {
		totp = nil
	}
	if in.MfaConfiguration != nil {
		off := *in.MfaConfiguration == cognitoidp.UserPoolMfaTypeOff
		named := in.SmsMfaConfiguration != nil || totp != nil || in.EmailMfaConfiguration != nil
		switch {
		case off && named:
			return cognitoidp.InvalidParameterException("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
		case !off && !named:
			return cognitoidp.InvalidParameterException("Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.")
		case !off && in.SmsMfaConfiguration == nil && p.Description.SmsConfiguration != nil:
			return cognitoidp.InvalidParameterException("Can't turn off SMS_MFA when SMS configuration is set for the user pool")
		}
		p.Description.MfaConfiguration = in.MfaConfiguration
		p.Factors = Factors{WebAuthn: p.Factors.WebAuthn}
	}
	if sms := in.SmsMfaConfiguration; sms != nil {
		p.Description.SmsConfiguration = or(sms.SmsConfiguration, p.Description.SmsConfiguration)
		p.Description.SmsAuthenticationMessage = or(sms.SmsAuthenticationMessage, p.Description.SmsAuthenticationMessage)
		p.Factors.SMS = p.Description.SmsConfiguration != nil
	}
	p.Factors.SoftwareToken = or(totp, p.Factors.SoftwareToken)
	p.Factors.Email = or(in.EmailMfaConfiguration, p.Factors.Email)
	p.Factors.WebAuthn = or(in.WebAuthnConfiguration, p.Factors.WebAuthn)
	return nil
}
