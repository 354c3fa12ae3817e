package signin_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/srp/srpclient"
	"github.com/cenote-id/cenote/internal/user"
)

const (
	deviceKey    = "us-west-2_0f0e0d0c-0000-4000-8000-000000000001"
	deviceSecret = "secret of the device"
)

// withDevice gives alice a remembered device.
func (w *world) withDevice(t *testing.T) *user.Device {
	t.Helper()
	w.app.Pool.Description.DeviceConfiguration = &cognitoidp.DeviceConfigurationType{ChallengeRequiredOnNewDevice: new(true)}
	u, err := w.users.Find(t.Context(), w.app.Pool, "alice")
	w.must(t, err)
	d := &user.Device{Pool: u.Pool, Region: u.Region, Sub: u.Sub, Key: deviceKey, Remembered: true, CreatedAt: w.clock, ModifiedAt: w.clock, AuthenticatedAt: w.clock}
	w.setSecret(t, d, deviceSecret)
	w.must(t, w.db.Devices().InsertDevice(t.Context(), d))
	return d
}

func (w *world) setSecret(t *testing.T, d *user.Device, secret string) {
	t.Helper()
	v := srpclient.NewVerifier(d.Identity().Pool, d.Key, secret, []byte("salt of 16 bytes"))
	var err error
	d.Secret.Salt, err = base64.StdEncoding.DecodeString(v.Salt)
	w.must(t, err)
	d.Secret.Verifier, err = base64.StdEncoding.DecodeString(v.PasswordVerifier)
	w.must(t, err)
}

func (w *world) answer(t *testing.T, c *signin.Challenge, responses map[string]string) (*signin.Result, error) {
	t.Helper()
	return w.flows.Answer(t.Context(), signin.Answer{App: w.app, Challenge: c.Name, Session: c.Session, Responses: responses})
}

// proof goes as far as the proof of the device and returns what is left to do.
func (w *world) proof(t *testing.T, d *user.Device) func() (*signin.Result, error) {
	t.Helper()
	r, err := w.flows.Start(t.Context(), signin.Start{App: w.app, Flow: cognitoidp.AuthFlowTypeUserPasswordAuth, Parameters: map[string]string{
		"USERNAME": "alice", "PASSWORD": good, "DEVICE_KEY": deviceKey,
	}})
	if err != nil || r.Challenge == nil || r.Tokens != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	exchange := srpclient.New(32)
	r, err = w.answer(t, r.Challenge, map[string]string{"USERNAME": "alice", "DEVICE_KEY": deviceKey, "SRP_A": exchange.A()})
	if err != nil || r.Challenge == nil || r.Tokens != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	c := r.Challenge
	claim, err := exchange.Answer(srpclient.Challenge{
		Pool: d.Identity().Pool, User: deviceKey, Salt: c.Parameters["SALT"], B: c.Parameters["SRP_B"], SecretBlock: c.Parameters["SECRET_BLOCK"],
	}, deviceSecret, w.clock)
	w.must(t, err)
	return func() (*signin.Result, error) {
		return w.answer(t, c, map[string]string{
			"USERNAME": "alice", "DEVICE_KEY": deviceKey, "PASSWORD_CLAIM_SECRET_BLOCK": c.Parameters["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE": claim.Signature, "TIMESTAMP": claim.Timestamp,
		})
	}
}

// What happens to a device between the moment that its proof was found right
// and the transaction that lets its owner in, counts.
func TestWhatHappensToADeviceMeanwhileCounts(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, w *world, d *user.Device)
		want      string
	}{
		"nothing": {func(*testing.T, *world, *user.Device) {}, "<nil>"},
		"forgotten": {func(t *testing.T, w *world, d *user.Device) {
			w.must(t, w.users.ForgetDevice(t.Context(), w.app.Pool, d.Sub, d.Key))
		}, "ResourceNotFoundException: Device does not exist."},
		"not remembered": {func(t *testing.T, w *world, d *user.Device) {
			w.must(t, w.users.SetRemembered(t.Context(), w.app.Pool, d.Sub, d.Key, false))
		}, "NotAuthorizedException: Invalid session for the user."},
		"another of that key": {func(t *testing.T, w *world, d *user.Device) {
			w.must(t, w.db.Devices().DeleteDevice(t.Context(), d.Pool, d.Sub, d.Key))
			other := *d
			w.setSecret(t, &other, "another secret")
			w.must(t, w.db.Devices().InsertDevice(t.Context(), &other))
		}, "NotAuthorizedException: Invalid session for the user."},
		"used elsewhere": {func(t *testing.T, w *world, d *user.Device) {
			_, err := w.users.UseDevice(t.Context(), d, "192.0.2.1")
			w.must(t, err)
		}, "<nil>"},
		"five wrong passwords": {func(t *testing.T, w *world, _ *user.Device) { w.fail(t, 5) }, "NotAuthorizedException: Password attempts exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.withDevice(t)
			prove := w.proof(t, d)
			w.meanwhile = func() { c.meanwhile(t, w, d) }
			r, err := prove()
			if w.meanwhile != nil {
				t.Fatal("nothing happened meanwhile: the test missed the moment")
			}
			if got := fmt.Sprint(err); got != c.want || (err == nil) != (r != nil) {
				t.Errorf("%+v, %v, want %s", r, err, c.want)
			}
			if sessions := w.sessions(t); (sessions == 1) != (err == nil) {
				t.Errorf("%d sessions", sessions)
			}
		})
	}
}
