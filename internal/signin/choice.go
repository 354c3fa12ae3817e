package signin

import (
	"context"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// stepChoice is the step of a person who has given a name and nothing else.
// Its session answers SELECT_CHALLENGE, PASSWORD and PASSWORD_SRP alike.
const stepChoice = string(cognitoidp.ChallengeNameTypeSelectChallenge)

// choices lists what an account may begin to sign in with. A name that means
// nobody has what anybody might have, but for passkeys, which cannot be made
// up.
func choices(a App, who account) []cognitoidp.ChallengeNameType {
	var factors []cognitoidp.AuthFactorType
	if who.user != nil {
		factors = user.FirstFactors(a.Pool, who.user)
	} else {
		factors = []cognitoidp.AuthFactorType{cognitoidp.AuthFactorTypePassword}
		for _, f := range a.Pool.FirstFactors() {
			code := f == cognitoidp.AuthFactorTypeEmailOtp || f == cognitoidp.AuthFactorTypeSmsOtp && strings.HasPrefix(who.name, "+")
			if code && a.Pool.MFA() != cognitoidp.UserPoolMfaTypeOn {
				factors = append(factors, f)
			}
		}
	}
	var list []cognitoidp.ChallengeNameType
	for _, f := range factors {
		switch {
		case f == cognitoidp.AuthFactorTypePassword:
			list = append(list, cognitoidp.ChallengeNameTypePasswordSrp, cognitoidp.ChallengeNameTypePassword)
		case who.user != nil && who.user.Status == user.ForceChangePassword:
			// The password has to be changed, and is proven for that.
		default:
			list = append(list, cognitoidp.ChallengeNameType(f))
		}
	}
	return list
}

// byChoice is the flow of a person who chooses among what they may begin with.
func (s *Service) byChoice(ctx context.Context, r Start) (*Result, error) {
	values, err := need(r.Parameters, parUsername)
	if err != nil {
		return nil, err
	}
	name := values[0]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Parameters, parSecretHash)); err != nil {
		return nil, err
	}
	target, err := aimOf(r)
	if err != nil {
		return nil, err
	}
	preferred := cognitoidp.ChallengeNameType(r.Parameters[parPreferred])
	find := s.find
	if plain := r.Parameters[parPassword]; preferred == cognitoidp.ChallengeNameTypePassword && plain != "" && r.Session == "" {
		find = func(ctx context.Context, a App, name string) (account, error) {
			return s.findOrMigrate(ctx, a, user.Migration{Username: name, Password: &plain, Validation: r.Validation})
		}
	}
	who, err := find(ctx, r.App, name)
	if err != nil {
		return nil, err
	}
	if err := s.admissible(ctx, r.App, who); err != nil {
		return nil, err
	}
	if r.Session != "" {
		return s.byConfirmation(ctx, r, who)
	}
	if err := s.preAuthentication(ctx, r, who); err != nil {
		return nil, err
	}
	if who.aim, err = s.credit(ctx, r, who, target); err != nil {
		return nil, err
	}
	out, err := s.stepUp(ctx, r.App, who, preferred)
	if out != nil || err != nil {
		return out, err
	}
	available, err := offered(r.App, who)
	if err != nil {
		return nil, err
	}
	if slices.Contains(available, preferred) {
		out, err = s.chosen(ctx, r.App, who, preferred, r.Parameters, nil)
	} else {
		out = s.openChoice(r.App, who, cognitoidp.ChallengeNameTypeSelectChallenge)
	}
	if err == nil && out.Challenge != nil {
		out.Challenge.Available = available
	}
	return out, err
}

// openChoice asks for the answer to one of the challenges of stepChoice.
func (s *Service) openChoice(a App, who account, name cognitoidp.ChallengeNameType) *Result {
	return &Result{Challenge: &Challenge{
		Name: name, Session: s.sealState(a, stepChoice, s.stateOf(a, who)), Parameters: map[string]string{parUsername: who.name},
	}}
}

// stateOf begins a challenge for an account, or for nobody: the state looks
// the same from outside.
func (s *Service) stateOf(a App, who account) state {
	st := s.newState(a, nobody)
	if who.user != nil {
		st.sub, st.since = who.user.Sub, provenSince(who.user)
	}
	st.name, st.aim = who.name, who.aim
	return st
}

// chosen takes the first step of what was chosen, with the inputs that came
// along. to is the session of the choice, nil where it came with the name.
func (s *Service) chosen(ctx context.Context, a App, who account, name cognitoidp.ChallengeNameType, inputs map[string]string, to *state) (*Result, error) {
	if name != cognitoidp.ChallengeNameTypePassword || inputs[parPassword] == "" {
		a = a.after(to) // a password has its device checked first
	}
	switch name {
	case cognitoidp.ChallengeNameTypePassword:
		if inputs[parPassword] == "" {
			return s.openChoice(a, who, name), nil
		}
		right, err := s.check(ctx, a, who, inputs[parPassword])
		switch {
		case err != nil:
			return nil, err
		case !right:
			return nil, s.fail(ctx, a, who, to)
		}
		w := passed{user: who.user, next: who.user, to: to, start: who.aim.with(byPassword)}
		if to != nil {
			to.aim = w.start
		}
		return s.provenBy(ctx, a, w)
	case cognitoidp.ChallengeNameTypePasswordSrp:
		if inputs[parSRPA] == "" {
			return s.openChoice(a, who, name), nil
		}
		public, err := srp.ParsePublicKey(inputs[parSRPA])
		if err != nil {
			return nil, errSRPA
		}
		if err := s.leave(ctx, a, to); err != nil {
			return nil, err
		}
		return s.askSRPBeside(a, who, public, nil)
	case cognitoidp.ChallengeNameTypeEmailOtp, cognitoidp.ChallengeNameTypeSmsOtp:
		return s.askFirstCode(ctx, a, who, name, to)
	}
	return s.askPasskey(ctx, a, who, to)
}

// leave spends the session of a choice that was made.
func (s *Service) leave(ctx context.Context, a App, to *state) error {
	if to == nil {
		return nil
	}
	return s.tx(ctx, func(ctx context.Context) error { return s.spend(ctx, a, *to) })
}

// answerChoice checks the answer to SELECT_CHALLENGE, and to PASSWORD and
// PASSWORD_SRP, which name themselves.
func (s *Service) answerChoice(ctx context.Context, r Answer) (*Result, error) {
	st, who, err := s.resumeFirst(ctx, r, stepChoice)
	if err != nil {
		return nil, err
	}
	name := r.Challenge
	if name == cognitoidp.ChallengeNameTypeSelectChallenge {
		values, err := need(r.Responses, parAnswer)
		if err != nil {
			return nil, err
		}
		name = cognitoidp.ChallengeNameType(values[0])
	}
	list, err := offered(r.App, who)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(list, name):
		return nil, errNoChoice
	}
	if plain := r.Responses[parPassword]; who.user == nil && name == cognitoidp.ChallengeNameTypePassword && plain != "" {
		who, err = s.findOrMigrate(ctx, r.App, user.Migration{Username: st.name, Password: &plain, Metadata: r.Metadata})
		if err != nil {
			return nil, err
		}
		who.aim = st.aim // what was asked for is asked of whoever it turns out to be
	}
	return s.chosen(ctx, r.App, who, name, r.Responses, &st)
}

// resumeFirst checks what comes before the answer to a challenge of a first
// factor, and returns whose it is: a user or nobody.
func (s *Service) resumeFirst(ctx context.Context, r Answer, step string) (state, account, error) {
	values, err := need(r.Responses, parUsername)
	if err != nil {
		return state{}, account{}, err
	}
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, values[0], optional(r.Responses, parSecretHash)); err != nil {
		return state{}, account{}, err
	}
	st, err := s.openUnspent(ctx, r.App, step, r.Session)
	if err != nil {
		return st, account{}, err
	}
	who, err := s.find(ctx, r.App, values[0])
	if err != nil {
		return st, account{}, err
	}
	if !s.isOf(r.App, st, who) {
		return st, account{}, ErrSession
	}
	who.name, who.aim = st.name, st.aim
	return st, who, s.admissible(ctx, r.App, who)
}

// isOf reports whether a state is one of this account, or of this name that
// means nobody: as it was given, or as a challenge has shown it.
func (s *Service) isOf(a App, st state, who account) bool {
	if who.user != nil {
		return who.user.Sub == st.sub && st.unchanged(who.user)
	}
	return st.sub == nobody && (who.name == st.name || who.name == s.users.UnknownIdentity(a.Pool, st.name).Name)
}
