package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// Sources of the triggers of CUSTOM_AUTH.
const (
	sourceDefine = "DefineAuthChallenge_Authentication"
	sourceCreate = "CreateAuthChallenge_Authentication"
	sourceVerify = "VerifyAuthChallengeResponse_Authentication"
)

// PastChallenge is a challenge of this sign-in that has been answered.
type PastChallenge struct {
	Name     string  `json:"challengeName"` // SRP_A, PASSWORD_VERIFIER, CUSTOM_CHALLENGE, SMS_MFA …
	Result   bool    `json:"challengeResult"`
	Metadata *string `json:"challengeMetadata"` // what CreateAuthChallenge called it; nil for none
}

// DefineAuthChallenge asks what comes next.
type DefineAuthChallenge struct {
	Attributes     map[string]string
	Session        []PastChallenge // oldest first
	ClientMetadata map[string]string
	NotFound       *bool // as in PreAuthentication
}

// NextStep is what a DefineAuthChallenge function decided.
type NextStep string

// Next steps. The zero value is none of them.
const (
	NextFail      NextStep = "fail"      // refuse the sign-in
	NextTokens    NextStep = "tokens"    // let the person in
	NextChallenge NextStep = "challenge" // ask another challenge
)

// Definition is the reply of DefineAuthChallenge.
type Definition struct {
	Next      NextStep
	Challenge string // name of the challenge, for NextChallenge alone
}

type defineRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	Session        []PastChallenge   `json:"session"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
	NotFound       *bool             `json:"userNotFound,omitzero"`
}

type defineResponse struct {
	Challenge *string `json:"challengeName"`
	Tokens    *bool   `json:"issueTokens"`
	Fail      *bool   `json:"failAuthentication"`
}

// maxChallengeName bounds names of challenges, in bytes.
const maxChallengeName = 64

// DefineAuthChallenge asks the function of that name. A function that says
// both to fail and to go on has failed; one that says nothing is in error.
func (s *Service) DefineAuthChallenge(ctx context.Context, about About, in DefineAuthChallenge) (Definition, error) {
	e := about.event(ctx, versionOne, sourceDefine,
		defineRequest{all(in.Attributes), session(in.Session), in.ClientMetadata, in.NotFound}, defineResponse{})
	f, err := s.challenge(ctx, userpool.DefineAuthChallenge, about, e)
	if err != nil {
		return Definition{}, err
	}
	name, tokens, fail := f.word("challengeName"), f.flag("issueTokens"), f.flag("failAuthentication")
	var d Definition
	switch {
	case fail:
		d.Next = NextFail
	case tokens:
		d.Next = NextTokens
	case name == "" || len(name) > maxChallengeName:
		f.fail("challengeName", "is no name of a challenge")
	default:
		d = Definition{NextChallenge, name}
	}
	if err := s.checked(ctx, userpool.DefineAuthChallenge, about, e.Source, f); err != nil {
		return Definition{}, err
	}
	return d, nil
}

// session is a list that is never null.
func session(past []PastChallenge) []PastChallenge {
	if past == nil {
		return []PastChallenge{}
	}
	return past
}

// challenge is call for the triggers without which there is no CUSTOM_AUTH.
func (s *Service) challenge(ctx context.Context, t userpool.Trigger, about About, e event) (*fields, error) {
	f, err := s.call(ctx, t, about, e)
	if err == nil && f == nil {
		err = errNoCustomAuth
	}
	return f, err
}

// CreateAuthChallenge asks for a challenge to put to somebody.
type CreateAuthChallenge struct {
	Attributes     map[string]string
	Challenge      string // as DefineAuthChallenge named it
	Session        []PastChallenge
	ClientMetadata map[string]string
	NotFound       *bool // as in PreAuthentication
}

// CustomChallenge is the reply of CreateAuthChallenge.
type CustomChallenge struct {
	Public   map[string]string // goes to the client
	Private  map[string]string // goes to VerifyAuthChallengeResponse, and nowhere else
	Metadata *string           // goes into the PastChallenge
}

type createRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	Challenge      string            `json:"challengeName"`
	Session        []PastChallenge   `json:"session"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
	NotFound       *bool             `json:"userNotFound,omitzero"`
}

type createResponse struct {
	Public   map[string]string `json:"publicChallengeParameters"`
	Private  map[string]string `json:"privateChallengeParameters"`
	Metadata *string           `json:"challengeMetadata"`
}

// CreateAuthChallenge asks the function of that name.
func (s *Service) CreateAuthChallenge(ctx context.Context, about About, in CreateAuthChallenge) (CustomChallenge, error) {
	e := about.event(ctx, versionOne, sourceCreate,
		createRequest{all(in.Attributes), in.Challenge, session(in.Session), in.ClientMetadata, in.NotFound}, createResponse{})
	f, err := s.challenge(ctx, userpool.CreateAuthChallenge, about, e)
	if err != nil {
		return CustomChallenge{}, err
	}
	c := CustomChallenge{f.textMap("publicChallengeParameters"), f.textMap("privateChallengeParameters"), f.text("challengeMetadata")}
	if err := s.checked(ctx, userpool.CreateAuthChallenge, about, e.Source, f); err != nil {
		return CustomChallenge{}, err
	}
	return c, nil
}

// VerifyAuthChallengeResponse asks whether an answer is right.
type VerifyAuthChallengeResponse struct {
	Attributes     map[string]string
	Private        map[string]string // of the CustomChallenge
	Answer         string            // ANSWER
	ClientMetadata map[string]string
	NotFound       *bool // as in PreAuthentication
}

type verifyRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	Private        map[string]string `json:"privateChallengeParameters"`
	Answer         string            `json:"challengeAnswer"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
	NotFound       *bool             `json:"userNotFound,omitzero"`
}

type verifyResponse struct {
	Correct *bool `json:"answerCorrect"`
}

// VerifyAuthChallengeResponse asks the function of that name. An answer that
// the function says nothing about is wrong.
func (s *Service) VerifyAuthChallengeResponse(ctx context.Context, about About, in VerifyAuthChallengeResponse) (correct bool, err error) {
	e := about.event(ctx, versionOne, sourceVerify,
		verifyRequest{all(in.Attributes), all(in.Private), in.Answer, in.ClientMetadata, in.NotFound}, verifyResponse{})
	f, err := s.challenge(ctx, userpool.VerifyAuthChallengeResponse, about, e)
	if err != nil {
		return false, err
	}
	correct = f.flag("answerCorrect")
	if err := s.checked(ctx, userpool.VerifyAuthChallengeResponse, about, e.Source, f); err != nil {
		return false, err
	}
	return correct, nil
}
