package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config is what a Service works with. Every field is required unless it says
// otherwise.
type Config struct {
	// Tx runs a replayable transaction that travels in the context.
	Tx func(ctx context.Context, fn func(context.Context) error) error

	Accounts    Accounts
	Users       Entities[User]
	Groups      Entities[Group]
	Roles       Entities[Role]
	Policies    Entities[ManagedPolicy]
	Versions    Versions
	Inlines     Inlines
	Attachments Attachments
	Memberships Memberships
	Keys        Keys
	Providers   Providers

	Now func() time.Time

	// AnyAccount says that every account id counts as existing, as it does in
	// dev mode, where an account comes into being when it is first used.
	AnyAccount bool
}

// Service changes what IAM keeps. It is safe for concurrent use.
//
// A caller without permission has been refused before a method runs; methods
// take the account to work in and never look beyond it, except to see that
// principals of trust policies exist.
type Service struct{ cfg Config }

// New returns a Service.
func New(cfg Config) (*Service, error) {
	if cfg.Tx == nil || cfg.Accounts == nil || cfg.Users == nil || cfg.Groups == nil || cfg.Roles == nil ||
		cfg.Policies == nil || cfg.Versions == nil || cfg.Inlines == nil || cfg.Attachments == nil ||
		cfg.Memberships == nil || cfg.Keys == nil || cfg.Providers == nil || cfg.Now == nil {
		return nil, errors.New("account: incomplete configuration")
	}
	return &Service{cfg}, nil
}

// now is the time that rows carry: whole seconds, as IAM prints them.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Second) }

// change runs fn as one transaction that moves the account's generation on.
// Touching the account first also puts changes of one account in a row, so
// that quotas and delete conflicts hold under concurrency.
func (s *Service) change(ctx context.Context, account string, fn func(context.Context) error) error {
	now := s.now()
	return s.cfg.Tx(ctx, func(ctx context.Context) error {
		if s.cfg.AnyAccount {
			if err := s.cfg.Accounts.EnsureAccount(ctx, Account{ID: account, CreatedAt: now}); err != nil {
				return fmt.Errorf("ensure account: %w", err)
			}
		}
		if err := s.cfg.Accounts.MoveOn(ctx, account); err != nil {
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
