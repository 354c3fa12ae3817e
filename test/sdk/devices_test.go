package sdk

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

const (
	textNoDevice  = "Device does not exist."
	textSpent     = "Invalid session for the user, session can only be used once."
	textIncorrect = "Incorrect username or password."
)

// tracked is a pool whose devices stand in for second factors, and are
// remembered when their users say so.
func (w *world) tracked(t *testing.T, o owner) *people {
	t.Helper()
	p := w.people(t, o, west)
	must(p.admin.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId:          &p.pool,
		DeviceConfiguration: &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true},
	}))(t)
	return p
}

// handset is what an app keeps of the device that it runs on.
type handset struct{ key, group, secret string }

// signInOn signs in by SRP, on a device if one is given, and does what is asked
// of the device.
func (p *people) signInOn(name string, h *handset) (*types.AuthenticationResultType, error) {
	p.t.Helper()
	exchange, parameters := srpclient.New(32), map[string]string{"USERNAME": name}
	parameters["SRP_A"] = exchange.A()
	if h != nil {
		parameters["DEVICE_KEY"] = h.key
	}
	begun := must(p.public.InitiateAuth(p.t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeUserSrpAuth, AuthParameters: parameters,
	}))(p.t)
	c := begun.ChallengeParameters
	responses := p.claimed(exchange, srpclient.Challenge{Pool: p.pool[len(p.region)+1:], User: c["USER_ID_FOR_SRP"]}, c, password)
	if h != nil {
		responses["DEVICE_KEY"] = h.key
	}
	out, err := p.respond(begun.ChallengeName, begun.Session, responses)
	if err != nil || out.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
		if err != nil {
			return nil, err
		}
		return out.AuthenticationResult, nil
	}
	answer, err := p.prepare(out.Session, name, *h)
	if err != nil {
		return nil, err
	}
	if out, err = p.respond(types.ChallengeNameTypeDevicePasswordVerifier, nil, answer); err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

// prepare begins the exchange of a device and returns its proof.
func (p *people) prepare(session *string, name string, h handset) (map[string]string, error) {
	p.t.Helper()
	exchange := srpclient.New(32)
	out, err := p.respond(types.ChallengeNameTypeDeviceSrpAuth, session, map[string]string{"USERNAME": name, "DEVICE_KEY": h.key, "SRP_A": exchange.A()})
	if err != nil {
		return nil, err
	}
	if out.ChallengeName != types.ChallengeNameTypeDevicePasswordVerifier {
		p.t.Fatalf("challenge %s", out.ChallengeName)
	}
	answer := p.claimed(exchange, srpclient.Challenge{Pool: h.group, User: h.key}, out.ChallengeParameters, h.secret)
	answer["DEVICE_KEY"] = h.key
	return answer, nil
}

// claimed completes a challenge and returns the claim that answers it.
func (p *people) claimed(exchange *srpclient.Client, ch srpclient.Challenge, c map[string]string, secret string) map[string]string {
	p.t.Helper()
	ch.Salt, ch.B, ch.SecretBlock = c["SALT"], c["SRP_B"], c["SECRET_BLOCK"]
	claim := must(exchange.Answer(ch, secret, p.w.Clock().Now()))(p.t)
	return map[string]string{
		"USERNAME": c["USERNAME"], "PASSWORD_CLAIM_SECRET_BLOCK": c["SECRET_BLOCK"],
		"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "TIMESTAMP": claim.Timestamp,
	}
}

func (p *people) respond(name types.ChallengeNameType, session *string, responses map[string]string) (*idp.RespondToAuthChallengeOutput, error) {
	return p.public.RespondToAuthChallenge(p.t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: name, Session: session, ChallengeResponses: responses,
	})
}

// confirm confirms the device of a sign-in, and may have it remembered.
func (p *people) confirm(r *types.AuthenticationResultType, secret string, remembered bool) handset {
	p.t.Helper()
	if r.NewDeviceMetadata == nil {
		p.t.Fatal("the sign-in gave no device")
	}
	h := handset{*r.NewDeviceMetadata.DeviceKey, *r.NewDeviceMetadata.DeviceGroupKey, base64.StdEncoding.EncodeToString([]byte(secret))}
	v := srpclient.NewVerifier(h.group, h.key, h.secret, []byte("salt of 16 bytes"))
	out := must(p.public.ConfirmDevice(p.t.Context(), &idp.ConfirmDeviceInput{
		AccessToken: r.AccessToken, DeviceKey: &h.key, DeviceName: aws.String("phone"),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{Salt: &v.Salt, PasswordVerifier: &v.PasswordVerifier},
	}))(p.t)
	if !out.UserConfirmationNecessary {
		p.t.Error("the device is remembered, whatever its user thinks of it")
	}
	if remembered {
		must(p.public.UpdateDeviceStatus(p.t.Context(), &idp.UpdateDeviceStatusInput{
			AccessToken: r.AccessToken, DeviceKey: &h.key, DeviceRememberedStatus: types.DeviceRememberedStatusTypeRemembered,
		}))(p.t)
	}
	return h
}

// The life of a device: found, confirmed, remembered, proven at a sign-in,
// looked at, and forgotten.
func TestDeviceLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tracked(t, w.alpha)
		first := must(p.signInOn("alice", nil))(t)
		h := p.confirm(first, "secret of the device", true)
		if got := parse(t, *first.AccessToken).value(t, "device_key"); got != h.key {
			t.Errorf("device_key %v, want %s", got, h.key)
		}
		w.Clock().Advance(time.Minute)
		again := must(p.signInOn("alice", &h))(t)
		if again.NewDeviceMetadata != nil || parse(t, *again.AccessToken).value(t, "device_key") != h.key {
			t.Error("the device is another one now")
		}
		got := must(p.public.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: again.AccessToken, DeviceKey: &h.key}))(t).Device
		if d := got.DeviceLastAuthenticatedDate.Sub(*got.DeviceCreateDate); d < 58*time.Second || d > 10*time.Minute {
			t.Errorf("last authenticated %v after it was made", d)
		}
		thief := handset{h.key, h.group, "another secret"}
		_, err := p.signInOn("alice", &thief)
		refused[*types.NotAuthorizedException](t, "another secret", err, textIncorrect)

		// Its refresh tokens work there alone.
		for name, key := range map[string]*string{"": &h.key, "no device": nil, "another device": aws.String("us-west-2_0")} {
			_, err := p.public.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
				ClientId: &p.client, RefreshToken: again.RefreshToken, DeviceKey: key,
			})
			if name != "" {
				refused[*types.NotAuthorizedException](t, name, err, "Invalid Refresh Token.")
			} else if err != nil {
				t.Error(err)
			}
		}

		other := p.confirm(must(p.signInOn("alice", nil))(t), "secret of another", false)
		own := must(p.public.ListDevices(t.Context(), &idp.ListDevicesInput{AccessToken: again.AccessToken, Limit: aws.Int32(1)}))(t)
		if len(own.Devices) != 1 || *own.Devices[0].DeviceKey != h.key || own.PaginationToken != nil {
			t.Errorf("alice sees %d devices", len(own.Devices))
		}
		var keys []string
		pages := &idp.AdminListDevicesInput{UserPoolId: &p.pool, Username: aws.String("alice"), Limit: aws.Int32(1)}
		for {
			out := must(p.admin.AdminListDevices(t.Context(), pages))(t)
			for _, d := range out.Devices {
				keys = append(keys, *d.DeviceKey)
			}
			if pages.PaginationToken = out.PaginationToken; pages.PaginationToken == nil {
				break
			}
		}
		if want := []string{h.key, other.key}; len(keys) != 2 || !slices.Contains(keys, want[0]) || !slices.Contains(keys, want[1]) {
			t.Errorf("the administrator sees %v, want %v", keys, want)
		}

		must(p.admin.AdminUpdateDeviceStatus(t.Context(), &idp.AdminUpdateDeviceStatusInput{
			UserPoolId: &p.pool, Username: aws.String("alice"), DeviceKey: &h.key, DeviceRememberedStatus: types.DeviceRememberedStatusTypeNotRemembered,
		}))(t)
		_, err = p.public.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: again.AccessToken, DeviceKey: &h.key})
		refused[*types.ResourceNotFoundException](t, "a device that is not remembered", err, textNoDevice)
		must(p.signInOn("alice", &thief))(t) // nobody asks for its secret

		must(p.admin.AdminForgetDevice(t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: &p.pool, Username: aws.String("alice"), DeviceKey: &h.key}))(t)
		must(p.public.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: again.AccessToken, DeviceKey: &other.key}))(t)
		_, err = p.signInOn("alice", &h)
		refused[*types.ResourceNotFoundException](t, "a forgotten device", err, textNoDevice)
		_, err = p.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
			AuthParameters: map[string]string{"REFRESH_TOKEN": *again.RefreshToken, "DEVICE_KEY": h.key},
		})
		refused[*types.NotAuthorizedException](t, "its refresh token", err, "Refresh Token has expired")
	})
}

// Whose devices they are: nobody else's, in the same pool, another one, or
// another account.
func TestDevicesOfOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, stranger := w.tracked(t, w.alpha), w.tracked(t, w.beta)
		p.add("bob")
		mine := must(p.signInOn("alice", nil))(t)
		h := p.confirm(mine, "secret of the device", true)
		for who, r := range map[string]*types.AuthenticationResultType{
			"bob": must(p.signInOn("bob", nil))(t), "alice of another pool": must(stranger.signInOn("alice", nil))(t),
		} {
			v := srpclient.NewVerifier(h.group, h.key, h.secret, []byte("salt of 16 bytes"))
			_, err := p.public.ConfirmDevice(t.Context(), &idp.ConfirmDeviceInput{
				AccessToken: r.AccessToken, DeviceKey: &h.key,
				DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{Salt: &v.Salt, PasswordVerifier: &v.PasswordVerifier},
			})
			refused[*types.InvalidParameterException](t, who+": ConfirmDevice", err, "Invalid device key given.")
			_, err = p.public.GetDevice(t.Context(), &idp.GetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &h.key})
			refused[*types.ResourceNotFoundException](t, who+": GetDevice", err, textNoDevice)
			_, err = p.public.UpdateDeviceStatus(t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: r.AccessToken, DeviceKey: &h.key, DeviceRememberedStatus: "not_remembered"})
			refused[*types.ResourceNotFoundException](t, who+": UpdateDeviceStatus", err, textNoDevice)
			_, err = p.public.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &h.key})
			refused[*types.ResourceNotFoundException](t, who+": ForgetDevice", err, textNoDevice)
			if list := must(p.public.ListDevices(t.Context(), &idp.ListDevicesInput{AccessToken: r.AccessToken}))(t); len(list.Devices) > 0 {
				t.Errorf("%s sees %d devices", who, len(list.Devices))
			}
		}
		_, err := p.signInOn("bob", &h)
		refused[*types.ResourceNotFoundException](t, "bob on alice's device", err, textNoDevice)
		_, err = stranger.signInOn("alice", &h)
		refused[*types.ResourceNotFoundException](t, "another alice on her device", err, textNoDevice)

		name, noPool := aws.String("alice"), "User pool "+p.pool+" does not exist."
		_, err = stranger.admin.AdminGetDevice(t.Context(), &idp.AdminGetDeviceInput{UserPoolId: &p.pool, Username: name, DeviceKey: &h.key})
		refused[*types.ResourceNotFoundException](t, "AdminGetDevice", err, noPool)
		_, err = stranger.admin.AdminListDevices(t.Context(), &idp.AdminListDevicesInput{UserPoolId: &p.pool, Username: name})
		refused[*types.ResourceNotFoundException](t, "AdminListDevices", err, noPool)
		_, err = stranger.admin.AdminForgetDevice(t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: &p.pool, Username: name, DeviceKey: &h.key})
		refused[*types.ResourceNotFoundException](t, "AdminForgetDevice", err, noPool)
		_, err = stranger.admin.AdminUpdateDeviceStatus(t.Context(), &idp.AdminUpdateDeviceStatusInput{UserPoolId: &p.pool, Username: name, DeviceKey: &h.key})
		refused[*types.ResourceNotFoundException](t, "AdminUpdateDeviceStatus", err, noPool)
		_, err = stranger.admin.AdminGetDevice(t.Context(), &idp.AdminGetDeviceInput{UserPoolId: &stranger.pool, Username: name, DeviceKey: &h.key})
		refused[*types.ResourceNotFoundException](t, "AdminGetDevice in their own pool", err, textNoDevice)
		must(p.signInOn("alice", &h))(t) // which was good all along
	})
}

// A device is asked at one node and proves itself at others, once, with and
// without a session.
func TestDevicesOnNodes(t *testing.T) {
	database, public := postgres(t), cenotetest.PublicURL("https://id.example.com")
	w, node := production(t, database, public), newWorld(t, []cenotetest.Option{database, public, cenotetest.Production()})
	p := w.tracked(t, w.alpha)
	q := *p
	q.w, q.public = node, node.idp(nobody, p.region)
	h := p.confirm(must(p.signInOn("alice", nil))(t), "secret of the device", true)
	ask := func() *idp.AdminInitiateAuthOutput {
		t.Helper()
		out := must(p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
			UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
			AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": h.key},
		}))(t)
		if out.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
			t.Fatalf("challenge %s", out.ChallengeName)
		}
		return out
	}
	for what, session := range map[string]*string{"with a session": ask().Session, "without": nil} {
		if session == nil {
			ask()
		}
		answer, err := q.prepare(session, "alice", h)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if out, err := p.respond(types.ChallengeNameTypeDevicePasswordVerifier, nil, answer); err != nil || out.AuthenticationResult == nil {
			t.Errorf("%s: %v", what, err)
		}
		_, err = q.respond(types.ChallengeNameTypeDevicePasswordVerifier, nil, answer)
		refused[*types.NotAuthorizedException](t, what+": the proof again", err, textSpent)
		_, err = p.prepare(session, "alice", h)
		refused[*types.NotAuthorizedException](t, what+": the session again", err, textSpent)
	}
}

// What wrong proofs say, and when there is nothing to be proven any more.
func TestDevicesInWrongStates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			change func(p *people, r *types.AuthenticationResultType, h handset) error
			want   string
		}{
			"the user is disabled": {
				func(p *people, _ *types.AuthenticationResultType, _ handset) error {
					_, err := p.admin.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &p.pool, Username: aws.String("alice")})
					return err
				}, "NotAuthorizedException: User is disabled.",
			},
			"the device is forgotten": {
				func(p *people, r *types.AuthenticationResultType, h handset) error {
					_, err := p.public.ForgetDevice(t.Context(), &idp.ForgetDeviceInput{AccessToken: r.AccessToken, DeviceKey: &h.key})
					return err
				}, "ResourceNotFoundException: " + textNoDevice,
			},
			"the password is another": {
				func(p *people, _ *types.AuthenticationResultType, _ handset) error {
					_, err := p.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
						UserPoolId: &p.pool, Username: aws.String("alice"), Password: aws.String("Battery-Staple-2"), Permanent: true,
					})
					return err
				}, "NotAuthorizedException: Invalid session for the user.",
			},
			"the user is another": {
				func(p *people, _ *types.AuthenticationResultType, _ handset) error {
					_, err := p.admin.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &p.pool, Username: aws.String("alice")})
					p.add("alice")
					return err
				}, "NotAuthorizedException: Invalid session for the user.",
			},
			"time has passed": {
				func(p *people, _ *types.AuthenticationResultType, _ handset) error {
					p.w.Clock().Advance(4 * time.Minute)
					return nil
				}, "NotAuthorizedException: Invalid session for the user, session is expired.",
			},
		} {
			p := w.tracked(t, w.alpha)
			r := must(p.signInOn("alice", nil))(t)
			h := p.confirm(r, "secret of the device", true)
			asked := must(p.admin.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
				UserPoolId: &p.pool, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
				AuthParameters: map[string]string{"USERNAME": "alice", "PASSWORD": password, "DEVICE_KEY": h.key},
			}))(t)
			w.Clock().Advance(time.Second)
			if err := c.change(p, r, h); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, err := p.prepare(asked.Session, "alice", h)
			if got := fmt.Sprintf("%s: %s", code(err), message(err)); got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
			}
		}
	})
}

// message is what an error says to clients.
func message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorMessage()
	}
	return ""
}
