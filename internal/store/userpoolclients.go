package store

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// UserPoolClients keeps app clients; it is a userpool.ClientStore. Clients of
// a pool that was deleted may stay in memory: nobody asks for a client without
// asking for its pool.
type UserPoolClients struct {
	db    *DB
	cache *Cache[string, *userpool.Client]
}

const cachedClients = 16384

// UserPoolClients returns the view of app clients.
func (db *DB) UserPoolClients() *UserPoolClients { return db.clients() }

func newUserPoolClients(db *DB) *UserPoolClients {
	s := &UserPoolClients{db: db}
	s.cache = NewCache(db, CacheConfig[string, *userpool.Client]{
		Size: cachedClients,
		Load: func(ctx context.Context, id string) (*userpool.Client, int64, error) {
			c, err := one(ctx, db, s.scan, `SELECT `+clientColumns+` FROM user_pool_clients WHERE id = $1`, id)
			if err != nil {
				return nil, 0, err
			}
			return c, c.Version, nil
		},
		Version: func(ctx context.Context, id string) (int64, error) {
			return one(ctx, db, scanInt, `SELECT version FROM user_pool_clients WHERE id = $1`, id)
		},
	})
	return s
}

const clientsTable = "user_pool_clients"

const clientColumns = `pool_id, id, secret, description, sessions, created, modified, version`

func (s *UserPoolClients) scan(row scanner) (*userpool.Client, error) {
	var c userpool.Client
	var secret []byte
	var description, sessions string
	var created, modified int64
	err := row.Scan(&c.PoolID, &c.ID, &secret, &description, &sessions, &created, &modified, &c.Version)
	if err != nil {
		return nil, err
	}
	c.CreatedAt, c.ModifiedAt = fromMicros(created), fromMicros(modified)
	if secret != nil {
		plain, err := s.db.Ring().Open(secret, sealedFor(clientsTable, c.PoolID, c.ID))
		if err != nil {
			return nil, fmt.Errorf("open secret of a client of %s: %w", c.PoolID, err)
		}
		if c.Secrets, err = decodeSecrets(&c, plain); err != nil {
			return nil, fmt.Errorf("read secrets of a client of %s: %w", c.PoolID, err)
		}
	}
	if c.Sessions, err = decodeDoc[userpool.ClientSessions](sessions); err != nil {
		return nil, err
	}
	c.Description, err = decodeDoc[cognitoidp.UserPoolClientType](description)
	return &c, err
}

// Client returns the client of that id, whichever pool it belongs to.
func (s *UserPoolClients) Client(ctx context.Context, id string) (*userpool.Client, error) {
	return s.cache.Get(ctx, id)
}

// Clients returns up to limit of the pool's clients, in the order of their
// ids.
func (s *UserPoolClients) Clients(ctx context.Context, poolID, after string, limit int) ([]*userpool.Client, error) {
	return many(ctx, s.db, s.scan, `SELECT `+clientColumns+` FROM user_pool_clients
		WHERE pool_id = $1 AND id > $2 ORDER BY id LIMIT $3`, poolID, after, limit)
}

// InsertClient adds a client to the pool that it names.
func (s *UserPoolClients) InsertClient(ctx context.Context, c *userpool.Client) error {
	description, err := encodeDoc(c.Description)
	if err != nil {
		return err
	}
	secret, err := s.sealSecrets(c)
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO user_pool_clients (pool_id, id, region, secret, description, created, modified, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.PoolID, c.ID, regionOfPool(c.PoolID), secret, description, micros(c.CreatedAt), micros(c.ModifiedAt), c.Version)
	return err
}

// clientSecret is a secret as it is sealed.
type clientSecret struct {
	ID      string `json:"id"`
	Value   string `json:"value"`
	Created int64  `json:"created"`
}

// sealSecrets returns the column of a client's secrets; nil for none.
func (s *UserPoolClients) sealSecrets(c *userpool.Client) (any, error) {
	if !c.HasSecret() {
		return nil, nil
	}
	list := make([]clientSecret, len(c.Secrets))
	for i, x := range c.Secrets {
		list[i] = clientSecret{x.ID, string(x.Value), micros(x.CreatedAt)}
	}
	doc, err := encodeDoc(list)
	return s.db.Ring().Seal([]byte(doc), sealedFor(clientsTable, c.PoolID, c.ID)), err
}

// decodeSecrets reads what sealSecrets wrote. Before clients could have two
// secrets, the one stood there as it is.
func decodeSecrets(c *userpool.Client, plain []byte) ([]userpool.ClientSecret, error) {
	if len(plain) > 0 && plain[0] != '[' {
		return []userpool.ClientSecret{c.NewSecret(string(plain), c.CreatedAt)}, nil
	}
	list, err := decodeDoc[[]clientSecret](string(plain))
	secrets := make([]userpool.ClientSecret, len(list))
	for i, x := range list {
		secrets[i] = userpool.ClientSecret{ID: x.ID, Value: userpool.Secret(x.Value), CreatedAt: fromMicros(x.Created)}
	}
	return secrets, err
}

// UpdateSecrets replaces the secrets of the client whose Version c has.
func (s *UserPoolClients) UpdateSecrets(ctx context.Context, c *userpool.Client) error {
	sealed, err := s.sealSecrets(c)
	if err != nil {
		return err
	}
	err = s.db.execOne(ctx, `UPDATE user_pool_clients SET secret = $4, version = version + 1
		WHERE pool_id = $1 AND id = $2 AND version = $3`, c.PoolID, c.ID, c.Version, sealed)
	if err == nil {
		c.Version++
		s.cache.Drop(ctx, c.ID)
	}
	return err
}

// UpdateClient replaces the client whose Version c has. Its secrets stay.
func (s *UserPoolClients) UpdateClient(ctx context.Context, c *userpool.Client) error {
	description, err := encodeDoc(c.Description)
	if err != nil {
		return err
	}
	sessions, err := encodeDoc(c.Sessions)
	if err != nil {
		return err
	}
	err = s.db.execOne(ctx, `UPDATE user_pool_clients SET description = $4, sessions = $5, modified = $6, version = version + 1
		WHERE pool_id = $1 AND id = $2 AND version = $3`, c.PoolID, c.ID, c.Version, description, sessions, micros(c.ModifiedAt))
	if err == nil {
		c.Version++
		s.cache.Drop(ctx, c.ID)
	}
	return err
}

// DeleteClient removes a client.
func (s *UserPoolClients) DeleteClient(ctx context.Context, c *userpool.Client) error {
	err := s.db.execOne(ctx, `DELETE FROM user_pool_clients WHERE pool_id = $1 AND id = $2 AND version = $3`, c.PoolID, c.ID, c.Version)
	if err == nil {
		s.cache.Drop(ctx, c.ID)
	}
	return err
}
