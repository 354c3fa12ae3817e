package user

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
	"github.com/cenote-id/cenote/internal/userpool"
)

// FirstPassword is what a user with a temporary password has to bring along
// to become a confirmed one.
type FirstPassword struct {
	Credential *Credential // made by NewCredential
	Attributes []Attribute // what the schema requires and the user lacks, and more
}

// TemporaryPasswordExpired reports whether the time to use the password that
// an administrator gave has passed.
func (s *Service) TemporaryPasswordExpired(p *userpool.Pool, u *User) bool {
	return u.Credential == nil || !s.now().Before(u.Credential.SetAt.Add(p.TemporaryPasswordLife()))
}

// Missing lists the attributes that the schema requires and u lacks.
func Missing(p *userpool.Pool, attrs Attributes) []string {
	missing := []string{}
	for _, name := range p.RequiredAttributes() {
		if attrs.Value(name) == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

// WithFirstPassword returns u as it will be, and changes nothing. What was
// given once and is required cannot be given again here.
func (s *Service) WithFirstPassword(p *userpool.Pool, c *userpool.Client, u *User, in FirstPassword) (*User, error) {
	changes, err := normalize(in.Attributes)
	if err != nil {
		return nil, err
	}
	required := p.RequiredAttributes()
	for _, a := range changes {
		if had := u.Attributes.Value(a.Name); had != "" && slices.Contains(required, a.Name) {
			return nil, cognitoidp.NotAuthorizedException("Cannot modify an already provided %s", a.Name)
		}
	}
	if err := c.CheckWrite(changes.names()); err != nil {
		return nil, err
	}
	if err := p.CheckValues(changes.values()); err != nil {
		return nil, err
	}
	next := *u
	if next.Attributes, err = merge(p, u.Attributes, changes); err != nil {
		return nil, err
	}
	if missing := Missing(p, next.Attributes); len(missing) > 0 {
		return nil, cognitoidp.InvalidParameterException("Invalid attributes given, %s is missing", missing[0])
	}
	next.Status = Confirmed
	next.Replace(p, in.Credential)
	return &next, nil
}

// Store writes next, which was made of u, in ctx's transaction, with the names
// that are its own now. u is the row as this transaction has read it, and can
// be written again after it.
func (s *Service) Store(ctx context.Context, p *userpool.Pool, u, next *User) error {
	changed := *next
	changed.Version, changed.Lock = u.Version, u.Lock
	err := s.claim(ctx, p, &changed, Aliases(p, changed.Attributes), false, func(a string) error { return errAliasTaken(a) })
	if err != nil {
		return err
	}
	err = s.write(ctx, p, &changed, u.Attributes)
	u.Version = changed.Version
	return err
}
