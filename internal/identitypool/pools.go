package identitypool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidentity"
)

// maxPools is the quota of one account in one region (developer guide,
// "Quotas").
const maxPools = 1000

// Create makes a pool. settings is what CreateIdentityPool takes; its id is
// ignored.
func (s *Service) Create(ctx context.Context, owner Owner, settings *cognitoidentity.IdentityPool) (*Pool, error) {
	now := s.now()
	p := &Pool{Owner: owner, ID: owner.Region + ":" + s.NewUUID(), CreatedAt: now, ModifiedAt: now}
	p.DeveloperProvider = awsapi.Value(settings.DeveloperProviderName)
	p.Tags = settings.IdentityPoolTags
	if err := s.configure(ctx, p, settings); err != nil {
		return nil, err
	}
	err := s.Tx(ctx, func(ctx context.Context) error {
		n, err := s.Pools.Count(ctx, owner)
		if err != nil {
			return fmt.Errorf("count identity pools: %w", err)
		}
		if n >= maxPools {
			return cognitoidentity.LimitExceededException(textTooManyPools, maxPools)
		}
		return s.Pools.Create(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Describe returns a pool.
func (s *Service) Describe(ctx context.Context, owner Owner, id string) (*Pool, error) {
	return s.owned(ctx, owner, id)
}

// Update replaces a pool's settings: what is not sent returns to its default.
// Tags and the developer provider's name stay when they are not sent, because
// infrastructure tools leave them out of every update (Terraform does; not
// observed on the service).
func (s *Service) Update(ctx context.Context, owner Owner, settings *cognitoidentity.IdentityPool) (*Pool, error) {
	return s.change(ctx, owner, *settings.IdentityPoolId, func(ctx context.Context, p *Pool) error {
		if name := awsapi.Value(settings.DeveloperProviderName); name != "" && name != p.DeveloperProvider {
			if p.DeveloperProvider != "" {
				return invalid(textDeveloperName)
			}
			p.DeveloperProvider = name
		}
		if settings.IdentityPoolTags != nil {
			p.Tags = settings.IdentityPoolTags
		}
		return s.configure(ctx, p, settings)
	})
}

// change replaces a pool by what f makes of a copy of it.
func (s *Service) change(ctx context.Context, owner Owner, id string, f func(context.Context, *Pool) error) (*Pool, error) {
	now := s.now()
	var changed *Pool
	err := s.Tx(ctx, func(ctx context.Context) error {
		p, err := s.owned(ctx, owner, id)
		if err != nil {
			return err
		}
		p = new(*p)
		if err := f(ctx, p); err != nil {
			return err
		}
		p.ModifiedAt = now
		changed = p
		return s.Pools.Update(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// Delete removes a pool with its identities.
func (s *Service) Delete(ctx context.Context, owner Owner, id string) error {
	p, err := s.owned(ctx, owner, id)
	if err != nil {
		return err
	}
	switch err := s.Pools.Delete(ctx, p); {
	case errors.Is(err, fs.ErrNotExist): // somebody else was faster
		return notFound(textPoolNotFound, id)
	case err != nil:
		return fmt.Errorf("delete identity pool %s: %w", id, err)
	}
	return nil
}

// List returns a page of an owner's pools, by id, and the token of the next.
func (s *Service) List(ctx context.Context, owner Owner, limit int, token string) ([]*Pool, string, error) {
	bound := "ListIdentityPools\x00" + owner.Account + "\x00" + owner.Region
	after, err := s.openPage(bound, token)
	if err != nil {
		return nil, "", err
	}
	pools, err := s.Pools.List(ctx, owner, after, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list identity pools: %w", err)
	}
	if len(pools) <= limit {
		return pools, "", nil
	}
	return pools[:limit], s.sealPage(bound, pools[limit-1].ID), nil
}

// maxTags is the quota of one resource.
const maxTags = 50

// Tag adds tags to a pool, replacing those with the same keys.
func (s *Service) Tag(ctx context.Context, owner Owner, arn string, tags map[string]string) error {
	p, err := s.FindByARN(ctx, owner, arn)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, owner, p.ID, func(_ context.Context, p *Pool) error {
		merged := map[string]string{}
		maps.Copy(merged, p.Tags)
		maps.Copy(merged, tags)
		p.Tags = merged
		return checkTags(merged)
	})
	return err
}

// Untag removes tags from a pool.
func (s *Service) Untag(ctx context.Context, owner Owner, arn string, keys []string) error {
	p, err := s.FindByARN(ctx, owner, arn)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, owner, p.ID, func(_ context.Context, p *Pool) error {
		p.Tags = maps.Clone(p.Tags)
		for _, k := range keys {
			delete(p.Tags, k)
		}
		return nil
	})
	return err
}
