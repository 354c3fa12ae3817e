package userpool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// Group is a group of a pool's users as last read. Who is in it is kept with
// the users.
type Group struct {
	PoolID      string
	ID          string // UUID; membership is by it, for a name can be given again
	Name        string
	Description *string
	RoleARN     *string // role that members may take
	Precedence  *int64  // the lowest wins; nil comes last
	CreatedAt   time.Time
	ModifiedAt  time.Time
	Version     int64
}

// GroupStore keeps groups, by the same rules as Store.
type GroupStore interface {
	Group(ctx context.Context, poolID, name string) (*Group, error)
	// Groups returns up to limit groups with names after the given one, in the
	// order of their names.
	Groups(ctx context.Context, poolID, after string, limit int) ([]*Group, error)
	// InsertGroup adds a group; fs.ErrExist if the pool has one of that name.
	InsertGroup(ctx context.Context, g *Group) error
	// UpdateGroup replaces the group whose Version g has, and raises it.
	UpdateGroup(ctx context.Context, g *Group) error
	DeleteGroup(ctx context.Context, g *Group) error
}

// Shape returns the group as the API prints it.
func (g *Group) Shape() *cognitoidp.GroupType {
	return &cognitoidp.GroupType{
		GroupName: &g.Name, UserPoolId: &g.PoolID, Description: g.Description, RoleArn: g.RoleARN,
		Precedence: g.Precedence, LastModifiedDate: &g.ModifiedAt, CreationDate: &g.CreatedAt,
	}
}

// CreateGroup adds a group to a pool.
func (s *Service) CreateGroup(ctx context.Context, p *Pool, in *cognitoidp.CreateGroupRequest) (*Group, error) {
	if err := checkGroupRole(p, in.RoleArn); err != nil {
		return nil, err
	}
	now := s.now()
	g := &Group{
		PoolID: p.ID, ID: secretbox.UUID(), Name: *in.GroupName, Description: in.Description, RoleARN: in.RoleArn, Precedence: in.Precedence,
		CreatedAt: now, ModifiedAt: now,
	}
	err := s.groups.InsertGroup(ctx, g)
	if errors.Is(err, fs.ErrExist) {
		return nil, cognitoidp.GroupExistsException("A group with the name already exists")
	}
	if err != nil {
		return nil, fmt.Errorf("create group in %s: %w", p.ID, err)
	}
	return g, nil
}

// checkGroupRole keeps a pool's owner from handing on another account's role.
func checkGroupRole(p *Pool, role *string) error {
	if arn, ok := awsapi.ParseARN(awsapi.Value(role)); ok && arn.Account != p.Account {
		return errCrossAccountRole()
	}
	return nil
}

// Group returns a pool's group of that name.
func (s *Service) Group(ctx context.Context, p *Pool, name string) (*Group, error) {
	g, err := s.groups.Group(ctx, p.ID, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cognitoidp.ResourceNotFoundException("Group not found.")
	}
	if err != nil {
		return nil, fmt.Errorf("load group of %s: %w", p.ID, err)
	}
	return g, nil
}

// ListGroups returns up to limit of a pool's groups whose names come after the
// given one.
func (s *Service) ListGroups(ctx context.Context, p *Pool, after string, limit int) ([]*Group, error) {
	groups, err := s.groups.Groups(ctx, p.ID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list groups of %s: %w", p.ID, err)
	}
	return groups, nil
}

// UpdateGroup changes the members of a group that the request names; the
// others stay.
func (s *Service) UpdateGroup(ctx context.Context, p *Pool, in *cognitoidp.UpdateGroupRequest) (*Group, error) {
	if err := checkGroupRole(p, in.RoleArn); err != nil {
		return nil, err
	}
	now := s.now()
	var changed *Group
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		old, err := s.Group(ctx, p, *in.GroupName)
		if err != nil {
			return err
		}
		g := *old
		g.Description, g.RoleARN, g.Precedence = or(in.Description, g.Description), or(in.RoleArn, g.RoleARN), or(in.Precedence, g.Precedence)
		g.ModifiedAt, changed = now, &g
		return s.groups.UpdateGroup(ctx, &g)
	})
	if err != nil {
		return nil, fmt.Errorf("update group of %s: %w", p.ID, err)
	}
	return changed, nil
}

// DeleteGroup removes a group. Its members stay in the pool.
func (s *Service) DeleteGroup(ctx context.Context, p *Pool, name string) error {
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		g, err := s.Group(ctx, p, name)
		if err != nil {
			return err
		}
		return s.groups.DeleteGroup(ctx, g)
	})
	if err != nil {
		return fmt.Errorf("delete group of %s: %w", p.ID, err)
	}
	return nil
}
