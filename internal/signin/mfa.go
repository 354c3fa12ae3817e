package signin

import (
	"cmp"
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// ask is what comes after a proven password: the second factors among which a
// user has one to prove, or, if there is none, those that they have to set up.
// Both empty means tokens.
type ask struct {
	prove []user.Factor
	setUp []user.Factor
}

// secondFactor decides what a user is asked for (Amazon Cognito developer
// guide, "Adding MFA to a user pool").
func secondFactor(p *userpool.Pool, u *user.User) (ask, error) {
	if p.MFA() == cognitoidp.UserPoolMfaTypeOff || p.MFA() == "" {
		return ask{}, nil
	}
	active, preferred := user.ActiveFactors(p, u)
	switch {
	case preferred != "":
		return ask{prove: []user.Factor{preferred}}, nil
	case len(active) > 0 || p.MFA() == cognitoidp.UserPoolMfaTypeOptional:
		return ask{prove: active}, nil
	}
	// Everybody has to prove one, and this user has chosen none: then what
	// they have serves.
	for _, x := range []user.Factor{user.SMSFactor, user.SoftwareTokenFactor, user.EmailFactor} {
		if usable(p, u, x) {
			active = append(active, x)
		}
	}
	if len(active) > 0 {
		return ask{prove: active}, nil
	}
	var a ask
	if user.Offers(p, user.SoftwareTokenFactor) {
		a.setUp = append(a.setUp, user.SoftwareTokenFactor)
	}
	// A password alone must not change the address that a user has.
	if user.Offers(p, user.EmailFactor) && !u.CanUse(user.EmailFactor) {
		a.setUp = append(a.setUp, user.EmailFactor)
	}
	if len(a.setUp) == 0 {
		return a, errNoFactor
	}
	return a, nil
}

// recoveryOf are the addresses that recovery mechanisms send codes to.
var recoveryOf = map[cognitoidp.RecoveryOptionNameType]string{
	cognitoidp.RecoveryOptionNameTypeVerifiedEmail:       user.EmailFactor.Address(),
	cognitoidp.RecoveryOptionNameTypeVerifiedPhoneNumber: user.SMSFactor.Address(),
}

// onlyRecovery reports whether an address is the only one that u's password
// can be recovered by. It cannot be the second factor, too: who holds it would
// hold both.
func onlyRecovery(p *userpool.Pool, u *user.User, address string) bool {
	ways := map[string]bool{}
	for _, m := range p.RecoveryMechanisms() {
		if m.Name != nil && recoveryOf[*m.Name] != "" && u.Attributes.Value(recoveryOf[*m.Name]) != "" {
			ways[recoveryOf[*m.Name]] = true
		}
	}
	return len(ways) == 1 && ways[address]
}

// second goes on once the password is proven: to another factor, or to tokens.
func (s *Service) second(ctx context.Context, a App, w passed) (*Result, error) {
	a = a.after(w.to)
	next, err := toProve(a.Pool, w.next, w.aim())
	switch {
	case err != nil:
		if err := s.admitOnly(ctx, a, w.user, w.to); err != nil {
			return nil, err
		}
		return nil, err
	case len(next.setUp) > 0:
		return s.offer(ctx, a, w, cognitoidp.ChallengeNameTypeMfaSetup, parCanSetUp, next.setUp)
	case len(next.prove) == 0:
		return s.through(ctx, a, w, unasked)
	}
	switch d, err := s.standIn(ctx, a, w); {
	case err != nil:
		return nil, err
	case d != nil:
		return s.askDevice(ctx, a, w, d, unasked)
	}
	return s.askOne(ctx, a, w, next.prove)
}

// through goes on with a user who has proven all that they are asked for, but
// for their device: to tokens, or in CUSTOM_AUTH to what the function says is
// next.
func (s *Service) through(ctx context.Context, a App, w passed, proven factors) (*Result, error) {
	a = a.after(w.to)
	if w.to != nil && w.to.trail != nil {
		return s.define(ctx, a, account{user: w.next, name: w.to.name}, turn{passed: w, trail: w.to.trail})
	}
	return s.letIn(ctx, a, w, proven)
}

// askOne asks for one of some factors.
func (s *Service) askOne(ctx context.Context, a App, w passed, list []user.Factor) (*Result, error) {
	if len(list) == 1 {
		return s.challenge(ctx, a, w, list[0])
	}
	return s.offer(ctx, a, w, cognitoidp.ChallengeNameTypeSelectMfaType, parCanChoose, list)
}

// challenge asks for one factor.
func (s *Service) challenge(ctx context.Context, a App, w passed, x user.Factor) (*Result, error) {
	if x == user.SoftwareTokenFactor {
		return s.askSoftwareToken(ctx, a, w)
	}
	return s.askCode(ctx, a, w, sent{use: forMFA, factor: x, address: w.next.Attributes.Value(x.Address())})
}

// offer lets the person choose among factors.
func (s *Service) offer(ctx context.Context, a App, w passed, name cognitoidp.ChallengeNameType, par string, list []user.Factor) (*Result, error) {
	return s.goOn(ctx, a, w, name, nil, map[string]string{parUserID: w.user.Username, par: document(list)})
}

// goOn admits the answer to the step before and asks for the next one.
func (s *Service) goOn(ctx context.Context, a App, w passed, name cognitoidp.ChallengeNameType, memo []byte, parameters map[string]string) (*Result, error) {
	err := s.tx(ctx, func(ctx context.Context) error {
		_, err := s.admit(ctx, a, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Result{Challenge: &Challenge{Name: name, Session: s.sealNext(a, name, w, memo), Parameters: parameters}}, nil
}

// sealNext makes the session of the challenge that comes after a step.
func (s *Service) sealNext(a App, name cognitoidp.ChallengeNameType, w passed, memo []byte) string {
	st := s.newState(a.after(w.to), w.next.Sub)
	st.aim = w.aim()
	st.since, st.memo, st.source = provenSince(w.next), memo, string(w.source)
	if w.to != nil {
		st.trail, st.name = w.to.trail, w.to.name
		st.source = cmp.Or(st.source, w.to.source)
	}
	return s.sealState(a, string(name), st)
}

// begin checks what comes before the answer to any challenge of a second
// factor: the client's proof, the session, the user's standing and lock. It
// returns the values of the named responses.
func (s *Service) begin(ctx context.Context, r Answer, names ...string) (state, *user.User, []string, error) {
	who, err := need(r.Responses, parUsername)
	if err != nil {
		return state{}, nil, nil, err
	}
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, who[0], optional(r.Responses, parSecretHash)); err != nil {
		return state{}, nil, nil, err
	}
	st, u, err := s.resume(ctx, r, string(r.Challenge), who[0])
	if err != nil {
		return state{}, nil, nil, err
	}
	if u.Lock.Locked(s.now()) {
		return state{}, nil, nil, user.ErrLocked
	}
	values, err := need(r.Responses, names...)
	return st, u, values, err
}

// failCode counts a wrong code. The session stays usable: the person may have
// mistyped.
func (s *Service) failCode(ctx context.Context, u *user.User, wrong error) error {
	if err := s.users.Fail(ctx, u); err != nil {
		return err
	}
	return wrong
}

// selectFactor checks the answer to SELECT_MFA_TYPE.
func (s *Service) selectFactor(ctx context.Context, r Answer) (*Result, error) {
	st, u, values, err := s.begin(ctx, r, parAnswer)
	if err != nil {
		return nil, err
	}
	next, err := toProve(r.Pool, u, st.aim)
	if err != nil {
		return nil, err
	}
	x := user.Factor(values[0])
	if !slices.Contains(next.prove, x) {
		return nil, errNoChoice
	}
	return s.challenge(ctx, r.App, passed{user: u, next: u, to: &st}, x)
}
