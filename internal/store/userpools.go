package store

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// UserPools keeps user pools; it is a userpool.Store.
type UserPools struct {
	db       *DB
	cache    *Cache[string, *userpool.Pool]
	byIssuer *Cache[issuerKey, string] // ids; checked against the pool
}

type issuerKey struct{ account, issuer string }

const cachedPools = 4096

// UserPools returns the view of user pools.
func (db *DB) UserPools() *UserPools { return db.pools() }

func newUserPools(db *DB) *UserPools {
	s := &UserPools{db: db}
	s.cache = NewCache(db, CacheConfig[string, *userpool.Pool]{
		Size: cachedPools,
		Load: func(ctx context.Context, id string) (*userpool.Pool, int64, error) {
			p, err := one(ctx, db, scanPool, `SELECT `+poolColumns+` FROM user_pools WHERE id = $1`, id)
			if err != nil {
				return nil, 0, err
			}
			return p, p.Version, nil
		},
		Version: func(ctx context.Context, id string) (int64, error) {
			return one(ctx, db, scanInt, `SELECT version FROM user_pools WHERE id = $1`, id)
		},
	})
	s.byIssuer = NewCache(db, CacheConfig[issuerKey, string]{
		Size: cachedPools,
		Load: func(ctx context.Context, k issuerKey) (string, int64, error) {
			id, err := one(ctx, db, scanText, `SELECT id FROM user_pools WHERE account = $1 AND custom_issuer = $2`, k.account, k.issuer)
			return id, 0, err
		},
	})
	return s
}

// Tx runs f in a write transaction.
func (s *UserPools) Tx(ctx context.Context, f func(context.Context) error) error {
	return s.db.Tx(ctx, f)
}

const poolColumns = `id, account, region, description, factors, sessions, created, modified, version`

func scanPool(row scanner) (*userpool.Pool, error) {
	var p userpool.Pool
	var description, factors, sessions string
	var created, modified int64
	err := row.Scan(&p.ID, &p.Account, &p.Region, &description, &factors, &sessions, &created, &modified, &p.Version)
	if err != nil {
		return nil, err
	}
	p.CreatedAt, p.ModifiedAt = fromMicros(created), fromMicros(modified)
	if p.Description, err = decodeDoc[cognitoidp.UserPoolType](description); err != nil {
		return nil, err
	}
	if p.Sessions, err = decodeDoc[userpool.Sessions](sessions); err != nil {
		return nil, err
	}
	p.Factors, err = decodeDoc[userpool.Factors](factors)
	return &p, err
}

// Pool returns the pool of that id, whoever owns it.
func (s *UserPools) Pool(ctx context.Context, id string) (*userpool.Pool, error) {
	return s.cache.Get(ctx, id)
}

// PoolByIssuer returns the account's pool with that custom issuer.
func (s *UserPools) PoolByIssuer(ctx context.Context, account, issuer string) (*userpool.Pool, error) {
	key := issuerKey{account, issuer}
	for fresh := false; ; fresh = true {
		id, err := s.byIssuer.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		p, err := s.Pool(ctx, id)
		if err == nil && p.Account == account && p.CustomIssuer() == issuer {
			return p, nil
		}
		if err == nil {
			err = errNoRow // the pool has another issuer now
		}
		if fresh || !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		s.byIssuer.Drop(ctx, key) // who had it may have handed it on: look again
	}
}

// Pools returns up to limit of the owner's pools, in the order of their ids.
func (s *UserPools) Pools(ctx context.Context, owner userpool.Owner, after string, limit int) ([]*userpool.Pool, error) {
	return many(ctx, s.db, scanPool, `SELECT `+poolColumns+` FROM user_pools
		WHERE account = $1 AND region = $2 AND id > $3 ORDER BY id LIMIT $4`, owner.Account, owner.Region, after, limit)
}

// InsertPool adds a pool.
func (s *UserPools) InsertPool(ctx context.Context, p *userpool.Pool) error {
	docs, err := poolDocs(p)
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO user_pools (id, account, region, custom_issuer, description, factors, sessions, created, modified, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Account, p.Region, textOrNull(p.CustomIssuer()), docs.description, docs.factors, docs.sessions, micros(p.CreatedAt), micros(p.ModifiedAt), p.Version)
	return err
}

// UpdatePool replaces the pool whose Version p has.
func (s *UserPools) UpdatePool(ctx context.Context, p *userpool.Pool) error {
	docs, err := poolDocs(p)
	if err != nil {
		return err
	}
	err = s.db.execOne(ctx, `UPDATE user_pools SET custom_issuer = $3, description = $4, factors = $5, sessions = $6, modified = $7, version = version + 1
		WHERE id = $1 AND version = $2`,
		p.ID, p.Version, textOrNull(p.CustomIssuer()), docs.description, docs.factors, docs.sessions, micros(p.ModifiedAt))
	if err == nil {
		p.Version++
		s.cache.Drop(ctx, p.ID)
	}
	return err
}

// poolDocuments are the document columns of a pool.
type poolDocuments struct{ description, factors, sessions string }

func poolDocs(p *userpool.Pool) (d poolDocuments, err error) {
	if d.description, err = encodeDoc(p.Description); err != nil {
		return d, err
	}
	if d.factors, err = encodeDoc(p.Factors); err != nil {
		return d, err
	}
	d.sessions, err = encodeDoc(p.Sessions)
	return d, err
}

// DeletePool removes a pool with its clients, groups and identity providers.
func (s *UserPools) DeletePool(ctx context.Context, p *userpool.Pool) error {
	err := s.db.execOne(ctx, `DELETE FROM user_pools WHERE id = $1 AND version = $2`, p.ID, p.Version)
	if err == nil {
		s.cache.Drop(ctx, p.ID)
	}
	return err
}

// regionOfPool is the regional half of a pool id.
func regionOfPool(id string) string {
	region, _, _ := strings.Cut(id, "_")
	return region
}

// textOrNull stores an empty text as NULL, which no unique constraint compares.
func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
