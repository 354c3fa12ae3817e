package signin

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/passkey"
	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/user"
)

const stepPasskey = string(cognitoidp.ChallengeNameTypeWebAuthn)

// askPasskey asks for the answer of one of the user's passkeys. Nobody has
// any.
func (s *Service) askPasskey(ctx context.Context, a App, who account, to *state) (*Result, error) {
	challenge := secretbox.Bytes(passkey.ChallengeSize)
	options, err := s.users.PasskeyRequest(a.Pool, who.user, challenge)
	if err != nil {
		return nil, err
	}
	if err := s.leave(ctx, a, to); err != nil {
		return nil, err
	}
	st := s.stateOf(a, who)
	st.memo = challenge
	return &Result{Challenge: &Challenge{
		Name: cognitoidp.ChallengeNameTypeWebAuthn, Session: s.sealState(a, stepPasskey, st),
		Parameters: map[string]string{parRequestOptions: options},
	}}, nil
}

// answerPasskey checks the answer to WEB_AUTHN. Signatures cannot be guessed,
// so a wrong answer is not counted.
func (s *Service) answerPasskey(ctx context.Context, r Answer) (*Result, error) {
	st, who, err := s.resumeFirst(ctx, r, stepPasskey)
	if err != nil {
		return nil, err
	}
	values, err := need(r.Responses, parCredential)
	if err != nil {
		return nil, err
	}
	if who.user == nil || !slices.Contains(choices(r.App, who), r.Challenge) {
		return nil, ErrSession
	}
	used, err := s.users.CheckPasskey(r.Pool, who.user, st.memo, values[0])
	if err != nil {
		return nil, errIncorrect
	}
	if err := mayEnter(who.user); err != nil {
		return nil, err
	}
	st.aim = st.aim.with(keyMethod(used))
	return s.issue(ctx, r.App, passed{user: who.user, next: who.user, to: &st, also: func(ctx context.Context, current *user.User) error {
		return s.users.UsePasskey(ctx, current, used)
	}})
}

// keyMethod is how somebody authenticates by a passkey: one that stays in their
// machine, or one that they carry along.
func keyMethod(k passkey.Credential) string {
	if k.Attachment == "platform" {
		return bySoftwareKey
	}
	return byHardwareKey
}
