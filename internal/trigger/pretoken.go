package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/userpool"
)

// Versions of events.
const (
	versionOne   = "1"
	versionTwo   = "2"
	versionThree = "3"
)

// TokenSource is why tokens are made.
type TokenSource string

// Sources of PreTokenGeneration.
const (
	TokensHostedAuth           TokenSource = "TokenGeneration_HostedAuth"
	TokensAuthentication       TokenSource = "TokenGeneration_Authentication"
	TokensNewPasswordChallenge TokenSource = "TokenGeneration_NewPasswordChallenge"
	TokensAuthenticateDevice   TokenSource = "TokenGeneration_AuthenticateDevice"
	TokensRefresh              TokenSource = "TokenGeneration_RefreshTokens"
	TokensClientCredentials    TokenSource = "TokenGeneration_ClientCredentials" // version three alone
)

// ClientCredentials is the Username in events about no user.
const ClientCredentials = "ClientCredentials"

// Groups is what tokens say of a user's groups.
type Groups struct {
	Names     []string
	Roles     []string // ARNs
	Preferred string   // ARN; empty for none
}

// PreTokenGeneration asks what tokens shall say. Which version of the event
// goes out is the pool's to say.
type PreTokenGeneration struct {
	Source         TokenSource
	Attributes     map[string]string
	Groups         Groups   // as the tokens would have them
	Scopes         []string // as the access token would have them
	ClientMetadata map[string]string
}

// TokenChanges is the reply of PreTokenGeneration. The zero value changes
// nothing. No change touches a claim that is not to be touched.
type TokenChanges struct {
	ID, Access *token.Changes
	Groups     *Groups // nil leaves them as they are
}

type preTokenRequest struct {
	Attributes     map[string]string `json:"userAttributes"`
	Groups         *groupsJSON       `json:"groupConfiguration"`
	Scopes         []string          `json:"scopes,omitzero"`
	ClientMetadata map[string]string `json:"clientMetadata,omitzero"`
}

type groupsJSON struct {
	Names     []string `json:"groupsToOverride"`
	Roles     []string `json:"iamRolesToOverride"`
	Preferred *string  `json:"preferredRole"`
}

// nothing is a response member without a value yet.
type nothing *struct{}

type preTokenResponse struct {
	Changes nothing `json:"claimsOverrideDetails"`
}

type preTokenScopesResponse struct {
	Changes nothing `json:"claimsAndScopeOverrideDetails"`
}

// PreTokenGeneration asks the function of that name. Functions of versions one
// and two are not asked about clients that sign in for themselves.
func (s *Service) PreTokenGeneration(ctx context.Context, about About, in PreTokenGeneration) (TokenChanges, error) {
	version := tokenVersion(about.Pool)
	if in.Source == TokensClientCredentials && version != versionThree {
		return TokenChanges{}, nil
	}
	request := preTokenRequest{Attributes: all(in.Attributes), Groups: in.Groups.json(), ClientMetadata: in.ClientMetadata}
	if in.Source == TokensClientCredentials {
		request.Groups = nil
	}
	var response any = preTokenResponse{}
	if version != versionOne {
		request.Scopes = list(in.Scopes)
		response = preTokenScopesResponse{}
	}
	e := about.event(ctx, version, string(in.Source), request, response)
	f, err := s.call(ctx, userpool.PreTokenGeneration, about, e)
	if f == nil || err != nil {
		return TokenChanges{}, err
	}
	var changes TokenChanges
	if version == versionOne {
		changes = readClaims(f)
	} else {
		changes = readClaimsAndScopes(f, about.Client)
	}
	if err := s.checked(ctx, userpool.PreTokenGeneration, about, e.Source, f); err != nil {
		return TokenChanges{}, err
	}
	return changes, nil
}

// tokenVersion is the version of the events that the pool wants.
func tokenVersion(p *userpool.Pool) string {
	c := awsapi.Value(p.Description.LambdaConfig).PreTokenGenerationConfig
	if c == nil {
		return versionOne
	}
	switch awsapi.Value(c.LambdaVersion) {
	case cognitoidp.PreTokenGenerationLambdaVersionTypeV20:
		return versionTwo
	case cognitoidp.PreTokenGenerationLambdaVersionTypeV30:
		return versionThree
	}
	return versionOne
}

func (g Groups) json() *groupsJSON {
	out := &groupsJSON{Names: list(g.Names), Roles: list(g.Roles)}
	if g.Preferred != "" {
		out.Preferred = &g.Preferred
	}
	return out
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
