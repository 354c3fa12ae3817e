package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/iampolicy"
)

// DefaultMaxSession is how long sessions of a role may last unless it says.
const DefaultMaxSession = time.Hour

// NewRole is a role to be created.
type NewRole struct {
	Account     string
	Name        string
	Path        string // empty: "/"
	Description string
	MaxSession  time.Duration // zero: DefaultMaxSession
	Boundary    string        // ARN; empty: none
	Tags        []Tag
	Trust       string // policy document
}

// textReservedPath is UNCONFIRMED.
const textReservedPath = "Roles with path /aws-service-role/ can only be created by CreateServiceLinkedRole."

// CreateRole creates a role.
func (s *Service) CreateRole(ctx context.Context, n NewRole) (*Role, error) {
	if err := checkTags(n.Tags); err != nil {
		return nil, err
	}
	if linked(n.Path) {
		return nil, iam.InvalidInputException(textReservedPath)
	}
	if n.MaxSession == 0 {
		n.MaxSession = DefaultMaxSession
	}
	trust, err := parseTrust(n.Trust)
	if err != nil {
		return nil, err
	}
	r := &Role{
		Entity:      s.newEntity(rolePrefix, n.Account, n.Name, n.Path),
		Description: n.Description, MaxSession: n.MaxSession, Boundary: n.Boundary, Tags: n.Tags, Trust: n.Trust,
	}
	err = s.change(ctx, n.Account, func(ctx context.Context) (err error) {
		if r.Trusted, err = s.bind(ctx, n.Account, trust); err != nil {
			return err
		}
		if err := insert(ctx, s.stores.Roles, r, RoleKind, "RolesPerAccount", maxRoles); err != nil {
			return err
		}
		return s.setBoundary(ctx, r.Account, r.ID, "", n.Boundary)
	})
	return r, err
}

// Role returns a role by name.
func (s *Service) Role(ctx context.Context, account, name string) (*Role, error) {
	r, err := s.stores.Roles.ByName(ctx, account, name)
	return r, absent(err, noSuch(RoleKind, name))
}

// RoleUse returns when and where a role was last used; the zero value is never.
func (s *Service) RoleUse(ctx context.Context, r *Role) (RoleUse, error) {
	return s.stores.RoleUses.RoleUse(ctx, r.Account, r.ID)
}

// ListRoles lists roles by name.
func (s *Service) ListRoles(ctx context.Context, account string, p Page) (List[*Role], error) {
	return s.stores.Roles.List(ctx, account, p)
}

// RoleUpdate changes what is not nil.
type RoleUpdate struct {
	Description *string
	MaxSession  *time.Duration
}

// UpdateRole changes a role's description and longest session.
func (s *Service) UpdateRole(ctx context.Context, account, name string, u RoleUpdate) (role *Role, err error) {
	err = s.change(ctx, account, func(ctx context.Context) error {
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if u.Description != nil {
			r.Description = *u.Description
		}
		if u.MaxSession != nil && *u.MaxSession != r.MaxSession {
			if err := modifiable(&r.Entity); err != nil {
				return err
			}
			r.MaxSession = *u.MaxSession
		}
		role = r
		return s.stores.Roles.Update(ctx, r)
	})
	return role, err
}

// SetTrust replaces a role's trust policy.
func (s *Service) SetTrust(ctx context.Context, account, name, document string) error {
	trust, err := parseTrust(document)
	if err != nil {
		return err
	}
	return s.change(ctx, account, func(ctx context.Context) error {
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if err := modifiable(&r.Entity); err != nil {
			return err
		}
		if r.Trusted, err = s.bind(ctx, account, trust); err != nil {
			return err
		}
		r.Trust = document
		return s.stores.Roles.Update(ctx, r)
	})
}

// DeleteRole deletes a role that has no policies left. Its sessions die with
// it.
func (s *Service) DeleteRole(ctx context.Context, account, name string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if err := modifiable(&r.Entity); err != nil {
			return err
		}
		profiles, err := s.stores.ProfileRoles.ProfilesOfRole(ctx, account, r.ID)
		if err != nil {
			return fmt.Errorf("instance profiles of role: %w", err)
		}
		if len(profiles) > 0 {
			return conflict("remove roles from instance profile")
		}
		if err := s.bare(ctx, account, r.ID); err != nil {
			return err
		}
		if err := s.setBoundary(ctx, account, r.ID, r.Boundary, ""); err != nil {
			return err
		}
		if err := s.stores.RoleUses.ForgetRole(ctx, account, r.ID); err != nil {
			return err
		}
		return s.stores.Roles.Delete(ctx, account, r.ID)
	})
}

func parseTrust(document string) (*iampolicy.Policy, error) {
	p, err := iampolicy.Parse(document, iampolicy.Trust)
	if err != nil {
		return nil, malformed(err)
	}
	if p.Size() > maxTrustSize {
		return nil, quota("ACLSizePerRole", maxTrustSize)
	}
	return p, nil
}

// bind makes sure that every principal of a trust policy exists and returns
// the unique ids of users and roles.
func (s *Service) bind(ctx context.Context, account string, trust *iampolicy.Policy) (map[string]string, error) {
	ids := map[string]string{}
	for _, ref := range trust.Principals() {
		id, ok, err := s.principalID(ctx, account, ref)
		if err != nil {
			return nil, fmt.Errorf("principal of trust policy: %w", err)
		}
		if !ok {
			return nil, malformed(iampolicy.InvalidPrincipal(ref))
		}
		if id != "" {
			ids[ref.Value] = id
		}
	}
	return ids, nil
}

// principalID looks a principal up. id is empty for those that have none.
func (s *Service) principalID(ctx context.Context, account string, ref iampolicy.PrincipalRef) (id string, ok bool, err error) {
	switch ref.Type {
	case iampolicy.ServicePrincipal:
		return "", true, nil
	case iampolicy.FederatedPrincipal:
		ok, err = s.providerExists(ctx, account, ref.Value)
		return "", ok, err
	}
	switch ref.Form {
	case iampolicy.Everyone:
		return "", true, nil
	case iampolicy.WholeAccount, iampolicy.FederatedForm:
		ok, err = s.accountExists(ctx, ref.Account)
		return "", ok, err
	case iampolicy.UserForm:
		u, err := s.stores.Users.ByName(ctx, ref.Account, ref.Name)
		if err != nil || u.ARN() != ref.Value {
			return "", false, absent(err, nil)
		}
		return u.ID, true, nil
	case iampolicy.RoleForm, iampolicy.SessionForm:
		r, err := s.stores.Roles.ByName(ctx, ref.Account, ref.Name)
		if err != nil || ref.Form == iampolicy.RoleForm && r.ARN() != ref.Value || r.Name != ref.Name {
			return "", false, absent(err, nil)
		}
		return r.ID, true, nil
	case iampolicy.UniqueID:
		arn, err := s.arnOf(ctx, ref.Value)
		return "", arn != "", err
	}
	return "", false, nil
}

// arnOf returns the ARN of the user or role with a unique id, empty if there
// is none any more.
func (s *Service) arnOf(ctx context.Context, id string) (string, error) {
	account, ok := accountOfID(id)
	if !ok {
		return "", nil
	}
	if IsRole(id) {
		r, err := s.stores.Roles.ByID(ctx, account, id)
		if err != nil {
			return "", absent(err, nil)
		}
		return r.ARN(), nil
	}
	u, err := s.stores.Users.ByID(ctx, account, id)
	if err != nil {
		return "", absent(err, nil)
	}
	return u.ARN(), nil
}

func (s *Service) providerExists(ctx context.Context, account, principal string) (bool, error) {
	if iampolicy.BuiltIn(principal) {
		return true, nil
	}
	var err error
	if of, name, ok := ParseSAMLProviderARN(principal); ok && of == account {
		_, err = s.stores.SAMLProviders.SAMLProviderByName(ctx, account, name)
	} else if url, ok := parseProviderARN(account, principal); ok {
		_, err = s.stores.Providers.ProviderByURL(ctx, account, url)
	} else {
		return false, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// ShownTrust is a role's trust policy as IAM shows it: users and roles that
// were renamed have their new ARN, those that were deleted their unique id.
func (s *Service) ShownTrust(ctx context.Context, r *Role) (string, error) {
	if len(r.Trusted) == 0 {
		return r.Trust, nil
	}
	p, err := iampolicy.Load(r.Trust)
	if err != nil {
		return "", fmt.Errorf("trust policy of %s: %w", r.ID, err)
	}
	replace := map[string]string{}
	for _, ref := range p.Principals() {
		id := r.Trusted[ref.Value]
		if id == "" {
			continue
		}
		arn, err := s.arnOf(ctx, id)
		if err != nil {
			return "", fmt.Errorf("principal of trust policy: %w", err)
		}
		switch {
		case arn == "" && ref.Form == iampolicy.SessionForm:
			replace[ref.Value] = id + ":" + ref.Session
		case arn == "":
			replace[ref.Value] = id
		case ref.Form == iampolicy.UserForm && arn != ref.Value:
			replace[ref.Value] = arn
		}
	}
	return p.Render(replace), nil
}
