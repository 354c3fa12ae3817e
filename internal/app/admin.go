package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/store"
)

// withStore opens the store for one command.
func withStore(ctx context.Context, s config.Storage, f func(*store.DB) error) error {
	db, err := openStore(ctx, s, 0, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

// GenerateMasterKey writes a new master key to a file that must not exist.
func GenerateMasterKey(path string) error {
	err := secretbox.CreateMaster(path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; a master key is never overwritten", path)
	}
	return err
}

// RotateKeys makes a new data key and, with a new master key file, wraps all
// data keys under it. It returns how many data keys there are.
func RotateKeys(ctx context.Context, s config.Storage, newMasterKeyFile string) (n int, err error) {
	err = withStore(ctx, s, func(db *store.DB) error {
		if newMasterKeyFile != "" {
			master, err := secretbox.ReadMaster(newMasterKeyFile)
			if err != nil {
				return &config.Error{Sentence: err.Error()}
			}
			if err := db.RotateMaster(ctx, master); err != nil {
				return err
			}
		}
		if _, err := db.RotateKey(ctx); err != nil {
			return err
		}
		n = len(db.Ring().Keys())
		return nil
	})
	return n, err
}

// NewAccount is an account with its first access key, which is shown once.
type NewAccount struct {
	ID              string
	AccessKeyID     string
	SecretAccessKey string
}

// CreateAccount creates an account, with a random number if id is empty.
func CreateAccount(ctx context.Context, s config.Storage, name, id string) (created NewAccount, err error) {
	err = withStore(ctx, s, func(db *store.DB) error {
		created, err = createAccount(ctx, accountService(db, time.Now, false, nil), name, id)
		return err
	})
	return created, err
}

// CreateAccount is the function of that name, for a running deployment.
func (d *Deployment) CreateAccount(ctx context.Context, name, id string) (NewAccount, error) {
	return createAccount(ctx, d.accounts, name, id)
}

func createAccount(ctx context.Context, svc *account.Service, name, id string) (NewAccount, error) {
	acct, key, err := svc.CreateAccount(ctx, name, id)
	if errors.Is(err, account.ErrTaken) {
		return NewAccount{}, fmt.Errorf("account %s exists", id)
	}
	return NewAccount{ID: acct.ID, AccessKeyID: key.ID, SecretAccessKey: key.Secret}, err
}

// Account is one line of the list of accounts.
type Account struct {
	ID      string `json:"AccountId"`
	Name    string
	Created time.Time
}

// accountsAtOnce is how many accounts are read at once.
const accountsAtOnce = 500

// ListAccounts lists all accounts by number.
func ListAccounts(ctx context.Context, s config.Storage) ([]Account, error) {
	all := []Account{}
	err := withStore(ctx, s, func(db *store.DB) error {
		svc := accountService(db, time.Now, false, nil)
		page := account.Page{Limit: accountsAtOnce}
		for {
			list, err := svc.ListAccounts(ctx, page)
			if err != nil {
				return err
			}
			for _, a := range list.Items {
				all = append(all, Account{ID: a.ID, Name: a.Name, Created: a.CreatedAt})
			}
			if list.Next == "" {
				return nil
			}
			page.After = list.Next
		}
	})
	return all, err
}

func accountService(db *store.DB, now func() time.Time, anyAccount bool, passwords account.Passwords) *account.Service {
	return account.New(account.Config{Stores: db.IAM().Stores(), Now: now, AnyAccount: anyAccount, Passwords: passwords})
}
