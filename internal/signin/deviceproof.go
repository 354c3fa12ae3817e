package signin

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

const (
	stepDevice         = cognitoidp.ChallengeNameTypeDeviceSrpAuth
	stepDeviceVerifier = string(cognitoidp.ChallengeNameTypeDevicePasswordVerifier)
)

// factors says what a person has proven before their device is asked.
type factors byte

const (
	afterAll factors = 'a' // all that they were asked for
	unasked  factors = 'u' // a password, and no second factor: none was in force, or the device stands in for it
)

// PendingDevices remembers which devices were asked for their proof, for
// clients that bring no session back with it. Its methods join the transaction
// of their context.
type PendingDevices interface {
	// PutPending stores a challenge in place of the one of the same device and
	// client.
	PutPending(ctx context.Context, p PendingDevice) error
	// Pending completes what names a challenge; fs.ErrNotExist if none is
	// pending.
	Pending(ctx context.Context, p PendingDevice, now time.Time) (PendingDevice, error)
}

// PendingDevice is a challenge to a device: where it comes from, which is what
// names it, and the session that it went out with.
type PendingDevice struct {
	Pool, Sub, Client, Device string

	Region  string
	Address string // that it went to; empty if unknown
	Session string
	Expires time.Time
}

// pendingLife is for how long a device may answer without a session. The
// clients do at once. UNCONFIRMED.
const pendingLife = time.Minute

// askDevice asks a remembered device to prove itself.
func (s *Service) askDevice(ctx context.Context, a App, w passed, d *user.Device, before factors) (*Result, error) {
	a.Device = d.Key
	st := s.newState(a, w.next.Sub)
	st.since, st.aim, st.memo = provenSince(w.next), w.aim(), []byte{byte(before)}
	c := &Challenge{
		Name: stepDevice, Session: s.sealState(a, string(stepDevice), st), Parameters: map[string]string{parUsername: w.user.Username},
	}
	address, _ := seen(ctx)
	pending := PendingDevice{
		Pool: a.Pool.ID, Sub: w.user.Sub, Client: a.Client.ID, Device: d.Key, Region: a.Pool.Region,
		Address: address, Session: c.Session, Expires: s.now().Add(min(pendingLife, a.Client.SessionLife())),
	}
	w = w.and(func(ctx context.Context, _ *user.User) error { return s.devices.PutPending(ctx, pending) })
	err := s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, a, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Result{Challenge: c}, nil
}

// answerDevice begins the exchange with a device (DEVICE_SRP_AUTH).
func (s *Service) answerDevice(ctx context.Context, r Answer) (*Result, error) {
	if err := s.recall(ctx, &r); err != nil {
		return nil, err
	}
	st, u, values, err := s.begin(ctx, r, parDeviceKey, parSRPA)
	if err != nil {
		return nil, err
	}
	if values[0] != st.device || len(st.memo) != 1 {
		return nil, ErrSession
	}
	public, err := srp.ParsePublicKey(values[1])
	if err != nil {
		return nil, errSRPA
	}
	d, err := s.users.RememberedDevice(ctx, r.Pool, u.Sub, st.device)
	if err != nil {
		return nil, err
	}
	verifier, err := d.Secret.SRPVerifier()
	if err != nil {
		return nil, err
	}
	exchange := srp.Begin(verifier, public, [srp.SecretSize]byte(secretbox.Bytes(srp.SecretSize)))
	next := s.newState(r.App, u.Sub)
	next.since, next.aim = provenSince(u), st.aim
	if next.memo, err = exchange.AppendBinary(st.memo); err != nil {
		return nil, err
	}
	if err := s.admitOnly(ctx, r.App, u, &st); err != nil {
		return nil, err
	}
	return &Result{Challenge: &Challenge{
		Name: cognitoidp.ChallengeNameTypeDevicePasswordVerifier,
		Parameters: map[string]string{
			parUsername:    u.Username,
			parDeviceKey:   d.Key,
			parSalt:        verifier.Salt(),
			parSRPB:        exchange.B(),
			parSecretBlock: base64.StdEncoding.EncodeToString(s.seal(r.App, stepDeviceVerifier, next)),
		},
	}}, nil
}

// recall puts the session into an answer that comes without one, as some
// clients' do, if the device that it names was asked a moment ago at the same
// address.
func (s *Service) recall(ctx context.Context, r *Answer) error {
	if r.Session != "" {
		return nil
	}
	values, err := need(r.Responses, parUsername, parDeviceKey)
	if err != nil {
		return err
	}
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, values[0], optional(r.Responses, parSecretHash)); err != nil {
		return err
	}
	who, err := s.find(ctx, r.App, values[0])
	if err != nil || who.user == nil || len(values[1]) > user.MaxDeviceKey {
		return err
	}
	p, err := s.devices.Pending(ctx, PendingDevice{Pool: r.Pool.ID, Sub: who.user.Sub, Client: r.Client.ID, Device: values[1]}, s.now())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if address, _ := seen(ctx); err == nil && address == p.Address {
		r.Session = p.Session
	}
	return err
}

// verifyDevice checks the proof of a device (DEVICE_PASSWORD_VERIFIER). A wrong
// one counts as a wrong password does, and there is no second try.
func (s *Service) verifyDevice(ctx context.Context, r Answer) (*Result, error) {
	values, err := need(r.Responses, parUsername, parDeviceKey, parClaimBlock, parClaim, parTimestamp)
	if err != nil {
		return nil, err
	}
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, values[0], optional(r.Responses, parSecretHash)); err != nil {
		return nil, err
	}
	block, st, err := s.openBlock(r.App, stepDeviceVerifier, values[2])
	if err != nil {
		return nil, err
	}
	if len(st.memo) == 0 {
		return nil, errState
	}
	before, exchanged := factors(st.memo[0]), st.memo[1:]
	exchange, err := srp.ParseSession(exchanged)
	if err != nil {
		return nil, err
	}
	who, err := s.whose(ctx, r.App, st, values[0])
	if err != nil {
		return nil, err
	}
	u := who.user
	if u == nil || !st.unchanged(u) || values[1] != st.device {
		return nil, ErrSession
	}
	if u.Lock.Locked(s.now()) {
		return nil, user.ErrLocked
	}
	if err := standing(u); err != nil {
		return nil, err
	}
	d, err := s.users.RememberedDevice(ctx, r.Pool, u.Sub, st.device)
	if err != nil {
		return nil, err
	}
	verifier, err := d.Secret.SRPVerifier()
	if err != nil {
		return nil, err
	}
	right, err := s.passwords.VerifyClaim(ctx, exchange, verifier, srp.Claim{
		Identity: d.Identity(), SecretBlock: block, Signature: values[3], Timestamp: values[4],
	}, s.now())
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, s.fail(ctx, r.App, who, &st)
	}
	if before == unasked && !suffices(r.App, u) {
		return nil, ErrSession
	}
	return s.complete(ctx, r.App, passed{user: u, next: u, to: &st, source: trigger.TokensAuthenticateDevice}, d)
}

// suffices reports whether a password and a device still let u in: a second
// factor may have been turned on since the device was asked, or devices may not
// stand in for one any more.
func suffices(a App, u *user.User) bool {
	next, err := secondFactor(a.Pool, u)
	return err == nil && len(next.setUp) == 0 && (len(next.prove) == 0 || a.Pool.DevicesReplaceMFA())
}
