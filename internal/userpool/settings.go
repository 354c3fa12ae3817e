package userpool

import (
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// settingsOf takes out of a creation request what an update could set too.
func settingsOf(in *cognitoidp.CreateUserPoolRequest) *cognitoidp.UpdateUserPoolRequest {
	return &cognitoidp.UpdateUserPoolRequest{
		Policies:                    in.Policies,
		DeletionProtection:          in.DeletionProtection,
		LambdaConfig:                in.LambdaConfig,
		AutoVerifiedAttributes:      in.AutoVerifiedAttributes,
		SmsVerificationMessage:      in.SmsVerificationMessage,
		EmailVerificationMessage:    in.EmailVerificationMessage,
		EmailVerificationSubject:    in.EmailVerificationSubject,
		VerificationMessageTemplate: in.VerificationMessageTemplate,
		SmsAuthenticationMessage:    in.SmsAuthenticationMessage,
		UserAttributeUpdateSettings: in.UserAttributeUpdateSettings,
		MfaConfiguration:            in.MfaConfiguration,
		DeviceConfiguration:         in.DeviceConfiguration,
		EmailConfiguration:          in.EmailConfiguration,
		SmsConfiguration:            in.SmsConfiguration,
		UserPoolTags:                in.UserPoolTags,
		AdminCreateUserConfig:       in.AdminCreateUserConfig,
		UserPoolAddOns:              in.UserPoolAddOns,
		AccountRecoverySetting:      in.AccountRecoverySetting,
		PoolName:                    in.PoolName,
		UserPoolTier:                in.UserPoolTier,
		KeyConfiguration:            in.KeyConfiguration,
		IssuerConfiguration:         in.IssuerConfiguration,
		DcrConfiguration:            in.DcrConfiguration,
		AcrConfiguration:            in.AcrConfiguration,
	}
}

// apply returns the description that follows from an update of old. What the
// update leaves out returns to its default, but for the name, the tags, the
// tier and UserAttributeUpdateSettings, which stay.
//
// That UserAttributeUpdateSettings stays has been seen on the service (an
// update that leaves out it and AutoVerifiedAttributes fails because the
// former still names what the latter lost). That tags and tier stay is
// UNCONFIRMED; infrastructure tools send neither and expect it.
func apply(old cognitoidp.UserPoolType, in *cognitoidp.UpdateUserPoolRequest) (cognitoidp.UserPoolType, error) {
	policies, err := policies(in)
	if err != nil {
		return old, err
	}
	levels, err := levelNames(in.AcrConfiguration)
	if err != nil {
		return old, err
	}
	return cognitoidp.UserPoolType{
		// Fixed at creation.
		SchemaAttributes:      old.SchemaAttributes,
		AliasAttributes:       old.AliasAttributes,
		UsernameAttributes:    old.UsernameAttributes,
		UsernameConfiguration: old.UsernameConfiguration,
		Domain:                old.Domain,
		CustomDomain:          old.CustomDomain,

		// Kept when left out.
		Name:                        or(in.PoolName, old.Name),
		UserPoolTags:                orMap(in.UserPoolTags, old.UserPoolTags),
		UserPoolTier:                or(in.UserPoolTier, old.UserPoolTier),
		UserAttributeUpdateSettings: or(in.UserAttributeUpdateSettings, old.UserAttributeUpdateSettings),

		// Back to the default when left out.
		Policies:                    policies,
		DeletionProtection:          or(in.DeletionProtection, new(cognitoidp.DeletionProtectionTypeInactive)),
		LambdaConfig:                or(in.LambdaConfig, new(cognitoidp.LambdaConfigType)),
		AutoVerifiedAttributes:      in.AutoVerifiedAttributes,
		SmsVerificationMessage:      in.SmsVerificationMessage,
		EmailVerificationMessage:    in.EmailVerificationMessage,
		EmailVerificationSubject:    in.EmailVerificationSubject,
		VerificationMessageTemplate: template(in.VerificationMessageTemplate),
		SmsAuthenticationMessage:    in.SmsAuthenticationMessage,
		MfaConfiguration:            or(in.MfaConfiguration, new(cognitoidp.UserPoolMfaTypeOff)),
		DeviceConfiguration:         in.DeviceConfiguration,
		EmailConfiguration:          email(in.EmailConfiguration),
		SmsConfiguration:            in.SmsConfiguration,
		AdminCreateUserConfig:       adminCreate(in.AdminCreateUserConfig, policies),
		UserPoolAddOns:              in.UserPoolAddOns,
		AccountRecoverySetting:      in.AccountRecoverySetting,
		KeyConfiguration:            in.KeyConfiguration,
		IssuerConfiguration:         in.IssuerConfiguration,
		AcrConfiguration:            levels,
	}, nil
}

// fresh is what a pool without any settings starts from.
func fresh() cognitoidp.UserPoolType {
	return cognitoidp.UserPoolType{
		UserPoolTier: new(cognitoidp.UserPoolTierTypeEssentials),
		UserAttributeUpdateSettings: &cognitoidp.UserAttributeUpdateSettingsType{
			AttributesRequireVerificationBeforeUpdate: []cognitoidp.VerifiedAttributeType{},
		},
	}
}

// Defaults of a password policy that is given in part. UNCONFIRMED for the
// length: clients that cannot tell false from absent leave the four rules out
// to turn them off, so those default to false, and the length has to be
// something.
const (
	defaultMinimumLength = 8
	defaultValidityDays  = 7
)

// policies completes the pool's policies. A temporary password lives as long
// as the password policy says, else as the older UnusedAccountValidityDays
// says, else seven days. Zero counts as not given.
func policies(in *cognitoidp.UpdateUserPoolRequest) (*cognitoidp.UserPoolPolicyType, error) {
	given := awsapi.Value(in.Policies)
	password := cognitoidp.PasswordPolicyType{
		RequireUppercase: new(true), RequireLowercase: new(true), RequireNumbers: new(true), RequireSymbols: new(true),
	}
	if given.PasswordPolicy != nil {
		password = *given.PasswordPolicy
	}
	for _, rule := range []**bool{&password.RequireUppercase, &password.RequireLowercase, &password.RequireNumbers, &password.RequireSymbols} {
		*rule = or(*rule, new(false))
	}
	password.MinimumLength = or(password.MinimumLength, new(int64(defaultMinimumLength)))

	older := awsapi.Value(awsapi.Value(in.AdminCreateUserConfig).UnusedAccountValidityDays)
	switch days := awsapi.Value(password.TemporaryPasswordValidityDays); {
	case days != 0 && older != 0:
		return nil, cognitoidp.InvalidParameterException("Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")
	case older != 0:
		password.TemporaryPasswordValidityDays = &older
	case days == 0:
		password.TemporaryPasswordValidityDays = new(int64(defaultValidityDays))
	}

	signIn := given.SignInPolicy
	if signIn == nil || signIn.AllowedFirstAuthFactors == nil {
		signIn = &cognitoidp.SignInPolicyType{AllowedFirstAuthFactors: []cognitoidp.AuthFactorType{cognitoidp.AuthFactorTypePassword}}
	}
	return &cognitoidp.UserPoolPolicyType{PasswordPolicy: &password, SignInPolicy: signIn}, nil
}

func template(in *cognitoidp.VerificationMessageTemplateType) *cognitoidp.VerificationMessageTemplateType {
	t := awsapi.Value(in)
	t.DefaultEmailOption = or(t.DefaultEmailOption, new(cognitoidp.DefaultEmailOptionTypeConfirmWithCode))
	return &t
}

func email(in *cognitoidp.EmailConfigurationType) *cognitoidp.EmailConfigurationType {
	c := awsapi.Value(in)
	c.EmailSendingAccount = or(c.EmailSendingAccount, new(cognitoidp.EmailSendingAccountTypeCognitoDefault))
	return &c
}

// adminCreate completes AdminCreateUserConfig. Its UnusedAccountValidityDays
// is another name for the password policy's TemporaryPasswordValidityDays.
func adminCreate(in *cognitoidp.AdminCreateUserConfigType, p *cognitoidp.UserPoolPolicyType) *cognitoidp.AdminCreateUserConfigType {
	c := awsapi.Value(in)
	c.AllowAdminCreateUserOnly = or(c.AllowAdminCreateUserOnly, new(false))
	c.UnusedAccountValidityDays = p.PasswordPolicy.TemporaryPasswordValidityDays
	return &c
}

// or returns p, or otherwise if p is nil.
func or[T any](p, otherwise *T) *T {
	if p == nil {
		return otherwise
	}
	return p
}

func orMap(m, otherwise map[string]string) map[string]string {
	if m == nil {
		return otherwise
	}
	return m
}
