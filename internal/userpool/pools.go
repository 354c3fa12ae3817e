package userpool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// shortIDLength is how many letters and digits follow the region in a pool id.
const shortIDLength = 9

// Create makes a pool, with signing keys.
func (s *Service) Create(ctx context.Context, owner Owner, in *cognitoidp.CreateUserPoolRequest) (*Pool, error) {
	settings := settingsOf(in)
	if err := checkRequest(settings); err != nil {
		return nil, err
	}
	start := fresh()
	var err error
	if start.SchemaAttributes, err = newSchema(in.Schema); err != nil {
		return nil, err
	}
	start.AliasAttributes, start.UsernameAttributes = in.AliasAttributes, in.UsernameAttributes
	start.UsernameConfiguration = in.UsernameConfiguration

	now := s.now()
	p := &Pool{
		Owner: owner, ID: owner.Region + "_" + secretbox.String(shortIDLength, secretbox.Alphanumeric),
		CreatedAt: now, ModifiedAt: now,
	}
	if p.Description, err = apply(start, settings); err != nil {
		return nil, err
	}
	p.settle()
	if err := s.check(p); err != nil {
		return nil, err
	}
	if err := s.keys.Warm(ctx); err != nil {
		return nil, fmt.Errorf("prepare signing keys: %w", err)
	}
	err = s.store.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.InsertPool(ctx, p); err != nil {
			return s.taken(p, err)
		}
		return s.keys.CreateKeys(ctx, p.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("create user pool: %w", err)
	}
	return p, nil
}

func (s *Service) check(p *Pool) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.checkTags(p)
}

func (s *Service) checkTags(p *Pool) error {
	if err := checkTags(p.Tags()); err != nil {
		return err
	}
	return s.issuers.checkIssuer(p.CustomIssuer())
}

// taken says in the API's words that the account has a pool with the same
// custom issuer.
func (s *Service) taken(p *Pool, err error) error {
	if errors.Is(err, fs.ErrExist) && p.CustomIssuer() != "" {
		return cognitoidp.InvalidParameterException(textIssuerTaken, p.CustomIssuer())
	}
	return err
}

// Describe returns the owner's pool as DescribeUserPool prints it.
func (s *Service) Describe(ctx context.Context, p *Pool) (*cognitoidp.UserPoolType, error) {
	n, err := s.users.CountUsers(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("count users of %s: %w", p.ID, err)
	}
	return p.Describe(n), nil
}

// List returns up to limit of the owner's pools whose ids come after the
// given one.
func (s *Service) List(ctx context.Context, owner Owner, after string, limit int) ([]*Pool, error) {
	pools, err := s.store.Pools(ctx, owner, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list user pools: %w", err)
	}
	return pools, nil
}

// Update replaces the settings of a pool.
func (s *Service) Update(ctx context.Context, owner Owner, in *cognitoidp.UpdateUserPoolRequest) error {
	if err := checkRequest(in); err != nil {
		return err
	}
	_, err := s.update(ctx, owner, *in.UserPoolId, func(p *Pool) error {
		var err error
		if p.Description, err = apply(p.Description, in); err != nil {
			return err
		}
		p.settle()
		return s.check(p)
	})
	return err
}

// update changes a pool. change gets a copy whose members it may replace, but
// not write through, and checks what it made of it.
func (s *Service) update(ctx context.Context, owner Owner, id string, change func(*Pool) error) (*Pool, error) {
	now := s.now()
	var changed *Pool
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		old, err := s.Pool(ctx, owner, id)
		if err != nil {
			return err
		}
		p := *old
		if err := change(&p); err != nil {
			return err
		}
		p.ModifiedAt, changed = now, &p
		return s.taken(&p, s.store.UpdatePool(ctx, &p))
	})
	if err != nil {
		return nil, fmt.Errorf("update user pool %s: %w", id, err)
	}
	return changed, nil
}

// Delete removes a pool and all that is in it.
func (s *Service) Delete(ctx context.Context, owner Owner, id string) error {
	err := s.store.Tx(ctx, func(ctx context.Context) error {
		p, err := s.Pool(ctx, owner, id)
		if err != nil {
			return err
		}
		if awsapi.Value(p.Description.DeletionProtection) == cognitoidp.DeletionProtectionTypeActive {
			return cognitoidp.InvalidParameterException("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
		}
		if p.Description.Domain != nil || p.Description.CustomDomain != nil {
			return cognitoidp.InvalidParameterException("User pool cannot be deleted. It has a domain configured that should be deleted first.")
		}
		for _, c := range append(slices.Clone(s.contents), s.keys) {
			if err := c.DeletePool(ctx, id); err != nil {
				return err
			}
		}
		return s.store.DeletePool(ctx, p)
	})
	if err != nil {
		return fmt.Errorf("delete user pool %s: %w", id, err)
	}
	return nil
}

// AddAttributes adds custom attributes to a pool's schema. They cannot be
// changed or taken away again.
func (s *Service) AddAttributes(ctx context.Context, owner Owner, id string, custom []cognitoidp.SchemaAttributeType) error {
	_, err := s.update(ctx, owner, id, func(p *Pool) error {
		schema, err := addCustom(p.Description.SchemaAttributes, custom, func(label, existing string) error {
			return cognitoidp.InvalidParameterException("%s: Existing attribute already has name %s.", label, existing)
		})
		p.Description.SchemaAttributes = schema
		return err
	})
	return err
}

// Tag sets tags on a pool.
func (s *Service) Tag(ctx context.Context, owner Owner, id string, tags map[string]string) error {
	_, err := s.update(ctx, owner, id, func(p *Pool) error {
		p.Description.UserPoolTags = withTags(p.Tags(), tags)
		return s.checkTags(p)
	})
	return err
}

// Untag removes tags from a pool. Keys that it does not have are skipped.
func (s *Service) Untag(ctx context.Context, owner Owner, id string, keys []string) error {
	_, err := s.update(ctx, owner, id, func(p *Pool) error {
		p.Description.UserPoolTags = withoutTags(p.Tags(), keys)
		return nil
	})
	return err
}
