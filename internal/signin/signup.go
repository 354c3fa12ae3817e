package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Steps of a person who signs in right after they have signed up. Their
// sessions answer no challenge: the first goes with the code to ConfirmSignUp,
// the second to USER_AUTH.
const (
	stepSignedUp  = "signed up"
	stepConfirmed = "confirmed"
)

// SignedUp returns the Session of a person who has just signed up, which they
// may bring to ConfirmSignUp. It is empty where the client does not allow
// USER_AUTH, and for users whom the code alone would not let in.
func (s *Service) SignedUp(a App, u *user.User) string {
	if u.Status != user.Unconfirmed || !signsInAtOnce(a, u) {
		return ""
	}
	return s.sealState(a, stepSignedUp, s.stateOf(a, account{user: u, name: u.Username}))
}

// signsInAtOnce reports whether the code of a sign-up may also sign u in. It is
// a first factor then, and offered to nobody who is asked for a second one.
func signsInAtOnce(a App, u *user.User) bool {
	return a.Client.Allows(cognitoidp.AuthFlowTypeUserAuth) && needsNoSecond(a.Pool, u)
}

// needsNoSecond reports whether one factor lets u in.
func needsNoSecond(p *userpool.Pool, u *user.User) bool {
	next, err := secondFactor(p, u)
	return err == nil && len(next.prove)+len(next.setUp) == 0
}

// ConfirmSignUp confirms a user by code, and returns the Session that signs
// them in; empty where SignedUp would return none. The Session of SignUp need
// not come along: the library that most applications use leaves it out. Where
// it does, it must be the user's; one that has expired is as none.
func (s *Service) ConfirmSignUp(ctx context.Context, a App, session string, in user.Confirmation) (next string, err error) {
	if session != "" {
		if err := s.checkSignedUp(ctx, a, session, in.Username); err != nil {
			return "", err
		}
	}
	if err := s.users.ConfirmSignUp(ctx, a.Pool, a.Client, in); err != nil || !a.Client.Allows(cognitoidp.AuthFlowTypeUserAuth) {
		return "", err
	}
	u, err := s.users.Find(ctx, a.Pool, in.Username)
	if err != nil || !signsInAtOnce(a, u) {
		return "", err
	}
	return s.sealState(a, stepConfirmed, s.stateOf(a, account{user: u, name: u.Username})), nil
}

// checkSignedUp checks that a Session of SignUp is of the user of that name. To
// who may not know who exists, nobody has the answer of somebody else.
func (s *Service) checkSignedUp(ctx context.Context, a App, session, name string) error {
	st, err := s.openState(a, stepSignedUp, session)
	switch {
	case err == errSessionExpired: // by identity: all sentences of one exception are alike
		return nil
	case err != nil:
		return err
	}
	who, err := s.find(ctx, a, name)
	if err == nil && (who.user == nil || who.user.Sub != st.sub) {
		err = ErrSession
	}
	return err
}

// byConfirmation signs in whoever has just confirmed their sign-up.
func (s *Service) byConfirmation(ctx context.Context, r Start, who account) (*Result, error) {
	st, err := s.openUnspent(ctx, r.App, stepConfirmed, r.Session)
	if err != nil {
		return nil, err
	}
	u := who.user
	if u == nil || !s.isOf(r.App, st, who) || u.Status != user.Confirmed || !signsInAtOnce(r.App, u) {
		return nil, ErrSession
	}
	if err := standing(u); err != nil {
		return nil, err
	}
	if err := s.preAuthentication(ctx, r, who); err != nil {
		return nil, err
	}
	return s.issue(ctx, r.App, passed{user: u, next: u, to: &st})
}
