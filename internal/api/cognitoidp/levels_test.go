package cognitoidp_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

const levelFour = "urn:cognito:loa:4"

// levelOf reads how strongly a token says that its user has signed in.
func levelOf(t *testing.T, token *string) (acr string, amr []string) {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims.ACR, claims.AMR
}

// A remembered device stands in for a second factor, and is none: who is to
// reach a level is asked for the factor all the same.
func TestDevicesReachNoLevel(t *testing.T) {
	eachPeople(t, setup{pool: always.pool, client: func(in *idp.CreateUserPoolClientInput) {
		if always.client != nil {
			always.client(in)
		}
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowUserAuth)
	}}, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional, tokensOnly)
		g, r := p.owned("alice")
		phone := p.withAppOf(r.AccessToken, "alice")
		p.pass(time.Minute)
		begin := func(more ...string) step {
			t.Helper()
			s, _ := p.choose(t, append([]string{"USERNAME", "alice", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", goodPassword, "DEVICE_KEY", g.key}, more...)...)
			return s
		}
		prove := func(s step) step {
			t.Helper()
			s.is(t, types.ChallengeNameTypeDeviceSrpAuth)
			s, err := p.prove(s, "alice", g)
			if err != nil {
				t.Fatal(err)
			}
			s.done(t)
			return s
		}
		s := prove(begin())
		if acr, amr := levelOf(t, s.tokens.AccessToken); acr != "" || amr != nil {
			t.Errorf("nobody asked, and the token says %s %v", acr, amr)
		}
		s = begin("TARGET_ACR_VALUES", levelFour)
		s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
		s = prove(p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code()))
		for _, token := range []*string{s.tokens.AccessToken, s.tokens.IdToken} {
			if acr, amr := levelOf(t, token); acr != levelFour || !cmp.Equal(amr, []string{"pwd", "otp", "mfa"}) {
				t.Errorf("the token says %s %v", acr, amr)
			}
		}
	})
}

// The names of levels are the owner's to choose, all four are told, and an
// update that leaves them out brings the usual ones back.
func TestNamesOfLevels(t *testing.T) {
	p := onePeople(t, setup{})
	describe := func() string {
		_, reply := p.signed(alpha, west, "DescribeUserPool", `{"UserPoolId":"`+p.poolID+`"}`)
		return reply
	}
	if strings.Contains(describe(), "AcrConfiguration") {
		t.Error("a pool without names tells some")
	}
	update := func(levels string) (int, string) {
		return p.signed(alpha, west, "UpdateUserPool", `{"UserPoolId":"`+p.poolID+`"`+levels+`}`)
	}
	if status, reply := update(`,"AcrConfiguration":{"Level2":{"AcrValue":"urn:x:2"}}`); status != http.StatusOK {
		t.Fatal(reply)
	}
	const whole = `"AcrConfiguration":{"Level1":{"AcrValue":"urn:cognito:loa:1"},"Level2":{"AcrValue":"urn:x:2"},"Level3":{"AcrValue":"urn:cognito:loa:3"},"Level4":{"AcrValue":"urn:cognito:loa:4"}}`
	if got := describe(); !strings.Contains(got, whole) {
		t.Errorf("described as %s", got)
	}
	if status, reply := update(`,"AcrConfiguration":{"Level2":{"AcrValue":"urn:cognito:loa:1"}}`); status != http.StatusBadRequest || !strings.Contains(reply, "AcrValue urn:cognito:loa:1 is not unique.") {
		t.Errorf("a name twice: %d %s", status, reply)
	}
	if status, reply := update(`,"AcrConfiguration":{"Level2":{"AcrValue":"urn:x:2"}},"UserPoolTier":"LITE"`); status != http.StatusBadRequest || !strings.Contains(reply, "FeatureUnavailableInTierException") {
		t.Errorf("a plan without levels: %d %s", status, reply)
	}
	if status, reply := update(""); status != http.StatusOK {
		t.Fatal(reply)
	}
	if strings.Contains(describe(), "AcrConfiguration") {
		t.Error("the names are still there")
	}
}
