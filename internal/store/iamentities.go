package store

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/account"
)

// IAMEntities keeps one kind of named IAM entity; it is an account.Entities.
type IAMEntities[T any] struct {
	db    *DB
	table string
	head  func(*T) *account.Entity
	// pack and unpack translate what only this kind has.
	pack   func(*T) (string, error)
	unpack func(*T, string) error
}

const entityColumns = `account, id, name, path, details, created, version`

func (s *IAMEntities[T]) scan(row scanner) (*T, error) {
	v := new(T)
	h := s.head(v)
	var details string
	var created int64
	if err := row.Scan(&h.Account, &h.ID, &h.Name, &h.Path, &details, &created, &h.Version); err != nil {
		return nil, err
	}
	h.CreatedAt = fromMicros(created)
	return v, s.unpack(v, details)
}

// Insert adds an entity.
func (s *IAMEntities[T]) Insert(ctx context.Context, v *T) error {
	details, err := s.pack(v)
	if err != nil {
		return err
	}
	h := s.head(v)
	_, err = s.db.exec(ctx, `INSERT INTO `+s.table+` (account, id, name_key, name, path, details, created, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		h.Account, h.ID, account.NameKey(h.Name), h.Name, h.Path, details, micros(h.CreatedAt), h.Version)
	return err
}

// ByName returns the entity of that name, without regard to case.
func (s *IAMEntities[T]) ByName(ctx context.Context, acct, name string) (*T, error) {
	return one(ctx, s.db, s.scan, `SELECT `+entityColumns+` FROM `+s.table+` WHERE account = $1 AND name_key = $2`,
		acct, account.NameKey(name))
}

// ByID returns the entity of that unique id.
func (s *IAMEntities[T]) ByID(ctx context.Context, acct, id string) (*T, error) {
	return one(ctx, s.db, s.scan, `SELECT `+entityColumns+` FROM `+s.table+` WHERE account = $1 AND id = $2`, acct, id)
}

// List lists by name.
func (s *IAMEntities[T]) List(ctx context.Context, acct string, p account.Page) (account.List[*T], error) {
	rows, err := many(ctx, s.db, s.scan, `SELECT `+entityColumns+` FROM `+s.table+`
		WHERE account = $1 AND name_key > $2 AND substr(path, 1, $3) = $4 ORDER BY name_key LIMIT $5`,
		acct, p.After, len(p.Path), p.Path, p.Limit+1)
	return iamPage(rows, p.Limit, func(v *T) string { return account.NameKey(s.head(v).Name) }), err
}

// Update replaces the entity whose Version v has.
func (s *IAMEntities[T]) Update(ctx context.Context, v *T) error {
	details, err := s.pack(v)
	if err != nil {
		return err
	}
	h := s.head(v)
	err = s.db.execOne(ctx, `UPDATE `+s.table+` SET name_key = $4, name = $5, path = $6, details = $7, version = version + 1
		WHERE account = $1 AND id = $2 AND version = $3`,
		h.Account, h.ID, h.Version, account.NameKey(h.Name), h.Name, h.Path, details)
	if err == nil {
		h.Version++
	}
	return err
}

// Delete removes an entity.
func (s *IAMEntities[T]) Delete(ctx context.Context, acct, id string) error {
	return gone(s.db.exec(ctx, `DELETE FROM `+s.table+` WHERE account = $1 AND id = $2`, acct, id))
}

// Count counts the entities of an account.
func (s *IAMEntities[T]) Count(ctx context.Context, acct string) (int, error) {
	n, err := one(ctx, s.db, scanInt, `SELECT COUNT(*) FROM `+s.table+` WHERE account = $1`, acct)
	return int(n), err
}

// packed makes the codec of a kind whose details are a D.
func packed[T, D any](get func(*T) D, set func(*T, D)) (func(*T) (string, error), func(*T, string) error) {
	pack := func(v *T) (string, error) { return encodeDoc(get(v)) }
	unpack := func(v *T, text string) error {
		d, err := decodeDoc[D](text)
		set(v, d)
		return err
	}
	return pack, unpack
}

// The details of each kind. Their field names are those of the documents:
// they do not change.
type (
	iamUserDetails struct {
		Boundary string
		Tags     []account.Tag
	}
	iamGroupDetails struct{}
	iamRoleDetails  struct {
		Description string
		MaxSession  int64 // seconds
		Boundary    string
		Tags        []account.Tag
		Trust       string
		Trusted     map[string]string
	}
	iamPolicyDetails struct {
		Description    string
		Tags           []account.Tag
		DefaultVersion int
		LastVersion    int
		Updated        int64 // µs
	}
)

// Users is the view of IAM users.
func (s *IAM) Users() *IAMEntities[account.User] {
	pack, unpack := packed(
		func(u *account.User) iamUserDetails { return iamUserDetails{u.Boundary, u.Tags} },
		func(u *account.User, d iamUserDetails) { u.Boundary, u.Tags = d.Boundary, d.Tags })
	return &IAMEntities[account.User]{s.db, "iam_users", (*account.User).Head, pack, unpack}
}

// Groups is the view of IAM groups.
func (s *IAM) Groups() *IAMEntities[account.Group] {
	pack, unpack := packed(
		func(*account.Group) iamGroupDetails { return iamGroupDetails{} },
		func(*account.Group, iamGroupDetails) {})
	return &IAMEntities[account.Group]{s.db, "iam_groups", (*account.Group).Head, pack, unpack}
}

// Roles is the view of IAM roles.
func (s *IAM) Roles() *IAMEntities[account.Role] {
	pack, unpack := packed(
		func(r *account.Role) iamRoleDetails {
			return iamRoleDetails{r.Description, int64(r.MaxSession / time.Second), r.Boundary, r.Tags, r.Trust, r.Trusted}
		},
		func(r *account.Role, d iamRoleDetails) {
			r.Description, r.MaxSession = d.Description, time.Duration(d.MaxSession)*time.Second
			r.Boundary, r.Tags, r.Trust, r.Trusted = d.Boundary, d.Tags, d.Trust, d.Trusted
		})
	return &IAMEntities[account.Role]{s.db, "iam_roles", (*account.Role).Head, pack, unpack}
}

// Policies is the view of customer-managed policies.
func (s *IAM) Policies() *IAMEntities[account.ManagedPolicy] {
	pack, unpack := packed(
		func(p *account.ManagedPolicy) iamPolicyDetails {
			return iamPolicyDetails{p.Description, p.Tags, p.DefaultVersion, p.LastVersion, micros(p.UpdatedAt)}
		},
		func(p *account.ManagedPolicy, d iamPolicyDetails) {
			p.Description, p.Tags, p.DefaultVersion, p.LastVersion = d.Description, d.Tags, d.DefaultVersion, d.LastVersion
			p.UpdatedAt = fromMicros(d.Updated)
		})
	return &IAMEntities[account.ManagedPolicy]{s.db, "iam_policies", (*account.ManagedPolicy).Head, pack, unpack}
}
