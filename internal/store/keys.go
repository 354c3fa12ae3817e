package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// keyActivation is how long other nodes have to learn of a new data key before
// anything is sealed under it; they look every keyReload.
const (
	keyActivation = time.Minute
	keyReload     = 20 * time.Second
)

type dataKey struct {
	id      int64
	master  string // id of the master key that wrapped it
	wrapped []byte
	active  time.Time
}

func keyLabel(id int64) string { return fmt.Sprintf("cenote/data-key/%d", id) }

func (db *DB) masterKey() secretbox.Master {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.master
}

func (db *DB) dataKeys(ctx context.Context) ([]dataKey, error) {
	return many(ctx, db, func(s scanner) (k dataKey, err error) {
		var active int64
		err = s.Scan(&k.id, &k.master, &k.wrapped, &active)
		k.active = fromMicros(active)
		return k, err
	}, `SELECT id, master, wrapped, active_from FROM data_keys ORDER BY id`)
}

// openKeys unwraps the data keys, after making the first one in a new
// database.
func (db *DB) openKeys(ctx context.Context) error {
	stored, err := db.dataKeys(ctx)
	if err == nil && len(stored) == 0 {
		if err := db.addKey(ctx, 1, db.now()); err != nil && conflictOn(err) == "" {
			return fmt.Errorf("make data key: %w", err)
		}
		stored, err = db.dataKeys(ctx)
	}
	if err != nil {
		return fmt.Errorf("read data keys: %w", err)
	}
	keys, err := db.unwrapKeys(ctx, stored)
	if err != nil {
		return err
	}
	if db.ring, err = secretbox.NewRing(db.now, keys...); err != nil {
		return err
	}
	if db.Shared() {
		db.ring.OnUnknownKey(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if err := db.ReloadKeys(ctx); err != nil {
				db.log.Error("reload data keys", "err", err)
			}
		})
	}
	return nil
}

func (db *DB) addKey(ctx context.Context, id int64, active time.Time) error {
	master := db.masterKey()
	wrapped, err := master.Wrap(ctx, secretbox.Bytes(32), keyLabel(id))
	if err != nil {
		return err
	}
	_, err = db.exec(ctx, `INSERT INTO data_keys (id, master, wrapped, active_from, created) VALUES ($1, $2, $3, $4, $5)`,
		id, master.ID(), wrapped, micros(active), micros(db.now()))
	return err
}

// unwrapKeys asks the master key only for keys that the ring does not have: a
// node goes on while another master key takes over.
func (db *DB) unwrapKeys(ctx context.Context, stored []dataKey) ([]secretbox.Key, error) {
	var keys []secretbox.Key
	master := db.masterKey()
	for _, k := range stored {
		id := secretbox.KeyID(k.id)
		if db.ring != nil {
			if secret, ok := db.ring.Secret(id); ok {
				keys = append(keys, secretbox.Key{ID: id, Secret: secret, Active: k.active})
				continue
			}
		}
		if k.master != master.ID() {
			return nil, fmt.Errorf("the data keys are wrapped by master key %s, but %s was given: %w", k.master, master.ID(), ErrMasterKey)
		}
		secret, err := master.Unwrap(ctx, k.wrapped, keyLabel(k.id))
		if errors.Is(err, secretbox.ErrSealed) {
			return nil, fmt.Errorf("data key %d was changed in the database: %w", k.id, ErrMasterKey)
		}
		if err != nil {
			return nil, fmt.Errorf("unwrap data key %d: %w", k.id, err)
		}
		keys = append(keys, secretbox.Key{ID: id, Secret: secret, Active: k.active})
	}
	return keys, nil
}

// ReloadKeys reads the data keys again, for what other nodes have added.
func (db *DB) ReloadKeys(ctx context.Context) error {
	stored, err := db.dataKeys(ctx)
	if err != nil {
		return err
	}
	keys, err := db.unwrapKeys(ctx, stored)
	if err != nil {
		return err
	}
	return db.ring.Replace(keys...)
}

// RotateKey adds a data key. New values are sealed under it once every node
// can know it; the older keys go on opening what they sealed.
func (db *DB) RotateKey(ctx context.Context) (secretbox.KeyID, error) {
	ids := db.ring.Keys()
	var newest secretbox.KeyID
	for _, id := range ids {
		newest = max(newest, id)
	}
	active := db.now()
	if db.Shared() {
		active = active.Add(keyActivation)
	}
	id := newest + 1
	if err := db.addKey(ctx, int64(id), active); err != nil {
		return 0, fmt.Errorf("make data key: %w", err)
	}
	return id, db.ReloadKeys(ctx)
}

// RotateMaster wraps all data keys by another master key. Nothing that they
// sealed is touched. Nodes that run keep their keys; the next start needs the
// new master key.
func (db *DB) RotateMaster(ctx context.Context, to secretbox.Master) error {
	if err := db.ReloadKeys(ctx); err != nil {
		return err
	}
	type rewrapped struct {
		id      int64
		wrapped []byte
	}
	var list []rewrapped
	for _, id := range db.ring.Keys() {
		secret, _ := db.ring.Secret(id)
		wrapped, err := to.Wrap(ctx, secret, keyLabel(int64(id)))
		if err != nil {
			return err
		}
		list = append(list, rewrapped{int64(id), wrapped})
	}
	err := db.Tx(ctx, func(ctx context.Context) error {
		stored, err := db.dataKeys(ctx)
		if err != nil {
			return err
		}
		if len(stored) != len(list) {
			return errors.New("a data key was added meanwhile: rotate again")
		}
		for _, k := range list {
			if _, err := db.exec(ctx, `UPDATE data_keys SET master = $2, wrapped = $3 WHERE id = $1`, k.id, to.ID(), k.wrapped); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.master = to
	return nil
}
