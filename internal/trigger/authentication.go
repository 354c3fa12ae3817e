package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// Sources of the triggers around a sign-in.
const (
	sourcePreAuthentication  = "PreAuthentication_Authentication"
	sourcePostAuthentication = "PostAuthentication_Authentication"
)

// PreAuthentication asks whether somebody may try to sign in.
type PreAuthentication struct {
	Attributes     map[string]string // empty where the user is not found
	ValidationData map[string]string // ClientMetadata of InitiateAuth
	// NotFound is set for clients that hide who exists, and says whether the
	// name means nobody. nil leaves it out.
	NotFound *bool
}

type preAuthenticationRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	ValidationData map[string]string `json:"validationData"`
	NotFound       *bool             `json:"userNotFound,omitzero"`
}

// PreAuthentication asks the function of that name. An error denies the
// sign-in.
func (s *Service) PreAuthentication(ctx context.Context, about About, in PreAuthentication) error {
	return s.tell(ctx, userpool.PreAuthentication, about, sourcePreAuthentication,
		preAuthenticationRequest{all(in.Attributes), in.ValidationData, in.NotFound})
}

// PostAuthentication tells that somebody has proven who they are.
type PostAuthentication struct {
	Attributes     map[string]string
	NewDeviceUsed  bool
	ClientMetadata map[string]string
}

type postAuthenticationRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	NewDeviceUsed  bool              `json:"newDeviceUsed"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
}

// PostAuthentication asks the function of that name. An error denies the
// sign-in: no tokens may go out.
func (s *Service) PostAuthentication(ctx context.Context, about About, in PostAuthentication) error {
	return s.tell(ctx, userpool.PostAuthentication, about, sourcePostAuthentication,
		postAuthenticationRequest{all(in.Attributes), in.NewDeviceUsed, in.ClientMetadata})
}
