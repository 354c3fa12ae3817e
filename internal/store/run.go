package store

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

const (
	// messagesKept is how long a message stays in the outbox: long enough to ask
	// what a user was told.
	messagesKept = 7 * 24 * time.Hour
	// denialsKept is how long it can be asked why a request was refused, unless
	// newer refusals of its account have taken its place.
	denialsKept = 30 * 24 * time.Hour
	pruneEvery  = time.Hour
	pruneLease  = "prune"
)

// Run does what has to be done now and then, until ctx ends: it learns of data
// keys that other nodes have added, renews what the database knows about its
// tables as they grow, and removes old messages, denials, uses of services and audit records.
func (db *DB) Run(ctx context.Context) error {
	reload := time.NewTicker(keyReload)
	defer reload.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-reload.C:
			if db.Shared() {
				err = db.ReloadKeys(ctx)
			}
		case <-db.growth.due:
			err = db.engine.analyze(ctx)
		case <-prune.C:
			err = db.prune(ctx)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			db.log.Error("store upkeep", "err", err)
		}
	}
}

// prune removes what is too old to keep.
func (db *DB) prune(ctx context.Context) error {
	ok, err := db.AcquireLease(ctx, pruneLease, pruneEvery/2)
	if err != nil || !ok {
		return err
	}
	if err := db.Outbox().prune(ctx, db.now().Add(-messagesKept)); err != nil {
		return err
	}
	if err := db.Denials().prune(ctx, db.now().Add(-denialsKept)); err != nil {
		return err
	}
	if err := db.IAM().pruneServiceUses(ctx, db.now().Add(-account.UseTracking)); err != nil {
		return err
	}
	if db.auditKept <= 0 {
		return nil
	}
	return db.Audit().prune(ctx, db.now().Add(-db.auditKept))
}
