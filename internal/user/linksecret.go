package user

import (
	"strings"

	"github.com/cenote-id/cenote/internal/secretbox"
	"github.com/cenote-id/cenote/internal/userpool"
)

// linkLength is how long the secret of a link is. A code never is: that tells
// them apart.
const (
	linkLength = 32
	linkLetter = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// newLinkSecret draws the secret of a link for a client's users, and what is stored
// as the answer: it holds for no other client.
func newLinkSecret(client string) (secret, answer string) {
	secret = secretbox.String(linkLength, linkLetter)
	return secret, bindLink(client, secret)
}

func bindLink(client, secret string) string { return client + "/" + secret }

// answerOf is what a person's code is compared as: the secret of a link is
// answered through the client that it was sent for.
func answerOf(c *userpool.Client, code string) string {
	if len(code) == linkLength {
		return bindLink(c.ID, code)
	}
	return code
}

// IsLinkSecret reports whether a code looks like the secret of a link.
func IsLinkSecret(code string) bool {
	return len(code) == linkLength && strings.Trim(code, linkLetter) == ""
}
