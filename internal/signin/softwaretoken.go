package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
)

// askSoftwareToken asks for the code that the user's authenticator app shows.
func (s *Service) askSoftwareToken(ctx context.Context, a App, w passed) (*Result, error) {
	parameters := map[string]string{parUserID: w.user.Username}
	if name := w.next.Factors.Token.Name; name != "" {
		parameters[parFriendlyName] = name
	}
	return s.goOn(ctx, a, w, cognitoidp.ChallengeNameTypeSoftwareTokenMfa, nil, parameters)
}

// answerSoftwareToken checks the answer to SOFTWARE_TOKEN_MFA. A code is used
// up in the transaction that stores the session.
func (s *Service) answerSoftwareToken(ctx context.Context, r Answer) (*Result, error) {
	st, u, values, err := s.begin(ctx, r, parTokenCode)
	if err != nil {
		return nil, err
	}
	step, err := s.users.CheckSoftwareToken(u, values[0])
	switch {
	case errors.Is(err, user.ErrFactorCode):
		return nil, s.failCode(ctx, u, err)
	case err != nil:
		return nil, err
	}
	st.trail, st.aim = st.trail.with(r.Challenge, true, nil), st.aim.with(bySoftwareToken)
	w := passed{user: u, next: u, to: &st, also: func(ctx context.Context, current *user.User) error {
		return s.users.UseSoftwareToken(ctx, current, step)
	}}
	return s.through(ctx, r.App, w, afterAll)
}
