package token

import (
	"context"
	"time"
)

// Session is what a refresh token stands for: one sign-in of one user through
// one client, with the facts that all its tokens repeat.
type Session struct {
	Pool   string // id
	Region string
	ID     string // origin_jti of the tokens, a UUID

	Client    string
	Sub       string
	Username  string
	AuthTime  time.Time
	Scope     string
	EventID   string
	DeviceKey string // empty where no device is tracked
	ACR       string // the level's name; empty where none was asked for
	AMR       []string

	Created time.Time
	Expires time.Time
	Revoked bool

	// Generation counts rotations. Hash is that of the secret in the current
	// refresh token; Previous, that of the one before, which works until
	// PreviousUntil.
	Generation     int64
	Hash, Previous []byte
	PreviousUntil  time.Time

	// Epoch is the user's when the session began: see SessionStore.RaiseEpoch.
	Epoch   int64
	Version int64

	Seen Seen

	secret []byte // of the refresh token that opened the session, if one did
}

// Standing is what decides whether a session, or a token without one, is
// still good.
type Standing struct {
	Exists    bool // the session's row does
	Revoked   bool
	Epoch     int64     // the session's
	UserEpoch int64     // the user's now; 0 before the first sign-out everywhere
	SignedOut time.Time // when the user's epoch was last raised
}

// good reports whether a token of this session, or of none, still counts.
func (st Standing) good(originJTI string, issued time.Time) bool {
	if originJTI == "" {
		// There is only iat to go by, in whole seconds: the second of the
		// sign-out itself counts as before it.
		return st.SignedOut.IsZero() || issued.After(st.SignedOut)
	}
	return st.Exists && !st.Revoked && st.Epoch == st.UserEpoch
}

// SessionStore keeps sessions. All methods join the transaction of their
// context.
type SessionStore interface {
	// InsertSession adds a session, with the epoch that its user has now.
	InsertSession(ctx context.Context, s *Session) error
	// Session returns a session and the user's epoch now, or fs.ErrNotExist.
	Session(ctx context.Context, pool, id string) (s *Session, userEpoch int64, err error)
	// UpdateSession replaces what may change (Revoked, Generation, Hash,
	// Previous, PreviousUntil, DeviceKey) in the row whose Version s has, and
	// raises s.Version. If it has changed since, changed is false.
	UpdateSession(ctx context.Context, s *Session) (changed bool, err error)
	// Standing looks at a session and its user at once. An empty id asks about
	// the user alone.
	Standing(ctx context.Context, pool, id, sub string) (Standing, error)
	// RaiseEpoch ends all sessions of a user that began before.
	RaiseEpoch(ctx context.Context, pool, region, sub string, at time.Time) error
	// DeleteUserSessions removes all that is known of a user.
	DeleteUserSessions(ctx context.Context, pool, sub string) error
	// DeletePoolSessions lets all that is known of a pool's users go.
	DeletePoolSessions(ctx context.Context, pool string) error
	// DeleteExpiredSessions removes up to limit sessions that expired before a
	// time or whose pool was deleted, and returns how many.
	DeleteExpiredSessions(ctx context.Context, before time.Time, limit int) (int, error)
}
