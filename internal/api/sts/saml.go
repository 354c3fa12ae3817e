package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// AssumeRoleWithSAML gives somebody whom a SAML provider vouches for a session
// of a role.
func (a *API) AssumeRoleWithSAML(ctx context.Context, in *sts.AssumeRoleWithSAMLRequest) (*sts.AssumeRoleWithSAMLResponse, error) {
	c, err := a.credentials.AssumeRoleWithSAML(ctx, credential.SAMLRequest{
		RoleRequest: credential.RoleRequest{
			RoleARN: awsapi.Value(in.RoleArn), Duration: seconds(in.DurationSeconds), Policy: awsapi.Value(in.Policy),
			PolicyARNs: policyARNs(in.PolicyArns), TokenSize: awsapi.Value(in.MinimumSessionTokenSize),
		},
		ProviderARN: awsapi.Value(in.PrincipalArn), Response: awsapi.Value(in.SAMLAssertion),
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleWithSAMLResponse{
		Credentials: wireCredentials(&c.Credentials), AssumedRoleUser: wireUser(&c.RoleCredentials),
		PackedPolicySize: c.PackedPercent, SourceIdentity: optional(c.SourceIdentity),
		SessionTokenSize: tokenSize(&c.Credentials), SessionTokenUtilization: new(c.Utilization()),
		Subject: &c.Subject, SubjectType: &c.SubjectType, Issuer: &c.Issuer, Audience: &c.Audience, NameQualifier: &c.NameQualifier,
	}, nil
}
