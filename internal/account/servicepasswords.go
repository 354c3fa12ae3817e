package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// passwordService is a service that takes passwords of its own from users.
type passwordService struct {
	// key is how API keys of the service begin, which have an alias and may
	// expire. It is empty for services that take a name and a password.
	key   string
	alias string // how the alias of a key begins
}

// passwordServices are the services of CreateServiceSpecificCredential.
var passwordServices = map[string]passwordService{
	"codecommit.amazonaws.com": {},
	"cassandra.amazonaws.com":  {},
	"bedrock.amazonaws.com":    {key: "ABSK", alias: "BedrockAPIKey"},
}

// Sentences about service-specific credentials. All but the first are
// UNCONFIRMED.
const (
	textServicePasswordMissing = "No such credential %s exists"
	textServiceUnsupported     = "No such service %s is supported for Service Specific Credentials"
	textServiceNoExpiry        = "Credentials for %s do not expire: CredentialAgeDays cannot be set."
)

func noSuchServicePassword(id string) error {
	return iam.NoSuchEntityException(textServicePasswordMissing, id)
}

// IsKey reports whether a service password is an API key with an alias.
func (c *Credential) IsKey() bool { return passwordServices[c.Service].key != "" }

// CreateServicePassword gives a user a password for one service, or an API
// key, that is good for so many days; 0 is for ever. The secret is not shown
// again.
func (s *Service) CreateServicePassword(ctx context.Context, account, user, service string, days int) (c Credential, secret string, err error) {
	kind, ok := passwordServices[service]
	switch {
	case !ok:
		return c, "", iam.ServiceNotSupportedException(textServiceUnsupported, service)
	case days > 0 && kind.key == "":
		return c, "", awsapi.Validation.New(textServiceNoExpiry, service)
	}
	c = s.newCredential(account, ServicePassword)
	c.Service = service
	if days > 0 {
		c.ExpiresAt = c.CreatedAt.Add(time.Duration(days) * 24 * time.Hour)
	}
	random := newServiceSecret()
	tail := secretbox.String(4, secretbox.Lower+secretbox.Decimal)
	err = s.addCredential(ctx, user, &c, "ServiceSpecificCredentialsPerUser", maxServicePasswords, func(have []Credential) error {
		// The user's own name, then user+1, and so on; two at the most.
		c.Login = user + "-at-" + account
		if kind.key != "" {
			c.Login = kind.alias + "-" + tail + "-at-" + account
		} else if slices.ContainsFunc(have, func(o Credential) bool { return o.Service == service && o.Login == c.Login }) {
			c.Login = user + "+1-at-" + account
		}
		secret = c.setSecret(random)
		return nil
	})
	return c, secret, err
}

// newServiceSecret draws 256 bits as text.
func newServiceSecret() string { return base64.StdEncoding.EncodeToString(secretbox.Bytes(32)) }

// setSecret makes a random text the secret, and returns it as clients use it.
func (c *Credential) setSecret(random string) string {
	secret := random
	if key := passwordServices[c.Service].key; key != "" {
		secret = key + base64.StdEncoding.EncodeToString([]byte(c.Login+":"+random))
	}
	sum := sha256.Sum256([]byte(secret))
	c.Hash = sum[:]
	return secret
}

// ResetServicePassword gives a credential of a user another secret and
// switches it on.
func (s *Service) ResetServicePassword(ctx context.Context, account, user, id string) (c Credential, secret string, err error) {
	random := newServiceSecret()
	err = s.change(ctx, account, func(ctx context.Context) error {
		if c, err = s.credential(ctx, account, user, ServicePassword, id); err != nil {
			return err
		}
		secret = c.setSecret(random)
		c.Active = true
		return s.stores.Credentials.UpdateCredential(ctx, c)
	})
	return c, secret, err
}

// OwnedCredential is a credential with the name of its user.
type OwnedCredential struct {
	Credential
	UserName string
}

// ServicePasswords lists the credentials of all users by id, those of one
// service unless it is empty.
func (s *Service) ServicePasswords(ctx context.Context, account, service string, p Page) (List[OwnedCredential], error) {
	all, err := s.stores.Credentials.Credentials(ctx, account, ServicePassword, p)
	if err != nil {
		return List[OwnedCredential]{}, err
	}
	out := List[OwnedCredential]{Next: all.Next}
	for _, c := range all.Items {
		if service != "" && c.Service != service {
			continue
		}
		u, err := s.stores.Users.ByID(ctx, account, c.UserID)
		if err != nil {
			return List[OwnedCredential]{}, fmt.Errorf("user of credential: %w", err)
		}
		out.Items = append(out.Items, OwnedCredential{c, u.Name})
	}
	return out, nil
}
