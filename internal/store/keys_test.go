package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

var ad = []byte("table owner row")

func sealedUnder(t *testing.T, db *store.DB) secretbox.KeyID {
	t.Helper()
	id, ok := secretbox.SealedUnder(db.Ring().Seal([]byte("x"), ad))
	if !ok {
		t.Error("not sealed")
	}
	return id
}

func TestDataKeyRotation(t *testing.T) {
	reopenable(t, func(t *testing.T, url string) {
		db := open(t, url)
		before := db.Ring().Seal([]byte("before"), ad)
		id, err := db.RotateKey(t.Context())
		if err != nil || id != 2 {
			t.Fatalf("rotated to %d, %v", id, err)
		}
		// Alone, a node may use the new key at once.
		if got := sealedUnder(t, db); !db.Shared() && got != 2 {
			t.Errorf("sealed under %d", got)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = open(t, url)
		defer db.Close()
		if text, err := db.Ring().Open(before, ad); err != nil || string(text) != "before" {
			t.Errorf("opened %q, %v", text, err)
		}
	})
}

func TestMasterKeyRotation(t *testing.T) {
	reopenable(t, func(t *testing.T, url string) {
		next, err := secretbox.NewMaster(bytes.Repeat([]byte{2}, 32))
		if err != nil {
			t.Fatal(err)
		}
		db := open(t, url)
		before := db.Ring().Seal([]byte("before"), ad)
		if _, err := db.RotateKey(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.RotateMaster(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if err := db.ReloadKeys(t.Context()); err != nil {
			t.Errorf("reload after rotation: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := tryOpen(t.Context(), url, storetest.Master()); !errors.Is(err, store.ErrMasterKey) {
			t.Errorf("old master key: %v", err)
		}
		if db, err = tryOpen(t.Context(), url, next); err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if text, err := db.Ring().Open(before, ad); err != nil || string(text) != "before" {
			t.Errorf("opened %q, %v", text, err)
		}
	})
}

func TestKeysTravelBetweenNodes(t *testing.T) {
	clock := storetest.NewTime()
	url := storetest.Postgres(t)
	a := storetest.Open(t, url, storetest.Clock(clock.Now))
	b := storetest.Open(t, url, storetest.Clock(clock.Now))
	next, err := secretbox.NewMaster(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.RotateMaster(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if err := b.ReloadKeys(t.Context()); err != nil {
		t.Errorf("a node that runs must survive another master key: %v", err)
	}
	if err := b.RotateMaster(t.Context(), storetest.Master()); err != nil {
		t.Fatal(err)
	}

	if _, err := b.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := sealedUnder(t, b); got != 1 {
		t.Errorf("sealed under %d before the others can know it", got)
	}
	clock.Advance(time.Minute)
	sealed := b.Ring().Seal([]byte("x"), ad)
	if got, _ := secretbox.SealedUnder(sealed); got != 2 {
		t.Errorf("sealed under %d", got)
	}
	// a has not looked since; it meets the key and asks the database, even in
	// the middle of a transaction.
	err = a.Tx(t.Context(), func(context.Context) error {
		_, err := a.Ring().Open(sealed, ad)
		return err
	})
	if !errors.Is(err, secretbox.ErrSealed) {
		t.Errorf("a has the other master key and opened it: %v", err)
	}
	c := storetest.Open(t, url, storetest.Clock(clock.Now))
	if _, err := c.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	sealed = c.Ring().Seal([]byte("x"), ad)
	err = b.Tx(t.Context(), func(context.Context) error {
		_, err := b.Ring().Open(sealed, ad)
		return err
	})
	if err != nil {
		t.Errorf("key of another node: %v", err)
	}
}
