package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/user"
)

// codeDigits is how long the codes of second factors are.
const codeDigits = 6

// use is what a code that was sent is for. EMAIL_OTP is the name of more than
// one step; the memo of its session tells them apart.
type use byte

const (
	forMFA   use = 'm' // to an address of the user
	forSetUp use = 's' // to one that is to become theirs
)

// sent is a code on its way. It travels in the session, sealed: nothing is
// stored until it comes back, and it is good for this one sign-in alone.
type sent struct {
	use     use
	factor  user.Factor
	address string
}

// memo is what the session remembers: the use, the digits and the address, or
// of an address that the user has already, its hash.
func (c sent) memo(digits string) []byte {
	return append(append([]byte{byte(c.use)}, digits...), c.trace()...)
}

func (c sent) trace() []byte {
	if c.use == forSetUp {
		return []byte(c.address)
	}
	hash := sha256.Sum256([]byte(c.address))
	return hash[:]
}

// medium is how codes of a factor travel.
func medium(x user.Factor) message.Medium {
	if x == user.SMSFactor {
		return message.SMS
	}
	return message.Email
}

// askCode sends a code and asks for it.
func (s *Service) askCode(ctx context.Context, a App, w passed, c sent) (*Result, error) {
	m := medium(c.factor)
	if err := s.messages.Check(ctx, a.Pool, m); err != nil {
		return nil, err
	}
	switch err := s.users.Allow(ctx, a.Pool, "", w.user, user.ActionSignInCode); {
	case errors.Is(err, user.ErrLimit):
		return nil, errTooManyCodes
	case err != nil:
		return nil, err
	}
	draft, err := s.messages.Draft(ctx, a.letter(w.next), m)
	if err != nil {
		return nil, err
	}
	digits := secretbox.Digits(codeDigits)
	letter := draft.Message(m, c.address, digits)
	w = w.and(func(ctx context.Context, _ *user.User) error { return s.messages.Put(ctx, letter) })
	return s.goOn(ctx, a, w, cognitoidp.ChallengeNameType(c.factor), c.memo(digits), map[string]string{
		parMedium: string(m), parDestination: message.Mask(m, c.address), parUserID: w.user.Username,
	})
}

// answerCode checks the answer to SMS_MFA or EMAIL_OTP. The address that the
// code went to is verified by it.
func (s *Service) answerCode(ctx context.Context, r Answer) (*Result, error) {
	x, par, wrong := user.SMSFactor, parSMSCode, error(user.ErrFactorCode)
	if r.Challenge == cognitoidp.ChallengeNameTypeEmailOtp {
		x, par, wrong = user.EmailFactor, parEmailCode, errCodeOrState
		if r.Responses[parEmailCode] == "" && r.Responses[parEmailMFACode] != "" {
			par = parEmailMFACode
		}
	}
	st, u, values, err := s.begin(ctx, r, par)
	if err != nil {
		return nil, err
	}
	if len(st.memo) < 1+codeDigits {
		return nil, errState
	}
	digits, trace := st.memo[1:1+codeDigits], st.memo[1+codeDigits:]
	if subtle.ConstantTimeCompare(digits, []byte(values[0])) != 1 {
		return nil, s.failCode(ctx, u, wrong)
	}
	w := passed{user: u, next: u, to: &st}
	if use(st.memo[0]) == forSetUp {
		w.next, err = s.users.WithAddress(r.Pool, u, x.Address(), string(trace))
		w.also = func(ctx context.Context, current *user.User) error {
			if !maySetUp(r.Pool, current, x) {
				return ErrSession
			}
			return s.users.TurnOn(ctx, current, x)
		}
	} else {
		if next, err := toProve(r.Pool, u, st.aim); err != nil || !slices.Contains(next.prove, x) {
			return nil, ErrSession // another factor is asked for by now
		}
		there := sent{use: forMFA, address: u.Attributes.Value(x.Address())}.trace()
		if subtle.ConstantTimeCompare(there, trace) != 1 {
			return nil, ErrSession // the user's address is another by now
		}
		w.next, err = s.users.WithVerified(ctx, r.Pool, u, x.Address())
	}
	if err != nil {
		return nil, err
	}
	st.trail, st.aim = st.trail.with(r.Challenge, true, nil), st.aim.with(methodOf[x])
	return s.through(ctx, r.App, w, afterAll)
}
