package cognitoidp_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"
)

// choosing makes pools that let people choose how they begin to sign in.
var choosing = setup{
	pool: func(in *idp.CreateUserPoolInput) {
		mailing.pool(in)
		in.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{
			types.AuthFactorTypePassword, types.AuthFactorTypeEmailOtp, types.AuthFactorTypeSmsOtp, types.AuthFactorTypeWebAuthn,
		}}}
	},
	client: func(in *idp.CreateUserPoolClientInput) {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowUserAuth)
	},
}

var site = virtualwebauthn.RelyingParty{ID: "example.com", Name: "example.com", Origin: "https://login.example.com"}

// relyingParty sets the pool's passkey settings.
func (p *people) relyingParty(change ...func(*types.WebAuthnConfigurationType)) {
	p.t.Helper()
	w := &types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com"), UserVerification: types.UserVerificationTypePreferred}
	for _, f := range change {
		f(w)
	}
	if _, err := p.admin.SetUserPoolMfaConfig(p.t.Context(), &idp.SetUserPoolMfaConfigInput{UserPoolId: &p.poolID, WebAuthnConfiguration: w}); err != nil {
		p.t.Fatal(err)
	}
}

// device is an authenticator with one passkey.
type device struct {
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newDevice() *device {
	return &device{virtualwebauthn.NewAuthenticator(), ec2Key()}
}

// ec2Key returns a credential with a P-256 key. The library leaves leading
// zeros of the coordinates out, which COSE does not allow (RFC 9053, section
// 7.1.1), so one key in 128 would be refused; those are thrown away.
func ec2Key() virtualwebauthn.Credential {
	const encoded = 77 // bytes of the COSE key with both coordinates whole
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == encoded {
			return c
		}
	}
}

// begin calls StartWebAuthnRegistration and lets the device answer.
func (p *people) begin(t *testing.T, accessToken *string, d *device, rp virtualwebauthn.RelyingParty) string {
	t.Helper()
	if _, err := p.pub.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: accessToken}); err != nil {
		t.Fatal(err)
	}
	var reply struct{ CredentialCreationOptions json.RawMessage }
	if err := json.Unmarshal(p.raw, &reply); err != nil {
		t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAttestationOptions(string(reply.CredentialCreationOptions))
	if err != nil {
		t.Fatal(err)
	}
	d.auth.Options.UserHandle = []byte(options.UserID)
	return virtualwebauthn.CreateAttestationResponse(rp, d.auth, d.key, *options)
}

// complete calls CompleteWebAuthnRegistration.
func (p *people) complete(accessToken *string, answer string) error {
	p.t.Helper()
	var v map[string]any // what a browser makes is the user's data
	if err := json.Unmarshal([]byte(answer), &v); err != nil {
		p.t.Fatal(err)
	}
	_, err := p.pub.CompleteWebAuthnRegistration(p.t.Context(), &idp.CompleteWebAuthnRegistrationInput{
		AccessToken: accessToken, Credential: document.NewLazyDocument(v),
	})
	return err
}

// register gives a user a passkey.
func (p *people) register(t *testing.T, accessToken *string) *device {
	t.Helper()
	d := newDevice()
	if err := p.complete(accessToken, p.begin(t, accessToken, d, site)); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRegisterPasskeys(t *testing.T) {
	eachPeople(t, choosing, func(t *testing.T, p *people) {
		p.relyingParty()
		p.confirmed("alice")
		me := p.tokensOf("alice", goodPassword).AccessToken
		first := p.register(t, me)
		p.pass(time.Minute)
		second := newDevice()
		answer := strings.Replace(p.begin(t, me, second, site), "{", `{"authenticatorAttachment":"platform",`, 1)
		if !strings.Contains(string(p.raw), `"excludeCredentials":[{"id":"`) {
			t.Errorf("the first passkey is not excluded: %s", p.raw)
		}
		if err := p.complete(me, answer); err != nil {
			t.Fatal(err)
		}
		want(t, p.complete(me, answer), "WebAuthnChallengeNotFoundException", "No registration of a passkey is pending.")

		var ids []string
		var token *string
		for {
			out, err := p.pub.ListWebAuthnCredentials(t.Context(), &idp.ListWebAuthnCredentialsInput{AccessToken: me, MaxResults: aws.Int32(1), NextToken: token})
			if err != nil || len(out.Credentials) != 1 {
				t.Fatalf("%v: %s", err, p.raw)
			}
			c := out.Credentials[0]
			ids = append(ids, *c.CredentialId)
			if *c.RelyingPartyId != "example.com" || c.AuthenticatorTransports == nil || c.CreatedAt.IsZero() {
				t.Errorf("%s", p.raw)
			}
			if token = out.NextToken; token == nil {
				if *c.AuthenticatorAttachment != "platform" || *c.FriendlyCredentialName != "Platform passkey" {
					t.Errorf("%s", p.raw)
				}
				break
			}
			if c.AuthenticatorAttachment != nil || *c.FriendlyCredentialName != "Roaming passkey" {
				t.Errorf("%s", p.raw)
			}
		}
		if len(ids) != 2 || string(unbase64(t, ids[0])) != string(first.key.ID) || string(unbase64(t, ids[1])) != string(second.key.ID) {
			t.Errorf("listed %v", ids)
		}

		remove := func(id string) error {
			_, err := p.pub.DeleteWebAuthnCredential(t.Context(), &idp.DeleteWebAuthnCredentialInput{AccessToken: me, CredentialId: &id})
			return err
		}
		if err := remove(ids[0]); err != nil {
			t.Fatal(err)
		}
		want(t, remove(ids[0]), "ResourceNotFoundException", "The credential does not exist.")
		out, err := p.pub.GetUserAuthFactors(t.Context(), &idp.GetUserAuthFactorsInput{AccessToken: me})
		if err != nil || len(out.ConfiguredUserAuthFactors) != 2 || out.ConfiguredUserAuthFactors[1] != types.AuthFactorTypeWebAuthn {
			t.Errorf("%v: %s", err, p.raw)
		}
	})
}

func TestPasskeysThatAreRefused(t *testing.T) {
	p := onePeople(t, choosing)
	p.confirmed("alice")
	me := p.tokensOf("alice", goodPassword).AccessToken
	start := func(token *string) error {
		_, err := p.pub.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: token})
		return err
	}
	want(t, start(me), "WebAuthnConfigurationMissingException", "The user pool has no relying party ID.")
	p.relyingParty()
	const none = "No registration of a passkey is pending."
	want(t, p.complete(me, `{}`), "WebAuthnChallengeNotFoundException", none)
	d := newDevice()
	stale := p.begin(t, me, d, site)
	fresh := p.begin(t, me, d, site)
	want(t, p.complete(me, stale), "WebAuthnChallengeNotFoundException", none)
	want(t, p.complete(me, `{"id":"x"}`), "InvalidParameterException", "The credential is not valid.")
	want(t, p.complete(me, p.begin(t, me, d, virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://example.org"})),
		"WebAuthnOriginNotAllowedException", "The origin is not covered by the relying party ID.")
	want(t, p.complete(me, p.begin(t, me, d, virtualwebauthn.RelyingParty{ID: "example.org", Origin: site.Origin})),
		"WebAuthnRelyingPartyMismatchException", "The credential is for another relying party ID.")
	want(t, p.complete(me, strings.Replace(p.begin(t, me, d, site), "{", `{"clientExtensionResults":{"credProps":{"rk":false}},`, 1)),
		"WebAuthnCredentialNotSupportedException", "The credential is of a kind that is not supported.")
	want(t, p.complete(me, fresh), "WebAuthnChallengeNotFoundException", none)

	// Another client's token, another user's, too late.
	answer, home := p.begin(t, me, d, site), p.client
	p.client = p.newClient(p.poolID, nil)
	want(t, p.complete(p.tokensOf("alice", goodPassword).AccessToken, answer), "WebAuthnClientMismatchException", "The registration was begun through another client.")
	p.client = home
	p.confirmed("mallory")
	mallory := p.tokensOf("mallory", goodPassword).AccessToken
	want(t, p.complete(mallory, answer), "WebAuthnChallengeNotFoundException", none)
	p.begin(t, mallory, newDevice(), site)
	want(t, p.complete(mallory, answer), "WebAuthnChallengeNotFoundException", none)
	p.pass(5 * time.Minute)
	want(t, p.complete(me, answer), "WebAuthnChallengeNotFoundException", none)

	// A passkey of its own: once, and not somebody else's to take away.
	if err := p.complete(me, p.begin(t, me, d, site)); err != nil {
		t.Fatal(err)
	}
	want(t, p.complete(me, p.begin(t, me, d, site)), "InvalidParameterException", "The credential is registered already.")
	list, err := p.pub.ListWebAuthnCredentials(t.Context(), &idp.ListWebAuthnCredentialsInput{AccessToken: me})
	if err != nil || len(list.Credentials) != 1 {
		t.Fatalf("%v: %s", err, p.raw)
	}
	_, err = p.pub.DeleteWebAuthnCredential(t.Context(), &idp.DeleteWebAuthnCredentialInput{AccessToken: mallory, CredentialId: list.Credentials[0].CredentialId})
	want(t, err, "ResourceNotFoundException", "The credential does not exist.")

	// Verification that the pool requires and the device does not give.
	p.relyingParty(func(w *types.WebAuthnConfigurationType) { w.UserVerification = types.UserVerificationTypeRequired })
	d = newDevice()
	d.auth.Options.UserNotVerified = true
	want(t, p.complete(me, p.begin(t, me, d, site)), "InvalidParameterException", "The credential is not valid.")

	for range 19 {
		p.register(t, me)
	}
	want(t, start(me), "LimitExceededException", "The user has the most passkeys that are allowed.")

	for name, call := range map[string]func(token *string) error{
		"start":    start,
		"complete": func(token *string) error { return p.complete(token, answer) },
		"list": func(token *string) error {
			_, err := p.pub.ListWebAuthnCredentials(t.Context(), &idp.ListWebAuthnCredentialsInput{AccessToken: token})
			return err
		},
		"delete": func(token *string) error {
			_, err := p.pub.DeleteWebAuthnCredential(t.Context(), &idp.DeleteWebAuthnCredentialInput{AccessToken: token, CredentialId: aws.String("x")})
			return err
		},
	} {
		if err := call(aws.String("x")); err == nil || !strings.Contains(err.Error(), "NotAuthorizedException: Invalid Access Token") {
			t.Errorf("%s with a made-up token: %v", name, err)
		}
	}

	off := onePeople(t, mailing)
	off.confirmed("alice")
	_, err = off.pub.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: off.tokensOf("alice", goodPassword).AccessToken})
	want(t, err, "WebAuthnNotEnabledException", "Passkeys are not enabled for the user pool.")
}

// One registration makes one passkey, however many answers arrive at once.
func TestConcurrentRegistrations(t *testing.T) {
	eachPeople(t, choosing, func(t *testing.T, p *people) {
		p.relyingParty()
		p.confirmed("alice")
		me := p.tokensOf("alice", goodPassword).AccessToken
		d := newDevice()
		answer := p.begin(t, me, d, site)
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { results[i] = p.complete(me, answer) })
		}
		wg.Wait()
		good := 0
		for _, err := range results {
			if err == nil {
				good++
			} else if !strings.Contains(err.Error(), "WebAuthnChallengeNotFoundException") {
				t.Error(err)
			}
		}
		if good != 1 {
			t.Errorf("%d were registered", good)
		}
	})
}
