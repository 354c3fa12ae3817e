package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"github.com/cenote-id/cenote/internal/identitypool"
)

// IdentityPools is the view of identity pools; it implements
// identitypool.Pools.
type IdentityPools struct {
	db    *DB
	pools *Cache[string, *identitypool.Pool]
}

// cachedIdentityPools is about how many pools are kept in memory.
const cachedIdentityPools = 4096

func newIdentityPools(db *DB) *IdentityPools {
	v := &IdentityPools{db: db}
	v.pools = NewCache(db, CacheConfig[string, *identitypool.Pool]{Size: cachedIdentityPools, Load: v.load, Version: v.version})
	return v
}

// IdentityPools returns the view of identity pools.
func (db *DB) IdentityPools() *IdentityPools { return db.identityPools() }

// Get returns a pool, whoever owns it.
func (v *IdentityPools) Get(ctx context.Context, id string) (*identitypool.Pool, error) {
	return v.pools.Get(ctx, id)
}

func (v *IdentityPools) load(ctx context.Context, id string) (*identitypool.Pool, int64, error) {
	p, err := one(ctx, v.db, v.scan, `SELECT document, version FROM identity_pools WHERE id = $1`, id)
	if err != nil {
		return nil, 0, err
	}
	return p, p.Version, nil
}

func (v *IdentityPools) version(ctx context.Context, id string) (int64, error) {
	return one(ctx, v.db, scanInt, `SELECT version FROM identity_pools WHERE id = $1`, id)
}

func (v *IdentityPools) scan(s scanner) (*identitypool.Pool, error) {
	var document string
	var version int64
	if err := s.Scan(&document, &version); err != nil {
		return nil, err
	}
	p, err := decodeDoc[*identitypool.Pool](document)
	if err != nil {
		return nil, err
	}
	p.Version = version
	return p, v.openApps(p)
}

// sealedApp begins the values of SupportedLoginProviders that are kept sealed;
// none of the API's holds a colon.
const sealedApp = "sealed:"

// encode writes a pool's document. Twitter's and Digits' values end with the
// secret of the application, so what has two parts is sealed.
func (v *IdentityPools) encode(p *identitypool.Pool) (string, error) {
	kept := *p
	kept.SocialProviders = maps.Clone(p.SocialProviders)
	for name, app := range kept.SocialProviders {
		if strings.Contains(app, ";") {
			sealed := v.db.ring.Seal([]byte(app), sealedFor("identity_pools", p.Account, p.ID, name))
			kept.SocialProviders[name] = sealedApp + base64.StdEncoding.EncodeToString(sealed)
		}
	}
	return encodeDoc(&kept)
}

// openApps opens what encode sealed.
func (v *IdentityPools) openApps(p *identitypool.Pool) error {
	for name, app := range p.SocialProviders {
		text, ok := strings.CutPrefix(app, sealedApp)
		if !ok {
			continue
		}
		sealed, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return fmt.Errorf("application at %s: %w", name, err)
		}
		plain, err := v.db.ring.Open(sealed, sealedFor("identity_pools", p.Account, p.ID, name))
		if err != nil {
			return fmt.Errorf("application at %s: %w", name, err)
		}
		p.SocialProviders[name] = string(plain)
	}
	return nil
}

// List returns up to limit pools of an owner whose ids come after one.
func (v *IdentityPools) List(ctx context.Context, owner identitypool.Owner, after string, limit int) ([]*identitypool.Pool, error) {
	return many(ctx, v.db, v.scan, `
		SELECT document, version FROM identity_pools
		WHERE account = $1 AND region = $2 AND id > $3
		ORDER BY id LIMIT $4`, owner.Account, owner.Region, after, limit)
}

// Count returns how many pools an owner has.
func (v *IdentityPools) Count(ctx context.Context, owner identitypool.Owner) (int, error) {
	n, err := one(ctx, v.db, scanInt, `SELECT COUNT(*) FROM identity_pools WHERE account = $1 AND region = $2`, owner.Account, owner.Region)
	return int(n), err
}

// Create adds a pool.
func (v *IdentityPools) Create(ctx context.Context, p *identitypool.Pool) error {
	document, err := v.encode(p)
	if err != nil {
		return err
	}
	_, err = v.db.exec(ctx, `INSERT INTO identity_pools (account, region, id, document, version) VALUES ($1, $2, $3, $4, 1)`,
		p.Account, p.Region, p.ID, document)
	v.pools.Drop(ctx, p.ID)
	return err
}

// Update replaces the row that p.Version was read from.
func (v *IdentityPools) Update(ctx context.Context, p *identitypool.Pool) error {
	document, err := v.encode(p)
	if err != nil {
		return err
	}
	err = v.db.execOne(ctx, `
		UPDATE identity_pools SET document = $5, version = version + 1
		WHERE account = $1 AND region = $2 AND id = $3 AND version = $4`, p.Account, p.Region, p.ID, p.Version, document)
	v.pools.Drop(ctx, p.ID)
	return err
}

// purgeBatch is how many identities of a deleted pool are removed in one
// transaction, so that others get their turn between two.
const purgeBatch = 2000

// Delete removes a pool with its identities, or answers fs.ErrNotExist where
// somebody else has removed it. From the first statement on nobody can reach
// any of them; the rows of identities go batch by batch.
func (v *IdentityPools) Delete(ctx context.Context, p *identitypool.Pool) error {
	deleted, err := v.db.exec(ctx, `DELETE FROM identity_pools WHERE account = $1 AND region = $2 AND id = $3`, p.Account, p.Region, p.ID)
	v.pools.Drop(ctx, p.ID)
	if err != nil {
		return err
	}
	if deleted == 0 {
		return fs.ErrNotExist
	}
	for _, table := range []struct{ name, key string }{{"identity_logins", "provider, subject"}, {"identities", "id"}} {
		query := fmt.Sprintf(`
			DELETE FROM %[1]s WHERE pool_id = $1 AND (%[2]s) IN (
				SELECT %[2]s FROM %[1]s WHERE pool_id = $1 LIMIT %[3]d)`, table.name, table.key, purgeBatch)
		for n := int64(purgeBatch); n == purgeBatch; {
			if n, err = v.db.exec(ctx, query, p.ID); err != nil {
				return fmt.Errorf("delete identities: %w", err)
			}
		}
	}
	return nil
}
