package store

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/user"
)

// Devices keeps the devices of users.
type Devices struct{ db *DB }

// Devices returns the view.
func (db *DB) Devices() *Devices { return &Devices{db} }

var _ user.DeviceStore = (*Devices)(nil)

// InsertDevice adds a device; fs.ErrExist if the user has one of that key.
func (d *Devices) InsertDevice(ctx context.Context, x *user.Device) error {
	_, err := d.db.exec(ctx, `INSERT INTO user_devices (pool_id, sub, device_key, region, name, secret, remembered, address,
			created, modified, authenticated, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		x.Pool, x.Sub, x.Key, x.Region, x.Name, d.db.Ring().Seal(x.EncodeSecret(), sealedForDevice(x)), x.Remembered, x.Address,
		micros(x.CreatedAt), micros(x.ModifiedAt), micros(x.AuthenticatedAt))
	if err == nil {
		x.Version = 1
	}
	return err
}

func sealedForDevice(x *user.Device) []byte {
	return sealedFor("user_devices", x.Pool, x.Sub, x.Key)
}

const userDeviceColumns = `device_key, region, name, secret, remembered, address, created, modified, authenticated, version`

// scan returns a reader of the userDeviceColumns of one user's devices.
func (d *Devices) scan(pool, sub string) func(scanner) (*user.Device, error) {
	return func(s scanner) (*user.Device, error) {
		x := &user.Device{Pool: pool, Sub: sub}
		var sealed []byte
		var created, modified, authenticated int64
		err := s.Scan(&x.Key, &x.Region, &x.Name, &sealed, &x.Remembered, &x.Address, &created, &modified, &authenticated, &x.Version)
		if err != nil {
			return nil, err
		}
		x.CreatedAt, x.ModifiedAt, x.AuthenticatedAt = fromMicros(created), fromMicros(modified), fromMicros(authenticated)
		plain, err := d.db.Ring().Open(sealed, sealedForDevice(x))
		if err == nil {
			err = x.DecodeSecret(plain)
		}
		if err != nil {
			return nil, fmt.Errorf("device of user %s: %w", sub, err)
		}
		return x, nil
	}
}

// Device returns a device of a user; fs.ErrNotExist if there is none.
func (d *Devices) Device(ctx context.Context, pool, sub, key string) (*user.Device, error) {
	return one(ctx, d.db, d.scan(pool, sub), `SELECT `+userDeviceColumns+` FROM user_devices
		WHERE pool_id = $1 AND sub = $2 AND device_key = $3`, pool, sub, key)
}

// Devices returns up to limit devices of a user whose keys come after that
// one, in the order of their keys.
func (d *Devices) Devices(ctx context.Context, pool, sub, after string, remembered bool, limit int) ([]*user.Device, error) {
	return many(ctx, d.db, d.scan(pool, sub), `SELECT `+userDeviceColumns+` FROM user_devices
		WHERE pool_id = $1 AND sub = $2 AND device_key > $3 AND (remembered OR NOT $4) ORDER BY device_key LIMIT $5`,
		pool, sub, after, remembered, limit)
}

// UpdateDevice writes a device whose Version is the one that was read. The
// secret never changes.
func (d *Devices) UpdateDevice(ctx context.Context, x *user.Device) error {
	err := d.db.execOne(ctx, `UPDATE user_devices SET name = $4, remembered = $5, address = $6, modified = $7, authenticated = $8,
			version = version + 1
		WHERE pool_id = $1 AND sub = $2 AND device_key = $3 AND version = $9`,
		x.Pool, x.Sub, x.Key, x.Name, x.Remembered, x.Address, micros(x.ModifiedAt), micros(x.AuthenticatedAt), x.Version)
	if err == nil {
		x.Version++
	}
	return err
}

// DeleteDevice removes a device; fs.ErrNotExist if there is none.
func (d *Devices) DeleteDevice(ctx context.Context, pool, sub, key string) error {
	n, err := d.db.exec(ctx, `DELETE FROM user_devices WHERE pool_id = $1 AND sub = $2 AND device_key = $3`, pool, sub, key)
	if err == nil && n == 0 {
		return fs.ErrNotExist
	}
	return err
}

// deleteAll removes what there is of a user who is being deleted.
func (d *Devices) deleteAll(ctx context.Context, x *user.User) error {
	for _, table := range []string{"user_devices", "device_challenges"} {
		if _, err := d.db.exec(ctx, `DELETE FROM `+table+` WHERE pool_id = $1 AND sub = $2`, x.Pool, x.Sub); err != nil {
			return err
		}
	}
	return nil
}
