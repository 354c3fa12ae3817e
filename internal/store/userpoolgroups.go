package store

import (
	"context"

	"github.com/cenote-id/cenote/internal/userpool"
)

// UserPoolGroups keeps groups; it is a userpool.GroupStore.
type UserPoolGroups struct{ db *DB }

// UserPoolGroups returns the view of groups.
func (db *DB) UserPoolGroups() *UserPoolGroups { return &UserPoolGroups{db} }

const groupColumns = `pool_id, id, name, details, created, modified, version`

// groupDetails is a document because a description may hold characters that
// not every engine has in text.
type groupDetails struct {
	Description *string
	RoleARN     *string
	Precedence  *int64
}

func scanGroup(row scanner) (*userpool.Group, error) {
	var g userpool.Group
	var doc string
	var created, modified int64
	if err := row.Scan(&g.PoolID, &g.ID, &g.Name, &doc, &created, &modified, &g.Version); err != nil {
		return nil, err
	}
	g.CreatedAt, g.ModifiedAt = fromMicros(created), fromMicros(modified)
	details, err := decodeDoc[groupDetails](doc)
	g.Description, g.RoleARN, g.Precedence = details.Description, details.RoleARN, details.Precedence
	return &g, err
}

// Group returns the pool's group of that name.
func (s *UserPoolGroups) Group(ctx context.Context, poolID, name string) (*userpool.Group, error) {
	return one(ctx, s.db, scanGroup, `SELECT `+groupColumns+` FROM user_pool_groups WHERE pool_id = $1 AND name = $2`, poolID, name)
}

// Groups returns up to limit of the pool's groups, in the order of their
// names.
func (s *UserPoolGroups) Groups(ctx context.Context, poolID, after string, limit int) ([]*userpool.Group, error) {
	return many(ctx, s.db, scanGroup, `SELECT `+groupColumns+` FROM user_pool_groups
		WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT $3`, poolID, after, limit)
}

// InsertGroup adds a group to the pool that it names.
func (s *UserPoolGroups) InsertGroup(ctx context.Context, g *userpool.Group) error {
	details, err := encodeDoc(groupDetails{g.Description, g.RoleARN, g.Precedence})
	if err != nil {
		return err
	}
	_, err = s.db.exec(ctx, `INSERT INTO user_pool_groups (pool_id, id, name, region, details, created, modified, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		g.PoolID, g.ID, g.Name, regionOfPool(g.PoolID), details, micros(g.CreatedAt), micros(g.ModifiedAt), g.Version)
	return err
}

// UpdateGroup replaces the group whose Version g has.
func (s *UserPoolGroups) UpdateGroup(ctx context.Context, g *userpool.Group) error {
	details, err := encodeDoc(groupDetails{g.Description, g.RoleARN, g.Precedence})
	if err != nil {
		return err
	}
	err = s.db.execOne(ctx, `UPDATE user_pool_groups SET details = $4, modified = $5, version = version + 1
		WHERE pool_id = $1 AND name = $2 AND version = $3`, g.PoolID, g.Name, g.Version, details, micros(g.ModifiedAt))
	if err == nil {
		g.Version++
	}
	return err
}

// DeleteGroup removes a group. Who was in it counts as out at once; the rows
// that say so, of which there may be millions, are left to Users.Sweep.
func (s *UserPoolGroups) DeleteGroup(ctx context.Context, g *userpool.Group) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		_, err := s.db.exec(ctx, `INSERT INTO user_group_leftovers (pool_id, group_id) VALUES ($1, $2)
			ON CONFLICT (pool_id, group_id) DO NOTHING`, g.PoolID, g.ID)
		if err != nil {
			return err
		}
		return s.db.execOne(ctx, `DELETE FROM user_pool_groups WHERE pool_id = $1 AND name = $2 AND version = $3`, g.PoolID, g.Name, g.Version)
	})
}
