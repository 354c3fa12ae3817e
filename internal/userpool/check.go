package userpool

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// check refuses a description that contradicts itself, or that asks for what
// this deployment must not pretend to do. The sentences are the service's,
// but for those under "Sentences of our own".
func (p *Pool) check() error {
	for _, rule := range []func(*Pool) error{
		checkSignInNames, checkFactors, checkMessages, checkRecovery, checkFunctions, checkTier, checkUnsupported,
	} {
		if err := rule(p); err != nil {
			return err
		}
	}
	return nil
}

// Sentences of our own, for requests that the service would accept.
const (
	textNoEnforcedProtection = "AdvancedSecurityMode ENFORCED is not supported by this deployment: nothing would block a risky sign-in."
	textNoCustomerKey        = "KeyType CUSTOMER_MANAGED_KEY is not supported by this deployment: secrets are sealed under the deployment's own keys."
	textNoRegistration       = "DcrConfiguration is not supported by this deployment."
)

func checkSignInNames(p *Pool) error {
	d := &p.Description
	if len(d.AliasAttributes) > 0 && len(d.UsernameAttributes) > 0 {
		return cognitoidp.InvalidParameterException("Only one of the aliasAttributes or usernameAttributes can be set in a User Pool.")
	}
	for _, a := range awsapi.Value(d.UserAttributeUpdateSettings).AttributesRequireVerificationBeforeUpdate {
		if !p.AutoVerifies(string(a)) {
			return cognitoidp.InvalidParameterException("All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes")
		}
	}
	if !slices.Contains(p.FirstFactors(), cognitoidp.AuthFactorTypePassword) {
		return cognitoidp.InvalidParameterException("Password should be configured as one of the allowed first auth factors.")
	}
	return nil
}

func checkFactors(p *Pool) error {
	d := &p.Description
	if p.AutoVerifies("phone_number") && d.SmsConfiguration == nil {
		return cognitoidp.InvalidParameterException("SMS configuration is required when phone_number is selected for auto verification")
	}
	f := p.Factors
	if p.MFA() != cognitoidp.UserPoolMfaTypeOff && !f.any() {
		return cognitoidp.InvalidParameterException("SMS configuration and Auto verification for phone_number are required when MFA is required/optional")
	}
	if f.Email != nil && awsapi.Value(d.EmailConfiguration.EmailSendingAccount) != cognitoidp.EmailSendingAccountTypeDeveloper {
		return cognitoidp.InvalidParameterException("Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT.")
	}
	if sms := d.SmsConfiguration; sms != nil && sms.SnsCallerArn != nil && *sms.SnsCallerArn != "" {
		if arn, ok := awsapi.ParseARN(*sms.SnsCallerArn); ok && arn.Account != p.Account {
			return errCrossAccountRole()
		}
	}
	return nil
}

// errCrossAccountRole refuses a role that belongs to another account: a pool's
// owner may only hand on roles of their own.
func errCrossAccountRole() error {
	return cognitoidp.InvalidParameterException("Cross-account pass role is not allowed.")
}

func checkMessages(p *Pool) error {
	d := &p.Description
	developer := awsapi.Value(d.EmailConfiguration.EmailSendingAccount) == cognitoidp.EmailSendingAccountTypeDeveloper
	switch {
	case developer && d.EmailConfiguration.SourceArn == nil:
		return cognitoidp.InvalidParameterException("Source ARN is required to use DEVELOPER email sending owner")
	case !developer && d.EmailConfiguration.SourceArn != nil:
		return cognitoidp.InvalidParameterException("Cognito is not allowed to use your email identity")
	}
	invite := awsapi.Value(d.AdminCreateUserConfig.InviteMessageTemplate)
	if err := checkInvite("smsMessage", invite.SMSMessage); err != nil {
		return err
	}
	return checkInvite("emailMessage", invite.EmailMessage)
}

// checkInvite wants an invitation to say both what its reader needs.
func checkInvite(name string, m *string) error {
	if m == nil || (strings.Contains(*m, "{username}") && strings.Contains(*m, "{####}")) {
		return nil
	}
	return cognitoidp.InvalidParameterException(textInvite, *m, name)
}

// textInvite is UNCONFIRMED beyond its being a pattern violation.
const textInvite = "1 validation error detected: Value '%s' at 'adminCreateUserConfig.inviteMessageTemplate.%s' failed to satisfy constraint: Member must satisfy regular expression pattern: .*\\{####\\}.*\\{username\\}.*|.*\\{username\\}.*\\{####\\}.*"

func checkRecovery(p *Pool) error {
	options := p.RecoveryMechanisms()
	var names []cognitoidp.RecoveryOptionNameType
	var priorities []int64
	for _, o := range options {
		if slices.Contains(names, *o.Name) || slices.Contains(priorities, *o.Priority) {
			return cognitoidp.InvalidParameterException("Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.")
		}
		names, priorities = append(names, *o.Name), append(priorities, *o.Priority)
	}
	if len(names) > 1 && slices.Contains(names, cognitoidp.RecoveryOptionNameTypeAdminOnly) {
		return cognitoidp.InvalidParameterException("Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.")
	}
	return nil
}

func checkFunctions(p *Pool) error {
	c := p.Description.LambdaConfig
	if c.KMSKeyID == nil && (c.CustomSMSSender != nil || c.CustomEmailSender != nil) {
		return cognitoidp.InvalidParameterException("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")
	}
	if c.PreTokenGeneration != nil && c.PreTokenGenerationConfig != nil && *c.PreTokenGeneration != *c.PreTokenGenerationConfig.LambdaArn {
		return cognitoidp.InvalidParameterException("Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's")
	}
	for _, t := range everyTrigger {
		if arn, ok := awsapi.ParseARN(p.TriggerARN(t)); ok && arn.Service == "lambda" && arn.Region != p.Region {
			return cognitoidp.InvalidParameterException("Cross-region lambda functions are not supported")
		}
	}
	return nil
}

// Names of features as the tier check prints them. The last three are
// UNCONFIRMED.
const (
	featureThreatProtection = "Threat Protection"
	featurePasswordless     = "Passwordless Sign-In"
	featurePreToken         = "Token Customization with Pre-Token Generation Lambda %s"
	featureEmailMFA         = "Email MFA"
	featurePasswordHistory  = "Password History"
	featureSessions         = "User Session Tracking"
	featureLevels           = "Step-up Authentication"
)

// checkTier refuses settings that the pool's feature plan does not include.
func checkTier(p *Pool) error {
	d := &p.Description
	var above []string
	if d.UserPoolAddOns != nil && p.Tier() != cognitoidp.UserPoolTierTypePlus &&
		awsapi.Value(d.UserPoolAddOns.AdvancedSecurityMode) != cognitoidp.AdvancedSecurityModeTypeOff {
		above = append(above, featureThreatProtection)
	}
	if p.Tier() == cognitoidp.UserPoolTierTypeLite {
		if v := d.LambdaConfig.PreTokenGenerationConfig; v != nil && awsapi.Value(v.LambdaVersion) != cognitoidp.PreTokenGenerationLambdaVersionTypeV10 {
			above = append(above, strings.Replace(featurePreToken, "%s", string(awsapi.Value(v.LambdaVersion)), 1))
		}
		if len(p.FirstFactors()) > 1 || p.Factors.WebAuthn != nil {
			above = append(above, featurePasswordless)
		}
		if p.Factors.Email != nil {
			above = append(above, featureEmailMFA)
		}
		if awsapi.Value(p.PasswordPolicy().PasswordHistorySize) > 0 {
			above = append(above, featurePasswordHistory)
		}
		if p.Sessions.Tracked {
			above = append(above, featureSessions)
		}
		if d.AcrConfiguration != nil {
			above = append(above, featureLevels)
		}
	}
	return p.unavailable(above...)
}

// unavailable says that the pool's feature plan does not include features; nil
// where there are none.
func (p *Pool) unavailable(features ...string) error {
	if len(features) == 0 {
		return nil
	}
	return cognitoidp.FeatureUnavailableInTierException("The following features need to be disabled for the %s pricing tier configured: %s",
		p.Tier(), strings.Join(features, ", "))
}

// CheckLevels refuses to ask for levels of authentication where the pool's
// feature plan does not include them.
func (p *Pool) CheckLevels() error {
	if p.Tier() != cognitoidp.UserPoolTierTypeLite {
		return nil
	}
	return p.unavailable(featureLevels)
}

func checkUnsupported(p *Pool) error {
	d := &p.Description
	if a := d.UserPoolAddOns; a != nil && (awsapi.Value(a.AdvancedSecurityMode) == cognitoidp.AdvancedSecurityModeTypeEnforced ||
		awsapi.Value(awsapi.Value(a.AdvancedSecurityAdditionalFlows).CustomAuthMode) == cognitoidp.AdvancedSecurityEnabledModeTypeEnforced) {
		return cognitoidp.InvalidParameterException(textNoEnforcedProtection)
	}
	if k := d.KeyConfiguration; k != nil && (awsapi.Value(k.KeyType) == cognitoidp.EncryptionKeyTypeCustomerManagedKey || k.KmsKeyArn != nil) {
		return cognitoidp.InvalidParameterException(textNoCustomerKey)
	}
	return nil
}

// checkRequest refuses members that no description can hold.
func checkRequest(in *cognitoidp.UpdateUserPoolRequest) error {
	if in.DcrConfiguration != nil {
		return cognitoidp.InvalidParameterException(textNoRegistration)
	}
	return nil
}
