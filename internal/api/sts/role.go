package sts

import (
	"context"

	"github.com/cenote-id/cenote/internal/awsapi"
	"github.com/cenote-id/cenote/internal/awsapi/sts"
	"github.com/cenote-id/cenote/internal/credential"
)

// AssumeRole gives the caller a session of a role.
func (a *API) AssumeRole(ctx context.Context, in *sts.AssumeRoleRequest) (*sts.AssumeRoleResponse, error) {
	c, err := a.credentials.AssumeRole(ctx, credential.AssumeRoleRequest{
		RoleRequest: credential.RoleRequest{
			RoleARN: awsapi.Value(in.RoleArn), SessionName: awsapi.Value(in.RoleSessionName),
			Duration: seconds(in.DurationSeconds), Policy: awsapi.Value(in.Policy), PolicyARNs: policyARNs(in.PolicyArns),
			TokenSize: awsapi.Value(in.MinimumSessionTokenSize),
		},
		Tags: tags(in.Tags), TransitiveTagKeys: in.TransitiveTagKeys,
		ExternalID: awsapi.Value(in.ExternalId), SourceIdentity: awsapi.Value(in.SourceIdentity),
		SerialNumber: awsapi.Value(in.SerialNumber), TokenCode: awsapi.Value(in.TokenCode),
		ContextProviders: contextProviders(in.ProvidedContexts),
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleResponse{
		Credentials: wireCredentials(&c.Credentials), AssumedRoleUser: wireUser(c),
		PackedPolicySize: c.PackedPercent, SourceIdentity: optional(c.SourceIdentity),
		SessionTokenSize: tokenSize(&c.Credentials), SessionTokenUtilization: new(c.Utilization()),
	}, nil
}

// AssumeRoleWithWebIdentity gives the bearer of a token a session of a role.
func (a *API) AssumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityRequest) (*sts.AssumeRoleWithWebIdentityResponse, error) {
	c, err := a.credentials.AssumeRoleWithWebIdentity(ctx, credential.WebIdentityRequest{
		RoleRequest: credential.RoleRequest{
			RoleARN: awsapi.Value(in.RoleArn), SessionName: awsapi.Value(in.RoleSessionName),
			Duration: seconds(in.DurationSeconds), Policy: awsapi.Value(in.Policy), PolicyARNs: policyARNs(in.PolicyArns),
			TokenSize: awsapi.Value(in.MinimumSessionTokenSize),
		},
		Token: awsapi.Value(in.WebIdentityToken), ProviderID: awsapi.Value(in.ProviderId),
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleWithWebIdentityResponse{
		Credentials: wireCredentials(&c.Credentials), AssumedRoleUser: wireUser(&c.RoleCredentials),
		PackedPolicySize: c.PackedPercent, SourceIdentity: optional(c.SourceIdentity),
		SessionTokenSize: tokenSize(&c.Credentials), SessionTokenUtilization: new(c.Utilization()),
		SubjectFromWebIdentityToken: &c.Subject, Audience: &c.Audience, Provider: &c.Provider,
	}, nil
}

func tags(list []sts.Tag) []credential.Tag {
	out := make([]credential.Tag, len(list))
	for i, t := range list {
		out[i] = credential.Tag{Key: awsapi.Value(t.Key), Value: awsapi.Value(t.Value)}
	}
	return out
}

func contextProviders(list []sts.ProvidedContext) []string {
	arns := make([]string, len(list))
	for i, c := range list {
		arns[i] = awsapi.Value(c.ProviderArn)
	}
	return arns
}

func policyARNs(list []sts.PolicyDescriptorType) []string {
	arns := make([]string, len(list))
	for i, p := range list {
		arns[i] = awsapi.Value(p.Arn)
	}
	return arns
}

func wireUser(c *credential.RoleCredentials) *sts.AssumedRoleUser {
	return &sts.AssumedRoleUser{Arn: &c.SessionARN, AssumedRoleId: &c.SessionID}
}
