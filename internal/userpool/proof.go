package userpool

import "github.com/cenote-id/cenote/internal/awsapi/cognitoidp"

// Occasion is what a client proves its secret for; the service words a missing
// proof in two ways. Which operation uses which is UNCONFIRMED, but for
// InitiateAuth.
type Occasion string

// Occasions.
const (
	ForAccount Occasion = "Client %s is configured for secret but secret was not received"       // sign-up and codes
	ForSignIn  Occasion = "Client %s is configured with secret but SECRET_HASH was not received" // challenges and their answers
)

// textSecretUncalledFor is UNCONFIRMED.
const textSecretUncalledFor = "Client %s is not configured for secret but secret was received"

// CheckSecretHash checks the SECRET_HASH that a request brings, or its absence:
// a client with a secret must prove it for the very user name in the request.
func (c *Client) CheckSecretHash(o Occasion, username string, hash *string) error {
	switch {
	case !c.HasSecret() && hash != nil:
		return cognitoidp.NotAuthorizedException(textSecretUncalledFor, c.ID)
	case !c.HasSecret():
		return nil
	case hash == nil:
		return cognitoidp.NotAuthorizedException(string(o), c.ID)
	case !c.VerifySecretHash(username, *hash):
		return cognitoidp.NotAuthorizedException("Unable to verify secret hash for client %s", c.ID)
	}
	return nil
}
