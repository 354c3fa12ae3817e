package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// owned returns a pool for a signed call.
func (s *Service) owned(ctx context.Context, owner Owner, id string) (*Pool, error) {
	p, err := s.public(ctx, owner.Region, id)
	if err != nil {
		return nil, err
	}
	if p.Account != owner.Account {
		return nil, notAuthorized(textPoolForbidden, id)
	}
	return p, nil
}

// public returns a pool for an unsigned call that arrived in a region.
func (s *Service) public(ctx context.Context, region, id string) (*Pool, error) {
	p, err := s.Pools.Get(ctx, id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notFound(textPoolNotFound, id)
	case err != nil:
		return nil, fmt.Errorf("find identity pool %s: %w", id, err)
	case p.Region != region:
		return nil, notFound(textPoolNotFound, id)
	}
	return p, nil
}

// identity returns an identity and its pool for an unsigned call.
func (s *Service) identity(ctx context.Context, region, id string) (*Identity, *Pool, error) {
	i, err := s.Identities.Get(ctx, id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, notFound(textIdentityNotFound, id)
	case err != nil:
		return nil, nil, fmt.Errorf("find identity %s: %w", id, err)
	}
	p, err := s.Pools.Get(ctx, i.PoolID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, notFound(textIdentityNotFound, id)
	case err != nil:
		return nil, nil, fmt.Errorf("find identity pool %s: %w", i.PoolID, err)
	case p.Region != region:
		return nil, nil, notFound(textIdentityNotFound, id)
	}
	if r := awsapi.RequestFrom(ctx); r.Owner == "" { // unsigned: nobody has said yet whom it is about
		r.About(p.Account, p.Region, awsapi.IdentityPoolARN(p.Region, p.Account, p.ID))
	}
	return i, p, nil
}

// ownedIdentity is identity for a signed call.
func (s *Service) ownedIdentity(ctx context.Context, owner Owner, id string) (*Identity, *Pool, error) {
	i, p, err := s.identity(ctx, owner.Region, id)
	if err != nil {
		return nil, nil, err
	}
	if p.Account != owner.Account {
		return nil, nil, notAuthorized(textIdentityForbidden, id)
	}
	return i, p, nil
}

// FindByARN returns the owner's pool that an ARN names.
func (s *Service) FindByARN(ctx context.Context, owner Owner, arn string) (*Pool, error) {
	id := arn[strings.LastIndexByte(arn, '/')+1:]
	p, err := s.Pools.Get(ctx, id)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("find identity pool %s: %w", id, err)
	}
	if err != nil || p.Owner != owner || p.ARN() != arn {
		return nil, notFound(textResourceNotFound, arn)
	}
	return p, nil
}
