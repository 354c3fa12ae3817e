// Package iam is the door of the IAM API: it reads requests, calls package
// account, and writes replies in the API's shapes. What the real service
// leaves out of a reply is left out here: infrastructure tools compare.
//
// One file a resource. A method that is missing from its file's handler list
// does not exist for clients.
package iam

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/account"
	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/iam"
)

// Config is what an API needs.
type Config struct {
	Accounts *account.Service
	Pages    awsapi.Sealer     // seals markers
	Outbound *account.Outbound // nil: no account can have an issuer
}

// API serves IAM.
type API struct {
	accounts *account.Service
	pages    awsapi.Sealer
	outbound *account.Outbound
}

// New returns an API.
func New(c Config) *API { return &API{accounts: c.Accounts, pages: c.Pages, outbound: c.Outbound} }

// Handlers lists the operations that have code behind them.
func (a *API) Handlers() []awsapi.Handler {
	return slices.Concat(
		a.roleHandlers(),
		a.userHandlers(),
		a.groupHandlers(),
		a.inlineHandlers(),
		a.attachHandlers(),
		a.boundaryHandlers(),
		a.tagHandlers(),
		a.policyHandlers(),
		a.versionHandlers(),
		a.accessKeyHandlers(),
		a.providerHandlers(),
		a.samlProviderHandlers(),
		a.instanceProfileHandlers(),
		a.accountHandlers(),
		a.passwordPolicyHandlers(),
		a.loginProfileHandlers(),
		a.mfaHandlers(),
		a.linkedRoleHandlers(),
		a.sshKeyHandlers(),
		a.signingCertificateHandlers(),
		a.serverCertificateHandlers(),
		a.serviceCredentialHandlers(),
		a.organizationHandlers(),
		a.refusedHandlers(),
		a.outboundHandlers(),
		a.simulationHandlers(),
		a.credentialReportHandlers(),
		a.lastAccessedHandlers(),
		a.detailHandlers(),
	)
}

// owner is the account that a request works in.
func owner(ctx context.Context) string { return awsapi.RequestFrom(ctx).Caller.Account }

// textNeedsUserName is what callers who are not users are told when they
// leave the user name out.
const textNeedsUserName = "Must specify userName when calling with non-User credentials"

// userName returns the user that a request means: the one named, or the
// caller. It is empty for the root user.
func (a *API) userName(ctx context.Context, name *string) (string, error) {
	if name != nil {
		return *name, nil
	}
	c := &awsapi.RequestFrom(ctx).Caller
	switch c.Kind {
	case awsapi.Root:
		return "", nil
	case awsapi.User:
		// By id: a session outlives a change of name.
		u, err := a.accounts.UserByID(ctx, c.Account, c.EntityID)
		if err != nil {
			return "", err
		}
		return u.Name, nil
	}
	return "", awsapi.Validation.New(textNeedsUserName)
}

// namedUser is userName for operations that only users have, not the root user.
func (a *API) namedUser(ctx context.Context, name *string) (string, error) {
	user, err := a.userName(ctx, name)
	if err == nil && user == "" {
		err = awsapi.Validation.New(textNeedsUserName)
	}
	return user, err
}

// encodeDocument writes a policy document as IAM does: every byte that is not
// unreserved in RFC 3986 becomes %XX.
func encodeDocument(doc string) *string {
	const upper = "0123456789ABCDEF"
	out := make([]byte, 0, len(doc)*3/2)
	for i := range len(doc) {
		switch c := doc[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
			out = append(out, c)
		default:
			out = append(out, '%', upper[c>>4], upper[c&15])
		}
	}
	return new(string(out))
}

// boundaryType is what IAM prints, which is not the value in its own model.
const boundaryType iam.PermissionsBoundaryAttachmentType = "Policy"

func wireBoundary(arn string) *iam.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &iam.AttachedPermissionsBoundary{PermissionsBoundaryType: new(boundaryType), PermissionsBoundaryArn: &arn}
}

func wireTags(tags []account.Tag) []iam.Tag {
	var out []iam.Tag
	for _, t := range tags {
		out = append(out, iam.Tag{Key: &t.Key, Value: &t.Value})
	}
	return out
}

func readTags(tags []iam.Tag) []account.Tag {
	out := make([]account.Tag, len(tags))
	for i, t := range tags {
		out[i] = account.Tag{Key: awsapi.Value(t.Key), Value: awsapi.Value(t.Value)}
	}
	return out
}

// optional returns nil for an empty string.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
