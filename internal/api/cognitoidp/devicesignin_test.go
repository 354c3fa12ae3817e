package cognitoidp_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const wrongPassword = "Incorrect username or password."

func (p *people) forget(name, key string) {
	p.t.Helper()
	_, err := p.admin.AdminForgetDevice(p.t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: &p.poolID, Username: &name, DeviceKey: &key})
	if err != nil {
		p.t.Fatal(err)
	}
}

// A remembered device stands in for the second factor, and nothing else does.
func TestRememberedDeviceReplacesMFA(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.mfa(types.UserPoolMfaTypeOptional, tokensOnly)
		g, r := p.owned("alice")
		p.withAppOf(r.AccessToken, "alice")
		p.pass(time.Minute)

		s := p.asked("alice", g)
		if len(s.parameters) != 1 || s.parameters["USERNAME"] != "alice" {
			t.Errorf("parameters %v", s.parameters)
		}
		s, err := p.prove(s, "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		if s.tokens.NewDeviceMetadata != nil || deviceKeyOf(t, s.tokens.AccessToken) != g.key {
			t.Errorf("another device %v", s.tokens.NewDeviceMetadata)
		}
		d, err := p.adminDevice("alice", g.key)
		if now := p.now().Truncate(time.Second); err != nil || !d.DeviceLastAuthenticatedDate.Equal(now) || !d.DeviceLastModifiedDate.After(*d.DeviceCreateDate) {
			t.Errorf("authenticated %v: %v", d.DeviceLastAuthenticatedDate, err)
		}

		// Another device, one that is known by name, and none at all.
		p.password("alice").is(t, types.ChallengeNameTypeSoftwareTokenMfa)
		p.remember(r.AccessToken, g.key, types.DeviceRememberedStatusTypeNotRemembered)
		s, err = p.on("alice", g.key)
		if err != nil {
			t.Fatal(err)
		}
		s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	})
}

// withAppOf is withApp for a user who is signed in.
func (p *people) withAppOf(access *string, name string) app {
	p.t.Helper()
	a := p.associate(access)
	if err := p.verify(access, a.code(-1)); err != nil {
		p.t.Fatal(err)
	}
	p.prefer(name)
	return a
}

// Where devices stand in for nothing, the second factor comes first.
func TestDeviceAfterMFA(t *testing.T) {
	p := onePeople(t, noBonus)
	p.confirmed("alice")
	p.mfa(types.UserPoolMfaTypeOptional, tokensOnly)
	g, r := p.owned("alice")
	phone := p.withAppOf(r.AccessToken, "alice")
	s, err := p.on("alice", g.key)
	if err != nil {
		t.Fatal(err)
	}
	s.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	s = p.must(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
	s.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	if s, err = p.prove(s, "alice", g); err != nil {
		t.Fatal(err)
	}
	s.done(t)
	// The code is used up, though its answer was no tokens yet.
	s, err = p.on("alice", g.key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.next(s, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
	want(t, err, "ExpiredCodeException", usedCode)
}

// The key may come with either step of SRP. A key that is none is refused to
// who has the password, and the same claim passes without it.
func TestDeviceKeyWithSRP(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		g, _ := p.owned("alice")
		bobs, _ := p.owned("bob")
		begin := func(pairs ...string) (*srpclient.Client, map[string]string) {
			t.Helper()
			c := srpclient.New(32)
			out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, append(pairs, "USERNAME", "alice", "SRP_A", c.A())...)
			if err != nil {
				t.Fatal(err)
			}
			return c, out.ChallengeParameters
		}
		verifier := step{name: types.ChallengeNameTypePasswordVerifier}
		c, challenge := begin("DEVICE_KEY", g.key)
		p.must(verifier, p.claim(c, challenge, goodPassword)...).is(t, types.ChallengeNameTypeDeviceSrpAuth)
		c, challenge = begin()
		p.must(verifier, append(p.claim(c, challenge, goodPassword), "DEVICE_KEY", g.key)...).is(t, types.ChallengeNameTypeDeviceSrpAuth)

		for _, key := range []string{bobs.key, "us-west-2_00000000-0000-4000-8000-000000000000", "no key", string(make([]byte, 5000))} {
			// As amazon-cognito-identity-js does: with both steps, then again without.
			c, challenge = begin("DEVICE_KEY", key)
			answer := p.claim(c, challenge, goodPassword)
			_, err := p.next(verifier, append(slices.Clone(answer), "DEVICE_KEY", key)...)
			want(t, err, "ResourceNotFoundException", noDevice)
			s := p.must(verifier, answer...)
			s.done(t)
			if m := s.tokens.NewDeviceMetadata; m == nil || *m.DeviceKey == key {
				t.Errorf("device %v", m)
			}
			_, err = p.next(verifier, answer...)
			want(t, err, "NotAuthorizedException", sessionSpent)
			// Who has no password learns nothing.
			c, challenge = begin("DEVICE_KEY", key)
			_, err = p.next(verifier, append(p.claim(c, challenge, "Wrong-Horse-1"), "DEVICE_KEY", key)...)
			want(t, err, "NotAuthorizedException", wrongPassword)
			_, err = p.on("alice", key)
			want(t, err, "ResourceNotFoundException", noDevice)
			p.pass(time.Hour)
		}
		// In a pool that does not track devices a key means nothing.
		p.setPool(func(*idp.UpdateUserPoolInput) {})
		s, err := p.on("alice", g.key)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		if s.tokens.NewDeviceMetadata != nil || deviceKeyOf(t, s.tokens.AccessToken) != "" {
			t.Error("a device without tracking")
		}
	})
}

// Guesses of passwords that are made beside a key that is none are bounded,
// the right one included.
func TestDeviceKeyTellsNoPasswordOfLockedUsers(t *testing.T) {
	p := onePeople(t, always)
	p.confirmed("alice")
	c := srpclient.New(32)
	out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", "alice", "SRP_A", c.A())
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, err := p.signIn("alice", "Wrong-Horse-1")
		want(t, err, "NotAuthorizedException", wrongPassword)
	}
	_, err = p.answer(types.ChallengeNameTypePasswordVerifier, nil, append(p.claim(c, out.ChallengeParameters, goodPassword), "DEVICE_KEY", "us-west-2_0")...)
	want(t, err, "NotAuthorizedException", "Password attempts exceeded")
}

func TestWrongDeviceProof(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		g, _ := p.owned("alice")
		thief := gadget{g.key, g.group, "another secret"}
		s := p.asked("alice", g)
		verifier, answer, err := p.exchange(s, "alice", thief)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.next(verifier, answer...)
		want(t, err, "NotAuthorizedException", wrongPassword)
		_, err = p.next(verifier, answer...)
		want(t, err, "NotAuthorizedException", wrongPassword)
		_, err = p.next(s, "USERNAME", "alice", "DEVICE_KEY", g.key, "SRP_A", srpclient.New(32).A())
		want(t, err, "NotAuthorizedException", sessionSpent)
		// As many as of wrong passwords.
		open := p.asked("alice", g)
		for range 3 {
			_, err := p.prove(p.asked("alice", g), "alice", thief)
			want(t, err, "NotAuthorizedException", wrongPassword)
		}
		_, _, err = p.exchange(open, "alice", g)
		want(t, err, "NotAuthorizedException", "Password attempts exceeded")
		_, err = p.on("alice", g.key)
		want(t, err, "NotAuthorizedException", "Password attempts exceeded")
	})
}

// What goes out with a challenge to a device is good for this device, user,
// client and step, and once.
func TestDeviceSessions(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		g, _ := p.owned("alice")
		second, _ := p.owned("alice")
		bobs, _ := p.owned("bob")
		a := srpclient.New(32).A()

		s := p.asked("alice", g)
		for name, f := range map[string]func() (step, error){
			"another device": func() (step, error) { return p.next(s, "USERNAME", "alice", "DEVICE_KEY", second.key, "SRP_A", a) },
			"another user":   func() (step, error) { return p.next(s, "USERNAME", "bob", "DEVICE_KEY", bobs.key, "SRP_A", a) },
			"their device":   func() (step, error) { return p.next(s, "USERNAME", "alice", "DEVICE_KEY", bobs.key, "SRP_A", a) },
			"another step": func() (step, error) {
				return p.next(step{name: types.ChallengeNameTypeSmsMfa, session: s.session}, "USERNAME", "alice", "SMS_MFA_CODE", "000000")
			},
			"another client": func() (step, error) {
				home := p.client
				defer func() { p.client = home }()
				p.client = p.newClient(p.poolID, nil)
				return p.next(s, "USERNAME", "alice", "DEVICE_KEY", g.key, "SRP_A", a)
			},
		} {
			_, err := f()
			if err == nil {
				t.Error(name)
			}
			want(t, err, "NotAuthorizedException", badSession)
		}
		_, err := p.next(s, "USERNAME", "alice", "DEVICE_KEY", g.key)
		want(t, err, "InvalidParameterException", "Missing required parameter SRP_A")
		_, err = p.next(s, "USERNAME", "alice", "DEVICE_KEY", g.key, "SRP_A", "0")
		want(t, err, "InvalidParameterException", "Invalid SRP_A value.")

		verifier, answer, err := p.exchange(s, "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		with := func(name, value string) []string {
			pairs := slices.Clone(answer)
			pairs[slices.Index(pairs, name)+1] = value
			return pairs
		}
		_, err = p.next(verifier, with("DEVICE_KEY", second.key)...)
		want(t, err, "NotAuthorizedException", badSession)
		_, err = p.next(verifier, with("USERNAME", "bob")...)
		want(t, err, "NotAuthorizedException", badSession)
		_, err = p.next(step{name: types.ChallengeNameTypePasswordVerifier}, answer...)
		want(t, err, "NotAuthorizedException", wrongPassword)
		_, err = p.next(verifier, with("PASSWORD_CLAIM_SECRET_BLOCK", "made up")...)
		want(t, err, "NotAuthorizedException", wrongPassword)
		if s, err = p.next(verifier, answer...); err != nil {
			t.Fatal(err)
		}
		s.done(t)
		_, err = p.next(verifier, answer...)
		want(t, err, "NotAuthorizedException", sessionSpent)

		// Both halves expire.
		s = p.asked("alice", g)
		late := p.asked("alice", g)
		verifier, answer, err = p.exchange(s, "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		p.pass(4 * time.Minute)
		_, err = p.next(verifier, answer...)
		want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
		_, err = p.next(late, "USERNAME", "alice", "DEVICE_KEY", g.key, "SRP_A", a)
		want(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
	})
}

// One proof, many requests at once: one gets in.
func TestConcurrentDeviceProofs(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		g, _ := p.owned("alice")
		verifier, answer, err := p.exchange(p.asked("alice", g), "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { _, results[i] = p.answer(verifier.name, nil, answer...) })
		}
		wg.Wait()
		in := 0
		for _, err := range results {
			if err == nil {
				in++
			} else {
				want(t, err, "NotAuthorizedException", sessionSpent)
			}
		}
		if in != 1 {
			t.Errorf("%d got in", in)
		}
	})
}

// Clients that bring no session have a minute, at the address that the
// challenge went to.
func TestDeviceWithoutSession(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		g, _ := p.owned("alice")
		bobs, _ := p.owned("bob")
		silent := step{name: types.ChallengeNameTypeDeviceSrpAuth}
		none := func(name string, g gadget) {
			t.Helper()
			_, _, err := p.exchange(silent, name, g)
			want(t, err, "InvalidParameterException", "Missing required parameter Session")
		}
		none("alice", g)
		p.asked("alice", g)
		none("bob", bobs)
		none("alice", bobs)
		home := p.client
		p.client = p.newClient(p.poolID, nil)
		none("alice", g)
		p.client = home
		s, err := p.prove(silent, "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		_, _, err = p.exchange(silent, "alice", g)
		want(t, err, "NotAuthorizedException", sessionSpent)
		p.asked("alice", g)
		from := signin.PendingDevice{Pool: p.poolID, Sub: sub(t, p.get("alice").UserAttributes), Client: p.client, Device: g.key}
		elsewhere, err := p.db.Devices().Pending(t.Context(), from, p.now())
		if err != nil || elsewhere.Address != "127.0.0.1" {
			t.Fatalf("%+v: %v", elsewhere, err)
		}
		elsewhere.Address = "192.0.2.1"
		if err := p.db.Devices().PutPending(t.Context(), elsewhere); err != nil {
			t.Fatal(err)
		}
		none("alice", g)
		p.asked("alice", g)
		p.pass(61 * time.Second)
		none("alice", g)
	})
}

// What happens between the challenge and the proof counts.
func TestDeviceMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile     func(p *people, g gadget, access *string)
		code, message string
	}{
		"forgotten": {func(p *people, g gadget, _ *string) { p.forget("alice", g.key) }, "ResourceNotFoundException", noDevice},
		"not remembered": {func(p *people, g gadget, access *string) {
			p.remember(access, g.key, types.DeviceRememberedStatusTypeNotRemembered)
		}, "ResourceNotFoundException", noDevice},
		"another password": {func(p *people, _ gadget, _ *string) { p.setPassword("alice", newPassword, true) }, "NotAuthorizedException", badSession},
		"disabled": {func(p *people, _ gadget, _ *string) {
			_, err := p.admin.AdminDisableUser(p.t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")})
			if err != nil {
				p.t.Fatal(err)
			}
		}, "NotAuthorizedException", "User is disabled."},
		"a second factor, and devices stand in for none": {func(p *people, _ gadget, access *string) {
			p.withAppOf(access, "alice")
			p.setPool(func(in *idp.UpdateUserPoolInput) {
				in.MfaConfiguration = types.UserPoolMfaTypeOptional
				in.DeviceConfiguration = &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true}
			})
		}, "NotAuthorizedException", badSession},
		"a second factor": {func(p *people, _ gadget, access *string) { p.withAppOf(access, "alice") }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := onePeople(t, always)
			p.t = t
			p.confirmed("alice")
			p.mfa(types.UserPoolMfaTypeOptional, tokensOnly)
			g, r := p.owned("alice")
			verifier, answer, err := p.exchange(p.asked("alice", g), "alice", g)
			if err != nil {
				t.Fatal(err)
			}
			p.pass(time.Second)
			c.meanwhile(p, g, r.AccessToken)
			s, err := p.next(verifier, answer...)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				s.done(t)
				return
			}
			want(t, err, c.code, c.message)
		})
	}
}

// A refresh token works on the device that it was issued on, for as long as
// the device is not forgotten.
func TestRefreshOnDevice(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		g, r := p.owned("alice")
		other, _ := p.owned("alice")
		get := func(key *string) (*types.AuthenticationResultType, error) {
			out, err := p.pub.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
				ClientId: &p.client, RefreshToken: r.RefreshToken, DeviceKey: key,
			})
			if err != nil {
				return nil, err
			}
			return out.AuthenticationResult, nil
		}
		refuse := func() {
			t.Helper()
			_, err := p.refresh(*r.RefreshToken)
			want(t, err, "NotAuthorizedException", "Invalid Refresh Token")
			_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *r.RefreshToken, "DEVICE_KEY", other.key)
			want(t, err, "NotAuthorizedException", "Invalid Refresh Token")
			_, err = get(nil)
			want(t, err, "NotAuthorizedException", "Invalid Refresh Token.")
			_, err = get(&other.key)
			want(t, err, "NotAuthorizedException", "Invalid Refresh Token.")
		}
		refuse()
		out, err := p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *r.RefreshToken, "DEVICE_KEY", g.key)
		if err != nil || deviceKeyOf(t, out.AuthenticationResult.AccessToken) != g.key || out.AuthenticationResult.NewDeviceMetadata != nil {
			t.Fatalf("refresh on the device: %v", err)
		}
		if r, err := get(&g.key); err != nil || deviceKeyOf(t, r.AccessToken) != g.key || r.NewDeviceMetadata != nil {
			t.Fatalf("GetTokensFromRefreshToken on the device: %v", err)
		}

		// The device is forgotten: its user is not signed out, but not for long.
		if _, err := p.pub.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &g.key}); err != nil {
			t.Fatal(err)
		}
		if err := p.whoami(*r.AccessToken); err != nil {
			t.Errorf("access token: %v", err)
		}
		refuse()
		_, err = p.initiate(types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *r.RefreshToken, "DEVICE_KEY", g.key)
		want(t, err, "NotAuthorizedException", "Refresh Token has expired")
		_, err = p.pub.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &g.key})
		want(t, err, "ResourceNotFoundException", noDevice)
		_, err = p.pub.UpdateDeviceStatus(t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: r.AccessToken, DeviceKey: &g.key, DeviceRememberedStatus: "remembered"})
		want(t, err, "ResourceNotFoundException", noDevice)
		// Whoever took the device has its access token, and cannot bring it back.
		_, err = p.confirmDevice(r.AccessToken, g)
		want(t, err, "InvalidParameterException", badDevice)
		if keys := p.listDevices(r.AccessToken, nil); !slices.Equal(keys, []string{other.key}) {
			t.Errorf("devices %v", keys)
		}

		// A pool that tracks no devices any more asks for none.
		r = p.tokensOf("alice", goodPassword)
		refuse()
		p.setPool(func(*idp.UpdateUserPoolInput) {})
		if _, err := p.refresh(*r.RefreshToken); err != nil {
			t.Errorf("refresh without tracking: %v", err)
		}
	})
}

// Signing out leaves devices alone; a user who is deleted takes them along.
func TestDevicesAndTheirUser(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		g, r := p.owned("alice")
		if _, err := p.pub.GlobalSignOut(t.Context(), &idp.GlobalSignOutInput{AccessToken: r.AccessToken}); err != nil {
			t.Fatal(err)
		}
		s, err := p.prove(p.asked("alice", g), "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		who, open := sub(t, p.get("alice").UserAttributes), p.asked("alice", g)
		if _, err := p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.poolID, Username: aws.String("alice")}); err != nil {
			t.Fatal(err)
		}
		if left, err := p.db.Devices().Devices(t.Context(), p.poolID, who, "", false, 9); err != nil || len(left) > 0 {
			t.Errorf("%d devices are left: %v", len(left), err)
		}
		p.confirmed("alice") // another one
		_, _, err = p.exchange(open, "alice", g)
		want(t, err, "NotAuthorizedException", badSession)
		_, err = p.on("alice", g.key)
		want(t, err, "ResourceNotFoundException", noDevice)
	})
}

// A device key tells nobody who exists.
func TestDeviceKeyOfUnknownUsers(t *testing.T) {
	s := always
	s.client = hiding
	p := onePeople(t, s)
	p.confirmed("alice")
	g, _ := p.owned("alice")
	for _, name := range []string{"alice", "nobody"} {
		c := srpclient.New(32)
		out, err := p.initiate(types.AuthFlowTypeUserSrpAuth, "USERNAME", name, "SRP_A", c.A(), "DEVICE_KEY", g.key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.answer(types.ChallengeNameTypePasswordVerifier, nil, append(p.claim(c, out.ChallengeParameters, "Wrong-Horse-1"), "DEVICE_KEY", g.key)...)
		want(t, err, "NotAuthorizedException", wrongPassword)
		_, err = p.initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", name, "PASSWORD", "Wrong-Horse-1", "DEVICE_KEY", "us-west-2_0")
		want(t, err, "NotAuthorizedException", wrongPassword)
		_, _, err = p.exchange(step{name: types.ChallengeNameTypeDeviceSrpAuth}, name, g)
		want(t, err, "InvalidParameterException", "Missing required parameter Session")
	}
}

// Functions hear of devices that are new, and of tokens that a device led to.
func TestFunctionsHearOfDevices(t *testing.T) {
	var news []any
	f := functionsOf(map[string]func(*happening){
		"PostAuthentication": func(h *happening) { news = append(news, h.Request["newDeviceUsed"]) }, "PreTokenGeneration": yes,
	})
	s := always
	s.functions = f
	p := onePeople(t, s)
	p.confirmed("alice")
	g, _ := p.owned("alice")
	if got := f.sources(); got != "PostAuthentication_Authentication TokenGeneration_Authentication" {
		t.Errorf("asked %s", got)
	}
	if _, err := p.prove(p.asked("alice", g), "alice", g); err != nil {
		t.Fatal(err)
	}
	if got := f.sources(); got != "PostAuthentication_Authentication TokenGeneration_AuthenticateDevice" {
		t.Errorf("asked %s", got)
	}
	if !slices.Equal(news, []any{true, false}) {
		t.Errorf("new devices: %v", news)
	}
}

// In CUSTOM_AUTH a device comes last, after all that the functions ask, and
// stands in for nothing.
func TestDeviceEndsCustomAuth(t *testing.T) {
	s := always
	s.client, s.functions = customised, functionsOf(riddles())
	p := onePeople(t, s)
	p.confirmed("alice")
	p.confirmed("bob")
	p.mfa(types.UserPoolMfaTypeOptional, tokensOnly)
	g, r := p.owned("alice")
	bobs, _ := p.owned("bob")

	// The key that begins the sign-in is remembered until its end.
	c, err := p.custom("USERNAME", "alice", "DEVICE_KEY", g.key)
	if err != nil {
		t.Fatal(err)
	}
	c = p.must(c, "USERNAME", "alice", "ANSWER", "wrong")
	c.is(t, customChallenge)
	c = p.must(c, "USERNAME", "alice", "ANSWER", "answer 1")
	c.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	if c, err = p.prove(c, "alice", g); err != nil {
		t.Fatal(err)
	}
	c.done(t)
	if deviceKeyOf(t, c.tokens.AccessToken) != g.key {
		t.Error("another device")
	}

	// Whoever has no password learns nothing of keys.
	c, err = p.custom("USERNAME", "alice", "DEVICE_KEY", bobs.key)
	if err != nil {
		t.Fatal(err)
	}
	c = p.must(c, "USERNAME", "alice", "ANSWER", "answer 0", "DEVICE_KEY", bobs.key)
	c.done(t)
	if m := c.tokens.NewDeviceMetadata; m == nil || *m.DeviceKey == bobs.key {
		t.Errorf("device %v", m)
	}

	// The password comes first, then the second factor, the question, the device.
	phone := p.withAppOf(r.AccessToken, "alice")
	exchange := srpclient.New(32)
	c, err = p.custom("USERNAME", "alice", "DEVICE_KEY", g.key, "CHALLENGE_NAME", "SRP_A", "SRP_A", exchange.A())
	if err != nil {
		t.Fatal(err)
	}
	c = p.must(c, p.claim(exchange, c.parameters, goodPassword)...)
	c.is(t, types.ChallengeNameTypeSoftwareTokenMfa)
	c = p.must(c, "USERNAME", "alice", "SOFTWARE_TOKEN_MFA_CODE", phone.code())
	c.is(t, customChallenge)
	c = p.must(c, "USERNAME", "alice", "ANSWER", "answer 0")
	c.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	if c, err = p.prove(c, "alice", g); err != nil {
		t.Fatal(err)
	}
	c.done(t)
}

// Codes and new passwords that begin a sign-in end on the device, too.
func TestDeviceAfterOtherFactors(t *testing.T) {
	s := always
	s.client = func(in *idp.CreateUserPoolClientInput) {
		in.ExplicitAuthFlows = append(in.ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowUserAuth)
	}
	p := onePeople(t, s)
	p.confirmed("alice")
	g, _ := p.owned("alice")
	p.setPassword("alice", goodPassword, false)
	c, err := p.on("alice", g.key)
	if err != nil {
		t.Fatal(err)
	}
	c.is(t, types.ChallengeNameTypeNewPasswordRequired)
	c = p.must(c, "USERNAME", "alice", "NEW_PASSWORD", newPassword)
	c.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	if c, err = p.prove(c, "alice", g); err != nil {
		t.Fatal(err)
	}
	c.done(t)

	out, err := p.initiate(types.AuthFlowTypeUserAuth, "USERNAME", "alice", "DEVICE_KEY", g.key)
	if err != nil {
		t.Fatal(err)
	}
	c = step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}
	c.is(t, types.ChallengeNameTypeSelectChallenge)
	_, err = p.next(c, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", newPassword, "DEVICE_KEY", "us-west-2_0")
	want(t, err, "ResourceNotFoundException", noDevice)
	c = p.must(c, "USERNAME", "alice", "ANSWER", "PASSWORD", "PASSWORD", newPassword)
	c.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	if c, err = p.prove(c, "alice", g); err != nil {
		t.Fatal(err)
	}
	c.done(t)
}

// A client with a secret proves it with both answers of a device, with and
// without a session.
func TestDeviceAnswersNeedTheSecretHash(t *testing.T) {
	p := onePeople(t, always)
	p.confirmed("alice")
	p.client = p.newClient(p.poolID, func(in *idp.CreateUserPoolClientInput) { in.GenerateSecret = true })
	described, err := p.admin.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.poolID, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	hash := []string{"SECRET_HASH", password.SecretHash(*described.UserPoolClient.ClientSecret, "alice", p.client)}
	signIn := func(pairs ...string) *idp.InitiateAuthOutput {
		t.Helper()
		out, err := p.initiate(types.AuthFlowTypeUserPasswordAuth, slices.Concat(pairs, hash, []string{"USERNAME", "alice", "PASSWORD", goodPassword})...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := signIn().AuthenticationResult
	g := newGadget(t, first)
	if _, err := p.confirmDevice(first.AccessToken, g); err != nil {
		t.Fatal(err)
	}
	out := signIn("DEVICE_KEY", g.key)
	s := step{name: out.ChallengeName, session: out.Session}
	s.is(t, types.ChallengeNameTypeDeviceSrpAuth)
	without := func(s step, pairs ...string) {
		t.Helper()
		_, err := p.next(s, pairs...)
		want(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
		_, err = p.next(s, append(pairs, "SECRET_HASH", "AAAA")...)
		want(t, err, "NotAuthorizedException", "Unable to verify secret hash for client "+p.client)
	}
	c := srpclient.New(32)
	answer := []string{"USERNAME", "alice", "DEVICE_KEY", g.key, "SRP_A", c.A()}
	without(s, answer...)
	without(step{name: s.name}, answer...)
	s = p.must(step{name: s.name}, append(answer, hash...)...)
	claim, err := c.Answer(srpclient.Challenge{
		Pool: g.group, User: g.key, Salt: s.parameters["SALT"], B: s.parameters["SRP_B"], SecretBlock: s.parameters["SECRET_BLOCK"],
	}, g.secret, p.now())
	if err != nil {
		t.Fatal(err)
	}
	answer = []string{
		"USERNAME", "alice", "DEVICE_KEY", g.key, "PASSWORD_CLAIM_SECRET_BLOCK", s.parameters["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE", claim.Signature, "TIMESTAMP", claim.Timestamp,
	}
	without(s, answer...)
	p.must(s, append(answer, hash...)...).done(t)
}
