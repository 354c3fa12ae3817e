package trigger

import (
	"context"
	"encoding/json"

	"github.com/cenote-id/cenote/internal/userpool"
)

const sourceInbound = "InboundFederation_ExternalProvider"

// InboundFederation asks how the attributes of somebody who signs in elsewhere
// shall be taken over.
type InboundFederation struct {
	Provider string // name of the identity provider
	Type     string // OIDC, SAML, Google …
	// What the provider has said, JSON objects; nil where it has said nothing.
	TokenResponse, IDToken, UserInfo, SAMLResponse json.RawMessage
}

type inboundRequest struct {
	Provider   string            `json:"providerName"`
	Type       string            `json:"providerType"`
	Attributes inboundAttributes `json:"attributes"`
}

type inboundAttributes struct {
	TokenResponse json.RawMessage `json:"tokenResponse"`
	IDToken       json.RawMessage `json:"idToken"`
	UserInfo      json.RawMessage `json:"userInfo"`
	SAMLResponse  json.RawMessage `json:"samlResponse"`
}

type inboundResponse struct {
	Attributes map[string]string `json:"userAttributesToMap"`
}

// InboundFederation asks the function of that name. nil leaves the attributes
// as the provider sent them; otherwise those that are not in the map are
// dropped.
func (s *Service) InboundFederation(ctx context.Context, about About, in InboundFederation) (map[string]string, error) {
	e := about.event(ctx, versionOne, sourceInbound, inboundRequest{
		Provider: in.Provider, Type: in.Type,
		Attributes: inboundAttributes{in.TokenResponse, in.IDToken, in.UserInfo, in.SAMLResponse},
	}, inboundResponse{map[string]string{}})
	f, err := s.call(ctx, userpool.InboundFederation, about, e)
	if f == nil || err != nil {
		return nil, err
	}
	attributes := f.textMap("userAttributesToMap")
	if err := s.checked(ctx, userpool.InboundFederation, about, e.Source, f); err != nil {
		return nil, err
	}
	if len(attributes) == 0 {
		return nil, nil
	}
	return attributes, nil
}
