package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi/iam"
	"github.com/cenote-id/cenote/internal/secretbox"
)

// linkedRolePath is the path below which service-linked roles live.
const linkedRolePath = "/aws-service-role/"

// linked reports whether a role of that path is linked to a service, which
// alone may change it.
func linked(path string) bool { return strings.HasPrefix(path, linkedRolePath) }

// modifiable refuses changes of service-linked roles. Their description and
// tags are the account's own.
func modifiable(role *Entity) error {
	if !linked(role.Path) {
		return nil
	}
	return iam.UnmodifiableEntityException("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", role.Name)
}

// RoleDeletions keeps what became of deletions of service-linked roles.
type RoleDeletions interface {
	// NoteDeletion records that a task is done, and forgets those that were
	// done before another time.
	NoteDeletion(ctx context.Context, account, task string, at, before time.Time) error
	// Deletion returns when a task was done; absence is fs.ErrNotExist.
	Deletion(ctx context.Context, account, task string) (time.Time, error)
}

// deletionsKept is how long a deletion can be asked about.
const deletionsKept = 30 * 24 * time.Hour

// Sentences about service-linked roles. All but the first two are UNCONFIRMED.
const (
	textSuffixNotAllowed = "Custom suffix is not allowed for %s"
	textLinkedNameTaken  = "Service role name %s has been taken in this account, please try a different suffix."
	textNoLinkedService  = "%s is not a service that has service-linked roles."
	textNotLinked        = "The role with name %s is not a service-linked role."
	textNoDeletion       = "Deletion task %s cannot be found."
	textLinkedNameLong   = "Service role name %s is longer than 64 characters."
)

const maxRoleName = 64

// linkedRoleName is how a service calls its role, with a suffix if it takes
// one.
func linkedRoleName(service, suffix string) (string, error) {
	s, ok := linkedServices[service]
	switch {
	case !ok:
		return "", iam.InvalidInputException(textNoLinkedService, service)
	case suffix != "" && !s.suffix:
		return "", iam.InvalidInputException(textSuffixNotAllowed, service)
	}
	name := "AWSServiceRoleFor" + s.role
	if suffix != "" {
		name += "_" + suffix
	}
	if len(name) > maxRoleName {
		return "", iam.InvalidInputException(textLinkedNameLong, name)
	}
	return name, nil
}

// LinkedRoleARN names the role that CreateServiceLinkedRole would make. For a
// service that has none the name is a pattern.
func LinkedRoleARN(account, service, suffix string) string {
	name, err := linkedRoleName(service, suffix)
	if err != nil {
		name = "*"
	}
	return RoleARN(account, linkedRolePath+service+"/", name)
}

// CreateLinkedRole creates the role of a service, which nothing but the
// service may take on or change.
func (s *Service) CreateLinkedRole(ctx context.Context, account, service, suffix, description string) (*Role, error) {
	name, err := linkedRoleName(service, suffix)
	if err != nil {
		return nil, err
	}
	r := &Role{
		Entity:      s.newEntity(rolePrefix, account, name, linkedRolePath+service+"/"),
		Description: description, MaxSession: DefaultMaxSession,
		Trust: fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":[%q]}}]}`, service),
	}
	return r, s.change(ctx, account, func(ctx context.Context) error {
		if _, err := s.stores.Roles.ByName(ctx, account, name); err == nil {
			return iam.InvalidInputException(textLinkedNameTaken, name)
		}
		if err := insert(ctx, s.stores.Roles, r, RoleKind, "RolesPerAccount", maxRoles); err != nil {
			return err
		}
		if policy := linkedServices[service].policy; policy != "" {
			return s.stores.Attachments.Attach(ctx, account, r.ID, UseAttached, PolicyARN("aws", linkedRolePath, policy))
		}
		return nil
	})
}

// DeleteLinkedRole deletes the role of a service and returns the task by which
// to ask about it. It is done at once: no service here uses a role.
func (s *Service) DeleteLinkedRole(ctx context.Context, account, name string) (task string, err error) {
	now, id := s.now(), secretbox.UUID()
	err = s.change(ctx, account, func(ctx context.Context) error {
		r, err := s.Role(ctx, account, name)
		if err != nil {
			return err
		}
		if !linked(r.Path) {
			return iam.NoSuchEntityException(textNotLinked, r.Name)
		}
		attached, err := s.stores.Attachments.Attached(ctx, account, r.ID, UseAttached)
		if err != nil {
			return fmt.Errorf("attached policies: %w", err)
		}
		for _, arn := range attached {
			if err := s.stores.Attachments.Detach(ctx, account, r.ID, UseAttached, arn); err != nil {
				return err
			}
		}
		task = "task" + r.Path + r.Name + "/" + id
		if err := s.stores.Deletions.NoteDeletion(ctx, account, task, now, now.Add(-deletionsKept)); err != nil {
			return err
		}
		if err := s.stores.RoleUses.ForgetRole(ctx, account, r.ID); err != nil {
			return err
		}
		return s.stores.Roles.Delete(ctx, account, r.ID)
	})
	return task, err
}

// LinkedRoleDeleted makes sure that a deletion was asked for; all that were
// are done.
func (s *Service) LinkedRoleDeleted(ctx context.Context, account, task string) error {
	_, err := s.stores.Deletions.Deletion(ctx, account, task)
	return absent(err, iam.NoSuchEntityException(textNoDeletion, task))
}

// RoleOfDeletion is the ARN of the role that a deletion task names.
func RoleOfDeletion(account, task string) (arn string, ok bool) {
	rest, ok := strings.CutPrefix(task, "task"+linkedRolePath)
	if !ok {
		return "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		return "", false
	}
	return RoleARN(account, linkedRolePath+parts[0]+"/", parts[1]), true
}
