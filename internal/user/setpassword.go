package user

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Passwords turns passwords into what is kept of them, and checks them. Both
// are slow and must not run in a transaction. *password.Checker is one.
type Passwords interface {
	Make(ctx context.Context, f password.Form, id srp.Identity, password string) (password.Stored, error)
	Check(ctx context.Context, s password.Stored, id srp.Identity, password string) (bool, error)
}

// maxPassword bounds passwords that arrive in maps, which the model does not
// check, in characters.
const maxPassword = 256

// Sentences that are UNCONFIRMED.
var (
	errPasswordTooLong = cognitoidp.InvalidPasswordException("Password did not conform with policy: Password too long")
	errNoPassword      = cognitoidp.InvalidParameterException("Password is required.")
)

var errPasswordUsed = cognitoidp.PasswordHistoryPolicyViolationException("Password has previously been used")

// Identity is what enters the password hash beside the password, and what
// clients get as USER_ID_FOR_SRP. Where the pool does not tell cases apart, it
// must not tell how a name was first written either: that would show which
// names are somebody's.
func Identity(p *userpool.Pool, username string) srp.Identity {
	return srp.UserIdentity(p.ID, Key(p, username))
}

// UnknownIdentity is the Identity of a name that means nobody: the username
// that a user might have who signs in by that name. It stays the same for a
// name.
func (s *Service) UnknownIdentity(p *userpool.Pool, name string) srp.Identity {
	byAlias := p.AliasIs(attrEmail) && isEmail(name) || p.AliasIs(attrPhone) && isPhone(name)
	if p.UsesUsernameAttributes() || byAlias {
		key := s.unknown("usernames of unknown users", p, name)
		name = srp.FakeUserID(key, srp.Identity{})
	}
	return Identity(p, name)
}

// NewCredential makes what is kept of a new password of u, after the pool's
// policy and memory have been asked. It is slow: call it before the
// transaction that stores the result by Replace.
func (s *Service) NewCredential(ctx context.Context, p *userpool.Pool, u *User, plain string) (*Credential, error) {
	if plain == "" {
		return nil, errNoPassword
	}
	if utf8.RuneCountInString(plain) > maxPassword {
		return nil, errPasswordTooLong
	}
	if err := password.PolicyOf(p.PasswordPolicy()).Check(plain); err != nil {
		return nil, err
	}
	for _, old := range u.Credential.remembered(memory(p)) {
		used, err := s.passwords.Check(ctx, old, Identity(p, u.Username), plain)
		if err != nil {
			return nil, err
		}
		if used {
			return nil, errPasswordUsed
		}
	}
	stored, err := s.passwords.Make(ctx, Form, Identity(p, u.Username), plain)
	if err != nil {
		return nil, err
	}
	return &Credential{Stored: stored, SetAt: s.now()}, nil
}

// Form is how passwords are kept.
const Form = password.SRP

// memory is how many of a user's passwords, the current one included, must
// not come back.
func memory(p *userpool.Pool) int {
	return int(awsapi.Value(p.PasswordPolicy().PasswordHistorySize))
}

// remembered returns the newest n passwords, the current one first.
func (c *Credential) remembered(n int) []password.Stored {
	if c == nil || n == 0 {
		return nil
	}
	all := slices.Concat([]password.Stored{c.Stored}, c.Past)
	return all[:min(n, len(all))]
}

// Replace gives u a new password and keeps the earlier ones for as long as the
// pool remembers them.
func (u *User) Replace(p *userpool.Pool, c *Credential) {
	next := *c
	next.Past = u.Credential.remembered(memory(p))
	u.Credential = &next
}

// SetPassword gives a user a password on an administrator's word. A permanent
// one confirms the user whatever their status was; another one has to be
// changed at the next sign-in, within the life that the pool gives it.
func (s *Service) SetPassword(ctx context.Context, p *userpool.Pool, username, plain string, permanent bool) error {
	u, err := s.Find(ctx, p, username)
	if err != nil {
		return err
	}
	credential, err := s.NewCredential(ctx, p, u, plain)
	if err != nil {
		return err
	}
	return s.change(ctx, p, u.Sub, func(_ context.Context, u *User) error {
		u.Replace(p, credential)
		u.Status = ForceChangePassword
		if permanent {
			u.Status = Confirmed
		}
		return nil
	})
}
