package token

import (
	"context"
	"fmt"
	"time"
)

// StockSize is how many spare keys are kept. A pool takes two.
const StockSize = 16

// perPool is how many keys a pool takes.
const perPool = 2

// Warm makes sure that the stock has keys for one more pool, if it must by
// generating them now.
func (k *Keys) Warm(ctx context.Context) error {
	n, err := k.stock.CountSpareKeys(ctx)
	if err != nil {
		return err
	}
	for ; n < perPool; n++ {
		if err := k.produce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// produce adds a key to the stock.
func (k *Keys) produce(ctx context.Context) (err error) {
	var made SpareKey
	if laneErr := k.lane.Do(ctx, func() { made, err = generate(k.now()) }); laneErr != nil {
		return laneErr
	}
	if err != nil {
		return err
	}
	if err := k.stock.PutSpareKey(ctx, made); err != nil {
		return fmt.Errorf("keep %v: %w", made, err)
	}
	return nil
}

// refill tells Run that keys were taken.
func (k *Keys) refill() {
	select {
	case k.short <- struct{}{}:
	default:
	}
}

const (
	tidyEvery = time.Hour
	// pause is how long Run rests between two keys: filling the stock should
	// not be what a node does while it starts.
	pause = 250 * time.Millisecond
	// retryAfter is how long Run rests when the store or the lane refuse.
	retryAfter = 5 * time.Second
)

// Run fills the stock and removes expired keys, until ctx ends.
func (k *Keys) Run(ctx context.Context) error {
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	for {
		rest := pause
		full, err := k.fill(ctx)
		if err != nil && ctx.Err() == nil {
			k.log.WarnContext(ctx, "key stock is not full", "error", err)
			rest = retryAfter
		}
		if !full {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(rest):
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-k.short:
		case <-tidy.C:
			if err := k.store.DeleteExpiredKeys(ctx, k.now()); err != nil && ctx.Err() == nil {
				k.log.WarnContext(ctx, "expired keys were not removed", "error", err)
			}
		}
	}
}

// fill adds one key if there is room for one, and nothing more urgent to do: a
// key takes as long as many sign-ins. When the lane is never at rest the stock
// runs out, and Warm makes what is needed.
func (k *Keys) fill(ctx context.Context) (full bool, err error) {
	n, err := k.stock.CountSpareKeys(ctx)
	if err != nil || n >= StockSize {
		return err == nil, err
	}
	if k.lane != nil && k.lane.Idle() == 0 {
		return false, nil
	}
	return false, k.produce(ctx)
}
