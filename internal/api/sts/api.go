// Package sts is the door of the AWS Security Token Service: it turns the
// service's shapes into calls of package credential and back.
package sts

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// API serves STS.
type API struct{ credentials *credential.Service }

// New returns the door to a credential service.
func New(credentials *credential.Service) *API { return &API{credentials} }

// Handlers implements api.Door.
func (a *API) Handlers() []awsapi.Handler {
	return []awsapi.Handler{
		sts.AssumeRole.Bind(a.AssumeRole),
		sts.AssumeRoleWithSAML.Bind(a.AssumeRoleWithSAML),
		sts.AssumeRoleWithWebIdentity.Bind(a.AssumeRoleWithWebIdentity),
		refusing(sts.AssumeRoot.Bind(a.AssumeRoot), whyNoOrganization),
		sts.DecodeAuthorizationMessage.Bind(a.DecodeAuthorizationMessage),
		sts.GetAccessKeyInfo.Bind(a.GetAccessKeyInfo),
		sts.GetCallerIdentity.Bind(a.GetCallerIdentity),
		refusing(sts.GetDelegatedAccessToken.Bind(a.GetDelegatedAccessToken), whyNoDelegation),
		sts.GetFederationToken.Bind(a.GetFederationToken),
		sts.GetSessionToken.Bind(a.GetSessionToken),
		sts.GetWebIdentityToken.Bind(a.GetWebIdentityToken),
	}
}

// Access implements api.Door. AssumeRole asks for nothing here, because
// whether the caller's own policies matter depends on the role's trust policy:
// the domain decides with both. GetCallerIdentity needs no permission, not
// even against an explicit deny, and GetSessionToken needs none.
func (a *API) Access(ctx context.Context, op *awsapi.Operation, in any) ([]awsapi.Access, error) {
	caller := &awsapi.RequestFrom(ctx).Caller
	switch op {
	case sts.AssumeRole.Operation, sts.GetCallerIdentity.Operation, sts.GetSessionToken.Operation:
		return []awsapi.Access{}, nil
	case sts.GetFederationToken.Operation:
		return federationAccess(caller, in.(*sts.GetFederationTokenRequest))
	}
	if caller.Session != nil && caller.Kind != awsapi.AssumedRole {
		// Sessions of GetSessionToken and GetFederationToken may call nothing
		// else of STS (IAM user guide, "Compare AWS STS credentials").
		return nil, awsapi.AccessDenied.New("User: %s is not authorized to perform: %s on resource: *", caller.ARN, op.Action())
	}
	switch op {
	case sts.AssumeRoot.Operation:
		return rootAccess(in.(*sts.AssumeRootRequest))
	case sts.GetWebIdentityToken.Operation:
		return webTokenAccess(in.(*sts.GetWebIdentityTokenRequest)), nil
	}
	return []awsapi.Access{{Action: op.Action(), Resource: "*"}}, nil
}

func seconds(p *int64) time.Duration { return time.Duration(awsapi.Value(p)) * time.Second }

func wireCredentials(c *credential.Credentials) *sts.Credentials {
	return &sts.Credentials{
		AccessKeyId: &c.AccessKeyID, SecretAccessKey: &c.SecretAccessKey,
		SessionToken: &c.SessionToken, Expiration: &c.Expiration,
	}
}

func tokenSize(c *credential.Credentials) *int64 { return new(int64(len(c.SessionToken))) }

// optional returns nil for an empty string.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
