package account

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Settings are what an account has once.
type Settings struct {
	PasswordPolicy *PasswordPolicy // nil: the default one
	// TokenVersion is that of session tokens of the global STS endpoint, 1 or
	// 2; 0 is 1. Tokens here are good in every region in either case.
	TokenVersion int
}

// SettingsStore keeps settings and aliases of accounts.
type SettingsStore interface {
	// Settings returns the zero value for an account that has set nothing.
	Settings(ctx context.Context, account string) (Settings, error)
	PutSettings(ctx context.Context, account string, s Settings) error
	// Alias is empty for an account without one.
	Alias(ctx context.Context, account string) (string, error)
	// PutAlias fails with fs.ErrExist if another account has the alias.
	PutAlias(ctx context.Context, account, alias string) error
	DeleteAlias(ctx context.Context, account string) error
}

func (s *Service) changeSettings(ctx context.Context, account string, edit func(*Settings) error) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		settings, err := s.stores.Settings.Settings(ctx, account)
		if err != nil {
			return err
		}
		if err := edit(&settings); err != nil {
			return err
		}
		return s.stores.Settings.PutSettings(ctx, account, settings)
	})
}

// SetTokenVersion sets the version of session tokens, 1 or 2.
func (s *Service) SetTokenVersion(ctx context.Context, account string, version int) error {
	return s.changeSettings(ctx, account, func(settings *Settings) error {
		settings.TokenVersion = version
		return nil
	})
}

// The sentences about aliases are UNCONFIRMED.
const (
	textAliasTaken   = "The account alias %s already exists."
	textAliasMissing = "The account alias %s cannot be found."
)

// SetAlias gives the account an alias in place of the one that it has, if any.
func (s *Service) SetAlias(ctx context.Context, account, alias string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		have, err := s.stores.Settings.Alias(ctx, account)
		if err != nil {
			return err
		}
		if have == alias {
			return iam.EntityAlreadyExistsException(textAliasTaken, alias)
		}
		return taken(s.stores.Settings.PutAlias(ctx, account, alias), iam.EntityAlreadyExistsException(textAliasTaken, alias))
	})
}

// Alias returns the account's alias, empty for none.
func (s *Service) Alias(ctx context.Context, account string) (string, error) {
	return s.stores.Settings.Alias(ctx, account)
}

// DeleteAlias takes the account's alias away.
func (s *Service) DeleteAlias(ctx context.Context, account, alias string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		have, err := s.stores.Settings.Alias(ctx, account)
		if err != nil {
			return err
		}
		if have != alias {
			return iam.NoSuchEntityException(textAliasMissing, alias)
		}
		return s.stores.Settings.DeleteAlias(ctx, account)
	})
}
