package account

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// MFADevice is a virtual device: a seed that an authenticator app has too.
type MFADevice struct {
	Account, Path, Name string
	UserID              string // of the user whose device it is; empty: nobody's
	Seed                []byte
	Tags                []Tag
	CreatedAt           time.Time
	EnabledAt           time.Time // zero: nobody's
	Drift               int64     // how many steps the app's clock is ahead
	LastStep            int64     // of the newest code that counted, by the app's clock
	Failures            int       // wrong codes in a row
	FailedAt            time.Time
	Version             int64 // of the row
}

// Serial is the serial number of a virtual device, an ARN.
func (d *MFADevice) Serial() string { return MFADeviceARN(d.Account, d.Path, d.Name) }

// MFADeviceARN names a virtual MFA device of an account.
func MFADeviceARN(account, path, name string) string { return awsapi.IAMARN(account, "mfa"+path+name) }

// MFADevices keeps virtual MFA devices with their seeds sealed. They are found
// by path and name, without regard to case. Absence is fs.ErrNotExist.
type MFADevices interface {
	// InsertDevice fails with fs.ErrExist if path and name are taken.
	InsertDevice(ctx context.Context, d *MFADevice) error
	Device(ctx context.Context, account, pathAndName string) (*MFADevice, error)
	// DevicesOf returns a user's devices.
	DevicesOf(ctx context.Context, account, user string) ([]*MFADevice, error)
	// Devices lists by path and name those that users have, or nobody.
	Devices(ctx context.Context, account string, p Page, which Assignment) (List[*MFADevice], error)
	CountDevices(ctx context.Context, account string) (int, error)
	// UpdateDevice replaces the row whose Version d has.
	UpdateDevice(ctx context.Context, d *MFADevice) error
	DeleteDevice(ctx context.Context, d *MFADevice) error
}

// Assignment says which devices a list has.
type Assignment int

// Assignments.
const (
	AnyDevice Assignment = iota
	AssignedDevice
	UnassignedDevice
)

const (
	mfaSeedSize = 40 // bytes: 64 characters of text
	// maxMFAName keeps serial numbers within what the API takes.
	maxMFAName = 226
)

// Sentences about MFA devices. Those about a device in use and about names
// that are too long are UNCONFIRMED.
const (
	textDeviceTaken   = "MFADevice entity at the same path and name already exists."
	textDeviceMissing = "VirtualMFADevice with serial number %s does not exist."
	textDeviceInUse   = "MFA VirtualDevice in use. Must deactivate first."
	textDeviceOthers  = "MFA Device invalid for user."
	textDeviceHasUser = "MFA Device %s is already assigned."
	textDeviceCode    = "Authentication code for device is not valid."
	textDeviceName    = "1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: Member must have length less than or equal to %d"
)

// NewMFADevice is a virtual MFA device to be created.
type NewMFADevice struct {
	Account, Name string
	Path          string // empty: "/"
	Tags          []Tag
}

// CreateMFADevice creates a device that is nobody's. Its seed is not shown
// again.
func (s *Service) CreateMFADevice(ctx context.Context, n NewMFADevice) (*MFADevice, error) {
	if n.Path == "" {
		n.Path = "/"
	}
	if len(n.Path)+len(n.Name) > maxMFAName {
		return nil, awsapi.Validation.New(textDeviceName, maxMFAName)
	}
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	d := &MFADevice{
		Account: n.Account, Path: n.Path, Name: n.Name, Seed: secretbox.Bytes(mfaSeedSize), Tags: n.Tags, CreatedAt: s.now(), Version: 1,
	}
	return d, s.change(ctx, n.Account, func(ctx context.Context) error {
		n, err := s.stores.Devices.CountDevices(ctx, d.Account)
		if err != nil {
			return fmt.Errorf("count MFA devices: %w", err)
		}
		if n >= maxMFADevices {
			return quota("VirtualMFADevicesPerAccount", maxMFADevices)
		}
		if _, err := s.stores.Devices.Device(ctx, d.Account, d.Path+d.Name); err == nil {
			return iam.EntityAlreadyExistsException(textDeviceTaken)
		}
		return taken(s.stores.Devices.InsertDevice(ctx, d), iam.EntityAlreadyExistsException(textDeviceTaken))
	})
}

// device finds a device by serial number; absence is fs.ErrNotExist.
func (s *Service) device(ctx context.Context, account, serial string) (*MFADevice, error) {
	name, ok := strings.CutPrefix(serial, MFADeviceARN(account, "/", ""))
	if !ok {
		return nil, fs.ErrNotExist
	}
	return s.stores.Devices.Device(ctx, account, "/"+name)
}

func noSuchDevice(serial string) error { return iam.NoSuchEntityException(textDeviceMissing, serial) }

// MFADevice returns a device by serial number.
func (s *Service) MFADevice(ctx context.Context, account, serial string) (*MFADevice, error) {
	d, err := s.device(ctx, account, serial)
	return d, absent(err, noSuchDevice(serial))
}

// ListMFADevices lists devices by path and name.
func (s *Service) ListMFADevices(ctx context.Context, account string, p Page, which Assignment) (List[*MFADevice], error) {
	return s.stores.Devices.Devices(ctx, account, p, which)
}

// MFADevicesOf returns all devices of a user; quotas keep them few. The root
// user, with the empty name, has none.
func (s *Service) MFADevicesOf(ctx context.Context, account, user string) ([]*MFADevice, error) {
	if user == "" {
		return nil, nil
	}
	u, err := s.User(ctx, account, user)
	if err != nil {
		return nil, err
	}
	return s.stores.Devices.DevicesOf(ctx, account, u.ID)
}

// changeDevice runs edit on a device and stores the result.
func (s *Service) changeDevice(ctx context.Context, account, serial string, edit func(context.Context, *MFADevice) error) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		d, err := s.MFADevice(ctx, account, serial)
		if err != nil {
			return err
		}
		if err := edit(ctx, d); err != nil {
			return err
		}
		return s.stores.Devices.UpdateDevice(ctx, d)
	})
}

// EnableMFADevice makes a device a user's.
func (s *Service) EnableMFADevice(ctx context.Context, account, user, serial string, codes TwoCodes) error {
	now := s.now()
	return s.changeDevice(ctx, account, serial, func(ctx context.Context, d *MFADevice) error {
		u, err := s.User(ctx, account, user)
		if err != nil {
			return err
		}
		if d.UserID != "" {
			return iam.EntityAlreadyExistsException(textDeviceHasUser, serial)
		}
		have, err := s.stores.Devices.DevicesOf(ctx, account, u.ID)
		if err != nil {
			return fmt.Errorf("MFA devices of user: %w", err)
		}
		if len(have) >= maxMFADevicesPerUser {
			return quota("MFADevicesPerUser", maxMFADevicesPerUser)
		}
		d.UserID, d.EnabledAt = u.ID, now
		return d.synchronize(codes, now)
	})
}

// ofUser makes sure that a device is a user's.
func (s *Service) ofUser(ctx context.Context, d *MFADevice, user string) error {
	u, err := s.User(ctx, d.Account, user)
	if err == nil && d.UserID != u.ID {
		err = iam.NoSuchEntityException(textDeviceOthers)
	}
	return err
}

// UsedMFADevice returns a device with the user whose it is. An empty name
// stands for any user; a device that is nobody's is not found.
func (s *Service) UsedMFADevice(ctx context.Context, account, serial, user string) (*MFADevice, *User, error) {
	d, err := s.MFADevice(ctx, account, serial)
	if err != nil {
		return nil, nil, err
	}
	if user != "" {
		if err := s.ofUser(ctx, d, user); err != nil {
			return nil, nil, err
		}
	}
	if d.UserID == "" {
		return nil, nil, noSuchDevice(serial)
	}
	u, err := s.stores.Users.ByID(ctx, account, d.UserID)
	return d, u, err
}

// ResyncMFADevice learns a device's clock anew.
func (s *Service) ResyncMFADevice(ctx context.Context, account, user, serial string, codes TwoCodes) error {
	now := s.now()
	return s.changeDevice(ctx, account, serial, func(ctx context.Context, d *MFADevice) error {
		if err := s.ofUser(ctx, d, user); err != nil {
			return err
		}
		return d.synchronize(codes, now)
	})
}

// DeactivateMFADevice takes a device away from its user. It stays, and can be
// enabled again.
func (s *Service) DeactivateMFADevice(ctx context.Context, account, user, serial string) error {
	return s.changeDevice(ctx, account, serial, func(ctx context.Context, d *MFADevice) error {
		if err := s.ofUser(ctx, d, user); err != nil {
			return err
		}
		d.UserID, d.EnabledAt = "", time.Time{}
		return nil
	})
}

// DeleteMFADevice deletes a device that is nobody's.
func (s *Service) DeleteMFADevice(ctx context.Context, account, serial string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		d, err := s.MFADevice(ctx, account, serial)
		if err != nil {
			return err
		}
		if d.UserID != "" {
			return iam.DeleteConflictException(textDeviceInUse)
		}
		return s.stores.Devices.DeleteDevice(ctx, d)
	})
}

// TagMFADevice adds tags to a device, or changes them.
func (s *Service) TagMFADevice(ctx context.Context, account, serial string, tags []Tag) error {
	return s.changeDevice(ctx, account, serial, func(_ context.Context, d *MFADevice) (err error) {
		d.Tags, err = addTags(d.Tags, tags)
		return err
	})
}

// UntagMFADevice removes tags from a device by key.
func (s *Service) UntagMFADevice(ctx context.Context, account, serial string, keys []string) error {
	return s.changeDevice(ctx, account, serial, func(_ context.Context, d *MFADevice) error {
		d.Tags = removeTags(d.Tags, keys)
		return nil
	})
}
