package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// PreSignUpSource is why PreSignUp is asked.
type PreSignUpSource string

// Sources of PreSignUp.
const (
	PreSignUpSignUp           PreSignUpSource = "PreSignUp_SignUp"
	PreSignUpAdminCreateUser  PreSignUpSource = "PreSignUp_AdminCreateUser"
	PreSignUpExternalProvider PreSignUpSource = "PreSignUp_ExternalProvider"
)

// PreSignUp asks whether a user may come into being.
type PreSignUp struct {
	Source         PreSignUpSource
	Attributes     map[string]string // as submitted
	ValidationData map[string]string // nil where there is none
	ClientMetadata map[string]string // nil where there is none
}

// PreSignUpReply is what shall be done for a new user. Callers ignore it for
// AdminCreateUser, as the service does.
type PreSignUpReply struct {
	AutoConfirm     bool
	AutoVerifyEmail bool
	AutoVerifyPhone bool
}

type preSignUpRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	ValidationData map[string]string `json:"validationData"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
}

type preSignUpResponse struct {
	AutoConfirm     bool `json:"autoConfirmUser"`
	AutoVerifyEmail bool `json:"autoVerifyEmail"`
	AutoVerifyPhone bool `json:"autoVerifyPhone"`
}

// PreSignUp asks the function of that name.
func (s *Service) PreSignUp(ctx context.Context, about About, in PreSignUp) (out PreSignUpReply, err error) {
	e := about.event(ctx, versionOne, string(in.Source),
		preSignUpRequest{all(in.Attributes), in.ValidationData, in.ClientMetadata}, preSignUpResponse{})
	f, err := s.call(ctx, userpool.PreSignUp, about, e)
	if f == nil || err != nil {
		return out, err
	}
	out = PreSignUpReply{f.flag("autoConfirmUser"), f.flag("autoVerifyEmail"), f.flag("autoVerifyPhone")}
	if err := s.checked(ctx, userpool.PreSignUp, about, e.Source, f); err != nil {
		return PreSignUpReply{}, err
	}
	return out, nil
}

// PostConfirmationSource is why PostConfirmation is told.
type PostConfirmationSource string

// Sources of PostConfirmation.
const (
	PostConfirmationConfirmSignUp         PostConfirmationSource = "PostConfirmation_ConfirmSignUp"
	PostConfirmationConfirmForgotPassword PostConfirmationSource = "PostConfirmation_ConfirmForgotPassword"
)

// PostConfirmation tells that a user has been confirmed. The user stays
// confirmed whatever the function says.
type PostConfirmation struct {
	Source         PostConfirmationSource
	Attributes     map[string]string
	ClientMetadata map[string]string
}

type attributesRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
}

// empty is the response of triggers that only say yes, by returning.
type empty struct{}

// PostConfirmation asks the function of that name.
func (s *Service) PostConfirmation(ctx context.Context, about About, in PostConfirmation) error {
	return s.tell(ctx, userpool.PostConfirmation, about, string(in.Source), attributesRequest{all(in.Attributes), in.ClientMetadata})
}

// tell asks a function whose reply holds nothing.
func (s *Service) tell(ctx context.Context, t userpool.Trigger, about About, source string, request any) error {
	f, err := s.call(ctx, t, about, about.event(ctx, versionOne, source, request, empty{}))
	if f == nil || err != nil {
		return err
	}
	return s.checked(ctx, t, about, source, f)
}
