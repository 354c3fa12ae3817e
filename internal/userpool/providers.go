package userpool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Quotas of the service (Amazon Cognito developer guide, "Quotas").
const (
	maxProviders        = 300
	maxSourceAttributes = 5 // by which a provider's people are linked
)

// Sentences that are UNCONFIRMED.
var (
	errTooManyProviders = cognitoidp.LimitExceededException("A user pool can have %d identity providers.", maxProviders)
	errReservedProvider = cognitoidp.InvalidParameterException("The provider name %s is reserved.", nativeProvider)
	errLevelsOfOther    = cognitoidp.InvalidParameterException("AcrMapping is only supported for OIDC identity providers.")
	errIdentifierTwice  = cognitoidp.InvalidParameterException("IdpIdentifiers must not be given twice.")
	errSourceAttributes = cognitoidp.LimitExceededException("Users of an identity provider can be linked by %d attributes.", maxSourceAttributes)
)

const (
	textNoProvider      = "Identity provider %s does not exist."
	textNoIdentifier    = "Identity provider with identifier %s does not exist."
	textProviderExists  = "A provider with the name %s already exists."
	textIdentifierTaken = "%s already exists in user pool %s."
)

// ProviderStore keeps identity providers, by the same rules as Store.
type ProviderStore interface {
	Provider(ctx context.Context, poolID, name string) (*Provider, error)
	// ProviderByIdentifier returns the provider with that other name.
	ProviderByIdentifier(ctx context.Context, poolID, identifier string) (*Provider, error)
	// Providers returns up to limit providers with names after the given one,
	// in the order of their names.
	Providers(ctx context.Context, poolID, after string, limit int) ([]*Provider, error)
	CountProviders(ctx context.Context, poolID string) (int64, error)
	// InsertProvider adds a provider. Its name and identifiers are free.
	InsertProvider(ctx context.Context, p *Provider) error
	// UpdateProvider replaces the provider whose Version p has, and raises it.
	UpdateProvider(ctx context.Context, p *Provider) error
	DeleteProvider(ctx context.Context, p *Provider) error
}

// CreateProvider adds an identity provider to a pool.
func (s *Service) CreateProvider(ctx context.Context, pool *Pool, in *cognitoidp.CreateIdentityProviderRequest) (*Provider, error) {
	now := s.now()
	p := &Provider{
		PoolID: pool.ID, ID: secretbox.UUID(), Name: *in.ProviderName, Type: *in.ProviderType, Details: in.ProviderDetails,
		Mapping: in.AttributeMapping, Identifiers: slices.Clone(in.IdpIdentifiers), Levels: in.AcrMapping,
		CreatedAt: now, ModifiedAt: now,
	}
	if err := checkProviderName(p); err != nil {
		return nil, err
	}
	if err := p.complete(pool); err != nil {
		return nil, err
	}
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		switch _, err := s.providers.Provider(ctx, pool.ID, p.Name); {
		case err == nil:
			return cognitoidp.DuplicateProviderException(textProviderExists, p.Name)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		switch n, err := s.providers.CountProviders(ctx, pool.ID); {
		case err != nil:
			return err
		case n >= maxProviders:
			return errTooManyProviders
		}
		if err := s.identifiersFree(ctx, p); err != nil {
			return err
		}
		return s.providers.InsertProvider(ctx, p)
	})
	if err != nil {
		return nil, fmt.Errorf("create identity provider in %s: %w", pool.ID, err)
	}
	return p, nil
}

// checkProviderName keeps the name of the pool's own users free, and gives
// social providers their own names, of which a pool so has one each.
func checkProviderName(p *Provider) error {
	if strings.EqualFold(p.Name, nativeProvider) {
		return errReservedProvider
	}
	if p.OneAttribute() && p.Name != string(p.Type) {
		return cognitoidp.InvalidParameterException(textSocialName, p.Type, p.Type)
	}
	return nil
}

// textSocialName is UNCONFIRMED.
const textSocialName = "The name of a provider of type %s must be %s."

// identifiersFree checks that no other provider has one of p's identifiers.
func (s *Service) identifiersFree(ctx context.Context, p *Provider) error {
	for _, identifier := range p.Identifiers {
		other, err := s.providers.ProviderByIdentifier(ctx, p.PoolID, identifier)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case other.Name != p.Name:
			return cognitoidp.InvalidParameterException(textIdentifierTaken, identifier, p.PoolID)
		}
	}
	return nil
}

// Provider returns a pool's identity provider of that name.
func (s *Service) Provider(ctx context.Context, pool *Pool, name string) (*Provider, error) {
	return found(pool, textNoProvider, name)(s.providers.Provider(ctx, pool.ID, name))
}

// ProviderByIdentifier returns a pool's identity provider with that identifier.
func (s *Service) ProviderByIdentifier(ctx context.Context, pool *Pool, identifier string) (*Provider, error) {
	return found(pool, textNoIdentifier, identifier)(s.providers.ProviderByIdentifier(ctx, pool.ID, identifier))
}

// found says in the API's words that there is no such provider.
func found(pool *Pool, text, name string) func(*Provider, error) (*Provider, error) {
	return func(p *Provider, err error) (*Provider, error) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, cognitoidp.ResourceNotFoundException(text, name)
		}
		if err != nil {
			return nil, fmt.Errorf("load identity provider of %s: %w", pool.ID, err)
		}
		return p, nil
	}
}

// ListProviders returns up to limit of a pool's identity providers whose names
// come after the given one.
func (s *Service) ListProviders(ctx context.Context, pool *Pool, after string, limit int) ([]*Provider, error) {
	list, err := s.providers.Providers(ctx, pool.ID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list identity providers of %s: %w", pool.ID, err)
	}
	return list, nil
}

// UpdateProvider replaces the members of an identity provider that the request
// names; the others stay. A private key stays, too, where the details leave it
// out: nobody can read it in order to send it back.
func (s *Service) UpdateProvider(ctx context.Context, pool *Pool, in *cognitoidp.UpdateIdentityProviderRequest) (*Provider, error) {
	now := s.now()
	return s.changeProvider(ctx, pool, *in.ProviderName, func(ctx context.Context, p *Provider) error {
		if in.ProviderDetails != nil {
			p.Details = kinds[p.Type].replace(p.Details, in.ProviderDetails)
		}
		if in.AttributeMapping != nil {
			p.Mapping = in.AttributeMapping
		}
		if in.IdpIdentifiers != nil {
			p.Identifiers = slices.Clone(in.IdpIdentifiers)
		}
		if in.AcrMapping != nil {
			p.Levels = in.AcrMapping
		}
		p.ModifiedAt = now
		if err := p.complete(pool); err != nil {
			return err
		}
		return s.identifiersFree(ctx, p)
	})
}

// changeProvider changes an identity provider. change gets a copy whose
// members it may replace, but not write through.
func (s *Service) changeProvider(ctx context.Context, pool *Pool, name string, change func(context.Context, *Provider) error) (*Provider, error) {
	var changed *Provider
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		old, err := s.Provider(ctx, pool, name)
		if err != nil {
			return err
		}
		p := *old
		if err := change(ctx, &p); err != nil {
			return err
		}
		changed = &p
		return s.providers.UpdateProvider(ctx, &p)
	})
	if err != nil {
		return nil, fmt.Errorf("update identity provider of %s: %w", pool.ID, err)
	}
	return changed, nil
}

// DeleteProvider removes an identity provider. Its people stay users, and do
// not come in through another of the same name.
func (s *Service) DeleteProvider(ctx context.Context, pool *Pool, name string) error {
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Provider(ctx, pool, name)
		if err != nil {
			return err
		}
		return s.providers.DeleteProvider(ctx, p)
	})
	if err != nil {
		return fmt.Errorf("delete identity provider of %s: %w", pool.ID, err)
	}
	return nil
}

// LinkBy notes, in ctx's transaction, that a user is being linked by an
// attribute of a provider, and refuses one attribute too many.
func (s *Service) LinkBy(ctx context.Context, pool *Pool, provider, attribute string) (*Provider, error) {
	p, err := s.Provider(ctx, pool, provider)
	if err != nil || slices.Contains(p.LinkedBy, attribute) {
		return p, err
	}
	return s.changeProvider(ctx, pool, provider, func(_ context.Context, p *Provider) error {
		if len(p.LinkedBy) >= maxSourceAttributes {
			return errSourceAttributes
		}
		p.LinkedBy = append(slices.Clone(p.LinkedBy), attribute)
		return nil
	})
}

// checkProviders checks that a client names only providers that there are.
func (s *Service) checkProviders(ctx context.Context, c *Client) error {
	for _, name := range c.Description.SupportedIdentityProviders {
		if name == nativeProvider {
			continue
		}
		_, err := s.providers.Provider(ctx, c.PoolID, name)
		if errors.Is(err, fs.ErrNotExist) {
			return cognitoidp.InvalidParameterException("The provider %s does not exist for User Pool %s.", name, c.PoolID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
