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
	codeAttempts = 15 // wrong answers that one code survives
)

// Purpose is what a code proves.
type Purpose string

// Purposes. A user has at most one living code of each.
const (
	ForSignUp Purpose = "sign-up"
)

// Code is a code that was sent and not used yet.
type Code struct {
	Pool      string
	Region    string
	Sub       string
	Purpose   Purpose
	Attribute string // the address it was sent to, and that it verifies
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
	SetCodeAttempts(ctx context.Context, c *Code) error
	DeleteCode(ctx context.Context, pool, sub string, p Purpose) error
}

// Deriver hands out sub-keys; a *secretbox.Ring is one.
type Deriver interface {
	Derive(purpose string) (secretbox.KeyID, []byte)
	DeriveFrom(id secretbox.KeyID, purpose string) ([]byte, error)
}

const codeKey = "confirmation codes"

// newCode draws a code for u. The digits are for the message alone.
func (s *Service) newCode(u *User, p Purpose, attribute string) (*Code, string) {
	now, digits := s.now(), secretbox.Digits(codeDigits)
	c := &Code{
		Pool: u.Pool, Region: u.Region, Sub: u.Sub, Purpose: p, Attribute: attribute,
		CreatedAt: now, ExpiresAt: now.Add(codeLife),
	}
	id, key := s.keys.Derive(codeKey)
	c.Hash = append(binary.BigEndian.AppendUint32(nil, uint32(id)), c.mac(key, digits)...)
	return c, digits
}

func (c *Code) mac(key []byte, digits string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, field := range []string{c.Pool, c.Sub, string(c.Purpose), digits} {
		mac.Write([]byte(field))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// answers reports whether digits are the code.
func (s *Service) answers(c *Code, digits string) bool {
	if len(c.Hash) < 4 {
		return false
	}
	key, err := s.keys.DeriveFrom(secretbox.KeyID(binary.BigEndian.Uint32(c.Hash)), codeKey)
	return err == nil && hmac.Equal(c.Hash[4:], c.mac(key, digits))
}

// redeem uses up u's code of a purpose and returns it. It must run in the
// transaction of what the code permits. A wrong answer is counted, so the
// caller must commit when it gets ErrCodeMismatch.
func (s *Service) redeem(ctx context.Context, u *User, p Purpose, digits string) (*Code, error) {
	c, err := s.codes.Code(ctx, u.Pool, u.Sub, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrCodeExpired
	case err != nil:
		return nil, err
	case !s.now().Before(c.ExpiresAt) || c.Attempts >= codeAttempts:
		return nil, ErrCodeExpired
	case !s.answers(c, digits):
		c.Attempts++
		if err := s.codes.SetCodeAttempts(ctx, c); err != nil {
			return nil, err
		}
		return nil, ErrCodeMismatch
	}
	return c, s.codes.DeleteCode(ctx, u.Pool, u.Sub, p)
}
