package token

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// SessionsConfig is what a Sessions needs. Log may be left out.
type SessionsConfig struct {
	Store  SessionStore
	List   SessionList
	Sealer Sealer
	Now    func() time.Time
	Log    *slog.Logger
}

// Sessions begins, opens and ends sessions. It is safe for concurrent use.
type Sessions struct {
	store  SessionStore
	list   SessionList
	sealer Sealer
	now    func() time.Time
	log    *slog.Logger
}

// NewSessions returns a Sessions.
func NewSessions(c SessionsConfig) *Sessions {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Sessions{store: c.Store, list: c.List, sealer: c.Sealer, now: c.Now, log: c.Log}
}

// NewSession is a sign-in.
type NewSession struct {
	Pool, Region, Client string
	Sub, Username        string
	AuthTime             time.Time
	Scope                string // SelfService if empty
	EventID              string
	DeviceKey            string
	ACR                  string // as in Session
	AMR                  []string
	Address, Device      string        // as in Seen
	Life                 time.Duration // of the refresh token and all that follow it
}

// New makes a session and its refresh token. Nothing is kept until Save is
// called: mint the tokens in between, so that a sign-in that fails leaves no
// trace.
func (s *Sessions) New(n NewSession) (*Session, string) {
	now := s.now().UTC().Truncate(time.Microsecond)
	secret := secretbox.Bytes(refreshSecret)
	session := &Session{
		Pool: n.Pool, Region: n.Region, ID: secretbox.UUID(),
		Client: n.Client, Sub: n.Sub, Username: n.Username,
		AuthTime: n.AuthTime.UTC().Truncate(time.Second), Scope: n.Scope, EventID: n.EventID, DeviceKey: n.DeviceKey,
		ACR: n.ACR, AMR: n.AMR,
		Created: now, Expires: now.Add(n.Life), Hash: hashSecret(secret), Version: 1,
		Seen: Seen{At: now, Address: n.Address, Device: n.Device},
	}
	if session.Scope == "" {
		session.Scope = SelfService
	}
	return session, s.seal(session, secret)
}

func (s *Sessions) seal(session *Session, secret []byte) string {
	return sealRefresh(s.sealer, refreshContents{pool: session.Pool, session: session.ID, secret: secret})
}

// Save keeps a new session. It joins ctx's transaction.
func (s *Sessions) Save(ctx context.Context, session *Session) error {
	if err := s.store.InsertSession(ctx, session); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// Refresh is a refresh token as a request brings it.
type Refresh struct {
	Token     string
	Pool      string // of the client
	Client    string // that asks
	DeviceKey string // that the request names
	AnyDevice bool   // the pool does not track devices any more
	// Invalid is what an unusable token is answered with; ErrRefreshInvalid if
	// nil. Operations differ in the text.
	Invalid *awsapi.Error
}

// Open finds the session of a refresh token and checks that it may be used
// now, by this client, on this device. It changes nothing.
func (s *Sessions) Open(ctx context.Context, r Refresh) (*Session, error) {
	invalid := error(ErrRefreshInvalid)
	if r.Invalid != nil {
		invalid = r.Invalid
	}
	session, userEpoch, secret, err := s.find(ctx, r.Token)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, invalid
	case err != nil:
		return nil, err
	case session.Pool != r.Pool || session.Client != r.Client:
		return nil, invalid
	case session.DeviceKey != "" && session.DeviceKey != r.DeviceKey && !r.AnyDevice:
		return nil, invalid
	case session.Revoked || session.Epoch != userEpoch:
		return nil, ErrRefreshRevoked
	case !s.now().Before(session.Expires):
		return nil, ErrRefreshExpired
	}
	hash := hashSecret(secret)
	current := subtle.ConstantTimeCompare(hash, session.Hash) == 1
	previous := subtle.ConstantTimeCompare(hash, session.Previous) == 1
	if !current && !(previous && s.now().Before(session.PreviousUntil)) {
		return nil, ErrRefreshReused
	}
	session.secret = secret
	return session, nil
}

// find opens a token and reads its session; fs.ErrNotExist for any token that
// names none.
func (s *Sessions) find(ctx context.Context, token string) (session *Session, userEpoch int64, secret []byte, err error) {
	contents, ok := openRefresh(s.sealer, token)
	if !ok {
		return nil, 0, nil, fs.ErrNotExist
	}
	session, userEpoch, err = s.store.Session(ctx, contents.pool, contents.session)
	if err != nil {
		return nil, 0, nil, err
	}
	return session, userEpoch, contents.secret, nil
}

// Rotate replaces the refresh token that opened a session, and returns the new
// one. The old one works for as long as grace, and is answered with the same
// new one. Call it when all else that may fail is done: with no grace, the
// client depends on the answer.
func (s *Sessions) Rotate(ctx context.Context, session *Session, grace time.Duration) (string, error) {
	next := nextSecret(session.secret)
	if subtle.ConstantTimeCompare(hashSecret(next), session.Hash) == 1 {
		return s.seal(session, next), nil // rotated before, within the grace
	}
	rotated := *session
	rotated.Generation++
	rotated.Previous, rotated.PreviousUntil = session.Hash, s.now().Add(grace)
	rotated.Hash = hashSecret(next)
	changed, err := s.store.UpdateSession(ctx, &rotated)
	if err != nil {
		return "", fmt.Errorf("rotate refresh token: %w", err)
	}
	if changed {
		*session = rotated
		return s.seal(session, next), nil
	}
	return s.lost(ctx, session, next)
}

// lost says what a rotation that another request was faster than comes to.
func (s *Sessions) lost(ctx context.Context, session *Session, next []byte) (string, error) {
	now, userEpoch, err := s.store.Session(ctx, session.Pool, session.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", ErrRefreshInvalid
	case err != nil:
		return "", err
	case now.Revoked || now.Epoch != userEpoch:
		return "", ErrRefreshRevoked
	case subtle.ConstantTimeCompare(hashSecret(next), now.Hash) == 1 && s.now().Before(now.PreviousUntil):
		return s.seal(now, next), nil
	}
	return "", ErrRefreshReused
}

// Revoke ends the session of a refresh token, with all its access tokens. It
// answers ErrNotRefresh for tokens of other kinds and ErrRefreshInvalid for
// those that are not of this client. Revoking twice is no error.
func (s *Sessions) Revoke(ctx context.Context, token, pool, client string) error {
	if !looksLikeRefresh(token) {
		return ErrNotRefresh
	}
	session, _, _, err := s.find(ctx, token)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (session.Pool != pool || session.Client != client) {
		return ErrRefreshInvalid
	}
	if err != nil {
		return err
	}
	return s.end(ctx, session)
}

// maxChanges bounds how often a change of a session is tried against others.
const maxChanges = 8

// end marks a session as revoked, whatever else happens to it meanwhile.
func (s *Sessions) end(ctx context.Context, session *Session) error {
	for range maxChanges {
		if session.Revoked {
			return nil
		}
		session.Revoked = true
		changed, err := s.store.UpdateSession(ctx, session)
		if err != nil || changed {
			return err
		}
		session, _, err = s.store.Session(ctx, session.Pool, session.ID)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("revoke session: changed %d times meanwhile", maxChanges)
}

// Alive reports whether the sign-in that a token came from still counts: it
// was not revoked, and the user not signed out or deleted since. originJTI is
// empty for tokens that have none.
func (s *Sessions) Alive(ctx context.Context, pool, originJTI, sub string, issued time.Time) (bool, error) {
	st, err := s.store.Standing(ctx, pool, originJTI, sub)
	return err == nil && st.good(originJTI, issued), err
}

// SignOut ends all sessions of a user, and with them all refresh and access
// tokens issued so far. It joins ctx's transaction.
func (s *Sessions) SignOut(ctx context.Context, pool, region, sub string) error {
	return s.store.RaiseEpoch(ctx, pool, region, sub, s.now().UTC())
}

// DeleteUser removes the sessions of a user who is being deleted, in ctx's
// transaction. Access tokens that are left answer that there is no such user.
func (s *Sessions) DeleteUser(ctx context.Context, pool, sub string) error {
	return s.store.DeleteUserSessions(ctx, pool, sub)
}

// DeletePool removes the sessions of a pool, in ctx's transaction.
func (s *Sessions) DeletePool(ctx context.Context, poolID string) error {
	return s.store.DeletePoolSessions(ctx, poolID)
}

const (
	sweepEvery = 10 * time.Minute
	sweepBatch = 500
	// keepExpired is for how long the row of an expired session is still
	// needed: the access tokens made of it may live that long.
	keepExpired = overlap
)

// Run removes expired sessions until ctx ends.
func (s *Sessions) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil {
			n, err := s.store.DeleteExpiredSessions(ctx, s.now().Add(-keepExpired), sweepBatch)
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "expired sessions were not removed", "error", err)
			}
			if err != nil || n < sweepBatch {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
