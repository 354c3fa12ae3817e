package user

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
)

// Figures of confirmation codes (Amazon Cognito developer guide, "Quotas").
const (
	codeDigits   = 6
	codeLife     = 24 * time.Hour
	passwordLife = time.Hour // of a code that sets a new password
	codeAttempts = 15        // wrong answers that one code survives
)

// Purpose is what a code proves.
type Purpose string

// Purposes. A user has at most one living code of each.
const (
	ForSignUp   Purpose = "sign-up"
	ForPassword Purpose = "password"     // set a new one
	ForEmail    Purpose = "email"        // prove the address, or put it in force
	ForPhone    Purpose = "phone_number" // the same of the number
)

var purposes = []Purpose{ForSignUp, ForPassword, ForEmail, ForPhone}

// Code is a code that was sent and not used yet.
type Code struct {
	Pool      string
	Region    string
	Sub       string
	Purpose   Purpose
	Attribute string // the address it was sent to, and that it verifies
	Pending   string // the address itself, where it replaces the user's own once it is proven
	Hash      []byte // keyed: six digits alone could be searched through at once
	Attempts  int    // wrong answers so far
	CreatedAt time.Time
	ExpiresAt time.Time
	Version   int64
}

// CodeStore keeps codes. Put replaces the code of the same user and purpose.
// Code answers fs.ErrNotExist when there is none.
type CodeStore interface {
	PutCode(ctx context.Context, c *Code) error
	Code(ctx context.Context, pool, sub string, p Purpose) (*Code, error)
	SaveAnswers(ctx context.Context, c *Code) error // Attempts alone
	DeleteCode(ctx context.Context, pool, sub string, p Purpose) error
}

// Keys seals small records and hands out sub-keys; a *secretbox.Ring does.
type Keys interface {
	Seal(plaintext, ad []byte) []byte
	Open(sealed, ad []byte) ([]byte, error)
	Derive(purpose string) (secretbox.KeyID, []byte)
	DeriveFrom(id secretbox.KeyID, purpose string) ([]byte, error)
}

const codeKey = "confirmation codes"

// lifeOf is how long a code is good.
func lifeOf(p Purpose) time.Duration {
	if p == ForPassword {
		return passwordLife
	}
	return codeLife
}

// newCode makes a code for u of what answers it.
func (s *Service) newCode(u *User, p Purpose, attribute, digits string) *Code {
	now := s.now()
	c := &Code{
		Pool: u.Pool, Region: u.Region, Sub: u.Sub, Purpose: p, Attribute: attribute,
		CreatedAt: now, ExpiresAt: now.Add(lifeOf(p)),
	}
	s.hash(c, u, digits)
	return c
}

// hash sets what the digits are compared with.
func (s *Service) hash(c *Code, u *User, digits string) {
	id, key := s.keys.Derive(codeKey)
	c.Hash = append(binary.BigEndian.AppendUint32(nil, uint32(id)), c.mac(key, u, digits)...)
}

// address returns where a code went: it may not be u's address yet.
func (c *Code) address(u *User) string {
	if c.Pending != "" {
		return c.Pending
	}
	return u.Attributes.Value(c.Attribute)
}

// since names the password that a code of u replaces: when somebody has
// replaced it meanwhile, the code proves nothing any more.
func (c *Code) since(u *User) string {
	if c.Purpose != ForPassword || u.Credential == nil {
		return ""
	}
	return string(u.Credential.Salt) // drawn anew for each
}

// mac binds the digits to the address that they went to, too: they prove
// nothing about an address that has taken its place since.
func (c *Code) mac(key []byte, u *User, digits string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, field := range []string{c.Pool, c.Sub, string(c.Purpose), c.Attribute, c.address(u), c.since(u), digits} {
		mac.Write([]byte(field))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// answers reports whether digits are the code of u.
func (s *Service) answers(c *Code, u *User, digits string) bool {
	if len(c.Hash) < 4 {
		return false
	}
	key, err := s.keys.DeriveFrom(secretbox.KeyID(binary.BigEndian.Uint32(c.Hash)), codeKey)
	return err == nil && hmac.Equal(c.Hash[4:], c.mac(key, u, digits))
}

// living reports whether the right answer is still accepted.
func (c *Code) living(now time.Time) bool {
	return now.Before(c.ExpiresAt) && c.Attempts < codeAttempts
}

// trial is what came of an answer.
type trial struct {
	code   *Code // that was answered; nil if there was none
	right  bool
	living bool // the right answer would have been accepted
}

// tryCode compares an answer with u's code of a purpose. A wrong answer to a
// living code is counted, so the caller must commit it.
func (s *Service) tryCode(ctx context.Context, u *User, p Purpose, digits string) (trial, error) {
	c, err := s.codes.Code(ctx, u.Pool, u.Sub, p)
	if errors.Is(err, fs.ErrNotExist) {
		return trial{}, nil
	}
	if err != nil {
		return trial{}, err
	}
	t := trial{code: c, right: s.answers(c, u, digits), living: c.living(s.now())}
	if !t.right && t.living {
		c.Attempts++
		err = s.codes.SaveAnswers(ctx, c)
	}
	return t, err
}

// spend uses a code up. It is kept until it would have expired, so that
// somebody who gives the right answer twice is told more than others.
func (s *Service) spend(ctx context.Context, c *Code) error {
	c.Attempts = codeAttempts
	return s.codes.SaveAnswers(ctx, c)
}
