package signin

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

const stepSetup = cognitoidp.ChallengeNameTypeMfaSetup

// A session of MFA_SETUP remembers how far the person has come: the memo is
// empty at first, then the secret of a software token behind handedOut, then
// tokenProven.
const (
	handedOut   = 's'
	tokenProven = 'v'
)

// Setup is a call on the way through MFA_SETUP that brings nothing but its
// session.
type Setup struct {
	App
	Session string
}

// AssociateSoftwareToken hands out the secret of a software token to a person
// who has to set up a second factor. The session that it returns takes the
// place of the one given. Nothing is stored before the token is verified.
func (s *Service) AssociateSoftwareToken(ctx context.Context, r Setup) (secret []byte, session string, err error) {
	st, u, err := s.resumeSetup(ctx, r)
	if err != nil {
		return nil, "", err
	}
	if len(st.memo) > 0 && st.memo[0] != handedOut {
		return nil, "", ErrSession
	}
	if secret, err = user.NewSoftwareToken(r.Pool); err != nil {
		return nil, "", err
	}
	if !maySetUp(r.Pool, u, user.SoftwareTokenFactor) {
		return nil, "", ErrSession
	}
	if err := s.admitOnly(ctx, r.App, u, &st); err != nil {
		return nil, "", err
	}
	return secret, s.sealNext(r.App, stepSetup, passed{user: u, next: u, to: &st}, append([]byte{handedOut}, secret...)), nil
}

// VerifySoftwareToken takes the proof that the person's app knows the secret
// that was handed out. The token is active from then on, whether the sign-in
// is finished or not.
func (s *Service) VerifySoftwareToken(ctx context.Context, r Setup, proof user.TokenProof) (session string, err error) {
	st, u, err := s.resumeSetup(ctx, r)
	if err != nil {
		return "", err
	}
	if len(st.memo) == 0 || st.memo[0] != handedOut {
		return "", ErrSession
	}
	token, err := s.users.Verified(st.memo[1:], proof)
	if err != nil {
		return "", err
	}
	err = s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, r.App, passed{user: u, next: u, to: &st, also: func(ctx context.Context, current *user.User) error {
			if !maySetUp(r.Pool, current, user.SoftwareTokenFactor) {
				return ErrSession
			}
			return s.users.ActivateSoftwareToken(ctx, current, token)
		}})
		return err
	})
	if err != nil {
		return "", err
	}
	return s.sealNext(r.App, stepSetup, passed{user: u, next: u, to: &st}, []byte{tokenProven}), nil
}

// maySetUp reports whether a password is still enough for u to set a factor
// up. Who has set one up since the session went out must prove that one: an
// old session must not put another in its place.
func maySetUp(p *userpool.Pool, u *user.User, x user.Factor) bool {
	next, err := secondFactor(p, u)
	return err == nil && slices.Contains(next.setUp, x)
}

// resumeSetup finds the user of an MFA_SETUP session.
func (s *Service) resumeSetup(ctx context.Context, r Setup) (state, *user.User, error) {
	st, err := s.openUnspent(ctx, r.App, string(stepSetup), r.Session)
	if err != nil {
		return st, nil, err
	}
	u, err := s.users.Get(ctx, r.Pool, st.sub)
	switch {
	case errors.Is(err, user.ErrNotFound), err == nil && (!st.unchanged(u) || standing(u) != nil):
		return st, nil, ErrSession
	case err != nil:
		return st, nil, err
	case u.Lock.Locked(s.now()):
		return st, nil, user.ErrLocked
	}
	return st, u, nil
}

// answerSetup checks the answer to MFA_SETUP: a session whose software token
// has been verified, or the e-mail address that codes are to go to.
func (s *Service) answerSetup(ctx context.Context, r Answer) (*Result, error) {
	st, u, _, err := s.begin(ctx, r)
	if err != nil {
		return nil, err
	}
	w := passed{user: u, next: u, to: &st}
	if len(st.memo) > 0 && st.memo[0] == tokenProven {
		if !u.CanUse(user.SoftwareTokenFactor) {
			return nil, ErrSession // it was taken away since
		}
		st.aim = st.aim.with(bySoftwareToken)
		return s.through(ctx, r.App, w, afterAll)
	}
	address := r.Responses[parEmail]
	if address == "" {
		address = r.Responses[parEmailLower]
	}
	if address == "" || !maySetUp(r.Pool, u, user.EmailFactor) {
		return nil, ErrSession // nothing has been set up
	}
	if _, err := s.users.WithAddress(r.Pool, u, user.EmailFactor.Address(), address); err != nil {
		return nil, err
	}
	return s.askCode(ctx, r.App, w, sent{use: forSetUp, factor: user.EmailFactor, address: address})
}
