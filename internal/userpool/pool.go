package userpool

import (
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Owner is who pools belong to: one account in one region.
type Owner struct {
	Account string // 12 digits
	Region  string
}

// Pool is a user pool as last read.
type Pool struct {
	Owner
	ID         string // "<region>_" and nine letters or digits
	CreatedAt  time.Time
	ModifiedAt time.Time
	Version    int64 // of the row; an update must find the one it read

	// Description is what DescribeUserPool answers, but for Id, Arn, the dates
	// and the number of users. Policies, MfaConfiguration, UserPoolTier and
	// SchemaAttributes are never nil.
	Description cognitoidp.UserPoolType

	// Factors says which second factors the pool offers.
	Factors Factors

	// Sessions says whether the pool keeps count of sessions.
	Sessions Sessions
}

// Factors are the second factors of a pool, and its passkey settings. nil and
// false mean not configured.
type Factors struct {
	SMS           bool // how it is sent stands in the Description
	SoftwareToken *cognitoidp.SoftwareTokenMfaConfigType
	Email         *cognitoidp.EmailMfaConfigType
	WebAuthn      *cognitoidp.WebAuthnConfigurationType
}

// ShortID is the part of the pool id after the underscore, which SRP hashes
// under the name poolName.
func (p *Pool) ShortID() string {
	_, short, _ := strings.Cut(p.ID, "_")
	return short
}

// ARN names the pool in policies.
func (p *Pool) ARN() string { return awsapi.UserPoolARN(p.Region, p.Account, p.ID) }

// Name is what the owner calls the pool.
func (p *Pool) Name() string { return awsapi.Value(p.Description.Name) }

// Tier is the feature plan.
func (p *Pool) Tier() cognitoidp.UserPoolTierType { return awsapi.Value(p.Description.UserPoolTier) }

// Tags returns the pool's tags, without the reserved ones taken out. The map
// is shared: do not write to it.
func (p *Pool) Tags() map[string]string { return p.Description.UserPoolTags }

// PasswordPolicy returns the rules for new passwords. Every member but
// PasswordHistorySize is set.
func (p *Pool) PasswordPolicy() *cognitoidp.PasswordPolicyType {
	return p.Description.Policies.PasswordPolicy
}

// TemporaryPasswordLife is how long a password that an administrator gave may
// be used to sign in for the first time.
func (p *Pool) TemporaryPasswordLife() time.Duration {
	return time.Duration(*p.PasswordPolicy().TemporaryPasswordValidityDays) * 24 * time.Hour
}

// FirstFactors lists what a user may begin to sign in with.
func (p *Pool) FirstFactors() []cognitoidp.AuthFactorType {
	return p.Description.Policies.SignInPolicy.AllowedFirstAuthFactors
}

// MFA says whether a second factor is asked for.
func (p *Pool) MFA() cognitoidp.UserPoolMfaType { return awsapi.Value(p.Description.MfaConfiguration) }

// CaseSensitive reports whether user names, aliases and e-mail addresses are
// compared byte for byte. A pool made without UsernameConfiguration is case
// sensitive.
func (p *Pool) CaseSensitive() bool {
	c := p.Description.UsernameConfiguration
	return c == nil || c.CaseSensitive == nil || *c.CaseSensitive
}

// UsernameIs reports whether users choose that attribute (email or
// phone_number) in place of a user name. Their stored user name is then their
// sub.
func (p *Pool) UsernameIs(attribute string) bool {
	return slices.Contains(p.Description.UsernameAttributes, cognitoidp.UsernameAttributeType(attribute))
}

// UsesUsernameAttributes reports whether UsernameIs holds for any attribute.
func (p *Pool) UsesUsernameAttributes() bool { return len(p.Description.UsernameAttributes) > 0 }

// AliasIs reports whether that attribute (email, phone_number or
// preferred_username) is one that users may sign in with beside their name.
func (p *Pool) AliasIs(attribute string) bool {
	return slices.Contains(p.Description.AliasAttributes, cognitoidp.AliasAttributeType(attribute))
}

// AutoVerifies reports whether a code goes out to that attribute (email or
// phone_number) when it is set.
func (p *Pool) AutoVerifies(attribute string) bool {
	return slices.Contains(p.Description.AutoVerifiedAttributes, cognitoidp.VerifiedAttributeType(attribute))
}

// VerifiesBeforeUpdate reports whether a new value of that attribute takes
// effect only once it has been verified.
func (p *Pool) VerifiesBeforeUpdate(attribute string) bool {
	s := p.Description.UserAttributeUpdateSettings
	return s != nil && slices.Contains(s.AttributesRequireVerificationBeforeUpdate, cognitoidp.VerifiedAttributeType(attribute))
}

// AdminsCreateUsers reports whether SignUp is closed.
func (p *Pool) AdminsCreateUsers() bool {
	c := p.Description.AdminCreateUserConfig
	return c != nil && awsapi.Value(c.AllowAdminCreateUserOnly)
}

// RecoveryMechanisms lists, by priority, how a forgotten password may be
// recovered; empty when the pool does not say.
func (p *Pool) RecoveryMechanisms() []cognitoidp.RecoveryOptionType {
	if p.Description.AccountRecoverySetting == nil {
		return nil
	}
	byPriority := slices.Clone(p.Description.AccountRecoverySetting.RecoveryMechanisms)
	slices.SortStableFunc(byPriority, func(a, b cognitoidp.RecoveryOptionType) int {
		return int(awsapi.Value(a.Priority) - awsapi.Value(b.Priority))
	})
	return byPriority
}

// Describe returns the pool as DescribeUserPool prints it. users is the
// estimated number of users.
func (p *Pool) Describe(users int64) *cognitoidp.UserPoolType {
	d := p.Description
	d.Id, d.Arn = &p.ID, new(p.ARN())
	d.CreationDate, d.LastModifiedDate = &p.CreatedAt, &p.ModifiedAt
	d.EstimatedNumberOfUsers = &users
	return &d
}

// Summary returns the pool as ListUserPools prints it.
func (p *Pool) Summary() cognitoidp.UserPoolDescriptionType {
	return cognitoidp.UserPoolDescriptionType{
		Id: &p.ID, Name: p.Description.Name, LambdaConfig: p.Description.LambdaConfig,
		LastModifiedDate: &p.ModifiedAt, CreationDate: &p.CreatedAt,
	}
}
