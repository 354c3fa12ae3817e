package store

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// UserPoolProviders keeps identity providers; it is a userpool.ProviderStore.
type UserPoolProviders struct{ db *DB }

// UserPoolProviders returns the view of identity providers.
func (db *DB) UserPoolProviders() *UserPoolProviders { return &UserPoolProviders{db} }

const poolProvidersTable = "user_pool_providers"

const poolProviderColumns = `pool_id, name, id, type, details, settings, created, modified, version`

// providerSettings is what of a provider is no secret and nobody asks for.
type providerSettings struct {
	Mapping     map[string]string
	Identifiers []string
	Levels      map[string]string
	LinkedBy    []string
}

func (s *UserPoolProviders) scan(row scanner) (*userpool.Provider, error) {
	var p userpool.Provider
	var kind, settings string
	var sealed []byte
	var created, modified int64
	if err := row.Scan(&p.PoolID, &p.Name, &p.ID, &kind, &sealed, &settings, &created, &modified, &p.Version); err != nil {
		return nil, err
	}
	p.Type = cognitoidp.IdentityProviderTypeType(kind)
	p.CreatedAt, p.ModifiedAt = fromMicros(created), fromMicros(modified)
	plain, err := s.db.Ring().Open(sealed, sealedFor(poolProvidersTable, p.PoolID, p.ID))
	if err != nil {
		return nil, fmt.Errorf("open details of a provider of %s: %w", p.PoolID, err)
	}
	if p.Details, err = decodeDoc[map[string]string](string(plain)); err != nil {
		return nil, err
	}
	d, err := decodeDoc[providerSettings](settings)
	p.Mapping, p.Identifiers, p.Levels, p.LinkedBy = d.Mapping, d.Identifiers, d.Levels, d.LinkedBy
	return &p, err
}

// docs returns the document columns of a provider.
func (s *UserPoolProviders) docs(p *userpool.Provider) (details []byte, settings string, err error) {
	plain, err := encodeDoc(map[string]string(p.Details))
	if err != nil {
		return nil, "", err
	}
	settings, err = encodeDoc(providerSettings{p.Mapping, p.Identifiers, p.Levels, p.LinkedBy})
	return s.db.Ring().Seal([]byte(plain), sealedFor(poolProvidersTable, p.PoolID, p.ID)), settings, err
}

// Provider returns the pool's provider of that name.
func (s *UserPoolProviders) Provider(ctx context.Context, poolID, name string) (*userpool.Provider, error) {
	return one(ctx, s.db, s.scan, `SELECT `+poolProviderColumns+` FROM user_pool_providers WHERE pool_id = $1 AND name = $2`, poolID, name)
}

// ProviderByIdentifier returns the pool's provider with that identifier.
func (s *UserPoolProviders) ProviderByIdentifier(ctx context.Context, poolID, identifier string) (*userpool.Provider, error) {
	return one(ctx, s.db, s.scan, `SELECT `+poolProviderColumns+` FROM user_pool_providers WHERE pool_id = $1 AND name = (
		SELECT name FROM user_pool_provider_identifiers WHERE pool_id = $1 AND identifier = $2)`, poolID, identifier)
}

// Providers returns up to limit of the pool's providers, in the order of their
// names.
func (s *UserPoolProviders) Providers(ctx context.Context, poolID, after string, limit int) ([]*userpool.Provider, error) {
	return many(ctx, s.db, s.scan, `SELECT `+poolProviderColumns+` FROM user_pool_providers
		WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT $3`, poolID, after, limit)
}

// CountProviders returns how many providers the pool has.
func (s *UserPoolProviders) CountProviders(ctx context.Context, poolID string) (int64, error) {
	return one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM user_pool_providers WHERE pool_id = $1`, poolID)
}

// InsertProvider adds a provider to the pool that it names.
func (s *UserPoolProviders) InsertProvider(ctx context.Context, p *userpool.Provider) error {
	details, settings, err := s.docs(p)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		_, err := s.db.exec(ctx, `INSERT INTO user_pool_providers (pool_id, name, id, region, type, details, settings, created, modified, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			p.PoolID, p.Name, p.ID, regionOfPool(p.PoolID), string(p.Type), details, settings, micros(p.CreatedAt), micros(p.ModifiedAt), p.Version)
		if err != nil {
			return err
		}
		return s.identify(ctx, p)
	})
}

// identify writes the identifiers of a provider that has none.
func (s *UserPoolProviders) identify(ctx context.Context, p *userpool.Provider) error {
	for _, identifier := range p.Identifiers {
		_, err := s.db.exec(ctx, `INSERT INTO user_pool_provider_identifiers (pool_id, identifier, region, name) VALUES ($1, $2, $3, $4)`,
			p.PoolID, identifier, regionOfPool(p.PoolID), p.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// UpdateProvider replaces the provider whose Version p has.
func (s *UserPoolProviders) UpdateProvider(ctx context.Context, p *userpool.Provider) error {
	details, settings, err := s.docs(p)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		err := s.db.execOne(ctx, `UPDATE user_pool_providers SET details = $4, settings = $5, modified = $6, version = version + 1
			WHERE pool_id = $1 AND name = $2 AND version = $3`, p.PoolID, p.Name, p.Version, details, settings, micros(p.ModifiedAt))
		if err != nil {
			return err
		}
		p.Version++
		_, err = s.db.exec(ctx, `DELETE FROM user_pool_provider_identifiers WHERE pool_id = $1 AND name = $2`, p.PoolID, p.Name)
		if err != nil {
			return err
		}
		return s.identify(ctx, p)
	})
}

// DeleteProvider removes a provider with its identifiers. Links to it stay:
// they name its id, which nobody gets again.
func (s *UserPoolProviders) DeleteProvider(ctx context.Context, p *userpool.Provider) error {
	return s.db.execOne(ctx, `DELETE FROM user_pool_providers WHERE pool_id = $1 AND name = $2 AND version = $3`, p.PoolID, p.Name, p.Version)
}
