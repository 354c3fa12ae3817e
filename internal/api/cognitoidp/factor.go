package cognitoidp

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
)

func (a *API) factorHandlers() []awsapi.Handler {
	return []awsapi.Handler{
		cognitoidp.AdminGetUserAuthFactors.Bind(a.AdminGetUserAuthFactors),
		cognitoidp.AdminSetUserMFAPreference.Bind(a.AdminSetUserMFAPreference),
		cognitoidp.AdminSetUserSettings.Bind(a.AdminSetUserSettings),
		cognitoidp.GetUserAuthFactors.Bind(a.GetUserAuthFactors),
		cognitoidp.SetUserMFAPreference.Bind(a.SetUserMFAPreference),
		cognitoidp.SetUserSettings.Bind(a.SetUserSettings),
	}
}

// mfaSettings prints which second factors a user has turned on; nothing where
// there are none.
func mfaSettings(u *user.User) (list []string, preferred *string) {
	factors, first := u.MFASettings()
	for _, f := range factors {
		list = append(list, string(f))
	}
	if u.Factors.PasskeyMFA {
		list = append(list, user.PasskeyMFA)
	}
	if first != "" {
		preferred = new(string(first))
	}
	return list, preferred
}

// mfaOptions prints what SetUserSettings has set.
func mfaOptions(u *user.User) []cognitoidp.MFAOptionType {
	var out []cognitoidp.MFAOptionType
	for _, o := range u.MFAOptions() {
		out = append(out, cognitoidp.MFAOptionType{
			DeliveryMedium: new(cognitoidp.DeliveryMediumType(o.Medium)), AttributeName: &o.Attribute,
		})
	}
	return out
}

// preferences reads what a request wants of each factor that it names.
func preferences(sms *cognitoidp.SMSMfaSettingsType, token *cognitoidp.SoftwareTokenMfaSettingsType, email *cognitoidp.EmailMfaSettingsType) []user.Preference {
	var out []user.Preference
	want := func(f user.Factor, enabled, preferred *bool) {
		out = append(out, user.Preference{Factor: f, Enabled: awsapi.Value(enabled), Preferred: awsapi.Value(preferred)})
	}
	if sms != nil {
		want(user.SMSFactor, sms.Enabled, sms.PreferredMfa)
	}
	if token != nil {
		want(user.SoftwareTokenFactor, token.Enabled, token.PreferredMfa)
	}
	if email != nil {
		want(user.EmailFactor, email.Enabled, email.PreferredMfa)
	}
	return out
}

// passkeys reads whether passkeys are to count as two factors; nil for a
// request that does not say.
func passkeys(w *cognitoidp.WebAuthnMfaSettingsType) *bool {
	if w == nil {
		return nil
	}
	return new(awsapi.Value(w.Enabled))
}

// SetUserMFAPreference says which second factors the user of an access token
// is asked for.
func (a *API) SetUserMFAPreference(ctx context.Context, in *cognitoidp.SetUserMFAPreferenceRequest) (*cognitoidp.SetUserMFAPreferenceResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	wanted := preferences(in.SMSMfaSettings, in.SoftwareTokenMfaSettings, in.EmailMfaSettings)
	if err := a.users.SetMFAPreference(ctx, me.pool, me.user.Sub, wanted, passkeys(in.WebAuthnMfaSettings)); err != nil {
		return nil, err
	}
	return &cognitoidp.SetUserMFAPreferenceResponse{}, nil
}

// AdminSetUserMFAPreference says which second factors a user is asked for.
func (a *API) AdminSetUserMFAPreference(ctx context.Context, in *cognitoidp.AdminSetUserMFAPreferenceRequest) (*cognitoidp.AdminSetUserMFAPreferenceResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	wanted := preferences(in.SMSMfaSettings, in.SoftwareTokenMfaSettings, in.EmailMfaSettings)
	if err := a.users.SetMFAPreference(ctx, p, *in.Username, wanted, passkeys(in.WebAuthnMfaSettings)); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminSetUserMFAPreferenceResponse{}, nil
}

// options reads MFAOptions.
func options(list []cognitoidp.MFAOptionType) []user.MFAOption {
	out := make([]user.MFAOption, len(list))
	for i, o := range list {
		out[i] = user.MFAOption{Medium: string(awsapi.Value(o.DeliveryMedium)), Attribute: awsapi.Value(o.AttributeName)}
	}
	return out
}

// SetUserSettings turns SMS on or off for the user of an access token, in the
// way that is older than SetUserMFAPreference.
func (a *API) SetUserSettings(ctx context.Context, in *cognitoidp.SetUserSettingsRequest) (*cognitoidp.SetUserSettingsResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.users.SetMFAOptions(ctx, me.pool, me.user.Sub, options(in.MFAOptions)); err != nil {
		return nil, err
	}
	return &cognitoidp.SetUserSettingsResponse{}, nil
}

// AdminSetUserSettings is SetUserSettings for any user.
func (a *API) AdminSetUserSettings(ctx context.Context, in *cognitoidp.AdminSetUserSettingsRequest) (*cognitoidp.AdminSetUserSettingsResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := a.users.SetMFAOptions(ctx, p, *in.Username, options(in.MFAOptions)); err != nil {
		return nil, err
	}
	return &cognitoidp.AdminSetUserSettingsResponse{}, nil
}

// GetUserAuthFactors prints what the user of an access token can sign in with.
func (a *API) GetUserAuthFactors(ctx context.Context, _ *cognitoidp.GetUserAuthFactorsRequest) (*cognitoidp.GetUserAuthFactorsResponse, error) {
	me, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	list, preferred := mfaSettings(me.user)
	return &cognitoidp.GetUserAuthFactorsResponse{
		Username: &me.user.Username, PreferredMfaSetting: preferred, UserMFASettingList: list,
		ConfiguredUserAuthFactors: user.FirstFactors(me.pool, me.user),
	}, nil
}

// AdminGetUserAuthFactors prints what a user can sign in with.
func (a *API) AdminGetUserAuthFactors(ctx context.Context, in *cognitoidp.AdminGetUserAuthFactorsRequest) (*cognitoidp.AdminGetUserAuthFactorsResponse, error) {
	p, err := a.pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	u, err := a.users.Find(ctx, p, *in.Username)
	if err != nil {
		return nil, err
	}
	list, preferred := mfaSettings(u)
	return &cognitoidp.AdminGetUserAuthFactorsResponse{
		Username: &u.Username, PreferredMfaSetting: preferred, UserMFASettingList: list,
		ConfiguredUserAuthFactors: user.FirstFactors(p, u),
	}, nil
}
