package userpool

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/password"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// maxSecrets is how many secrets a client has at a time: the old one and the
// new one, while its servers change over.
const maxSecrets = 2

// ClientSecret is one of a client's secrets. Any of them proves the client.
type ClientSecret struct {
	ID        string // "<client id>--<seconds since 1970>"
	Value     Secret
	CreatedAt time.Time
}

// Secret is a client secret. It does not print.
type Secret string

const redacted = "[secret]"

// String stands in for the secret wherever a value is printed.
func (Secret) String() string { return redacted }

// GoString is String, for %#v.
func (Secret) GoString() string { return redacted }

// LogValue is String, for logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// HasSecret reports whether the client must prove that it knows a secret.
func (c *Client) HasSecret() bool { return len(c.Secrets) > 0 }

// VerifySecret reports whether given is one of the client's secrets, in time
// that does not depend on how much of it is right. A client without a secret
// has none to be right.
func (c *Client) VerifySecret(given string) bool {
	right := 0
	for _, s := range c.Secrets {
		right |= subtle.ConstantTimeCompare([]byte(s.Value), []byte(given))
	}
	return right == 1
}

// VerifySecretHash reports whether given is the SECRET_HASH of a user name as
// the request has it, under any of the client's secrets.
func (c *Client) VerifySecretHash(username, given string) bool {
	if !c.HasSecret() {
		return false
	}
	values := make([]string, len(c.Secrets))
	for i, s := range c.Secrets {
		values[i] = string(s.Value)
	}
	return password.VerifySecretHash(values, username, c.ID, given)
}

// NewSecret makes a secret of the client. Two of one second have ids a second
// apart.
func (c *Client) NewSecret(value string, now time.Time) ClientSecret {
	s := ClientSecret{Value: Secret(value), CreatedAt: now}
	for second := now.Unix(); s.ID == "" || c.secret(s.ID) >= 0; second++ {
		s.ID = c.ID + "--" + strconv.FormatInt(second, 10)
	}
	return s
}

func (c *Client) secret(id string) int {
	return slices.IndexFunc(c.Secrets, func(s ClientSecret) bool { return s.ID == id })
}

// Shape returns a secret as the API lists it: without its value.
func (s ClientSecret) Shape() *cognitoidp.ClientSecretDescriptorType {
	return &cognitoidp.ClientSecretDescriptorType{ClientSecretId: &s.ID, ClientSecretCreateDate: &s.CreatedAt}
}

// Sentences that are UNCONFIRMED.
var (
	errPublicClient   = cognitoidp.InvalidParameterException("The client has no secret to rotate.")
	errSecretKnown    = cognitoidp.InvalidParameterException("The client has this secret already.")
	errTooManySecrets = cognitoidp.LimitExceededException("A client cannot have more than %d secrets.", maxSecrets)
	errLastSecret     = cognitoidp.InvalidParameterException("The last secret of a client cannot be deleted.")
)

// AddSecret gives a client one more secret, a random one if value is empty.
func (s *Service) AddSecret(ctx context.Context, owner Owner, poolID, id, value string) (ClientSecret, error) {
	if value == "" {
		value = secretbox.String(clientSecretLength, secretbox.LowerDecimal)
	}
	now := s.now()
	var added ClientSecret
	err := s.changeSecrets(ctx, owner, poolID, id, func(c *Client) error {
		switch {
		case !c.HasSecret():
			return errPublicClient
		case c.VerifySecret(value):
			return errSecretKnown
		case len(c.Secrets) >= maxSecrets:
			return errTooManySecrets
		}
		added = c.NewSecret(value, now)
		c.Secrets = append(slices.Clone(c.Secrets), added)
		return nil
	})
	return added, err
}

// DeleteSecret takes a secret of a client away. It counts no longer at once.
func (s *Service) DeleteSecret(ctx context.Context, owner Owner, poolID, id, secretID string) error {
	return s.changeSecrets(ctx, owner, poolID, id, func(c *Client) error {
		i := c.secret(secretID)
		switch {
		case i < 0:
			return cognitoidp.ResourceNotFoundException("Client secret %s does not exist.", secretID)
		case len(c.Secrets) == 1:
			return errLastSecret
		}
		c.Secrets = slices.Delete(slices.Clone(c.Secrets), i, i+1)
		return nil
	})
}

func (s *Service) changeSecrets(ctx context.Context, owner Owner, poolID, id string, change func(*Client) error) error {
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, poolID)
		if err != nil {
			return err
		}
		old, err := s.Client(ctx, p, id)
		if err != nil {
			return err
		}
		c := *old
		if err := change(&c); err != nil {
			return err
		}
		return s.clients.UpdateSecrets(ctx, &c)
	})
	if err != nil {
		return fmt.Errorf("change secrets of a client of %s: %w", poolID, err)
	}
	return nil
}
