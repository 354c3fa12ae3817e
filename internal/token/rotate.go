package token

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Rotate gives an owner new keys. They are published at once and sign a minute
// later; the old ones stay published until their last token has expired.
func (k *Keys) Rotate(ctx context.Context, owner string) error {
	return k.replace(ctx, owner, ahead, ahead+overlap)
}

// Retire gives an owner new keys, which sign at once, and withdraws the old
// ones: no token that they have signed counts any more. It is for keys that
// somebody else may have got hold of. Other nodes, and verifiers that keep key
// sets, notice within a minute.
func (k *Keys) Retire(ctx context.Context, owner string) error {
	return k.replace(ctx, owner, 0, 0)
}

// replace makes new keys that sign after a while, and lets the old ones expire
// after another.
func (k *Keys) replace(ctx context.Context, owner string, begin, end time.Duration) error {
	if err := k.Warm(ctx); err != nil {
		return err
	}
	now := k.now()
	return k.store.Tx(ctx, func(ctx context.Context) error {
		keys, err := k.store.Keys(ctx, owner)
		if err != nil {
			return err
		}
		var uses []Use
		for _, key := range keys {
			expires := now.Add(end)
			if key.Expires.IsZero() && !slices.Contains(uses, key.Use) {
				uses = append(uses, key.Use)
			}
			if !key.Expires.IsZero() && !expires.Before(key.Expires) {
				continue // goes sooner already
			}
			key.Expires = expires
			if err := k.store.PutKey(ctx, key); err != nil {
				return err
			}
		}
		if len(uses) == 0 {
			return fmt.Errorf("rotate keys of %s: %w", owner, ErrNoKey)
		}
		return k.add(ctx, owner, now, now.Add(begin), uses...)
	})
}
