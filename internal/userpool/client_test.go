package userpool_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

var everyFlow = []cognitoidp.AuthFlowType{
	"USER_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH",
	"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN",
}

func TestFlowsAllowed(t *testing.T) {
	for _, tt := range []struct{ listed, want string }{
		{"", "USER_SRP_AUTH CUSTOM_AUTH REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
		{"ALLOW_USER_SRP_AUTH", "USER_SRP_AUTH"},
		{"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"},
		{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH ADMIN_NO_SRP_AUTH"},
		{"ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH"},
		{"ALLOW_USER_AUTH", "USER_AUTH"},
		{"ALLOW_REFRESH_TOKEN_AUTH", "REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
		{"ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH", "USER_SRP_AUTH REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
		// Names of the older kind add to what is on anyway (seen on the service).
		{"USER_PASSWORD_AUTH", "USER_SRP_AUTH USER_PASSWORD_AUTH REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
		{"ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH ADMIN_USER_PASSWORD_AUTH ADMIN_NO_SRP_AUTH REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
		{"CUSTOM_AUTH_FLOW_ONLY", "CUSTOM_AUTH REFRESH_TOKEN_AUTH REFRESH_TOKEN"},
	} {
		c := &userpool.Client{}
		for _, f := range strings.Fields(tt.listed) {
			c.Description.ExplicitAuthFlows = append(c.Description.ExplicitAuthFlows, cognitoidp.ExplicitAuthFlowsType(f))
		}
		var got []string
		for _, f := range everyFlow {
			if c.Allows(f) {
				got = append(got, string(f))
			}
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("client with [%s] allows %s, want %s", tt.listed, got, tt.want)
		}
		if c.Allows("") || c.Allows("ALLOW_USER_SRP_AUTH") {
			t.Errorf("client with [%s] allows a flow that there is not", tt.listed)
		}
	}
}

func TestRotationTurnsRefreshFlowOff(t *testing.T) {
	c := &userpool.Client{Description: cognitoidp.UserPoolClientType{
		RefreshTokenRotation: &cognitoidp.RefreshTokenRotationType{
			Feature: new(cognitoidp.FeatureTypeEnabled), RetryGracePeriodSeconds: new(int64(20)),
		},
	}}
	for _, listed := range [][]cognitoidp.ExplicitAuthFlowsType{nil, {"USER_PASSWORD_AUTH"}} {
		c.Description.ExplicitAuthFlows = listed
		if c.Allows("REFRESH_TOKEN_AUTH") || c.Allows("REFRESH_TOKEN") {
			t.Errorf("client with %v and rotation allows the refresh flow", listed)
		}
		if !c.Allows("USER_SRP_AUTH") {
			t.Errorf("client with %v and rotation does not allow SRP", listed)
		}
	}
	if got := c.RotationGrace(); got != 20*time.Second {
		t.Errorf("grace is %v", got)
	}
	c.Description.RefreshTokenRotation.Feature = new(cognitoidp.FeatureTypeDisabled)
	if c.RotatesRefreshTokens() || c.RotationGrace() != 0 {
		t.Error("rotation is on although its feature is DISABLED")
	}
}

func TestTokenLives(t *testing.T) {
	var c userpool.Client
	if c.AccessTokenLife() != time.Hour || c.IDTokenLife() != time.Hour || c.RefreshTokenLife() != 720*time.Hour {
		t.Errorf("default lives are %v, %v, %v", c.AccessTokenLife(), c.IDTokenLife(), c.RefreshTokenLife())
	}
	c.Description = cognitoidp.UserPoolClientType{
		AccessTokenValidity: new(int64(90)), IdTokenValidity: new(int64(2)), RefreshTokenValidity: new(int64(7200)),
		TokenValidityUnits: &cognitoidp.TokenValidityUnitsType{
			AccessToken: new(cognitoidp.TimeUnitsTypeMinutes), RefreshToken: new(cognitoidp.TimeUnitsTypeSeconds),
		},
	}
	if c.AccessTokenLife() != 90*time.Minute || c.IDTokenLife() != 2*time.Hour || c.RefreshTokenLife() != 2*time.Hour {
		t.Errorf("lives are %v, %v, %v", c.AccessTokenLife(), c.IDTokenLife(), c.RefreshTokenLife())
	}
}

// Whatever number and unit the model admits, a life is never cut short by
// arithmetic.
func TestTokenLivesDoNotWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 315_360_000).Draw(t, "n")
		unit := rapid.SampledFrom([]cognitoidp.TimeUnitsType{"seconds", "minutes", "hours", "days"}).Draw(t, "unit")
		c := userpool.Client{Description: cognitoidp.UserPoolClientType{
			RefreshTokenValidity: &n, TokenValidityUnits: &cognitoidp.TokenValidityUnitsType{RefreshToken: &unit},
		}}
		seconds := map[cognitoidp.TimeUnitsType]float64{"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}[unit]
		const longest = 9e9 // seconds that a time.Duration holds
		if got, want := c.RefreshTokenLife().Seconds(), float64(n)*seconds; got != want && (want < longest || got < longest) {
			t.Fatalf("%d %s last %v s", n, unit, got)
		}
	})
}

func TestSecretsAreCompared(t *testing.T) {
	// The vector of the public documentation of SECRET_HASH, computed apart.
	c := &userpool.Client{ID: "1example23456789abcdefghij", Secrets: []userpool.ClientSecret{{ID: "1", Value: "1example23456789secretvalue0123456789abcdefghijklmn"}}}
	if !c.VerifySecretHash("alice", "IVCN6jGGZhvb6Vr+XfIOUGc50HeYv6EuPDMzQgW+4no=") {
		t.Error("the right hash is refused")
	}
	for name, hash := range map[string]string{"alicf": "IVCN6jGGZhvb6Vr+XfIOUGc50HeYv6EuPDMzQgW+4no=", "alice": "", "Alice": "x"} {
		if c.VerifySecretHash(name, hash) {
			t.Errorf("hash %q of %s is accepted", hash, name)
		}
	}
	if !c.VerifySecret(string(c.Secrets[0].Value)) || c.VerifySecret("") || c.VerifySecret(string(c.Secrets[0].Value)+"x") {
		t.Error("secrets are compared wrongly")
	}
	open := &userpool.Client{ID: c.ID}
	if open.HasSecret() || open.VerifySecret("") || open.VerifySecretHash("alice", "") {
		t.Error("a client without a secret accepts an empty one")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c := &userpool.Client{ID: "id", Secrets: []userpool.ClientSecret{{ID: "1", Value: "hush"}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{c, *c, c.Secrets, c.Secrets[0].Value} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, "hush") {
				t.Errorf("%s prints %s", verb, s)
			}
		}
	}
}

func TestAttributesAClientReaches(t *testing.T) {
	every := []string{"sub", "email", "email_verified", "phone_number_verified", "name", "custom:plan", "dev:custom:score", "identities"}
	reach := func(may func(string) bool) string {
		var names []string
		for _, n := range every {
			if may(n) {
				names = append(names, n)
			}
		}
		return strings.Join(names, " ")
	}
	var unset userpool.Client
	listed := userpool.Client{Description: cognitoidp.UserPoolClientType{
		ReadAttributes:  []string{"email", "custom:plan", "dev:custom:score"},
		WriteAttributes: []string{"email_verified", "name", "custom:plan", "dev:custom:score", "sub", "identities"},
	}}
	none := userpool.Client{Description: cognitoidp.UserPoolClientType{ReadAttributes: []string{}, WriteAttributes: []string{}}}
	for _, tt := range []struct{ what, got, want string }{
		{"read without a list", reach(unset.MayRead), "sub email email_verified phone_number_verified name identities"},
		{"write without a list", reach(unset.MayWrite), "email name"},
		{"read by list", reach(listed.MayRead), "sub email custom:plan identities"},
		{"write by list", reach(listed.MayWrite), "name custom:plan"},
		{"read with an empty list", reach(none.MayRead), "sub identities"},
		{"write with an empty list", reach(none.MayWrite), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if err := unset.CheckWrite([]string{"email", "name"}); err != nil {
		t.Errorf("writing standard attributes: %v", err)
	}
	wantError(t, unset.CheckWrite([]string{"email", "email_verified"}), "NotAuthorizedException", "A client attempted to write unauthorized attribute")
}
