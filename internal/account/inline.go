package account

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// InlinePolicy is a policy that belongs to one user, group or role.
type InlinePolicy struct{ Name, Document string }

// holder finds the user, group or role that policies belong to.
func (s *Service) holder(ctx context.Context, account string, kind Kind, name string) (*Entity, error) {
	switch kind {
	case UserKind:
		u, err := s.User(ctx, account, name)
		if err != nil {
			return nil, err
		}
		return &u.Entity, nil
	case GroupKind:
		g, err := s.Group(ctx, account, name)
		if err != nil {
			return nil, err
		}
		return &g.Entity, nil
	}
	r, err := s.Role(ctx, account, name)
	if err != nil {
		return nil, err
	}
	return &r.Entity, nil
}

// changeable is holder for changes: of roles that are linked to a service there
// are none.
func (s *Service) changeable(ctx context.Context, account string, kind Kind, name string) (*Entity, error) {
	h, err := s.holder(ctx, account, kind, name)
	if err != nil {
		return nil, err
	}
	if kind == RoleKind {
		err = modifiable(h)
	}
	return h, err
}

// PutInline adds an inline policy or replaces it.
func (s *Service) PutInline(ctx context.Context, account string, kind Kind, name string, p InlinePolicy) error {
	if _, err := iampolicy.Parse(p.Document, iampolicy.Inline); err != nil {
		return malformed(err)
	}
	return s.change(ctx, account, func(ctx context.Context) error {
		h, err := s.changeable(ctx, account, kind, name)
		if err != nil {
			return err
		}
		all, err := s.stores.Inlines.Inlines(ctx, account, h.ID)
		if err != nil {
			return fmt.Errorf("inline policies: %w", err)
		}
		size := iampolicy.Size(p.Document)
		for _, other := range all {
			if other.Name != p.Name {
				size += iampolicy.Size(other.Document)
			}
		}
		if limit := maxInlineSize(kind); size > limit {
			return iam.LimitExceededException("Maximum policy size of %d bytes exceeded for %s %s", limit, string(kind), name)
		}
		return s.stores.Inlines.PutInline(ctx, account, h.ID, p)
	})
}

// Inline returns an inline policy.
func (s *Service) Inline(ctx context.Context, account string, kind Kind, name, policy string) (InlinePolicy, error) {
	h, err := s.holder(ctx, account, kind, name)
	if err != nil {
		return InlinePolicy{}, err
	}
	p, err := s.stores.Inlines.Inline(ctx, account, h.ID, policy)
	return p, absent(err, noSuchInline(kind, policy))
}

// Inlines returns all inline policies of a user, group or role by name.
func (s *Service) Inlines(ctx context.Context, account string, kind Kind, name string) ([]InlinePolicy, error) {
	h, err := s.holder(ctx, account, kind, name)
	if err != nil {
		return nil, err
	}
	return s.stores.Inlines.Inlines(ctx, account, h.ID)
}

// DeleteInline deletes an inline policy.
func (s *Service) DeleteInline(ctx context.Context, account string, kind Kind, name, policy string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		h, err := s.changeable(ctx, account, kind, name)
		if err != nil {
			return err
		}
		return absent(s.stores.Inlines.DeleteInline(ctx, account, h.ID, policy), noSuchInline(kind, policy))
	})
}
