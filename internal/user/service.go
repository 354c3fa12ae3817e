package user

import (
	"context"
	"errors"
	"io/fs"
	"time"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Store keeps users. Names are compared in the form that Key gives.
type Store interface {
	// InsertUser adds a user with the key of its username and the aliases that
	// it owns; fs.ErrExist when somebody has one of the names.
	InsertUser(ctx context.Context, u *User, key string, aliases []Alias) error
	// UpdateUser writes a user whose Version is the one that was read.
	UpdateUser(ctx context.Context, u *User) error
	// MoveAliases takes aliases from a user and gives it others.
	MoveAliases(ctx context.Context, u *User, drop, add []Alias) error
	DeleteUser(ctx context.Context, u *User, aliases []Alias) error
	// UserByName finds a user by username, alias or sub, in this order;
	// fs.ErrNotExist if there is none.
	UserByName(ctx context.Context, pool, name string) (*User, error)
	// UserBySub finds a user that was read before; fs.ErrNotExist if it is
	// gone.
	UserBySub(ctx context.Context, pool, sub string) (*User, error)
	// Holders returns who has these names already.
	Holders(ctx context.Context, pool string, names []string) (map[string]Holder, error)
	// SaveLock writes the lock of a user alone.
	SaveLock(ctx context.Context, u *User) error
}

// Directory looks over all users of a pool.
type Directory interface {
	// ListUsers returns at most limit users that pass the filter and come
	// after the cursor, in an order of its own. They are to be shown: they have
	// no credential, and no version to be written back with.
	ListUsers(ctx context.Context, pool string, f Filter, after *Cursor, limit int) ([]*User, error)
}

// Holder is who has a name.
type Holder struct {
	Sub   string
	Alias bool // the name is an alias, so it can be taken away
}

// Sessions ends what was signed in. Its methods join the transaction of their
// context. A *token.Sessions is one.
type Sessions interface {
	// SignOut makes every token of a user invalid for good.
	SignOut(ctx context.Context, pool, region, sub string) error
	// DeleteUser forgets the sessions of a user who is being deleted.
	DeleteUser(ctx context.Context, pool, sub string) error
	// EndDevice keeps the tokens of a user's sessions on a device from being
	// renewed.
	EndDevice(ctx context.Context, pool, sub, device string) error
	// OnDevice reports whether the user has a session on a device.
	OnDevice(ctx context.Context, pool, sub, device string) (bool, error)
}

// Config is what a Service works with. All fields are required.
type Config struct {
	Now       func() time.Time
	Tx        func(context.Context, func(context.Context) error) error
	Users     Store
	Directory Directory
	Codes     CodeStore
	Attempts  AttemptStore
	Factors   FactorStore
	Links     LinkStore
	Devices   DeviceStore
	// Memberships knows who is in which group.
	Memberships Memberships
	Keys        Keys
	// UnknownKey returns the secret that answers about names that mean nobody
	// are derived from. It should not change when data keys are rotated.
	UnknownKey func() []byte
	Passwords  Passwords
	Sessions   Sessions
	Messages   *message.Desk
	// Triggers asks the functions of pools. With nil there are none to ask, and
	// a pool that names one is denied what it would decide.
	Triggers *trigger.Service
}

// Service is the life of users.
type Service struct {
	now         func() time.Time
	tx          func(context.Context, func(context.Context) error) error
	users       Store
	directory   Directory
	codes       CodeStore
	attempts    AttemptStore
	factors     FactorStore
	links       LinkStore
	devices     DeviceStore
	memberships Memberships
	keys        Keys
	unknownKey  func() []byte
	passwords   Passwords
	sessions    Sessions
	messages    *message.Desk
	triggers    *trigger.Service
}

// New returns a Service.
func New(c Config) *Service {
	return &Service{
		now: c.Now, tx: c.Tx, users: c.Users, directory: c.Directory, codes: c.Codes, attempts: c.Attempts, factors: c.Factors, links: c.Links,
		memberships: c.Memberships, devices: c.Devices,
		keys: c.Keys, unknownKey: c.UnknownKey, passwords: c.Passwords, sessions: c.Sessions, messages: c.Messages,
		triggers: c.Triggers,
	}
}

// Find returns the user that a name means: a username, an alias in force or a
// sub. It answers ErrNotFound.
func (s *Service) Find(ctx context.Context, p *userpool.Pool, name string) (*User, error) {
	// Nobody has such a name; it need not reach an index.
	if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) {
		return nil, ErrNotFound
	}
	u, err := s.users.UserByName(ctx, p.ID, Key(p, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return u, err
}

// Get returns the user of a sub that was learnt from a token or a session.
func (s *Service) Get(ctx context.Context, p *userpool.Pool, sub string) (*User, error) {
	u, err := s.users.UserBySub(ctx, p.ID, sub)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return u, err
}

// change finds a user, changes it and writes it back, in one transaction.
func (s *Service) change(ctx context.Context, p *userpool.Pool, name string, f func(context.Context, *User) error) error {
	return s.tx(ctx, func(ctx context.Context) error {
		u, err := s.Find(ctx, p, name)
		if err != nil {
			return err
		}
		before := u.Attributes
		if err := f(ctx, u); err != nil {
			return err
		}
		return s.write(ctx, p, u, before)
	})
}

// write stores a changed user, and the aliases that its attributes make now in
// place of those that they made before.
func (s *Service) write(ctx context.Context, p *userpool.Pool, u *User, before Attributes) error {
	u.ModifiedAt = s.now()
	if err := s.users.UpdateUser(ctx, u); err != nil {
		return err
	}
	had, have := Aliases(p, before), Aliases(p, u.Attributes)
	drop, add := without(had, have), without(have, had)
	if len(drop)+len(add) == 0 {
		return nil
	}
	return s.users.MoveAliases(ctx, u, drop, add)
}
