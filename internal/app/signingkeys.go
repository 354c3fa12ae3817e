package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// ownersAtOnce is how many owners of signing keys are read at once.
const ownersAtOnce = 500

// ReplaceSigningKeys gives owners new signing keys, all of them if none is
// named. The old ones stay published until their tokens have expired, unless
// they are to be retired. done is told of each owner.
func ReplaceSigningKeys(ctx context.Context, s config.Storage, owners []string, retire bool, done func(owner string)) error {
	return withStore(ctx, s, func(db *store.DB) error {
		keys := token.NewKeys(token.KeysConfig{Store: db.SigningKeys(), Stock: db.SigningKeys(), Now: time.Now})
		replace := keys.Rotate
		if retire {
			replace = keys.Retire
		}
		return eachOwner(ctx, db, owners, func(owner string) error {
			err := replace(ctx, owner)
			if errors.Is(err, token.ErrNoKey) {
				return fmt.Errorf("%s has no signing keys", owner)
			}
			if err == nil {
				done(owner)
			}
			return err
		})
	})
}

// SigningKey is a line of the list of signing keys.
type SigningKey struct {
	Owner, Use, ID string
	Active         time.Time // signs from
	Expires        time.Time // published until; zero: until it is replaced
}

// ListSigningKeys lists the keys of owners, of all if none is named.
func ListSigningKeys(ctx context.Context, s config.Storage, owners []string, show func(SigningKey)) error {
	return withStore(ctx, s, func(db *store.DB) error {
		return eachOwner(ctx, db, owners, func(owner string) error {
			keys, err := db.SigningKeys().Keys(ctx, owner)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			for _, k := range keys {
				show(SigningKey{Owner: k.Owner, Use: string(k.Use), ID: k.ID, Active: k.Active, Expires: k.Expires})
			}
			return nil
		})
	})
}

// eachOwner calls f with the owners named, or with all that have keys.
func eachOwner(ctx context.Context, db *store.DB, named []string, f func(owner string) error) error {
	for _, owner := range named {
		if err := f(owner); err != nil {
			return err
		}
	}
	for after := ""; len(named) == 0; {
		owners, err := db.SigningKeys().KeyOwners(ctx, after, ownersAtOnce)
		if err != nil || len(owners) == 0 {
			return err
		}
		for _, owner := range owners {
			if err := f(owner); err != nil {
				return err
			}
		}
		after = owners[len(owners)-1]
	}
	return nil
}
