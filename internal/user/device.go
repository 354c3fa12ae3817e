package user

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Device is a device that a user has confirmed, in a pool that tracks them. It
// belongs to that user alone and goes with them.
type Device struct {
	Pool, Region, Sub string
	Key               string // region, underscore, UUID
	Name              string // as its user calls it; empty for none
	// Secret is what the device proves that it knows: salt and verifier of a
	// password that the device made up. It is stored sealed.
	Secret password.Stored
	// Remembered devices prove themselves at a sign-in; the others are known
	// by name alone.
	Remembered      bool
	Address         string // where it was last used from; empty if unknown
	CreatedAt       time.Time
	ModifiedAt      time.Time
	AuthenticatedAt time.Time // in whole seconds
	Version         int64     // optimistic; the store counts it up
}

// DeviceStore keeps devices. Its methods join the transaction of their
// context.
type DeviceStore interface {
	// InsertDevice adds a device; fs.ErrExist if the user has one of that key.
	InsertDevice(ctx context.Context, d *Device) error
	// Device returns a device of a user; fs.ErrNotExist if there is none.
	Device(ctx context.Context, pool, sub, key string) (*Device, error)
	// UpdateDevice writes a device whose Version is the one that was read. The
	// secret never changes.
	UpdateDevice(ctx context.Context, d *Device) error
	// DeleteDevice removes a device; fs.ErrNotExist if there is none.
	DeleteDevice(ctx context.Context, pool, sub, key string) error
	// Devices returns up to limit devices of a user whose keys come after
	// that one, in the order of their keys.
	Devices(ctx context.Context, pool, sub, after string, remembered bool, limit int) ([]*Device, error)
}

// maxDevices is how many devices a user can have; one more takes the place of
// the one that was not used for the longest time. UNCONFIRMED: the service
// documents no bound.
const maxDevices = 100

// MaxDeviceKey is the length of the longest key that a device can have, in
// bytes.
const MaxDeviceKey = 55

// ErrNoDevice is what clients look for to sign in anew without a device: they
// match its text.
var ErrNoDevice = cognitoidp.ResourceNotFoundException("Device does not exist.")

var errDeviceKey = cognitoidp.InvalidParameterException("Invalid device key given.")

// Sentences that are UNCONFIRMED.
var (
	errNoTracking     = cognitoidp.InvalidUserPoolConfigurationException("Device tracking is not configured for the user pool.")
	errDeviceExists   = cognitoidp.DeviceKeyExistsException("Device already exists.")
	errDeviceVerifier = cognitoidp.InvalidParameterException("Invalid device secret verifier given.")
)

// NewDeviceKey makes up the key of a device that nobody has seen before.
func NewDeviceKey(p *userpool.Pool) string { return p.Region + "_" + secretbox.UUID() }

// DeviceGroup returns the group key of a user's devices, which enters the
// verifiers of all of them beside their own keys. It is no secret: it keeps
// what one user's device has computed from being of use for another user.
func DeviceGroup(pool, sub string) string {
	sum := sha256.Sum256([]byte("device group\x00" + pool + "\x00" + sub))
	return "-" + base64.RawURLEncoding.EncodeToString(sum[:6])
}

// Identity is what enters the exchange in which the device proves its secret.
func (d *Device) Identity() srp.Identity {
	return srp.Identity{Pool: DeviceGroup(d.Pool, d.Sub), Name: d.Key}
}

const deviceFormat = 1

// EncodeSecret writes the secret for sealing.
func (d *Device) EncodeSecret() []byte { return appendStored([]byte{deviceFormat}, d.Secret) }

// DecodeSecret reads what EncodeSecret wrote.
func (d *Device) DecodeSecret(b []byte) error {
	if len(b) == 0 || b[0] != deviceFormat {
		return errCredential
	}
	r := reader{b: b[1:]}
	d.Secret = password.Stored{Salt: r.bytes(), Verifier: r.bytes(), Hash: string(r.bytes())}
	if r.failed || len(r.b) > 0 {
		return errCredential
	}
	return nil
}
