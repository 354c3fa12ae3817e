package account

import "context"

// Tag adds tags to a named entity, or changes them. Managed policies are named
// by ARN.
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
		switch kind {
		case UserKind:
			return retagIn(ctx, s.stores.Users, kind, account, name, func(u *User) *[]Tag { return &u.Tags }, edit)
		case InstanceProfileKind:
			return retagIn(ctx, s.stores.InstanceProfiles, kind, account, name, func(p *InstanceProfile) *[]Tag { return &p.Tags }, edit)
		case ServerCertificateKind:
			return retagIn(ctx, s.stores.ServerCertificates, kind, account, name, func(c *ServerCertificate) *[]Tag { return &c.Tags }, edit)
		default:
			return retagIn(ctx, s.stores.Roles, kind, account, name, func(r *Role) *[]Tag { return &r.Tags }, edit)
		}
	})
}

func retagIn[T any](ctx context.Context, store Entities[T], kind Kind, account, name string, tags func(*T) *[]Tag, edit func([]Tag) ([]Tag, error)) error {
	v, err := store.ByName(ctx, account, name)
	if err != nil {
		return absent(err, noSuch(kind, name))
	}
	edited, err := edit(*tags(v))
	if err != nil {
		return err
	}
	*tags(v) = edited
	return store.Update(ctx, v)
}
