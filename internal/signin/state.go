package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/user"
)

// state is what a challenge remembers until it is answered. It goes out
// sealed and comes back.
type state struct {
	id      string    // UUID, spent when the challenge is answered
	sub     string    // of the user, or one made up for a name that means nobody
	name    string    // that means nobody; empty for users
	since   time.Time // when the credential that was proven was set
	expires time.Time
	srp     []byte // the exchange, for PASSWORD_VERIFIER
}

// bound says what a state is good for: one step, in one pool, through one
// client. The seal covers it.
func bound(a App, step string) []byte {
	return []byte("sign-in\x00" + step + "\x00" + a.Pool.ID + "\x00" + a.Client.ID)
}

// newState begins a challenge for u.
func (s *Service) newState(a App, sub string) state {
	return state{id: secretbox.UUID(), sub: sub, expires: s.now().Add(a.Client.SessionLife())}
}

// seal writes a state for one step. All states of a step and a name are of one
// length, whether the name is somebody's or not.
func (s *Service) seal(a App, step string, st state) []byte {
	var b []byte
	for _, field := range []string{st.id, st.sub, st.name} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(st.since.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(st.expires.UnixMicro()))
	return s.sealer.Seal(append(b, st.srp...), bound(a, step))
}

var errState = errors.New("sealed state cannot be read")

// open reads a state and checks its time. It answers errSession for everything
// that seal did not make for this app and step.
func (s *Service) open(a App, step string, sealed []byte) (st state, err error) {
	b, err := s.sealer.Open(sealed, bound(a, step))
	if err != nil {
		return st, errSession
	}
	for _, field := range []*string{&st.id, &st.sub, &st.name} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return st, errState
		}
		*field, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if len(b) < 16 {
		return st, errState
	}
	st.since = time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	st.expires = time.UnixMicro(int64(binary.BigEndian.Uint64(b[8:]))).UTC()
	st.srp = b[16:]
	if !s.now().Before(st.expires) {
		return st, errSessionExpired
	}
	return st, nil
}

// maxSession bounds what is decoded, in characters. The model has the same
// bound for Session, none for secret blocks.
const maxSession = 4096

// sealState is seal as a Session.
func (s *Service) sealState(a App, step string, st state) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(a, step, st))
}

// openState is open for a Session.
func (s *Service) openState(a App, step, session string) (state, error) {
	if session == "" {
		_, err := need(nil, "Session")
		return state{}, err
	}
	if len(session) > maxSession {
		return state{}, errSession
	}
	sealed, err := base64.RawURLEncoding.DecodeString(session)
	if err != nil {
		return state{}, errSession
	}
	return s.open(a, step, sealed)
}

// spend uses a state up, in ctx's transaction.
func (s *Service) spend(ctx context.Context, a App, st state) error {
	first, err := s.challenges.Spend(ctx, a.Pool.ID, a.Pool.Region, st.id, st.expires)
	if err == nil && !first {
		return errSessionSpent
	}
	return err
}

// unchanged reports whether the password that a state proves is still the
// user's.
func (st state) unchanged(u *user.User) bool {
	return u.Credential != nil && u.Credential.SetAt.Equal(st.since)
}
