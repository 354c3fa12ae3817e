package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// newEntity prepares the common part. Its id is fresh, so it is made before
// the transaction that stores it.
func (s *Service) newEntity(prefix, account, name, path string) Entity {
	if path == "" {
		path = "/"
	}
	return Entity{
		Account: account, ID: newID(prefix, account, entityIDLen),
		Name: name, Path: path, CreatedAt: s.now(), Version: 1,
	}
}

// named is what the helpers below need of an entity.
type named interface{ Head() *Entity }

// insert stores an entity within the account's quota.
func insert[T any, P interface {
	*T
	named
}](ctx context.Context, store Entities[T], v P, kind Kind, quotaName string, limit int) error {
	name := v.Head().Name
	n, err := store.Count(ctx, v.Head().Account)
	if err != nil {
		return fmt.Errorf("count %ss: %w", kind, err)
	}
	if n >= limit {
		return quota(quotaName, limit)
	}
	if _, err := store.ByName(ctx, v.Head().Account, name); err == nil {
		return exists(kind, name)
	}
	return taken(store.Insert(ctx, (*T)(v)), exists(kind, name))
}

// rename gives an entity another name or path.
func rename[T any, P interface {
	*T
	named
}](ctx context.Context, store Entities[T], kind Kind, r Rename) error {
	v, err := store.ByName(ctx, r.Account, r.Name)
	if err != nil {
		return absent(err, noSuch(kind, r.Name))
	}
	r.apply(P(v).Head())
	if NameKey(P(v).Head().Name) != NameKey(r.Name) {
		if _, err := store.ByName(ctx, r.Account, r.NewName); err == nil {
			return exists(kind, r.NewName)
		}
	}
	return taken(store.Update(ctx, v), exists(kind, r.NewName))
}

// textDuplicateTags is what a list of tags with a key twice is refused with.
const textDuplicateTags = "Duplicate tag keys found. Please note that Tag keys are case insensitive."

// checkTags checks the tags of an entity to be created.
func checkTags(tags []Tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		key := strings.ToLower(t.Key)
		if seen[key] {
			return iam.InvalidInputException(textDuplicateTags)
		}
		seen[key] = true
	}
	if len(tags) > maxTags {
		return quota("TagsPerResource", maxTags)
	}
	return nil
}

// addTags adds tags or changes their values, letter case included.
func addTags(have, more []Tag) ([]Tag, error) {
	if err := checkTags(more); err != nil {
		return nil, err
	}
	out := append([]Tag(nil), have...)
next:
	for _, t := range more {
		for i := range out {
			if strings.EqualFold(out[i].Key, t.Key) {
				out[i] = t
				continue next
			}
		}
		out = append(out, t)
	}
	if len(out) > maxTags {
		return nil, quota("TagsPerResource", maxTags)
	}
	return out, nil
}

// removeTags removes tags by key. Keys that are not there do not matter.
func removeTags(have []Tag, keys []string) []Tag {
	var out []Tag
	for _, t := range have {
		gone := false
		for _, k := range keys {
			gone = gone || strings.EqualFold(k, t.Key)
		}
		if !gone {
			out = append(out, t)
		}
	}
	return out
}
