package store

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/user"
)

// SaveFactors writes the second factors of a user alone.
func (u *Users) SaveFactors(ctx context.Context, x *user.User) error {
	plain, err := x.Factors.Encode()
	if err != nil {
		return fmt.Errorf("factors of user %s: %w", x.Sub, err)
	}
	var sealed any
	if plain != nil {
		sealed = u.db.Ring().Seal(plain, sealedForFactors(x))
	}
	err = u.db.execOne(ctx, `UPDATE users SET factors = $3, version = version + 1 WHERE pool_id = $1 AND sub = $2 AND version = $4`,
		x.Pool, x.Sub, sealed, x.Version)
	if err == nil {
		x.Version++
	}
	return err
}

// openFactors reads what SaveFactors wrote.
func (u *Users) openFactors(x *user.User, sealed []byte) error {
	if sealed == nil {
		return nil
	}
	plain, err := u.db.Ring().Open(sealed, sealedForFactors(x))
	if err == nil {
		x.Factors, err = user.DecodeFactors(plain)
	}
	if err != nil {
		return fmt.Errorf("factors of user %s: %w", x.Sub, err)
	}
	return nil
}

func sealedForFactors(x *user.User) []byte { return sealedFor("users.factors", x.Pool, x.Sub) }
