package account

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// setBoundary records that an entity's permissions boundary changes. Either
// ARN may be empty. The row of the entity is for the caller to write.
func (s *Service) setBoundary(ctx context.Context, account, owner, before, after string) error {
	if before == after {
		return nil
	}
	if before != "" {
		if err := s.stores.Attachments.Detach(ctx, account, owner, UseBoundary, before); err != nil {
			return fmt.Errorf("release boundary: %w", err)
		}
	}
	if after == "" {
		return nil
	}
	if _, ok := parsePolicyARN(account, after); !ok {
		return invalidParameter.New("Value (%s) for parameter PermissionsBoundary is invalid.", after)
	}
	if _, err := s.managed(ctx, account, after); err != nil {
		return absent(err, undeclaredNoSuch.New("Scope ARN: %s does not exist or is not attachable.", after))
	}
	return s.stores.Attachments.Attach(ctx, account, owner, UseBoundary, after)
}

// PutBoundary sets the permissions boundary of a user or role; an empty ARN
// removes it. Removing one that is not there is an error.
func (s *Service) PutBoundary(ctx context.Context, account string, kind Kind, name, arn string) error {
	return s.change(ctx, account, func(ctx context.Context) error {
		if kind == UserKind {
			u, err := s.User(ctx, account, name)
			if err != nil {
				return err
			}
			before := u.Boundary
			u.Boundary = arn
			if before == "" && arn == "" {
				return noBoundary(kind, name)
			}
			if err := s.setBoundary(ctx, account, u.ID, before, arn); err != nil {
				return err
			}
			return s.stores.Users.Update(ctx, u)
		}
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if err := modifiable(&r.Entity); err != nil {
			return err
		}
		before := r.Boundary
		r.Boundary = arn
		if before == "" && arn == "" {
			return noBoundary(kind, name)
		}
		if err := s.setBoundary(ctx, account, r.ID, before, arn); err != nil {
			return err
		}
		return s.stores.Roles.Update(ctx, r)
	})
}

// noBoundary is UNCONFIRMED.
func noBoundary(kind Kind, name string) error {
	return iam.NoSuchEntityException("The %s with name %s has no permissions boundary.", string(kind), name)
}
