package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
)

// NewDevice is what somebody gets to have a device remembered that they have
// signed in on: its key, and that of their devices as a group.
type NewDevice struct{ Key, Group string }

// newDevice makes up what the session of a sign-in on an unknown device is
// bound to; nothing in a pool that does not track devices.
func newDevice(a App, u *user.User) (key string, d *NewDevice) {
	if !a.Pool.TracksDevices() {
		return "", nil
	}
	d = &NewDevice{Key: user.NewDeviceKey(a.Pool), Group: user.DeviceGroup(a.Pool.ID, u.Sub)}
	return d.Key, d
}

// deviceOf returns the device of u that a sign-in is on; nil where the pool
// tracks none, the client has named none, or u has none of that key.
func (s *Service) deviceOf(ctx context.Context, a App, u *user.User) (*user.Device, error) {
	if a.Device == "" || !a.Pool.TracksDevices() {
		return nil, nil
	}
	d, err := s.users.Device(ctx, a.Pool, u.Sub, a.Device)
	if err == user.ErrNoDevice { // by identity: every ResourceNotFoundException is like it
		return nil, nil
	}
	return d, err
}

// checkDevice refuses the key of a device that the request names and that is
// not u's. Nobody is told but who has given u's password. A key that an
// earlier step has named passes: clients that are refused take it back by
// naming none.
func (s *Service) checkDevice(ctx context.Context, a App, u *user.User) error {
	d, err := s.deviceOf(ctx, a, u)
	if err == nil && d == nil && a.Device != "" && a.Pool.TracksDevices() {
		err = user.ErrNoDevice
	}
	return err
}

// standIn returns the device that proves itself in place of a second factor;
// nil where none does. In CUSTOM_AUTH that is none: there the device comes last,
// and what was left out for its sake could be left out for good. Nor where a
// level is to be reached: a device is none of the methods that count.
func (s *Service) standIn(ctx context.Context, a App, w passed) (*user.Device, error) {
	if !a.Pool.DevicesReplaceMFA() || w.to != nil && w.to.trail != nil || w.aim().levels != nil {
		return nil, nil
	}
	d, err := s.deviceOf(ctx, a, w.user)
	if err != nil || d == nil || !d.Remembered {
		return nil, err
	}
	return d, nil
}

// letIn lets a user in, once the device that they are on has proven itself if
// it is a remembered one.
func (s *Service) letIn(ctx context.Context, a App, w passed, before factors) (*Result, error) {
	d, err := s.deviceOf(ctx, a, w.user)
	switch {
	case err != nil:
		return nil, err
	case d != nil && d.Remembered:
		return s.askDevice(ctx, a, w, d, before)
	}
	return s.complete(ctx, a, w, d)
}

// useDevice notes that somebody is let in on a device. It must still be what it
// was when that was decided.
func (s *Service) useDevice(ctx context.Context, d *user.Device, address string) error {
	current, err := s.users.UseDevice(ctx, d, address)
	if err == nil && (current.Remembered != d.Remembered || !current.Secret.Equal(d.Secret)) {
		return ErrSession
	}
	return err
}
