package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// ErrInvalidID is the error of an account id that is not 12 digits.
var ErrInvalidID = errors.New("an account id has 12 digits")

// ErrTaken is the error of an account id that is in use.
var ErrTaken = errors.New("the account exists already")

// CreateAccount creates an account and the first access key of its root user.
// Without an id it takes a random one.
func (s *Service) CreateAccount(ctx context.Context, name, id string) (Account, Key, error) {
	if id == "" {
		// Never starts with a zero, which spreadsheets and YAML files drop.
		id = secretbox.String(1, "123456789") + secretbox.Digits(11)
	}
	if !ValidID(id) {
		return Account{}, Key{}, fmt.Errorf("%w: %q", ErrInvalidID, id)
	}
	a := Account{ID: id, Name: name, CreatedAt: s.now()}
	key := s.newKey(id)
	err := s.stores.Tx(ctx, func(ctx context.Context) error {
		switch _, err := s.stores.Accounts.AccountByID(ctx, id); {
		case err == nil:
			return ErrTaken
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := s.stores.Accounts.InsertAccount(ctx, a); err != nil {
			return taken(err, ErrTaken)
		}
		return s.stores.Keys.InsertKey(ctx, key)
	})
	if err != nil {
		return Account{}, Key{}, err
	}
	return a, key, nil
}

// CreateRootKey gives an account's root user another access key, for an
// operator who has lost the first ones. The account must exist.
func (s *Service) CreateRootKey(ctx context.Context, id string) (Key, error) {
	key := s.newKey(id)
	err := s.change(ctx, id, func(ctx context.Context) error {
		if _, err := s.stores.Accounts.AccountByID(ctx, id); err != nil {
			return err
		}
		return s.stores.Keys.InsertKey(ctx, key)
	})
	return key, err
}

// ListAccounts lists accounts by id.
func (s *Service) ListAccounts(ctx context.Context, p Page) (List[Account], error) {
	return s.stores.Accounts.ListAccounts(ctx, p)
}

// EnsureAccount creates an account unless it exists, without keys.
func (s *Service) EnsureAccount(ctx context.Context, id string) error {
	if !ValidID(id) {
		return fmt.Errorf("%w: %q", ErrInvalidID, id)
	}
	return s.stores.Accounts.EnsureAccount(ctx, Account{ID: id, CreatedAt: s.now()})
}

func (s *Service) accountExists(ctx context.Context, id string) (bool, error) {
	if s.anyAccount {
		return true, nil
	}
	_, err := s.stores.Accounts.AccountByID(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Account returns an account; absence is fs.ErrNotExist.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	return s.stores.Accounts.AccountByID(ctx, id)
}
