package userpool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

func TestIssuers(t *testing.T) {
	const public = "https://id.example.com"
	pool := func(tag string) *userpool.Pool {
		p := &userpool.Pool{ID: "us-west-2_AbCdEfGhI", Owner: userpool.Owner{Region: "us-west-2", Account: "123456789012"}}
		if tag != "" {
			p.Description.UserPoolTags = map[string]string{userpool.IssuerTag: tag}
		}
		return p
	}
	updated := pool("aws")
	updated.Description.IssuerConfiguration = &cognitoidp.IssuerConfigurationType{Type: new(cognitoidp.IssuerTypeUpdated)}
	for _, tt := range []struct {
		mode userpool.IssuerMode
		pool *userpool.Pool
		want string
	}{
		{"", pool(""), "https://id.example.com/us-west-2_AbCdEfGhI"},
		{userpool.IssuerPath, pool(""), "https://id.example.com/us-west-2_AbCdEfGhI"},
		{userpool.IssuerAWS, pool(""), "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI"},
		{userpool.IssuerAWS, pool("path"), "https://id.example.com/us-west-2_AbCdEfGhI"},
		{userpool.IssuerPath, pool("aws"), "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI"},
		{userpool.IssuerPath, pool("https://login.example.org/app"), "https://login.example.org/app"},
		{userpool.IssuerPath, updated, "https://issuer-cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI"},
	} {
		issuers := userpool.Issuers{PublicURL: public, Mode: tt.mode}
		if got := issuers.Of(tt.pool); got != tt.want {
			t.Errorf("mode %q, tags %v: %s, want %s", tt.mode, tt.pool.Tags(), got, tt.want)
		}
	}
	if got := userpool.ProviderName(pool("https://login.example.org")); got != "cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI" {
		t.Errorf("provider name is %s", got)
	}
}

func TestRecoveryGoesByPriority(t *testing.T) {
	option := func(name cognitoidp.RecoveryOptionNameType, priority int64) cognitoidp.RecoveryOptionType {
		return cognitoidp.RecoveryOptionType{Name: &name, Priority: &priority}
	}
	p := &userpool.Pool{Description: cognitoidp.UserPoolType{AccountRecoverySetting: &cognitoidp.AccountRecoverySettingType{
		RecoveryMechanisms: []cognitoidp.RecoveryOptionType{option("verified_email", 2), option("verified_phone_number", 1)},
	}}}
	want := []cognitoidp.RecoveryOptionType{option("verified_phone_number", 1), option("verified_email", 2)}
	if diff := cmp.Diff(want, p.RecoveryMechanisms()); diff != "" {
		t.Error(diff)
	}
	if first := *p.Description.AccountRecoverySetting.RecoveryMechanisms[0].Name; first != "verified_email" {
		t.Error("reading the mechanisms has reordered what DescribeUserPool prints")
	}
}
