package signin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/srp"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/userpool"
)

const stepCustom = string(cognitoidp.ChallengeNameTypeCustomChallenge)

// firstSRP is the name under which a sign-in by CUSTOM_AUTH begins with the
// password. It is no challenge that goes out.
const firstSRP = "SRP_A"

// turn is where a sign-in by CUSTOM_AUTH stands when its function is asked.
type turn struct {
	passed // the answer that led here; without users for nobody
	trail  trail
	public *srp.PublicKey // SRP_A, while the password may be what comes next
}

// byCustom is the flow that functions of the pool define (CUSTOM_AUTH).
func (s *Service) byCustom(ctx context.Context, r Start) (*Result, error) {
	if !trigger.Names(r.Pool, userpool.DefineAuthChallenge) {
		return nil, errNoCustomAuth
	}
	values, err := need(r.Parameters, parUsername)
	if err != nil {
		return nil, err
	}
	name := values[0]
	if err := r.Client.CheckSecretHash(userpool.ForSignIn, name, optional(r.Parameters, parSecretHash)); err != nil {
		return nil, err
	}
	t := turn{trail: begun()}
	switch r.Parameters[parFirst] {
	case "":
	case firstSRP:
		if values, err = need(r.Parameters, parSRPA); err != nil {
			return nil, err
		}
		if t.public, err = srp.ParsePublicKey(values[0]); err != nil {
			return nil, errSRPA
		}
		t.trail = t.trail.with(firstSRP, true, nil)
	default:
		return nil, errFirst
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
	t.user, t.next = who.user, who.user
	return s.define(ctx, r.App, who, t)
}

// define asks the pool's function what comes next, and does it. who is the
// account as it is after the answer that led here.
func (s *Service) define(ctx context.Context, a App, who account, t turn) (*Result, error) {
	about, attributes, notFound := s.customEvent(a, who)
	next, err := s.triggers.DefineAuthChallenge(ctx, about, trigger.DefineAuthChallenge{
		Attributes: attributes, Session: t.trail, ClientMetadata: a.Metadata, NotFound: notFound,
	})
	switch {
	case err != nil:
		return nil, s.denied(ctx, a, t.passed, err)
	case next.Next == trigger.NextTokens && who.user != nil:
		if err := mayEnter(who.user); err != nil {
			return nil, s.denied(ctx, a, t.passed, err)
		}
		return s.issue(ctx, a, t.passed)
	case next.Next != trigger.NextChallenge, len(t.trail) >= maxTrail:
		return nil, s.denied(ctx, a, t.passed, errIncorrect)
	case next.Challenge == stepCustom:
		return s.askCustom(ctx, a, who, t)
	case next.Challenge == stepVerifier && t.public != nil:
		return s.askSRPBeside(a, who, t.public, t.trail)
	}
	// Second factors, new passwords and devices come by themselves, where the
	// user has proven what they stand on; no function can ask for them.
	return nil, s.denied(ctx, a, t.passed, s.triggers.Refuse(ctx, userpool.DefineAuthChallenge, about, errNextStep))
}

// customEvent is what all three functions of CUSTOM_AUTH are told.
func (s *Service) customEvent(a App, who account) (about trigger.About, attributes map[string]string, notFound *bool) {
	name := who.name
	if who.user != nil {
		name, attributes = who.user.Username, user.EventAttributes(a.Pool, who.user)
	}
	if a.Client.HidesUsers() {
		notFound = new(who.user == nil)
	}
	return a.about(name), attributes, notFound
}

// mayEnter says what keeps a user out of whom no password was asked.
func mayEnter(u *user.User) error {
	if err := standing(u); err != nil {
		return err
	}
	switch u.Status {
	case user.Unconfirmed:
		return errNotConfirmed
	case user.ExternalProvider:
		return errIncorrect // the pool itself knows them by nothing
	}
	return nil
}

// asked is what a CUSTOM_CHALLENGE remembers until it is answered. It travels
// sealed: what is private reaches nobody but the function that verifies.
type asked struct {
	Private  map[string]string `json:"p,omitzero"`
	Metadata *string           `json:"m,omitzero"`
}

// askCustom puts a challenge to somebody that the pool's function makes up.
func (s *Service) askCustom(ctx context.Context, a App, who account, t turn) (*Result, error) {
	about, attributes, notFound := s.customEvent(a, who)
	c, err := s.triggers.CreateAuthChallenge(ctx, about, trigger.CreateAuthChallenge{
		Attributes: attributes, Challenge: stepCustom, Session: t.trail, ClientMetadata: a.Metadata, NotFound: notFound,
	})
	if err != nil {
		return nil, s.denied(ctx, a, t.passed, err)
	}
	st := s.stateOf(a, who)
	st.trail, st.source = t.trail, string(t.source)
	if st.memo, err = json.Marshal(asked{Private: c.Private, Metadata: c.Metadata}); err != nil {
		return nil, err
	}
	if t.to != nil && st.source == "" {
		st.source = t.to.source
	}
	session := s.sealState(a, stepCustom, st)
	if len(session) > maxSession {
		return nil, s.denied(ctx, a, t.passed, s.triggers.Refuse(ctx, userpool.CreateAuthChallenge, about, errTooMuch))
	}
	if t.to != nil {
		err := s.tx(ctx, func(ctx context.Context) error {
			_, err := s.admit(ctx, a, t.passed)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	parameters := maps.Clone(c.Public)
	if parameters == nil {
		parameters = map[string]string{}
	}
	parameters[parUsername] = s.shown(a, who, s.identity(a, who))
	return &Result{Challenge: &Challenge{Name: cognitoidp.ChallengeNameTypeCustomChallenge, Session: session, Parameters: parameters}}, nil
}

// answerCustom takes the answer to CUSTOM_CHALLENGE. Whether it is right, and
// what a wrong one means, is for the functions to say.
//
// The session is spent before they are asked: of a thousand answers to one
// challenge, given at once, a single one is heard, so that a function that
// counts wrong answers counts them all.
func (s *Service) answerCustom(ctx context.Context, r Answer) (*Result, error) {
	st, who, err := s.resumeFirst(ctx, r, stepCustom)
	if err != nil {
		return nil, err
	}
	values, err := need(r.Responses, parAnswer)
	if err != nil {
		return nil, err
	}
	var challenge asked
	if json.Unmarshal(st.memo, &challenge) != nil {
		return nil, errState
	}
	if err := s.leave(ctx, r.App, &st); err != nil {
		return nil, err
	}
	r.App = r.after(&st)
	about, attributes, notFound := s.customEvent(r.App, who)
	right, err := s.triggers.VerifyAuthChallengeResponse(ctx, about, trigger.VerifyAuthChallengeResponse{
		Attributes: attributes, Private: challenge.Private, Answer: values[0], ClientMetadata: r.Metadata, NotFound: notFound,
	})
	if err != nil {
		return nil, err
	}
	return s.define(ctx, r.App, who, turn{
		passed: passed{user: who.user, next: who.user, source: trigger.TokenSource(st.source)},
		trail:  st.trail.with(r.Challenge, right, challenge.Metadata),
	})
}

// Why replies that were in order decide nothing, for the operator.
var (
	errNextStep = errors.New("the challenge cannot come next")
	errTooMuch  = errors.New("past challenges and private parameters do not fit into a session")
)
