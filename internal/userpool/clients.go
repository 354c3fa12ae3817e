package userpool

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Lengths of what is generated for a client: lower-case letters and digits.
const (
	clientIDLength     = 26
	clientSecretLength = 52
)

// textSecretTwice is UNCONFIRMED: that a client brings a secret or has one
// generated, never both, is documented; the sentence is not.
const textSecretTwice = "ClientSecret cannot be provided when GenerateSecret is true."

// CreateClient adds an app client to a pool.
func (s *Service) CreateClient(ctx context.Context, owner Owner, in *cognitoidp.CreateUserPoolClientRequest) (*Client, error) {
	secret := awsapi.Value(in.ClientSecret)
	if awsapi.Value(in.GenerateSecret) {
		if in.ClientSecret != nil {
			return nil, cognitoidp.InvalidParameterException(textSecretTwice)
		}
		secret = secretbox.String(clientSecretLength, secretbox.LowerDecimal)
	}
	now := s.now()
	c := &Client{
		PoolID: *in.UserPoolId, ID: secretbox.String(clientIDLength, secretbox.LowerDecimal),
		CreatedAt: now, ModifiedAt: now,
		Description: applyClient(cognitoidp.UserPoolClientType{}, clientSettingsOf(in)),
	}
	if secret != "" {
		c.Secrets = []ClientSecret{c.NewSecret(secret, now)}
	}
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, c.PoolID)
		if err != nil {
			return err
		}
		if err := c.check(p, "creating"); err != nil {
			return err
		}
		if err := s.checkProviders(ctx, c); err != nil {
			return err
		}
		return s.clients.InsertClient(ctx, c)
	})
	if err != nil {
		return nil, fmt.Errorf("create client in %s: %w", c.PoolID, err)
	}
	return c, nil
}

// ListClients returns up to limit of a pool's clients whose ids come after
// the given one.
func (s *Service) ListClients(ctx context.Context, p *Pool, after string, limit int) ([]*Client, error) {
	clients, err := s.clients.Clients(ctx, p.ID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list clients of %s: %w", p.ID, err)
	}
	return clients, nil
}

// UpdateClient replaces the settings of a client. Its secret stays.
func (s *Service) UpdateClient(ctx context.Context, owner Owner, in *cognitoidp.UpdateUserPoolClientRequest) (*Client, error) {
	now := s.now()
	var changed *Client
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, *in.UserPoolId)
		if err != nil {
			return err
		}
		old, err := s.Client(ctx, p, *in.ClientId)
		if err != nil {
			return err
		}
		c := *old
		c.Description = applyClient(old.Description, in)
		c.ModifiedAt = now
		if err := c.check(p, "updating"); err != nil {
			return err
		}
		if err := s.checkProviders(ctx, &c); err != nil {
			return err
		}
		changed = &c
		return s.clients.UpdateClient(ctx, &c)
	})
	if err != nil {
		return nil, fmt.Errorf("update client of %s: %w", *in.UserPoolId, err)
	}
	return changed, nil
}

// DeleteClient removes a client.
func (s *Service) DeleteClient(ctx context.Context, owner Owner, poolID, id string) error {
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, poolID)
		if err != nil {
			return err
		}
		c, err := s.Client(ctx, p, id)
		if err != nil {
			return err
		}
		return s.clients.DeleteClient(ctx, c)
	})
	if err != nil {
		return fmt.Errorf("delete client of %s: %w", poolID, err)
	}
	return nil
}
