package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/password"
)

// Config is what a Service works with. Stores and Now are required.
type Config struct {
	Stores Stores
	Now    func() time.Time

	// AnyAccount says that every account id counts as existing, as it does in
	// dev mode, where an account comes into being when it is first used.
	AnyAccount bool

	// Passwords hashes those of users; nil does it in the caller's goroutine.
	Passwords Passwords
}

// Service changes what IAM keeps. It is safe for concurrent use.
//
// A caller without permission has been refused before a method runs; methods
// take the account to work in and never look beyond it, except to see that
// principals of trust policies exist.
type Service struct {
	stores     Stores
	clock      func() time.Time
	anyAccount bool
	passwords  Passwords
}

// New returns a Service.
func New(c Config) *Service {
	if c.Passwords == nil {
		c.Passwords = password.New(password.Config{})
	}
	return &Service{stores: c.Stores, clock: c.Now, anyAccount: c.AnyAccount, passwords: c.Passwords}
}

// now is the time that rows carry: whole seconds, as IAM prints them.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

// change runs fn as one transaction that moves the account's generation on.
// Touching the account first also puts changes of one account in a row, so
// that quotas and delete conflicts hold under concurrency.
func (s *Service) change(ctx context.Context, account string, fn func(context.Context) error) error {
	now := s.now()
	return s.stores.Tx(ctx, func(ctx context.Context) error {
		if s.anyAccount {
			if err := s.stores.Accounts.EnsureAccount(ctx, Account{ID: account, CreatedAt: now}); err != nil {
				return fmt.Errorf("ensure account: %w", err)
			}
		}
		if err := s.stores.Accounts.MoveOn(ctx, account); err != nil {
			return fmt.Errorf("move account on: %w", err)
		}
		return fn(ctx)
	})
}

// Entity is what users, groups, roles and managed policies have in common.
type Entity struct {
	Account   string
	ID        string // unique id, such as AROA…
	Name      string
	Path      string // begins and ends with a slash
	CreatedAt time.Time
	Version   int64 // of the row
}

// Head returns the entity itself; it lets the store treat all kinds alike.
func (e *Entity) Head() *Entity { return e }

// User is an IAM user.
type User struct {
	Entity
	Boundary string // ARN of the permissions boundary; empty: none
	Tags     []Tag
}

// ARN names the user.
func (u *User) ARN() string { return entityARN(u.Account, UserKind, u.Path, u.Name) }

// Group is an IAM group.
type Group struct{ Entity }

// ARN names the group.
func (g *Group) ARN() string { return entityARN(g.Account, GroupKind, g.Path, g.Name) }

// Role is an IAM role.
type Role struct {
	Entity
	Description string
	MaxSession  time.Duration
	Boundary    string // ARN of the permissions boundary; empty: none
	Tags        []Tag
	Trust       string // trust policy as it was written
	// Trusted maps users and roles that the trust policy names, as written,
	// to the unique ids that they had when it was written.
	Trusted map[string]string
}

// ARN names the role.
func (r *Role) ARN() string { return entityARN(r.Account, RoleKind, r.Path, r.Name) }

// RoleARN names a role of an account.
func RoleARN(account, path, name string) string { return entityARN(account, RoleKind, path, name) }

// UserARN names a user of an account.
func UserARN(account, path, name string) string { return entityARN(account, UserKind, path, name) }

// GroupARN names a group of an account.
func GroupARN(account, path, name string) string { return entityARN(account, GroupKind, path, name) }

// NameKey is how names compare.
func NameKey(name string) string { return strings.ToLower(name) }
