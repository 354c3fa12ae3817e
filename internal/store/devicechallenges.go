package store

import (
	"context"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/signin"
)

var _ signin.PendingDevices = (*Devices)(nil)

// PutPending stores a challenge in place of the one of the same device and
// client.
func (d *Devices) PutPending(ctx context.Context, p signin.PendingDevice) error {
	_, err := d.db.exec(ctx, `INSERT INTO device_challenges (pool_id, sub, client_id, device_key, region, address, session, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (pool_id, sub, client_id, device_key) DO UPDATE SET address = $6, session = $7, expires = $8`,
		p.Pool, p.Sub, p.Client, p.Device, p.Region, p.Address, d.db.Ring().Seal([]byte(p.Session), sealedForPending(p)), micros(p.Expires))
	return err
}

// Pending completes what names a challenge; fs.ErrNotExist if none is pending.
func (d *Devices) Pending(ctx context.Context, p signin.PendingDevice, now time.Time) (signin.PendingDevice, error) {
	return one(ctx, d.db, func(s scanner) (signin.PendingDevice, error) {
		var sealed []byte
		var expires int64
		if err := s.Scan(&p.Region, &p.Address, &sealed, &expires); err != nil {
			return p, err
		}
		p.Expires = fromMicros(expires)
		plain, err := d.db.Ring().Open(sealed, sealedForPending(p))
		if err != nil {
			return p, fmt.Errorf("challenge of a device of user %s: %w", p.Sub, err)
		}
		p.Session = string(plain)
		return p, nil
	}, `SELECT region, address, session, expires FROM device_challenges
		WHERE pool_id = $1 AND sub = $2 AND client_id = $3 AND device_key = $4 AND expires > $5`,
		p.Pool, p.Sub, p.Client, p.Device, micros(now))
}

func sealedForPending(p signin.PendingDevice) []byte {
	return sealedFor("device_challenges", p.Pool, p.Sub, p.Client, p.Device)
}
