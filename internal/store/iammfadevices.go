package store

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/account"
)

type iamMFADeviceDetails struct{ Tags []account.Tag }

const deviceColumns = `account, name, path, user_id, seed, details, created, enabled, drift, last_step, failures, failed, version`

// deviceKey is how devices are found.
func deviceKey(d *account.MFADevice) string { return account.NameKey(d.Path + d.Name) }

func (s *IAM) scanDevice(row scanner) (*account.MFADevice, error) {
	d := new(account.MFADevice)
	var sealed []byte
	var text string
	var created, enabled, failed int64
	err := row.Scan(&d.Account, &d.Name, &d.Path, &d.UserID, &sealed, &text, &created, &enabled, &d.Drift, &d.LastStep, &d.Failures, &failed, &d.Version)
	if err != nil {
		return nil, err
	}
	d.CreatedAt, d.EnabledAt, d.FailedAt = fromMicros(created), fromMicros(enabled), fromMicros(failed)
	details, err := decodeDoc[iamMFADeviceDetails](text)
	if err != nil {
		return nil, err
	}
	d.Tags = details.Tags
	if d.Seed, err = s.db.ring.Open(sealed, sealedFor("iam_mfa_devices", d.Account, deviceKey(d))); err != nil {
		return nil, fmt.Errorf("seed of MFA device %s: %w", d.Serial(), err)
	}
	return d, nil
}

// InsertDevice adds a virtual MFA device.
func (s *IAM) InsertDevice(ctx context.Context, d *account.MFADevice) error {
	details, err := encodeDoc(iamMFADeviceDetails{d.Tags})
	if err != nil {
		return err
	}
	key := deviceKey(d)
	_, err = s.db.exec(ctx, `INSERT INTO iam_mfa_devices
		(account, serial_key, name, path, user_id, seed, details, created, enabled, drift, last_step, failures, failed, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.Account, key, d.Name, d.Path, d.UserID, s.db.ring.Seal(d.Seed, sealedFor("iam_mfa_devices", d.Account, key)), details,
		micros(d.CreatedAt), micros(d.EnabledAt), d.Drift, d.LastStep, d.Failures, micros(d.FailedAt), d.Version)
	return err
}

// Device returns a virtual MFA device by path and name.
func (s *IAM) Device(ctx context.Context, acct, pathAndName string) (*account.MFADevice, error) {
	return one(ctx, s.db, s.scanDevice, `SELECT `+deviceColumns+` FROM iam_mfa_devices WHERE account = $1 AND serial_key = $2`,
		acct, account.NameKey(pathAndName))
}

// DevicesOf returns a user's MFA devices.
func (s *IAM) DevicesOf(ctx context.Context, acct, user string) ([]*account.MFADevice, error) {
	return many(ctx, s.db, s.scanDevice, `SELECT `+deviceColumns+` FROM iam_mfa_devices
		WHERE account = $1 AND user_id = $2 ORDER BY serial_key`, acct, user)
}

// Devices lists virtual MFA devices by path and name.
func (s *IAM) Devices(ctx context.Context, acct string, p account.Page, which account.Assignment) (account.List[*account.MFADevice], error) {
	wanted := ``
	switch which {
	case account.AssignedDevice:
		wanted = ` AND user_id <> ''`
	case account.UnassignedDevice:
		wanted = ` AND user_id = ''`
	}
	rows, err := many(ctx, s.db, s.scanDevice, `SELECT `+deviceColumns+` FROM iam_mfa_devices
		WHERE account = $1 AND serial_key > $2`+wanted+` ORDER BY serial_key LIMIT $3`, acct, p.After, p.Limit+1)
	return iamPage(rows, p.Limit, deviceKey), err
}

// CountDevices counts the virtual MFA devices of an account.
func (s *IAM) CountDevices(ctx context.Context, acct string) (int, error) {
	n, err := one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM iam_mfa_devices WHERE account = $1`, acct)
	return int(n), err
}

// UpdateDevice replaces what changes of the row whose Version d has.
func (s *IAM) UpdateDevice(ctx context.Context, d *account.MFADevice) error {
	details, err := encodeDoc(iamMFADeviceDetails{d.Tags})
	if err != nil {
		return err
	}
	err = s.db.execOne(ctx, `UPDATE iam_mfa_devices
		SET user_id = $4, details = $5, enabled = $6, drift = $7, last_step = $8, failures = $9, failed = $10, version = version + 1
		WHERE account = $1 AND serial_key = $2 AND version = $3`,
		d.Account, deviceKey(d), d.Version, d.UserID, details, micros(d.EnabledAt), d.Drift, d.LastStep, d.Failures, micros(d.FailedAt))
	if err == nil {
		d.Version++
	}
	return err
}

// DeleteDevice removes a virtual MFA device.
func (s *IAM) DeleteDevice(ctx context.Context, d *account.MFADevice) error {
	return gone(s.db.exec(ctx, `DELETE FROM iam_mfa_devices WHERE account = $1 AND serial_key = $2`, d.Account, deviceKey(d)))
}
