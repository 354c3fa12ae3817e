package token

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"strings"
	"time"
)

// Seen is when, from where and with what a session was last used.
type Seen struct {
	At      time.Time
	Address string // IP address; empty if unknown
	Device  string // such as "Chrome 125 / macOS 15.0"; empty if unknown
}

// SessionList keeps sessions as their users look at them. Its methods join the
// transaction of their context.
type SessionList interface {
	// LiveSessions returns up to limit sessions of a user that still count, the
	// most recently used first.
	LiveSessions(ctx context.Context, pool, sub string, now time.Time, limit int) ([]*Session, error)
	// TouchSession replaces Seen in a session's row.
	TouchSession(ctx context.Context, s *Session) error
	// CountDevice counts the sessions of a user on a device that still count.
	CountDevice(ctx context.Context, pool, sub, device string, now time.Time) (int64, error)
	// ExpireDevice lets the sessions of a user on a device expire at a time.
	ExpireDevice(ctx context.Context, pool, sub, device string, at time.Time) error
}

// MaxListed is how many sessions List answers at most (the API's page).
const MaxListed = 125

// touchEvery is how exactly it is known when a session was last used: a
// refresh sooner than this after another one writes nothing.
const touchEvery = time.Minute

// PublicID is how users and administrators name the session: 28 characters
// that begin with "tkn". It says no more than the origin_jti of its tokens.
func (s *Session) PublicID() string {
	raw, err := hex.DecodeString(strings.ReplaceAll(s.ID, "-", ""))
	if err != nil {
		return "" // no session has such an id
	}
	digits := new(big.Int).SetBytes(raw).Text(36)
	return "tkn" + strings.Repeat("0", max(0, 25-len(digits))) + digits
}

// ErrNoSession is the error for a session that is not the user's or has ended.
var ErrNoSession = errors.New("token: no such session")

// List returns the sessions of a user that still count, the most recently used
// first.
func (s *Sessions) List(ctx context.Context, pool, sub string) ([]*Session, error) {
	return s.list.LiveSessions(ctx, pool, sub, s.now(), MaxListed)
}

// EndOne ends one session of a user, by its public id. It answers
// ErrNoSession.
func (s *Sessions) EndOne(ctx context.Context, pool, sub, publicID string) error {
	live, err := s.List(ctx, pool, sub)
	if err != nil {
		return err
	}
	for _, x := range live {
		if x.PublicID() == publicID {
			return s.endByID(ctx, pool, x.ID)
		}
	}
	return ErrNoSession
}

// maxTrimmed bounds how many sessions one sign-in ends.
const maxTrimmed = 100

// Trim ends the least recently used sessions of a user beyond a number, in
// ctx's transaction.
func (s *Sessions) Trim(ctx context.Context, pool, sub string, keep int) error {
	live, err := s.list.LiveSessions(ctx, pool, sub, s.now(), keep+maxTrimmed)
	if err != nil || len(live) <= keep {
		return err
	}
	for _, x := range live[keep:] {
		if err := s.endByID(ctx, pool, x.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sessions) endByID(ctx context.Context, pool, id string) error {
	session, _, err := s.store.Session(ctx, pool, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return s.end(ctx, session)
}

// Touch notes that a session is being used.
func (s *Sessions) Touch(ctx context.Context, session *Session, address, device string) error {
	now := s.now().UTC()
	if now.Sub(session.Seen.At) < touchEvery {
		return nil
	}
	session.Seen = Seen{At: now, Address: address, Device: device}
	return s.list.TouchSession(ctx, session)
}

// EndDevice lets the sessions of a user on a device expire, in ctx's
// transaction: no refresh token of theirs works any more. Access tokens do, for
// as long as they last.
func (s *Sessions) EndDevice(ctx context.Context, pool, sub, device string) error {
	return s.list.ExpireDevice(ctx, pool, sub, device, s.now().UTC())
}

// OnDevice reports whether a user has a session on a device that still counts.
func (s *Sessions) OnDevice(ctx context.Context, pool, sub, device string) (bool, error) {
	n, err := s.list.CountDevice(ctx, pool, sub, device, s.now())
	return n > 0, err
}
