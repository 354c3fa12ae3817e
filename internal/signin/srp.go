package signin

import (
	"context"
	"encoding/base64"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// nobody stands for the sub of a name that means nobody. No user has it.
const nobody = "00000000-0000-0000-0000-000000000000"

const stepVerifier = string(cognitoidp.ChallengeNameTypePasswordVerifier)

// bySRP is the flow of a password that never leaves the person's machine. Its
// challenge carries the state of the exchange in SECRET_BLOCK: clients send it
// back, and many send no Session.
func (s *Service) bySRP(ctx context.Context, r Start) (*Result, error) {
	values, err := need(r.Parameters, parUsername, parSRPA)
	if err != nil {
		return nil, err
	}
	name := values[0]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Parameters, parSecretHash)); err != nil {
		return nil, err
	}
	public, err := srp.ParsePublicKey(values[1])
	if err != nil {
		return nil, errSRPA
	}
	who, err := s.find(ctx, r.App, name)
	if err != nil {
		return nil, err
	}
	if err := s.admissible(ctx, r.App, who); err != nil {
		return nil, err
	}
	if err := s.preAuthentication(ctx, r, who); err != nil {
		return nil, err
	}
	return s.askSRP(r.App, who, public, nil)
}

// stepBeside is the step of a session that goes out beside a secret block. The
// block is what counts; clients of some flows expect a session all the same.
const stepBeside = "beside " + stepVerifier

// askSRPBeside is askSRP with a session.
func (s *Service) askSRPBeside(a App, who account, public *srp.PublicKey, t trail) (*Result, error) {
	out, err := s.askSRP(a, who, public, t)
	if err == nil {
		out.Challenge.Session = s.sealState(a, stepBeside, s.stateOf(a, who))
	}
	return out, err
}

// askSRP begins the exchange with an account, or as if with one.
func (s *Service) askSRP(a App, who account, public *srp.PublicKey, t trail) (*Result, error) {
	id := s.identity(a, who)
	verifier := s.verifier(who, id)
	exchange := srp.Begin(verifier, public, [srp.SecretSize]byte(secretbox.Bytes(srp.SecretSize)))
	st := s.stateOf(a, who)
	st.trail = t
	var err error
	if st.memo, err = exchange.AppendBinary(nil); err != nil {
		return nil, err
	}
	return &Result{Challenge: &Challenge{
		Name: cognitoidp.ChallengeNameTypePasswordVerifier,
		Parameters: map[string]string{
			parUserID:      id.Name,
			parUsername:    s.shown(a, who, id),
			parSalt:        verifier.Salt(),
			parSRPB:        exchange.B(),
			parSecretBlock: base64.StdEncoding.EncodeToString(s.seal(a, stepVerifier, st)),
		},
	}}, nil
}

// verifier returns what an account's password is checked against; one that
// belongs to no password for nobody, and for users who have none or one that
// SRP cannot use.
func (s *Service) verifier(who account, id srp.Identity) *srp.Verifier {
	if who.user != nil && who.user.Credential != nil {
		if v, err := who.user.Credential.SRPVerifier(); err == nil {
			return v
		}
	}
	return s.passwords.Unknown(id)
}

// shown is the username that a challenge tells. Only a client that may know
// who exists is told how it was first written.
func (s *Service) shown(a App, who account, id srp.Identity) string {
	if who.user != nil && !a.Client.HidesUsers() {
		return who.user.Username
	}
	return id.Name
}

// verifySRP checks the answer to PASSWORD_VERIFIER.
func (s *Service) verifySRP(ctx context.Context, r Answer) (*Result, error) {
	values, err := need(r.Responses, parUsername, parClaimBlock, parClaim, parTimestamp)
	if err != nil {
		return nil, err
	}
	name := values[0]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Responses, parSecretHash)); err != nil {
		return nil, err
	}
	block, st, err := s.openBlock(r.App, stepVerifier, values[1])
	if err != nil {
		return nil, err
	}
	exchange, err := srp.ParseSession(st.memo)
	if err != nil {
		return nil, err
	}
	who, err := s.whose(ctx, r.App, st, name)
	if err != nil {
		return nil, err
	}
	if err := s.admissible(ctx, r.App, who); err != nil {
		return nil, err
	}
	id := s.identity(r.App, who)
	right, err := s.passwords.VerifyClaim(ctx, exchange, s.verifier(who, id), srp.Claim{
		Identity: id, SecretBlock: block, Signature: values[2], Timestamp: values[3],
	}, s.now())
	if err != nil {
		return nil, err
	}
	if !right || who.user == nil {
		return nil, s.fail(ctx, r.App, who, &st)
	}
	st.trail = st.trail.with(r.Challenge, true, nil)
	st.aim = st.aim.with(byPassword)
	return s.proven(ctx, r.App, who.user, &st)
}

// openBlock reads a secret block: its bytes, which the claim signs, and the
// state in them.
func (s *Service) openBlock(a App, step, text string) ([]byte, state, error) {
	if len(text) > maxSession {
		return nil, state{}, errIncorrect
	}
	block, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, state{}, errIncorrect
	}
	st, err := s.open(a, step, block)
	if err == ErrSession { // errors.Is would take errSessionExpired for it, too
		err = errIncorrect
	}
	return block, st, err
}

// whose returns the account that a secret block was made for. The name in the
// answer, which need not be the one that the sign-in began with, must mean the
// same one; if it does not, the answer is one of nobody's, and is found wrong
// with as much work as any other.
func (s *Service) whose(ctx context.Context, a App, st state, name string) (account, error) {
	who, err := s.find(ctx, a, name)
	if err != nil {
		return account{}, err
	}
	if who.user != nil && who.user.Sub != st.sub {
		who.user = nil
	}
	who.name = st.name
	return who, nil
}
