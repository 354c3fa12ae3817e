package user

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// NewDevice is a device that its user confirms.
type NewDevice struct {
	Key      string
	Expected string // the key that the sign-in handed out; empty for none
	Name     string
	Salt     []byte // big-endian, as the verifier
	Verifier []byte
	Address  string // that the request came from; empty if unknown
}

// ConfirmDevice keeps a device, with the verifier that it has made, and reports
// whether its user has yet to say that it shall be remembered. A key can be
// confirmed by the sign-in that it was handed out to, and only once.
func (s *Service) ConfirmDevice(ctx context.Context, p *userpool.Pool, sub string, n NewDevice) (prompt bool, err error) {
	if !p.TracksDevices() {
		return false, errNoTracking
	}
	if n.Key != n.Expected {
		return false, errDeviceKey
	}
	verifier, err := srp.ImportVerifier(n.Salt, n.Verifier)
	if err != nil {
		return false, errDeviceVerifier
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	d := &Device{
		Pool: p.ID, Region: p.Region, Sub: sub, Key: n.Key, Name: n.Name, Remembered: !p.RemembersOnPrompt(), Address: n.Address,
		CreatedAt: now, ModifiedAt: now, AuthenticatedAt: now.Truncate(time.Second),
	}
	d.Secret.Salt, d.Secret.Verifier = verifier.Parts()
	err = s.tx(ctx, func(ctx context.Context) error {
		if _, err := s.Get(ctx, p, sub); err != nil {
			return err
		}
		switch _, err := s.devices.Device(ctx, p.ID, sub, n.Key); {
		case err == nil:
			return errDeviceExists
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		// A device that was forgotten does not come back under its old key: whoever
		// has taken it may still have an access token.
		switch live, err := s.sessions.OnDevice(ctx, p.ID, sub, n.Key); {
		case err != nil:
			return err
		case !live:
			return errDeviceKey
		}
		if err := s.makeRoom(ctx, p, sub); err != nil {
			return err
		}
		return s.devices.InsertDevice(ctx, d)
	})
	if errors.Is(err, fs.ErrExist) {
		err = errDeviceExists // by another request, at this moment
	}
	return p.RemembersOnPrompt(), err
}

// makeRoom lets the device go that has not been used for the longest time, if
// the user has as many as they can have. One that is not remembered goes first:
// nothing depends on it. Where somebody is signed in on it, they stay so.
func (s *Service) makeRoom(ctx context.Context, p *userpool.Pool, sub string) error {
	all, err := s.devices.Devices(ctx, p.ID, sub, "", false, maxDevices)
	if err != nil || len(all) < maxDevices {
		return err
	}
	oldest := slices.MinFunc(all, func(a, b *Device) int {
		if a.Remembered != b.Remembered {
			if b.Remembered {
				return -1
			}
			return 1
		}
		return a.AuthenticatedAt.Compare(b.AuthenticatedAt)
	})
	return s.devices.DeleteDevice(ctx, p.ID, sub, oldest.Key)
}

// Device returns a device of a user. It answers ErrNoDevice for any key that
// is not of one of theirs.
func (s *Service) Device(ctx context.Context, p *userpool.Pool, sub, key string) (*Device, error) {
	if len(key) > MaxDeviceKey {
		return nil, ErrNoDevice
	}
	d, err := s.devices.Device(ctx, p.ID, sub, key)
	return d, noDevice(err)
}

func noDevice(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoDevice
	}
	return err
}

// RememberedDevice is Device as its user sees it, who knows of no other but
// remembered ones.
func (s *Service) RememberedDevice(ctx context.Context, p *userpool.Pool, sub, key string) (*Device, error) {
	d, err := s.Device(ctx, p, sub, key)
	if err == nil && !d.Remembered {
		return nil, ErrNoDevice
	}
	return d, err
}

// Devices returns up to limit devices of a user whose keys come after that one,
// in the order of their keys.
func (s *Service) Devices(ctx context.Context, p *userpool.Pool, sub, after string, remembered bool, limit int) ([]*Device, error) {
	return s.devices.Devices(ctx, p.ID, sub, after, remembered, limit)
}

// SetRemembered says whether a device of a user is remembered.
func (s *Service) SetRemembered(ctx context.Context, p *userpool.Pool, sub, key string, remembered bool) error {
	now := s.now()
	return s.tx(ctx, func(ctx context.Context) error {
		d, err := s.Device(ctx, p, sub, key)
		if err != nil || d.Remembered == remembered {
			return err
		}
		d.Remembered, d.ModifiedAt = remembered, now
		return s.devices.UpdateDevice(ctx, d)
	})
}

// ForgetDevice removes a device of a user. Where somebody is signed in on it,
// their tokens are renewed no more.
func (s *Service) ForgetDevice(ctx context.Context, p *userpool.Pool, sub, key string) error {
	if len(key) > MaxDeviceKey {
		return ErrNoDevice
	}
	return s.tx(ctx, func(ctx context.Context) error {
		if err := s.devices.DeleteDevice(ctx, p.ID, sub, key); err != nil {
			return noDevice(err)
		}
		return s.sessions.EndDevice(ctx, p.ID, sub, key)
	})
}

// UseDevice notes that somebody signs in on a device, in ctx's transaction, and
// returns it as it is now: it may have been forgotten, or not be remembered any
// more, since d was read.
func (s *Service) UseDevice(ctx context.Context, d *Device, address string) (*Device, error) {
	current, err := s.devices.Device(ctx, d.Pool, d.Sub, d.Key)
	if err != nil {
		return nil, noDevice(err)
	}
	now := s.now().UTC()
	current.AuthenticatedAt, current.ModifiedAt, current.Address = now.Truncate(time.Second), now, address
	return current, s.devices.UpdateDevice(ctx, current)
}
