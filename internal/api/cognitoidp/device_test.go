package cognitoidp_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const (
	noDevice  = "Device does not exist."
	badDevice = "Invalid device key given."
)

// tracking makes pools that track devices.
func tracking(c types.DeviceConfigurationType) setup {
	return setup{pool: func(in *idp.CreateUserPoolInput) { in.DeviceConfiguration = &c }}
}

// The ways in which a pool can track devices.
var (
	always  = tracking(types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true})
	onAsk   = tracking(types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true})
	noBonus = tracking(types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: false})
)

// gadget is what a client keeps of a device.
type gadget struct{ key, group, secret string }

// newGadget is what a client makes of the metadata of a new device.
func newGadget(t *testing.T, r *types.AuthenticationResultType) gadget {
	t.Helper()
	m := r.NewDeviceMetadata
	if m == nil {
		t.Fatal("the sign-in gave no device")
	}
	return gadget{*m.DeviceKey, *m.DeviceGroupKey, base64.StdEncoding.EncodeToString(secretbox.Bytes(40))}
}

// confirmDevice confirms a device.
func (p *people) confirmDevice(access *string, g gadget, change ...func(*idp.ConfirmDeviceInput)) (bool, error) {
	p.t.Helper()
	v := srpclient.NewVerifier(g.group, g.key, g.secret, secretbox.Bytes(16))
	in := &idp.ConfirmDeviceInput{
		AccessToken: access, DeviceKey: &g.key, DeviceName: aws.String("phone"),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{Salt: &v.Salt, PasswordVerifier: &v.PasswordVerifier},
	}
	for _, f := range change {
		f(in)
	}
	out, err := p.pub.ConfirmDevice(p.t.Context(), in)
	if err != nil {
		return false, err
	}
	return out.UserConfirmationNecessary, nil
}

// owned signs a user in on a new device, confirms it, and says that it is
// remembered.
func (p *people) owned(name string) (gadget, *types.AuthenticationResultType) {
	p.t.Helper()
	r := p.tokensOf(name, goodPassword)
	g := newGadget(p.t, r)
	if _, err := p.confirmDevice(r.AccessToken, g); err != nil {
		p.t.Fatal(err)
	}
	p.remember(r.AccessToken, g.key, types.DeviceRememberedStatusTypeRemembered)
	return g, r
}

func (p *people) remember(access *string, key string, status types.DeviceRememberedStatusType) {
	p.t.Helper()
	_, err := p.pub.UpdateDeviceStatus(p.t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: access, DeviceKey: &key, DeviceRememberedStatus: status})
	if err != nil {
		p.t.Fatal(err)
	}
}

// on takes the first step of a sign-in on a device.
func (p *people) on(name, key string) (step, error) {
	p.t.Helper()
	out, err := p.initiate(types.AuthFlowTypeUserPasswordAuth, "USERNAME", name, "PASSWORD", goodPassword, "DEVICE_KEY", key)
	if err != nil {
		return step{}, err
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AuthenticationResult}, nil
}

// asked is on for a device that is asked for its proof.
func (p *people) asked(name string, g gadget) step {
	p.t.Helper()
	s, err := p.on(name, g.key)
	if err != nil {
		p.t.Fatal(err)
	}
	s.is(p.t, types.ChallengeNameTypeDeviceSrpAuth)
	return s
}

// exchange begins the exchange of a device, and returns what it is to be answered
// with.
func (p *people) exchange(s step, name string, g gadget) (step, []string, error) {
	p.t.Helper()
	c := srpclient.New(32)
	out, err := p.next(s, "USERNAME", name, "DEVICE_KEY", g.key, "SRP_A", c.A())
	if err != nil {
		return out, nil, err
	}
	if out.name != types.ChallengeNameTypeDevicePasswordVerifier || out.tokens != nil || out.parameters["DEVICE_KEY"] != g.key {
		p.t.Fatalf("%s after DEVICE_SRP_AUTH: %v", out.name, out.parameters)
	}
	claim, err := c.Answer(srpclient.Challenge{
		Pool: g.group, User: g.key, Salt: out.parameters["SALT"], B: out.parameters["SRP_B"], SecretBlock: out.parameters["SECRET_BLOCK"],
	}, g.secret, p.now())
	if err != nil {
		p.t.Fatal(err)
	}
	return out, []string{
		"USERNAME", out.parameters["USERNAME"], "DEVICE_KEY", g.key, "PASSWORD_CLAIM_SECRET_BLOCK", out.parameters["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE", claim.Signature, "TIMESTAMP", claim.Timestamp,
	}, nil
}

// prove gives the proof of a device.
func (p *people) prove(s step, name string, g gadget) (step, error) {
	p.t.Helper()
	s, answer, err := p.exchange(s, name, g)
	if err != nil {
		return s, err
	}
	return p.next(s, answer...)
}

func (p *people) listDevices(access *string, limit *int32) []string {
	p.t.Helper()
	var keys []string
	var page *string
	for {
		out, err := p.pub.ListDevices(p.t.Context(), &idp.ListDevicesInput{AccessToken: access, Limit: limit, PaginationToken: page})
		if err != nil {
			p.t.Fatal(err)
		}
		if limit != nil && len(out.Devices) > int(*limit) {
			p.t.Errorf("a page of %d", len(out.Devices))
		}
		for _, d := range out.Devices {
			keys = append(keys, *d.DeviceKey)
		}
		if page = out.PaginationToken; page == nil {
			return keys
		}
	}
}

func (p *people) adminDevice(name, key string) (*types.DeviceType, error) {
	p.t.Helper()
	out, err := p.admin.AdminGetDevice(p.t.Context(), &idp.AdminGetDeviceInput{UserPoolId: &p.poolID, Username: &name, DeviceKey: &key})
	if err != nil {
		return nil, err
	}
	return out.Device, nil
}

// deviceKeyOf is the claim of a token.
func deviceKeyOf(t *testing.T, token *string) string {
	t.Helper()
	_, values := claims(t, *token)
	return strings.Trim(string(values["device_key"]), `"`)
}

func TestNewDevices(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		g := newGadget(t, r)
		if !strings.HasPrefix(g.key, west+"_") || len(g.key) != len(west)+1+36 || g.group[0] != '-' || len(g.group) != 9 {
			t.Errorf("device %q of group %q", g.key, g.group)
		}
		if got := deviceKeyOf(t, r.AccessToken); got != g.key {
			t.Errorf("device_key of the access token is %q, want %q", got, g.key)
		}
		if got := deviceKeyOf(t, r.IdToken); got != "" {
			t.Errorf("device_key of the ID token is %q", got)
		}
		if other := newGadget(t, p.tokensOf("alice", goodPassword)); other.key == g.key || other.group != g.group {
			t.Errorf("another sign-in gave %+v after %+v", other, g)
		}
		// Nothing is kept of a device before it is confirmed.
		_, err := p.adminDevice("alice", g.key)
		want(t, err, "ResourceNotFoundException", noDevice)
		_, err = p.on("alice", g.key)
		want(t, err, "ResourceNotFoundException", noDevice)

		prompt, err := p.confirmDevice(r.AccessToken, g)
		if err != nil || prompt {
			t.Fatalf("prompt %t: %v", prompt, err)
		}
		if keys := p.listDevices(r.AccessToken, nil); !slices.Equal(keys, []string{g.key}) {
			t.Errorf("devices %v", keys)
		}
		d, err := p.adminDevice("alice", g.key)
		if err != nil {
			t.Fatal(err)
		}
		owner := "alice." + p.poolID
		wanted := "device_status=valid device_name=phone dev:device_arn=arn:aws:cognito-idp:us-west-2:111111111111:owner/" + owner + "/device/" + g.key +
			" dev:device_owner=" + owner + " last_ip_used=127.0.0.1 dev:device_remembered_status=remembered dev:device_sdk=aws-sdk-unknown-unknown"
		if got := profile(d.DeviceAttributes); got != wanted {
			t.Errorf("attributes\n got %s\nwant %s", got, wanted)
		}
		now := p.now().Truncate(time.Millisecond)
		if !d.DeviceCreateDate.Equal(now) || !d.DeviceLastModifiedDate.Equal(now) || !d.DeviceLastAuthenticatedDate.Equal(now.Truncate(time.Second)) {
			t.Errorf("dates %v, %v, %v", d.DeviceCreateDate, d.DeviceLastModifiedDate, d.DeviceLastAuthenticatedDate)
		}
		own, err := p.pub.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &g.key})
		if err != nil || profile(own.Device.DeviceAttributes) != wanted {
			t.Errorf("GetDevice: %v", err)
		}
		list, err := p.pub.ListDevices(t.Context(), &idp.ListDevicesInput{AccessToken: r.AccessToken})
		if err != nil || profile(list.Devices[0].DeviceAttributes) != "device_status=valid device_name=phone last_ip_used=127.0.0.1" {
			t.Errorf("ListDevices: %v", err)
		}
	})
}

// A device is confirmed by the sign-in that it was handed out to, once, with a
// verifier that is one.
func TestConfirmDeviceRefuses(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		mine, theirs := p.tokensOf("alice", goodPassword), p.tokensOf("bob", goodPassword)
		g, bobs := newGadget(t, mine), newGadget(t, theirs)
		_, err := p.confirmDevice(mine.AccessToken, bobs)
		want(t, err, "InvalidParameterException", badDevice)
		_, err = p.confirmDevice(mine.AccessToken, gadget{key: "us-west-2_0", group: g.group})
		want(t, err, "InvalidParameterException", badDevice)
		_, err = p.confirmDevice(aws.String("x.y.z"), g)
		want(t, err, "NotAuthorizedException", "Invalid Access Token")
		_, err = p.confirmDevice(mine.AccessToken, g, func(in *idp.ConfirmDeviceInput) { in.DeviceSecretVerifierConfig = nil })
		want(t, err, "InvalidParameterException", "Missing required parameter DeviceSecretVerifierConfig")
		good := srpclient.NewVerifier(g.group, g.key, g.secret, secretbox.Bytes(16))
		zero, big := base64.StdEncoding.EncodeToString(make([]byte, 384)), base64.StdEncoding.EncodeToString(secretbox.Bytes(500))
		for name, c := range map[string][2]string{
			"salt that is not base64":     {"%", good.PasswordVerifier},
			"verifier that is not base64": {good.Salt, "%"},
			"salt of zeros":               {zero, good.PasswordVerifier},
			"salt without end":            {big, good.PasswordVerifier},
			"verifier of zeros":           {good.Salt, zero},
			"verifier beyond the prime":   {good.Salt, big},
		} {
			_, err := p.confirmDevice(mine.AccessToken, g, func(in *idp.ConfirmDeviceInput) {
				in.DeviceSecretVerifierConfig = &types.DeviceSecretVerifierConfigType{Salt: &c[0], PasswordVerifier: &c[1]}
			})
			if err == nil {
				t.Error(name)
			}
			want(t, err, "InvalidParameterException", "Invalid device secret verifier given.")
		}
		if _, err := p.confirmDevice(mine.AccessToken, g); err != nil {
			t.Fatal(err)
		}
		_, err = p.confirmDevice(mine.AccessToken, g)
		want(t, err, "DeviceKeyExistsException", "Device already exists.")

		p.setPool(func(*idp.UpdateUserPoolInput) {})
		_, err = p.confirmDevice(theirs.AccessToken, bobs)
		want(t, err, "InvalidUserPoolConfigurationException", "Device tracking is not configured for the user pool.")
	})
}

// One device, confirmed many times at once: once.
func TestConcurrentConfirmations(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		g := newGadget(t, r)
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { _, results[i] = p.confirmDevice(r.AccessToken, g) })
		}
		wg.Wait()
		good := 0
		for _, err := range results {
			if err == nil {
				good++
			} else {
				want(t, err, "DeviceKeyExistsException", "Device already exists.")
			}
		}
		if good != 1 {
			t.Errorf("confirmed %d times", good)
		}
	})
}

// Who wants devices remembered on a prompt sees none before.
func TestRememberedOnPrompt(t *testing.T) {
	eachPeople(t, onAsk, func(t *testing.T, p *people) {
		p.confirmed("alice")
		r := p.tokensOf("alice", goodPassword)
		g := newGadget(t, r)
		prompt, err := p.confirmDevice(r.AccessToken, g)
		if err != nil || !prompt {
			t.Fatalf("prompt %t: %v", prompt, err)
		}
		unseen := func() {
			t.Helper()
			if keys := p.listDevices(r.AccessToken, nil); len(keys) != 0 {
				t.Errorf("devices %v", keys)
			}
			_, err := p.pub.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &g.key})
			want(t, err, "ResourceNotFoundException", noDevice)
			d, err := p.adminDevice("alice", g.key)
			if err != nil || !strings.Contains(profile(d.DeviceAttributes), "remembered_status=not_remembered") {
				t.Errorf("%v", err)
			}
		}
		unseen()
		// It signs in as any other device does, and is known by name.
		p.pass(time.Minute)
		s, err := p.on("alice", g.key)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		if s.tokens.NewDeviceMetadata != nil || deviceKeyOf(t, s.tokens.AccessToken) != g.key {
			t.Errorf("another device %v", s.tokens.NewDeviceMetadata)
		}
		d, err := p.adminDevice("alice", g.key)
		if now := p.now().Truncate(time.Second); err != nil || !d.DeviceLastAuthenticatedDate.Equal(now) || !d.DeviceCreateDate.Before(now) {
			t.Errorf("authenticated %v: %v", d.DeviceLastAuthenticatedDate, err)
		}
		p.remember(r.AccessToken, g.key, types.DeviceRememberedStatusTypeRemembered)
		if keys := p.listDevices(r.AccessToken, nil); !slices.Equal(keys, []string{g.key}) {
			t.Errorf("devices %v", keys)
		}
		s, err = p.prove(p.asked("alice", g), "alice", g)
		if err != nil {
			t.Fatal(err)
		}
		s.done(t)
		p.remember(r.AccessToken, g.key, types.DeviceRememberedStatusTypeNotRemembered)
		unseen()
		// Without a status nothing changes, but there must be such a device.
		p.remember(r.AccessToken, g.key, "")
		unseen()
		_, err = p.pub.UpdateDeviceStatus(t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: r.AccessToken, DeviceKey: aws.String("us-west-2_0")})
		want(t, err, "ResourceNotFoundException", noDevice)
	})
}

func TestDevicePages(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		var keys []string
		var last *types.AuthenticationResultType
		for range 5 {
			g, r := p.owned("alice")
			keys, last = append(keys, g.key), r
		}
		_, bobs := p.owned("bob")
		slices.Sort(keys)
		p.remember(last.AccessToken, keys[2], types.DeviceRememberedStatusTypeNotRemembered)
		remembered := slices.Delete(slices.Clone(keys), 2, 3)
		if got := p.listDevices(last.AccessToken, aws.Int32(2)); !slices.Equal(got, remembered) {
			t.Errorf("devices %v, want %v", got, remembered)
		}
		var all []string
		in := &idp.AdminListDevicesInput{UserPoolId: &p.poolID, Username: aws.String("alice"), Limit: aws.Int32(2)}
		for {
			out, err := p.admin.AdminListDevices(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range out.Devices {
				all = append(all, *d.DeviceKey)
			}
			if in.PaginationToken = out.PaginationToken; in.PaginationToken == nil {
				break
			}
			// A page belongs to one user and one list.
			_, err = p.admin.AdminListDevices(t.Context(), &idp.AdminListDevicesInput{
				UserPoolId: &p.poolID, Username: aws.String("bob"), PaginationToken: in.PaginationToken,
			})
			want(t, err, "InvalidParameterException", "Invalid pagination token given.")
			_, err = p.pub.ListDevices(t.Context(), &idp.ListDevicesInput{AccessToken: bobs.AccessToken, PaginationToken: in.PaginationToken})
			want(t, err, "InvalidParameterException", "Invalid pagination token given.")
		}
		if !slices.Equal(all, keys) {
			t.Errorf("devices %v, want %v", all, keys)
		}
	})
}

// Users have so many devices and no more: who stayed away longest goes, and
// first among those that nothing depends on.
func TestDevicesAreBounded(t *testing.T) {
	const most = 100
	p := onePeople(t, always)
	p.confirmed("alice")
	var gadgets []gadget
	var last *types.AuthenticationResultType
	grow := func(n int) {
		for range n {
			p.pass(time.Second)
			r := p.tokensOf("alice", goodPassword)
			g := newGadget(t, r)
			if _, err := p.confirmDevice(r.AccessToken, g); err != nil {
				t.Fatal(err)
			}
			gadgets, last = append(gadgets, g), r
		}
	}
	grow(most)
	p.remember(last.AccessToken, gadgets[5].key, types.DeviceRememberedStatusTypeNotRemembered)
	grow(2)
	keys := p.listDevices(last.AccessToken, nil)
	if len(keys) != most {
		t.Errorf("%d devices, want %d", len(keys), most)
	}
	for i, gone := range map[int]bool{0: true, 1: false, 5: true, 6: false, most + 1: false} {
		if _, err := p.adminDevice("alice", gadgets[i].key); (err != nil) != gone {
			t.Errorf("device %d: %v", i, err)
		}
	}
}

// Whose a device is, is decided by the access token or by the name that a
// signed request gives.
func TestDevicesOfOthers(t *testing.T) {
	eachPeople(t, always, func(t *testing.T, p *people) {
		p.confirmed("alice")
		p.confirmed("bob")
		g, mine := p.owned("alice")
		_, bobs := p.owned("bob")
		key := &g.key
		for name, f := range map[string]func(access *string) error{
			"GetDevice": func(access *string) error {
				_, err := p.pub.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: access, DeviceKey: key})
				return err
			},
			"UpdateDeviceStatus": func(access *string) error {
				_, err := p.pub.UpdateDeviceStatus(t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: access, DeviceKey: key, DeviceRememberedStatus: "not_remembered"})
				return err
			},
			"ForgetDevice": func(access *string) error {
				_, err := p.pub.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: access, DeviceKey: key})
				return err
			},
		} {
			want(t, f(bobs.AccessToken), "ResourceNotFoundException", noDevice)
			want(t, f(bobs.IdToken), "NotAuthorizedException", "Invalid Access Token")
			if name != "UpdateDeviceStatus" { // of which the SDK sends no request without a token
				want(t, f(nil), "InvalidParameterException", "Missing required parameter AccessToken")
			}
		}
		_, err := p.adminDevice("bob", g.key)
		want(t, err, "ResourceNotFoundException", noDevice)
		_, err = p.adminDevice("carol", g.key)
		want(t, err, "ResourceNotFoundException", "User does not exist.")
		_, err = p.admin.AdminListDevices(t.Context(), &idp.AdminListDevicesInput{UserPoolId: &p.poolID, Username: aws.String("carol")})
		want(t, err, "ResourceNotFoundException", "User does not exist.")
		_, err = p.admin.AdminForgetDevice(t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: &p.poolID, Username: aws.String("bob"), DeviceKey: key})
		want(t, err, "ResourceNotFoundException", noDevice)
		_, err = p.admin.AdminForgetDevice(t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: &p.poolID, Username: aws.String("carol"), DeviceKey: key})
		want(t, err, "UserNotFoundException", "User does not exist.")
		update := &idp.AdminUpdateDeviceStatusInput{UserPoolId: &p.poolID, Username: aws.String("bob"), DeviceKey: key, DeviceRememberedStatus: "not_remembered"}
		_, err = p.admin.AdminUpdateDeviceStatus(t.Context(), update)
		want(t, err, "ResourceNotFoundException", noDevice)
		update.Username = aws.String("alice")
		_, err = p.root(beta, west).AdminUpdateDeviceStatus(t.Context(), update)
		want(t, err, "ResourceNotFoundException", fmt.Sprintf("User pool %s does not exist.", p.poolID))
		_, err = p.user("clerk", west, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-idp:AdminGetDevice","Resource":"*"}]}`).
			AdminUpdateDeviceStatus(t.Context(), update)
		if err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
			t.Errorf("without permission: %v", err)
		}
		if keys := p.listDevices(mine.AccessToken, nil); !slices.Equal(keys, []string{g.key}) {
			t.Errorf("devices %v", keys)
		}
		if _, err := p.admin.AdminUpdateDeviceStatus(t.Context(), update); err != nil {
			t.Fatal(err)
		}
		if keys := p.listDevices(mine.AccessToken, nil); len(keys) != 0 {
			t.Errorf("devices %v", keys)
		}
	})
}
