package attacks

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/cenote-id/cenote/internal/srp/srpclient"
)

// handset is a device of somebody.
type handset struct{ DeviceKey, DeviceGroupKey, secret string }

// remembering is a pool whose devices are remembered as soon as they are
// confirmed.
func (w *world) remembering() *pool {
	w.t.Helper()
	return w.pool(w.roots[home], west, input{"DeviceConfiguration": input{"ChallengeRequiredOnNewDevice": true}}, nil)
}

// device confirms the device of a sign-in, and returns it with its verifier.
func (p *pool) device(name string) (handset, srpclient.Verifier) {
	p.t.Helper()
	var in struct {
		AuthenticationResult struct {
			AccessToken       string
			NewDeviceMetadata handset
		}
	}
	p.signIn(name, goodPassword).ok(p.t, &in)
	h := in.AuthenticationResult.NewDeviceMetadata
	h.secret = "secret of a device of " + name
	v := srpclient.NewVerifier(h.DeviceGroupKey, h.DeviceKey, h.secret, []byte("salt of 16 bytes"))
	p.unsigned("cognito-idp", "ConfirmDevice", input{
		"AccessToken": in.AuthenticationResult.AccessToken, "DeviceKey": h.DeviceKey, "DeviceName": "phone",
		"DeviceSecretVerifierConfig": input{"Salt": v.Salt, "PasswordVerifier": v.PasswordVerifier},
	}).ok(p.t, nil)
	return h, v
}

// asked is a challenge to a device, or to begin with one.
type asked struct {
	ChallengeName, Session string
	ChallengeParameters    map[string]string
}

// askDevice has a device asked for its proof, by who has the password.
func (p *pool) askDevice(name string, h handset) (a asked) {
	p.t.Helper()
	p.public("InitiateAuth", input{
		"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": input{"USERNAME": name, "PASSWORD": goodPassword, "DEVICE_KEY": h.DeviceKey},
	}).ok(p.t, &a)
	if a.ChallengeName != "DEVICE_SRP_AUTH" {
		p.t.Fatalf("asked for %q", a.ChallengeName)
	}
	return a
}

// exchange begins the exchange with a device.
func (p *pool) exchange(a asked, name string, h handset, public string) (next asked) {
	p.t.Helper()
	p.public("RespondToAuthChallenge", input{
		"ChallengeName": "DEVICE_SRP_AUTH", "Session": a.Session,
		"ChallengeResponses": input{"USERNAME": name, "DEVICE_KEY": h.DeviceKey, "SRP_A": public},
	}).ok(p.t, &next)
	return next
}

// claimOf answers an exchange with a claim, for a device.
func (p *pool) claimOf(a asked, name string, h handset, c srpclient.Claim) reply {
	p.t.Helper()
	return p.public("RespondToAuthChallenge", input{
		"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeResponses": input{
			"USERNAME": name, "DEVICE_KEY": h.DeviceKey, "PASSWORD_CLAIM_SECRET_BLOCK": a.ChallengeParameters["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE": c.Signature, "TIMESTAMP": c.Timestamp,
		},
	})
}

// prove computes the proof of a device.
func (p *pool) prove(c *srpclient.Client, a asked, h handset) srpclient.Claim {
	p.t.Helper()
	claim, err := c.Answer(srpclient.Challenge{
		Pool: h.DeviceGroupKey, User: h.DeviceKey, Salt: a.ChallengeParameters["SALT"], B: a.ChallengeParameters["SRP_B"],
		SecretBlock: a.ChallengeParameters["SECRET_BLOCK"],
	}, h.secret, p.now())
	if err != nil {
		p.t.Fatal(err)
	}
	return claim
}

// Who has the password and the key of a remembered device, and guesses its
// proof many times at once, at two nodes, is stopped by the lock.
func TestDeviceProofsAreNotGuessed(t *testing.T) {
	a, b := pair(t)
	p := a.remembering()
	p.person("alice")
	h, _ := p.device("alice")
	a.freeze()
	nodes := []*pool{p, p.on(b)}
	client := srpclient.New(32)
	exchanges := make([]asked, 32)
	for i := range exchanges {
		exchanges[i] = nodes[i%2].exchange(nodes[i%2].askDevice("alice", h), "alice", h, client.A())
	}
	thief := h
	thief.secret = "guessed"
	claims := make([]srpclient.Claim, len(exchanges))
	for i, x := range exchanges {
		claims[i] = p.prove(client, x, thief)
	}
	answers := guess(len(exchanges), func(i int) reply { return nodes[(i+1)%2].claimOf(exchanges[i], "alice", h, claims[i]) })
	const wrong, locked = "400 Incorrect username or password.", "400 Password attempts exceeded"
	if answers[wrong] != 5 || answers[wrong]+answers[locked] != len(exchanges) {
		t.Errorf("%v", answers)
	}
}

// One device cannot speak for another: not with its own secret, not through
// its own exchange, and not for another user of that key.
func TestDevicesSpeakForThemselves(t *testing.T) {
	w := serve(t, options{})
	p := w.remembering()
	p.person("alice")
	p.person("mallory")
	phone, _ := p.device("alice")
	hers, _ := p.device("mallory")
	client := srpclient.New(32)
	// Mallory has alice's password, and her own device to prove things with.
	forged := handset{phone.DeviceKey, phone.DeviceGroupKey, hers.secret}
	x := p.exchange(p.askDevice("alice", phone), "alice", phone, client.A())
	p.claimOf(x, "alice", phone, p.prove(client, x, forged)).refused(t, "another device's secret", "NotAuthorizedException", "Incorrect username or password.")
	// The answer of her own exchange, for alice's.
	own := p.exchange(p.askDevice("mallory", hers), "mallory", hers, client.A())
	x = p.exchange(p.askDevice("alice", phone), "alice", phone, client.A())
	p.claimOf(x, "alice", phone, p.prove(client, own, hers)).refused(t, "the proof of another exchange", "NotAuthorizedException", "Incorrect username or password.")
	p.claimOf(own, "alice", hers, p.prove(client, own, hers)).refused(t, "the exchange of another user", "NotAuthorizedException", "Invalid session for the user.")
	own = p.exchange(p.askDevice("mallory", hers), "mallory", hers, client.A())
	p.claimOf(own, "mallory", phone, p.prove(client, own, hers)).refused(t, "the exchange of another device", "NotAuthorizedException", "Invalid session for the user.")
	p.claimOf(own, "mallory", hers, p.prove(client, own, hers)).ok(t, nil)
	// No exchange begins with less than a number of the group.
	for _, public := range []string{"0", "", "00", "zz"} {
		r := p.public("RespondToAuthChallenge", input{
			"ChallengeName": "DEVICE_SRP_AUTH", "Session": p.askDevice("alice", phone).Session,
			"ChallengeResponses": input{"USERNAME": "alice", "DEVICE_KEY": phone.DeviceKey, "SRP_A": public},
		})
		r.refused(t, "SRP_A "+public, "InvalidParameterException", "")
	}
}

// What a device's secret could be guessed from is nowhere in the clear, nor is
// a session that was kept for a client which brings none back.
func TestDeviceSecretsAreNowhereInTheClear(t *testing.T) {
	w := serve(t, options{})
	p := w.remembering()
	p.person("alice")
	h, v := p.device("alice")
	x := p.askDevice("alice", h)
	places := map[string][]byte{"log": []byte(w.log.String())}
	w.read(places)
	w.stop()
	w.read(places)
	for name, text := range map[string]string{"salt": v.Salt, "verifier": v.PasswordVerifier} {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.TrimLeft(raw, "\x00")
		for place, content := range places {
			for form, b := range map[string][]byte{"as it is": raw, "in hex": []byte(hex.EncodeToString(raw)), "in base64": []byte(text)} {
				if bytes.Contains(content, b) {
					t.Errorf("the %s stands %s in %s", name, form, place)
				}
			}
		}
	}
	for place, content := range places {
		if bytes.Contains(content, []byte(x.Session)) {
			t.Errorf("the session stands in %s", place)
		}
	}
}
