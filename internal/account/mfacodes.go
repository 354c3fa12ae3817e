package account

import (
	"context"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/otp"
)

const (
	mfaSyncWindow = 20 // steps: ten minutes either way

	// After so many wrong codes a device answers nothing for a while, so that
	// a stolen access key is not enough to guess one.
	maxMFAGuesses = 10
	mfaPause      = 10 * time.Minute
)

// TwoCodes are codes that a device showed one after the other.
type TwoCodes struct{ First, Second string }

// synchronize learns a device's clock from two codes, and uses them up.
func (d *MFADevice) synchronize(codes TwoCodes, now time.Time) error {
	step, ok := otp.Synchronize(d.Seed, codes.First, codes.Second, now, mfaSyncWindow)
	if !ok || step <= d.LastStep {
		return iam.InvalidAuthenticationCodeException(textDeviceCode)
	}
	d.Drift, d.LastStep = step-otp.Step(now), step
	d.Failures, d.FailedAt = 0, time.Time{}
	return nil
}

// VerifyMFA reports whether a code is the one that a device of the user shows
// now, and uses it up: a code counts once, and so does none before it.
// Absence of the device, or of a user, is fs.ErrNotExist. A device that was
// guessed at too often finds every code wrong for a while.
func (s *Service) VerifyMFA(ctx context.Context, account, userID, serial, code string) (good bool, err error) {
	now := s.now()
	err = s.stores.Tx(ctx, func(ctx context.Context) error {
		good = false
		audit.Skip(ctx)
		d, err := s.device(ctx, account, serial)
		if err != nil {
			return err
		}
		if userID == "" || d.UserID != userID {
			return fs.ErrNotExist
		}
		if now.Sub(d.FailedAt) >= mfaPause {
			d.Failures = 0
		}
		if d.Failures >= maxMFAGuesses {
			return nil
		}
		step, ok := otp.Verify(d.Seed, code, now.Add(time.Duration(d.Drift)*otp.Period))
		switch {
		case !ok:
			d.Failures++
			d.FailedAt = now
		case step <= d.LastStep:
			return nil
		default:
			good = true
			d.LastStep, d.Failures, d.FailedAt = step, 0, time.Time{}
		}
		return s.stores.Devices.UpdateDevice(ctx, d)
	})
	return good && err == nil, err
}
