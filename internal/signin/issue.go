package signin

import (
	"cmp"
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// passed is a user who has got past a step.
type passed struct {
	user *user.User // as it was read when the answer was checked
	next *user.User // as it will be from now on; user itself where nothing changes
	to   *state     // that the answer was to; nil if there was none
	// start is the aim where there is no such state to have it.
	start aim
	// also is what else the answer leaves behind, in the transaction that
	// admits it; nil for nothing.
	also func(ctx context.Context, current *user.User) error
	// source is what functions are told about the tokens that this step leads
	// to, if it is not the usual.
	source trigger.TokenSource
}

// and returns w with one more thing left behind.
func (w passed) and(f func(ctx context.Context, current *user.User) error) passed {
	before := w.also
	w.also = func(ctx context.Context, current *user.User) error {
		if before != nil {
			if err := before(ctx, current); err != nil {
				return err
			}
		}
		return f(ctx, current)
	}
	return w
}

// aim is how strongly the user is to sign in, and by what they have.
func (w passed) aim() aim {
	if w.to != nil {
		return w.to.aim
	}
	return w.start
}

func (w passed) tokenSource() trigger.TokenSource {
	if w.to != nil {
		w.source = cmp.Or(w.source, trigger.TokenSource(w.to.source))
	}
	return cmp.Or(w.source, trigger.TokensAuthentication)
}

// proven goes on once the first factor is proven. to is the state that the
// answer was to, nil if there was none.
func (s *Service) proven(ctx context.Context, a App, u *user.User, to *state) (*Result, error) {
	return s.provenBy(ctx, a, passed{user: u, next: u, to: to})
}

// provenBy is proven for whoever has an aim.
func (s *Service) provenBy(ctx context.Context, a App, w passed) (*Result, error) {
	u := w.user
	refused := standing(u)
	switch {
	case refused != nil:
	case u.Status == user.Unconfirmed:
		refused = errNotConfirmed
	case u.Status == user.ForceChangePassword && s.users.TemporaryPasswordExpired(a.Pool, u):
		refused = errTemporaryExpired
	case u.Status == user.ForceChangePassword:
		return s.askNewPassword(ctx, a, w)
	default:
		if refused = s.checkDevice(ctx, a, u); refused == nil {
			return s.second(ctx, a.after(w.to), w)
		}
		// The client comes back without the device that is none, and may give the
		// same proof again.
		w.to = nil
	}
	if err := s.admitOnly(ctx, a, u, w.to); err != nil {
		return nil, err
	}
	return nil, refused
}

// admitOnly is admit where nothing is stored.
func (s *Service) admitOnly(ctx context.Context, a App, u *user.User, to *state) error {
	return s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, a, passed{user: u, next: u, to: to})
		return err
	})
}

// admit lets a right answer count, in ctx's transaction: the state is spent,
// the account read again, and what the answer changes is stored. It refuses if
// the account has changed in a way that makes the answer a wrong one.
func (s *Service) admit(ctx context.Context, a App, w passed) (*user.User, error) {
	u := w.user
	if w.to != nil {
		if err := s.spend(ctx, a, *w.to); err != nil {
			return nil, err
		}
	}
	current, err := s.users.Admit(ctx, u)
	switch {
	case errors.Is(err, user.ErrNotFound):
		return nil, errIncorrect
	case err != nil:
		return nil, err
	case current.Status != u.Status, !samePassword(current, u):
		return nil, errIncorrect
	case u.Enabled && !current.Enabled:
		return nil, errDisabled
	}
	if w.also != nil {
		if err := w.also(ctx, current); err != nil {
			return nil, err
		}
	}
	if w.next == u {
		return current, nil
	}
	if !current.ModifiedAt.Equal(u.ModifiedAt) {
		return nil, ErrSession // next was made of what is not there any more
	}
	return current, s.users.Store(ctx, a.Pool, current, w.next)
}

// samePassword reports whether two readings of a user have the same password,
// or none.
func samePassword(a, b *user.User) bool {
	if a.Credential == nil || b.Credential == nil {
		return a.Credential == b.Credential
	}
	return a.Credential.Stored.Equal(b.Credential.Stored)
}

// issue lets a user in who has proven all that they were asked for, once the
// device has proven itself that they sign in on, if it is a remembered one.
func (s *Service) issue(ctx context.Context, a App, w passed) (*Result, error) {
	return s.letIn(ctx, a.after(w.to), w, afterAll)
}

// complete makes the tokens of a user who is through, and begins their session.
// d is the device that they are on, nil where it is new or not tracked.
// Only now the wrong answers before are forgotten: whoever could have them
// forgotten by a right password alone could guess codes without end.
func (s *Service) complete(ctx context.Context, a App, w passed, d *user.Device) (*Result, error) {
	u := w.user
	address, browser := seen(ctx)
	key, device := newDevice(a, u)
	if d != nil {
		key, device = d.Key, nil
		w = w.and(func(ctx context.Context, _ *user.User) error { return s.useDevice(ctx, d, address) })
	}
	acr, amr := w.aim().claims(a.Pool)
	session, refresh := s.sessions.New(token.NewSession{
		Pool: a.Pool.ID, Region: a.Pool.Region, Client: a.Client.ID, Sub: u.Sub, Username: u.Username,
		AuthTime: w.aim().authTime(s.now()), EventID: secretbox.UUID(), Life: a.Client.RefreshTokenLife(),
		DeviceKey: key, Address: address, Device: browser, ACR: acr, AMR: amr,
	})
	if err := s.postAuthentication(ctx, a, w.next, device != nil); err != nil {
		return nil, s.denied(ctx, a, w, err)
	}
	grant, err := s.grant(ctx, a, w.next, session, w.tokenSource())
	if err != nil {
		return nil, s.denied(ctx, a, w, err)
	}
	tokens, err := s.keys.Mint(ctx, grant)
	if err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(ctx context.Context) error {
		current, err := s.admit(ctx, a, w)
		if err != nil {
			return err
		}
		if err := s.users.Unlock(ctx, current); err != nil {
			return err
		}
		return s.keep(ctx, a, session)
	})
	if err != nil {
		return nil, err
	}
	return &Result{Tokens: &Tokens{Tokens: *tokens, Refresh: refresh, Device: device}}, nil
}

// denied ends a step whose answer was right and which a function did not let
// pass. The answer cannot be given again, but for one that would have changed
// the user: what it brought has come to nothing, and may be brought again.
func (s *Service) denied(ctx context.Context, a App, w passed, why error) error {
	if w.to != nil && w.next == w.user {
		if err := s.admitOnly(ctx, a, w.user, w.to); err != nil {
			return err
		}
	}
	return why
}

// grant says what the tokens of a session tell about u as it is now, and as
// the pool's function wants it.
func (s *Service) grant(ctx context.Context, a App, u *user.User, session *token.Session, why trigger.TokenSource) (*token.Grant, error) {
	groups, err := s.users.Standing(ctx, u)
	if err != nil {
		return nil, err
	}
	g := &token.Grant{
		Pool: a.Pool.ID, Issuer: s.issuer(a.Pool), Client: a.Client.ID, Sub: u.Sub, Username: u.Username,
		EventID: session.EventID, AuthTime: session.AuthTime, Scope: session.Scope, DeviceKey: session.DeviceKey, ACR: session.ACR, AMR: session.AMR,
		Groups: groups.Groups, Roles: groups.Roles, PreferredRole: groups.PreferredRole,
		IDLife: a.Client.IDTokenLife(), AccessLife: a.Client.AccessTokenLife(),
	}
	if a.Client.Revokes() {
		g.OriginJTI = session.ID
	}
	for _, x := range u.Attributes {
		if a.Client.MayRead(x.Name) {
			g.Attributes = append(g.Attributes, token.Attribute{Name: x.Name, Value: x.Value})
		}
	}
	return g, s.customize(ctx, a, u, g, why)
}
