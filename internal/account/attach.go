package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// quotaNames are how IAM calls the bound on attached policies.
var quotaNames = map[Kind]string{UserKind: "PoliciesPerUser", GroupKind: "PoliciesPerGroup", RoleKind: "PoliciesPerRole"}

// textBadARN has two blanks, as AWS's does.
const textBadARN = "Invalid ARN:  Could not be parsed!"

// textLinkedPolicy is what attaching a service-linked role's policy to
// anything else is refused with.
const textLinkedPolicy = "Cannot attach a Service Role Policy to a Customer Role."

// Attach attaches a managed policy to a user, group or role. Attaching it
// again changes nothing.
func (s *Service) Attach(ctx context.Context, account string, kind Kind, name, arn string) error {
	if _, ok := awsapi.ParseARN(arn); !ok {
		return awsapi.Validation.New(textBadARN)
	}
	return s.change(ctx, account, func(ctx context.Context) error {
		h, err := s.changeable(ctx, account, kind, name)
		if err != nil {
			return err
		}
		p, err := s.managed(ctx, account, arn)
		if err != nil {
			return absent(err, notAttachable(arn))
		}
		if p.AWS() && linked(p.Path) {
			return iam.PolicyNotAttachableException(textLinkedPolicy)
		}
		attached, err := s.stores.Attachments.Attached(ctx, account, h.ID, UseAttached)
		if err != nil {
			return fmt.Errorf("attached policies: %w", err)
		}
		switch {
		case slices.Contains(attached, arn):
			return nil
		case len(attached) >= maxAttached:
			return quota(quotaNames[kind], maxAttached)
		}
		return s.stores.Attachments.Attach(ctx, account, h.ID, UseAttached, arn)
	})
}

// Detach detaches a managed policy.
func (s *Service) Detach(ctx context.Context, account string, kind Kind, name, arn string) error {
	if _, ok := awsapi.ParseARN(arn); !ok {
		return awsapi.Validation.New(textBadARN)
	}
	return s.change(ctx, account, func(ctx context.Context) error {
		h, err := s.changeable(ctx, account, kind, name)
		if err != nil {
			return err
		}
		return absent(s.stores.Attachments.Detach(ctx, account, h.ID, UseAttached, arn), noSuchPolicy(arn))
	})
}

// AttachedPolicy is a managed policy that something has attached.
type AttachedPolicy struct{ Name, Path, ARN string }

// Attached lists all managed policies of a user, group or role by ARN; quotas
// keep them few.
func (s *Service) Attached(ctx context.Context, account string, kind Kind, name string) ([]AttachedPolicy, error) {
	h, err := s.holder(ctx, account, kind, name)
	if err != nil {
		return nil, err
	}
	arns, err := s.stores.Attachments.Attached(ctx, account, h.ID, UseAttached)
	if err != nil {
		return nil, fmt.Errorf("attached policies: %w", err)
	}
	out := make([]AttachedPolicy, len(arns))
	for i, arn := range arns {
		n, _ := parsePolicyARN(account, arn)
		out[i] = AttachedPolicy{Name: n.name, Path: n.path, ARN: arn}
	}
	return out, nil
}
