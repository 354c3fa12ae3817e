package account

import "context"

// Tag adds tags to a user, role or managed policy (by ARN), or changes them.
func (s *Service) Tag(ctx context.Context, account string, kind Kind, name string, tags []Tag) error {
	return s.retag(ctx, account, kind, name, func(have []Tag) ([]Tag, error) { return addTags(have, tags) })
}

// Untag removes tags by key.
func (s *Service) Untag(ctx context.Context, account string, kind Kind, name string, keys []string) error {
	return s.retag(ctx, account, kind, name, func(have []Tag) ([]Tag, error) { return removeTags(have, keys), nil })
}

func (s *Service) retag(ctx context.Context, account string, kind Kind, name string, edit func([]Tag) ([]Tag, error)) error {
	if kind == PolicyKind {
		return s.changePolicy(ctx, account, name, func(ctx context.Context, p *ManagedPolicy) (err error) {
			if p.Tags, err = edit(p.Tags); err != nil {
				return err
			}
			return s.stores.Policies.Update(ctx, p)
		})
	}
	return s.change(ctx, account, func(ctx context.Context) error {
		if kind == UserKind {
			u, err := s.User(ctx, account, name)
			if err != nil {
				return err
			}
			if u.Tags, err = edit(u.Tags); err != nil {
				return err
			}
			return s.stores.Users.Update(ctx, u)
		}
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if r.Tags, err = edit(r.Tags); err != nil {
			return err
		}
		return s.stores.Roles.Update(ctx, r)
	})
}
