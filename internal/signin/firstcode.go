package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/user"
)

// firstDigits is how long a code is that alone lets somebody in (seen on the
// service).
const firstDigits = 8

// forFirst is the use of a code that is a first factor.
const forFirst use = 'f'

// stepFirst is the step of a code that is a first factor. EMAIL_OTP is the
// name of a second factor, too.
func stepFirst(name cognitoidp.ChallengeNameType) string { return "first " + string(name) }

// factorOf returns the second factor that sends codes the same way.
func factorOf(name cognitoidp.ChallengeNameType) user.Factor {
	if name == cognitoidp.ChallengeNameTypeSmsOtp {
		return user.SMSFactor
	}
	return user.EmailFactor
}

// askFirstCode sends a code that lets its reader in. To nobody it sends
// nothing, and says the same.
func (s *Service) askFirstCode(ctx context.Context, a App, who account, name cognitoidp.ChallengeNameType, to *state) (*Result, error) {
	x := factorOf(name)
	m := medium(x)
	if err := s.messages.Check(ctx, a.Pool, m); err != nil {
		return nil, err
	}
	if err := s.allow(ctx, a, who, user.ActionSignInCode); err != nil {
		return nil, err
	}
	digits := secretbox.Digits(firstDigits)
	c, shown := sent{use: forFirst, factor: x}, s.users.Imagine(a.Pool, who.name, x.Address()).Destination
	if who.user != nil {
		c.address = who.user.Attributes.Value(x.Address())
		shown = message.Mask(m, c.address)
	}
	var letter message.Message
	if who.user != nil {
		draft, err := s.messages.Draft(ctx, a.letter(who.user), m)
		if err != nil {
			return nil, err
		}
		letter = draft.Message(m, c.address, digits)
	}
	err := s.tx(ctx, func(ctx context.Context) error {
		if to != nil {
			if err := s.spend(ctx, a, *to); err != nil {
				return err
			}
		}
		if who.user == nil {
			return nil
		}
		return s.messages.Put(ctx, letter)
	})
	if err != nil {
		return nil, err
	}
	st := s.stateOf(a, who)
	st.memo = c.memo(digits)
	return &Result{Challenge: &Challenge{
		Name: name, Session: s.sealState(a, stepFirst(name), st),
		Parameters: map[string]string{parMedium: string(m), parDestination: shown},
	}}, nil
}

// allow counts one more of an action by an account, or by nobody.
func (s *Service) allow(ctx context.Context, a App, who account, action user.Action) error {
	err := s.users.Allow(ctx, a.Pool, who.name, who.user, action)
	if errors.Is(err, user.ErrLimit) {
		return errTooManyCodes
	}
	return err
}

// isFirst reports whether a session is of a code that is a first factor.
func (s *Service) isFirst(r Answer) bool {
	_, err := s.openState(r.App, stepFirst(r.Challenge), r.Session)
	return err == nil || err == errSessionExpired // by identity: all sentences of one exception are alike
}

// answerFirstCode checks the answer to SMS_OTP or EMAIL_OTP. It verifies the
// address and confirms its owner. Wrong codes do not lock the account; what
// bounds the guesses is the number of answers an hour.
func (s *Service) answerFirstCode(ctx context.Context, r Answer) (*Result, error) {
	x, par := user.EmailFactor, parEmailCode
	if r.Challenge == cognitoidp.ChallengeNameTypeSmsOtp {
		x, par = user.SMSFactor, parSMSOTP
	}
	st, who, err := s.resumeFirst(ctx, r, stepFirst(r.Challenge))
	if err != nil {
		return nil, err
	}
	values, err := need(r.Responses, par)
	if err != nil {
		return nil, err
	}
	if err := s.allow(ctx, r.App, who, user.ActionSignInAnswer); err != nil {
		return nil, err
	}
	if len(st.memo) < 1+firstDigits {
		return nil, errState
	}
	digits, trace := st.memo[1:1+firstDigits], st.memo[1+firstDigits:]
	if subtle.ConstantTimeCompare(digits, []byte(values[0])) != 1 || who.user == nil {
		return nil, errCodeOrState
	}
	u := who.user
	if err := standing(u); err != nil {
		return nil, err
	}
	there := sent{use: forFirst, address: u.Attributes.Value(x.Address())}.trace()
	if subtle.ConstantTimeCompare(there, trace) != 1 || !slices.Contains(choices(r.App, who), r.Challenge) {
		return nil, ErrSession // not the user's address any more, or not enough
	}
	next, err := s.users.WithVerified(ctx, r.Pool, u, x.Address())
	if err != nil {
		return nil, err
	}
	st.aim = st.aim.with(methodOf[x])
	if u.Status != user.Unconfirmed {
		return s.issue(ctx, r.App, passed{user: u, next: next, to: &st})
	}
	confirmed := *next
	confirmed.Status = user.Confirmed
	// A function that objects is too late to keep the user unconfirmed, but not
	// to keep the tokens back: there is no session yet.
	err = s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, r.App, passed{user: u, next: &confirmed, to: &st})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.users.TellConfirmed(ctx, r.Pool, r.Client, user.Told{User: &confirmed, Metadata: r.Metadata}); err != nil {
		return nil, err
	}
	return s.issue(ctx, r.App, passed{user: &confirmed, next: &confirmed, start: st.aim})
}
