package password

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/lane"
	"github.com/cenote-id/cenote/internal/srp"
)

// Config is what a Checker needs.
type Config struct {
	// Lane runs slow hashes; nil runs them in the caller's goroutine.
	Lane *lane.Lane
	// UnknownKey returns the secret key from which the verifiers of users who
	// do not exist are derived.
	UnknownKey func() []byte
}

// Checker makes and checks stored passwords. It is safe for concurrent use.
// Its methods fail only with lane.ErrBusy or the context's error.
type Checker struct {
	lane       *lane.Lane
	unknownKey func() []byte
}

// New returns a Checker.
func New(c Config) *Checker { return &Checker{lane: c.Lane, unknownKey: c.UnknownKey} }

// Make turns a password into what is kept of it, under a fresh salt.
func (c *Checker) Make(ctx context.Context, f Form, id srp.Identity, password string) (Stored, error) {
	if f != Argon2id {
		return newVerifier(id, password), nil
	}
	var s Stored
	err := c.lane.Do(ctx, func() { s.Hash = newArgon2id(password) })
	return s, err
}

// Check reports whether password is the one that s was made of.
func (c *Checker) Check(ctx context.Context, s Stored, id srp.Identity, password string) (ok bool, err error) {
	if s.HasVerifier() {
		v, err := s.SRPVerifier()
		return err == nil && v.Matches(id, password), nil
	}
	h, err := ParseHash(s.Hash)
	if err != nil {
		return false, nil // no password, such as a federated user
	}
	err = c.lane.Do(ctx, func() { ok = h.Matches(password) })
	return ok && err == nil, err
}

// CheckNobody does the work of a Check that fails, for a user who does not
// exist, in a pool that keeps passwords in form f. Users with imported hashes
// still differ, until they have signed in once.
func (c *Checker) CheckNobody(ctx context.Context, f Form, id srp.Identity, password string) error {
	if f != Argon2id {
		c.Unknown(id).Matches(id, password)
		return nil
	}
	return c.lane.Do(ctx, func() { newArgon2id(password) })
}

// Unknown returns the verifier that a user who does not exist would have: the
// same each time, and of no password.
func (c *Checker) Unknown(id srp.Identity) *srp.Verifier { return srp.Fake(c.unknownKey(), id) }

// VerifyClaim is srp.Session.Verify on the lane: it takes longer than a
// signature does.
func (c *Checker) VerifyClaim(ctx context.Context, s *srp.Session, v *srp.Verifier, claim srp.Claim, now time.Time) (ok bool, err error) {
	err = c.lane.Do(ctx, func() { ok = s.Verify(v, claim, now) })
	return ok && err == nil, err
}
