package signin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// maxScopes bounds the scopes that a client asks for (GetClientToken, Amazon
// Cognito API reference).
const maxScopes = 50

// Sentences about clients that sign in for themselves. UNCONFIRMED.
var (
	errClientSecret = cognitoidp.NotAuthorizedException("Client secret is not valid.")
	errClientFlow   = cognitoidp.NotAuthorizedException("ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client.")
	errScopeCount   = cognitoidp.InvalidParameterException("A client can ask for %d scopes.", maxScopes)
)

// ClientToken is a request of a client for a token of its own.
type ClientToken struct {
	App
	Secret string
	Scopes []string // all that the client may have if nil
}

// ClientToken makes an access token that speaks for a client: nobody signs
// in, and no session begins (GetClientToken).
func (s *Service) ClientToken(ctx context.Context, r ClientToken) (*token.Tokens, error) {
	switch {
	case !r.Client.VerifySecret(r.Secret):
		return nil, errClientSecret
	case !r.Client.AllowsClientToken():
		return nil, errClientFlow
	case len(r.Scopes) > maxScopes:
		return nil, errScopeCount
	}
	scopes := r.Client.OwnScopes()
	for _, wanted := range r.Scopes {
		if !slices.Contains(scopes, wanted) {
			return nil, cognitoidp.InvalidParameterException("Invalid scope requested: %s", wanted)
		}
	}
	if r.Scopes != nil {
		scopes = r.Scopes
	}
	changes, err := s.triggers.PreTokenGeneration(ctx, r.about(trigger.ClientCredentials), trigger.PreTokenGeneration{
		Source: trigger.TokensClientCredentials, Scopes: scopes, ClientMetadata: r.Metadata,
	})
	if err, denied := errors.AsType[*awsapi.Error](err); denied {
		return nil, cognitoidp.NotAuthorizedException("%s", err.Message) // the operation declares no error of functions
	}
	if err != nil {
		return nil, err
	}
	return s.keys.MintClient(ctx, &token.ClientGrant{
		Pool: r.Pool.ID, Issuer: s.issuer(r.Pool), Client: r.Client.ID, Scope: strings.Join(scopes, " "),
		Life: r.Client.AccessTokenLife(), Changes: changes.Access,
	})
}
