package user

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Migration asks for somebody whom the pool does not know, and a directory
// elsewhere may.
type Migration struct {
	Username   string  // that means nobody here
	Password   *string // as it was given; nil for a forgotten one
	Validation Metadata
	Metadata   Metadata
}

// attrUsername is no attribute of the pool: in the reply of a function it is
// the username, where that is not the name that was asked for.
const attrUsername = "username"

// maxValue bounds the values of attributes, in characters. The model checks it
// in requests; a function's reply is none.
const maxValue = 2048

// Migrate asks the pool's function whether a name means somebody elsewhere, and
// makes them a user of the pool. It answers ErrNotFound where the function
// knows nobody or there is none, and the function's errors as they are.
//
// Of two that ask for one name at once, one makes the user and the other finds
// it. Of many passwords that are tried at once only those count that come before
// the name is locked, the right one included: for the others it answers
// ErrLocked. The password is kept as it is, whatever the pool's policy: it is the one
// that the person has. No invitation goes out, because it would have to hold
// that password.
func (s *Service) Migrate(ctx context.Context, p *userpool.Pool, c *userpool.Client, in Migration) (*User, error) {
	if !trigger.Names(p, userpool.UserMigration) || !isName(in.Username) || in.Password != nil && utf8.RuneCountInString(*in.Password) > maxPassword {
		return nil, ErrNotFound
	}
	why := trigger.MigrationAuthentication
	if in.Password == nil {
		why = trigger.MigrationForgotPassword
	}
	about := trigger.About{Pool: p, Client: c.ID, Username: in.Username}
	m, err := s.triggers.UserMigration(ctx, about, trigger.UserMigration{
		Source: why, Password: in.Password, ValidationData: in.Validation, ClientMetadata: in.Metadata,
	})
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, ErrNotFound
	}
	u, err := s.fromElsewhere(p, in.Username, m)
	if err != nil {
		return nil, s.triggers.Refuse(ctx, userpool.UserMigration, about, err)
	}
	if in.Password != nil && m.Confirmed {
		stored, err := s.passwords.Make(ctx, Form, Identity(p, u.Username), *in.Password)
		if err != nil {
			return nil, err
		}
		u.Credential = &Credential{Stored: stored, SetAt: s.now()}
	}
	err = s.tx(ctx, func(ctx context.Context) error {
		if in.Password != nil {
			if lock, err := s.UnknownLock(ctx, p, in.Username); err != nil || lock.Locked(s.now()) {
				return cmp.Or(err, error(ErrLocked))
			}
		}
		if err := s.insert(ctx, p, u, m.ForceAlias, ErrExists); err != nil || !m.SMSMFA || !u.mayTurnOn(p, SMSFactor) {
			return err
		}
		return s.TurnOn(ctx, u, SMSFactor)
	})
	if errors.Is(err, fs.ErrExist) {
		err = s.clash(ctx, p, u, ErrExists)
	}
	switch err {
	case nil:
		return s.Get(ctx, p, u.Sub)
	case error(ErrLocked): // by identity: all sentences of one exception are alike
		return nil, err
	}
	if _, taken := awsapi.AsError(err); !taken {
		return nil, err
	}
	if other, found := s.Find(ctx, p, in.Username); found == nil {
		return other, nil // somebody was faster
	}
	return nil, s.triggers.Refuse(ctx, userpool.UserMigration, about, err)
}

// fromElsewhere makes a user without a password of what a function found.
func (s *Service) fromElsewhere(p *userpool.Pool, name string, m *trigger.Migrated) (*User, error) {
	if own := m.Attributes[attrUsername]; own != "" && !p.UsesUsernameAttributes() {
		if name = own; !isName(name) {
			return nil, errNoName
		}
	}
	status := ResetRequired
	if m.Confirmed {
		status = Confirmed
	}
	u := s.newUser(p, name, status)
	var given []Attribute
	for _, k := range slices.Sorted(maps.Keys(m.Attributes)) {
		if k == attrUsername {
			continue
		}
		if utf8.RuneCountInString(m.Attributes[k]) > maxValue {
			return nil, errLongValue
		}
		given = append(given, Attribute{Name: k, Value: m.Attributes[k]})
	}
	attrs, err := adminProfile(p, given)
	if err != nil {
		return nil, err
	}
	if attrs.Has(attrSub) {
		return nil, p.CheckMutable([]string{attrSub})
	}
	if attrs, err = s.nameUser(p, u, name, attrs.present()); err != nil {
		return nil, err
	}
	if u.Attributes, err = proofs(attrs); err != nil {
		return nil, err
	}
	return u, p.CheckNewUser(u.Attributes.values())
}

// Faults of a function's reply, for the log.
var (
	errNoName    = errors.New("username is not a name that users may have")
	errLongValue = errors.New("the value of an attribute is too long")
)

// isName reports whether a name is of the form that the model asks of
// usernames: AuthParameters, unlike other members, may hold anything.
func isName(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > maxName || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P) {
			return false
		}
	}
	return true
}
