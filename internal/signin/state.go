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
	trail   trail  // of a sign-in by CUSTOM_AUTH; nil in the other flows
	source  string // of the tokens that the sign-in leads to, if it is not the usual
	device  string // key of the device that was named; empty for none
	aim     aim    // of a sign-in that has to reach a level
	memo    []byte // what the step has to remember, in a form of its own
}

// bound says what a state is good for: one step, in one pool, through one
// client. The seal covers it.
func bound(a App, step string) []byte {
	return []byte("sign-in\x00" + step + "\x00" + a.Pool.ID + "\x00" + a.Client.ID)
}

// newState begins a challenge for u. A device key that is longer than any is
// nobody's, and need not be remembered.
func (s *Service) newState(a App, sub string) state {
	st := state{id: secretbox.UUID(), sub: sub, expires: s.now().Add(a.Client.SessionLife())}
	if len(a.Device) <= user.MaxDeviceKey {
		st.device = a.Device
	}
	return st
}

// seal writes a state for one step. All states of a step and a name are of one
// length, whether the name is somebody's or not.
func (s *Service) seal(a App, step string, st state) []byte {
	var b []byte
	for _, field := range []string{st.id, st.sub, st.name, st.trail.encode(), st.source, st.device, st.aim.encode()} {
		b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(st.since.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(st.expires.UnixMicro()))
	return s.sealer.Seal(append(b, st.memo...), bound(a, step))
}

var errState = errors.New("sealed state cannot be read")

// open reads a state and checks its time. It answers ErrSession for everything
// that seal did not make for this app and step.
func (s *Service) open(a App, step string, sealed []byte) (st state, err error) {
	b, err := s.sealer.Open(sealed, bound(a, step))
	if err != nil {
		return st, ErrSession
	}
	var way, aim string
	for _, field := range []*string{&st.id, &st.sub, &st.name, &way, &st.source, &st.device, &aim} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return st, errState
		}
		*field, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if len(b) < 16 {
		return st, errState
	}
	if st.trail, err = decodeTrail(way); err != nil {
		return st, errState
	}
	st.aim = decodeAim(aim)
	st.since = time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	st.expires = time.UnixMicro(int64(binary.BigEndian.Uint64(b[8:]))).UTC()
	st.memo = b[16:]
	if !s.now().Before(st.expires) {
		return st, errSessionExpired
	}
	return st, nil
}

// maxSession bounds what goes out and what is decoded, in characters. It is
// the bound that the service names when a Session is too long; its published
// model says 2048, and nothing of secret blocks.
const maxSession = 8192

// sealState is seal as a Session. It begins with the client's id, which two
// operations learn from nothing else.
func (s *Service) sealState(a App, step string, st state) string {
	head := append([]byte{byte(len(a.Client.ID))}, a.Client.ID...)
	return base64.RawURLEncoding.EncodeToString(append(head, s.seal(a, step, st)...))
}

// splitSession returns the client id that heads a Session, and what is sealed.
// Nothing has proven the id yet.
func splitSession(session string) (client string, sealed []byte, err error) {
	if len(session) > maxSession {
		return "", nil, ErrSession
	}
	b, err := base64.RawURLEncoding.DecodeString(session)
	if err != nil || len(b) == 0 || int(b[0]) > len(b)-1 {
		return "", nil, ErrSession
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], nil
}

// ClientOf returns the id of the client that a Session says it is of.
func ClientOf(session string) (string, error) {
	client, _, err := splitSession(session)
	return client, err
}

// openState is open for a Session.
func (s *Service) openState(a App, step, session string) (state, error) {
	if session == "" {
		_, err := need(nil, "Session")
		return state{}, err
	}
	client, sealed, err := splitSession(session)
	if err != nil {
		return state{}, err
	}
	if client != a.Client.ID { // the head is not under the seal
		return state{}, ErrSession
	}
	return s.open(a, step, sealed)
}

// openUnspent is openState for a Session that has not been answered yet.
func (s *Service) openUnspent(ctx context.Context, a App, step, session string) (state, error) {
	st, err := s.openState(a, step, session)
	if err != nil {
		return st, err
	}
	spent, err := s.challenges.Spent(ctx, a.Pool.ID, st.id)
	if err == nil && spent {
		err = errSessionSpent
	}
	return st, err
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
	return provenSince(u).Equal(st.since)
}

// provenSince is when u's password was set; the zero time for users who have
// none.
func provenSince(u *user.User) time.Time {
	if u.Credential == nil {
		return time.Time{}
	}
	return u.Credential.SetAt
}
