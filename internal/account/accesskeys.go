package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// secretAlphabet is what secret access keys are made of; forty characters of
// it have 240 bits.
const (
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	secretLen      = 40
)

// newKey makes an active key of an account's root user.
func (s *Service) newKey(account string) Key {
	return Key{
		ID: newID(accessKeyPrefix, account, accessKeyLen), Account: account,
		Secret: secretbox.String(secretLen, secretAlphabet), Active: true, CreatedAt: s.now(),
	}
}

// CreateKey creates an access key of a user; an empty name is the root user.
// The secret is not shown again.
func (s *Service) CreateKey(ctx context.Context, account, user string) (Key, error) {
	key := s.newKey(account)
	err := s.change(ctx, account, func(ctx context.Context) error {
		id, err := s.keyHolder(ctx, account, user)
		if err != nil {
			return err
		}
		keys, err := s.stores.Keys.KeysOf(ctx, account, id)
		if err != nil {
			return fmt.Errorf("keys of user: %w", err)
		}
		if len(keys) >= maxKeysPerUser {
			return quota("AccessKeysPerUser", maxKeysPerUser)
		}
		key.UserID = id
		return s.stores.Keys.InsertKey(ctx, key)
	})
	key.UserName = user
	return key, err
}

// keyHolder returns the unique id of a user, the empty one for the root user.
func (s *Service) keyHolder(ctx context.Context, account, user string) (string, error) {
	if user == "" {
		return "", nil
	}
	u, err := s.User(ctx, account, user)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

// KeysOf lists the access keys of a user without their secrets; an empty name
// is the root user.
func (s *Service) KeysOf(ctx context.Context, account, user string) ([]Key, error) {
	id, err := s.keyHolder(ctx, account, user)
	if err != nil {
		return nil, err
	}
	keys, err := s.stores.Keys.KeysOf(ctx, account, id)
	for i := range keys {
		keys[i].Secret = ""
	}
	return keys, err
}

// ownKey finds a key and makes sure that it is the user's.
func (s *Service) ownKey(ctx context.Context, account, user, id string) error {
	holder, err := s.keyHolder(ctx, account, user)
	if err != nil {
		return err
	}
	k, err := s.stores.Keys.KeyByID(ctx, account, id)
	if err != nil {
		return absent(err, noSuchKey(id))
	}
	if k.UserID != holder {
		return noSuchKey(id)
	}
	return nil
}

// SetKeyActive switches an access key of a user on or off.
func (s *Service) SetKeyActive(ctx context.Context, account, user, id string, active bool) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		if err := s.ownKey(ctx, account, user, id); err != nil {
			return err
		}
		return s.stores.Keys.SetKeyActive(ctx, account, id, active)
	})
}

// DeleteKey deletes an access key of a user.
func (s *Service) DeleteKey(ctx context.Context, account, user, id string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		if err := s.ownKey(ctx, account, user, id); err != nil {
			return err
		}
		return s.stores.Keys.DeleteKey(ctx, account, id)
	})
}

// Key returns an access key of the account without its secret.
func (s *Service) Key(ctx context.Context, account, id string) (Key, error) {
	k, err := s.stores.Keys.KeyByID(ctx, account, id)
	if err != nil {
		return Key{}, absent(err, undeclaredNoSuch.New("The Access Key with id %s cannot be found.", id))
	}
	k.Secret = ""
	return k, nil
}

// UserOfKey returns the name of the user who signs with a key, for the
// operations that mean the caller when they name nobody. It is empty for the
// root user and for keys that are not long-term ones.
func (s *Service) UserOfKey(ctx context.Context, account, id string) (string, error) {
	k, err := s.stores.Keys.KeyByID(ctx, account, id)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return k.UserName, err
}
